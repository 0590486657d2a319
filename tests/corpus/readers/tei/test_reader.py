import pytest

from corpus.documents import Provenance
from corpus.readers.reading import Reading
from corpus.readers.tei.reader import read_xml

LETTER = """<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:id="letter9"><teiHeader><fileDesc>
<titleStmt><title>A Letter About Hay</title><author>Tarn, Clara</author>
<editor>Ann Example</editor></titleStmt>
<publicationStmt><publisher>Brixwold Press</publisher><pubPlace>Brixwold</pubPlace>
<date when="1999">1999</date><idno type="URI">https://example.org/letters/9</idno></publicationStmt>
<sourceDesc><msDesc><msIdentifier><repository>Town Archives</repository><idno>MS 4</idno>
</msIdentifier></msDesc></sourceDesc></fileDesc>
<profileDesc><langUsage><language ident="en">English</language></langUsage><correspDesc>
<correspAction type="sent"><persName>Clara Tarn</persName><placeName>Tarnby</placeName>
<date when="1871-11-03"/></correspAction>
<correspAction type="received"><persName>Amos Harrow</persName><date when="1871-11"/>
</correspAction></correspDesc></profileDesc></teiHeader>
<text><body>BODY</body></text></TEI>"""


def read(body: str) -> list[Reading]:
    readings = list(read_xml(LETTER.replace("BODY", body).encode()))
    return [each for each in readings if isinstance(each, Reading)]


def text(body: str) -> str:
    (reading,) = read(body)
    return reading.text


def test_the_header_says_where_a_text_comes_from() -> None:
    (reading,) = read("<p>Hay.</p>")
    assert reading.name == "letter9"
    assert reading.provenance == Provenance(
        title="A Letter About Hay",
        creators=("Tarn, Clara",),
        recipients=("Amos Harrow",),
        document_date="1871-11-03",
        received_date="1871-11",
        place="Tarnby",
        editors=("Ann Example",),
        publisher="Brixwold Press",
        publication_place="Brixwold",
        publication_date="1999",
        repository="Town Archives",
        file_number="MS 4",
        language="en",
        url="https://example.org/letters/9",
    )


def test_the_words_of_the_document_are_read_and_not_those_about_it() -> None:
    assert text("<p>The <choice><sic>hary</sic><corr>hay</corr></choice> of <app><lem>May</lem>"
                "<rdg>June</rdg></app>.</p>") == "The hary of May."  # fmt: skip
    assert text("<fw>Running head</fw><p>Hay<figure><figDesc>A cow.</figDesc></figure></p>") == (
        "Hay"
    )
    assert text("<p>a <unclear>b</unclear><supplied>c</supplied> <del>d</del></p>") == "a bc"
    assert text('<p>x <gap reason="illegible" extent="3 lines"/> y</p>') == (
        "x [3 lines illegible] y"
    )


def test_line_breaks_of_the_page_are_none_of_the_prose() -> None:
    assert text('<p>one<lb/>two hay<lb break="no"/>stack<cb/>s</p>') == "one two haystacks"
    assert text("<lg><l>one</l><l>two</l></lg>") == "one\n\ntwo"


def test_speeches_are_turns() -> None:
    (reading,) = read(
        "<sp><speaker>HARROW.</speaker><p>Hay?</p><p>Or corn?</p></sp>"
        "<stage>A bell.</stage><u who='#tarn'>Corn.</u>"
    )
    assert reading.text == "HARROW.\n\nHay?\n\nOr corn?\n\nA bell.\n\nCorn."
    assert [(turn.label, turn.span.of(reading.text)) for turn in reading.turns or ()] == [
        ("HARROW", "Hay?\n\nOr corn?"),
        ("tarn", "Corn."),
    ]


def test_a_short_text_is_one_document_and_a_long_one_its_chapters() -> None:
    chapter = '<div xml:id="{0}"><head>Of {0}</head><p>{1}</p></div><pb n="{2}"/>'
    short = chapter.format("hay", "Hay.", 2) + chapter.format("corn", "Corn.", 3)
    assert [each.name for each in read(short)] == ["letter9"]
    words = "It was cut and dried, and then stacked. " * 1000
    long = chapter.format("hay", words, 2) + chapter.format("corn", words, 3)
    readings = read(long)
    assert [(each.name, each.provenance.title) for each in readings] == [
        ("hay", "Of hay"),
        ("corn", "Of corn"),
    ]
    assert {each.provenance.container for each in readings} == {"A Letter About Hay"}
    assert [[page.label for page in each.pages] for each in readings] == [[], ["2"]]
    # Words outside of all chapters keep the text in one piece.
    assert [each.name for each in read(f"<p>Preface.</p>{long}")] == ["letter9"]


def test_a_corpus_is_read_edition_by_edition() -> None:
    edition = LETTER.replace("BODY", "<p>Hay.</p>")
    corpus = (
        f'<teiCorpus xmlns="http://www.tei-c.org/ns/1.0"><teiHeader/>{edition}{edition}</teiCorpus>'
    )
    assert len(list(read_xml(corpus.encode()))) == 2


def test_editions_of_the_older_kind_have_no_namespace() -> None:
    body = "<div1><head>Hay</head><p>Cut it.</p></div1>"
    old = f"<TEI.2><teiHeader/><text><body>{body}</body></text></TEI.2>"
    (reading,) = read_xml(old.encode())
    assert isinstance(reading, Reading)
    assert (reading.text, reading.provenance.title) == ("Hay\n\nCut it.", "Hay")


def test_a_page_of_xhtml_is_read_as_a_page() -> None:
    page = (
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Hay</title></head><body><p>'
        "The hay was cut in June, and it was dried on the ground for days before it was stacked."
        "</p></body></html>"
    )
    (reading,) = read_xml(page.encode())
    assert isinstance(reading, Reading)
    assert reading.provenance.title == "Hay"
    assert reading.text.startswith("The hay was cut")


@pytest.mark.parametrize(
    ("date", "read_as"),
    [
        ('<date when="1871-11-03">November 3, 1871</date>', "1871-11-03"),
        ('<date when="1871-11-03">1871</date>', "1871-11-03"),
        ('<date when="1871-11-03">3. XI. 1871</date>', "1871-11-03"),
        ('<date when="1781-11-03">November 3, 1871</date>', "1871-11-03"),
        ('<date when="1871-11-03">the 4th of May</date>', None),
        ('<date when="1871-11-03">undated</date>', None),
        ('<date from="1871-11-01" to="1871-11-30"/>', "1871-11"),
    ],
)
def test_the_printed_date_of_a_header_decides(date: str, read_as: str | None) -> None:
    edition = LETTER.replace('<date when="1871-11-03"/>', date).replace("BODY", "<p>Hay.</p>")
    (reading,) = read_xml(edition.encode())
    assert isinstance(reading, Reading)
    assert reading.provenance.document_date == read_as
