"""Redaction: whether the words that a question asks for were withheld from the record.

A partly released record mentions its redactions within its text. Quotations are weighted by how
likely they answer: if those that mention a redaction outweigh the others, the words were withheld.
"""

import math
import re
from collections.abc import Sequence
from functools import lru_cache

from index.answering.quotations import Quote

# How a record, or a note on it, mentions a redaction.
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
    """Return whether a quotation or its document's title mentions a redaction."""
    return _has_gap(f"{quote.document.title}\n{quote.text}")


# A quotation is read for its place among others and for the verdict.
@lru_cache(maxsize=64)
def _has_gap(words: str) -> bool:
    return bool(_GAP.search(words))


def are_redacted(question: str, quotes: Sequence[Quote]) -> bool:
    """Return whether a question asks for words that were withheld, by its quotations."""
    if not asks_for_words(question):
        return False
    # Differences of scores are logarithms of odds.
    odds = [math.exp(min(0.0, quote.score - quotes[0].score)) for quote in quotes]
    gaps = sum(o for o, quote in zip(odds, quotes, strict=True) if mentions_redaction(quote))
    return gaps > sum(odds) / 2


def asks_for_words(question: str) -> bool:
    """Return whether a question asks what was said, not about the redaction itself."""
    return bool(_WORDS_ASKED.search(question))


def order_by_redaction(question: str, quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Put the quotations that decide the verdict first: those that mention a redaction, or not."""
    if not asks_for_words(question):
        return tuple(quotes)
    withheld = are_redacted(question, quotes)
    return tuple(sorted(quotes, key=lambda quote: mentions_redaction(quote) != withheld))
