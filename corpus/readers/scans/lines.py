"""Lines of scanned pages from OCR, and their paragraphs.

Every function here is pure.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

# A first line is set in by this share of the height of a line.
_INDENT = 0.7
# More than this share of the usual distance between lines ends a paragraph.
_GAP = 1.6
_SENTENCE_END = re.compile(r"[.!?:;…。！？][\"'”’)\]」』]*$")
# The hyphens that scanners and printers set at the end of a line.
_HYPHENS = "-\u2010\u00ad¬⸗="
_BROKEN = re.compile(rf"[^\W\d_][{_HYPHENS}]$")


@dataclass(frozen=True, slots=True)
class ScanLine:
    """A line of a page with its place; None where the file does not give it.

    `broken` is True where its last word goes on in the next line, and is given without a hyphen.
    """

    text: str
    left: float | None = None
    top: float | None = None
    bottom: float | None = None
    broken: bool = False


@dataclass(frozen=True, slots=True)
class ScanBlock:
    """A region of a page: "text", "heading" or "furniture"."""

    kind: str
    lines: tuple[ScanLine, ...]


@dataclass(frozen=True, slots=True)
class ScanPage:
    """A page: its label, and its regions in reading order."""

    label: str
    blocks: tuple[ScanBlock, ...]


def join_paragraphs(lines: Sequence[ScanLine]) -> Iterator[str]:
    """Yield the paragraphs of a region's lines."""
    paragraph: list[ScanLine] = []
    lefts = [line.left for line in lines if line.left is not None]
    margin = min(lefts) if lefts else None
    distance = _usual_distance(lines)
    for line in lines:
        if paragraph and _begins(line, paragraph[-1], margin, distance):
            yield join_lines(paragraph)
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield join_lines(paragraph)


def join_lines(lines: Sequence[ScanLine]) -> str:
    """Return the words of lines on one line, those that were broken whole."""
    words = lines[0].text
    for above, below in pairwise(lines):
        words = join_words(words, below.text, broken=above.broken)
    return words


def join_words(words: str, following: str, *, broken: bool = False) -> str:
    """Return words with those that follow on the next line."""
    if broken:
        return words + following
    if _BROKEN.search(words) and following[:1].islower():
        return words[:-1] + following
    return f"{words} {following}"


def goes_on(words: str, following: str) -> bool:
    """Return whether a paragraph goes on at the head of the next column or page."""
    if _SENTENCE_END.search(words):
        return False
    return following[:1].islower() or bool(_BROKEN.search(words))


def _usual_distance(lines: Sequence[ScanLine]) -> float | None:
    steps = [
        below.bottom - above.bottom
        for above, below in pairwise(lines)
        if above.bottom is not None and below.bottom is not None and below.bottom > above.bottom
    ]
    return median(steps) if steps else None


def _begins(line: ScanLine, above: ScanLine, margin: float | None, distance: float | None) -> bool:
    """Return whether a line begins a paragraph: set in, or below a gap, after a sentence's end."""
    if above.broken or not _SENTENCE_END.search(above.text):
        return False
    if line.top is None or line.bottom is None or line.left is None or margin is None:
        return False
    height = line.bottom - line.top
    if line.left - margin > _INDENT * height and (above.left or 0) - margin <= _INDENT * height:
        return True
    return (
        distance is not None
        and above.bottom is not None
        and line.bottom - above.bottom > _GAP * distance
    )
