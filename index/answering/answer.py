"""The one flow: a question in, quotations with a verdict out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.answering.counterpart import Counterpart, find_counterpart
from index.answering.leads import LEADS, Hint, Refusal, choose_leads, find_hints
from index.answering.quotations import (
    PASSAGES,
    Quote,
    pick_quotes,
    rank_sentences,
    select_quotes,
)
from index.answering.record_answers import RecordMatch, answer_from_records
from index.answering.redaction import order_by_redaction
from index.answering.verdict import Judgement, Level, Verdict, judge
from index.answering.voices import Voice, Voices
from index.retrieval.archive import Archive, Query
from index.retrieval.filters import Filters
from index.storage.generation import Manifest
from index.text.question_text import clean_question
from index.understanding.conversation.exchange import Place

if TYPE_CHECKING:
    from index.encoding.crossencoder import CrossEncoderSettings

# How many quotations an answer has at most, unless asked for fewer or more.
LIMIT = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """What the archive says to a question, which is in the archive's own spelling.

    `level` is how sure memcon had to be. `quotes` answer it, or say what was withheld where the
    verdict is "redacted"; for "not_found" they are empty, and `leads` are the nearest quotations,
    which are no answer. `counterparts` has, for each quotation from a record of a meeting, what the
    other side's record of that has; None where the archive has not got one for certain. `searched`
    is the index that was searched. `reranker` is the model that read the best passages and
    sentences once more, if any; `without` are the places that were known to be no answer.
    `speaker` is how the question names the one whose words it asks for, "" where it asks for
    nobody's; `voices` tells of each quotation, or of each lead, in which way the words are theirs.
    `hints` are with what else a refused question finds more. `records` tells which record the
    question asked for, and which there are; None where it asked for none.
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
    counterparts: tuple[Counterpart | None, ...] = ()
    reranker: "CrossEncoderSettings | None" = None
    without: tuple[Place, ...] = ()
    speaker: str = ""
    voices: tuple[Voice | None, ...] = ()
    hints: tuple[Hint, ...] = ()
    records: RecordMatch | None = None

    @property
    def refusal(self) -> Refusal | None:
        """How the question is refused; None where it is answered."""
        if self.verdict is not Verdict.NOT_FOUND:
            return None
        return Refusal.UNSURE if self.leads else Refusal.SILENT


def answer(
    question: str,
    archive: Archive,
    *,
    filters: Filters | None = None,
    limit: int = LIMIT,
    level: Level = Level.BALANCED,
    without: Sequence[Place] = (),
) -> Answer:
    """Answer a question from the archive.

    `level` is how sure memcon must be; what stands at the places `without` is no answer. An archive
    that does not say gives an answer too, with the verdict "not_found".
    Raises UsageError for a question that is none.
    """
    filters = filters or Filters()
    question = clean_question(question)
    query = archive.parse_query(question)
    looked = _look(question, query, archive, filters, max(limit, LIMIT), level, without)
    judgement, quotes, leads, records = looked
    found = judgement.verdict is not Verdict.NOT_FOUND
    quotes = quotes[:limit] if found else ()

    def look(other: Filters) -> tuple[Judgement, Refusal]:
        judged, _, near, _ = _look(question, query, archive, other, LIMIT, level, without)
        return judged, Refusal.UNSURE if near else Refusal.SILENT

    refusal = Refusal.UNSURE if leads else Refusal.SILENT
    speaker = query.asked.speaker_name
    voices = Voices(speaker, archive.names)
    return Answer(
        # The names of a record that fits need no other spelling, though no passage has them.
        question=question if records and records.is_typed else query.question,
        filters=filters,
        level=level,
        verdict=judgement.verdict,
        confidence=judgement.confidence,
        quotes=quotes,
        leads=leads,
        terms=query.terms,
        searched=archive.manifest,
        counterparts=tuple(find_counterpart(quote, archive) for quote in quotes),
        reranker=archive.reranker.settings if archive.reranker else None,
        without=tuple(without),
        speaker=speaker,
        voices=tuple(voices.of(each.document, each.turn, each.span) for each in (*quotes, *leads)),
        hints=() if found else find_hints(filters, level, judgement.confidence, refusal, look),
        records=records,
    )


def _look(
    question: str,
    query: Query,
    archive: Archive,
    filters: Filters,
    limit: int,
    level: Level,
    without: Sequence[Place],
) -> tuple[Judgement, tuple[Quote, ...], tuple[Quote, ...], RecordMatch | None]:
    """Return the judgement on what the archive has for a question, its quotations, and its leads.

    There are leads only where the question is not answered. Last comes which record it asked for.
    """
    consulted = answer_from_records(question, query, archive, filters, limit, level)
    match = consulted.match if consulted else None
    if consulted and consulted.judgement:
        quotes = tuple(quote for quote in consulted.quotes if not _stands_in(without, quote))
        if consulted.judgement.verdict is Verdict.NOT_FOUND:
            return consulted.judgement, (), quotes[:LEADS], match
        if quotes:
            return consulted.judgement, quotes, (), match
    hits = archive.search(query, filters, PASSAGES)
    # The verdict does not depend on how many quotations are shown.
    ranked = rank_sentences(query, hits, archive)

    def pick(most: int) -> list[Quote]:
        found = pick_quotes(query, ranked, archive, most + len(without))
        return [quote for quote in found if not _stands_in(without, quote)][:most]

    chosen = pick(limit)
    judgement = judge(query, chosen, archive, level)
    quotes = order_by_redaction(query.asked.text, chosen)
    if judgement.verdict is not Verdict.NOT_FOUND:
        return judgement, quotes, (), match
    quotes = order_by_redaction(query.asked.text, pick(LEADS))
    if not hits and query.wanted.phrases:
        # Nothing has the words just so: what comes near is a lead, and never an answer.
        near = replace(query, wanted=replace(query.wanted, phrases=()))
        quotes = tuple(select_quotes(near, archive.search(near, filters, PASSAGES), archive, LEADS))
    return judgement, quotes, choose_leads(quotes, is_read=query.is_read), match


def _stands_in(places: Sequence[Place], quote: Quote) -> bool:
    """Return whether most of a quotation stands at one of these places."""
    return any(
        doc_id == quote.document.doc_id
        and 2 * (min(end, quote.span.end) - max(start, quote.span.start))
        > quote.span.end - quote.span.start
        for doc_id, start, end in places
    )
