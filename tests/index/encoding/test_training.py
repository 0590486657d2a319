"""Training the adapter: rows from an archive, and one step that learns."""

from pathlib import Path

import numpy as np

from corpus.documents import Span
from index.encoding.adapter import read_adapter
from index.encoding.encoder import PassageText
from index.evaluating.judged_sets import Judged
from index.retrieval.archive import Archive
from tests.support.invented import LEDGER
from tests.tools.train.rows import OWN_QUESTIONS, Row, hash_sentence, read_own, read_set_rows


def make_rows(count: int) -> list[Row]:
    things = ["salt", "oil", "rice", "tea", "coal", "wool", "silk", "iron"] * (count // 8)
    rows = []
    for number, thing in enumerate(things):
        first, second = f"The {thing} came in spring.", f"It cost {number + 2} crowns."
        text = f"{first} {second}"
        spans = (Span(0, len(first)), Span(len(first) + 1, len(text)))
        rows.append(
            Row(
                question=f"What did the {thing} of shipment {number} cost?",
                group="harbour",
                passage_id=str(number),
                doc_ids=(f"d{number}",),
                passage=PassageText(f"Shipment {number}", text, spans),
                right=(1,),
                wrong=((PassageText("", "No ship came.", (Span(0, 13),)), "elsewhere"),),
                near=(f"Who brought the {thing}?",) if number % 2 else (),
            )
        )
    return rows


def test_a_step_of_training_makes_an_adapter(tmp_path: Path) -> None:
    # It imports torch, which takes seconds: not while tests are collected.
    from tests.tools.train.__main__ import BATCH, compare, save, train

    model = train(make_rows(BATCH), steps=1)
    save(model, tmp_path / "a.npz")
    changes = read_adapter(tmp_path / "a.npz")
    assert len(changes) == 36
    # The outer matrices begin as nothing, so that nothing but learning makes a change.
    assert any(np.abs(outer).max() > 0 for _, outer in changes.values())
    assert compare(tmp_path / "a.npz", tmp_path / "a.npz") > 1 - 1e-5


def test_rows_have_the_passage_that_answers_and_wrong_ones(records: Archive) -> None:
    start = LEDGER.index("The ledger was found")
    judged = Judged(
        "q", "Where was the ledger found?", True, ("ledger",), (("ledger", Span(start, start + 9)),)
    )
    (row,) = read_set_rows(records, [judged])
    (right,) = row.right
    assert row.passage.sentences[right].of(row.passage.text).startswith("The ledger was found")
    assert row.wrong
    assert all(doc_id != "ledger" for _, doc_id in row.wrong)


def test_questions_that_ship_are_about_no_archive_of_another_kind(records: Archive) -> None:
    assert read_own(records) == ([], {})
    assert len(OWN_QUESTIONS.read_text("utf-8").splitlines()) > 2000
    assert hash_sentence("The  lamp\nburned.") == hash_sentence("The lamp burned.")
