from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from corpus.errors import CorpusError
from index.encoding.background import read_extracts
from index.encoding.crossencoder import CrossEncoder, CrossEncoderSettings
from index.evaluating import reranker_fitting as rereading
from index.evaluating.cases import Case
from index.evaluating.judged_sets import read_queries
from index.evaluating.questionnaires import Item, Questionnaire
from index.evaluating.reranker_fitting import calibrate, write_extracts
from index.retrieval.archive import Archive
from index.weights import weights
from tests.support.archives import Silence

FEW = 16


class Knowing:
    """Gives a text that answers the question 1, and all others as much as it is told to."""

    def __init__(self, others: float = 0.0, scale: float = 1.0) -> None:
        self.others, self.scale = others, scale
        self.settings = CrossEncoderSettings("knows", "float32", 1.0, 64, "k" * 64)
        self.calibration = None
        self.answers = {each.question: each.answer for each in read_extracts()}

    def score(self, question: str, texts: Sequence[str]) -> NDArray[np.float64]:
        answer = self.answers.get(question, "\0")
        return np.array([self.scale * (1.0 if answer in each else self.others) for each in texts])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, bundled_root: Path) -> Path:
    """Return where models are kept, for sets that these tests share with no other."""
    cache = tmp_path_factory.mktemp("cache")
    (cache / "models").symlink_to(bundled_root / "models")
    return cache / "models"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """Calibrate on some of the extracts, and return their number."""
    extracts = read_extracts()[:FEW]
    monkeypatch.setattr(rereading, "read_extracts", lambda: extracts)
    return FEW


def item(name: str, question: str, pattern: str) -> Item:
    return Item(name, question, "fact", answerable=True, doc_ids=("ledger",), pattern=pattern)


def fitted(model: Knowing, cache: Path) -> rereading.Calibrated:
    return calibrate(cast("CrossEncoder", model), (), cache, Silence())


def test_the_questions_that_ship_are_a_set(tmp_path: Path) -> None:
    queries = read_queries(write_extracts(tmp_path / "extracts"))
    assert len(queries) == 2 * len(read_extracts())
    for each, judged in zip(read_extracts(), queries[::2], strict=True):
        ((_, span),) = judged.answers
        assert span.of(each.text) == each.answer
    assert not any(judged.answerable for judged in queries[1::2])


def test_writing_the_set_again_leaves_it_as_it_is(tmp_path: Path) -> None:
    write_extracts(tmp_path)
    before = (tmp_path / "docs.jsonl").stat().st_mtime_ns
    write_extracts(tmp_path)
    assert (tmp_path / "docs.jsonl").stat().st_mtime_ns == before


@pytest.mark.usefixtures("few")
def test_a_reranker_that_knows_counts_and_one_that_does_not_does_not(folder: Path) -> None:
    known = fitted(Knowing(scale=4.0), folder)
    assert known.calibration.relevance > 0
    assert known.within > known.without > 0.5
    assert known.calibration.suits("k" * 64)
    sure = known.calibration.confirm(0.5, 4.0, 4.0)
    assert known.calibration.confirm(0.5, 0.0, 0.0) < 0.5 < sure
    # Scores that are all the same say nothing.
    blind = fitted(Knowing(others=1.0), folder).calibration
    assert (blind.relevance, blind.margin) == (0.0, 0.0)
    assert blind.confidence > 0
    assert blind.cases == known.calibration.cases


@given(st.integers(0, 99), st.floats(0.01, 100))
def test_the_scale_of_the_scores_does_not_matter(seed: int, scale: float) -> None:
    chance = np.random.default_rng(seed)
    table = chance.normal(size=(60, 3))
    # What speaks against an answer where it should speak for it is not believed.
    right = table[:, 1] - table[:, 2] + chance.normal(size=60) > 0
    counts = np.ones(60)
    known = rereading._fit(table, right, counts)
    scaled = rereading._fit(table * (1, scale, scale), right, counts)
    assert scaled * (1, 1, scale, scale) == pytest.approx(known, abs=1e-2)
    assert (known[1:] >= 0).all()


def test_few_cases_change_little() -> None:
    table = np.array([[1.0, 4.0, 4.0], [-1.0, -4.0, -4.0]])
    _, confidence, relevance, margin = rereading._fit(table, np.array([True, False]), np.ones(2))
    assert confidence == pytest.approx(1, abs=0.2)
    assert 0 < relevance < 0.05
    assert 0 < margin < 0.05


def test_a_real_model_is_calibrated(reranker: CrossEncoder, folder: Path, few: int) -> None:
    found = calibrate(reranker, (), folder, Silence())
    assert found.calibration.suits(reranker.settings.sha256)
    assert found.calibration.cases > few


def test_questions_over_an_archive_are_judged_by_their_patterns(records: Archive) -> None:
    records.reranker = cast("CrossEncoder", Knowing())
    bought = "How many barrels of kerosene did the keeper buy?"
    found_in = "Where was the ledger found in 1958?"
    items = [
        item("kerosene", bought, "forty barrels"),
        item("wrong", found_in, "Kobe"),
        replace(item("strange", "Who painted the lighthouse in 1930?", ""), answerable=False),
        item("topic", "lamp oil", "oil"),
    ]
    cases = rereading._ask_questionnaire(Questionnaire("lamps", tuple(items)), records, Silence())
    found = {(case.query_id, case.kind): case for case in cases}
    assert found["kerosene", "own"].right
    assert not found["kerosene", "left out"].right
    assert found["wrong", "own"].answerable
    assert not found["wrong", "own"].right
    assert not found["strange", "own"].answerable
    # Confidence in headings has weights of its own, and no calibration.
    assert not any(query_id == "topic" for query_id, _ in found)
    assert {case.relevance for case in cases} == {0.0}


def test_nothing_is_fitted_on_questions_that_are_all_alike(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence = dict.fromkeys(weights("confidence", "question"), 0.5)
    wrong = Case("question", "own", ("a",), "1", evidence, answerable=False, relevance=1.0)
    monkeypatch.setattr(rereading, "_ask_set", lambda *_: [wrong, wrong])
    with pytest.raises(CorpusError, match="answered alike"):
        fitted(Knowing(), folder)
