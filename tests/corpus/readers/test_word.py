import io
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.document import Document as WordDocument
from docx.oxml import parse_xml

from corpus.documents import Provenance
from corpus.errors import UnreadableSource
from corpus.readers import Reading
from corpus.readers.word import read_word
from tests.corpus.readers.samples import RICE, WHEAT, make_word, make_zip

_NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def read(data: bytes) -> Reading:
    (reading,) = read_word(data)
    return reading


def make(fill: Callable[[WordDocument], object]) -> bytes:
    document = docx.Document()
    document.core_properties.author = "python-docx"
    fill(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def body(xml: str) -> bytes:
    """Return a document with this content before its last paragraph."""

    def fill(document: WordDocument) -> None:
        wrapped = parse_xml(f"<w:body {_NS}>{xml}</w:body>")
        for element in reversed(list(wrapped)):
            document.element.body.insert(0, element)

    return make(fill)


def paragraph(words: str) -> str:
    return f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>"


CHANGED = (
    "<w:p><w:ins><w:r><w:t>put in</w:t></w:r></w:ins><w:del><w:r><w:delText>taken out"
    "</w:delText></w:r></w:del><w:r><w:t> here</w:t></w:r></w:p>"
)
RUBY = (
    "<w:p><w:r><w:ruby><w:rt><w:r><w:t>とうきょう</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>東京"
    "</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>"
)
NESTED = (
    f"<w:tbl><w:tr><w:tc>{paragraph('a')}{paragraph('b')}</w:tc><w:tc><w:tbl><w:tr><w:tc>"
    f"{paragraph('c')}</w:tc></w:tr></w:tbl></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>"
)


def test_a_document_is_read_in_order_with_headings_tables_and_who_wrote_it() -> None:
    reading = read(make_word())
    assert reading.text == (
        f"First Day\n\n{RICE}\n\nCrop | Price\n\nRice | 12\n\nSecond Day\n\n{WHEAT}"
    )
    assert [span.of(reading.text) for span in reading.headings or ()] == ["First Day", "Second Day"]
    assert reading.provenance == Provenance(
        title="The Rice Talks", creators=("Orla Brandt", "Ivo Keel")
    )
    assert reading.pages == ()


def test_without_properties_the_first_heading_is_the_title_and_nobody_wrote_it() -> None:
    reading = read(make(lambda document: document.add_heading("The Talks", level=0)))
    assert reading.provenance == Provenance(title="The Talks")


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("<w:p><w:r><w:t>one</w:t><w:tab/><w:t>two</w:t><w:br/><w:t>three</w:t></w:r></w:p>",
         "one\ttwo\nthree"),
        ('<w:p><w:r><w:t>one</w:t><w:br w:type="page"/><w:t>two</w:t></w:r></w:p>', "one two"),
        (CHANGED, "put in here"),
        ("<w:p><w:hyperlink><w:r><w:t>a link</w:t></w:r></w:hyperlink></w:p>", "a link"),
        (f"<w:sdt><w:sdtContent>{paragraph('a field')}</w:sdtContent></w:sdt>", "a field"),
        (RUBY, "東京"),
        (NESTED, "a b | c |"),
    ],
)  # fmt: skip
def test_words_are_read_as_the_last_reader_sees_them(xml: str, text: str) -> None:
    assert read(body(xml)).text == text


def test_footnotes_stand_at_the_end_and_are_never_quoted() -> None:
    data = io.BytesIO(make_word())
    notes = (
        f'<w:footnotes {_NS}><w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>'
        f'<w:footnote w:id="2">{paragraph("See the ledger.")}</w:footnote></w:footnotes>'
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    files = {}
    with zipfile.ZipFile(data) as archive:
        for name in archive.namelist():
            files[name] = archive.read(name)
    files["word/footnotes.xml"] = notes.encode()
    rels = "word/_rels/document.xml.rels"
    files[rels] = files[rels].replace(
        b"</Relationships>",
        f'<Relationship Id="rId99" Type="{kind}" Target="footnotes.xml"/></Relationships>'.encode(),
    )
    content = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    files["[Content_Types].xml"] = files["[Content_Types].xml"].replace(
        b"</Types>",
        f'<Override PartName="/word/footnotes.xml" ContentType="{content}"/></Types>'.encode(),
    )
    reading = read(make_zip(files))
    assert reading.text.endswith(f"{WHEAT}\n\n[2] See the ledger.")
    assert [span.of(reading.text) for span in reading.boilerplate or ()] == ["[2] See the ledger."]


def test_a_nest_of_tables_is_no_trap() -> None:
    deep = paragraph("deep")
    for _ in range(60):
        deep = f"<w:tbl><w:tr><w:tc>{deep}</w:tc></w:tr></w:tbl>"
    assert read(body(deep)).text == "deep"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (make_zip({"a.txt": "x"}), "the file is damaged: it has no word/document.xml"),
        (make_zip({"word/document.xml": "<w:document/>"}), "damaged, or no Word document"),
        (b"no archive", "no ZIP archive"),
        (make_word()[:2000], "no ZIP archive"),
        (make(lambda document: document.add_paragraph(" ")), "the document has no text"),
    ],
)  # fmt: skip
def test_what_is_no_whole_document_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason):
        read(data)


def test_entities_of_its_own_are_not_expanded() -> None:
    with zipfile.ZipFile(io.BytesIO(make_word())) as archive:
        files: dict[str, bytes | str] = {name: archive.read(name) for name in archive.namelist()}
    bomb = "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    files["word/document.xml"] = (
        f'<!DOCTYPE x [<!ENTITY a "boom">{bomb}<!ENTITY file SYSTEM "file:///etc/hostname">]>'
        f"<w:document {_NS}><w:body><w:p><w:r><w:t>&i;&file;</w:t></w:r></w:p>{paragraph(RICE)}"
        "</w:body></w:document>"
    )
    try:
        assert read(make_zip(files)).text == RICE
    except UnreadableSource as error:
        assert "damaged" in error.message  # noqa: PT017 - either is right
