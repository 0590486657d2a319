"""Turns of a conversation: what an answer leaves behind for the question after it."""

from index.answering.answer import Answer
from index.answering.verdict import Verdict
from index.understanding.conversation import Turn
from index.understanding.elements import DATE, PERSON, find_elements
from index.understanding.names import Names


def make_turn(given: Answer, names: Names) -> Turn:
    """Return what the next question may lean on."""
    shown = given.quotes or given.leads
    people: list[str] = []
    dates: list[str] = []
    if given.verdict is not Verdict.NOT_FOUND:
        asked = given.question
        for element in find_elements(given.quotes[0].text, names):
            if element.words in asked:
                continue
            if element.kind == PERSON:
                people.append(element.words)
            if element.kind == DATE:
                dates.append(element.words)
    return Turn(
        question=given.question,
        verdict=str(given.verdict),
        doc_ids=tuple(dict.fromkeys(quote.document.doc_id for quote in shown)),
        people=tuple(dict.fromkeys(people)),
        dates=tuple(dict.fromkeys(dates)),
    )
