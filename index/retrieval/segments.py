"""Segments of a generation, and the numbers by which they are joined.

Everything above the engine sees one archive: documents are numbered from 0 in the order of their
files, passages in the order of their documents, as in an index built from nothing. Inside a segment
they have numbers of their own, in the same order; numbers there may belong to dead documents, which
the generation does not have.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.retrieval.dense import DenseIndex
from index.retrieval.facets import Facets, open_facets
from index.retrieval.lexical import LexicalIndex
from index.retrieval.record_files import open_files
from index.storage.checksummed import CheckedArray, Sealed
from index.storage.contents import Places, SegmentEntry, ranges
from index.storage.document_store import DocumentStore
from index.storage.passage_table import KeyIndex, PassageTable, Rows, open_table

Numbers = NDArray[np.int64]


class Segment:
    """One segment, opened part by part; raises DamagedIndex if files are altered."""

    def __init__(self, sealed: Sealed, entry: SegmentEntry, dimension: int) -> None:
        """Take a sealed folder; `dimension` is that of the vectors."""
        self.sealed, self.entry, self.dimension = sealed, entry, dimension

    def close(self) -> None:
        """Close the store."""
        if "store" in self.__dict__:
            self.store.close()

    @cached_property
    def store(self) -> DocumentStore:
        """Its documents."""
        return DocumentStore(self.sealed, self.entry.documents)

    @cached_property
    def table(self) -> PassageTable:
        """Its passages."""
        return open_table(self.sealed, self.store)

    @cached_property
    def facets(self) -> Facets:
        """Its documents' facets."""
        return open_facets(self.sealed, self.table)

    @cached_property
    def lexical(self) -> LexicalIndex:
        """Its postings."""
        return LexicalIndex(self.sealed)

    @cached_property
    def dense(self) -> DenseIndex:
        """Its vectors."""
        return DenseIndex(self.sealed, self.dimension)

    @cached_property
    def records(self) -> dict[str, CheckedArray[Any]]:
        """The files that records are found by."""
        return open_files(self.sealed)

    @cached_property
    def keys(self) -> KeyIndex:
        """Its passages by their keys."""
        return KeyIndex(self.sealed, self.table.rows)

    @cached_property
    def bounds(self) -> Numbers:
        """The first passage of each document, and the number of all passages."""
        rows = self.facets.rows[:]["first_passage"]
        return np.append(rows, self.entry.passages).astype(np.int64)


class Numbering:
    """The numbers of a generation's documents and passages, and those in its segments."""

    def __init__(self, places: Places, segments: Sequence[Segment]) -> None:
        """Take the documents that `places` lists."""
        self.segment = places["segment"].astype(np.int64)
        self.local = places["document"].astype(np.int64)
        self._bounds = [segment.bounds for segment in segments]
        # The document that each of a segment's has become; -1 for a dead one.
        self.documents = [np.full(len(bounds) - 1, -1, np.int64) for bounds in self._bounds]
        sizes = np.zeros(len(places), np.int64)
        self._first_local = np.zeros(len(places), np.int64)
        for own, bounds, held in zip(
            self.documents, self._bounds, ranges(places, len(segments)), strict=True
        ):
            local = self.local[held]
            own[local] = held
            self._first_local[held] = bounds[local]
            sizes[held] = bounds[local + 1] - bounds[local]
        # The first passage of each document, and the number of all passages.
        self.first = np.concatenate([[0], np.cumsum(sizes)])

    @property
    def passages(self) -> int:
        """The number of passages."""
        return int(self.first[-1])

    def split(self, numbers: NDArray[Any]) -> Iterator[tuple[int, NDArray[Any], Numbers]]:
        """Yield each segment that has some of these passages, where they are, and their numbers."""
        documents = np.searchsorted(self.first, numbers, "right") - 1
        local = numbers - self.first[documents] + self._first_local[documents]
        owners = self.segment[documents]
        for segment in np.unique(owners).tolist():
            held = np.flatnonzero(owners == segment)
            yield segment, held, local[held]

    def join(self, segment: int, passages: NDArray[Any]) -> Numbers:
        """Return the numbers of a segment's passages in the generation; -1 for dead ones."""
        bounds, documents = self._bounds[segment], self.documents[segment]
        local = np.searchsorted(bounds, passages, "right") - 1
        joined = documents[local]
        numbers: Numbers = np.where(joined < 0, -1, passages - bounds[local] + self.first[joined])
        return numbers

    @cached_property
    def dead(self) -> list[NDArray[np.bool_] | None]:
        """Which of each segment's passages are dead; None if none is."""
        return [
            np.repeat(own < 0, np.diff(bounds)) if (own < 0).any() else None
            for own, bounds in zip(self.documents, self._bounds, strict=True)
        ]


class JoinedRows:
    """An array of rows for each passage, joined from those of segments."""

    def __init__(
        self,
        numbering: Numbering,
        parts: Sequence[Rows],
        renumber: Callable[[int, NDArray[Any]], NDArray[Any]] = lambda _, rows: rows,
    ) -> None:
        """Join `parts`; `renumber` corrects copied rows of a segment in place."""
        self._numbering, self._parts, self._renumber = numbering, parts, renumber

    def __len__(self) -> int:
        return self._numbering.passages

    def __getitem__(self, rows: slice) -> NDArray[Any]:
        """Return consecutive rows."""
        return self.take(np.arange(*rows.indices(len(self))))

    def take(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return a copy of these rows, in this order."""
        empty = self._parts[0][:0]
        taken = np.empty((len(rows), *empty.shape[1:]), empty.dtype)
        for segment, held, local in self._numbering.split(rows):
            taken[held] = self._renumber(segment, self._parts[segment].take(local))
        return taken


class StackedRows:
    """Arrays of segments one after another, dead rows included."""

    def __init__(self, parts: Sequence[Rows]) -> None:
        """Stack `parts`."""
        self._parts = parts
        self.starts = [0, *accumulate(map(len, parts))]

    def __len__(self) -> int:
        return self.starts[-1]

    def __getitem__(self, rows: slice) -> NDArray[Any]:
        """Return consecutive rows of one segment."""
        start, stop, _ = rows.indices(len(self))
        segment = min(bisect_right(self.starts, start), len(self._parts)) - 1
        first = self.starts[segment]
        return self._parts[segment][start - first : stop - first]

    def take(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return a copy of these rows, in this order."""
        empty = self._parts[0][:0]
        taken = np.empty((len(rows), *empty.shape[1:]), empty.dtype)
        owners = np.searchsorted(self.starts, rows, "right") - 1
        for segment in np.unique(owners).tolist():
            held = np.flatnonzero(owners == segment)
            taken[held] = self._parts[segment].take(rows[held] - self.starts[segment])
        return taken
