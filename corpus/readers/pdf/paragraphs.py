"""Groups the lines of a printed page into paragraphs by the space between them.

Every function here is pure.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from corpus.readers.pdf.layout import Line

# A gap of this many times the usual distance of lines is the end of a paragraph.
_GAP = 1.4
# Without a second line, lines are this many heights of the type apart.
_LEADING = 1.2
# Type this much larger or smaller is another kind of text.
_SIZE = 1.15
# A first line is set in by this many heights of the type.
_INDENT = 0.7
# An item of a list stands below a line that ends a sentence, or one shorter than this.
_SHORT = 40
# A line this long, in characters, may go on below.
_FULL = 25
_SENTENCE_END = re.compile(r"[.!?:;…。！？][\"'”’)\]」』]*$")
# A row of a table: wide gaps, and figures after them.
_ROW = re.compile(r"\S {2,}[$£¥]?\.?\d")
_ITEM = re.compile(r"(?:\d{1,2}|[A-Z]|[ivx]{1,4})[.)]\s|[(（][\w]{1,4}[)）]\s|[-*•–—]{1,2}\s?\w")


def usual_distances(lines: Sequence[Line]) -> dict[int, float]:
    """Return the usual distance of lines, base to base, for each page."""
    pages: dict[int, list[Line]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    return {page: _usual_distance(inside) for page, inside in pages.items()}


def _usual_distance(lines: Sequence[Line]) -> float:
    return median(
        [
            below.box.base - above.box.base
            for above, below in pairwise(lines)
            if (above.page, above.column) == (below.page, below.column)
            and below.box.base > above.box.base
        ]
        or [_LEADING * lines[0].box.size]
    )


def begins_paragraph(line: Line, above: Line, distance: float, *, parted: bool) -> bool:
    """Return whether a line begins something new and does not go on with the line above it.

    `distance` is that between lines usually, base to base; `parted` is whether the two stand on
    different pages or columns, or have something else between them that is no running text.
    """
    height = line.box.size
    if max(height, above.box.size) > _SIZE * min(height, above.box.size):
        return True
    ended = bool(_SENTENCE_END.search(above.text) or _ROW.search(above.text))
    if _ITEM.match(line.text) and (ended or len(above.text) < _SHORT):
        return True
    if parted:
        return ended
    # A gap in the middle of a sentence is a slip of the layout, not the end of a paragraph.
    if is_gap(line, above, distance):
        return ended or not _goes_on(line, above)
    return ended and line.box.left - above.box.left > _INDENT * height


def is_gap(line: Line, above: Line, distance: float) -> bool:
    """Return whether there is more than the usual space between two lines of a column."""
    same = (line.page, line.column) == (above.page, above.column)
    return same and line.box.base - above.box.base > _GAP * distance


def _goes_on(line: Line, above: Line) -> bool:
    """Return whether a line below a gap reads on from the one above, which is full."""
    if _ITEM.match(line.text):
        return False
    # In a telegram all is in capitals: a short line may as well be a heading.
    capitals = line.text.isupper() and above.text.isupper() and len(above.text) >= _FULL
    return line.text[0].islower() or capitals
