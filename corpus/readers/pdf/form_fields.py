"""Values of form fields of a PDF, and notes written onto its pages, in their places."""

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from corpus.readers.pdf.layout import Box
from corpus.readers.pdf.words import Frame

_UNSHOWN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_TEXTS = frozenset({pdfium.FPDF_FORMFIELD_TEXTFIELD})
_CHOICES = frozenset({pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX})
_BOXES = frozenset({pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON})
_PASSWORD = 1 << 13
_TICKED, _OPEN = "☒", "☐"
# Type sets itself to the height of a field, but not larger than this.
_LARGEST = 12.0
_LEADING = 1.2
_LETTER = 0.5


def read_fields(
    form: pypdfium2.PdfFormEnv | None, page: pypdfium2.PdfPage, frame: Frame
) -> Iterator[Box]:
    """Yield the words of each field that is filled in, and of each note on the page."""
    for index in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        note = pdfium.FPDFPage_GetAnnot(page.raw, index)
        try:
            if pdfium.FPDFAnnot_GetFlags(note) & _UNSHOWN:
                continue
            kind = pdfium.FPDFAnnot_GetSubtype(note)
            if kind == pdfium.FPDF_ANNOT_WIDGET and form is not None:
                yield from _set(frame, note, _value(form, note), _size(form, note))
            elif kind == pdfium.FPDF_ANNOT_FREETEXT:
                words = _string(pdfium.FPDFAnnot_GetStringValue, note, b"Contents")
                yield from _set(frame, note, words, 0.0)
        finally:
            pdfium.FPDFPage_CloseAnnot(note)


def _value(form: pypdfium2.PdfFormEnv, note: Any) -> str:
    kind = pdfium.FPDFAnnot_GetFormFieldType(form.raw, note)
    if kind in _BOXES:
        return _TICKED if pdfium.FPDFAnnot_IsChecked(form.raw, note) else _OPEN
    if kind in _CHOICES:
        chosen = [
            _string(pdfium.FPDFAnnot_GetOptionLabel, form.raw, note, option)
            for option in range(max(0, pdfium.FPDFAnnot_GetOptionCount(form.raw, note)))
            if pdfium.FPDFAnnot_IsOptionSelected(form.raw, note, option)
        ]
        if chosen:
            return "\n".join(chosen)
    elif kind not in _TEXTS or pdfium.FPDFAnnot_GetFormFieldFlags(form.raw, note) & _PASSWORD:
        return ""
    return _string(pdfium.FPDFAnnot_GetFormFieldValue, form.raw, note)


def _string(ask: Callable[..., int], *arguments: Any) -> str:
    """Read a UTF-16 string from pdfium, whose length is asked first."""
    size = ask(*arguments, None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    ask(*arguments, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size)
    return buffer.raw[:size].decode("utf-16-le", "replace").rstrip("\0")


def _size(form: pypdfium2.PdfFormEnv, note: Any) -> float:
    size = ctypes.c_float()
    return size.value if pdfium.FPDFAnnot_GetFontSize(form.raw, note, size) else 0.0


def _set(frame: Frame, note: Any, words: str, size: float) -> Iterator[Box]:
    """Yield the lines of a field as they stand in its box: one in its middle, more from its top."""
    lines = [" ".join(line.split()) for line in words.replace("\r", "\n").split("\n")]
    lines = [line for line in lines if line]
    box = pdfium.FS_RECTF()
    if not lines or not pdfium.FPDFAnnot_GetRect(note, box) or not frame.shows(box):
        return
    height = abs(box.top - box.bottom)
    step = height / len(lines)
    size = size or min(_LARGEST, step / _LEADING)
    middle = max(box.top, box.bottom) - (step / 2 if len(lines) == 1 else _LEADING * size / 2)
    for number, line in enumerate(lines):
        place = pdfium.FS_RECTF()
        place.left = box.left
        place.right = min(box.right, box.left + max(1.0, _LETTER * size * len(line)))
        place.top = middle - number * _LEADING * size + size / 2
        place.bottom = place.top - size
        yield frame.place(line, place, place)
