"""The one flow: a question in, quotations with a verdict out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from index.answering.otherside import OtherSide, find_beside
from index.answering.quotations import PASSAGES, Quote, select_quotes
from index.answering.verdict import Level, Verdict, judge
from index.answering.withholding import arrange
from index.encoding.crossencoder import CrossEncoderSettings
from index.retrieval.archive import DEPTH, Archive
from index.retrieval.search import Filters, Hit, clean_question
from index.storage.generation import Manifest
from index.storage.inventory import Changes

# How many quotations an answer has at most, unless asked for fewer or more.
LIMIT = 3
# How many passages that come near are shown where nothing answers.
LEADS = 3
# How much the score of a passage is raised in a document that the question before was answered
# from: the most that cost no follow-up question of the gold set its answer.
_FIRST = 0.2
# What has no word of the question in any form and is not nearer than this leads nowhere: about half
# as near as an answer.
_NEAR = 0.53


@dataclass(frozen=True, slots=True)
class Answer:
    """What the archive says to a question.

    `level` is how sure memcon had to be. `quotes` answer it, or say what was withheld where the
    verdict is "redacted"; for "not_found" they are empty, and `leads` are the nearest quotations,
    which are no answer. `other_sides` has, for each quotation from a record of a meeting, what the
    other side's record of that has; None where the archive has not got one for certain. `searched`
    tells which archive was searched, and of when; `changed` what has changed in its sources since,
    None where that was not looked at. `reranker` is the model that read the best passages and
    sentences once more, if any; `first` are the documents that were looked into first.
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
    other_sides: tuple[OtherSide | None, ...] = ()
    reranker: CrossEncoderSettings | None = None
    first: tuple[str, ...] = ()


def answer(
    question: str,
    archive: Archive,
    *,
    filters: Filters | None = None,
    limit: int = LIMIT,
    level: Level = Level.BALANCED,
    first: Sequence[str] = (),
) -> Answer:
    """Answer a question from the archive.

    `level` is how sure memcon must be; of passages that are about as good, those of the documents
    `first` are preferred. An archive that does not say gives an answer too, with the
    verdict "not_found".
    Raises UsageError for a question that is none.
    """
    filters = filters or Filters()
    question = clean_question(question)
    query = archive.ask(question)
    hits = archive.search(query, filters, DEPTH if first else PASSAGES)
    hits = _prefer(first, hits)[:PASSAGES]
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
        leads=() if found else tuple(quote for quote in quotes if _is_near(quote))[:LEADS],
        terms=query.terms,
        searched=archive.manifest,
        changed=archive.changes(),
        other_sides=tuple(find_beside(quote, archive) for quote in quotes) if found else (),
        reranker=archive.reranker.settings if archive.reranker else None,
        first=tuple(first),
    )


def _prefer(doc_ids: Collection[str], hits: list[Hit]) -> list[Hit]:
    """Return hits ranked anew, with those in some documents raised."""
    if not doc_ids:
        return hits
    raised = [
        replace(hit, score=hit.score + _FIRST) if hit.passage.doc_id in doc_ids else hit
        for hit in hits
    ]
    raised.sort(key=lambda hit: (-hit.score, hit.number))
    return [replace(hit, rank=rank) for rank, hit in enumerate(raised, start=1)]


def _is_near(quote: Quote) -> bool:
    """Tell whether a quotation has to do with the question at all."""
    known = quote.features
    return known["coverage"] > 0 or known["alike"] > 0 or known["cosine"] >= _NEAR
