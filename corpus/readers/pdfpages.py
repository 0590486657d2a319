"""What stands on the pages of a PDF: words with their places, pictures, and what the file says."""

import ctypes
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pypdfium2
import pypdfium2.raw as pdfium

from corpus.errors import UnreadableSource
from corpus.readers.layout import MARGIN, Box, Line, join_words, order_lines

# What pdfium gives for a hyphen at the end of a line, having joined the word.
_LINE_HYPHEN = 2
_LINE_BREAKS = {10, 13}
_NOTHING = {0, 0xFFFE, 0xFFFF}
# More of a page's letters than this without a meaning, and its text is of no use.
_MEANINGLESS = 0.3
# How many objects of a page are looked at for pictures.
_OBJECTS = 200
# The outlines of letters are drawn with so many paths at least.
_PATHS = 100
_INVISIBLE = 3


@dataclass(frozen=True, slots=True)
class PdfPage:
    """A page: its number from 1, its label, and its lines in reading order.

    `pictured` is True where a page without words shows pictures or drawings; `recognised` where its
    words were laid invisibly over a picture, as programs do that read scans.
    """

    number: int
    label: str
    lines: tuple[Line, ...]
    height: float
    pictured: bool = False
    recognised: bool = False


@contextmanager
def open_pdf(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF; raises UnreadableSource for what is encrypted, damaged or none."""
    if b"%PDF-" not in data[:1024]:
        raise UnreadableSource("the file is no PDF, whatever its name says")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise UnreadableSource(_why_not(error.err_code)) from error
    try:
        if not len(document):
            raise UnreadableSource("the PDF is damaged: no page of it can be found")
        yield document
    finally:
        document.close()


def _why_not(code: int | None) -> str:
    match code:
        case pdfium.FPDF_ERR_PASSWORD:
            return "the PDF is encrypted: it opens with a password only"
        case pdfium.FPDF_ERR_SECURITY:
            return "the PDF is encrypted in a way that memcon cannot read"
    return "the PDF is damaged or cut off: nothing of it can be read"


def read_labels(document: pypdfium2.PdfDocument) -> list[str]:
    """Return what the pages are called, each by a name of its own: "iv", "12"."""
    numbers = [str(number) for number in range(1, len(document) + 1)]
    labels = [document.get_page_label(index) or number for index, number in enumerate(numbers)]
    return labels if len(set(labels)) == len(labels) else numbers


def read_page(document: pypdfium2.PdfDocument, number: int, label: str) -> PdfPage:
    """Return what stands on a page; raises UnreadableSource where it is damaged."""
    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError as error:
        raise UnreadableSource("the page is damaged") from error
    try:
        frame = _Frame.of(page)
        words = list(_read_words(page, frame))
        angle = _usual_angle(words)
        if angle:
            # The page lies on its side, and so do its words: read as if it were turned upright.
            frame = replace(frame, turned=(frame.turned - angle) % 360)
            words = list(_read_words(page, frame))
        lines = (
            *order_lines(join_words([box for box, turned in words if not turned]), number),
            *(Line(box, number, MARGIN) for box, turned in words if turned),
        )
        kinds = _kinds(page)
        return PdfPage(
            number,
            label,
            lines,
            frame.height,
            pictured=not lines and (kinds.pictures > 0 or kinds.paths >= _PATHS),
            recognised=bool(lines) and kinds.pictures > 0 and kinds.hidden,
        )
    finally:
        page.close()


@dataclass(frozen=True, slots=True)
class _Frame:
    """The visible part of a page, and how it is turned: clockwise, in degrees."""

    left: float
    bottom: float
    right: float
    top: float
    turned: int

    @classmethod
    def of(cls, page: pypdfium2.PdfPage) -> "_Frame":
        left, bottom, right, top = page.get_cropbox()
        return cls(left, bottom, right, top, page.get_rotation())

    @property
    def height(self) -> float:
        """The height of the page as it is shown."""
        return self.right - self.left if self.turned in {90, 270} else self.top - self.bottom

    def shows(self, box: pdfium.FS_RECTF) -> bool:
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
        match self.turned:
            case 90:
                return Box.of_word(
                    text,
                    bottom - self.bottom,
                    left - self.left,
                    top - self.bottom,
                    right - self.left,
                )
            case 180:
                return Box.of_word(
                    text,
                    self.right - right,
                    bottom - self.bottom,
                    self.right - left,
                    top - self.bottom,
                )
            case 270:
                return Box.of_word(
                    text, self.top - top, self.right - right, self.top - bottom, self.right - left
                )
        return Box.of_word(
            text, left - self.left, self.top - top, right - self.left, self.top - bottom
        )


def _usual_angle(words: Sequence[tuple[Box, int]]) -> int:
    """Return by how much most letters of a page are turned."""
    letters = Counter[int]()
    for box, angle in words:
        letters[angle] += len(box.text)
    return letters.most_common(1)[0][0] if letters else 0


def _read_words(page: pypdfium2.PdfPage, frame: _Frame) -> Iterator[tuple[Box, int]]:
    """Yield the visible words in the order of the file, and by how much each is turned.

    That is counted as the page is shown, in degrees, as a multiple of 90.
    """
    text = page.get_textpage()
    try:
        count = pdfium.FPDFText_CountChars(text.raw)
        codes = [pdfium.FPDFText_GetUnicode(text.raw, index) for index in range(count)]
        meaningless = sum(code in _NOTHING or 0xE000 <= code <= 0xF8FF for code in codes)
        if meaningless > _MEANINGLESS * count:
            return
        start: int | None = None
        for index in range(count + 1):
            code = codes[index] if index < count else 32
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
    finally:
        text.close()


def _word(
    page: pypdfium2.PdfTextPage, frame: _Frame, codes: list[int], start: int, end: int
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
    box = frame.place(words, first, last)
    if first.top != last.top or frame.turned:
        # A note's mark stands higher than the word that it is joined to.
        own = frame.place(words, first, first)
        box = replace(box, size=own.size, base=own.base)
        for index in range(start + 1, end) if not (quarter or _share_line(box, own)) else ():
            place = _place_of(page, index)
            if not _share_line(frame.place("", place, place), own):
                yield from _word(page, frame, codes, start, index)
                yield from _word(page, frame, codes, index, end)
                return
    yield box, quarter


def _place_of(page: pypdfium2.PdfTextPage, index: int) -> pdfium.FS_RECTF:
    box = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(page.raw, index, ctypes.byref(box))
    return box


def _share_line(box: Box, own: Box) -> bool:
    """Tell whether a letter may stand on a line, or a whole word does."""
    return box.bottom - box.top < 1.7 * own.size and (
        min(box.bottom, own.bottom) - max(box.top, own.top) > 0.2 * own.size
    )


@dataclass(frozen=True, slots=True)
class _Kinds:
    pictures: int
    paths: int
    hidden: bool


def _kinds(page: pypdfium2.PdfPage) -> _Kinds:
    """Return what kinds of object a page has, and whether its first text is not drawn."""
    pictures = paths = 0
    hidden: bool | None = None
    for number, item in enumerate(page.get_objects(max_depth=3)):
        if number >= _OBJECTS:
            break
        if item.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures += 1
        elif item.type == pdfium.FPDF_PAGEOBJ_PATH:
            paths += 1
        elif item.type == pdfium.FPDF_PAGEOBJ_TEXT and hidden is None:
            hidden = pdfium.FPDFTextObj_GetTextRenderMode(item.raw) == _INVISIBLE
    return _Kinds(pictures, paths, bool(hidden))
