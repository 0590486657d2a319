"""The one flow: a question in, quotations with a verdict out."""

from dataclasses import dataclass

from index.archive import Archive
from index.generation import Manifest
from index.quotations import PASSAGES, Quote, select_quotes
from index.search import Filters, clean_question
from index.verdict import Verdict, judge

# How many quotations an answer has at most, unless asked for fewer or more.
LIMIT = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """What the archive says to a question.

    `quotes` are empty unless the verdict is "answered"; `leads` are the nearest quotations when it
    is not, and no answer. `searched` tells which archive was searched, and of when.
    """

    question: str
    filters: Filters
    verdict: Verdict
    confidence: float
    quotes: tuple[Quote, ...]
    leads: tuple[Quote, ...]
    terms: tuple[str, ...]
    searched: Manifest


def answer(
    question: str, archive: Archive, *, filters: Filters | None = None, limit: int = LIMIT
) -> Answer:
    """Answer a question from the archive.

    An archive that does not say gives an answer too, with the verdict "not_found".
    Raises UsageError for a question that is none.
    """
    filters = filters or Filters()
    query = archive.ask(clean_question(question))
    hits = archive.search(query, filters, PASSAGES)
    quotes = tuple(select_quotes(query, hits, archive, limit))
    judgement = judge(query, quotes, archive)
    answered = judgement.verdict is Verdict.ANSWERED
    return Answer(
        question=query.text,
        filters=filters,
        verdict=judgement.verdict,
        confidence=judgement.confidence,
        quotes=quotes if answered else (),
        leads=() if answered else quotes,
        terms=query.terms,
        searched=archive.manifest,
    )
