"""Building the lexical index: from the terms of each passage to postings, in bounded memory.

Terms are first written passage by passage (the forward index), then inverted to postings block by
block. Later builds copy the terms of unchanged passages from the forward index.

    terms.bin, term_ends.bin    the sorted vocabulary, UTF-8
    forward_*.bin               for each passage its terms and their counts
    passage_lengths.bin         for each passage its number of words
    starts.bin, owners.bin, counts.bin, weights.bin, idf.bin
                                for each term its passages, with rank-bm25's weights
    frequent.bin, rows.bin      the most frequent terms, and the weight of each for every passage
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from index.retrieval.lexical import (
    COUNT,
    END,
    FREQUENCY,
    FREQUENT,
    LENGTH,
    OWNER,
    TERM,
    WEIGHT,
    LexicalIndex,
    inverse_document_frequency,
    term_weights,
)

# The postings in memory at a time.
_BLOCK = 4_000_000
_MOST_COUNTED = 65_535
_32, _PLACE = np.uint64(32), np.uint64(0xFFFFFFFF)


class _Numbers(dict[str, int]):
    """The numbers of terms, from `first` on; a new term gets its number on look-up."""

    def __init__(self, first: int) -> None:
        self._first = first

    def __missing__(self, term: str) -> int:
        number = self[term] = self._first + len(self)
        return number


class PostingsBuilder:
    """Collects passages in the order of their numbers, then writes their postings."""

    def __init__(self, folder: Path, old: Sequence[LexicalIndex] = (), block: int = _BLOCK) -> None:
        """Write into `folder`; passages may be copied from the indexes of `old`."""
        self._folder, self._old, self._block = folder, old, block
        # Until the vocabulary is sorted, a term has a number in each index that it comes from, one
        # after another, and one after these if it comes from elsewhere.
        self._offsets = [0, *accumulate(map(len, old))]
        self._numbers = _Numbers(self._offsets[-1])
        self._terms, self._counts, self._ends = array("I"), array("H"), array("q")
        self._postings = 0
        self._lengths = array("I")
        with ExitStack() as opened:
            self._files: dict[str, BinaryIO] = {
                name: opened.enter_context((folder / f"forward_{name}.bin").open("wb"))
                for name in ("terms", "counts", "ends")
            }
            self._open = opened.pop_all()

    def add(self, terms: Sequence[str]) -> None:
        """Append a passage by its terms."""
        self._lengths.append(len(terms))
        counted = Counter(terms)
        self._terms.extend(map(self._numbers.__getitem__, counted))
        if len(terms) > _MOST_COUNTED:
            counted = Counter({term: min(count, _MOST_COUNTED) for term, count in counted.items()})
        self._counts.extend(counted.values())
        self._postings += len(counted)
        self._ends.append(self._postings)
        if len(self._terms) >= self._block:
            self._flush()

    def copy(self, source: int, first: int, last: int) -> None:
        """Append the passages numbered `first` to `last` - 1 of an old index, `old[source]`."""
        self._flush()
        old = self._old[source]
        for terms, counts, sizes in old.forward(first, last, self._block):
            self._files["terms"].write((terms + TERM.type(self._offsets[source])).tobytes())
            self._files["counts"].write(counts.tobytes())
            ends = self._postings + np.cumsum(sizes)
            self._files["ends"].write(ends.astype(END).tobytes())
            self._postings += len(terms)
        self._lengths.frombytes(old.lengths[first:last].astype(LENGTH).tobytes())

    def finish(self) -> tuple[int, int]:
        """Write the postings; returns the number of terms, and that of words of all passages."""
        self._flush()
        self.close()
        passages = len(self._lengths)
        lengths = np.frombuffer(self._lengths, np.uint32) if passages else np.empty(0, np.uint32)
        frequency = self._sort_vocabulary()
        starts = np.concatenate([[0], np.cumsum(frequency)]).astype(END)
        idf = inverse_document_frequency(passages, frequency)
        self._write("starts", starts)
        self._write("idf", idf.astype(FREQUENCY))
        self._write("passage_lengths", lengths.astype(LENGTH))
        mean = float(lengths.mean()) if passages else 0.0
        owners = _allocate(self._folder / "owners.bin", OWNER, self._postings)
        weights = _allocate(self._folder / "weights.bin", WEIGHT, self._postings)
        held_counts = _allocate(self._folder / "counts.bin", COUNT, self._postings)
        filled = starts[:-1].copy()
        for first, terms, counts, sizes in self._blocks():
            held = np.repeat(np.arange(first, first + len(sizes)), sizes)
            saturated = term_weights(counts.astype(np.float64), lengths[held], mean)
            places, order, present, found = _by_term(terms, len(frequency), filled)
            owners[places] = held[order]
            held_counts[places] = counts[order]
            weights[places] = (saturated * idf[terms])[order]
            filled[present] += found
        frequent = np.flatnonzero(frequency > FREQUENT * passages)
        self._write("frequent", frequent.astype(TERM))
        with (self._folder / "rows.bin").open("wb") as file:
            for term in frequent:
                row = np.zeros(passages, WEIGHT)
                own = slice(starts[term], starts[term + 1])
                row[owners[own]] = weights[own]
                file.write(row.tobytes())
        for mapped in (owners, weights, held_counts):
            if isinstance(mapped, np.memmap):
                mapped.flush()
        return len(frequency), int(lengths.sum())

    def close(self) -> None:
        """Close the files that passages are collected in."""
        self._open.close()

    def _write(self, name: str, values: NDArray[Any]) -> None:
        # Not `tofile`, which says nothing of a disk that is full before its buffer is.
        (self._folder / f"{name}.bin").write_bytes(values.tobytes())

    def _flush(self) -> None:
        for name, buffer in (
            ("terms", self._terms),
            ("counts", self._counts),
            ("ends", self._ends),
        ):
            self._files[name].write(buffer.tobytes())
            del buffer[:]

    def _sort_vocabulary(self) -> NDArray[np.int64]:
        """Write the terms in use, sorted, renumber the forward index, and return frequencies."""
        known = np.zeros(self._offsets[-1] + len(self._numbers), np.int64)
        for _, terms, _, _ in self._blocks():
            known += np.bincount(terms, minlength=len(known))
        used = np.flatnonzero(known)
        names = [*self._names(used)]
        sorted_names = sorted({*names})
        numbers = {name: number for number, name in enumerate(sorted_names)}
        ranks = np.zeros(len(known), TERM)
        ranks[used] = [numbers[name] for name in names]
        frequency = np.zeros(len(sorted_names), np.int64)
        np.add.at(frequency, ranks[used], known[used])
        (self._folder / "terms.bin").write_bytes(b"".join(sorted_names))
        ends = np.cumsum([len(name) for name in sorted_names], dtype=END)
        self._write("term_ends", ends)
        path = self._folder / "forward_terms.bin"
        if self._postings:
            mapped = np.memmap(path, TERM, "r+")
            for start in range(0, len(mapped), self._block):
                part = slice(start, start + self._block)
                mapped[part] = ranks[mapped[part]]
            mapped.flush()
        return frequency

    def _names(self, used: NDArray[np.int64]) -> Iterator[bytes]:
        """Yield the terms of these numbers, which are ascending."""
        places = np.searchsorted(used, self._offsets)
        for old, offset, (first, last) in zip(
            self._old, self._offsets, pairwise(places), strict=False
        ):
            yield from map(old.term, (used[first:last] - offset).tolist())
        new = [*self._numbers]
        for number in (used[places[-1] :] - self._offsets[-1]).tolist():
            yield new[number].encode()

    def _blocks(
        self,
    ) -> Iterator[tuple[int, NDArray[np.uint32], NDArray[np.uint16], NDArray[np.int64]]]:
        """Yield runs of passages: number of the first, terms, counts, and terms per passage."""
        if not self._postings:
            return
        ends = np.memmap(self._folder / "forward_ends.bin", END, "r")
        terms = np.memmap(self._folder / "forward_terms.bin", TERM, "r")
        counts = np.memmap(self._folder / "forward_counts.bin", COUNT, "r")
        first = start = 0
        while first < len(ends):
            last = max(first + 1, int(np.searchsorted(ends, start + self._block, "right")))
            stop = int(ends[last - 1])
            sizes = np.diff(ends[first:last], prepend=start)
            yield first, np.asarray(terms[start:stop]), np.asarray(counts[start:stop]), sizes
            first, start = last, stop


def _by_term(
    terms: NDArray[np.uint32], vocabulary: int, filled: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the places and order of a block's postings, its terms, and their counts."""
    # Term and place in one number: sorting these is several times as fast as a stable sort.
    places = np.arange(len(terms), dtype=np.uint64)
    order = (np.sort(terms.astype(np.uint64) << _32 | places) & _PLACE).astype(np.int64)
    found = np.bincount(terms, minlength=vocabulary)
    present = np.flatnonzero(found)
    found = found[present]
    within = np.arange(len(terms)) - np.repeat(np.cumsum(found) - found, found)
    return np.repeat(filled[present], found) + within, order, present, found


def _allocate(path: Path, dtype: "np.dtype[np.generic]", length: int) -> NDArray[np.generic]:
    """Return a file as a writable array.

    It is filled with zeros first: on a full disk, writing to a mapped file kills the process, but
    writing to a file raises an error.
    """
    with path.open("wb") as file:
        left = length * dtype.itemsize
        zeros = bytes(1 << 20)
        while left > 0:
            left -= file.write(zeros[: min(left, len(zeros))])
    return np.memmap(path, dtype, "r+") if length else np.empty(0, dtype)
