"""Dense ranking over several segments: the same cosines, and the same shortlist, as over one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.encoding.pooling import Vectors
from index.retrieval.dense import (
    COARSE_FROM,
    Codes,
    DenseIndex,
    find_farthest,
    scale_cosines,
    shortlist_size,
)
from index.retrieval.segments import JoinedRows, Numbering, StackedRows
from index.retrieval.top_k import best_of

# Lies beyond every cosine.
_DEAD = np.float32(-np.inf)


class JoinedDense:
    """The vectors of a generation's passages; see `index.retrieval.dense.DenseIndex`."""

    def __init__(
        self, parts: Sequence[DenseIndex], numbering: Numbering, *, coarse_from: int = COARSE_FROM
    ) -> None:
        """Join the vectors of segments."""
        self._parts, self._numbering = parts, numbering
        self.passages = JoinedRows(numbering, [part.passages for part in parts])
        self._lengths = JoinedRows(numbering, [part.lengths for part in parts])
        self.sentences = StackedRows([part.sentences for part in parts])
        self._coarse = numbering.passages >= coarse_from

    def nearest(
        self, vector: Codes, k: int, among: NDArray[np.int32] | None = None
    ) -> tuple[NDArray[np.int64], Vectors]:
        """Return the numbers and cosines of the `k` nearest passages, nearest first.

        Only passages in `among`, if given. Equal cosines are in the order of the passages' numbers.
        """
        if not vector.any():
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if among is None and self._coarse:
            among = self._shortlist(vector, shortlist_size(k))
        found = []
        if among is None:
            for segment, part in enumerate(self._parts):
                similar = part.similarities(vector)
                dead = self._numbering.dead[segment]
                if dead is not None:
                    similar[dead] = _DEAD
                best = best_of(similar, k)
                best = best[similar[best] > _DEAD]
                found.append((self._numbering.join(segment, best), similar[best]))
        else:
            for segment, held, local in self._numbering.split(among):
                similar = self._parts[segment].similarities(vector, local)
                best = best_of(similar, k)
                found.append((among[held[best]].astype(np.int64), similar[best]))
        numbers = np.concatenate([np.empty(0, np.int64), *(numbers for numbers, _ in found)])
        similar = np.concatenate([np.empty(0, np.float32), *(similar for _, similar in found)])
        order = np.lexsort((numbers, -similar))[:k]
        return numbers[order], similar[order]

    def cosines(self, numbers: NDArray[np.int32], query: Codes) -> Vectors:
        """Return the cosines of the passages of these numbers with a query vector."""
        return scale_cosines(self.passages.take(numbers), self._lengths.take(numbers), query)

    def _shortlist(self, vector: Codes, size: int) -> NDArray[np.int32]:
        """Return the passages whose signs differ least from the query's: `size`, and ties."""
        found = []
        for segment, part in enumerate(self._parts):
            distances, dead = part.distances(vector), self._numbering.dead[segment]
            numbers = np.arange(len(distances)) if dead is None else np.flatnonzero(~dead)
            found.append((self._numbering.join(segment, numbers), distances[numbers]))
        numbers = np.concatenate([numbers for numbers, _ in found])
        distances = np.concatenate([distances for _, distances in found])
        farthest = find_farthest(np.bincount(distances), size)
        return np.sort(numbers[distances <= farthest]).astype(np.int32)
