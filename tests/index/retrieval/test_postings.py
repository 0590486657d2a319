import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.retrieval.lexical import LexicalIndex
from index.retrieval.postings import PostingsBuilder
from index.storage.checksummed import Sealed, seal

Passages = list[list[str]]

TERMS = st.sampled_from(["rice", "talk", "us", "1456", "日米", "é", "z", "zz"])
PASSAGES = st.lists(st.lists(TERMS, max_size=8), max_size=12)


def build(folder: Path, passages: Passages, block: int = 10**6) -> dict[str, bytes]:
    builder = PostingsBuilder(folder, block=block)
    for terms in passages:
        builder.add(terms)
    builder.finish()
    return files(folder)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@given(PASSAGES, st.integers(1, 20))
def test_blocks_make_no_difference(passages: Passages, block: int) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        assert build(Path(one), passages) == build(Path(two), passages, block)


@given(old=PASSAGES, cut=st.tuples(st.integers(0, 12), st.integers(0, 12)), new=PASSAGES)
def test_copied_passages_are_as_if_they_were_new(
    old: Passages, cut: tuple[int, int], new: Passages
) -> None:
    first, last = sorted(min(place, len(old)) for place in cut)
    with (
        tempfile.TemporaryDirectory() as before,
        tempfile.TemporaryDirectory() as after,
        tempfile.TemporaryDirectory() as anew,
    ):
        build(Path(before), old)
        seal(Path(before))
        builder = PostingsBuilder(Path(after), [LexicalIndex(Sealed(Path(before)))], block=5)
        for terms in new[: len(new) // 2]:
            builder.add(terms)
        builder.copy(0, first, last)
        for terms in new[len(new) // 2 :]:
            builder.add(terms)
        builder.finish()
        whole = [*new[: len(new) // 2], *old[first:last], *new[len(new) // 2 :]]
        assert files(Path(after)) == build(Path(anew), whole)


def test_a_frequent_term_scores_as_its_postings_say(tmp_path: Path) -> None:
    passages = [["rice"] * (1 + number % 3) + ["talk"] for number in range(40)] + [["salt"]]
    build(tmp_path, passages)
    seal(tmp_path)
    compiled = LexicalIndex(Sealed(tmp_path))
    # Rice has a row of weights, salt has postings: both count, asked once or twice.
    one, two = compiled.scores(["rice", "salt"]), compiled.scores(["rice", "rice", "salt"])
    assert (one > 0).all()
    assert two[0] == pytest.approx(2 * one[0])
    assert one[40] == two[40]


def test_a_term_of_more_than_two_bytes_of_occurrences_is_capped(tmp_path: Path) -> None:
    build(tmp_path, [["rice"] * 70_000 + ["talk"], ["talk"]])
    seal(tmp_path)
    assert LexicalIndex(Sealed(tmp_path)).scores(["rice"]).tolist()[1] == 0
