import io
from collections.abc import Callable, Sequence

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from corpus.readers import Reading, Skipped
from corpus.readers.pdf.reader import read_pdf
from corpus.structure.detection import find_redactions
from tests.support.pdf_maker import HEIGHT, Words, box, draw, make_pdf, put, scan, set_lines

Item = Callable[[Canvas], object]
# A paragraph above and below, so that the page is mostly what everybody sees.
ABOVE = put("The barge left the upper lock at dawn with a load of slate.", top=80)
BELOW = put("In the evening the keeper wrote the toll into his book.", top=120)


def read(data: bytes) -> tuple[str, list[str]]:
    """Return the text of a PDF on one line, and what is said of its pages."""
    items = list(read_pdf(data))
    (text,) = (item.text for item in items if isinstance(item, Reading))
    return " ".join(text.split()), [item.name for item in items if isinstance(item, Skipped)]


def set_words(*words: tuple[str, float, float]) -> list[Item]:
    """Return what draws words one behind the other: each with its size and how high it stands."""
    items, left = [], 72.0
    for text, size, rise in words:
        items.append(put(text, left=left, size=size, top=100 - rise))
        left += stringWidth(text, "Helvetica", size)
    return items


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([("The lock earned 1740", 12, 0), ("2", 7, 5), (" groats.", 12, 0)],
         "The lock earned 1740 groats."),
        ([("The barge", 12, 0), ("12", 7, 5), (" sank, and the crew", 12, 0), ("*", 8, 4),
          (" swam.", 12, 0)], "The barge sank, and the crew swam."),
        ([("The barge sank.", 12, 0), ("3", 7, 5)], "The barge sank."),
        ([("It took about 10", 12, 0), ("4", 7, 5), (" eggs.", 12, 0)], "It took about 10⁴ eggs."),
        ([("At 7", 12, 0), ("3", 7, 5), ("/", 12, 0), ("4", 7, -1), (" pence.", 12, 0)],
         "At 7 3/4 pence."),
        ([("The 2", 12, 0), ("nd", 7, 5), (" barge of the year.", 12, 0)],
         "The 2nd barge of the year."),
        ([("The 22", 12, 0), (" barges of 1740.", 12, 0)], "The 22 barges of 1740."),
        ([("2", 7, 5), (" The ledger of the lock.", 12, 0)], "2 The ledger of the lock."),
    ],
)  # fmt: skip
def test_raised_figures_are_no_part_of_a_number(
    words: Sequence[tuple[str, float, float]], text: str
) -> None:
    assert read(draw(*set_words(*words)))[0] == text


SECRET = put("The pilot was Ambrose Keel of the lower town.", top=100)


@pytest.mark.parametrize(
    "items",
    [
        [SECRET, box(70, 88, 300, 16)],
        [SECRET, box(70, 88, 300, 16, shade=0.5)],
        [SECRET, box(70, 88, 300, 16, shade=1)],
        [SECRET, *(box(70 + 30 * n, 88, 31, 16) for n in range(10))],
        [box(70, 88, 300, 16), SECRET],
    ],
    ids=["black", "grey", "white", "in pieces", "drawn before"],
)
def test_covered_words_are_a_bar(items: Sequence[Item]) -> None:
    text, named = read(draw(ABOVE, *items, BELOW))
    assert "Ambrose" not in text
    assert "█" in text
    assert named == ["page 1"]
    assert [redaction.kind for redaction in find_redactions(text)] == ["redaction"]


def test_only_what_is_covered_of_a_line_is_withheld() -> None:
    start = 72 + stringWidth("The pilot was ", "Helvetica", 12)
    width = stringWidth("Ambrose Keel", "Helvetica", 12)
    text, _ = read(draw(ABOVE, SECRET, box(start - 1, 88, width + 2, 16), BELOW))
    assert "The pilot was █████ of the lower town." in text


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_words_are_covered_on_a_page_that_is_turned(rotation: int) -> None:
    text, _ = read(
        draw(
            lambda canvas: canvas.setPageRotation(rotation),
            put("The lock was closed.", top=400),
            put("The pilot was Ambrose Keel.", top=420),
            box(70, 408, 300, 16),
            put("The keeper slept.", top=440),
        )
    )
    assert text == "The lock was closed. █████ The keeper slept."


@pytest.mark.parametrize(
    "item",
    [
        put("The pilot was Ambrose Keel.", shade=1),
        put("The pilot was Ambrose Keel.", shade=0.99),
        put("The pilot was Ambrose Keel.", mode=3),
        put("The pilot was Ambrose Keel.", left=700),
        put("The pilot was Ambrose Keel.", top=-40),
    ],
    ids=["white", "nearly white", "not drawn", "beside the page", "above the page"],
)
def test_words_that_the_page_does_not_show_are_left_out(item: Item) -> None:
    text, _ = read(draw(ABOVE, item, BELOW))
    assert "Ambrose" not in text
    assert "█" not in text
    assert text.startswith("The barge left")


@pytest.mark.parametrize(
    "items",
    [
        [box(70, 88, 300, 16, shade=0.9), SECRET],
        [box(70, 88, 300, 16, shade=0), put("The pilot was Ambrose Keel.", shade=1)],
        [SECRET, box(70, 88, 300, 16, shade=0.6, alpha=0.4)],
        [SECRET, box(70, 103, 300, 4)],
        [SECRET, box(60, 200, 300, 40)],
        [put("The pilot was Ambrose Keel.", shade=0.6)],
    ],
    ids=["shaded", "white on black", "highlighted", "underlined", "a box elsewhere", "grey"],
)
def test_what_a_reader_sees_stays(items: Sequence[Item]) -> None:
    text, named = read(draw(ABOVE, *items, BELOW))
    assert "The pilot was Ambrose Keel" in text
    assert named == []


def test_an_invisible_layer_over_a_scan_stays_but_not_under_a_bar() -> None:
    lines = [set_lines(["The lock was closed.", "The pilot was Ambrose Keel."], size=14)]
    scanned = scan(make_pdf(lines), hidden=lines)
    assert read(scanned) == ("The lock was closed. The pilot was Ambrose Keel.", [])

    def layer(canvas: Canvas) -> None:
        picture = pypdfium2.PdfDocument(make_pdf(lines))[0].render(scale=2).to_pil()
        canvas.drawImage(ImageReader(picture), 0, 0, 612, HEIGHT)

    words = [
        put(each.text, left=each.left, top=each.top, size=each.size, mode=3) for each in lines[0]
    ]
    second: Words = lines[0][1]
    bar = box(70, second.top - 14, 300, 20)
    text, named = read(draw(layer, *words, bar))
    assert (text, named) == ("The lock was closed. █████", ["page 1"])


def fill(canvas: Canvas) -> None:
    form = canvas.acroForm
    canvas.setFont("Helvetica", 12)
    for number, (label, value) in enumerate([("Pilot:", "Ambrose Keel"), ("Barge:", "Osprey")]):
        top = HEIGHT - 200 - 30 * number
        canvas.drawString(72, top, label)
        form.textfield(name=label, value=value, x=120, y=top - 6, width=200, height=20)
    form.textfield(name="password", value="open", x=400, y=400, fieldFlags="password")
    form.checkbox(name="paid", checked=True, x=72, y=HEIGHT - 304, size=14)
    canvas.drawString(92, HEIGHT - 300, "paid")
    form.checkbox(name="owed", checked=False, x=72, y=HEIGHT - 334, size=14)
    canvas.drawString(92, HEIGHT - 330, "owed")
    form.choice(
        name="lock", value="Upper", options=["Upper", "Lower"], x=72, y=HEIGHT - 370, width=90,
        height=20,
    )  # fmt: skip


def test_what_was_filled_into_a_form_stands_in_its_place() -> None:
    (reading,) = read_pdf(draw(ABOVE, fill))
    assert isinstance(reading, Reading)
    lines = [" ".join(line.split()) for line in reading.text.split("\n") if line]
    assert "Pilot: Ambrose Keel" in lines
    assert "Barge: Osprey" in lines
    assert "☒ paid" in lines
    assert "☐ owed" in lines
    assert "Upper" in lines
    assert "open" not in reading.text


def test_a_note_written_onto_a_page_is_read() -> None:
    document = pypdfium2.PdfDocument(draw(ABOVE, BELOW))
    page = document[0]
    note = pdfium.FPDFPage_CreateAnnot(page.raw, pdfium.FPDF_ANNOT_FREETEXT)
    place = pdfium.FS_RECTF(72, HEIGHT - 200, 300, HEIGHT - 220)
    pdfium.FPDFAnnot_SetRect(note, place)
    words = ("Paid in full." + "\0").encode("utf-16-le")
    value = (pdfium.FPDF_WCHAR * (len(words) // 2)).from_buffer_copy(words)
    pdfium.FPDFAnnot_SetStringValue(note, b"Contents", value)
    pdfium.FPDFPage_CloseAnnot(note)
    target = io.BytesIO()
    document.save(target)
    assert read(target.getvalue())[0].endswith("Paid in full.")


@pytest.mark.parametrize(
    ("initial", "rest", "text"),
    [
        ("T", "he barge left the upper lock at dawn", "The barge left the upper lock at dawn"),
        ("“T", "he barge left the upper lock at dawn", "“The barge left the upper lock at dawn"),
    ],
)
def test_an_initial_belongs_to_its_word(initial: str, rest: str, text: str) -> None:
    width = stringWidth(initial, "Helvetica", 40)
    lines = ["with a load of slate and with", "two passengers who had paid"]
    items = [
        put(initial, size=40, top=128),
        put(rest, left=74 + width, size=12, top=100),
        *(put(line, left=74 + width, size=12, top=114 + 14 * n) for n, line in enumerate(lines)),
        put("nine groats to the keeper.", top=142),
    ]
    assert read(draw(*items))[0] == f"{text} {' '.join(lines)} nine groats to the keeper."
