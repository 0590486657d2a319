"""The one flow: a question in, quotations with a verdict out."""

from dataclasses import dataclass, replace

from index.answering.quotations import PASSAGES, Quote, select_quotes
from index.answering.verdict import Level, Verdict, judge
from index.answering.withholding import arrange
from index.retrieval.archive import Archive
from index.retrieval.search import Filters, clean_question
from index.storage.generation import Manifest
from index.storage.inventory import Changes

# How many quotations an answer has at most, unless asked for fewer or more.
LIMIT = 3
# How many passages that come near are shown where nothing answers.
LEADS = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """What the archive says to a question.

    `level` is how sure memcon had to be. `quotes` answer it, or say what was withheld where the
    verdict is "redacted"; for "not_found" they are empty, and `leads` are the nearest quotations,
    which are no answer. `searched` tells which archive was searched, and of when; `changed` what
    has changed in its sources since, None where that was not looked at.
    """

    question: str
    filters: Filters
    level: Level
    verdict: Verdict
    confidence: float
    quotes: tuple[Quote, ...]
    leads: tuple[Quote, ...]
    terms: tuple[str, ...]
    searched: Manifest
    changed: Changes | None


def answer(
    question: str,
    archive: Archive,
    *,
    filters: Filters | None = None,
    limit: int = LIMIT,
    level: Level = Level.BALANCED,
) -> Answer:
    """Answer a question from the archive.

    `level` is how sure memcon must be. An archive that does not say gives an answer too, with the
    verdict "not_found".
    Raises UsageError for a question that is none.
    """
    filters = filters or Filters()
    question = clean_question(question)
    query = archive.ask(question)
    hits = archive.search(query, filters, PASSAGES)
    # The verdict does not depend on how many quotations are shown.
    chosen = select_quotes(query, hits, archive, max(limit, LIMIT))
    judgement = judge(query, chosen, archive, level)
    quotes = arrange(query.asked.text, chosen)[:limit]
    if not hits and query.wanted.phrases:
        # Nothing has the words just so: what comes near is a lead, and never an answer.
        near = replace(query, wanted=replace(query.wanted, phrases=()))
        quotes = tuple(select_quotes(near, archive.search(near, filters, PASSAGES), archive, limit))
    found = judgement.verdict is not Verdict.NOT_FOUND
    return Answer(
        question=question,
        filters=filters,
        level=level,
        verdict=judgement.verdict,
        confidence=judgement.confidence,
        quotes=quotes if found else (),
        leads=() if found else quotes[:LEADS],
        terms=query.terms,
        searched=archive.manifest,
        changed=archive.changes(),
    )
