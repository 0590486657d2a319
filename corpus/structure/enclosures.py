"""Records enclosed in plain text: a note that a cable gives in full, and numbered enclosures.

Only certain forms count: "TEXT OF NOTE FOLLOWS: … END TEXT", "QUOTE … UNQUOTE", and a line of its
own such as "Enclosure 1" or "[Enclosure]" with a text below it. Whose words these are is left open.
"""

import re
from collections.abc import Iterator, Sequence

from corpus.documents import QUOTATION, Enclosure, Span
from corpus.structure.blocks import strip_span

_OPENING = re.compile(
    r"\b(?:(?i:begin\s+(?:text|quote))|TEXT(?:\s+OF\s[^.:;]{1,120})?\s+FOLLOWS|QUOTE)\b[.:,\s]*"
)
_CLOSING = re.compile(r"\b(?:(?i:end\s+(?:of\s+)?(?:text|quote))|UNQUOTE)\b")
_HEAD = re.compile(
    r"[\[(]?\s*(?:en|in)closure\s*(?P<number>(?:no\.?\s*)?\d{1,2})?"
    r"(?:\s+(?:in|with|to)\s+no\.?\s*\d{1,4})?\s*[.:]?\s*[\])]?[.:]?",
    re.IGNORECASE,
)
# A list of what is enclosed has fewer words below each line.
_LEAST_WORDS = 20


def find_enclosures(text: str, blocks: Sequence[Span]) -> tuple[Enclosure, ...]:
    """Return the records that a plain text encloses or quotes in full, in order."""
    found = [*_find_headed(text, blocks), *_find_quoted(text)]
    return tuple(sorted(found, key=lambda each: (each.span.start, -each.span.end)))


def _find_quoted(text: str) -> Iterator[Enclosure]:
    """Yield what stands between marks that open and close a text; the last one to open counts."""
    end = 0
    for closing in _CLOSING.finditer(text):
        openings = [*_OPENING.finditer(text, end, closing.start())]
        end = closing.end()
        # Between two marks that open, something else is said.
        if len(openings) > 1 and text[openings[0].end() : openings[-1].start()].strip(" .:,\n"):
            openings = []
        if openings:
            span = strip_span(text, Span(openings[-1].end(), closing.start()))
            if len(span):
                yield Enclosure(span, kind=QUOTATION)


def _find_headed(text: str, blocks: Sequence[Span]) -> Iterator[Enclosure]:
    heads = [
        block
        for block in blocks[1:]
        if (match := _HEAD.fullmatch(words := block.of(text)))
        and (match["number"] or words.startswith(("[", "(")))
    ]
    ends = [*(head.start for head in heads[1:]), len(text)]
    for head, end in zip(heads, ends, strict=False):
        span = strip_span(text, Span(head.start, end))
        if len(Span(head.end, end).of(text).split()) >= _LEAST_WORDS:
            yield Enclosure(span)
