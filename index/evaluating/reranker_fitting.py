"""Calibrating a reranker's scores for confidence, and measuring the gain.

A logistic regression on cases for confidence (`index.evaluating.cases`): memcon's own log-odds, the
reranker's score of the quoted sentence, and its lead over the next best. Weights are regularised
towards memcon without a reranker, so that few questions change little; a score never counts
negatively.
"""

import json
import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.errors import CorpusError
from index.answering.quotations import Quote
from index.answering.verdict import estimate
from index.encoding.background import read_extracts
from index.encoding.calibration import Calibration
from index.encoding.crossencoder import CrossEncoder
from index.evaluating.calibration import area_under_roc
from index.evaluating.cases import Case, find_cases
from index.evaluating.judged_sets import Judged, open_set, read_queries
from index.evaluating.questionnaires import Questionnaire
from index.retrieval.archive import Archive
from index.storage.inventory import Progress
from index.weights import identity, weights

# The weight of a case with the answering documents left out: people's own questions without an
# answer are more realistic.
LEFT_OUT = 0.5
# The assumed share of right best quotations, whatever that of the sets: confidence is one half if a
# quotation is as likely to answer as not.
RIGHT = 0.5
# The strength of the regularisation, of standardised scores.
_HELD = 3.0
_PARTS = 5
_ROUNDED = 5

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A calibration, and how well confidence ranks right answers above others (AUROC).

    `without` is for memcon by itself, `within` with the reranker, by cross-validation.
    """

    calibration: Calibration
    without: float
    within: float


def calibrate(
    reranker: CrossEncoder,
    folders: Sequence[Path],
    cache: Path,
    progress: Progress,
    questionnaires: Iterable[tuple[Questionnaire, Archive]] = (),
) -> Calibrated:
    """Fit a reranker's calibration on the questions that ship and on others.

    `folders` are sets with documents of their own; the archives of `questionnaires` were opened
    with the reranker. Raises CorpusError for a folder that is no set.
    """
    cases = [
        case
        for folder in (write_extracts(cache.parent / "sets" / "extracts"), *folders)
        for case in _ask_set(folder, reranker, cache, progress)
    ]
    for questionnaire, archive in questionnaires:
        cases += _ask_questionnaire(questionnaire, archive, progress)
    right = np.array([case.right for case in cases])
    if right.all() or not right.any():
        raise CorpusError("Nothing can be calibrated: all questions were answered alike.")
    table = np.array([_row(case) for case in cases])
    count = _weigh(cases)
    part = np.array([zlib.crc32(case.query_id.encode()) % _PARTS for case in cases])
    with_it = np.empty(len(cases))
    for number in range(_PARTS):
        inside = part == number
        known = _fit(table[~inside], right[~inside], count[~inside])
        with_it[inside] = known[0] + table[inside] @ known[1:]
    intercept, *slopes = (round(float(each), _ROUNDED) for each in _fit(table, right, count))
    return Calibrated(
        Calibration(
            sha256=reranker.settings.sha256,
            weights=identity(),
            cases=len(cases),
            confidence=slopes[0],
            relevance=slopes[1],
            margin=slopes[2],
            intercept=intercept,
        ),
        without=area_under_roc(table[:, 0], right) or 0.0,
        within=area_under_roc(with_it, right) or 0.0,
    )


def write_extracts(folder: Path) -> Path:
    """Write the extracts that ship with memcon as a set; returns its folder."""
    documents, queries = [], []
    for number, each in enumerate(read_extracts()):
        # In one group, so that names can be swapped between them.
        doc_id = f"extracts/{number:02}"
        documents.append({"doc_id": doc_id, "title": each.title, "text": each.text, "date": ""})
        answer = each.sentences[1]
        span = {"doc_id": doc_id, "start": answer.start, "end": answer.end, "text": each.answer}
        for name, text, answers in (
            ("question", each.question, [span]),
            ("trap", each.trap, []),
        ):
            queries.append(
                {
                    "query_id": f"{number:02}/{name}",
                    "text": text,
                    "answerable": bool(answers),
                    "doc_ids": [doc_id] if answers else [],
                    "answers": answers,
                }
            )
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("docs", documents), ("queries", queries)):
        lines = "".join(f"{json.dumps(row)}\n" for row in rows)
        path = folder / f"{name}.jsonl"
        # An unchanged file keeps its time, and is not indexed again.
        if not path.is_file() or path.read_text("utf-8") != lines:
            path.write_text(lines, "utf-8")
    return folder


def _ask_set(folder: Path, reranker: CrossEncoder, cache: Path, progress: Progress) -> list[Case]:
    queries = read_queries(folder)
    archive = open_set(folder, cache, progress, reranker)
    progress.stage(f"asking {folder.resolve().name}", len(queries))
    try:
        return _choose(find_cases(archive, queries), progress)
    finally:
        archive.close()


def _ask_questionnaire(
    questionnaire: Questionnaire, archive: Archive, progress: Progress
) -> list[Case]:
    items = {item.item_id: item for item in questionnaire.items}
    # Questionnaires have the names of documents in lower case.
    known = {doc_id.lower(): doc_id for doc_id, *_ in archive.list_documents()}
    queries = [
        Judged(
            query_id=item.item_id,
            text=item.question,
            answerable=item.answerable and any(doc_id in known for doc_id in item.doc_ids),
            doc_ids=tuple(known[doc_id] for doc_id in item.doc_ids if doc_id in known),
            answers=(),
        )
        for item in questionnaire.items
    ]

    def is_right(judged: Judged, quote: Quote) -> bool:
        return items[judged.query_id].is_right(quote.document.doc_id, quote.text)

    progress.stage(f"asking {questionnaire.name}", len(queries))
    return _choose(find_cases(archive, queries, is_right=is_right), progress)


def _choose(cases: Iterable[Case], progress: Progress) -> list[Case]:
    """Return the cases that a calibration applies to: questions in a language of the encoder."""
    chosen, asked = [], set()
    for case in cases:
        if case.query_id not in asked:
            asked.add(case.query_id)
            progress.advance(1)
        if case.model == "question" and case.relevance is not None:
            chosen.append(case)
    return chosen


def _row(case: Case) -> tuple[float, float, float]:
    """Return memcon's own log-odds, the reranker's score, and its lead."""
    confidence = estimate(case.evidence, weights("confidence", case.model))
    return math.log(confidence / (1 - confidence)), case.relevance or 0.0, case.ahead


def _weigh(cases: Sequence[Case]) -> Numbers:
    """Return the weights of cases, as for memcon's own confidence."""
    count = np.array([LEFT_OUT if case.kind == "left out" else 1.0 for case in cases])
    answerable = np.array([case.answerable for case in cases])
    without = count[~answerable].sum()
    if without and answerable.any():
        count[answerable] *= RIGHT / (1 - RIGHT) * without / answerable.sum()
    scaled: Numbers = count * len(cases) / count.sum()
    return scaled


def _fit(table: Numbers, right: NDArray[np.bool_], count: Numbers) -> Numbers:
    """Return the intercept and the weights of the columns of a table."""
    from scipy.optimize import minimize

    mean, scale = table.mean(axis=0), table.std(axis=0)
    scale = np.where(scale > 1e-9, scale, 1.0)
    scaled = (table - mean) / scale
    # Memcon by itself: its own log-odds with the weight 1.
    start = np.array([mean[0], scale[0], 0.0, 0.0])

    def loss(known: Numbers) -> tuple[float, Numbers]:
        total = known[0] + scaled @ known[1:]
        held = known - start
        held[0] = 0.0
        cost = count @ (np.logaddexp(0, total) - right * total) + _HELD * held @ held / 2
        slope = count * (1 / (1 + np.exp(-total)) - right)
        return float(cost), np.concatenate([[slope.sum()], scaled.T @ slope]) + _HELD * held

    bounds = [(None, None), (0.0, None), (0.0, None), (0.0, None)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    slopes = found[1:] / scale
    return np.array([found[0] - slopes @ mean, *slopes])
