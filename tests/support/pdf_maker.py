"""PDFs made for tests: pages of lines at given places, and cables of an invented post."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pypdfium2
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 612.0, 792.0
STAMP = "Declassified/Released US Department of State EO Systematic Review 11 MAR 2011"


@dataclass(frozen=True)
class Words:
    """Words drawn on a page: their distance from the left and from the upper edge, in points."""

    left: float
    top: float
    text: str
    size: float = 10
    hidden: bool = False
    turned: bool = False


def make_pdf(
    pages: Iterable[Sequence[Words]],
    *,
    title: str = "",
    author: str = "",
    password: str | None = None,
    font: str = "Helvetica",
    rotation: int = 0,
) -> bytes:
    """Return a PDF with these words, drawn in the order in which they are given."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(WIDTH, HEIGHT), encrypt=password, invariant=1)
    canvas.setTitle(title)
    canvas.setAuthor(author)
    for words in pages:
        canvas.setPageRotation(rotation)
        for each in words:
            canvas.saveState()
            text = canvas.beginText(each.left, HEIGHT - each.top)
            text.setFont(font, each.size)
            text.setTextRenderMode(3 if each.hidden else 0)
            if each.turned:
                canvas.translate(each.left, HEIGHT - each.top)
                canvas.rotate(90)
                text.setTextOrigin(0, 0)
            text.textOut(each.text)
            canvas.drawText(text)
            canvas.restoreState()
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def set_lines(
    lines: Iterable[str], *, left: float = 72, top: float = 90, size: float = 10
) -> list[Words]:
    """Return lines set below each other; an empty one leaves a gap."""
    return [
        Words(left, top + 1.2 * size * number, line, size)
        for number, line in enumerate(lines)
        if line
    ]


def scan(data: bytes, *, dots: int = 200, hidden: Sequence[Sequence[Words]] = ()) -> bytes:
    """Return a PDF whose pages are pictures of those of another, with hidden words if given."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(WIDTH, HEIGHT), invariant=1)
    document = pypdfium2.PdfDocument(data)
    for number, page in enumerate(document):
        picture = page.render(scale=dots / 72).to_pil().convert("L")
        canvas.drawImage(ImageReader(picture), 0, 0, WIDTH, HEIGHT)
        for each in hidden[number] if hidden else ():
            text = canvas.beginText(each.left, HEIGHT - each.top)
            text.setFont("Helvetica", each.size)
            text.setTextRenderMode(3)
            text.textOut(each.text)
            canvas.drawText(text)
        canvas.showPage()
    document.close()
    canvas.save()
    return target.getvalue()


@dataclass(frozen=True)
class Telegram:
    """An invented cable, with the fields of its header as they are typed."""

    number: str = "00417"
    group: str = "R 141630Z FEB 77"
    sender: str = "FM AMEMBASSY ELSINORE"
    addressees: tuple[str, ...] = (
        "TO SECSTATE WASHDC 2210",
        "INFO AMEMBASSY UTOPIA",
        "AMCONSUL SHANGRI LA",
    )
    marking: str = "C O N F I D E N T I A L ELSINORE 0417"
    captions: tuple[str, ...] = ("E.O. 11652: GDS", "TAGS: EFIS, PFOR, DA (YORICK, A B)")
    subject: tuple[str, ...] = (
        "SUBJECT: HERRING QUOTAS: THE HARBOR COUNCIL ASKS FOR AN EARLY",
        "ANSWER",
    )
    reference: tuple[str, ...] = ("REF: STATE 019223",)
    paragraphs: tuple[tuple[str, ...], ...] = (
        (
            "1. THE HARBOR COUNCIL TOLD US ON FEBRUARY 14 THAT THE HERRING FLEET",
            "WILL NOT SAIL BEFORE THE QUOTAS ARE KNOWN. ITS CHAIRMAN SAID THAT 1976",
            "HAD BEEN THE WORST SEASON SINCE THE WAR.",
        ),
        (
            "2. HE ADDED THAT THE COUNCIL WOULD ACCEPT THE INTERNA-",
            "TIONAL COMMISSION'S FIGURES IF THEY WERE GIVEN BEFORE MARCH.",
        ),
    )
    signature: str = "OSRIC"

    def lines(self) -> list[str]:
        """Return the lines of the cable's one sheet, an empty line for a gap."""
        body: list[str] = []
        for paragraph in self.paragraphs:
            body += [*paragraph, ""]
        return [
            "Message Text", "", "CONFIDENTIAL", "", f"PAGE 01 ELSINO {self.number} 141702Z", "44",
            "ACTION EUR-12", "", "INFO OCT-01 ISO-00 OES-06 /034 W",
            "--------------------- 071122", self.group, self.sender, *self.addressees, "",
            self.marking, "", *self.captions, *self.subject, "", *self.reference, "",
            *body[:-1], self.signature, "", "CONFIDENTIAL", "", "NNN",
        ]  # fmt: skip


def sheet(**known: str) -> list[str]:
    """Return the lines of an archivists' sheet; underscores in names stand for spaces."""
    fields = {
        "Current_Classification": "UNCLASSIFIED",
        "Draft_Date": "14 FEB 1977",
        "Document_Number": "1977ELSINO00417",
        "Film_Number": "D770052-0113",
        "From": "ELSINORE",
        "Original_Classification": "CONFIDENTIAL",
        "Subject": "n/a",
        "TAGS": "EFIS, PFOR, DA, (YORICK, A B)",
        "To": "STATE",
    } | known
    return [
        "Message Attributes",
        "",
        *(f"{name.replace('_', ' ')}: {value}" for name, value in fields.items()),
    ]


def print_cable(lines: Sequence[str], attributes: Sequence[str], *, rows: int = 40) -> bytes:
    """Return a cable as the National Archives print it: stamped at head and foot of each page."""
    sheets = [lines[start : start + rows] for start in range(0, len(lines), rows)]
    pages = []
    for each in [*sheets, list(attributes)]:
        stamps = [Words(120, 36, STAMP), Words(120, HEIGHT - 30, STAMP)]
        pages.append([*stamps, *set_lines(each, left=36, top=80)])
    return make_pdf(pages, title="NARA - AAD - Display Full Records", font="Courier")


def draw(*items: Callable[[Canvas], object]) -> bytes:
    """Return a PDF of one page on which these are drawn, one after the other."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(WIDTH, HEIGHT), invariant=1)
    for item in items:
        canvas.saveState()
        item(canvas)
        canvas.restoreState()
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def put(
    words: str,
    *,
    left: float = 72,
    top: float = 100,
    size: float = 12,
    shade: float = 0,
    mode: int = 0,
) -> Callable[[Canvas], object]:
    """Return what draws words of a shade of grey: 0 is black, 1 white."""

    def item(canvas: Canvas) -> None:
        text = canvas.beginText(left, HEIGHT - top)
        text.setFont("Helvetica", size)
        text.setTextRenderMode(mode)
        text.setFillGray(shade)
        text.textOut(words)
        canvas.drawText(text)

    return item


def box(
    left: float, top: float, width: float, height: float, *, shade: float = 0, alpha: float = 1
) -> Callable[[Canvas], object]:
    """Return what draws a filled rectangle, given by its upper left corner."""

    def item(canvas: Canvas) -> None:
        canvas.setFillGray(shade, alpha)
        canvas.rect(left, HEIGHT - top - height, width, height, stroke=0, fill=1)

    return item
