"""Verdicts: whether the best evidence answers the question, or the archive does not say.

A first, simple judgement. Confidence is a logistic function of what the best quotation offers:

* coverage: the share of the question's term weight found in the quotation and its title;
* names: the share of the question's names and numbers found in the quotation and its title;
* cosine, passage_cosine: of the quoted sentence, and of its passage, with the question.

Evidence that says that the words asked for were withheld makes the verdict `redacted`, with what
the record does say about that.

A question with a name or number that occurs nowhere in the archive, or with a year that the quoted
document does not mention, is not answered: a passage about somebody else, or another year, is no
answer.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from index.analyzer import analyze
from index.archive import Archive, Query
from index.quotations import Quote, coverage

# Fitted by logistic regression on development questions with and without an answer.
_INTERCEPT = -6.41
_COEFFICIENTS = {"coverage": 3.6, "names": 1.35, "cosine": 6.58, "passage_cosine": 2.04}
THRESHOLD = 0.45
# The most that is believed of an answer to a question about unknown names.
_UNKNOWN_NAMES = 0.2

_NUMBER = re.compile(r"\b\d[\d,.]*\b")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
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
# Runs of capitalised words inside a sentence, and numbers: what a question is about.
_CAPITALISED = r"[A-Z](?:[\w’'.-]*\w)?"
_NAME_OR_NUMBER = re.compile(
    rf"(?<!^)(?<![.?!:] )\b{_CAPITALISED}(?: {_CAPITALISED})*|{_NUMBER.pattern}"
)


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


def judge(query: Query, quotes: Sequence[Quote], archive: Archive) -> Judgement:
    """Return the judgement on the quotations chosen for a question."""
    if not quotes:
        return Judgement(Verdict.NOT_FOUND, 0.0)
    evidence = weigh(query, quotes[0], archive)
    total = _INTERCEPT + sum(_COEFFICIENTS[name] * value for name, value in evidence.items())
    confidence = 1 / (1 + math.exp(-total))
    if _asks_of_unknown(query, quotes[0], archive):
        confidence = min(confidence, _UNKNOWN_NAMES)
    confidence = round(confidence, 4)
    if confidence < THRESHOLD:
        return Judgement(Verdict.NOT_FOUND, confidence)
    withheld = _asks_for_words(query.text) and _WITHHOLDING.search(quotes[0].text)
    return Judgement(Verdict.REDACTED if withheld else Verdict.ANSWERED, confidence)


def weigh(query: Query, quote: Quote, archive: Archive) -> dict[str, float]:
    """Return the features that confidence is made of, each between 0 and 1."""
    names = _names(query)
    speaker = quote.turn.speaker if quote.turn else ""
    held = set(analyze(f"{quote.document.title}\n{speaker}\n{quote.text}"))
    return {
        "coverage": quote.coverage,
        "names": coverage(names, held, archive.lexical.idf) if names else 1.0,
        "cosine": max(0.0, quote.cosine),
        "passage_cosine": max(0.0, quote.passage_cosine),
    }


def _asks_for_words(question: str) -> bool:
    """Tell whether a question asks what was said, not for the withholding itself."""
    return bool(_WORDS_ASKED.search(question))


def _names(query: Query) -> list[str]:
    """Return the terms of a question's names and numbers; one all in capitals has no names."""
    words = [word for word in query.text.split()[1:] if word[:1].isalpha()]
    shouted = 2 * sum(word[0].isupper() for word in words) > len(words) > 2
    found = _NUMBER.findall(query.text) if shouted else _NAME_OR_NUMBER.findall(query.text)
    return [term for name in found for term in analyze(name)]


def _asks_of_unknown(query: Query, quote: Quote, archive: Archive) -> bool:
    """Tell whether a name is nowhere in the archive, or a year not in the quoted document."""
    if any(not archive.lexical.frequency(name) for name in _names(query)):
        return True
    document = quote.document
    record = document.provenance.record
    dated = " ".join(
        filter(None, [document.text, document.title, record.date, record.document_date])
    )
    return any(year not in dated for year in _YEAR.findall(query.text))
