"""The lines of a page in the order in which they are read, from where its words stand.

Every function here is pure. Lengths are in points, counted from the upper left corner of the page.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from statistics import median

from corpus.readers.superscripts import as_raised, find_note, has_raised, settle_line

# Words further apart than this many times the height of the type belong to different runs.
_RUN_GAP = 1.2
# A gutter between columns is at least this wide, in heights of the type.
_GUTTER = 0.8
# Shorter than this on average, in characters, it is the cells of a table and no column of prose.
_PROSE = 16
_LEAST_LINES = 4
# The share of lines that may cross a gutter: titles and pictures over both columns.
_CROSSING = 0.25
# The column of words that run along a margin.
MARGIN = -1
_RIGHT_TO_LEFT = {"R", "AL"}
# A note's mark is smaller than its word by this share, and stands higher and close behind it.
_MARK_SIZE = 0.86
_MARK_HIGHER = 0.12
_MARK_GAP = 0.35
_MARK_CHARS = frozenset("0123456789*∗†‡§¶")
_FOOTNOTE = re.compile(r"(\d{1,3})[.)]?\s?[^\W\d_“\"‘(]")
# Type set so much larger than the line it begins is an initial.
_INITIAL_SIZE = 1.6
# A letter that may be a word belongs to the next one where it is as close as this, in its size.
_INITIAL_GAP = 0.2
_OPENING = "“‘\"'«„"
_LETTER_WORDS = frozenset("AIOEYUÀÈÉÓ")


@dataclass(frozen=True, slots=True)
class Box:
    """Words with their place: a word, a run of words, or a line.

    `size` is the height of most of its type, and `base` where that ends below: a note's mark or an
    index above or below the line changes neither.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    base: float

    @classmethod
    def of_word(cls, text: str, left: float, top: float, right: float, bottom: float) -> "Box":
        """Return the box of a word, all of one size."""
        return cls(text, left, top, right, bottom, bottom - top, bottom)

    @property
    def height(self) -> float:
        """The height of the type."""
        return self.bottom - self.top

    def is_beside(self, other: "Box") -> bool:
        """Return whether the two stand on one line."""
        shared = min(self.bottom, other.bottom) - max(self.top, other.top)
        return shared >= 0.5 * min(self.height, other.height)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page; `column` is the number of its column."""

    box: Box
    page: int
    column: int

    @property
    def text(self) -> str:
        """Its words."""
        return self.box.text


def join_words(words: Iterable[Box]) -> list[Box]:
    """Return the runs of words that follow each other closely on one line."""
    runs: list[Box] = []
    for word in words:
        last = runs[-1] if runs else None
        if last is not None and not _is_initial(last, word) and last.is_beside(word):
            height = max(last.height, word.height)
            if -0.5 * height <= word.left - last.right <= _RUN_GAP * height:
                runs[-1] = _joined(last, word)
                continue
        runs.append(word)
    return runs


def order_lines(runs: Sequence[Box], page: int) -> list[Line]:
    """Return the lines of a page: column by column, each from top to bottom."""
    return [
        Line(line, page, number)
        for number, column in enumerate(_columns(_join_initials(runs)))
        for line in _lines(column)
    ]


def settle_marks(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of a page with raised words settled: marks of notes left out."""
    if not any(has_raised(line.text) for line in lines):
        return list(lines)
    usual = median(line.box.size for line in lines for _ in line.text)
    found = (find_note(line.text) for line in lines)
    small = (_FOOTNOTE.match(line.text) for line in lines if line.box.size < 0.93 * usual)
    notes = {*filter(None, found), *(match[1] for match in small if match)}
    settled = []
    for line in lines:
        words = settle_line(line.text, notes)
        if words.strip():
            settled.append(replace(line, box=replace(line.box, text=words)))
    return settled


def _is_initial(first: Box, second: Box) -> bool:
    """Return whether words begin with a letter set much larger than the rest of its word."""
    if len(first.text) > 2:
        return False
    letter = first.text.lstrip(_OPENING)
    return (
        len(letter) == 1
        and letter.isupper()
        and first.size >= _INITIAL_SIZE * second.size
        and second.text[:1].isalpha()
        # It stands at the head of the line, or hangs down from there.
        and first.top - second.size <= second.top
        and second.bottom <= first.bottom + 0.3 * second.size
        and -0.2 * first.size <= second.left - first.right <= 0.6 * first.size
    )


def _join_initials(runs: Sequence[Box]) -> list[Box]:
    """Return the runs with initials joined to the first of the lines beside them."""
    found = list(runs)
    for letter in [run for run in runs if len(run.text.lstrip(_OPENING)) == 1]:
        beside = [run for run in found if run is not letter and _is_initial(letter, run)]
        if not beside:
            continue
        run = min(beside, key=lambda run: (run.top, run.left))
        close = run.left - letter.right <= _INITIAL_GAP * run.size
        is_word = letter.text[-1] in _LETTER_WORDS and not close
        words = letter.text + (" " if is_word else "") + run.text
        found[found.index(run)] = replace(run, text=words, left=letter.left)
        found.remove(letter)
    return found


def _columns(runs: list[Box]) -> list[list[Box]]:
    """Return the runs of each column or full-width band, in reading order."""
    gutter = _find_gutter(runs)
    if gutter is None:
        return [runs] if runs else []
    found: list[list[Box]] = []
    full: list[Box] = []
    left: list[Box] = []
    right: list[Box] = []

    def close() -> None:
        for side in (left, right):
            found.extend(_columns(side[:]))
            side.clear()

    for run in sorted(runs, key=lambda run: run.top):
        if run.left < gutter < run.right:
            close()
            full.append(run)
            continue
        if full:
            found.append(full)
            full = []
        (left if run.right <= gutter else right).append(run)
    close()
    if full:
        found.append(full)
    return found


def _find_gutter(runs: Sequence[Box]) -> float | None:
    """Return the middle of the gap between two columns of prose, or None."""
    if len(runs) < 2 * _LEAST_LINES:
        return None
    least = _GUTTER * median(run.height for run in runs)
    start, end = min(run.left for run in runs), max(run.right for run in runs)
    width = int(end - start) + 2
    steps = [0] * (width + 1)
    for run in runs:
        steps[int(run.left - start)] += 1
        steps[int(run.right - start) + 1] -= 1
    covered = list(accumulate(steps))
    lefts, rights = sorted(run.left for run in runs), sorted(run.right for run in runs)
    middle = range(width // 5, width - width // 5)
    allowed = {covered[place] for place in middle if covered[place] <= _CROSSING * len(runs)}
    for most in sorted(allowed):
        place = 0
        for is_free, stretch in groupby(over <= most for over in covered[:width]):
            begin, place = place, place + sum(1 for _ in stretch)
            gutter = start + (begin + place) / 2
            if (
                is_free
                and place - begin >= least
                and int(gutter - start) in middle
                and bisect_right(rights, gutter) >= _LEAST_LINES
                and len(runs) - bisect_left(lefts, gutter) >= _LEAST_LINES
                and _parts_prose(runs, gutter)
            ):
                return gutter
    return None


def _parts_prose(runs: Sequence[Box], gutter: float) -> bool:
    """Return whether there is prose side by side to the left and the right of a place."""
    sides = (
        [run for run in runs if run.right <= gutter],
        [run for run in runs if run.left >= gutter],
    )
    if any(sum(len(run.text) for run in side) < _PROSE * len(side) for side in sides):
        return False
    tops = [min(run.top for run in side) for side in sides]
    bottoms = [max(run.bottom for run in side) for side in sides]
    shortest = min(bottom - top for top, bottom in zip(tops, bottoms, strict=True))
    return min(bottoms) - max(tops) >= 0.5 * shortest


def _lines(runs: Sequence[Box]) -> list[Box]:
    rows: list[list[Box]] = []
    for run in sorted(runs, key=lambda run: (run.top + run.bottom, run.left)):
        if rows and rows[-1][0].is_beside(run):
            rows[-1].append(run)
        else:
            rows.append([run])
    lines = []
    for row in rows:
        row.sort(key=lambda run: run.left, reverse=_is_right_to_left(row))
        line = row[0]
        for run in row[1:]:
            line = _joined(line, run)
        lines.append(line)
    return lines


def _joined(first: Box, second: Box) -> Box:
    """Return two boxes of one line as one; a wide gap between them is kept as two spaces."""
    height = max(first.height, second.height)
    gap = max(second.left - first.right, first.left - second.right)
    main = first if len(first.text) >= len(second.text) else second
    space = "  " if gap > _RUN_GAP * height else " "
    words = second.text
    if _is_mark(second, first, gap):
        words, space, main = "".join(map(as_raised, words)), "", first
    return Box(
        first.text + space + words,
        min(first.left, second.left),
        min(first.top, second.top),
        max(first.right, second.right),
        max(first.bottom, second.bottom),
        main.size,
        main.base,
    )


def _is_mark(second: Box, first: Box, gap: float) -> bool:
    """Return whether digits or signs are raised behind a word."""
    return (
        _MARK_CHARS.issuperset(second.text)
        and second.size < _MARK_SIZE * first.size
        and first.base - second.base > _MARK_HIGHER * first.size
        and gap <= _MARK_GAP * first.size
    )


def _is_right_to_left(row: Sequence[Box]) -> bool:
    """Return whether a line is mostly Hebrew or Arabic."""
    letters = [char for run in row for char in run.text if char.isalpha()]
    turned = sum(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in letters)
    return turned * 2 > len(letters)
