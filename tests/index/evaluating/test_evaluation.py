import json
import math
from pathlib import Path
from typing import Any

import pytest

from corpus.documents import Span
from corpus.errors import CorpusError
from index.answering.answer import Answer, answer
from index.answering.verdict import Level
from index.evaluating.evaluation import (
    MEASURES,
    Outcome,
    is_right,
    measure_level,
    rank_documents,
    run_evaluation,
    score_quotations,
    score_retrieval,
    summarize,
)
from index.evaluating.judged_sets import Judged, fingerprint, open_set, read_queries
from index.retrieval.archive import Archive
from tests.gold import measure_abstention, measure_quotations
from tests.support.archives import Silence
from tests.support.invented import COPY, LEDGER, TELEGRAM

DOCUMENTS = [
    {"doc_id": "telegram", "title": "Harbour Talks", "text": TELEGRAM, "date": "1993-09"},
    {"doc_id": "ledger", "title": "A Ledger", "text": LEDGER, "date": ""},
    {"doc_id": "copy", "title": "", "text": COPY, "date": "long ago"},
]
KEROSENE = LEDGER.index("The keeper bought")


def judged(name: str, text: str, *doc_ids: str, at: int | None = None) -> dict[str, Any]:
    spans = [{"doc_id": doc_ids[0], "start": at, "end": at + 5, "text": ""}] if at else []
    return {
        "query_id": name,
        "text": text,
        "answerable": bool(doc_ids),
        "doc_ids": list(doc_ids),
        "answers": spans,
    }


@pytest.fixture
def own_cache(records_root: Path, tmp_path: Path) -> Path:
    """Return a cache of this test's own, so that the index of its set is not kept."""
    (tmp_path / "memcon").mkdir()
    (tmp_path / "memcon" / "models").symlink_to(records_root / "models")
    return tmp_path / "memcon" / "models"


def write(folder: Path, documents: list[Any], queries: list[Any]) -> Path:
    folder.mkdir()
    for name, rows in (("docs", documents), ("queries", queries)):
        lines = "\n".join(json.dumps(row) for row in rows)
        (folder / f"{name}.jsonl").write_text(lines + "\n", "utf-8")
    return folder


def test_a_set_is_measured(tmp_path: Path, own_cache: Path) -> None:
    barrels = "How many barrels of kerosene did the keeper buy each autumn?"
    queries = [
        judged("right", barrels, "ledger", at=KEROSENE),
        judged("wrong span", barrels, "ledger", at=LEDGER.index("He wrote")),
        judged("no span", "small shipping firms of Oregon", "telegram"),
        judged("none", "Who was Napoleon Bonaparte Starbuck?"),
    ]
    folder = write(tmp_path / "tiny", DOCUMENTS, queries)
    evaluation = run_evaluation(folder, own_cache, Silence())
    assert [outcome.right for outcome in evaluation.outcomes] == [True, False, True, False]
    measured = summarize(evaluation)
    assert measured.pop("latency_ms").keys() == {"p50", "p99"}
    levels = measured.pop("levels")
    assert [*levels] == ["strict", "balanced", "eager"]
    confidence = [outcome.confidence for outcome in evaluation.outcomes]
    off = sum(abs(c - r) for c, r in zip(confidence, (1, 0, 1, 0), strict=True)) / 4
    # The two that are asked alike share a bin, in which one is right.
    assert 0 < measured.pop("calibration_error") <= off
    assert 0 < measured.pop("aurc") < 0.5
    assert measured == {
        "schema": "memcon.eval/1",
        "set": "tiny",
        "queries": 4,
        "reranker": None,
        "ndcg@10": 1.0,
        "recall@10": 1.0,
        "mrr@10": 1.0,
        "hit@1": 1.0,
        "quote@1": 0.5,
        "quote@3": 0.5,
        "abstention_auroc": 1.0,
    }
    first = evaluation.outcomes[0]
    assert (first.query_id, first.question, first.answerable) == ("right", barrels, True)
    assert first.documents[0] == first.quotes[0][0] == "ledger"
    doc_id, start, end = first.quotes[0]
    assert (doc_id, start <= KEROSENE < end) == ("ledger", True)


def test_what_a_set_cannot_measure_is_null(tmp_path: Path, own_cache: Path) -> None:
    folder = write(tmp_path / "tiny", DOCUMENTS, [judged("none", "Who was Napoleon?")])
    measured = summarize(run_evaluation(folder, own_cache, Silence()))
    null = {name for name, value in measured.items() if value is None}
    assert null == {*MEASURES, "abstention_auroc", "reranker"}
    assert measured["levels"]["strict"]["coverage"] is None


def test_a_fingerprint_stands_for_questions_judgements_and_documents(
    tmp_path: Path, own_cache: Path
) -> None:
    queries = [judged("q", "What did the keeper buy?", "ledger", at=KEROSENE)]
    fingerprints = []
    for name, documents, asked in (
        ("one", DOCUMENTS, queries),
        ("elsewhere", DOCUMENTS, queries),
        ("fewer", DOCUMENTS[:2], queries),
        ("judged", DOCUMENTS, [judged("q", "What did the keeper buy?", "ledger")]),
    ):
        folder = write(tmp_path / name, documents, asked)
        archive = open_set(folder, own_cache, Silence())
        fingerprints.append(fingerprint(read_queries(folder), archive))
        archive.close()
    assert fingerprints[0] == fingerprints[1]
    assert len(set(fingerprints)) == 3


@pytest.mark.parametrize(
    ("docs", "queries"),
    [
        (None, ""),
        ("", None),
        ("{", ""),
        ("", "not JSON"),
        ("\n", "\n"),
        ('{"doc_id": "a"}', ""),
        ("[1]", ""),
        ('{"doc_id": "a", "text": 5}', ""),
        ('{"doc_id": "a", "text": "Rice is dear."}', '{"query_id": "q"}'),
        ('{"doc_id": "a", "text": "Rice is dear."}', ""),
        ('{"doc_id": "a", "text": "Rice is dear."}\n' * 2, json.dumps(judged("q", "Rice?", "a"))),
        ("\udcff", ""),
    ],
)
def test_what_is_no_set_is_refused(
    docs: str | None, queries: str | None, tmp_path: Path, own_cache: Path
) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    for name, text in (("docs", docs), ("queries", queries)):
        if text is not None:
            (folder / f"{name}.jsonl").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(CorpusError):
        run_evaluation(folder, own_cache, Silence())


def test_retrieval_is_measured_as_by_hand() -> None:
    queries = [
        Judged("first", "", True, ("a",), ()),
        Judged("third", "", True, ("b",), ()),
        Judged("missed", "", True, ("c",), ()),
        Judged("half", "", True, ("a", "d"), ()),
        Judged("unanswerable", "", False, (), ()),
    ]
    ranked = {"a": 1.0, "x": 0.5, "b": 0.33}
    run = dict.fromkeys(("first", "third", "missed", "half"), ranked)
    scored = score_retrieval(queries, run)
    assert scored["unanswerable"] == dict.fromkeys(MEASURES[:4])
    found = {name: [scored[query.query_id][name] for query in queries[:4]] for name in MEASURES[:4]}
    assert found == {
        "ndcg@10": [1.0, 0.5, 0.0, pytest.approx(1 / (1 + 1 / math.log2(3)))],
        "recall@10": [1.0, 1.0, 0.0, 0.5],
        "mrr@10": [1.0, pytest.approx(1 / 3), 0.0, 1.0],
        "hit@1": [1.0, 0.0, 0.0, 1.0],
    }
    assert score_retrieval(queries[:1], {}) == {"first": dict.fromkeys(MEASURES[:4], 0.0)}


def test_quotations_and_abstention_are_measured_as_by_hand(records: Archive) -> None:
    given: Answer = answer("What does the ledger say of the keeper?", records, limit=2)
    first, *others = given.quotes or given.leads
    assert others
    hit = Judged("1", "", True, ("ledger",), (("ledger", first.span),))
    second = Judged("2", "", True, ("x",), ((others[0].document.doc_id, others[0].span),))
    beside = Judged("3", "", True, ("x",), (("x", first.span), ("ledger", Span(0, 1))))
    no_span = Judged("4", "", True, ("ledger",), ())
    unknown = Judged("5", "", False, (), ())
    queries = [hit, second, beside, no_span, unknown]
    assert measure_quotations(queries, [given] * 5) == {
        "quote@1": round(1 / 3, 4),
        "quote@3": round(2 / 3, 4),
    }
    assert measure_quotations([no_span, unknown], [given] * 2) == {
        "quote@1": None,
        "quote@3": None,
    }
    assert [is_right(each, given) for each in queries] == [True, True, False, True, False]
    assert score_quotations(second, given) == {"quote@1": 0.0, "quote@3": 1.0}
    assert score_quotations(no_span, given) == {"quote@1": None, "quote@3": None}
    assert measure_abstention(queries, [given] * 5) == 0.5
    assert measure_abstention([hit, second], [given] * 2) is None
    doubtful = answer("Who was Napoleon?", records)
    assert measure_abstention([hit, unknown], [given, doubtful]) == 1.0
    assert measure_abstention([hit, unknown], [doubtful, given]) == 0.0


def outcome(confidence: float, *, answerable: bool, right: bool) -> Outcome:
    nothing = dict.fromkeys(MEASURES)
    return Outcome("q", "?", answerable, "answered", confidence, right, nothing, (), (), 1.0)


def test_a_level_is_measured_as_by_hand() -> None:
    outcomes = [
        outcome(Level.STRICT.threshold, answerable=True, right=True),
        outcome(0.99, answerable=True, right=False),
        outcome(0.99, answerable=False, right=False),
        outcome(0.0, answerable=True, right=True),
    ]
    assert measure_level(outcomes, Level.STRICT) == {
        "threshold": Level.STRICT.threshold,
        "precision": round(1 / 3, 4),
        "has_answer": round(2 / 3, 4),
        "coverage": round(2 / 3, 4),
    }


def test_a_document_counts_at_its_best_passage(records: Archive) -> None:
    ranked = rank_documents("How many barrels of kerosene each autumn?", records)
    assert sorted(ranked) == ["copy", "ledger", "telegram"]
    assert next(iter(ranked)) == "ledger"
    assert list(ranked.values()) == [1.0, 1 / 2, 1 / 3]
