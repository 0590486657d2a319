from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Document, Span
from index.answering.features import Candidate
from index.answering.quotations import Quote
from index.answering.redaction import (
    are_redacted,
    asks_for_words,
    mentions_redaction,
    order_by_redaction,
)
from index.retrieval.hits import Hit
from index.text.passages import make_passages
from tests.support.archives import document

GAP = "The talk on tariffs was withheld by the ministry."
SAID = "The envoy spoke for lower tariffs."
QUESTION = "What did the envoy say about tariffs?"


def quote(text: str, score: float = 10.0) -> Quote:
    doc: Document = document(text, "note", title="A note")
    (passage,) = make_passages(doc)
    hit = Hit(passage, 0, 1, 1.0, 1, 1.0, None, 0.0, {})
    candidate = Candidate(hit, doc, 0, 0.0, frozenset())
    return Quote(candidate, Span(0, len(text)), score, 0.0, {})


@pytest.mark.parametrize(
    "sentence",
    [
        GAP,
        "Two lines are blacked out.",
        "The rest has not been declassified.",
        "The released records do not show what was said of tariffs.",
        "Some of it remains classified.",
        "Every mention of tariffs was removed from the released records.",
        "The blacked-out passage stands at the end.",
    ],
)
def test_gaps_are_told(sentence: str) -> None:
    assert mentions_redaction(quote(sentence))


@pytest.mark.parametrize(
    "sentence",
    [SAID, "The record shows who spoke.", "The office was closed early.", "He removed the tariff."],
)
def test_what_is_no_gap(sentence: str) -> None:
    # "was closed" is what happened; "is closed" is what a record says of its own.
    assert not mentions_redaction(quote(sentence))


def test_the_greater_part_decides() -> None:
    assert are_redacted(QUESTION, [quote(GAP), quote(SAID, 8)])
    assert not are_redacted(QUESTION, [quote(SAID), quote(GAP, 9.9)])
    # Two that say something outweigh one gap of the same score.
    assert not are_redacted(QUESTION, [quote(GAP), quote(SAID, 9.9), quote(SAID, 9.8)])
    # Nobody asks for words here.
    assert not are_redacted("Why is there a gap?", [quote(GAP)])
    assert not are_redacted(QUESTION, [])


def test_what_the_verdict_rests_on_comes_first() -> None:
    some = [quote(GAP), quote(SAID, 9.9), quote(SAID, 9.8)]
    assert [each.text for each in order_by_redaction(QUESTION, some)] == [SAID, SAID, GAP]
    most = [quote(SAID), quote(GAP, 9.9), quote(GAP, 9.8)]
    assert [each.text for each in order_by_redaction(QUESTION, most)] == [GAP, GAP, SAID]
    assert order_by_redaction("Why is there a gap?", some) == tuple(some)
    assert order_by_redaction(QUESTION, []) == ()


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 30)), min_size=1, max_size=5))
def test_arranging_keeps_every_quotation_and_the_verdict(given_: list[tuple[bool, float]]) -> None:
    base = {True: quote(GAP), False: quote(SAID)}
    ranked = sorted(given_, key=lambda pair: -pair[1])
    quotes = [replace(base[gap], score=score) for gap, score in ranked]
    arranged = order_by_redaction(QUESTION, quotes)
    assert sorted(map(id, arranged)) == sorted(map(id, quotes))
    withheld = are_redacted(QUESTION, quotes)
    if any(mentions_redaction(each) is withheld for each in quotes):
        assert mentions_redaction(arranged[0]) is withheld
    for kind in (True, False):
        scores = [each.score for each in arranged if mentions_redaction(each) is kind]
        assert scores == sorted(scores, reverse=True)


def test_asking_for_words() -> None:
    assert asks_for_words("What was discussed on rice?")
    assert not asks_for_words("Which cable was withheld?")
