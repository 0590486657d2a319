"""The pages of a PDF: words with their places, pictures, and the file's metadata."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pypdfium2
import pypdfium2.raw as pdfium

from corpus.errors import UnreadableSource
from corpus.readers.pdf.drawing import find_drawn
from corpus.readers.pdf.form_fields import read_fields
from corpus.readers.pdf.hidden_words import find_veil
from corpus.readers.pdf.layout import MARGIN, Box, Line, join_words, order_lines, settle_marks
from corpus.readers.pdf.words import Frame, read_codes, read_words

# The outlines of letters take at least this many paths.
_PATHS = 100


@dataclass(frozen=True, slots=True)
class PdfPage:
    """A page: its number from 1, its label, and its lines in reading order.

    `pictured` is True where a page without words shows pictures or drawings; `recognised` where its
    words were laid invisibly over a picture, as programs do that read scans; `veiled` where it has
    words that it does not show. `turned` is how far the page as shown must be turned clockwise, in
    degrees, for most of its words to stand upright; the lines have their places on it so turned.
    """

    number: int
    label: str
    lines: tuple[Line, ...]
    height: float
    pictured: bool = False
    recognised: bool = False
    veiled: bool = False
    turned: int = 0


@contextmanager
def open_pdf(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """Open a PDF; raises UnreadableSource if it is encrypted, damaged or not a PDF."""
    if b"%PDF-" not in data[:1024]:
        raise UnreadableSource("the file is no PDF, whatever its name says")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise UnreadableSource(_why_not(error.err_code)) from error
    try:
        if not len(document):
            raise UnreadableSource("the PDF is damaged: no page of it can be found")
        if document.get_formtype() != pdfium.FORMTYPE_NONE:
            document.init_forms()
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
    """Return the labels of the pages, each unique: "iv", "12"."""
    numbers = [str(number) for number in range(1, len(document) + 1)]
    labels = [document.get_page_label(index) or number for index, number in enumerate(numbers)]
    return labels if len(set(labels)) == len(labels) else numbers


def read_page(document: pypdfium2.PdfDocument, number: int, label: str) -> PdfPage:
    """Read a page; raises UnreadableSource if it is damaged."""
    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError as error:
        raise UnreadableSource("the page is damaged") from error
    try:
        frame, drawn = Frame.of(page), find_drawn(page)
        text = page.get_textpage()
        try:
            codes = read_codes(text)
            veil = find_veil(page, text, codes, drawn)
            words = list(read_words(text, codes, frame, veil))
            angle = _usual_angle(words)
            if angle:
                # The page lies on its side, and so do its words: as if it were turned upright.
                frame = replace(frame, turned=(frame.turned - angle) % 360)
                words = list(read_words(text, codes, frame, veil))
        finally:
            text.close()
        runs = join_words([box for box, turned in words if not turned])
        runs += read_fields(document.formenv, page, frame)
        lines = (
            *settle_marks(order_lines(runs, number)),
            *(Line(box, number, MARGIN) for box, turned in words if turned),
        )
        return PdfPage(
            number,
            label,
            lines,
            frame.height,
            pictured=not lines and (drawn.pictures > 0 or drawn.paths >= _PATHS),
            recognised=bool(lines) and drawn.pictures > 0 and drawn.first_hidden,
            veiled=bool(veil),
            turned=(frame.turned - page.get_rotation()) % 360,
        )
    finally:
        page.close()


def read_boxes(document: pypdfium2.PdfDocument, number: int, turned: int = 0) -> list[Box]:
    """Return the upright words of a page, turned as in `PdfPage`, with their places."""
    page = document[number - 1]
    text = page.get_textpage()
    try:
        codes = read_codes(text)
        veil = find_veil(page, text, codes, find_drawn(page))
        frame = Frame.of(page)
        frame = replace(frame, turned=(frame.turned + turned) % 360)
        words = read_words(text, codes, frame, veil)
        return [box for box, turned in words if not turned]
    finally:
        text.close()
        page.close()


def _usual_angle(words: Sequence[tuple[Box, int]]) -> int:
    letters = Counter[int]()
    for box, angle in words:
        letters[angle] += len(box.text)
    return letters.most_common(1)[0][0] if letters else 0
