"""The text, shapes and pictures on a page of a PDF, in the order in which they are drawn."""

import ctypes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

# How deep forms may be nested on a page.
_DEPTH = 3
# A page with more objects than this is a map or a drawing, and not searched for covered words.
_MOST = 20_000
# Thinner shapes, in points, are lines and no bars.
_THIN = 3.0
_INVISIBLE = 3
# Text is as light as this where paper of the same colour may hide it.
_LIGHT = 225
_FAINT = 30
_UPRIGHT = pypdfium2.PdfMatrix()


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in the page's own coordinates."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def size(self) -> float:
        """Its size; 0 if it is inside out."""
        return max(0.0, self.right - self.left) * max(0.0, self.top - self.bottom)

    def shared(self, other: "Area") -> "Area":
        """Return the intersection of two areas."""
        return Area(
            max(self.left, other.left),
            max(self.bottom, other.bottom),
            min(self.right, other.right),
            min(self.top, other.top),
        )

    def widened(self, by: float) -> "Area":
        """Return the area widened by a margin on each side."""
        return Area(self.left - by, self.bottom - by, self.right + by, self.top + by)


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled shape or picture that may hide text: its area, and when it is drawn."""

    area: Area
    order: int
    is_picture: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """The drawing of a page: numbers of pictures and paths, and shapes that may hide text.

    `first_hidden` is whether the first text is not drawn, `some_hidden` whether any is not, and
    `some_pale` whether any is nearly white or nearly transparent.
    """

    pictures: int
    paths: int
    first_hidden: bool
    some_hidden: bool
    some_pale: bool
    shapes: tuple[Shape, ...]


def find_drawn(page: pypdfium2.PdfPage) -> Drawn:
    """Return the drawing of a page."""
    pictures = paths = 0
    first: bool | None = None
    some_hidden = some_pale = False
    colour = tuple(ctypes.c_uint() for _ in range(4))
    shapes: list[Shape] = []
    width, height = page.get_size()
    for order, (item, kind, matrix) in enumerate(_objects(page)):
        if order >= _MOST:
            shapes.clear()
            break
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            hidden = pdfium.FPDFTextObj_GetTextRenderMode(item) == _INVISIBLE
            first = hidden if first is None else first
            some_hidden |= hidden
            if pdfium.FPDFPageObj_GetFillColor(item, *colour):
                some_pale |= is_pale(*(each.value for each in colour))
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            paths += 1
            if _is_filled(item):
                shapes += (Shape(area, order) for area in _bar(item, matrix))
        elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures += 1
            # A picture of most of the page is a scan, and what lies under it was read from it.
            shapes += (
                Shape(area, order, is_picture=True)
                for area in _bar(item, matrix)
                if area.size < 0.5 * width * height
            )
    return Drawn(pictures, paths, bool(first), some_hidden, some_pale, tuple(shapes))


def is_pale(red: int, green: int, blue: int, alpha: int) -> bool:
    """Return whether a colour is nearly white, or nearly transparent."""
    return min(red, green, blue) >= _LIGHT or alpha <= _FAINT


def order_texts(page: pypdfium2.PdfPage) -> dict[int, int]:
    """Return when each text of a page is drawn, by its address."""
    return {
        address_of(item): order
        for order, (item, kind, _) in enumerate(_objects(page))
        if kind == pdfium.FPDF_PAGEOBJ_TEXT
    }


def address_of(item: Any) -> int:
    """Return the address of an object, unique on its page."""
    return ctypes.cast(item, ctypes.c_void_p).value or 0


def _objects(page: pypdfium2.PdfPage) -> Iterator[tuple[Any, int, pypdfium2.PdfMatrix]]:
    """Yield each object of a page, also inside forms, with its kind and the form's matrix."""
    raw = page.raw
    count = pdfium.FPDFPage_CountObjects(raw)
    yield from _walk((pdfium.FPDFPage_GetObject(raw, n) for n in range(count)), _UPRIGHT, 1)


def _walk(
    items: Iterable[Any], matrix: pypdfium2.PdfMatrix, depth: int
) -> Iterator[tuple[Any, int, pypdfium2.PdfMatrix]]:
    for item in items:
        kind = pdfium.FPDFPageObj_GetType(item)
        yield item, kind, matrix
        own = pdfium.FS_MATRIX()
        if (
            kind == pdfium.FPDF_PAGEOBJ_FORM
            and depth < _DEPTH
            and pdfium.FPDFPageObj_GetMatrix(item, own)
        ):
            count = pdfium.FPDFFormObj_CountObjects(item)
            inside = (pdfium.FPDFFormObj_GetObject(item, n) for n in range(count))
            yield from _walk(inside, pypdfium2.PdfMatrix.from_raw(own).multiply(matrix), depth + 1)


def _is_filled(path: Any) -> bool:
    """Return whether a path is a filled shape, or a line as thick as a bar."""
    mode, is_stroked = ctypes.c_int(), ctypes.c_int()
    if not pdfium.FPDFPath_GetDrawMode(path, mode, is_stroked):
        return False
    if mode.value:
        return True
    width = ctypes.c_float()
    return bool(is_stroked.value and pdfium.FPDFPageObj_GetStrokeWidth(path, width)) and (
        width.value > _THIN
    )


def _bar(item: Any, matrix: pypdfium2.PdfMatrix) -> Iterator[Area]:
    """Yield the area of an object, unless it is too thin to hide words."""
    box = [ctypes.c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(item, *box):
        return
    area = Area(*matrix.on_rect(*(side.value for side in box)))
    if area.right - area.left >= _THIN and area.top - area.bottom >= _THIN:
        yield area
