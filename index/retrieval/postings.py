"""Building the lexical index: from the terms of each passage to postings, in bounded memory.

Terms are first written passage by passage (the forward index), then inverted to postings block by
block. Later builds copy the terms of unchanged passages from the forward index.

    terms.bin, term_ends.bin    the sorted vocabulary, UTF-8
    forward_*.bin               for each passage its terms and their counts
    starts.bin, owners.bin, weights.bin, idf.bin
                                for each term its passages, with rank-bm25's weights
    frequent.bin, rows.bin      the most frequent terms, and the weight of each for every passage
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from index.retrieval.lexical import (
    COUNT,
    END,
    FREQUENCY,
    FREQUENT,
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
    """The numbers of terms; a new term gets its number on look-up."""

    def __init__(self, number: Callable[[str], int]) -> None:
        self._number = number

    def __missing__(self, term: str) -> int:
        number = self[term] = self._number(term)
        return number


class PostingsBuilder:
    """Collects passages in the order of their numbers, then writes their postings."""

    def __init__(self, folder: Path, old: LexicalIndex | None = None, block: int = _BLOCK) -> None:
        """Write into `folder`; passages may be copied from `old`."""
        self._folder, self._old, self._block = folder, old, block
        # New terms have numbers after those of the old index.
        self._old_terms = len(old) if old else 0
        self._numbers = _Numbers(self._number)
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

    def copy(self, first: int, last: int) -> None:
        """Append the passages numbered `first` to `last` - 1 of the old index."""
        if self._old is None:
            raise ValueError("there is no old index to copy from")
        self._flush()
        for terms, counts, sizes in self._old.forward(first, last, self._block):
            # Old terms keep their numbers until the vocabulary is sorted.
            self._files["terms"].write(terms.tobytes())
            self._files["counts"].write(counts.tobytes())
            ends = self._postings + np.cumsum(sizes)
            self._files["ends"].write(ends.astype(END).tobytes())
            self._postings += len(terms)
            self._lengths.frombytes(_lengths(counts, sizes).astype(np.uint32).tobytes())

    def finish(self) -> int:
        """Write the postings; returns the number of terms."""
        self._flush()
        self.close()
        passages = len(self._lengths)
        lengths = np.frombuffer(self._lengths, np.uint32) if passages else np.empty(0, np.uint32)
        frequency = self._sort_vocabulary()
        starts = np.concatenate([[0], np.cumsum(frequency)]).astype(END)
        idf = inverse_document_frequency(passages, frequency)
        self._write("starts", starts)
        self._write("idf", idf.astype(FREQUENCY))
        mean = float(lengths.mean()) if passages else 0.0
        owners = _allocate(self._folder / "owners.bin", OWNER, self._postings)
        weights = _allocate(self._folder / "weights.bin", WEIGHT, self._postings)
        filled = starts[:-1].copy()
        for first, terms, counts, sizes in self._blocks():
            held = np.repeat(np.arange(first, first + len(sizes)), sizes)
            saturated = term_weights(counts.astype(np.float64), lengths[held], mean)
            places, order, present, found = _by_term(terms, len(frequency), filled)
            owners[places] = held[order]
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
        for mapped in (owners, weights):
            if isinstance(mapped, np.memmap):
                mapped.flush()
        return len(frequency)

    def close(self) -> None:
        """Close the files that passages are collected in."""
        self._open.close()

    def _write(self, name: str, values: NDArray[Any]) -> None:
        # Not `tofile`, which says nothing of a disk that is full before its buffer is.
        (self._folder / f"{name}.bin").write_bytes(values.tobytes())

    def _number(self, term: str) -> int:
        """Return the number of a term that this builder has not met."""
        known = self._old.number(term) if self._old else None
        if known is not None:
            return known
        self._old_terms += 1
        return self._old_terms - 1

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
        frequency = np.zeros(self._old_terms, np.int64)
        for _, terms, _, _ in self._blocks():
            frequency += np.bincount(terms, minlength=len(frequency))
        names = list(self._old.terms()) if self._old else []
        names += [b""] * (self._old_terms - len(names))
        for term, number in self._numbers.items():
            names[number] = term.encode()
        used = np.flatnonzero(frequency)
        order = sorted(used.tolist(), key=names.__getitem__)
        ranks = np.zeros(len(frequency), TERM)
        ranks[order] = np.arange(len(order), dtype=TERM)
        sorted_names = [names[number] for number in order]
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
        return frequency[order]

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


def _lengths(counts: NDArray[np.uint16], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of terms of each passage, repetitions included."""
    totals = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    ends = np.cumsum(sizes)
    lengths: NDArray[np.int64] = totals[ends] - totals[ends - sizes]
    return lengths


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
