"""Withholding: whether the words that a question asks for stand in a gap of the record.

A record that was released in part says so of itself, in the midst of what it does tell. Each
quotation weighs as much as it is likely to answer: only where those that tell of a gap outweigh the
others, the words asked for are what was withheld. Otherwise there is an answer, and it comes first.
"""

import math
import re
from collections.abc import Sequence

from index.answering.quotations import Quote

# What a record, or a note on it, says of its gaps.
_GAP = re.compile(
    r"withh[eo]ld\w*|held back|black(?:ed|s)[ -]out|redact(?:ed|s|ions?)\b|excised|sanitized"
    r"|not (?:been )?(?:released|declassified)|not known from the released"
    r"|(?:is|are|remains?) (?:still )?(?:classified|closed)"
    r"|records? (?:do(?:es)?|can) ?not (?:show|say|tell)"
    r"|removed (?:\w+ ){0,4}from the released|removed every mention"
    r"|only part of the content",
    re.IGNORECASE,
)
_WORDS_ASKED = re.compile(
    r"\b(?:say|said|tell|told|talk\w*|discuss\w*|agree\w*|propose\w*|promise\w*|repl(?:y|ied)"
    r"|answer\w*|respond\w*|think|thought|want\w*|warn\w*|remark\w*)\b",
    re.IGNORECASE,
)


def mentions_redaction(quote: Quote) -> bool:
    """Tell whether a quotation, or the title above it, says that something was withheld."""
    return bool(_GAP.search(f"{quote.document.title}\n{quote.text}"))


def are_redacted(question: str, quotes: Sequence[Quote]) -> bool:
    """Tell whether a question asks for words of which the quotations say they were withheld."""
    if not asks_for_words(question):
        return False
    # Differences of scores are logarithms of odds.
    odds = [math.exp(min(0.0, quote.score - quotes[0].score)) for quote in quotes]
    gaps = sum(o for o, quote in zip(odds, quotes, strict=True) if mentions_redaction(quote))
    return gaps > sum(odds) / 2


def asks_for_words(question: str) -> bool:
    """Tell whether a question asks what was said, not for the withholding itself."""
    return bool(_WORDS_ASKED.search(question))


def order_by_redaction(question: str, quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Return quotations of words asked for with those first that the verdict rests on.

    These are what tells of a gap where that outweighs the rest, and otherwise what does not.
    """
    if not asks_for_words(question):
        return tuple(quotes)
    withheld = are_redacted(question, quotes)
    return tuple(sorted(quotes, key=lambda quote: mentions_redaction(quote) != withheld))
