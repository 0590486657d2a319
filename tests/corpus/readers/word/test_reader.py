import io
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml

from corpus.documents import Provenance
from corpus.errors import UnreadableSource
from corpus.ingest.recognition import recognise
from corpus.readers import Reading
from corpus.readers.word.reader import read_word
from tests.support.samples import RICE, WHEAT, make_word, make_zip

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


def run(words: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


RAISED = '<w:vertAlign w:val="superscript"/>'
LOWERED = '<w:vertAlign w:val="subscript"/>'


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([run("It was "), run("seven ", "<w:strike/>"), run("nine.")], "It was nine."),
        ([run("It was "), run("seven ", "<w:dstrike/>"), run("nine.")], "It was nine."),
        ([run("It was "), run("all ", "<w:vanish/>"), run("nine.")], "It was nine."),
        ([run("It was "), run("all ", '<w:vanish w:val="0"/>'), run("nine.")], "It was all nine."),
        ([run("In 1740"), run("2", RAISED), run(" it sank.")], "In 1740 it sank."),
        ([run("The 2"), run("nd", RAISED), run(" barge.")], "The 2nd barge."),
        ([run("About 10"), run("4", RAISED), run(" eggs.")], "About 10⁴ eggs."),
        ([run("At 7"), run("3", RAISED), run("/"), run("4", LOWERED), run(" d.")], "At 7 3/4 d."),
        ([run("H"), run("2", LOWERED), run("O")], "H2O"),
    ],
)  # fmt: skip
def test_what_is_struck_hidden_or_raised_reads_as_meant(runs: list[str], text: str) -> None:
    assert read(body(f"<w:p>{''.join(runs)}</w:p>")).text == text


def test_a_style_hides_its_words_as_well() -> None:
    def fill(document: WordDocument) -> None:
        struck = document.styles.add_style("Gone", WD_STYLE_TYPE.CHARACTER)
        struck.font.strike = True
        based = document.styles.add_style("Gone Too", WD_STYLE_TYPE.CHARACTER)
        based.base_style = struck
        paragraph = document.add_paragraph("It was ")
        paragraph.add_run("seven ", style="Gone Too")
        paragraph.add_run("nine.")

    assert read(make(fill)).text == "It was nine."


def test_an_initial_in_a_frame_goes_on_into_its_paragraph() -> None:
    initial = '<w:p><w:pPr><w:framePr w:dropCap="drop" w:lines="3"/></w:pPr>' + run("T") + "</w:p>"
    assert read(body(f"{initial}<w:p>{run('he barge sank.')}</w:p>")).text == "The barge sank."


def pack(main: str, kind: str, namespace: str, relations: str) -> bytes:
    """Return a document with nothing but its main part."""
    package = "http://schemas.openxmlformats.org/package/2006"
    return make_zip(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/{main}" ContentType="application/vnd.{kind}+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship '
            f'Id="r1" Type="{relations}/officeDocument" Target="{main}"/></Relationships>',
            main: f'<w:document xmlns:w="{namespace}"><w:body>{paragraph(RICE)}</w:body>'
            "</w:document>",
        }
    )


_MAIN = "openxmlformats-officedocument.wordprocessingml.document.main"
_USUAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@pytest.mark.parametrize(
    ("main", "kind", "namespace", "relations"),
    [
        ("word/document2.xml", _MAIN, _USUAL, _RELATIONS),
        ("text/body.xml", _MAIN, _USUAL, _RELATIONS),
        ("word/document.xml", _MAIN, "http://purl.oclc.org/ooxml/wordprocessingml/main",
         "http://purl.oclc.org/ooxml/officeDocument/relationships"),
        ("word/document.xml", "ms-word.document.macroEnabled.main", _USUAL, _RELATIONS),
        ("word/document.xml", "openxmlformats-officedocument.wordprocessingml.template.main",
         _USUAL, _RELATIONS),
    ],
)  # fmt: skip
def test_the_main_part_is_the_one_that_the_file_names(
    main: str, kind: str, namespace: str, relations: str
) -> None:
    data = pack(main, kind, namespace, relations)
    assert recognise("a.docx", data) == ".docx"
    assert read(data).text == RICE
