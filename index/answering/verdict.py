"""Verdicts: whether the best evidence answers the question.

Confidence is a logistic function of evidence (`index.answering.evidence`), fitted on questions with
and without an answer. It is capped for a question without subject matter, with a name or number
that the archive lacks, with a year that the quoted document does not mention, or for a speaker who
cannot have said the words: a passage about another person or year is no answer. A calibrated
reranker adds to confidence (`index.encoding.calibration`).

The verdict is `redacted` if the words asked for were withheld (`index.answering.redaction`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from corpus.dates import in_words
from index.answering.evidence import compute_evidence
from index.answering.quotations import Quote
from index.answering.redaction import are_redacted
from index.answering.voices import Voices, is_other_speaker
from index.retrieval.archive import Archive, Query
from index.text.analyzer import analyze
from index.timing import stage
from index.understanding.countries import country_forms, is_country
from index.understanding.dates import find_years
from index.understanding.questions import LIGHT, Question
from index.understanding.speakers import TITLES
from index.weights import weights

# The highest confidence without subject matter, or about unknown names, another year or speaker.
_MISATTRIBUTED = 0.2


class Level(StrEnum):
    """How confident memcon must be to answer."""

    STRICT = "strict"
    BALANCED = "balanced"
    EAGER = "eager"

    @property
    def threshold(self) -> float:
        """The lowest confidence of an answer."""
        return weights("confidence", "levels")[self]


class Verdict(StrEnum):
    """The outcome of a question."""

    ANSWERED = "answered"
    REDACTED = "redacted"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and the confidence that the quotations answer the question, 0 to 1."""

    verdict: Verdict
    confidence: float


@stage("verdict")
def judge(
    query: Query, quotes: Sequence[Quote], archive: Archive, level: Level = Level.BALANCED
) -> Judgement:
    """Judge the quotations chosen for a question."""
    if not quotes:
        return Judgement(Verdict.NOT_FOUND, 0.0)
    kind = kind_of(query)
    confidence = estimate(compute_evidence(query, quotes[0], archive), weights("confidence", kind))
    if kind == "question":
        confidence = _confirm(confidence, quotes[0], archive)
    if _is_vague(query.asked) or _is_misattributed(query, quotes[0], archive):
        confidence = min(confidence, _MISATTRIBUTED)
    confidence = round(confidence, 4)
    if confidence < level.threshold:
        return Judgement(Verdict.NOT_FOUND, confidence)
    withheld = are_redacted(query.asked.text, quotes)
    return Judgement(Verdict.REDACTED if withheld else Verdict.ANSWERED, confidence)


def _confirm(confidence: float, quote: Quote, archive: Archive) -> float:
    calibration = archive.reranker.calibration if archive.reranker else None
    if calibration is None or quote.relevance is None or quote.ahead is None:
        return confidence
    return calibration.confirm(confidence, quote.relevance, quote.ahead)


def kind_of(query: Query) -> str:
    """Return the name of the fitted model for a question."""
    return query.asked.kind if query.is_read else "unread"


def estimate(evidence: Mapping[str, float], known: Mapping[str, float]) -> float:
    """Return the confidence for evidence, 0 to 1, with the `known` weights of a model."""
    total = known["intercept"] + sum(
        weight * evidence[name] for name, weight in known.items() if name != "intercept"
    )
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def _is_vague(asked: Question) -> bool:
    """Return whether a question has no subject matter besides its speaker."""
    subject = asked.weights.keys() - LIGHT
    if asked.speaker_name:
        subject = subject - TITLES - asked.speaker - frozenset(analyze(asked.speaker_name))
    return not subject


def _is_misattributed(query: Query, quote: Quote, archive: Archive) -> bool:
    """Return whether a quotation is about another person, number or year."""
    asked = query.asked
    document = quote.document
    record = document.provenance.record
    dates = [
        date for date in (record.event_date, record.document_date, record.received_date) if date
    ]
    # Datelines are in no passage, but the dates of the record count as known.
    own = frozenset(analyze("\n".join(map(in_words, dates))))
    unknown = {*asked.names, *asked.numbers} - own
    if any(not archive.engine.frequency(term) for term in unknown):
        return True
    if asked.speaker_name and _is_of_another(asked.speaker_name, quote, archive):
        return True
    dated = " ".join([document.text, document.title, *dates])
    return any(year not in dated for year in find_years(query.text))


def _is_of_another(speaker: str, quote: Quote, archive: Archive) -> bool:
    """Return whether a quotation likely has the words of another speaker.

    It has no voice, and the turn is another's, the passage does not name the speaker, or the
    quotation names only other persons.
    """
    document, voices = quote.document, Voices(speaker, archive.names)
    if voices.of(document, quote.turn, quote.span) is not None:
        return False
    # A government has many names: the United States, Washington, the Americans.
    if is_country(speaker) or country_forms(speaker):
        return is_other_speaker(voices, document, quote.turn)
    if is_other_speaker(voices, document, quote.turn, quote.hit.passage.span):
        return True
    persons = any(mention.is_person for mention in archive.names.mentions(quote.text))
    return persons and not voices.is_named_in(quote.text)
