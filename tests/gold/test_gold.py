"""The gold set over the bundled collection: spans are right, and answers keep their floors."""

import json
from pathlib import Path

import numpy as np
import pytest

from index.answering.answer import answer
from index.answering.verdict import Verdict
from index.evaluating.evaluation import measure_abstention, measure_quotations
from index.retrieval.archive import Archive
from tests.fit import calibration_error
from tests.gold import ROWS, read_gold

# Questions of which each leans on the ones before it.
EXCHANGES = Path(__file__).with_name("exchanges.jsonl")
# What was measured, less what one or two questions make. Raise them when answers get better.
FLOORS = {
    "quote@1": 0.77,
    "quote@3": 0.91,
    "abstention_auroc": 0.87,
    "precision": 0.88,
    "coverage": 0.83,
    "calibration": 0.86,
}


def test_every_span_is_the_stored_words(bundled: Archive) -> None:
    for row in ROWS:
        for span in row["answers"]:
            text = bundled.document(span["doc_id"]).text
            assert text[span["start"] : span["end"]] == span["text"], row["query_id"]
        assert bool(row["answers"]) == row["answerable"]


def test_every_span_of_an_exchange_is_the_stored_words(bundled: Archive) -> None:
    exchanges = [json.loads(line) for line in EXCHANGES.read_text("utf-8").splitlines()]
    assert len(exchanges) >= 25
    for exchange in exchanges:
        assert len(exchange["turns"]) in {2, 3}
        for turn in exchange["turns"]:
            assert turn["answers"], turn["text"]
            for span in turn["answers"]:
                text = bundled.document(span["doc_id"]).text
                assert text[span["start"] : span["end"]] == span["text"], turn["text"]


def test_questions_are_many_and_different() -> None:
    assert len({row["text"] for row in ROWS}) == len(ROWS) >= 120
    assert sum(not row["answerable"] for row in ROWS) >= 40
    assert sum(row["type"] == "japanese" for row in ROWS) >= 15


@pytest.fixture(scope="module")
def measured(bundled_root: Path) -> dict[str, float | None]:
    judged = [each for _, each in read_gold()]
    archive = Archive(bundled_root)
    given = [answer(each.text, archive) for each in judged]
    archive.close()
    confidence = np.array([each.confidence for each in given])
    truth = np.array([each.answerable for each in judged])
    said = np.array([each.verdict is not Verdict.NOT_FOUND for each in given])
    return {
        **measure_quotations(judged, given),
        "abstention_auroc": measure_abstention(judged, given),
        "precision": float(truth[said].mean()),
        "coverage": float(said[truth].mean()),
        # No set that confidence was fitted on has any of these questions.
        "calibration": 1 - calibration_error(confidence, truth),
    }


@pytest.mark.parametrize("measure", FLOORS)
def test_answers_keep_their_floor(measured: dict[str, float | None], measure: str) -> None:
    value = measured[measure]
    assert value is not None
    assert value >= FLOORS[measure], f"{measure} fell to {value}"
