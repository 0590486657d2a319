"""The furniture of a page: running heads and feet, page numbers, footnotes.

Every function here is pure.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from corpus.readers.pdf.layout import MARGIN, Line

# So much of the height of a page, from its upper and its lower edge, may hold running heads.
_EDGE = 0.14
_EDGE_LINES = 4
# Lines of one running head differ by this much in height, in points, from page to page.
_SHIFT = 6.0
# A running head stands on this share of all pages at least.
_SHARE = 0.15
_SMALL = 0.93
_NOTE = re.compile(r"(?:\d{1,3}|[*∗†‡§¶]{1,3}|\[\d{1,3}\])\s?[^\W\d_“\"‘(]")


def find_furniture(pages: Sequence[tuple[Sequence[Line], float]]) -> set[Line]:
    """Return the lines of pages, each with its height, that are no part of the running text."""
    distinct = _distinct(pages)
    least = max(2, round(_SHARE * len(distinct)))
    edges = [list(_edges(lines, height)) for lines, height in pages]
    seen = Counter(
        key for number in distinct for key in {_key(line, place) for line, place in edges[number]}
    )
    found: set[Line] = set()
    for edge in edges:
        for line, place in edge:
            near = sum(seen[_key(line, place, shift)] for shift in (-1, 0, 1))
            if near >= least and len(distinct) > 1:
                found.add(line)
    for lines, _ in pages:
        found.update(line for line in lines if line.column == MARGIN)
        found.update(_footnotes([line for line in lines if line not in found]))
    return found


def _distinct(pages: Sequence[tuple[Sequence[Line], float]]) -> list[int]:
    """Return the numbers of pages that differ: a page bound in twice proves nothing."""
    known: dict[tuple[str, ...], int] = {}
    for number, (lines, _) in enumerate(pages):
        if lines:
            known.setdefault(tuple(line.text for line in lines), number)
    return list(known.values())


def _edges(lines: Sequence[Line], height: float) -> Iterator[tuple[Line, float]]:
    """Yield the outermost lines at the head and the foot of a page, with their distance from it."""
    upright = sorted(
        (line for line in lines if line.column != MARGIN), key=lambda line: line.box.base
    )
    for line in upright[:_EDGE_LINES]:
        if line.box.base <= _EDGE * height:
            yield line, line.box.base
    for line in upright[-_EDGE_LINES:]:
        if line.box.top >= (1 - _EDGE) * height:
            yield line, line.box.base - height


def _key(line: Line, place: float, shift: int = 0) -> tuple[str, int]:
    """Return the key of a running head's line: its words without numbers, and its height."""
    words = re.sub(r"\d+|\b[ivxlc]+\b", "#", " ".join(line.text.split()).casefold())
    return words, round(place / _SHIFT) + shift


def _footnotes(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the notes at the foot of each column: small type, the first line with its mark."""
    sizes = [line.box.size for line in lines for _ in line.text]
    usual = median(sizes) if sizes else 0.0
    for column in {line.column for line in lines}:
        inside = [line for line in lines if line.column == column]
        start = len(inside)
        while start and inside[start - 1].box.size <= _SMALL * usual:
            start -= 1
        first = next((n for n in range(start, len(inside)) if _NOTE.match(inside[n].text)), None)
        if first is not None and start > 0:
            yield from inside[first:]
