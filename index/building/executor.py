"""Where the work of a build is done: files are read and passages encoded here, or by others.

An executor is told what to do and by what rules, and knows nothing of archives; whatever does the
work, the same comes back. `cluster.py` is the executor that spreads it over many machines.
"""

from collections import deque
from collections.abc import Collection, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from corpus.authority.names import Authority
from corpus.documents import Document, Problem
from corpus.errors import UnreadableSource
from index.building.preparation import Prepared
from index.encoding.encoder import Encoded, Encoder, PassageText
from index.retrieval.dense import Codes, quantize
from index.storage.document_store import FileRecord
from index.storage.inventory import Source, make_record

Item = TypeVar("Item")


class Items(Generic[Item]):
    """The items of a source and, once they have been iterated over, the formats it was read as."""

    formats: Collection[str] = ()

    def __init__(self, items: Generator[Item, None, Collection[str] | None]) -> None:
        """Take the items from a generator that returns the formats."""
        self._items = items

    def __iter__(self) -> Generator[Item, None, None]:
        """Yield the items, once."""
        self.formats = (yield from self._items) or ()


def replay(
    items: Iterable[Item], formats: Collection[str] = ()
) -> Generator[Item, None, Collection[str]]:
    """Yield items that were read before as these formats, and return these."""
    yield from items
    return formats


@dataclass(frozen=True, slots=True)
class FileReading:
    """What a source holds, and its record as it was when its bytes were had.

    `record` is None where they could not be had; the one item then says why. Documents come
    prepared or not: whoever reads them elsewhere does more of the work there.
    """

    record: FileRecord | None
    items: Items[Document | Prepared | Problem]


class Executor(Protocol):
    """Whoever does the work of a build that grows with the archive."""

    def read(
        self, sources: Iterable[Source], authority: Authority
    ) -> Generator[FileReading, None, None]:
        """Yield what each source holds, in their order; `authority` knows who the speakers are.

        The items of one are to be taken before the next one is asked for.
        """

    def encode(
        self, passages: Iterable[tuple[bytes, PassageText]], encoder: Encoder
    ) -> Generator[tuple[bytes, Codes], None, None]:
        """Yield the vectors (1 + n × d) of each passage and its n sentences, in any order.

        A passage comes with its key, and its vectors with the same.
        """


class LocalExecutor:
    """Does the work in this process, and what hostile files could hurt in one beside it."""

    def read(
        self, sources: Iterable[Source], authority: Authority
    ) -> Generator[FileReading, None, None]:
        """Yield what each source holds, each document as soon as it is read."""
        del authority  # Whoever takes the documents in prepares those that are not there already.
        for source in sources:
            record, data = fetch(source)
            if isinstance(record, Problem):
                yield FileReading(None, Items(replay([record])))
            else:
                yield FileReading(record, Items(read_items(source, data)))

    def encode(
        self, passages: Iterable[tuple[bytes, PassageText]], encoder: Encoder
    ) -> Generator[tuple[bytes, Codes], None, None]:
        """Yield the vectors of each passage and its sentences, in order."""
        under_way: deque[bytes] = deque()

        def texts() -> Iterator[PassageText]:
            for key, passage in passages:
                under_way.append(key)
                yield passage

        for encoded in encoder.encode_passages(texts()):
            yield under_way.popleft(), stack_codes(encoded)


LOCAL = LocalExecutor()


def fetch(source: Source) -> tuple[FileRecord | Problem, bytes]:
    """Return the record of a source and its bytes, or why these cannot be had, and none."""
    try:
        state = source.state()
        data = source.fetch()
    except UnreadableSource as error:
        return Problem(source.label, error.message), b""
    return make_record(source, data, state), data


def read_items(
    source: Source, data: bytes
) -> Generator[Document | Problem, None, Collection[str] | None]:
    """Yield what `source.read` does, and a problem instead of its errors."""
    try:
        return (yield from source.read(data))
    except UnreadableSource as error:
        yield Problem(source.label, error.message)
        return None


def stack_codes(encoded: Encoded) -> Codes:
    """Return the vectors of a passage and its sentences (1 + n × d) as they are stored."""
    return quantize(np.vstack([encoded.passage, encoded.sentences]))
