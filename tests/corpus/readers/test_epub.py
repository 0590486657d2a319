import pytest

from corpus.documents import Page, Provenance
from corpus.errors import UnreadableSource
from corpus.readers import Reading, Skipped
from corpus.readers.epub import read_epub
from tests.support.samples import CONTAINER, PAGE, RICE, WHEAT, make_book, make_zip

NCX = """<?xml version="1.0"?><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>
<navPoint><navLabel><text>The Quay</text></navLabel><content src="text/a%20one.xhtml"/></navPoint>
<navPoint><navLabel><text>The Light</text></navLabel>
<content src="text/a%20one.xhtml#two"/></navPoint>
<navPoint><navLabel><text>The Storm</text></navLabel><content src="text/c.xhtml"/></navPoint>
</navMap></ncx>"""


def read(files: dict[str, str]) -> list[Reading]:
    return [item for item in read_epub(make_zip(files)) if isinstance(item, Reading)]


def test_a_chapter_is_a_document_that_is_cited_in_its_book() -> None:
    quay, light, storm = read(make_book())
    assert quay.text == f"The Quay\n\n{RICE}\n\nA section\n\nOf the quay."
    assert light.text == f"The Light\n\n{WHEAT}\n\nThe light was lit at dusk."
    assert storm.text == "The Storm\n\nIt blew for a week.\n\nIn the old style."
    assert quay.provenance == Provenance(
        title="The Quay",
        container="Harbours of the North",
        creators=("Orla Brandt",),
        publisher="Brixwold Press",
        publication_date="1931-05-02",
        language="en",
        url="https://books.test/harbours",
    )
    assert [reading.name for reading in (quay, light, storm)] == [
        "001-the-quay", "002-the-light", "003-the-storm",
    ]  # fmt: skip
    assert [span.of(quay.text) for span in quay.headings or ()] == ["The Quay", "A section"]


def test_pages_of_the_printed_edition_are_kept_and_notes_are_not_quoted() -> None:
    quay, light, storm = read(make_book())
    assert quay.pages == ()
    assert light.pages == (Page(0, "12"),)
    assert storm.pages == (Page(storm.text.index("a week"), "13"),)
    assert [span.of(storm.text) for span in storm.boilerplate or ()] == ["In the old style."]


def test_the_older_table_of_contents_cuts_a_book_the_same_way() -> None:
    files = make_book()
    del files["OPS/nav.xhtml"]
    files["OPS/toc.ncx"] = NCX
    files["OPS/book.opf"] = files["OPS/book.opf"].replace(
        'id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"',
        'id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"',
    )
    assert [each.text for each in read(files)] == [each.text for each in read(make_book())]


def test_without_a_table_of_contents_each_file_is_a_chapter() -> None:
    files = make_book()
    del files["OPS/nav.xhtml"]
    assert [(each.name, each.provenance.title) for each in read(files)] == [
        ("001-the-quay", "The Quay"), ("002-part-2", "Part 2"), ("003-the-storm", "The Storm"),
    ]  # fmt: skip


def test_a_book_of_one_chapter_is_the_book() -> None:
    files = make_book()
    for name in ("OPS/nav.xhtml", "OPS/text/b.xhtml", "OPS/text/c.xhtml"):
        files[name] = PAGE.format("")
    (reading,) = read(files)
    assert (reading.name, reading.provenance.title) == ("", "Harbours of the North")
    assert reading.provenance.container is None


def test_a_chapter_that_is_locked_or_missing_is_reported_and_the_rest_read() -> None:
    files = make_book()
    del files["OPS/text/b.xhtml"]
    files["META-INF/encryption.xml"] = (
        '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:CipherReference '
        'URI="OPS/text/c.xhtml"/></encryption>'
    )
    items = list(read_epub(make_zip(files)))
    assert [item for item in items if isinstance(item, Skipped)] == [
        Skipped("OPS/text/b.xhtml", "the file is damaged: it has no OPS/text/b.xhtml"),
        Skipped("OPS/text/c.xhtml", "is encrypted (DRM)"),
    ]
    assert [item.provenance.title for item in items if isinstance(item, Reading)] == [
        "The Quay", "The Light",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "the file is damaged: it has no META-INF/container.xml"),
        ({"META-INF/container.xml": "<container/>"}, "does not say where the book is"),
        ({"META-INF/container.xml": "no xml"}, "the file is damaged"),
        ({"META-INF/container.xml": CONTAINER}, "it has no OPS/book.opf"),
        ({"META-INF/container.xml": CONTAINER, "OPS/book.opf": "<package/>"}, "consists of"),
    ],
)
def test_what_is_no_book_is_refused(files: dict[str, str], reason: str) -> None:
    with pytest.raises(UnreadableSource, match=reason):
        list(read_epub(make_zip({"mimetype": "application/epub+zip", **files})))


def test_an_entity_of_the_package_is_not_expanded() -> None:
    files = make_book()
    files["OPS/book.opf"] = (
        files["OPS/book.opf"]
        .replace(
            '<?xml version="1.0"?>',
            '<?xml version="1.0"?><!DOCTYPE package [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        )
        .replace("Brixwold Press", "&x;")
    )
    assert read(files)[0].provenance.publisher in {None, "&x;"}


@pytest.mark.parametrize(
    ("dates", "known"),
    [
        ("<dc:date>1874</dc:date>", "1874"),
        ("<dc:date>0101-01-01T00:00:00+00:00</dc:date>", None),
        ("<dc:date>0000-00-00</dc:date>", None),
        ("<dc:date>1874-00-00</dc:date>", "1874"),
        ("<dc:date>May 1874</dc:date>", "1874-05"),
        ("<dc:date>c1874</dc:date>", "1874"),
        ("<dc:date>0101-01-01</dc:date><dc:date>1874</dc:date>", "1874"),
        (('<dc:date opf:event="modification">2011-05-02</dc:date>'
         '<dc:date opf:event="publication">1874</dc:date>'), "1874"),
        ('<dc:date opf:event="conversion">2011-05-02</dc:date>', None),
        (('<meta property="dcterms:modified">2011-05-02</meta>'
         '<meta property="dcterms:issued">1874</meta>'), "1874"),
        ("", None),
    ],
)  # fmt: skip
def test_a_book_came_out_when_it_says_and_never_in_the_year_101(
    dates: str, known: str | None
) -> None:
    files = make_book()
    package = files["OPS/book.opf"].replace("<dc:date>1931-05-02T00:00:00Z</dc:date>", dates)
    files["OPS/book.opf"] = package.replace(
        "<package ", '<package xmlns:opf="http://www.idpf.org/2007/opf" '
    )
    assert read(files)[0].provenance.publication_date == known
