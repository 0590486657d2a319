"""Finding the words of a text that match a question, to highlight them."""

from collections.abc import Collection

from corpus.documents import Span, merge_spans
from corpus.letters import INVISIBLE
from corpus.patterns import lazy_pattern
from index.text.analyzer import CJK, analyze

_NAMES = lazy_pattern(
    r"(?i:united\s+(?:states(?:\s+of\s+america)?|nations|kingdom)|soviet\s+union)"
)
# Characters inside a word that are not letters.
_WITH = rf"[\u0300-\u036f{INVISIBLE}]"
_WORD = lazy_pattern(
    rf"[A-Za-z]\.(?:[A-Za-z]\.)+|\d+(?:[.,]\d+)*|(?P<run>[{CJK}]+)"
    rf"|(?:[^\W\d_{CJK}]{_WITH}*)+(?:['’](?:[^\W\d_{CJK}]{_WITH}*)+)*"
)


def find_matches(text: str, terms: Collection[str]) -> tuple[Span, ...]:
    """Return the words of `text` that the analyzer maps to one of `terms`, in order."""
    wanted = set(terms)

    def is_wanted(words: str) -> bool:
        return not wanted.isdisjoint(analyze(words))

    found = [Span(*match.span()) for match in _NAMES.finditer(text) if is_wanted(match[0])]
    named = list(found)
    for match in _WORD.finditer(text):
        span = Span(*match.span())
        if any(span.overlaps(name) for name in named):
            continue
        if match["run"] and len(span) > 1:
            # Runs of Chinese characters and kana are analyzed in pairs.
            pairs = (Span(start, start + 2) for start in range(span.start, span.end - 1))
            found += [pair for pair in pairs if is_wanted(pair.of(text))]
        elif is_wanted(match[0]):
            found.append(span)
    return merge_spans(found)
