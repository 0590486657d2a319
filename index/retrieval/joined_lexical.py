"""Lexical ranking over several segments, by the statistics of all their live passages.

The weights in a segment's postings hold for that segment alone. Those of the generation are
computed from counts and lengths by the same formula and in the same order, so that scores have the
same bits as those of one segment. The weights of the last terms are kept.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.retrieval.lexical import (
    FREQUENT,
    OWNER,
    SMALL,
    WEIGHT,
    LexicalIndex,
    inverse_document_frequency,
    term_weights,
)
from index.retrieval.segments import Numbering
from index.retrieval.top_k import best_of
from index.storage.contents import Gone

# The bytes of weights that are kept.
_KEPT = 1 << 27
_REMEMBERED = 10_000


class JoinedLexical:
    """Scores the passages of a generation; see `index.retrieval.lexical.LexicalIndex`."""

    def __init__(
        self,
        parts: Sequence[LexicalIndex],
        numbering: Numbering,
        gone: Sequence[Gone],
        length: int,
    ) -> None:
        """Join the postings of segments.

        `gone` has the terms of dead passages, `length` is the number of words of the live ones.
        """
        self._parts, self._numbering, self._gone = parts, numbering, gone
        self.passages = numbering.passages
        self._mean = length / self.passages if self.passages else 0.0
        self._weights: OrderedDict[tuple[int, int], NDArray[np.float32]] = OrderedDict()
        self._size = 0
        self._lock = Lock()
        self.idf = lru_cache(maxsize=_REMEMBERED)(self._find_idf)

    def top(
        self,
        weights: Iterable[str] | Mapping[str, float],
        k: int,
        among: NDArray[np.int32] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the numbers and scores of the `k` best passages that have a term, best first.

        Only passages in `among`, if given. Equal scores are in the order of the passages' numbers.
        """
        asked = weights if isinstance(weights, Mapping) else Counter(weights)
        found = []
        if among is None:
            for segment in range(len(self._parts)):
                scores = self._scores(segment, asked)
                dead = self._numbering.dead[segment]
                if dead is not None:
                    scores[dead] = 0
                best = best_of(scores, k)
                found.append((self._numbering.join(segment, best), scores[best]))
        else:
            for segment, held, local in self._numbering.split(among):
                scores = self._scores(segment, asked)[local]
                best = best_of(scores, k)
                found.append((among[held[best]].astype(np.int64), scores[best]))
        numbers = np.concatenate([np.empty(0, np.int64), *(numbers for numbers, _ in found)])
        scores = np.concatenate([np.empty(0, WEIGHT), *(scores for _, scores in found)])
        numbers, scores = numbers[scores > 0], scores[scores > 0]
        order = np.lexsort((numbers, -scores))[:k]
        return numbers[order], scores[order]

    def scores(self, weights: Iterable[str] | Mapping[str, float]) -> NDArray[np.float32]:
        """Return the score of every passage."""
        asked = weights if isinstance(weights, Mapping) else Counter(weights)
        total = np.zeros(self.passages, WEIGHT)
        for segment in range(len(self._parts)):
            scores = self._scores(segment, asked)
            numbers = self._numbering.join(segment, np.arange(len(scores)))
            total[numbers[numbers >= 0]] = scores[numbers >= 0]
        return total

    def weights(self, terms: Sequence[str], numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the weight of each term (rows) in each of these passages (columns)."""
        found = np.zeros((len(terms), len(numbers)), WEIGHT)
        parts = [*self._numbering.split(numbers)]
        for row, term in zip(found, terms, strict=True):
            for segment, places, local in parts:
                number = self._parts[segment].number(term)
                if number is not None:
                    row[places] = self._held_by(segment, number, term, local)
        return found

    @property
    def heaviest(self) -> float:
        """The weight of a term found in one passage, the highest of all."""
        return float(np.log(self.passages + 1)) or 1.0

    def _find_idf(self, term: str) -> float:
        """Return the weight of a term; an unknown term weighs as much as one found once."""
        return float(inverse_document_frequency(self.passages, np.array([self.frequency(term)]))[0])

    def frequency(self, term: str) -> int:
        """Return the number of passages with a term, without reading which."""
        return sum(self._live(*each) for each in self._numbers(term))

    def owners(self, term: str) -> NDArray[np.int32]:
        """Return the numbers of the passages that have a term, ascending."""
        found = [
            self._numbering.join(segment, self._parts[segment].owners_of(number))
            for segment, number in self._numbers(term)
        ]
        owners = np.sort(np.concatenate([np.empty(0, np.int64), *found]))
        return owners[owners >= 0].astype(OWNER)

    def beginning_with(self, start: str) -> tuple[NDArray[np.int64], bytes]:
        """Return the terms with a prefix, sorted: their ends, and their bytes."""
        terms: set[bytes] = set()
        for part, dead in zip(self._parts, self._dead_terms, strict=True):
            terms.update(term for number, term in part.numbered(start) if number not in dead)
        found = sorted(terms)
        return np.cumsum([len(term) for term in found], dtype=np.int64), b"".join(found)

    def vocabulary(self) -> Iterator[tuple[str, int, float]]:
        """Yield each term with its frequency and its idf, sorted."""
        frequency: Counter[bytes] = Counter()
        for part, gone in zip(self._parts, self._gone, strict=True):
            counts = part.frequencies
            counts[gone.terms] -= gone.counts
            for term, count in zip(part.terms(), counts.tolist(), strict=True):
                if count:
                    frequency[term] += count
        terms = sorted(frequency)
        idf = inverse_document_frequency(self.passages, np.array([frequency[t] for t in terms]))
        for term, weight in zip(terms, idf.tolist(), strict=True):
            yield term.decode(), frequency[term], weight

    @cached_property
    def _dead_terms(self) -> list[frozenset[int]]:
        """The terms that only dead passages of each segment have."""
        dead = []
        for part, gone in zip(self._parts, self._gone, strict=True):
            unused = part.frequencies[gone.terms] == gone.counts
            dead.append(frozenset(gone.terms[unused].tolist()))
        return dead

    def _numbers(self, term: str) -> Iterator[tuple[int, int]]:
        """Yield the segments that have a term, and its number in each."""
        for segment, part in enumerate(self._parts):
            number = part.number(term)
            if number is not None:
                yield segment, number

    def _live(self, segment: int, number: int) -> int:
        """Return how many live passages of a segment have a term."""
        return self._parts[segment].frequency_of(number) - self._gone[segment].count(number)

    def _scores(self, segment: int, asked: Mapping[str, float]) -> NDArray[np.float32]:
        """Return the score of every passage of a segment, as `LexicalIndex.scores` adds them."""
        part = self._parts[segment]
        total = np.zeros(part.passages, WEIGHT)
        for term, times in asked.items():
            number = part.number(term)
            if number is not None:
                held = self._held(segment, number, term)
                held = held if times == 1 else held * np.float32(times)
                if len(held) == len(total):
                    total += held
                else:
                    np.add.at(total, part.owners_of(number), held)
        return total

    def _held_by(
        self, segment: int, number: int, term: str, passages: NDArray[Any]
    ) -> NDArray[np.float32]:
        """Return the weight of a term in these passages of a segment."""
        held = self._held(segment, number, term)
        if len(held) == self._parts[segment].passages:
            row: NDArray[np.float32] = held[passages]
            return row
        owners = self._parts[segment].owners_of(number)
        places = np.minimum(np.searchsorted(owners, passages.astype(OWNER)), len(owners) - 1)
        weights: NDArray[np.float32] = np.where(owners[places] == passages, held[places], 0)
        return weights

    def _held(self, segment: int, number: int, term: str) -> NDArray[np.float32]:
        """Return the weights of a segment's postings of a term; of a frequent one, a row of all."""
        key = (segment, number)
        with self._lock:
            if key in self._weights:
                self._weights.move_to_end(key)
                return self._weights[key]
        part = self._parts[segment]
        owners, counts = part.postings(number)
        held = self._weigh(segment, term, owners, counts)
        if len(held) > FREQUENT * part.passages or part.passages <= SMALL:
            row = np.zeros(part.passages, WEIGHT)
            row[owners] = held
            held = row
        with self._lock:
            if key not in self._weights:
                self._weights[key] = held
                self._size += held.nbytes
            while self._size > _KEPT and len(self._weights) > 1:
                self._size -= self._weights.popitem(last=False)[1].nbytes
        return held

    def _weigh(
        self,
        segment: int,
        term: str,
        passages: NDArray[Any],
        counts: NDArray[np.uint16],
    ) -> NDArray[np.float32]:
        """Return the weights of a term in passages of a segment, as `PostingsBuilder` computes."""
        lengths = self._parts[segment].lengths.take(passages)
        saturated = term_weights(counts.astype(np.float64), lengths, self._mean)
        return (saturated * self.idf(term)).astype(WEIGHT)
