from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.citations.styles import cite
from corpus.documents import Document, Span
from corpus.errors import UnreadableSource
from corpus.ingest.assembly import make_document
from corpus.readers import Reading, Skipped, load_reader
from corpus.readers.formats import BY_SUFFIX
from corpus.readers.pdf.reader import read_pdf
from index.text.passages import make_passages
from tests.support.pdf_maker import (
    HEIGHT,
    STAMP,
    Telegram,
    Words,
    make_pdf,
    print_cable,
    scan,
    set_lines,
    sheet,
)

LEFT = [
    "The harbour master wrote that no ship had",
    "left since Sunday, and that the council had",
    "met twice. He did not say what it had dis-",
    "cussed. The mayor thought the matter was",
    "closed, and told the newspapers as much on",
]
RIGHT = [
    "the following morning. Nobody believed him",
    "but his brother, who owned the fish market",
    "and had reasons of his own. The council met",
    "a third time in April, in the old customs",
    "house, and its doors were closed to all.",
]


def read(data: bytes) -> Reading:
    (reading,) = read_pdf(data)
    assert isinstance(reading, Reading)
    return reading


def document(data: bytes) -> Document:
    return make_document("d", "d.pdf", read(data))


def sentences(of: Document) -> list[str]:
    return [
        " ".join(span.of(of.text).split())
        for passage in make_passages(of)
        for span in passage.sentences
    ]


def quotable(reading: Reading) -> list[str]:
    return [
        block.of(reading.text)
        for block in reading.blocks or ()
        if not any(area.overlaps(block) for area in reading.boilerplate or ())
    ]


def test_pdfs_have_a_reader_and_are_read_to_the_letter() -> None:
    assert load_reader(BY_SUFFIX[".pdf"]) is read_pdf
    reading = read(make_pdf([set_lines(["The ministers met.", "They spoke of rice."])]))
    assert reading.text == "The ministers met.\nThey spoke of rice."


@pytest.mark.parametrize("by_rows", [False, True])
def test_columns_are_read_one_after_the_other_however_they_were_drawn(by_rows: bool) -> None:
    title = [Words(150, 60, "On the Closing of the Harbour in Spring", 16)]
    left = set_lines(LEFT, left=72)
    right = set_lines(RIGHT, left=320)
    columns = [pair for row in zip(left, right, strict=True) for pair in row]
    reading = read(make_pdf([title + (columns if by_rows else left + right)]))
    assert quotable(reading) == [title[0].text, "\n".join([*LEFT, *RIGHT])]
    assert reading.provenance.title == title[0].text


def test_the_rows_of_a_table_stay_rows() -> None:
    rows = [("Herring", "1,200"), ("Cod", "300"), ("Plaice", "45"), ("Eel", "7"), ("Sole", "2")]
    words = [
        Words(72 if place == 0 else 400, 100 + 12 * number, cell)
        for place in (0, 1)
        for number, cells in enumerate(rows)
        for cell in [cells[place]]
    ]
    assert read(make_pdf([words])).text == "\n".join("  ".join(row) for row in rows)


def test_a_word_broken_at_the_end_of_a_line_keeps_its_hyphen() -> None:
    assert "dis-\ncussed" in read(make_pdf([set_lines(LEFT)])).text


PAGES = [
    ["The council met in the old customs house, and after a long"],
    ["debate it closed the harbour. Nobody had foreseen this."],
    ["The fleet stayed where it was until the first of May."],
]


def paged(heads: Sequence[str], feet: Sequence[str]) -> bytes:
    return make_pdf(
        [
            Words(72, 40, head, 8),
            *set_lines(body, top=120),
            Words(300, HEIGHT - 30, foot, 8),
        ]
        for head, body, foot in zip(heads, PAGES, feet, strict=True)
    )


@pytest.mark.parametrize(
    ("heads", "feet"),
    [
        (["The Harbour Question"] * 3, ["1", "2", "3"]),
        (["Vol. I, p. 7", "Vol. I, p. 8", "Vol. I, p. 9"], ["SECRET"] * 3),
        (["xii", "xiii", "xiv"], ["Page 1 of 3", "Page 2 of 3", "Page 3 of 3"]),
    ],
)
def test_running_heads_are_kept_apart_and_never_quoted(heads: list[str], feet: list[str]) -> None:
    data = paged(heads, feet)
    reading = read(data)
    assert quotable(reading) == [f"{PAGES[0][0]}\n{PAGES[1][0]}", PAGES[2][0]]
    assert all(
        head in reading.text and foot in reading.text
        for head, foot in zip(heads, feet, strict=True)
    )
    assert sentences(document(data))[0] == (
        "The council met in the old customs house, and after a long debate it closed the harbour."
    )


def test_a_quotation_knows_its_pages_even_across_a_break() -> None:
    made = document(paged(["Harbours"] * 3, ["1", "2", "3"]))
    first, second, third = (span for p in make_passages(made) for span in p.sentences)
    assert made.structure.pages_of(first) == ("1", "2")
    assert made.structure.pages_of(second) == ("2",)
    assert made.structure.pages_of(third) == ("3",)
    foot = made.text.rindex("2")
    assert made.structure.pages_of(Span(foot, foot + 1)) == ("2",), "furniture has its page too"


def test_the_link_to_a_pdf_leads_to_the_page() -> None:
    made = document(paged(["Harbours"] * 3, ["1", "2", "3"]))
    made = replace(made, provenance=replace(made.provenance, url="https://a.test/h.pdf"))
    last = make_passages(made)[-1].sentences[-1]
    assert cite(made, last).deep_link == "https://a.test/h.pdf#page=3"
    assert "p. 3" in cite(made, last).note


def test_a_page_without_words_counts() -> None:
    data = make_pdf([set_lines(PAGES[0]), [], set_lines(PAGES[2])])
    reading = read(data)
    assert [page.label for page in reading.pages] == ["1", "2", "3"]
    assert reading.pages[1].start == reading.pages[2].start == reading.text.index("The fleet")


def test_a_page_that_is_bound_in_twice_is_no_running_head() -> None:
    page = set_lines(["April 3, 1951", "", "To the council:", "We will sail in May."])
    assert "We will sail in May." in " ".join(sentences(document(make_pdf([page, page]))))


def test_footnotes_and_words_along_the_margin_are_not_quoted() -> None:
    notes = set_lines(["1 See the harbour book for 1976."], left=72, top=700, size=7)
    margin = [Words(20, 500, "Registry copy", turned=True)]
    reading = read(make_pdf([[*margin, *set_lines(LEFT), *notes]]))
    assert quotable(reading) == ["\n".join(LEFT)]
    assert "Registry" in reading.text


def test_paragraphs_are_told_by_space_and_by_indentation() -> None:
    words = set_lines(["The first.", "It goes on.", "", "The second.", "It ends."])
    words += [Words(90, 220, "The third."), Words(72, 232, "It ends, too.")]
    assert quotable(read(make_pdf([words]))) == [
        "The first.\nIt goes on.",
        "The second.\nIt ends.",
        "The third.\nIt ends, too.",
    ]


def test_title_and_author_are_believed_where_the_first_pages_bear_them_out() -> None:
    pages = [set_lines(["The Harbour Question", "", "by Ophelia Polonia", "", "It was cold."])]
    known = read(make_pdf(pages, title="The harbour question", author="Ophelia Polonia")).provenance
    assert (known.title, known.creators) == ("The harbour question", ("Ophelia Polonia",))
    unsure = read(make_pdf(pages, title="Microsoft Word - draft3.doc", author="jsmith")).provenance
    assert (unsure.title, unsure.creators, unsure.document_date) == (None, (), None)


def test_the_day_of_the_file_dates_a_document_that_bears_it() -> None:
    # The files made here are all of the same day.
    for bears, date in (("1 January 2000", "2000-01-01"), ("January 12, 2000", None)):
        known = read(make_pdf([set_lines(["To the council", "", bears, "", "It was cold."])]))
        assert known.provenance.document_date == date


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_page_that_lies_on_its_side_is_read_all_the_same(rotation: int) -> None:
    words = [Words(100 + 12 * number, 600, line, turned=True) for number, line in enumerate(LEFT)]
    assert quotable(read(make_pdf([words], rotation=rotation))) == ["\n".join(LEFT)]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_page_that_is_shown_turned_is_read_all_the_same(rotation: int) -> None:
    reading = read(make_pdf([set_lines(LEFT, top=400)], rotation=rotation))
    assert quotable(reading) == ["\n".join(LEFT)]


def test_a_cable_is_read_with_its_header_and_quoted_without_its_stamps() -> None:
    data = print_cable(Telegram().lines(), sheet(), rows=31)
    made = document(data)
    known = made.provenance
    assert (known.kind, known.number, known.creators) == (
        "cable",
        "1977ELSINO00417",
        ("AMEMBASSY ELSINORE",),
    )
    assert known.repository == "National Archives, RG 59, Central Foreign Policy Files"
    assert known.source_note == STAMP
    paragraphs = [" ".join(lines) for lines in Telegram().paragraphs]
    assert " ".join(sentences(made)) == " ".join(paragraphs)
    assert made.text.count(STAMP) == 6
    spans = [span for passage in make_passages(made) for span in passage.sentences]
    assert not any(STAMP in span.of(made.text) for span in spans)
    assert cite(made, spans[0]).note == (
        "Cable no. 1977ELSINO00417, AMEMBASSY ELSINORE to SECSTATE WASHDC 2210, “HERRING QUOTAS: "
        "THE HARBOR COUNCIL ASKS FOR AN EARLY ANSWER,” February 14, 1977, National Archives, "
        "RG 59, Central Foreign Policy Files, File No. D770052-0113, file d.pdf, p. 1."
    )


def test_a_sentence_goes_on_over_the_stamps_of_two_pages_and_the_marks_of_two_sheets() -> None:
    lines = Telegram().lines()
    cut = lines.index(Telegram().paragraphs[0][1])
    marks = ["CONFIDENTIAL", "", "CONFIDENTIAL", "", "PAGE 02 ELSINO 00417 141702Z", ""]
    data = print_cable([*lines[:cut], *marks, *lines[cut:]], sheet(), rows=cut + 2)
    made = document(data)
    span = next(span for passage in make_passages(made) for span in passage.sentences)
    assert "\n".join(Telegram().paragraphs[0][:2])[:-40] in span.of(made.text)
    assert "CONFIDENTIAL" not in span.of(made.text)
    assert made.structure.pages_of(span) == ("1", "2")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no PDF"),
        (b"PK\x03\x04 not at all", "no PDF"),
        (b"%PDF-1.4\nnothing else", "damaged"),
        (make_pdf([set_lines(LEFT)], password="horatio"), "password"),  # noqa: S106
        (make_pdf([[]]), "no text"),
        (make_pdf([set_lines(LEFT)])[:300], "damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason):
        list(read_pdf(data))


def test_a_file_that_is_cut_off_is_read_as_far_as_it_goes_and_said_to_be() -> None:
    data = make_pdf([set_lines(LEFT)])
    reading, problem = read_pdf(data[: data.rindex(b"startxref")])
    assert isinstance(reading, Reading)
    assert reading.text.startswith(LEFT[0])
    assert problem == Skipped("its end", "the file is cut off: pages may be missing")


def test_pictures_of_pages_are_said_to_need_ocr() -> None:
    scanned = scan(make_pdf([set_lines(LEFT)]))
    with pytest.raises(UnreadableSource, match=r"OCR reads them: memcon index build --ocr$"):
        list(read_pdf(scanned))


def test_a_scan_with_a_layer_of_text_is_known_to_be_read_by_a_machine() -> None:
    words = set_lines(LEFT)
    reading = read(scan(make_pdf([words]), hidden=[words]))
    assert reading.text == "\n".join(LEFT)
    assert reading.provenance.extraction == "OCR"
    assert read(make_pdf([words])).provenance.extraction is None


@given(st.lists(st.text(st.sampled_from("abc .,-1é"), max_size=12), min_size=1, max_size=30))
def test_every_word_of_a_page_is_in_its_text_once(lines: list[str]) -> None:
    data = make_pdf([set_lines(lines, top=60)])
    words = sorted(" ".join(lines).split())
    try:
        reading = read(data)
    except UnreadableSource:
        assert not words
    else:
        assert sorted(reading.text.split()) == words
        assert [block.of(reading.text) for block in reading.blocks or ()] == (
            reading.text.split("\n\n")
        )


@given(st.data())
def test_a_damaged_pdf_is_read_or_refused(data: st.DataObject) -> None:
    whole = make_pdf([set_lines(LEFT), set_lines(RIGHT)])
    start = data.draw(st.integers(0, len(whole) - 1))
    end = data.draw(st.integers(start, min(len(whole), start + 200)))
    try:
        items = list(read_pdf(whole[:start] + whole[end:]))
    except UnreadableSource as error:
        assert error.message  # noqa: PT017 - either outcome is right
    else:
        assert items
        assert all(item.text if isinstance(item, Reading) else item.reason for item in items)
