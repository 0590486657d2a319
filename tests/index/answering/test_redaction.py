from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Document, Span
from index.answering.quotations import Quote
from index.answering.redaction import are_withheld, arrange, asks_for_words, tells_of_gap
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
    span = Span(0, len(text))
    nothing = Span(0, 0)
    return Quote(doc, span, None, None, nothing, nothing, score, 0.0, {}, hit)


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
    assert tells_of_gap(quote(sentence))


@pytest.mark.parametrize(
    "sentence",
    [SAID, "The record shows who spoke.", "The office was closed early.", "He removed the tariff."],
)
def test_what_is_no_gap(sentence: str) -> None:
    # "was closed" is what happened; "is closed" is what a record says of its own.
    assert not tells_of_gap(quote(sentence))


def test_the_greater_part_decides() -> None:
    assert are_withheld(QUESTION, [quote(GAP), quote(SAID, 8)])
    assert not are_withheld(QUESTION, [quote(SAID), quote(GAP, 9.9)])
    # Two that say something outweigh one gap of the same score.
    assert not are_withheld(QUESTION, [quote(GAP), quote(SAID, 9.9), quote(SAID, 9.8)])
    # Nobody asks for words here.
    assert not are_withheld("Why is there a gap?", [quote(GAP)])
    assert not are_withheld(QUESTION, [])


def test_what_the_verdict_rests_on_comes_first() -> None:
    some = [quote(GAP), quote(SAID, 9.9), quote(SAID, 9.8)]
    assert [each.text for each in arrange(QUESTION, some)] == [SAID, SAID, GAP]
    most = [quote(SAID), quote(GAP, 9.9), quote(GAP, 9.8)]
    assert [each.text for each in arrange(QUESTION, most)] == [GAP, GAP, SAID]
    assert arrange("Why is there a gap?", some) == tuple(some)
    assert arrange(QUESTION, []) == ()


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 30)), min_size=1, max_size=5))
def test_arranging_keeps_every_quotation_and_the_verdict(given_: list[tuple[bool, float]]) -> None:
    base = {True: quote(GAP), False: quote(SAID)}
    ranked = sorted(given_, key=lambda pair: -pair[1])
    quotes = [replace(base[gap], score=score) for gap, score in ranked]
    arranged = arrange(QUESTION, quotes)
    assert sorted(map(id, arranged)) == sorted(map(id, quotes))
    withheld = are_withheld(QUESTION, quotes)
    if any(tells_of_gap(each) is withheld for each in quotes):
        assert tells_of_gap(arranged[0]) is withheld
    for kind in (True, False):
        scores = [each.score for each in arranged if tells_of_gap(each) is kind]
        assert scores == sorted(scores, reverse=True)


def test_asking_for_words() -> None:
    assert asks_for_words("What was discussed on rice?")
    assert not asks_for_words("Which cable was withheld?")
