from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from index.answering import quotations
from index.answering.answer import Answer, answer
from index.answering.receipts import Reranked, find_receipt, keep_receipt, make_receipt, replay
from index.encoding.calibration import Calibration
from index.encoding.crossencoder import CrossEncoder, CrossEncoderSettings
from index.retrieval import archive as archives
from index.retrieval import reranking
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.retrieval.reranking import make_text, rerank

QUESTION = "How many barrels of kerosene did the keeper buy each autumn?"


class Counting:
    """Likes texts by how often they have a word."""

    def __init__(self, word: str, weight: float = 10.0) -> None:
        self.word, self.weight = word, weight
        self.read: list[str] = []
        self.expected = QUESTION
        self.calibration: Calibration | None = None
        self.settings = CrossEncoderSettings(f"counts {word}", "float32", 1.0, 64, word * 2)

    def score(self, question: str, texts: Sequence[str]) -> NDArray[np.float64]:
        assert self.expected in question
        self.read += texts
        return np.array([self.weight * text.count(self.word) for text in texts], np.float64)


def counting(word: str, weight: float = 10.0) -> CrossEncoder:
    return cast("CrossEncoder", Counting(word, weight))


@pytest.fixture
def reread(records_root: Path, reranker: CrossEncoder) -> Iterator[Archive]:
    archive = Archive(records_root, reranker=reranker)
    yield archive
    archive.close()


def test_passages_are_in_the_order_of_the_reranker(records: Archive, reread: Archive) -> None:
    plain = records.search(records.parse_query(QUESTION), Filters(), 50)
    hits = reread.search(reread.parse_query(QUESTION), Filters(), 50)
    assert reread.reranker
    texts = {
        hit.number: make_text(records.document(hit.passage.doc_id), hit.passage, hit.passage.span)
        for hit in plain
    }
    scores = {n: reread.reranker.score(QUESTION, [text])[0] for n, text in texts.items()}
    assert len(set(scores.values())) > 3
    assert [hit.number for hit in hits] == sorted(scores, key=lambda number: -scores[number])
    assert [hit.number for hit in hits] != [hit.number for hit in plain]
    assert [hit.rank for hit in hits] == list(range(1, len(plain) + 1))
    assert [hit.relevance for hit in hits] == sorted(scores.values(), reverse=True)
    assert {hit.relevance for hit in plain} == {None}


def test_few_are_chosen_from_all_that_are_read_again(reread: Archive) -> None:
    every = reread.search(reread.parse_query(QUESTION), Filters(), 50)
    assert reread.search(reread.parse_query(QUESTION), Filters(), 2) == every[:2]


def test_only_the_first_are_read_and_equal_ones_stay_as_they_were(
    records: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (reranking, archives):
        monkeypatch.setattr(module, "REREAD", 3)
    hits = records.search(records.parse_query(QUESTION), Filters(), 50)
    model = Counting("no such word")
    found = rerank(cast("CrossEncoder", model), QUESTION, hits, records.document)
    assert len(model.read) == 3
    assert [hit.number for hit in found] == [hit.number for hit in hits]
    assert [hit.relevance for hit in found] == [0.0] * 3 + [None] * (len(hits) - 3)
    assert rerank(cast("CrossEncoder", model), QUESTION, [], records.document) == []


def test_the_reranker_is_told_whose_words_it_reads(records: Archive) -> None:
    query = records.parse_query("harbour dues")
    hit = next(
        hit for hit in records.search(query, Filters(), 50) if hit.passage.doc_id == "telegram"
    )
    text = make_text(records.document("telegram"), hit.passage, hit.passage.sentences[0])
    context, words = text.split("\n")
    assert context.startswith("Harbour Talks (Separate Telegram 2) - ")
    assert hit.passage.turn
    assert context.endswith(hit.passage.turn.speaker)
    assert words == hit.passage.sentences[0].of(records.document("telegram").text)


def test_sentences_are_chosen_by_both(records: Archive) -> None:
    plain = answer(QUESTION, records)
    assert "forty barrels" in (plain.quotes or plain.leads)[0].text
    records.reranker = counting("Whale", 30.0)
    other = answer(QUESTION, records)
    assert "Whale oil burned" in (other.quotes or other.leads)[0].text
    # What is only a little in favour of another sentence does not outweigh the rest.
    records.reranker = counting("Whale", 0.01)
    same = answer(QUESTION, records)
    assert [q.span for q in same.quotes or same.leads] == [
        q.span for q in plain.quotes or plain.leads
    ]
    assert same.confidence == plain.confidence
    assert other.confidence < plain.confidence


def test_a_calibrated_reranker_counts_for_confidence(records: Archive) -> None:
    plain = answer(QUESTION, records)
    model = Counting("forty")
    records.reranker = cast("CrossEncoder", model)
    same = answer(QUESTION, records)
    assert same.confidence == plain.confidence
    quote = (same.quotes or same.leads)[0]
    assert (quote.relevance, quote.ahead) == (10.0, 10.0)
    found = {}
    for weight in (0.0, 0.3):
        model.calibration = Calibration("", "", 1, 1.0, weight, 0.0, -1.5)
        found[weight] = answer(QUESTION, records)
    assert found[0.0].confidence < plain.confidence < found[0.3].confidence
    assert [q.span for q in (found[0.3].quotes or found[0.3].leads)] == [
        q.span for q in same.quotes or same.leads
    ]
    # How doubtful an answer may be does not depend on the reranker.
    model.calibration = Calibration("", "", 1, 1.0, 0.0, 0.0, -20.0)
    assert answer(QUESTION, records).verdict == "not_found"


def test_what_no_calibration_was_fitted_on_is_judged_without_it(records: Archive) -> None:
    model = Counting("forty")
    model.expected = ""
    records.reranker = cast("CrossEncoder", model)
    before = [answer(words, records).confidence for words in ("lamp oil", "ใครเป็นคนเฝ้าประภาคาร")]
    model.calibration = Calibration("", "", 1, 1.0, 1.0, 1.0, -5.0)
    assert before == [
        answer(words, records).confidence for words in ("lamp oil", "ใครเป็นคนเฝ้าประภาคาร")
    ]


def test_a_reranker_has_nothing_to_be_ahead_of_in_one_sentence() -> None:
    assert quotations._ahead(np.array([0.4]), 0) == 0
    assert quotations._ahead(np.array([0.4, 0.9, 0.1]), 0) == pytest.approx(-0.5)


def test_quotations_are_stored_words_and_the_same_each_time(reread: Archive) -> None:
    def shown(given: Answer) -> list[tuple[str, int, int, str]]:
        return [
            (q.document.doc_id, q.span.start, q.span.end, q.text)
            for q in given.quotes or given.leads
        ]

    once, again = answer(QUESTION, reread), answer(QUESTION, reread)
    assert shown(once) == shown(again) != []
    assert once.confidence == again.confidence
    for doc_id, start, end, text in shown(once):
        assert reread.document(doc_id).text[start:end] == text


def test_a_receipt_knows_the_reranker(records: Archive, tmp_path: Path) -> None:
    plain = make_receipt(answer(QUESTION, records), 3)
    assert plain.reranker is None
    records.reranker = counting("Whale", 30.0)
    given = make_receipt(answer(QUESTION, records), 3)
    assert given.reranker == Reranked("counts Whale", "WhaleWhale")
    assert given.receipt_id != plain.receipt_id
    keep_receipt(tmp_path, given)
    kept = find_receipt(tmp_path, given.receipt_id)
    assert kept == given
    assert replay(kept, records).changes == ()
    records.reranker = None
    assert replay(kept, records).changes[0] == "The reranker was counts Whale, is none."
    recalibrated = Counting("Whale")
    recalibrated.settings = replace(recalibrated.settings, calibrated="1993")
    recalibrated.calibration = Calibration("", "", 1, 1.0, 0.0, 0.0, -20.0)
    records.reranker = cast("CrossEncoder", recalibrated)
    changes = replay(replace(kept, verdict="answered"), records).changes
    assert changes[0] == (
        "The reranker counts Whale counts for confidence otherwise: it was calibrated since."
    )
    altered = Counting("ledger")
    altered.settings = CrossEncoderSettings("counts Whale", "float32", 1.0, 64, "other")
    records.reranker = cast("CrossEncoder", altered)
    changes = replay(kept, records).changes
    assert changes[0] == ("The reranker counts Whale is another than then: its files have changed.")
    assert not any("this memcon chooses otherwise" in change for change in changes)


def test_receipts_from_before_there_were_rerankers_keep_their_names(
    records: Archive, tmp_path: Path
) -> None:
    import json
    import sqlite3

    receipt = make_receipt(answer(QUESTION, records), 3)
    keep_receipt(tmp_path, receipt)
    with sqlite3.connect(tmp_path / "receipts.sqlite") as connection:
        ((row,),) = connection.execute("SELECT receipt FROM receipts").fetchall()
        known = json.loads(row)
        del known["reranker"]
        connection.execute("UPDATE receipts SET receipt = ?", (json.dumps(known),))
    connection.close()
    found = find_receipt(tmp_path, receipt.receipt_id)
    assert found == receipt
    assert found.receipt_id == receipt.receipt_id
