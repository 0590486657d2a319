"""Words of a PDF that its page does not show: under bars, in the colour of the paper, not drawn.

What may be hidden follows from the page's drawing; whether it is, from the page as shown: a
stretch of one colour has no letters. Words that a program laid invisibly over a scan stay.
"""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import pypdfium2
import pypdfium2.raw as pdfium

from corpus.readers.pdf.drawing import Area, Drawn, Shape, address_of, is_pale, order_texts

# Stands for words that are covered.
BAR = "█████"
_SCALE = 2.0
_MOST_DOTS = 4000
# The share of a letter that must lie under a shape.
_MOSTLY = 0.6
# Shades that differ by less than this are one colour.
_SHADES = 24
# Around a letter there is paper, even if it is all ink, as an "l" is.
_AROUND = 1.0
_ALWAYS_LAST = 1 << 60
_COVERING = frozenset(
    {
        pdfium.FPDF_ANNOT_SQUARE,
        pdfium.FPDF_ANNOT_CIRCLE,
        pdfium.FPDF_ANNOT_POLYGON,
        pdfium.FPDF_ANNOT_STAMP,
        pdfium.FPDF_ANNOT_HIGHLIGHT,
        pdfium.FPDF_ANNOT_LINE,
        pdfium.FPDF_ANNOT_INK,
        pdfium.FPDF_ANNOT_REDACT,
    }
)
_UNSHOWN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW


@dataclass(frozen=True, slots=True)
class Veil:
    """Letters of a page, by index, that are covered, and others that are invisible."""

    covered: frozenset[int] = frozenset()
    unseen: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.covered or self.unseen)


def find_veil(
    page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage, codes: Sequence[int], drawn: Drawn
) -> Veil:
    """Return which letters of a page it does not show; `codes` are its letters."""
    marked, annotations = _annotations(page)
    shapes = [*drawn.shapes, *annotations]
    # On a page with pictures, invisible text comes from OCR.
    over_scan = drawn.pictures > 0
    if not (shapes or marked or drawn.some_pale or (drawn.some_hidden and not over_scan)):
        return Veil()
    words = list(_words(codes))
    suspects = [word for word in words if drawn.some_pale and _is_pale(text, word[0])]
    if not over_scan and drawn.some_hidden:
        suspects = list(
            dict.fromkeys([*suspects, *(w for w in words if _is_invisible(text, w[0]))])
        )
    sight = _Sight(page)
    covered = set(_under(text, words, marked))
    if shapes:
        covered.update(_find_covered(page, text, words, shapes, sight))
    unseen = {
        index
        for word in suspects
        if not covered.issuperset(word)
        and sight.is_plain(_around(text, word).widened(_AROUND))
        and not (over_scan and _is_invisible(text, word[0]))
        for index in word
    }
    return Veil(frozenset(covered), frozenset(unseen - covered))


def _words(codes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    for is_space, group in groupby(range(len(codes)), lambda index: chr(codes[index]).isspace()):
        indices = [index for index in group if codes[index] > 32]
        if not is_space and indices:
            yield tuple(indices)


def _is_pale(text: pypdfium2.PdfTextPage, index: int) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not pdfium.FPDFText_GetFillColor(text.raw, index, red, green, blue, alpha):
        return False
    return is_pale(red.value, green.value, blue.value, alpha.value)


def _is_invisible(text: pypdfium2.PdfTextPage, index: int) -> bool:
    item = pdfium.FPDFText_GetTextObject(text.raw, index)
    return bool(item) and pdfium.FPDFTextObj_GetTextRenderMode(item) == 3


def _find_covered(
    page: pypdfium2.PdfPage,
    text: pypdfium2.PdfTextPage,
    words: Sequence[tuple[int, ...]],
    shapes: Sequence[Shape],
    sight: "_Sight",
) -> Iterator[int]:
    """Yield the letters that lie under a shape, or in one of their own colour."""
    orders = order_texts(page)
    last = max(orders.values(), default=0)
    places = [_around(text, word) for word in words]
    times = [_order_of(text, word[0], orders, last) for word in words]
    for word, whole, order in zip(words, places, times, strict=True):
        near = [shape for shape in shapes if shape.area.shared(whole).size > 0]
        for shape in near:
            # What stands on a picture, or was read from it, is not under it.
            if shape.is_picture and (shape.order < order or _is_invisible(text, word[0])):
                continue
            under = list(_under(text, [word], [shape.area]))
            if not under:
                continue
            seen = _around(text, under).widened(_AROUND).shared(shape.area.widened(-0.5))
            # Other words may have been written onto what covers these.
            if sight.is_plain(seen) or any(
                order < shape.order < later and area.shared(whole).size > 0.2 * whole.size
                for later, area in (zip(times, places, strict=True) if order < shape.order else ())
            ):
                yield from under


def _order_of(
    text: pypdfium2.PdfTextPage, index: int, orders: dict[int, int], otherwise: int
) -> int:
    item = pdfium.FPDFText_GetTextObject(text.raw, index)
    return orders.get(address_of(item), otherwise) if item else otherwise


def _under(
    text: pypdfium2.PdfTextPage, words: Sequence[tuple[int, ...]], areas: Sequence[Area]
) -> Iterator[int]:
    """Yield the letters of words that lie mostly in one of the areas."""
    for word in words if areas else ():
        for index in word:
            own = _around(text, (index,))
            if any(area.shared(own).size >= _MOSTLY * own.size > 0 for area in areas):
                yield index


def _around(text: pypdfium2.PdfTextPage, indices: Sequence[int]) -> Area:
    boxes = [text.get_charbox(index) for index in indices]
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return Area(min(lefts), min(bottoms), max(rights), max(tops))


def _annotations(page: pypdfium2.PdfPage) -> tuple[list[Area], list[Shape]]:
    """Return the areas marked for redaction, and other areas laid over a page."""
    marked: list[Area] = []
    shapes: list[Shape] = []
    for index in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        note = pdfium.FPDFPage_GetAnnot(page.raw, index)
        kind = pdfium.FPDFAnnot_GetSubtype(note)
        if kind in _COVERING and not pdfium.FPDFAnnot_GetFlags(note) & _UNSHOWN:
            for area in _areas(note):
                if kind == pdfium.FPDF_ANNOT_REDACT:
                    marked.append(area)
                else:
                    shapes.append(Shape(area, _ALWAYS_LAST))
        pdfium.FPDFPage_CloseAnnot(note)
    return marked, shapes


def _areas(note: object) -> Iterator[Area]:
    """Yield the stretches that a note marks, or the whole of it."""
    points = pdfium.FS_QUADPOINTSF()
    count = pdfium.FPDFAnnot_CountAttachmentPoints(note)
    for index in range(count):
        if pdfium.FPDFAnnot_GetAttachmentPoints(note, index, points):
            xs = (points.x1, points.x2, points.x3, points.x4)
            ys = (points.y1, points.y2, points.y3, points.y4)
            yield Area(min(xs), min(ys), max(xs), max(ys))
    box = pdfium.FS_RECTF()
    if not count and pdfium.FPDFAnnot_GetRect(note, box):
        yield Area(box.left, min(box.bottom, box.top), box.right, max(box.bottom, box.top))


class _Sight:
    """A page as it is shown; drawn when it is first looked at."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self._page = page
        self._dots = b""
        self._width = self._height = self._stride = 0

    def is_plain(self, area: Area) -> bool:
        """Return whether an area has one colour; False if it is too small to know."""
        if not self._dots:
            self._draw()
        ends = [self._place(area.left, area.bottom), self._place(area.right, area.top)]
        left, right = sorted(max(0, min(self._width, x)) for x, _ in ends)
        top, bottom = sorted(max(0, min(self._height, y)) for _, y in ends)
        if right - left < 2 or bottom - top < 2:
            return False
        least, most = 255, 0
        for row in range(top, bottom):
            dots = self._dots[row * self._stride + left : row * self._stride + right]
            least, most = min(least, *dots), max(most, *dots)
            if most - least > _SHADES:
                return False
        return True

    def _draw(self) -> None:
        scale = min(_SCALE, _MOST_DOTS / max(self._page.get_size()))
        bitmap = self._page.render(scale=scale, grayscale=True)
        self._dots = bytes(bitmap.buffer)
        self._width, self._height, self._stride = bitmap.width, bitmap.height, bitmap.stride
        bitmap.close()

    def _place(self, x: float, y: float) -> tuple[int, int]:
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(
            self._page.raw, 0, 0, self._width, self._height, 0, x, y, across, down
        )
        return across.value, down.value
