"""Turns of a conversation: what an answer leaves behind for the question after it."""

from index.answering.answer import Answer
from index.answering.verdict import Verdict
from index.text.analyzer import analyze
from index.understanding.conversation import Turn
from index.understanding.elements import DATE, PERSON, find_elements
from index.understanding.names import Names


def make_turn(given: Answer, names: Names) -> Turn:
    """Return what the next question may lean on."""
    shown = given.quotes or given.leads
    people: list[str] = []
    dates: list[str] = []
    if given.verdict is Verdict.ANSWERED:
        for element in find_elements(_nearest_sentence(given), names):
            known = {PERSON: people, DATE: dates}.get(element.kind)
            if known is not None and element.words not in given.question:
                known.append(element.words)
    return Turn(
        question=given.question,
        verdict=str(given.verdict),
        doc_ids=tuple(dict.fromkeys(quote.document.doc_id for quote in shown)),
        people=tuple(dict.fromkeys(people)),
        dates=tuple(dict.fromkeys(dates)),
    )


def _nearest_sentence(given: Answer) -> str:
    """Return the sentence of the best quotation that has the most of the question's terms."""
    quote = given.quotes[0]
    sentences = [
        span.of(quote.document.text)
        for span in quote.hit.passage.sentences
        if quote.span.holds(span)
    ]
    return max(sentences, key=lambda words: len({*analyze(words)} & {*given.terms}))
