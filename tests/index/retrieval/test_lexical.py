import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Plus

from index.retrieval.lexical import FREQUENCY, WEIGHT, LexicalIndex
from index.retrieval.postings import PostingsBuilder
from index.storage.checksummed import Sealed, seal

TERMS = st.sampled_from(["rice", "talk", "us", "1456", "日米", "é", "z"])
PASSAGES = st.lists(st.lists(TERMS, max_size=8), min_size=1, max_size=12)
QUERY = st.lists(TERMS | st.just("unknown"), max_size=6)


@pytest.fixture(autouse=True, scope="module")
def postings() -> Iterator[None]:
    """Score these few passages from postings, as those of an archive of usual size are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.retrieval.lexical.SMALL", 0)
        yield


def build(passages: Sequence[Sequence[str]], folder: Path) -> LexicalIndex:
    builder = PostingsBuilder(folder)
    for terms in passages:
        builder.add(terms)
    builder.finish()
    seal(folder)
    return LexicalIndex(Sealed(folder))


@given(PASSAGES.filter(any), QUERY, st.booleans())
def test_scores_are_those_of_rank_bm25(
    passages: list[list[str]], query: list[str], everywhere: bool
) -> None:
    if everywhere:
        passages = [[*passage, "rice"] for passage in passages]
    with tempfile.TemporaryDirectory() as folder:
        compiled = build(passages, Path(folder))
        scores = compiled.scores(query)
        # The library adds this to every passage.
        constant = sum(compiled.idf(term) for term in query if compiled.number(term) is not None)
    assert scores.dtype == np.float32
    assert (scores >= 0).all()
    wanted = BM25Plus(passages).get_scores(query)
    np.testing.assert_allclose(scores + constant, wanted, rtol=1e-5, atol=1e-5)


@given(PASSAGES, TERMS)
def test_a_passage_scores_where_it_has_the_term(passages: list[list[str]], term: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        compiled = build(passages, Path(folder))
        having = [term in passage for passage in passages]
        assert (compiled.scores([term]) > 0).tolist() == having
        assert compiled.frequency(term) == sum(having)
        wanted = np.log((len(passages) + 1) / max(1, sum(having)))
        assert compiled.idf(term) == pytest.approx(wanted)


@given(PASSAGES, st.dictionaries(TERMS, st.floats(0.1, 3), max_size=4))
def test_scores_are_the_weighted_sums_of_the_terms(
    passages: list[list[str]], asked: dict[str, float]
) -> None:
    numbers = np.arange(len(passages))[::2]
    with tempfile.TemporaryDirectory() as folder:
        compiled = build(passages, Path(folder))
        weights = compiled.weights([*asked], numbers)
        scores = compiled.scores(asked)
    wanted = np.array([*asked.values()]) @ weights
    np.testing.assert_allclose(scores[numbers], wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("passages", [[], [[]], [[], []]])
def test_an_index_without_terms_scores_nothing(passages: list[list[str]], tmp_path: Path) -> None:
    compiled = build(passages, tmp_path)
    assert compiled.scores(["rice", "rice"]).tolist() == [0.0] * len(passages)
    assert compiled.frequency("rice") == 0


def test_a_term_asked_twice_counts_twice(tmp_path: Path) -> None:
    compiled = build([["rice", "talk"], ["talk"]], tmp_path)
    np.testing.assert_allclose(compiled.scores(["rice"] * 2), 2 * compiled.scores(["rice"]))


def test_the_stored_weights_are_not_negative_where_a_term_is_everywhere(tmp_path: Path) -> None:
    build([["rice"] * 5, ["rice"], ["rice", "talk"]], tmp_path)
    assert (np.fromfile(tmp_path / "weights.bin", WEIGHT) > 0).all()
    assert (np.fromfile(tmp_path / "idf.bin", FREQUENCY) > 0).all()


@given(PASSAGES, QUERY, st.integers(1, 14), st.data())
def test_the_best_are_those_of_a_whole_sort(
    passages: list[list[str]], query: list[str], k: int, data: st.DataObject
) -> None:
    chosen = data.draw(st.none() | st.sets(st.integers(0, len(passages) - 1)))
    among = None if chosen is None else np.array(sorted(chosen), np.int32)
    with tempfile.TemporaryDirectory() as folder:
        compiled = build(passages, Path(folder))
        scores = compiled.scores(query)
        numbers, best = compiled.top(query, k, among)
    allowed = range(len(passages)) if chosen is None else sorted(chosen)
    having = [number for number in allowed if scores[number] > 0]
    wanted = sorted(having, key=lambda number: (-scores[number], number))[:k]
    assert numbers.tolist() == wanted
    assert best.tolist() == [scores[number] for number in wanted]


@given(PASSAGES, QUERY)
def test_few_passages_are_scored_from_rows_the_same_to_the_bit(
    passages: list[list[str]], query: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scores = build(passages, Path(folder)).scores(query)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("index.retrieval.lexical.SMALL", len(passages))
            rows = LexicalIndex(Sealed(Path(folder))).scores(query)
    assert rows.tobytes() == scores.tobytes()


def test_the_passages_of_a_term_are_told(tmp_path: Path) -> None:
    compiled = build([["rice"], ["talk"], ["rice", "talk", "rice"]], tmp_path)
    assert compiled.owners("rice").tolist() == [0, 2]
    assert compiled.owners("unknown").tolist() == []
    assert list(compiled.terms()) == [b"rice", b"talk"]
