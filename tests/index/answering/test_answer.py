import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import UsageError
from corpus.ingest.sources import bundled_collection
from index.answering.answer import LIMIT, Answer, answer
from index.answering.leads import LEADS
from index.answering.verdict import Verdict
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters

WORDS = sorted(
    {
        word
        for path in bundled_collection().glob("*.md")
        for word in re.findall(r"[\w.’'-]+", path.read_text("utf-8"))
    }
)


def check(given: Answer, archive: Archive) -> None:
    assert bool(given.quotes) == (given.verdict is Verdict.ANSWERED)
    assert not (given.quotes and given.leads)
    for quote in (*given.quotes, *given.leads):
        stored = archive.document(quote.document.doc_id)
        assert stored == quote.document
        assert quote.text == stored.text[quote.span.start : quote.span.end]
        assert quote.text == quote.text.strip() != ""
        assert not any(r.span.overlaps(quote.span) for r in stored.structure.redactions)
        assert quote.turn is None or quote.turn.span.holds(quote.span)


@settings(max_examples=15)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=10).map(" ".join))
def test_every_quotation_is_what_its_document_says(bundled: Archive, question: str) -> None:
    answered = answer(question, bundled)
    assert len(answered.quotes) <= LIMIT
    assert len(answered.leads) <= LEADS
    assert 0 <= answered.confidence <= 1
    check(answered, bundled)


@settings(max_examples=15)
@given(st.text(st.characters(), max_size=60))
def test_any_question_is_answered_or_refused(bundled: Archive, question: str) -> None:
    try:
        answered = answer(question, bundled)
    except UsageError:
        return
    check(answered, bundled)


@pytest.mark.parametrize(
    "question",
    ["Who translated the records into English?", "What is Super 301?", "🙂", "誰が翻訳したか"],
)
def test_the_same_question_has_the_same_answer(
    question: str, bundled: Archive, bundled_root: Path
) -> None:
    first = answer(question, bundled)
    assert answer(question, bundled) == first
    other = Archive(bundled_root)
    assert answer(question, other) == first
    other.close()


def test_an_answer_says_what_was_asked_and_searched(bundled: Archive) -> None:
    filters = Filters.parse(date_from="1993")
    answered = answer("  What is\nSuper 301? ", bundled, filters=filters, limit=1)
    assert answered.question == "What is Super 301?"
    assert answered.terms == ("super", "301")
    assert (answered.filters, answered.searched) == (filters, bundled.manifest)
    assert len(answered.quotes) <= 1
    assert answered.quotes or answered.leads


def test_an_empty_question_is_refused(bundled: Archive) -> None:
    with pytest.raises(UsageError):
        answer(" \n", bundled)


def test_what_has_nothing_to_do_with_a_question_is_no_lead(records: Archive) -> None:
    assert answer("quaternions", records).leads == ()
    # A word in another spelling is enough.
    assert answer("kerosine of Zanzibar", records).leads
