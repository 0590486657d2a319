"""Verdicts: whether the best evidence answers the question, or the archive does not say.

Confidence is a logistic function of evidence (`index.answering.evidence`), fitted on questions with
and without an answer. A question with a name or number that occurs nowhere in the archive, with a
year that the quoted document does not mention, or for the words of somebody who cannot have said
them, as another's turn has them or nothing in the record names the person, is not answered: a
passage about somebody else, or another year, is no answer. Nor is one about nothing, or that asks
for somebody's words about nothing. A reranker counts for confidence where it has been calibrated
(`index.encoding.calibration`).

Where words are asked for and the quotations tell, for the greater part, that they were withheld,
the verdict is `redacted` (`index.answering.redaction`).
"""

import math
import re
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
from index.understanding.questions import LIGHT, Question
from index.understanding.speakers import TITLES
from index.weights import weights

# The most that is believed of an answer about nothing, unknown names, another year or speaker.
_MISATTRIBUTED = 0.2

_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


class Level(StrEnum):
    """How sure memcon must be before it answers."""

    STRICT = "strict"
    BALANCED = "balanced"
    EAGER = "eager"

    @property
    def threshold(self) -> float:
        """The confidence from which on a question counts as answered."""
        return weights("confidence", "levels")[self]


class Verdict(StrEnum):
    """What memcon says of a question."""

    ANSWERED = "answered"
    REDACTED = "redacted"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and how sure memcon is that the quotations answer the question, 0 to 1."""

    verdict: Verdict
    confidence: float


@stage("verdict")
def judge(
    query: Query, quotes: Sequence[Quote], archive: Archive, level: Level = Level.BALANCED
) -> Judgement:
    """Return the judgement on the quotations chosen for a question."""
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
    """Return confidence with what a calibrated reranker says of the quotation, if there is one."""
    calibration = archive.reranker.calibration if archive.reranker else None
    if calibration is None or quote.relevance is None or quote.ahead is None:
        return confidence
    return calibration.confirm(confidence, quote.relevance, quote.ahead)


def kind_of(query: Query) -> str:
    """Return which of the fitted models judges a question."""
    return query.asked.kind if query.is_read else "unread"


def estimate(evidence: Mapping[str, float], known: Mapping[str, float]) -> float:
    """Return the confidence that evidence gives with these weights, 0 to 1.

    Evidence without a weight does not count.
    """
    total = known["intercept"] + sum(
        weight * evidence[name] for name, weight in known.items() if name != "intercept"
    )
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def _is_vague(asked: Question) -> bool:
    """Tell whether a question is about nothing, or asks what somebody said about nothing."""
    subject = asked.weights.keys() - LIGHT
    if asked.speaker_name:
        subject = subject - TITLES - asked.speaker - frozenset(analyze(asked.speaker_name))
    return not subject


def _is_misattributed(query: Query, quote: Quote, archive: Archive) -> bool:
    """Tell whether a quotation is not about the person, the number or the year asked for."""
    asked = query.asked
    document = quote.document
    record = document.provenance.record
    dates = [
        date for date in (record.event_date, record.document_date, record.received_date) if date
    ]
    # Datelines are in no passage: the days and years of the record itself are known all the same.
    own = frozenset(analyze("\n".join(map(in_words, dates))))
    unknown = {*asked.names, *asked.numbers} - own
    if any(not archive.engine.frequency(term) for term in unknown):
        return True
    if asked.speaker_name and _is_of_another(asked.speaker_name, quote, archive):
        return True
    dated = " ".join([document.text, document.title, *dates])
    return any(year not in dated for year in _YEAR.findall(query.text))


def _is_of_another(speaker: str, quote: Quote, archive: Archive) -> bool:
    """Tell whether a quotation has not the words of the speaker asked for, as far as it tells.

    Their voice is open, and the turn is another's, the passage does not name the speaker, or the
    quotation itself names other persons alone.
    """
    document, voices = quote.document, Voices(speaker, archive.names)
    if voices.of(document, quote.turn, quote.span) is not None:
        return False
    # A government is called by many names: the United States, Washington, the Americans.
    if is_country(speaker) or country_forms(speaker):
        return is_other_speaker(voices, document, quote.turn)
    if is_other_speaker(voices, document, quote.turn, quote.hit.passage.span):
        return True
    persons = any(mention.is_person for mention in archive.names.mentions(quote.text))
    return persons and not voices.is_named_in(quote.text)
