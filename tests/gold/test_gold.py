"""The gold set over the bundled collection: spans are right, and answers keep their floors."""

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.documents import Span
from index.answer import answer
from index.archive import Archive
from index.evaluation import Judged, measure_abstention, measure_quotations

ROWS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "queries.jsonl").read_text("utf-8").splitlines()
]
# What was measured, less what one or two questions make. Raise them when answers get better.
FLOORS = {"quote@1": 0.74, "quote@3": 0.91, "abstention_auroc": 0.85}


def test_every_span_is_the_stored_words(bundled: Archive) -> None:
    for row in ROWS:
        for span in row["answers"]:
            text = bundled.document(span["doc_id"]).text
            assert text[span["start"] : span["end"]] == span["text"], row["query_id"]
        assert bool(row["answers"]) == row["answerable"]


def test_questions_are_many_and_different() -> None:
    assert len({row["text"] for row in ROWS}) == len(ROWS) >= 120
    assert sum(not row["answerable"] for row in ROWS) >= 40
    assert sum(row["type"] == "japanese" for row in ROWS) >= 15


@pytest.fixture(scope="module")
def measured(bundled_root: Path) -> dict[str, float | None]:
    judged = [
        Judged(
            row["query_id"],
            row["text"],
            row["answerable"],
            tuple(row["doc_ids"]),
            tuple((span["doc_id"], Span(span["start"], span["end"])) for span in row["answers"]),
        )
        for row in ROWS
    ]
    archive = Archive(bundled_root)
    given = [answer(row["text"], archive) for row in ROWS]
    archive.close()
    return {
        **measure_quotations(judged, given),
        "abstention_auroc": measure_abstention(judged, given),
    }


@pytest.mark.parametrize("measure", FLOORS)
def test_answers_keep_their_floor(measured: dict[str, float | None], measure: str) -> None:
    value = measured[measure]
    assert value is not None
    assert value >= FLOORS[measure], f"{measure} fell to {value}"
