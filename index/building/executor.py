"""Executors: they read the files and encode the passages of a build.

An executor knows nothing of archives, and all give the same results. `index.ray.executor` spreads
the work over a cluster.
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
        self._items = items

    def __iter__(self) -> Generator[Item, None, None]:
        self.formats = (yield from self._items) or ()


def replay(
    items: Iterable[Item], formats: Collection[str] = ()
) -> Generator[Item, None, Collection[str]]:
    """Yield items that were read before as these formats, and return these."""
    yield from items
    return formats


@dataclass(frozen=True, slots=True)
class FileReading:
    """The items of a source, and its record when it was read.

    `record` is None if the source cannot be read; the only item is then the problem. Documents are
    prepared or not: a remote executor prepares them too.
    """

    record: FileRecord | None
    items: Items[Document | Prepared | Problem]


class Executor(Protocol):
    """Does the work of a build that grows with the archive."""

    def read(
        self, sources: Iterable[Source], authority: Authority
    ) -> Generator[FileReading, None, None]:
        """Yield the reading of each source, in order; `authority` has the names of speakers.

        Consume the items of one reading before requesting the next.
        """

    def encode(
        self, passages: Iterable[tuple[bytes, PassageText]], encoder: Encoder
    ) -> Generator[tuple[bytes, Codes], None, None]:
        """Yield the vectors (1 + n × d) of each passage and its n sentences, in any order.

        Passages and results come with their keys.
        """


class LocalExecutor:
    """Works in this process; readers of hostile files run in a process of their own."""

    def read(
        self, sources: Iterable[Source], authority: Authority
    ) -> Generator[FileReading, None, None]:
        """Yield the reading of each source, each document as soon as it is read."""
        del authority  # The writer prepares documents that are not prepared.
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
    """Return the record and bytes of a source, or the problem and no bytes."""
    try:
        state = source.state()
        data = source.fetch()
    except UnreadableSource as error:
        return Problem(source.label, error.message), b""
    return make_record(source, data, state), data


def read_items(
    source: Source, data: bytes
) -> Generator[Document | Problem, None, Collection[str] | None]:
    """Yield the items of `source.read`, and a problem instead of its errors."""
    try:
        return (yield from source.read(data))
    except UnreadableSource as error:
        yield Problem(source.label, error.message)
        return None


def stack_codes(encoded: Encoded) -> Codes:
    """Return the vectors of a passage and its sentences (1 + n × d) as stored."""
    return quantize(np.vstack([encoded.passage, encoded.sentences]))
