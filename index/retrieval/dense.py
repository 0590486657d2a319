"""Dense ranking: exact cosines over memory-mapped int8 vectors.

A vector is stored as signed bytes, scaled so that its largest component is ±127. The cosine does
not depend on a vector's length, so the scale is not stored.

From `COARSE_FROM` passages on, the signs of the components, one bit each, select the nearest
`SHORTLIST`, and the exact cosines of these decide: an eighth of the bytes is read. New vectors are
appended; there is no structure to rebuild.
"""

import os
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from simsimd import cdist, inner

from index.encoding.pooling import Vectors
from index.retrieval.top_k import best_of
from index.storage.checksummed import Sealed
from index.storage.passage_table import Rows

Codes = NDArray[np.int8]

COARSE_FROM = 1_000_000
SHORTLIST = 5_000

_CODE = np.dtype(np.int8)
_LENGTH = np.dtype(np.float32)
_SIGNS = np.dtype(np.uint8)
# Rows that keep a core busy for longer than it takes to wake it.
_ROWS_A_THREAD = 20_000


def quantize(vectors: Vectors) -> Codes:
    """Return vectors (rows) as signed bytes."""
    peaks = np.abs(vectors).max(axis=-1, keepdims=True)
    scaled = vectors * (127.0 / np.where(peaks == 0, 1.0, peaks))
    return np.rint(scaled).astype(np.int8)


def cosines(codes: Codes, query: Codes) -> Vectors:
    """Return the cosine of every row of `codes` with one query vector."""
    return scale_cosines(codes, _lengths(codes), query)


class VectorsWriter(AbstractContextManager["VectorsWriter"]):
    """Writes the vectors of passages and of their sentences, in order; a context manager."""

    def __init__(self, folder: Path) -> None:
        names = ("vectors", "lengths", "signs", "sentence_vectors")
        with ExitStack() as opened:
            self._files = {
                name: opened.enter_context((folder / f"{name}.bin").open("wb")) for name in names
            }
            self._open = opened.pop_all()

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def add(self, passages: Codes, sentences: Codes) -> None:
        """Append the vectors of passages (n × d), and of all their sentences (m × d)."""
        self._files["vectors"].write(passages.tobytes())
        self._files["lengths"].write(_lengths(passages).tobytes())
        self._files["signs"].write(_pack_signs(passages).tobytes())
        self._files["sentence_vectors"].write(sentences.tobytes())


class Dense(Protocol):
    """The vectors of a generation: of one segment, or of several joined."""

    @property
    def passages(self) -> Rows:
        """The vectors of passages."""

    @property
    def sentences(self) -> Rows:
        """The vectors of sentences, by the places that the passage table gives."""

    def nearest(
        self, vector: Codes, k: int, among: NDArray[np.int32] | None = None
    ) -> tuple[NDArray[np.int64], Vectors]:
        """Return the numbers and cosines of the `k` nearest passages, nearest first."""

    def cosines(self, numbers: NDArray[np.int32], query: Codes) -> Vectors:
        """Return the cosines of the passages of these numbers with a query vector."""


class DenseIndex:
    """The vectors of one segment's passages and of their sentences."""

    def __init__(self, sealed: Sealed, dimension: int, *, coarse_from: int = COARSE_FROM) -> None:
        """Open the vectors of `dimension` components in a sealed folder; raises DamagedIndex."""
        self.passages = sealed.array("vectors.bin", _CODE, dimension)
        self.sentences = sealed.array("sentence_vectors.bin", _CODE, dimension)
        self.lengths = sealed.array("lengths.bin", _LENGTH)
        self._signs = sealed.array("signs.bin", _SIGNS, -(-dimension // 8))
        self._coarse = len(self.passages) >= coarse_from

    def nearest(
        self, vector: Codes, k: int, among: NDArray[np.int32] | None = None
    ) -> tuple[NDArray[np.int64], Vectors]:
        """Return the numbers and cosines of the `k` nearest passages, nearest first.

        Only passages in `among`, if given. Equal cosines are in the order of the passages' numbers.
        """
        if not vector.any():
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if among is None and self._coarse:
            distances = self.distances(vector)
            farthest = find_farthest(np.bincount(distances), shortlist_size(k))
            among = np.flatnonzero(distances <= farthest).astype(np.int32)
        similar = self.similarities(vector, among)
        best = best_of(similar, k)
        return (best if among is None else among[best].astype(np.int64)), similar[best]

    def cosines(self, numbers: NDArray[np.int32], query: Codes) -> Vectors:
        """Return the cosines of the passages of these numbers with a query vector."""
        return scale_cosines(self.passages.take(numbers), self.lengths.take(numbers), query)

    def similarities(self, vector: Codes, among: NDArray[Any] | None = None) -> Vectors:
        """Return the cosine of every passage, or of those in `among`, with a query vector."""
        # Comparing all adjacent rows is faster than copying a quarter of them.
        if among is None or 4 * len(among) > len(self.passages):
            similar = scale_cosines(self.passages[:], self.lengths[:], vector)
            return similar if among is None else similar[among]
        return self.cosines(among, vector)

    def distances(self, query: Codes) -> NDArray[np.uint16]:
        """Return in how many signs each passage's vector differs from the query's."""
        signs = self._signs[:]
        if not len(signs):
            return np.empty(0, np.uint16)
        different = np.asarray(
            cdist(
                _pack_signs(query[None]),
                signs,
                metric="hamming",
                dtype="bin8",
                threads=_threads(len(signs)),
            )
        )
        return different.ravel().astype(np.uint16)


def shortlist_size(k: int) -> int:
    """Return how many passages the signs select at least, for the `k` nearest of them."""
    return max(SHORTLIST, 10 * k)


def find_farthest(counts: NDArray[np.int64], size: int) -> int:
    """Return the distance within which `size` passages lie, given how many have each distance."""
    return int(np.searchsorted(np.cumsum(counts), size))


def _pack_signs(codes: Codes) -> NDArray[np.uint8]:
    return np.packbits(codes > 0, axis=1)


def _lengths(codes: Codes) -> Vectors:
    if not len(codes):
        return np.empty(0, np.float32)
    squares = np.asarray(inner(codes, codes)).reshape(len(codes))
    return np.sqrt(squares.astype(np.float32))


def scale_cosines(codes: Codes, lengths: Vectors, query: Codes) -> Vectors:
    """Return exact cosines: integer products, divided by the vectors' lengths."""
    if not len(codes):
        return np.empty(0, np.float32)
    # Products of up to 1,040 components fit the 24 bits of a float32.
    products: Vectors = np.asarray(
        cdist(
            query[None],
            codes,
            metric="inner",
            threads=_threads(len(codes)),
            out_dtype="float32",
        )
    ).ravel()
    scale = lengths * np.linalg.norm(query.astype(np.float32))
    return np.divide(products, scale, out=products, where=scale != 0)


def _threads(rows: int) -> int:
    return 1 if rows < _ROWS_A_THREAD else min(os.cpu_count() or 1, 1 + rows // _ROWS_A_THREAD)
