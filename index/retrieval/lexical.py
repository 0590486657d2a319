"""Lexical ranking: rank-bm25's weights, compiled once into postings on disk.

The model is rank-bm25's `BM25Plus`. Its inverse document frequency, ln((N + 1) / n), is always
positive, so that a term in every passage of a small archive still counts a little; `BM25Okapi`
gives such terms weights of 0 or below, which hides good passages. The library adds idf × delta to
every passage, with or without the term; the postings omit this, so that a passage without any term
of the query scores 0.

BM25+: Lv and Zhai, "Lower-Bounding Term Frequency Normalization", CIKM 2011.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.retrieval.top_k import best_of
from index.storage.checksummed import Sealed
from index.storage.passage_table import Rows

# The library's own defaults.
K1 = 1.5
B = 0.75

TERM = np.dtype(np.uint32)
COUNT = np.dtype(np.uint16)
END = np.dtype(np.int64)
OWNER = np.dtype(np.int32)
WEIGHT = np.dtype(np.float32)
FREQUENCY = np.dtype(np.float64)
LENGTH = np.dtype(np.uint32)

# A term in more than this share of the passages has a row of weights, one for each passage: adding
# a row is faster than adding many postings one by one.
FREQUENT = 1 / 8
_REMEMBERED = 10_000
# Up to this number of passages, adding a row is always faster.
SMALL = 1024


def inverse_document_frequency(passages: int, frequency: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return ln((N + 1) / n), as in `rank_bm25.BM25Plus`."""
    result: NDArray[np.float64] = np.log((passages + 1) / np.maximum(frequency, 1))
    return result


def term_weights(
    count: NDArray[np.float64], length: NDArray[np.uint32], mean_length: float
) -> NDArray[np.float64]:
    """Return each posting's saturated term frequency, as in `rank_bm25.BM25Plus`."""
    norm = K1 * (1 - B + B * length / (mean_length or 1.0))
    weights: NDArray[np.float64] = count * (K1 + 1) / (norm + count)
    return weights


class Lexical(Protocol):
    """The lexical index of a generation: of one segment, or of several joined."""

    @property
    def passages(self) -> int:
        """The number of passages."""

    @property
    def heaviest(self) -> float:
        """The weight of a term found in one passage, the highest of all."""

    def top(
        self, weights: Mapping[str, float], k: int, among: NDArray[np.int32] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the numbers and scores of the `k` best passages that have a term, best first."""

    def scores(self, weights: Iterable[str] | Mapping[str, float]) -> NDArray[np.float32]:
        """Return the score of every passage."""

    def weights(self, terms: Sequence[str], numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the weight of each term (rows) in each of these passages (columns)."""

    def idf(self, term: str) -> float:
        """Return the weight of a term; an unknown term weighs as much as one found once."""

    def frequency(self, term: str) -> int:
        """Return the number of passages with a term, without reading which."""

    def owners(self, term: str) -> NDArray[np.int32]:
        """Return the numbers of the passages that have a term, ascending."""

    def beginning_with(self, start: str) -> tuple[NDArray[np.int64], bytes]:
        """Return the terms with a prefix, sorted: their ends, and their bytes."""

    def vocabulary(self) -> Iterator[tuple[str, int, float]]:
        """Yield each term with its frequency and its idf, sorted."""


class LexicalIndex:
    """Scores passages from the memory-mapped postings of one segment."""

    def __init__(self, sealed: Sealed) -> None:
        """Open the postings in a sealed folder; raises DamagedIndex."""
        self._terms = sealed.read("terms.bin")
        self._ends = sealed.array("term_ends.bin", END)[:]
        self._starts = sealed.array("starts.bin", END)[:]
        self._idf = sealed.array("idf.bin", FREQUENCY)
        self._owners = sealed.array("owners.bin", OWNER)
        self._weights = sealed.array("weights.bin", WEIGHT)
        self._forward_ends = sealed.array("forward_ends.bin", END)
        self._forward_terms = sealed.array("forward_terms.bin", TERM)
        self._forward_counts = sealed.array("forward_counts.bin", COUNT)
        # Format 4 lacks these. Nothing is opened later: a build may have removed it by then.
        self._counts: Rows = np.empty(0, COUNT)
        self._lengths: Rows | None = None
        if sealed.has("counts.bin"):
            self._counts = sealed.array("counts.bin", COUNT)
            self._lengths = sealed.array("passage_lengths.bin", LENGTH)
        self._passages = len(self._forward_ends)
        frequent = sealed.array("frequent.bin", TERM)[:]
        self._rows = {int(number): row for row, number in enumerate(frequent)}
        self._row_weights = sealed.array("rows.bin", WEIGHT, max(1, self._passages))
        # A long-running bot looks up most terms repeatedly. Postings are views, rows are small.
        self._number = lru_cache(maxsize=_REMEMBERED)(self._look_up)
        self._weight = lru_cache(maxsize=_REMEMBERED)(self._read_idf)
        self._postings = lru_cache(maxsize=_REMEMBERED)(self._find_postings)

    def __len__(self) -> int:
        """Return the number of terms."""
        return len(self._ends)

    @property
    def passages(self) -> int:
        """The number of passages."""
        return self._passages

    def scores(self, weights: Iterable[str] | Mapping[str, float]) -> NDArray[np.float32]:
        """Return the score of every passage.

        A term counts as often as it occurs, or with its weight if weights are given.
        """
        total = np.zeros(self._passages, np.float32)
        asked = weights if isinstance(weights, Mapping) else Counter(weights)
        for term, times in asked.items():
            owners, held = self._postings(term)
            if times != 1:
                held = held * np.float32(times)
            if owners is None:
                total += held
            else:
                # Nearly three times as fast as `total[owners] += held`.
                np.add.at(total, owners, held)
        return total

    def top(
        self,
        weights: Iterable[str] | Mapping[str, float],
        k: int,
        among: NDArray[np.int32] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the numbers and scores of the `k` best passages that have a term, best first.

        Only passages in `among`, if given. Equal scores are in the order of the passages' numbers.
        """
        scores = self.scores(weights)
        if among is not None:
            scores = scores[among]
        best = best_of(scores, k)
        found = scores[best]
        having = np.count_nonzero(found > 0)
        best, found = best[:having], found[:having]
        return (best if among is None else among[best].astype(np.int64)), found

    def weights(self, terms: Sequence[str], numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the weight of each term (rows) in each of these passages (columns)."""
        found = np.zeros((len(terms), len(numbers)), np.float32)
        # Another type would cause a conversion of all owners.
        wanted = numbers.astype(OWNER)
        for row, term in zip(found, terms, strict=True):
            number = self.number(term)
            if number is None:
                continue
            if number in self._rows:
                place = self._rows[number]
                row[:] = self._row_weights[place : place + 1][0][wanted]
                continue
            first = int(self._starts[number])
            owners = self._owners[first : int(self._starts[number + 1])]
            places = np.minimum(np.searchsorted(owners, wanted), len(owners) - 1)
            held = np.flatnonzero(owners[places] == wanted)
            row[held] = self._weights.take(first + places[held])
        return found

    @property
    def heaviest(self) -> float:
        """The weight of a term found in one passage, the highest of all."""
        return float(np.log(self._passages + 1)) or 1.0

    def idf(self, term: str) -> float:
        """Return the weight of a term; an unknown term weighs as much as one found once."""
        return self._weight(term)

    def frequency(self, term: str) -> int:
        """Return the number of passages with a term, without reading which."""
        number = self.number(term)
        return 0 if number is None else self.frequency_of(number)

    def frequency_of(self, number: int) -> int:
        """Return the number of passages with the term of this number."""
        return int(self._starts[number + 1] - self._starts[number])

    @property
    def frequencies(self) -> NDArray[np.int64]:
        """The number of passages with each term."""
        return np.diff(self._starts)

    @cached_property
    def lengths(self) -> Rows:
        """The number of words of each passage."""
        if self._lengths is not None:
            return self._lengths
        # Format 4 has only the counts of terms.
        ends, counts = self._forward_ends[:], self._forward_counts[:]
        totals = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])[ends]
        return np.diff(totals, prepend=0).astype(LENGTH)

    def owners_of(self, number: int) -> NDArray[np.int32]:
        """Return the passages with the term of this number, ascending."""
        return self._owners[int(self._starts[number]) : int(self._starts[number + 1])]

    def postings(self, number: int) -> tuple[NDArray[np.int32], NDArray[np.uint16]]:
        """Return the passages with the term of this number, ascending, and how often each has it.

        Format 4 lacks the latter.
        """
        held = slice(int(self._starts[number]), int(self._starts[number + 1]))
        return self._owners[held], self._counts[held]

    def numbered(self, start: str) -> Iterator[tuple[int, bytes]]:
        """Yield the number of each term with a prefix, and the term in UTF-8, sorted."""
        return ((number, self.term(number)) for number in range(*self._beginning_with(start)))

    def beginning_with(self, start: str) -> tuple[NDArray[np.int64], bytes]:
        """Return the terms with a prefix, sorted: their ends, and their bytes."""
        first, last = self._beginning_with(start)
        offset = int(self._ends[first - 1]) if first else 0
        ends = self._ends[first:last] - offset
        return ends, self._terms[offset : offset + (int(ends[-1]) if len(ends) else 0)]

    def owners(self, term: str) -> NDArray[np.int32]:
        """Return the numbers of the passages that have a term, ascending."""
        number = self.number(term)
        if number is None:
            return np.empty(0, OWNER)
        return self.owners_of(number)

    def terms(self) -> Iterator[bytes]:
        """Yield the vocabulary in UTF-8, sorted."""
        bounds = pairwise([0, *self._ends.tolist()])
        return (self._terms[start:end] for start, end in bounds)

    def number(self, term: str) -> int | None:
        """Return the number of a term in the sorted vocabulary, or None."""
        return self._number(term)

    def forward(
        self, first: int, last: int, block: int
    ) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.uint16], NDArray[np.int64]]]:
        """Yield the terms and counts of passages `first` to `last` - 1, about `block` at a time.

        The third array has the number of terms of each passage.
        """
        step = max(1, block // 256)
        for here in range(first, last, step):
            ends = self._forward_ends[here : min(here + step, last)]
            start = int(self._forward_ends[here - 1 : here][0]) if here else 0
            stop = int(ends[-1])
            sizes = np.diff(ends, prepend=start)
            yield self._forward_terms[start:stop], self._forward_counts[start:stop], sizes

    def forward_weights(
        self, step: int
    ) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.float32], NDArray[np.int64]]]:
        """Yield the terms of all passages with the postings' weights, `step` passages at a time.

        The third array has the number of terms of each passage.
        """
        filled = self._starts[:-1].copy()
        for terms, _, sizes in self.forward(0, self._passages, 256 * step):
            # Postings of a term are in the order of passages: these are the next ones.
            order = np.argsort(terms, kind="stable")
            present, first, found = np.unique(terms[order], return_index=True, return_counts=True)
            within = np.arange(len(terms)) - np.repeat(first, found)
            weights = np.empty(len(terms), WEIGHT)
            weights[order] = self._weights.take(np.repeat(filled[present], found) + within)
            filled[present] += found
            yield terms, weights, sizes

    def vocabulary(self) -> Iterator[tuple[str, int, float]]:
        """Yield each term with its frequency and its idf, in the order of their numbers."""
        for number, term in enumerate(self.terms()):
            frequency = int(self._starts[number + 1] - self._starts[number])
            yield term.decode(), frequency, float(self._idf[number : number + 1][0])

    def _beginning_with(self, start: str) -> tuple[int, int]:
        wanted = start.encode()
        numbers = range(len(self._ends))
        first = bisect_left(numbers, wanted, key=self.term)
        return first, bisect_left(numbers, wanted + b"\xff", key=self.term)

    def _read_idf(self, term: str) -> float:
        number = self.number(term)
        if number is None:
            return float(np.log(self._passages + 1))
        return float(self._idf[number : number + 1][0])

    def _find_postings(self, term: str) -> tuple[NDArray[np.int32] | None, NDArray[np.float32]]:
        """Return the passages that have a term, and its weight in each.

        None stands for all passages: the weights are a row, as for a frequent term.
        """
        number = self.number(term)
        if number is None:
            return np.empty(0, OWNER), np.empty(0, WEIGHT)
        if (place := self._rows.get(number)) is not None:
            return None, self._row_weights[place : place + 1][0]
        postings = slice(int(self._starts[number]), int(self._starts[number + 1]))
        owners, held = self._owners[postings], self._weights[postings]
        if self.passages > SMALL:
            return owners, held
        row = np.zeros(self.passages, WEIGHT)
        row[owners] = held
        return None, row

    def _look_up(self, term: str) -> int | None:
        wanted = term.encode()
        place = bisect_left(range(len(self._ends)), wanted, key=self.term)
        if place < len(self._ends) and self.term(place) == wanted:
            return place
        return None

    def term(self, number: int) -> bytes:
        """Return the term of this number in UTF-8."""
        start = int(self._ends[number - 1]) if number else 0
        return self._terms[start : int(self._ends[number])]
