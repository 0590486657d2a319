"""Lexical ranking: rank-bm25's weights, compiled once into postings on disk.

The model is rank-bm25's `BM25Plus`. Its inverse document frequency, ln((N + 1) / n), is never
negative and is 0 for no term, so that a term found in every passage of a small archive still
counts a little; `BM25Okapi` gives such terms weights of 0 or below, which hides good passages.
The library adds idf × delta to every passage, whether the term is in it or not: a constant, which
`constant` gives and the postings leave out, so that a passage with no term of the query scores 0.

BM25+: Lv and Zhai, "Lower-Bounding Term Frequency Normalization", CIKM 2011.
"""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# The library's own defaults.
K1 = 1.5
B = 0.75
DELTA = 1.0


def build_postings(passages: Iterable[Sequence[str]], folder: Path) -> None:
    """Write the postings of passages, given as their terms, into `folder`.

    Five arrays: the sorted terms (UTF-8, with offsets), where each term's postings start, and for
    each posting its passage number and weight.
    """
    numbers: dict[str, int] = {}
    terms, owners, counts, lengths = array("I"), array("I"), array("I"), array("I")
    for owner, words in enumerate(passages):
        lengths.append(len(words))
        for term, count in Counter(words).items():
            terms.append(numbers.setdefault(term, len(numbers)))
            owners.append(owner)
            counts.append(count)

    vocabulary = sorted(numbers, key=lambda term: term.encode())
    rank = np.empty(len(numbers), np.uint32)
    rank[[numbers[term] for term in vocabulary]] = np.arange(len(numbers), dtype=np.uint32)
    by_rank = rank[_as_numpy(terms)]
    order = np.argsort(by_rank, kind="stable")
    frequency = np.bincount(by_rank, minlength=len(vocabulary))
    starts = np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64)

    owner_of = _as_numpy(owners)[order]
    weights = term_weights(
        count=_as_numpy(counts)[order].astype(np.float64),
        length=_as_numpy(lengths).astype(np.float64)[owner_of],
        mean_length=float(np.mean(_as_numpy(lengths))) if len(lengths) else 0.0,
    )
    idf = inverse_document_frequency(len(lengths), frequency)
    folder.mkdir(parents=True)
    encoded = [term.encode() for term in vocabulary]
    (folder / "terms.bin").write_bytes(b"".join(encoded))
    np.save(folder / "term_ends.npy", np.cumsum([len(term) for term in encoded], dtype=np.int64))
    np.save(folder / "starts.npy", starts)
    np.save(folder / "passages.npy", owner_of.astype(np.int32))
    np.save(folder / "weights.npy", (weights * np.repeat(idf, frequency)).astype(np.float32))
    np.save(folder / "idf.npy", idf)


def inverse_document_frequency(passages: int, frequency: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return ln((N + 1) / n), as `rank_bm25.BM25Plus` has it."""
    result: NDArray[np.float64] = np.log((passages + 1) / np.maximum(frequency, 1))
    return result


def term_weights(
    count: NDArray[np.float64], length: NDArray[np.float64], mean_length: float
) -> NDArray[np.float64]:
    """Return each posting's saturated term frequency, as `rank_bm25.BM25Plus` has it."""
    norm = K1 * (1 - B + B * length / (mean_length or 1.0))
    weights: NDArray[np.float64] = count * (K1 + 1) / (norm + count)
    return weights


class LexicalIndex:
    """Memory-mapped postings: scores passages without walking them."""

    def __init__(self, folder: Path, passages: int) -> None:
        """Open the postings of `passages` passages in `folder`."""
        self._passages = passages
        self._terms = (folder / "terms.bin").read_bytes()
        self._ends = np.load(folder / "term_ends.npy")
        self._numbers: dict[str, int | None] = {}
        self._starts = np.load(folder / "starts.npy", mmap_mode="r")
        self._owners = np.load(folder / "passages.npy", mmap_mode="r")
        self._weights = np.load(folder / "weights.npy", mmap_mode="r")
        self._idf = np.load(folder / "idf.npy", mmap_mode="r")

    def scores(self, terms: Iterable[str]) -> NDArray[np.float32]:
        """Return the score of every passage; a term that is asked twice counts twice."""
        total = np.zeros(self._passages, np.float32)
        for term, times in Counter(terms).items():
            number = self._find(term)
            if number is not None:
                postings = slice(self._starts[number], self._starts[number + 1])
                # A passage has one posting a term, so that no index is written twice.
                total[self._owners[postings]] += self._weights[postings] * np.float32(times)
        return total

    def constant(self, terms: Iterable[str]) -> float:
        """Return what `BM25Plus.get_scores` adds to every passage for these terms."""
        found = (self._find(term) for term in terms)
        return DELTA * float(sum(self._idf[number] for number in found if number is not None))

    def idf(self, term: str) -> float:
        """Return the weight of a term; one that the archive lacks weighs as one found once."""
        number = self._find(term)
        if number is None:
            return float(np.log(self._passages + 1))
        return float(self._idf[number])

    def frequency(self, term: str) -> int:
        """Return in how many passages a term is found."""
        number = self._find(term)
        if number is None:
            return 0
        return int(self._starts[number + 1] - self._starts[number])

    def _find(self, term: str) -> int | None:
        """Return the number of a term in the sorted vocabulary, or None."""
        if term in self._numbers:
            return self._numbers[term]
        number = self._numbers[term] = self._look_up(term.encode())
        return number

    def _look_up(self, wanted: bytes) -> int | None:
        place = bisect_left(range(len(self._ends)), wanted, key=self._term)
        if place < len(self._ends) and self._term(place) == wanted:
            return place
        return None

    def _term(self, number: int) -> bytes:
        start = int(self._ends[number - 1]) if number else 0
        return self._terms[start : int(self._ends[number])]


def _as_numpy(values: "array[int]") -> NDArray[np.uint32]:
    return np.frombuffer(values, np.uint32) if len(values) else np.empty(0, np.uint32)
