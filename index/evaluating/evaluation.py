"""Evaluation: how well the index retrieves, quotes and abstains on a set with judgements.

A set is a folder with two files of one JSON object a line:

    docs.jsonl      doc_id, title, text, date (may be empty)
    queries.jsonl   query_id, text, answerable, doc_ids, answers: [{doc_id, start, end, text}]

A document counts at the rank of its best passage. A quotation is right when it overlaps an answer's
span in the right document.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from corpus.dates import parse_date
from corpus.documents import Document, Provenance, Span
from corpus.errors import CorpusError, UnreadableSource, UsageError
from corpus.readers import Reading
from corpus.sources import make_document
from index.answering.answer import Answer, answer
from index.building.build import build_archive
from index.encoding.encoder import DEFAULT_MODEL
from index.retrieval.archive import Archive
from index.retrieval.search import Filters, clean_question
from index.storage.inventory import Progress, survey

# How far a run is followed: metrics look at ten documents, which may be many passages down.
_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with its judgements: the documents that answer it, and the spans where known."""

    query_id: str
    text: str
    answerable: bool
    doc_ids: tuple[str, ...]
    answers: tuple[tuple[str, Span], ...]


def run_evaluation(folder: Path, cache: Path, progress: Progress) -> dict[str, Any]:
    """Return the metrics of the set in `folder`, of the schema `memcon.eval/1`.

    The set's index is kept under `cache`. Metrics that a set cannot measure are None; latencies are
    of whole answers, in milliseconds. Raises CorpusError for a folder that is no set.
    """
    queries = read_queries(folder)
    archive = open_set(folder, cache, progress)
    progress.stage("asking", len(queries))
    run: dict[str, dict[str, float]] = {}
    answers: list[Answer] = []
    latencies: list[float] = []
    # The first question pays for loading the encoder; it is not what is measured here.
    answer("warm up", archive)
    for judged in queries:
        started = time.perf_counter()
        answers.append(answer(judged.text, archive))
        latencies.append((time.perf_counter() - started) * 1000)
        if judged.answerable:
            run[judged.query_id] = rank_documents(judged.text, archive)
        progress.advance(1)
    archive.close()
    return {
        "schema": "memcon.eval/1",
        "set": folder.resolve().name,
        "queries": len(queries),
        **measure_retrieval(queries, run),
        **measure_quotations(queries, answers),
        "abstention_auroc": measure_abstention(queries, answers),
        "latency_ms": {
            "p50": round(float(np.percentile(latencies, 50)), 1),
            "p99": round(float(np.percentile(latencies, 99)), 1),
        },
    }


def open_set(folder: Path, cache: Path, progress: Progress) -> Archive:
    """Return the archive of a set's documents, built under `cache` where it is not yet.

    Raises CorpusError for a folder that is no set.
    """
    key = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    root = cache.parent / "sets" / f"{folder.resolve().name}-{key}"
    judged_set = survey([_JudgedSet(folder)], (str(folder.resolve()),), [], progress)
    build_archive(root, judged_set, model=DEFAULT_MODEL, cache=cache, progress=progress)
    return Archive(root)


def read_queries(folder: Path) -> list[Judged]:
    """Return the questions of a set; raises CorpusError for a folder that is no set."""
    queries = list(_read_queries(folder))
    if not queries:
        raise CorpusError(f"{folder} has no queries.")
    return queries


def rank_documents(question: str, archive: Archive) -> dict[str, float]:
    """Return documents with falling scores, in the order of their best passages."""
    hits = archive.search(archive.ask(question), Filters(), _DEPTH)
    ranking = dict.fromkeys(hit.passage.doc_id for hit in hits)
    return {doc_id: 1.0 / rank for rank, doc_id in enumerate(ranking, start=1)}


def measure_retrieval(
    queries: Sequence[Judged], run: dict[str, dict[str, float]]
) -> dict[str, float | None]:
    """Return nDCG, recall and reciprocal rank at 10 and hits at 1, over answerable queries."""
    import ir_measures
    from ir_measures import RR, R, Success, nDCG

    qrels = {
        judged.query_id: dict.fromkeys(judged.doc_ids, 1) for judged in queries if judged.answerable
    }
    measures = {"ndcg@10": nDCG @ 10, "recall@10": R @ 10, "mrr@10": RR @ 10, "hit@1": Success @ 1}
    if not qrels:
        return dict.fromkeys(measures)
    measured = ir_measures.calc_aggregate(list(measures.values()), qrels, run)
    return {name: round(measured[measure], 4) for name, measure in measures.items()}


def measure_quotations(
    queries: Sequence[Judged], answers: Sequence[Answer]
) -> dict[str, float | None]:
    """Return for how many answerable queries with spans the first, or one of three, is right."""
    right = []
    for judged, given in zip(queries, answers, strict=True):
        if judged.answerable and judged.answers:
            quotes = given.quotes or given.leads
            right.append(
                [
                    any(
                        quote.document.doc_id == doc_id and quote.span.overlaps(span)
                        for doc_id, span in judged.answers
                    )
                    for quote in quotes
                ]
            )
    if not right:
        return {"quote@1": None, "quote@3": None}
    return {
        f"quote@{k}": round(sum(any(each[:k]) for each in right) / len(right), 4) for k in (1, 3)
    }


def measure_abstention(queries: Sequence[Judged], answers: Sequence[Answer]) -> float | None:
    """Return how well confidence orders answerable above unanswerable queries (area under ROC)."""
    from sklearn.metrics import roc_auc_score

    answerable = [judged.answerable for judged in queries]
    if len(set(answerable)) < 2:
        return None
    return round(float(roc_auc_score(answerable, [given.confidence for given in answers])), 4)


@dataclass(frozen=True, slots=True)
class _JudgedSet:
    """The documents of a set, as one source."""

    folder: Path

    @property
    def name(self) -> str:
        return "docs.jsonl"

    @property
    def label(self) -> str:
        return str(self.folder / self.name)

    def state(self) -> tuple[int, int]:
        try:
            status = (self.folder / self.name).stat()
        except OSError as error:
            raise _no_set(self.folder / self.name) from error
        return status.st_size, status.st_mtime_ns

    def fetch(self) -> bytes:
        try:
            return (self.folder / self.name).read_bytes()
        except OSError as error:
            raise _no_set(self.folder / self.name) from error

    def read(self, data: bytes) -> Iterator[Document]:
        seen = set()
        documents = []
        for where, row in _parse_rows(self.folder / self.name, data):
            try:
                doc_id, title, text = row["doc_id"], row.get("title") or None, row["text"]
                provenance = Provenance(title=title, document_date=_read_date(row.get("date")))
                document = make_document(doc_id, self.name, Reading(text, provenance))
            except (KeyError, TypeError, AttributeError) as error:
                raise CorpusError(f"{where} is no document with doc_id, title and text.") from error
            if doc_id in seen:
                raise CorpusError(f"{where} has the doc_id of an earlier one, {doc_id!r}.")
            seen.add(doc_id)
            documents.append(document)
        # Of equal scores the first document wins: it must not depend on the order of lines.
        yield from sorted(documents, key=lambda document: document.doc_id)


def _read_date(words: str | None) -> str | None:
    try:
        return parse_date(words, "date") if words else None
    except UnreadableSource:
        return None


def _read_queries(folder: Path) -> Iterator[Judged]:
    for where, row in _read_rows(folder / "queries.jsonl"):
        try:
            yield Judged(
                query_id=str(row["query_id"]),
                text=clean_question(row["text"]),
                answerable=bool(row["answerable"]),
                doc_ids=tuple(row["doc_ids"]),
                answers=tuple(
                    (item["doc_id"], Span(item["start"], item["end"])) for item in row["answers"]
                ),
            )
        except (KeyError, TypeError, AttributeError, UsageError) as error:
            raise CorpusError(f"{where} is no query with judgements.") from error


def _read_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield where each row is, for messages, and the row."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _no_set(path) from error
    yield from _parse_rows(path, data)


def _parse_rows(path: Path, data: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError as error:
        raise _no_set(path) from error
    for number, line in enumerate(lines, start=1):
        where = f"{path}, line {number},"
        if not line.strip():
            continue
        try:
            yield where, json.loads(line)
        except ValueError as error:
            raise CorpusError(f"{where} is not JSON.") from error


def _no_set(path: Path) -> CorpusError:
    return CorpusError(
        f"{path} cannot be read: a set is a folder with docs.jsonl and queries.jsonl."
    )
