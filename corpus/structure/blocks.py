"""Blocks of a text: its paragraphs and free-standing lines."""

import re

from corpus.documents import Span

# Lines longer than this are paragraphs saved as one line: such a text is not wrapped by hand.
_WRAPPED_WIDTH = 120
# A line that begins like this begins something: a turn, a field of a header, an item of a list.
_LINE_OPENING = re.compile(
    r"[ \t]*(?:[(（][^\W\d_][\w .,'’・-]{0,60}[)）]|[A-Z][\w /-]{1,30}:\s|[-*•–]\s"
    r"|\d{1,3}[.)]\s|\[\w{1,5}\])"
)
# How a record closes.
RECORD_END = re.compile(r"\(end\)|（了）|passed (?:on )?to\b|handled by\b|cc:", re.IGNORECASE)
# How far a record may go: "(Limited Distribution)", on a line of its own.
MARKING = re.compile(r"[(（][\w ]{3,40}[)）]")


def find_blocks(text: str) -> tuple[Span, ...]:
    """Return paragraphs and free-standing lines.

    A line break inside a paragraph ends a block unless the text is wrapped by hand and the first
    word of the next line would not have fitted on this one.
    """
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text)]
    width = max((end - start for start, end in lines), default=0)
    blocks: list[Span] = []
    previous_end: int | None = None
    for start, end in lines:
        line = Span(start, end)
        if not line.of(text).strip():
            previous_end = None
            continue
        if blocks and previous_end is not None and start == previous_end + 1:
            before = Span(text.rfind("\n", 0, previous_end) + 1, previous_end)
            wrapped = width <= _WRAPPED_WIDTH and _is_wrapped(text, before, line, width)
            if wrapped or _is_open(blocks[-1].of(text)):
                blocks[-1] = Span(blocks[-1].start, end)
                previous_end = end
                continue
        blocks.append(line)
        previous_end = end
    return tuple(strip_span(text, block) for block in blocks)


def find_paragraphs(text: str) -> list[Span]:
    """Return the stretches of lines between empty ones."""
    return [Span(*match.span()) for match in re.finditer(r"[^\n]+(?:\n[^\n]+)*", text)]


def opens_block(line: str) -> bool:
    """Return whether a line begins something of its own: a turn, a field, an item, a closing."""
    return bool(_LINE_OPENING.match(line) or RECORD_END.match(line))


def _is_open(words: str) -> bool:
    """Return whether a bracket is still open at the end of the words: a note goes on below."""
    return words.rfind("[") > words.rfind("]") or words.rfind("［") > words.rfind("］")


def _is_wrapped(text: str, before: Span, line: Span, width: int) -> bool:
    if opens_block(line.of(text)) or MARKING.fullmatch(before.of(text).strip()):
        return False
    words = line.of(text).split(maxsplit=1)
    return len(before.of(text).rstrip()) + 1 + len(words[0]) > width


def strip_span(text: str, span: Span) -> Span:
    """Return the span without white space at its ends."""
    words = span.of(text)
    start = span.start + len(words) - len(words.lstrip())
    return Span(start, max(start, span.start + len(words.rstrip())))
