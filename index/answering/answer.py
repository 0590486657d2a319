"""The one flow: a question in, quotations with a verdict out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from index.answering.leads import Hint, Refusal, choose_leads, find_hints
from index.answering.otherside import OtherSide, find_beside
from index.answering.quotations import PASSAGES, Quote, select_quotes
from index.answering.verdict import Judgement, Level, Verdict, judge
from index.answering.voices import Voice, Voices
from index.answering.withholding import arrange
from index.encoding.crossencoder import CrossEncoderSettings
from index.retrieval.archive import DEPTH, Archive, Query
from index.retrieval.search import Filters, Hit, clean_question
from index.storage.generation import Manifest
from index.storage.inventory import Changes

# How many quotations an answer has at most, unless asked for fewer or more.
LIMIT = 3
# How much the score of a passage is raised in a document that the question before was answered
# from: the most that cost no follow-up question of the gold set its answer.
_FIRST = 0.2


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
    `speaker` is how the question names the one whose words it asks for, "" where it asks for
    nobody's; `voices` tells of each quotation, or of each lead, in which way the words are theirs.
    `hints` are with what else a refused question finds more.
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
    speaker: str = ""
    voices: tuple[Voice | None, ...] = ()
    hints: tuple[Hint, ...] = ()

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
    judgement, quotes, leads = _look(query, archive, filters, max(limit, LIMIT), level, first)
    found = judgement.verdict is not Verdict.NOT_FOUND
    quotes = quotes[:limit] if found else ()

    def look(other: Filters) -> tuple[Judgement, Refusal]:
        judged, _, near = _look(query, archive, other, LIMIT, level, first)
        return judged, Refusal.UNSURE if near else Refusal.SILENT

    refusal = Refusal.UNSURE if leads else Refusal.SILENT
    speaker = query.asked.speaker_name
    voices = Voices(speaker, archive.names)
    return Answer(
        question=question,
        filters=filters,
        level=level,
        verdict=judgement.verdict,
        confidence=judgement.confidence,
        quotes=quotes,
        leads=leads,
        terms=query.terms,
        searched=archive.manifest,
        changed=archive.changes(),
        other_sides=tuple(find_beside(quote, archive) for quote in quotes),
        reranker=archive.reranker.settings if archive.reranker else None,
        first=tuple(first),
        speaker=speaker,
        voices=tuple(voices.of(each.document, each.turn, each.span) for each in (*quotes, *leads)),
        hints=() if found else find_hints(filters, level, judgement.confidence, refusal, look),
    )


def _look(
    query: Query,
    archive: Archive,
    filters: Filters,
    limit: int,
    level: Level,
    first: Sequence[str],
) -> tuple[Judgement, tuple[Quote, ...], tuple[Quote, ...]]:
    """Return the judgement on what the archive has for a question, its quotations, and its leads.

    There are leads only where the question is not answered.
    """
    hits = archive.search(query, filters, DEPTH if first else PASSAGES)
    hits = _prefer(first, hits)[:PASSAGES]
    # The verdict does not depend on how many quotations are shown.
    chosen = select_quotes(query, hits, archive, limit)
    judgement = judge(query, chosen, archive, level)
    quotes = arrange(query.asked.text, chosen)
    if judgement.verdict is not Verdict.NOT_FOUND:
        return judgement, quotes, ()
    if not hits and query.wanted.phrases:
        # Nothing has the words just so: what comes near is a lead, and never an answer.
        near = replace(query, wanted=replace(query.wanted, phrases=()))
        quotes = tuple(select_quotes(near, archive.search(near, filters, PASSAGES), archive, limit))
    return judgement, quotes, choose_leads(quotes, is_read=query.is_read)


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
