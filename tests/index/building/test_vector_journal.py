from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.building.vector_journal import VectorJournal
from index.retrieval.dense import Codes

DIMENSION = 3


def key(number: int) -> bytes:
    return number.to_bytes(16)


def codes(number: int) -> tuple[Codes, Codes]:
    """Return a passage's vector and those of so many sentences."""
    rows = np.full((1 + number % 3, DIMENSION), number, np.int8)
    return rows[:1], rows[1:]


def write(path: Path, numbers: range) -> None:
    with VectorJournal(path, DIMENSION) as kept:
        for number in numbers:
            kept.put(key(number), *codes(number))


def check(kept: VectorJournal, numbers: range) -> None:
    assert len(kept) == len(numbers)
    for number in numbers:
        assert key(number) in kept
        for found, wanted in zip(kept.get(key(number)), codes(number), strict=True):
            assert found.tolist() == wanted.tolist()


def test_vectors_come_back_at_once_and_later(tmp_path: Path) -> None:
    path = tmp_path / "encoding" / "a.bin"
    with VectorJournal(path, DIMENSION) as kept:
        for number in range(10):
            kept.put(key(number), *codes(number))
            check(kept, range(number + 1))
    with VectorJournal(path, DIMENSION) as kept:
        check(kept, range(10))
        assert key(10) not in kept


@given(cut=st.integers(0, 400))
def test_a_journal_that_was_cut_off_keeps_its_whole_records_and_goes_on(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("kept") / "a.bin"
    write(path, range(10))
    ends = []
    size = 0
    for number in range(10):
        size += 20 + DIMENSION * (1 + len(codes(number)[1])) + 8
        ends.append(size)
    path.write_bytes(path.read_bytes()[:cut])
    whole = sum(end <= cut for end in ends)
    with VectorJournal(path, DIMENSION) as kept:
        check(kept, range(whole))
    write(path, range(whole, 12))
    with VectorJournal(path, DIMENSION) as kept:
        check(kept, range(12))


@given(place=st.integers(0, 329), bit=st.integers(0, 7))
def test_a_flipped_bit_never_gives_a_wrong_vector(
    place: int, bit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("kept") / "a.bin"
    write(path, range(10))
    data = bytearray(path.read_bytes())
    place = min(place, len(data) - 1)
    data[place] ^= 1 << bit
    path.write_bytes(data)
    with VectorJournal(path, DIMENSION) as kept:
        assert len(kept) < 10
        check(kept, range(len(kept)))
