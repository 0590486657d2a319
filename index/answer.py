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

    `quotes` answer it, or say what was withheld where the verdict is "redacted"; for "not_found"
    they are empty, and `leads` are the nearest quotations, which are no answer. `searched` tells
    which archive was searched, and of when.
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
    found = judgement.verdict is not Verdict.NOT_FOUND
    return Answer(
        question=query.text,
        filters=filters,
        verdict=judgement.verdict,
        confidence=judgement.confidence,
        quotes=quotes if found else (),
        leads=() if found else quotes,
        terms=query.terms,
        searched=archive.manifest,
    )
