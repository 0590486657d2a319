"""Dense ranking: exact cosine over int8 vectors, memory-mapped.

A vector is kept as signed bytes, scaled so that its largest component is ±127. The cosine does not
depend on a vector's length, so the scale is not kept.
"""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from simsimd import cdist

Vectors = NDArray[np.float32]
Codes = NDArray[np.int8]

# Rows enough to keep a core busy for longer than it takes to wake it.
_ROWS_A_THREAD = 20_000


def quantize(vectors: Vectors) -> Codes:
    """Return vectors (rows) as signed bytes."""
    peaks = np.abs(vectors).max(axis=-1, keepdims=True)
    scaled = vectors * (127.0 / np.where(peaks == 0, 1.0, peaks))
    return np.rint(scaled).astype(np.int8)


def cosines(codes: Codes, query: Codes) -> NDArray[np.float32]:
    """Return the cosine of every row of `codes` with one query vector."""
    return _cosines(codes, _lengths(codes), query)


class DenseIndex:
    """The vectors of passages and of their sentences."""

    def __init__(self, folder: Path) -> None:
        """Open the vectors in `folder`."""
        self.passages: Codes = np.load(folder / "passages.npy", mmap_mode="r")
        self.sentences: Codes = np.load(folder / "sentences.npy", mmap_mode="r")
        self._lengths: Vectors = np.load(folder / "lengths.npy", mmap_mode="r")

    def nearest(
        self, query: Codes, k: int, among: NDArray[np.int32] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the numbers and cosines of the `k` nearest passages, nearest first.

        Only passages in `among` are compared, where it is given. Equal cosines are in the order of
        the passages' numbers.
        """
        codes = self.passages if among is None else self.passages[among]
        lengths = self._lengths if among is None else self._lengths[among]
        if not len(codes) or not query.any():
            return np.empty(0, np.int64), np.empty(0, np.float32)
        similar = _cosines(codes, lengths, query)
        best = best_of(similar, k)
        numbers = best if among is None else among[best].astype(np.int64)
        return numbers, similar[best]


def best_of(scores: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return the places of the `k` highest scores, highest first, equal ones by place."""
    if k < len(scores):
        # Everything that ties with the k-th is a candidate, so that the cut too goes by place.
        kth = np.partition(scores, len(scores) - k)[len(scores) - k]
        places = np.flatnonzero(scores >= kth)
    else:
        places = np.arange(len(scores))
    order = np.lexsort((places, -scores[places]))
    return places[order][:k]


def write_vectors(passages: Codes, sentences: Codes, folder: Path) -> None:
    """Write the vectors of passages and sentences, a row each, into `folder`."""
    folder.mkdir(parents=True)
    np.save(folder / "passages.npy", passages)
    np.save(folder / "lengths.npy", _lengths(passages))
    np.save(folder / "sentences.npy", sentences)


def _lengths(codes: Codes) -> Vectors:
    lengths: Vectors = np.linalg.norm(codes.astype(np.float32), axis=1).astype(np.float32)
    return lengths


def _cosines(codes: Codes, lengths: Vectors, query: Codes) -> Vectors:
    """Return exact cosines: products of whole numbers, divided by the vectors' lengths."""
    threads = min(os.cpu_count() or 1, 1 + len(codes) // _ROWS_A_THREAD)
    products = np.asarray(cdist(query[None], codes, metric="inner", threads=threads)).ravel()
    scale = lengths * np.linalg.norm(query.astype(np.float32))
    similar: Vectors = (products / np.where(scale == 0, 1.0, scale)).astype(np.float32)
    return similar
