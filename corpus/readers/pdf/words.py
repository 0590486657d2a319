"""The words of a page of a PDF, each with its place, and how the page is turned."""

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pypdfium2
import pypdfium2.raw as pdfium

from corpus.readers.pdf.hidden_words import BAR, Veil
from corpus.readers.pdf.layout import Box
from corpus.readers.superscripts import as_raised

# What pdfium gives for a hyphen at the end of a line, having joined the word.
_LINE_HYPHEN = 2
_NOTHING = {0, 0xFFFE, 0xFFFF}
# More of a page's letters than this without a meaning, and its text is of no use.
_MEANINGLESS = 0.3
# A note's mark, a power or part of a fraction.
_RAISABLE = frozenset(map(ord, "0123456789*∗†‡§¶"))
# A raised letter is smaller than the others by this share, and higher by that one of their size.
_SMALLER = 0.86
_HIGHER = 0.12


@dataclass(frozen=True, slots=True)
class Frame:
    """The visible part of a page, and how it is turned: clockwise, in degrees."""

    left: float
    bottom: float
    right: float
    top: float
    turned: int

    @classmethod
    def of(cls, page: pypdfium2.PdfPage) -> "Frame":
        """Return the visible part of a page."""
        left, bottom, right, top = page.get_cropbox()
        return cls(left, bottom, right, top, page.get_rotation())

    @property
    def height(self) -> float:
        """The height of the page as it is shown."""
        return self.right - self.left if self.turned in {90, 270} else self.top - self.bottom

    def shows(self, box: pdfium.FS_RECTF) -> bool:
        """Return whether anything in a box is visible."""
        return bool(
            box.right >= self.left
            and box.left <= self.right
            and box.top >= self.bottom
            and box.bottom <= self.top
        )

    def place(self, text: str, first: pdfium.FS_RECTF, last: pdfium.FS_RECTF) -> Box:
        """Return the box of a word from those of its first and last letter, as it is shown."""
        left, right = min(first.left, last.left), max(first.right, last.right)
        bottom, top = min(first.bottom, last.bottom), max(first.top, last.top)
        # The distances from each side of the page, from which it is turned to the left and the top.
        sides = (
            (left - self.left, right - self.left),
            (bottom - self.bottom, top - self.bottom),
            (self.right - right, self.right - left),
            (self.top - top, self.top - bottom),
        )
        quarter = self.turned // 90
        (start, end), (head, foot) = sides[quarter], sides[quarter - 1]
        return Box.of_word(text, start, head, end, foot)


def read_codes(text: pypdfium2.PdfTextPage) -> list[int]:
    """Return the code points of a page's letters; none if most have no meaning."""
    count = pdfium.FPDFText_CountChars(text.raw)
    codes = [pdfium.FPDFText_GetUnicode(text.raw, index) for index in range(count)]
    meaningless = sum(code in _NOTHING or 0xE000 <= code <= 0xF8FF for code in codes)
    return [] if meaningless > _MEANINGLESS * count else codes


def read_words(
    text: pypdfium2.PdfTextPage, codes: list[int], frame: Frame, veil: Veil
) -> Iterator[tuple[Box, int]]:
    """Yield the visible words in the order of the file, with their rotation.

    That is counted as the page is shown, in degrees, as a multiple of 90. Where words are covered,
    a bar stands for them.
    """
    if veil:
        yield from _bars(text, codes, frame, veil)
        hidden = veil.covered | veil.unseen
        codes = [32 if index in hidden else code for index, code in enumerate(codes)]
    start: int | None = None
    for index in range(len(codes) + 1):
        code = codes[index] if index < len(codes) else 32
        ends = code == _LINE_HYPHEN
        if not ends and (code <= 32 or chr(code).isspace()):
            if start is not None:
                yield from _word(text, frame, codes, start, index)
            start = None
            continue
        start = index if start is None else start
        if ends:
            yield from _word(text, frame, codes, start, index + 1)
            start = None


def _bars(
    text: pypdfium2.PdfTextPage, codes: list[int], frame: Frame, veil: Veil
) -> Iterator[tuple[Box, int]]:
    """Yield a bar for each run of covered letters on a line."""
    run: list[int] = []
    for index, code in enumerate([*codes, -1]):
        if index in veil.covered:
            if run and not _follows(text, run[-1], index):
                yield _bar(text, frame, run)
                run = []
            run.append(index)
        elif run and (code > 32 or code < 0) and not chr(max(code, 0)).isspace():
            yield _bar(text, frame, run)
            run = []


def _follows(text: pypdfium2.PdfTextPage, index: int, following: int) -> bool:
    """Return whether a letter stands on the line of another one, whichever way that runs."""
    first, second = _place_of(text, index), _place_of(text, following)
    if _turn_of(text, index) % 180:
        return bool(min(first.right, second.right) > max(first.left, second.left))
    return bool(min(first.top, second.top) > max(first.bottom, second.bottom))


def _bar(text: pypdfium2.PdfTextPage, frame: Frame, run: list[int]) -> tuple[Box, int]:
    turned = (_turn_of(text, run[0]) + frame.turned) % 360
    return frame.place(BAR, _place_of(text, run[0]), _place_of(text, run[-1])), turned


def _turn_of(text: pypdfium2.PdfTextPage, index: int) -> int:
    return round(math.degrees(pdfium.FPDFText_GetCharAngle(text.raw, index)) / 90) * 90


def _box(text: pypdfium2.PdfTextPage, frame: Frame, index: int) -> Box:
    place = _place_of(text, index)
    return frame.place("", place, place)


def _word(
    page: pypdfium2.PdfTextPage, frame: Frame, codes: list[int], start: int, end: int
) -> Iterator[tuple[Box, int]]:
    """Yield a word of one line, or the parts of what pdfium has taken for one word of several."""
    letters = [
        0x2D if code == _LINE_HYPHEN else code for code in codes[start:end] if code not in _NOTHING
    ]
    words = "".join(map(chr, letters))
    if any(0xD800 <= code <= 0xDFFF for code in letters):
        # Letters beyond the first 65,536 may come in halves.
        words = words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    first, last = _place_of(page, start), _place_of(page, end - 1)
    if not words or not (frame.shows(first) or frame.shows(last)):
        return
    angle = math.degrees(pdfium.FPDFText_GetCharAngle(page.raw, start)) + frame.turned
    quarter = round(angle / 90) * 90 % 360
    if (
        end - start > 1
        and not (quarter or _RAISABLE.isdisjoint(letters))
        and (raised := _find_raised(page, frame, codes, start, end))
    ):
        words = "".join(
            as_raised(chr(code)) if index in raised else chr(code)
            for index, code in enumerate(codes[start:end], start)
            if code not in _NOTHING
        ).replace(chr(_LINE_HYPHEN), "-")
    box = frame.place(words, first, last)
    if first.top != last.top or frame.turned:
        # A note's mark stands higher than the word that it is joined to.
        own = frame.place(words, first, first)
        box = replace(box, size=own.size, base=own.base)
        for index in range(start + 1, end) if not (quarter or _share_line(box, own)) else ():
            if not _share_line(_box(page, frame, index), own):
                yield from _word(page, frame, codes, start, index)
                yield from _word(page, frame, codes, index, end)
                return
    yield box, quarter


def _find_raised(
    page: pypdfium2.PdfTextPage, frame: Frame, codes: list[int], start: int, end: int
) -> set[int]:
    """Return which digits and signs of a word are smaller and higher than its other letters."""
    found = [index for index in range(start, end) if codes[index] in _RAISABLE]
    # Of nothing but digits, those that are raised stand at an end.
    asked = found if len(found) < end - start else [start, end - 1]
    if not found or len({_place_of(page, index).top for index in (start, *asked)}) == 1:
        return set()
    boxes = {index: _box(page, frame, index) for index in range(start, end)}
    size = max(box.size for box in boxes.values())
    base = max(box.base for box in boxes.values() if box.size >= _SMALLER * size)
    return {
        index
        for index, box in boxes.items()
        if codes[index] in _RAISABLE
        and box.size < _SMALLER * size
        and base - box.base > _HIGHER * size
    }


def _place_of(page: pypdfium2.PdfTextPage, index: int) -> pdfium.FS_RECTF:
    box = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(page.raw, index, ctypes.byref(box))
    return box


def _share_line(box: Box, own: Box) -> bool:
    """Return whether a letter may stand on a line, or a whole word does."""
    return box.bottom - box.top < 1.7 * own.size and (
        min(box.bottom, own.bottom) - max(box.top, own.top) > 0.2 * own.size
    )
