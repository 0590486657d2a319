"""Which words of a text match a question: for marking, not for ranking."""

import re
from collections.abc import Collection

from corpus.documents import Span
from index.analyzer import analyze

_WORD = re.compile(r"[A-Za-z]\.(?:[A-Za-z]\.)+|\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")
_NAMES = re.compile(r"(?i:united\s+(?:states|nations|kingdom)|soviet\s+union)")


def find_matches(text: str, terms: Collection[str]) -> list[Span]:
    """Return the words of `text` that the analyzer takes for one of `terms`, in order."""
    wanted = set(terms)
    found: list[Span] = []
    for pattern in (_NAMES, _WORD):
        for match in pattern.finditer(text):
            span = Span(*match.span())
            if any(span.overlaps(other) for other in found):
                continue
            if span.of(text).isascii() or not _is_run(span.of(text)):
                if wanted.intersection(analyze(span.of(text))):
                    found.append(span)
            else:
                found += [
                    Span(start, start + 2)
                    for start in range(span.start, span.end - 1)
                    if wanted.intersection(analyze(text[start : start + 2]))
                ]
    merged: list[Span] = []
    for span in sorted(found):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return merged


def _is_run(word: str) -> bool:
    """Tell whether a "word" is a run of Chinese characters or kana, which is analyzed in pairs."""
    return any("\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff" for char in word)
