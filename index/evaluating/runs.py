"""Runs: the outcomes of all questions, as JSON lines of the schema `memcon.run/1`."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import msgspec

from corpus.errors import CorpusError
from index.evaluating.evaluation import MEASURES, Evaluation, Outcome
from index.evaluating.questionnaire_runs import ASKED

SCHEMA = "memcon.run/1"


def write_run(evaluations: Sequence[Evaluation], path: Path) -> None:
    """Write the outcomes of sets into a file; raises OSError."""
    lines = (json.dumps(row, ensure_ascii=False) for row in _rows(evaluations))
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def read_run(path: Path) -> list[Evaluation]:
    """Read a run, its sets in the order of the file; raises CorpusError for any other file."""
    outcomes: dict[tuple[str, str, str | None], list[Outcome]] = {}
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(
            f"{path} cannot be read: a run is what memcon eval --runs FILE writes."
        ) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            key = row["set"], row["fingerprint"], row["reranker"]
            outcomes.setdefault(key, []).append(_read(row))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CorpusError(f"{path}, line {number}, is no outcome of memcon eval.") from error
    if not outcomes:
        raise CorpusError(f"{path} has no outcomes.")
    return [Evaluation(*key, tuple(found)) for key, found in outcomes.items()]


def _rows(evaluations: Sequence[Evaluation]) -> Iterator[dict[str, Any]]:
    for evaluation in evaluations:
        for outcome in evaluation.outcomes:
            yield {
                "schema": SCHEMA,
                "set": evaluation.name,
                "fingerprint": evaluation.fingerprint,
                "reranker": evaluation.reranker,
                **asdict(outcome),
                "milliseconds": round(outcome.milliseconds, 1),
            }


def _read(row: dict[str, Any]) -> Outcome:
    if row["schema"] != SCHEMA:
        raise ValueError(row["schema"])
    outcome = msgspec.convert(row, Outcome)
    names = ASKED if outcome.stage else MEASURES
    return replace(outcome, measures={name: outcome.measures[name] for name in names})
