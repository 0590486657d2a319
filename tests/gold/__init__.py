"""The gold set over the bundled collection."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.documents import Span
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
