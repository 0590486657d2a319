"""A journal of vectors, so that an interrupted build need not encode again.

Encoding is most of a build, and may take hours. Each passage's vectors are appended to the journal
under the hash of the encoded text; a finished build removes it. Reading stops at a truncated or
damaged record.
"""

import struct
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
import xxhash

from index.retrieval.dense import Codes

_HEAD = struct.Struct("<16sI")
_SUM = struct.Struct("<Q")


class VectorJournal(AbstractContextManager["VectorJournal"]):
    """The journal of one encoder; a context manager."""

    def __init__(self, path: Path, dimension: int) -> None:
        """Open the journal at `path`, of vectors of `dimension` components."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._dimension = dimension
        self._places: dict[bytes, tuple[int, int]] = {}
        with path.open("a+b") as file:
            self._end = self._read(file)
            file.truncate(self._end)
        self._file = path.open("a+b")

    def __exit__(self, *_: object) -> None:
        """Close the file, and remove it if it is empty."""
        self._file.close()
        if not self._places:
            self._path.unlink()
            with suppress(OSError):
                # Another encoder's journal may be beside it.
                self._path.parent.rmdir()

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def get(self, key: bytes) -> tuple[Codes, Codes]:
        """Return the vectors of a passage (1 × d) and its sentences (n × d)."""
        place, sentences = self._places[key]
        self._file.seek(place)
        data = self._file.read((1 + sentences) * self._dimension)
        rows = np.frombuffer(data, np.int8).reshape(1 + sentences, self._dimension)
        return rows[:1], rows[1:]

    def put(self, key: bytes, passage: Codes, sentences: Codes) -> None:
        """Append the vectors of a passage (d) and its sentences (n × d)."""
        head = _HEAD.pack(key, len(sentences))
        data = passage.tobytes() + sentences.tobytes()
        self._file.write(head + data + _SUM.pack(xxhash.xxh3_64_intdigest(head + data)))
        self._places[key] = (self._end + len(head), len(sentences))
        self._end += len(head) + len(data) + _SUM.size

    def _read(self, file: BinaryIO) -> int:
        """Find the complete records; returns the end of the last."""
        file.seek(0)
        end = 0
        while len(head := file.read(_HEAD.size)) == _HEAD.size:
            key, sentences = _HEAD.unpack(head)
            size = (1 + sentences) * self._dimension
            # A damaged count must not become the size of a read.
            rest = file.read(min(size + _SUM.size, 1 << 26))
            if len(rest) != size + _SUM.size:
                break
            if xxhash.xxh3_64_intdigest(head + rest[:size]) != _SUM.unpack(rest[size:])[0]:
                break
            self._places[key] = (end + len(head), sentences)
            end += len(head) + len(rest)
        return end
