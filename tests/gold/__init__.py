"""The gold set over the bundled collection."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from corpus.documents import Span
from index.answering.answer import Answer
from index.evaluating.evaluation import QUOTATION, mean, rounded_auroc, score_quotations
from index.evaluating.judged_sets import Judged

ROWS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "queries.jsonl").read_text("utf-8").splitlines()
]


def read_gold() -> Iterator[tuple[str, Judged]]:
    """Yield the type of each question, and the question with its judgements."""
    for row in ROWS:
        yield (
            row["type"],
            Judged(
                row["query_id"],
                row["text"],
                row["answerable"],
                tuple(row["doc_ids"]),
                tuple(
                    (span["doc_id"], Span(span["start"], span["end"])) for span in row["answers"]
                ),
            ),
        )


def measure_quotations(
    queries: Sequence[Judged], answers: Sequence[Answer]
) -> dict[str, float | None]:
    """Return the share of answerable queries with spans whose quotations are right."""
    scored = [score_quotations(*pair) for pair in zip(queries, answers, strict=True)]
    return {name: mean([each[name] for each in scored]) for name in QUOTATION}


def measure_abstention(queries: Sequence[Judged], answers: Sequence[Answer]) -> float | None:
    """Return how well confidence ranks answerable queries above others (area under ROC)."""
    return rounded_auroc(
        [judged.answerable for judged in queries], [given.confidence for given in answers]
    )
