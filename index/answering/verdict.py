"""Verdicts: whether the best evidence answers the question, or the archive does not say.

Confidence is a logistic function of evidence, fitted on questions with and without an answer:

* score, margin: of the best quotation's sentence, and how far it is above the next one's;
* cosine, coverage, pairs, passage: the features of the same names of that sentence;
* missing: the share of the question's term weight that is in the passage in no form;
* worst, rarest: the weight of the heaviest term that sentence and passage miss, as a share of the
  question's heaviest and of the heaviest possible;
* numbers: the share of the question's numbers that sentence and context have;
* negation, contrast: whether the question denies something, or says "before", "least", "first",
  and the passage does not;
* typed, untyped: whether the sentence has the kind of thing that the question expects, and
  whether it expects none in particular.

Evidence that says that the words asked for were withheld makes the verdict `redacted`, with what
the record does say about that.

A question with a name or number that occurs nowhere in the archive, with a year that the quoted
document does not mention, or for the words of somebody to whom the quotation does not attribute
any, is not answered: a passage about somebody else, or another year, is no answer. Nor is one that
asks for somebody's words about nothing.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from index.answering.features import share
from index.answering.quotations import Quote
from index.retrieval.archive import Archive, Query
from index.text.analyzer import analyze
from index.timing import stage
from index.understanding.questions import LIGHT, TITLES, Question
from index.weights import weights

# The most that is believed of an answer about nothing, unknown names, another year or speaker.
_MISATTRIBUTED = 0.2
_ROOT = 4

_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|without|except|excluding|other than|rather than|cannot|besides|unable"
    r"|fail\w*|refus\w*|lack\w*|stop\w*|unlike)\b|n['’]?t\b",
    re.IGNORECASE,
)
_CONTRASTS = frozenset(
    """
    above after before begin below decrease decreased different early earlier east eastern end
    female few finish first former high higher highest increase increased inside large larger
    largest last late later latter least less low lower lowest male many maximum minimum more most
    new north northern old only outside over same second small smaller smallest south southern
    start third under west western
    """.split()
)
_WORD = re.compile(r"[a-z]+")
_HOW = re.compile(r"\bhow \w+")
# What a record says of its own gaps, and a question for words that stand in such a gap.
_WITHHOLDING = re.compile(
    r"withheld|withholds|black(?:ed|s) out|redacted|not (?:been )?(?:released|declassified)"
    r"|not known from the released|(?:is|are|remains?) (?:still )?(?:classified|closed)",
    re.IGNORECASE,
)
_WORDS_ASKED = re.compile(
    r"\b(?:say|said|tell|told|talk\w*|discuss\w*|agree\w*|propose\w*|promise\w*|repl(?:y|ied)"
    r"|answer\w*|respond\w*|think|thought|want\w*|warn\w*|remark\w*)\b",
    re.IGNORECASE,
)


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
    confidence = estimate(weigh(query, quotes[0], archive), weights("confidence", kind_of(query)))
    if _is_vague(query.asked) or _is_misattributed(query, quotes[0], archive):
        confidence = min(confidence, _MISATTRIBUTED)
    confidence = round(confidence, 4)
    if confidence < level.threshold:
        return Judgement(Verdict.NOT_FOUND, confidence)
    withheld = _asks_for_words(query.asked.text) and _WITHHOLDING.search(quotes[0].text)
    return Judgement(Verdict.REDACTED if withheld else Verdict.ANSWERED, confidence)


def kind_of(query: Query) -> str:
    """Return which of the fitted models judges a question."""
    return query.asked.kind if query.is_read else "unread"


def estimate(evidence: Mapping[str, float], known: Mapping[str, float]) -> float:
    """Return the confidence that evidence gives with these weights, 0 to 1."""
    total = known["intercept"] + sum(known[name] * value for name, value in evidence.items())
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def weigh(query: Query, quote: Quote, archive: Archive) -> dict[str, float]:
    """Return the evidence that confidence is made of."""
    asked, text = query.asked, quote.document.text
    weighed = {term: weight * archive.engine.idf(term) for term, weight in asked.weights.items()}
    passage = quote.hit.passage.span.of(text)
    speaker = quote.turn.speaker if quote.turn else ""
    context = analyze(f"{quote.document.title}\n{quote.section or ''}\n{speaker}")
    held = set(analyze(quote.text)).union(context)
    around = set(analyze(passage)).union(context)
    roots = {term[:_ROOT] for term in around if len(term) >= _ROOT}
    lost = {
        term: weight
        for term, weight in weighed.items()
        if term not in around and not (len(term) >= _ROOT and term[:_ROOT] in roots)
    }
    heaviest = max(weighed.values(), default=0.0) or 1.0
    missed = max((weight for term, weight in weighed.items() if term not in held), default=0.0)
    question = _HOW.sub("", asked.text.lower())
    words, said = set(_WORD.findall(question)), set(_WORD.findall(passage.lower()))
    is_topic = asked.kind == "topic"
    return {
        "score": quote.score / 10,
        "margin": min(quote.margin, 3.0),
        **{name: quote.features[name] for name in ("cosine", "coverage", "pairs", "passage")},
        "missing": share(weighed, lost.keys()) if any(weighed.values()) else 1.0,
        "worst": missed / heaviest,
        "rarest": max(lost.values(), default=0.0) / archive.engine.heaviest,
        "numbers": share(dict.fromkeys(asked.numbers, 1.0), held) if asked.numbers else 1.0,
        "negation": float(bool(_NEGATION.search(asked.text)) and not _NEGATION.search(quote.text)),
        "contrast": float(bool((words & _CONTRASTS) - said)),
        "typed": float(is_topic or any(quote.features[kind] for kind in asked.expected)),
        "untyped": float(not is_topic and not asked.expected),
    }


def _is_vague(asked: Question) -> bool:
    """Tell whether a question asks what somebody said, and about nothing."""
    return bool(asked.speaker) and not asked.weights.keys() - LIGHT - TITLES - asked.speaker


def _asks_for_words(question: str) -> bool:
    """Tell whether a question asks what was said, not for the withholding itself."""
    return bool(_WORDS_ASKED.search(question))


def _is_misattributed(query: Query, quote: Quote, archive: Archive) -> bool:
    """Tell whether a quotation is not about the person, the number or the year asked for."""
    asked = query.asked
    if any(not archive.engine.frequency(term) for term in (*asked.names, *asked.numbers)):
        return True
    if asked.speaker:
        turn = quote.turn.speaker if quote.turn else ""
        if asked.speaker.isdisjoint(analyze(f"{turn}\n{quote.text}")):
            return True
    document = quote.document
    record = document.provenance.record
    dated = " ".join(
        filter(None, [document.text, document.title, record.date, record.document_date])
    )
    return any(year not in dated for year in _YEAR.findall(query.text))
