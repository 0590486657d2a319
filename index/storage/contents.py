"""The contents of a generation: which documents of which segments it has, and its files.

Segments are immutable folders that generations share. A document that is removed or replaced stays
in its segment; a generation lists the documents that it has:

    segments.json   the segments, their checksums and counts
    places.bin      for each document its segment, its number there, and its file
    gone_*.bin      the terms of the documents that a segment has but the generation has not, and
                    in how many of their passages each occurs
    files.json      the records of the source files
    problems.json   the problems of reading

Documents are in the order of their files. The documents of a segment are in the same order in both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from corpus.documents import Problem
from index.storage.checksummed import Sealed
from index.storage.document_store import DocumentStore, FileRecord
from index.storage.generation import MANIFEST, SEGMENTS, Manifest

PLACE = np.dtype([("segment", "<i4"), ("document", "<i4"), ("file", "<i4")])
Places = np.ndarray[tuple[int], np.dtype[np.void]]
_TERM, _COUNT = np.dtype("<u4"), np.dtype("<i8")


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment as a generation lists it.

    `checksums` is the SHA-256 of its list of checksums. `documents`, `passages`, `sentences` and
    `terms` count what it stores; `length` is the number of words of the passages that the
    generation has, and `gone` that of the terms in `gone_terms.bin`.
    """

    name: str
    checksums: str
    documents: int
    passages: int
    sentences: int
    terms: int
    length: int
    gone: int = 0


@dataclass(frozen=True, slots=True)
class Gone:
    """The terms of a segment's dead passages, ascending, and in how many of these each occurs."""

    terms: NDArray[np.uint32]
    counts: NDArray[np.int64]

    def count(self, term: int) -> int:
        """Return in how many dead passages a term occurs."""
        place = int(np.searchsorted(self.terms, term))
        if place < len(self.terms) and self.terms[place] == term:
            return int(self.counts[place])
        return 0


NONE_GONE = Gone(np.empty(0, _TERM), np.empty(0, _COUNT))


class Contents(Protocol):
    """The contents of one generation."""

    sealed: Sealed

    @property
    def segments(self) -> Sequence[SegmentEntry]:
        """Its segments."""

    def open_segment(self, number: int) -> Sealed:
        """Return the sealed folder of a segment; raises DamagedIndex."""

    @property
    def places(self) -> Places:
        """The place of each document."""

    @property
    def gone(self) -> Sequence[Gone]:
        """The terms of the dead passages of each segment."""

    @property
    def files(self) -> Sequence[FileRecord]:
        """The records of the source files, in order."""

    @property
    def problems(self) -> Sequence[Problem]:
        """The problems of reading."""


class SegmentedContents:
    """The contents of a generation of today's format."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Open the folder of a generation; raises DamagedIndex."""
        self.sealed = Sealed(folder, manifest.checksums, beside=(MANIFEST,))
        self._root = folder.parents[1]
        # Mapped now, decoded on first use: a later build may have removed the files by then.
        self._files, self._problems = (
            self.sealed.array(name, np.dtype(np.uint8)) for name in ("files.json", "problems.json")
        )

    @cached_property
    def segments(self) -> Sequence[SegmentEntry]:
        """Its segments."""
        return msgspec.json.decode(self.sealed.read("segments.json"), type=list[SegmentEntry])

    def open_segment(self, number: int) -> Sealed:
        """Return the sealed folder of a segment; raises DamagedIndex."""
        entry = self.segments[number]
        return Sealed(self._root / SEGMENTS / entry.name, entry.checksums)

    @cached_property
    def places(self) -> Places:
        """The place of each document."""
        return self.sealed.array("places.bin", PLACE)[:]

    @cached_property
    def gone(self) -> Sequence[Gone]:
        """The terms of the dead passages of each segment."""
        terms = self.sealed.array("gone_terms.bin", _TERM)[:]
        counts = self.sealed.array("gone_counts.bin", _COUNT)[:]
        ends = np.cumsum([entry.gone for entry in self.segments])[:-1]
        parts = zip(np.split(terms, ends), np.split(counts, ends), strict=True)
        return [Gone(*part) for part in parts]

    @cached_property
    def files(self) -> Sequence[FileRecord]:
        """The records of the source files, in order."""
        return _decode_files(self._files[:].tobytes())

    @cached_property
    def problems(self) -> Sequence[Problem]:
        """The problems of reading."""
        return msgspec.json.decode(self._problems[:].tobytes(), type=list[Problem])


class OldContents:
    """The contents of a generation of format 3 or 4: it is itself its only segment."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Open the folder of a generation; raises DamagedIndex."""
        self.sealed = Sealed(folder, manifest.checksums, beside=(MANIFEST,))
        counts = (manifest.documents, manifest.passages, manifest.sentences, manifest.terms)
        self.segments = (SegmentEntry("", manifest.checksums, *counts, length=0),)
        self.gone = (NONE_GONE,)

    def open_segment(self, number: int) -> Sealed:
        """Return the sealed folder."""
        del number
        return self.sealed

    @cached_property
    def places(self) -> Places:
        """The place of each document."""
        rows = self._rows("SELECT file FROM documents ORDER BY number")
        places = np.zeros(len(rows), PLACE)
        places["document"], places["file"] = np.arange(len(rows)), [file for (file,) in rows]
        return places

    @cached_property
    def files(self) -> Sequence[FileRecord]:
        """The records of the source files, in order."""
        rows = self._rows("SELECT * FROM files ORDER BY number", check=True)
        return [FileRecord(*row[1:-1]) for row in rows]

    @cached_property
    def problems(self) -> Sequence[Problem]:
        """The problems of reading."""
        query = "SELECT source, reason, is_read, checksum FROM problems ORDER BY number"
        rows = self._rows(query, check=True)
        return [Problem(row[0], row[1], is_read=bool(row[2])) for row in rows]

    def _rows(self, query: str, *, check: bool = False) -> list[Any]:
        store = DocumentStore(self.sealed, self.segments[0].documents)
        try:
            # A damaged B-tree may have lost rows.
            store.verify()
            rows = store.rows(query)
            for row in rows if check else ():
                store.check(row)
            return rows
        finally:
            store.close()


@lru_cache(maxsize=1)
def _decode_files(data: bytes) -> Sequence[FileRecord]:
    # A build needs them twice, before it holds the archive's lock and after.
    return tuple(msgspec.json.decode(data, type=list[FileRecord]))


def open_contents(folder: Path, manifest: Manifest) -> Contents:
    """Open the contents of a generation; raises DamagedIndex."""
    return (SegmentedContents if manifest.segments else OldContents)(folder, manifest)


def write_contents(
    folder: Path,
    segments: Sequence[SegmentEntry],
    places: Places,
    gone: Sequence[Gone],
    files: Sequence[FileRecord],
    problems: Sequence[Problem],
) -> None:
    """Write the contents of a generation into its folder."""
    for name, value in (("segments", segments), ("files", files), ("problems", problems)):
        (folder / f"{name}.json").write_bytes(msgspec.json.encode(value))
    (folder / "places.bin").write_bytes(places.tobytes())
    for part, dtype in (("terms", _TERM), ("counts", _COUNT)):
        data = b"".join(getattr(each, part).astype(dtype).tobytes() for each in gone)
        (folder / f"gone_{part}.bin").write_bytes(data)


def ranges(places: Places, segments: int) -> Iterator[NDArray[np.int64]]:
    """Yield the places of the documents of each segment, ascending."""
    order = np.argsort(places["segment"], kind="stable")
    ends = np.searchsorted(places["segment"][order], np.arange(segments + 1))
    for first, last in pairwise(ends):
        yield order[first:last]
