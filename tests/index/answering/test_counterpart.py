from pathlib import Path

import pytest

from index.answering.answer import Answer, answer
from index.answering.counterpart import Counterpart
from index.retrieval.archive import Archive
from tests.support.archives import build
from tests.support.meeting import meeting

FERRIES = "When should the ferries carry mail?"


def beside(found: Answer, doc_id: str) -> Counterpart | None:
    """Return what stands beside the first quotation of a document."""
    pairs = zip(found.quotes, found.counterparts, strict=True)
    return next(other for quote, other in pairs if quote.document.doc_id == doc_id)


def test_a_quotation_has_the_other_sides_words_on_the_same_matter(both_sides: Archive) -> None:
    found = answer(FERRIES, both_sides)
    other = beside(found, "telegram-3")
    assert other is not None
    assert other.document.doc_id == "memorandum"
    assert other.text == "My government hopes that the ferries to Seattle can take mail from April."
    assert other.turn is not None
    assert other.turn.name == "Hosokawa Morihiro"
    assert other.context is not None


@pytest.mark.parametrize(
    ("question", "telegram"),
    [
        ("When can the ferries to Seattle take mail?", "telegram-3"),
        ("Who should count salmon off Kamchatka?", "telegram-4"),
    ],
)
def test_of_several_telegrams_the_one_on_that_matter_is_beside(
    both_sides: Archive, question: str, telegram: str
) -> None:
    other = beside(answer(question, both_sides), "memorandum")
    assert other is not None
    assert other.document.doc_id == telegram
    assert other.span is not None


def test_a_record_without_a_near_sentence_is_named_without_one(both_sides: Archive) -> None:
    other = beside(answer("When are wheat inspections discussed?", both_sides), "memorandum")
    assert other is not None
    assert other.document.doc_id == "telegram-3"
    assert (other.span, other.text, other.turn, other.context) == (None, None, None, None)


def test_what_records_no_meeting_has_no_other_side(both_sides: Archive) -> None:
    found = answer("When did otters return to Hakodate?", both_sides)
    assert beside(found, "article") is None


def test_an_answer_without_quotations_has_no_other_sides(both_sides: Archive) -> None:
    assert answer("Who won the World Series?", both_sides).counterparts == ()


def test_documents_are_found_by_the_very_day_of_their_event(both_sides: Archive) -> None:
    found = both_sides.engine.documents_on("1993-09-27")
    assert [doc_id for _, doc_id in found] == ["memorandum", "telegram-3", "telegram-4"]
    assert both_sides.engine.documents_on("1993-09-28") == []


def test_without_the_other_record_nothing_is_beside(tmp_path: Path, cache: Path) -> None:
    ours = [each for each in meeting() if each.doc_id != "memorandum"]
    archive = build(tmp_path / "archive", cache, *ours)
    assert set(answer(FERRIES, archive).counterparts) == {None}
    archive.close()
