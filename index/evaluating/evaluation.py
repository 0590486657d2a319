"""Evaluation: how well the index retrieves, quotes and abstains on questions with judgements.

A document has the rank of its best passage. A quotation is right if it overlaps an answer's span in
the right document; in a set without spans, if it is from a right document. Every measure is
recorded per question, so that two runs can be compared.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.answering.answer import Answer, answer
from index.answering.quotations import Quote
from index.answering.verdict import Level
from index.encoding.crossencoder import CrossEncoder
from index.encoding.encoder import DEFAULT_MODEL
from index.evaluating.calibration import area_under_risk, area_under_roc, calibration_error
from index.evaluating.judged_sets import Judged, fingerprint, open_set, read_queries
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.storage.inventory import Progress

RETRIEVAL = ("ndcg@10", "recall@10", "mrr@10", "hit@1")
QUOTATION = ("quote@1", "quote@3")
MEASURES = (*RETRIEVAL, *QUOTATION)

# The passages of a ranking: ten documents, the depth of the metrics, may be many passages down.
_DEPTH = 100
_KEPT = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question's answer, and its measures.

    `right`: one of the quotations (of the leads if there are none) answers the question.
    `measures` has those of `MEASURES`, None if the question does not define one. `documents` are
    the first ten, `quotes` the document, start and end of each quotation.

    For a questionnaire (`index.evaluating.questionnaire_runs`), `right` means the first quotation
    or lead alone; `kind` is the kind of question, `stage` how far it came, `rank` that of the first
    right passage of a hundred, `asked_as` the question as it was understood, and `texts` the
    quotations.
    """

    query_id: str
    question: str
    answerable: bool
    verdict: str
    confidence: float
    right: bool
    measures: Mapping[str, float | None]
    documents: tuple[str, ...]
    quotes: tuple[tuple[str, int, int], ...]
    milliseconds: float
    kind: str = ""
    stage: str = ""
    rank: int | None = None
    asked_as: str = ""
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcomes of a set; `fingerprint` is a hash of its questions, judgements and documents.

    `reranker` is the name of the reranker, if any.
    """

    name: str
    fingerprint: str
    reranker: str | None
    outcomes: tuple[Outcome, ...]


def run_evaluation(
    folder: Path,
    cache: Path,
    progress: Progress,
    reranker: CrossEncoder | None = None,
    model: str = DEFAULT_MODEL,
) -> Evaluation:
    """Ask the questions of the set in `folder`; its index is built under `cache`.

    `model` is the encoder. Raises CorpusError if the folder is no set, ModelUnavailable.
    """
    queries = read_queries(folder)
    archive = open_set(folder, cache, progress, reranker, model)
    try:
        return ask_questions(folder.resolve().name, queries, archive, progress)
    finally:
        archive.close()


def ask_questions(
    name: str, queries: Sequence[Judged], archive: Archive, progress: Progress
) -> Evaluation:
    """Ask an archive questions with judgements."""
    progress.stage(f"asking {name}", len(queries))
    # The first question loads the encoder, which is not to be measured.
    answer("warm up", archive)
    answers: list[Answer] = []
    times: list[float] = []
    run: dict[str, dict[str, float]] = {}
    for judged in queries:
        started = time.perf_counter()
        answers.append(answer(judged.text, archive))
        times.append((time.perf_counter() - started) * 1000)
        if judged.answerable:
            run[judged.query_id] = rank_documents(judged.text, archive)
        progress.advance(1)
    retrieved = score_retrieval(queries, run)
    outcomes = tuple(
        Outcome(
            query_id=judged.query_id,
            question=judged.text,
            answerable=judged.answerable,
            verdict=str(given.verdict),
            confidence=given.confidence,
            right=is_right(judged, given),
            measures={**retrieved[judged.query_id], **score_quotations(judged, given)},
            documents=tuple(run.get(judged.query_id, {}))[:_KEPT],
            quotes=tuple(
                (quote.document.doc_id, quote.span.start, quote.span.end) for quote in _shown(given)
            ),
            milliseconds=milliseconds,
        )
        for judged, given, milliseconds in zip(queries, answers, times, strict=True)
    )
    reranker = archive.reranker.settings.name if archive.reranker else None
    return Evaluation(name, fingerprint(queries, archive), reranker, outcomes)


def summarize(evaluation: Evaluation) -> dict[str, Any]:
    """Return the metrics of a set, of the schema `memcon.eval/1`.

    Undefined metrics are None; latencies are of whole answers, in milliseconds.
    """
    outcomes = evaluation.outcomes
    confidence = np.array([outcome.confidence for outcome in outcomes])
    right = np.array([outcome.right for outcome in outcomes])
    times = [outcome.milliseconds for outcome in outcomes]
    return {
        "schema": "memcon.eval/1",
        "set": evaluation.name,
        "queries": len(outcomes),
        "reranker": evaluation.reranker,
        **{name: mean([outcome.measures.get(name) for outcome in outcomes]) for name in MEASURES},
        "abstention_auroc": rounded_auroc([o.answerable for o in outcomes], confidence.tolist()),
        "calibration_error": round(calibration_error(confidence, right), 4),
        "aurc": round(area_under_risk(confidence, right), 4),
        "levels": {str(level): measure_level(outcomes, level) for level in Level},
        "latency_ms": {
            "p50": round(float(np.percentile(times, 50)), 1),
            "p99": round(float(np.percentile(times, 99)), 1),
        },
    }


def measure_level(outcomes: Sequence[Outcome], level: Level) -> dict[str, float | None]:
    """Return the shares of questions at a level, by its threshold alone.

    precision: the share of answered questions with a right quotation; has_answer: the share of
    answered questions that are answerable; coverage: the share of answerable questions that are
    answered.
    """
    said = [outcome for outcome in outcomes if outcome.confidence >= level.threshold]
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    return {
        "threshold": level.threshold,
        "precision": mean([float(outcome.right) for outcome in said]),
        "has_answer": mean([float(outcome.answerable) for outcome in said]),
        "coverage": mean([float(each.confidence >= level.threshold) for each in answerable]),
    }


def rank_documents(question: str, archive: Archive) -> dict[str, float]:
    """Return documents with decreasing scores, in the order of their best passages."""
    hits = archive.search(archive.parse_query(question), Filters(), _DEPTH)
    ranking = dict.fromkeys(hit.passage.doc_id for hit in hits)
    return {doc_id: 1.0 / rank for rank, doc_id in enumerate(ranking, start=1)}


def score_retrieval(
    queries: Sequence[Judged], run: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float | None]]:
    """Return nDCG, recall and reciprocal rank at 10 and hits at 1 of each query.

    None for queries without an answer.
    """
    import ir_measures
    from ir_measures import RR, R, Success, nDCG

    measures = dict(zip((nDCG @ 10, R @ 10, RR @ 10, Success @ 1), RETRIEVAL, strict=True))
    qrels = {
        judged.query_id: dict.fromkeys(judged.doc_ids, 1) for judged in queries if judged.answerable
    }
    scored: dict[str, dict[str, float | None]] = {
        # The library returns no row for a query without results.
        judged.query_id: dict.fromkeys(RETRIEVAL, 0.0 if judged.answerable else None)
        for judged in queries
    }
    if qrels:
        for row in ir_measures.iter_calc(list(measures), qrels, run):
            scored[row.query_id][measures[row.measure]] = float(row.value)
    return scored


def score_quotations(judged: Judged, given: Answer) -> dict[str, float | None]:
    """Score the first quotation, and the first three.

    None for a query without an answer or spans.
    """
    if not (judged.answerable and judged.answers):
        return dict.fromkeys(QUOTATION)
    right = [judged.overlaps(q.document.doc_id, q.span) for q in _shown(given)]
    return {name: float(any(right[:k])) for name, k in zip(QUOTATION, (1, 3), strict=True)}


def is_right(judged: Judged, given: Answer) -> bool:
    """Whether a quotation (a lead if there are none) answers a query."""
    return judged.answerable and any(
        judged.is_answered_by(quote.document.doc_id, quote.span) for quote in _shown(given)
    )


def rounded_auroc(positive: Sequence[bool], confidence: Sequence[float]) -> float | None:
    """Return the rounded area under ROC: how well confidence ranks the positive questions first."""
    area = area_under_roc(np.array(confidence), np.array(positive))
    return None if area is None else round(area, 4)


def _shown(given: Answer) -> tuple[Quote, ...]:
    return given.quotes or given.leads


def mean(values: Sequence[float | None]) -> float | None:
    """Return the rounded mean of the known values; None without any."""
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 4) if known else None
