"""Evaluation: how well the index retrieves, quotes and abstains on questions with judgements.

A document counts at the rank of its best passage. A quotation is right when it overlaps an answer's
span in the right document, or is of a right document where a set knows no spans. Every measure is
kept question by question, so that two runs can be compared.
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
from index.evaluating.calibration import area_under_risk, calibration_error
from index.evaluating.judged_sets import Judged, fingerprint, open_set, read_queries
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.storage.inventory import Progress

RETRIEVAL = ("ndcg@10", "recall@10", "mrr@10", "hit@1")
QUOTATION = ("quote@1", "quote@3")
MEASURES = (*RETRIEVAL, *QUOTATION)

# How far a run is followed: metrics look at ten documents, which may be many passages down.
_DEPTH = 100
_KEPT = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one question was answered, and how good that is.

    `right` tells whether one of the quotations, or of the leads where it has none, answers it.
    `measures` are those of `MEASURES`, None where the question cannot measure it. `documents` are
    the first ten, `quotes` where the quotations stand: document, start and end.

    Of a questionnaire (`index.evaluating.questionnaire_runs`), `right` goes by the first of these
    alone, and there are the `kind` of question, how far it came (`stage`), the `rank` of the first
    right passage of a hundred, how it was asked (`asked_as`) and their words (`texts`).
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
    """The outcomes of a set; `fingerprint` stands for its questions, judgements and documents.

    `reranker` is the name of the model that read the best passages again, if any.
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
    """Ask the questions of the set in `folder`, whose index is kept under `cache`.

    `model` is the encoder. Raises CorpusError for a folder that is no set, ModelUnavailable.
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
    """Ask an archive questions with judgements, and return how each was answered."""
    progress.stage(f"asking {name}", len(queries))
    # The first question pays for loading the encoder; it is not what is measured here.
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

    Metrics that a set cannot measure are None; latencies are of whole answers, in milliseconds.
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
        "abstention_auroc": area_under_roc([o.answerable for o in outcomes], confidence.tolist()),
        "calibration_error": round(calibration_error(confidence, right), 4),
        "aurc": round(area_under_risk(confidence, right), 4),
        "levels": {str(level): measure_level(outcomes, level) for level in Level},
        "latency_ms": {
            "p50": round(float(np.percentile(times, 50)), 1),
            "p99": round(float(np.percentile(times, 99)), 1),
        },
    }


def measure_level(outcomes: Sequence[Outcome], level: Level) -> dict[str, float | None]:
    """Return what a level answers, going by its threshold alone.

    precision: the share of what is answered with a right quotation; has_answer: the share of what
    is answered that the archive has an answer to; coverage: the share of what the archive has an
    answer to that is answered.
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
    """Return documents with falling scores, in the order of their best passages."""
    hits = archive.search(archive.parse_query(question), Filters(), _DEPTH)
    ranking = dict.fromkeys(hit.passage.doc_id for hit in hits)
    return {doc_id: 1.0 / rank for rank, doc_id in enumerate(ranking, start=1)}


def score_retrieval(
    queries: Sequence[Judged], run: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float | None]]:
    """Return nDCG, recall and reciprocal rank at 10 and hits at 1 of each query.

    None for those that have no answer.
    """
    import ir_measures
    from ir_measures import RR, R, Success, nDCG

    measures = dict(zip((nDCG @ 10, R @ 10, RR @ 10, Success @ 1), RETRIEVAL, strict=True))
    qrels = {
        judged.query_id: dict.fromkeys(judged.doc_ids, 1) for judged in queries if judged.answerable
    }
    scored: dict[str, dict[str, float | None]] = {
        # What retrieves nothing is no row of the library's.
        judged.query_id: dict.fromkeys(RETRIEVAL, 0.0 if judged.answerable else None)
        for judged in queries
    }
    if qrels:
        for row in ir_measures.iter_calc(list(measures), qrels, run):
            scored[row.query_id][measures[row.measure]] = float(row.value)
    return scored


def score_quotations(judged: Judged, given: Answer) -> dict[str, float | None]:
    """Return whether the first quotation, or one of three, is right.

    None for a query without an answer, or without spans.
    """
    if not (judged.answerable and judged.answers):
        return dict.fromkeys(QUOTATION)
    right = [_overlaps(judged, quote) for quote in _shown(given)]
    return {name: float(any(right[:k])) for name, k in zip(QUOTATION, (1, 3), strict=True)}


def is_right(judged: Judged, given: Answer) -> bool:
    """Tell whether one of the quotations, or of the leads where there are none, answers a query."""
    if judged.answers:
        return judged.answerable and any(_overlaps(judged, quote) for quote in _shown(given))
    return judged.answerable and any(
        quote.document.doc_id in judged.doc_ids for quote in _shown(given)
    )


def measure_quotations(
    queries: Sequence[Judged], answers: Sequence[Answer]
) -> dict[str, float | None]:
    """Return for what share of the answerable queries with spans quotations are right."""
    scored = [score_quotations(*pair) for pair in zip(queries, answers, strict=True)]
    return {name: mean([each[name] for each in scored]) for name in QUOTATION}


def measure_abstention(queries: Sequence[Judged], answers: Sequence[Answer]) -> float | None:
    """Return how well confidence orders answerable above unanswerable queries (area under ROC)."""
    return area_under_roc(
        [judged.answerable for judged in queries], [given.confidence for given in answers]
    )


def area_under_roc(answerable: Sequence[bool], confidence: Sequence[float]) -> float | None:
    """Return how well confidence orders some questions above the others (area under ROC)."""
    from sklearn.metrics import roc_auc_score

    if len(set(answerable)) < 2:
        return None
    return round(float(roc_auc_score(answerable, confidence)), 4)


def _shown(given: Answer) -> tuple[Quote, ...]:
    return given.quotes or given.leads


def _overlaps(judged: Judged, quote: Quote) -> bool:
    return any(
        quote.document.doc_id == doc_id and quote.span.overlaps(span)
        for doc_id, span in judged.answers
    )


def mean(values: Sequence[float | None]) -> float | None:
    """Return the mean of the values that are known, rounded; None where none is."""
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), 4) if known else None
