import json
from pathlib import Path
from typing import Any

import pytest

from corpus.documents import Span
from corpus.errors import CorpusError
from index.answering.answer import Answer, answer
from index.evaluating.evaluation import (
    Judged,
    measure_abstention,
    measure_quotations,
    measure_retrieval,
    rank_documents,
    run_evaluation,
)
from index.retrieval.archive import Archive
from tests.conftest import Silence
from tests.index.conftest import COPY, LEDGER, TELEGRAM

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
    measured = run_evaluation(folder, own_cache, Silence())
    assert measured.pop("latency_ms").keys() == {"p50", "p99"}
    assert measured == {
        "schema": "memcon.eval/1",
        "set": "tiny",
        "queries": 4,
        "ndcg@10": 1.0,
        "recall@10": 1.0,
        "mrr@10": 1.0,
        "hit@1": 1.0,
        "quote@1": 0.5,
        "quote@3": 0.5,
        "abstention_auroc": 1.0,
    }


def test_what_a_set_cannot_measure_is_null(tmp_path: Path, own_cache: Path) -> None:
    folder = write(tmp_path / "tiny", DOCUMENTS, [judged("none", "Who was Napoleon?")])
    measured = run_evaluation(folder, own_cache, Silence())
    null = {name for name, value in measured.items() if value is None}
    assert null == {"ndcg@10", "recall@10", "mrr@10", "hit@1", "quote@1", "quote@3"} | {
        "abstention_auroc"
    }


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
    # nDCG: 1, 1/log2(4), 0, 1/(1 + 1/log2(3)).
    assert measure_retrieval(queries, run) == {
        "ndcg@10": round((1 + 0.5 + 0 + 0.613147) / 4, 4),
        "recall@10": round((1 + 1 + 0 + 0.5) / 4, 4),
        "mrr@10": round((1 + 1 / 3 + 0 + 1) / 4, 4),
        "hit@1": 0.5,
    }


def test_quotations_and_abstention_are_measured_as_by_hand(records: Archive) -> None:
    given: Answer = answer("Where was the ledger of the lighthouse found?", records, limit=2)
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
    assert measure_abstention(queries, [given] * 5) == 0.5
    assert measure_abstention([hit, second], [given] * 2) is None
    doubtful = answer("Who was Napoleon?", records)
    assert measure_abstention([hit, unknown], [given, doubtful]) == 1.0
    assert measure_abstention([hit, unknown], [doubtful, given]) == 0.0


def test_a_document_counts_at_its_best_passage(records: Archive) -> None:
    ranked = rank_documents("How many barrels of kerosene each autumn?", records)
    assert sorted(ranked) == ["copy", "ledger", "telegram"]
    assert next(iter(ranked)) == "ledger"
    assert list(ranked.values()) == [1.0, 1 / 2, 1 / 3]
