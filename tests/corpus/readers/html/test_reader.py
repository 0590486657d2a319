import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UnreadableSource
from corpus.readers.html.markup import find_furniture, parse_html, render
from corpus.readers.html.reader import decode_html, read_html
from corpus.readers.reading import Reading

TALK = (
    "{}. The ministers met at Brixwold in the autumn of 1871 and spoke, for some hours, about the "
    "price of corn and the dredging of the harbour; nobody had expected them to agree."
)
PARAGRAPHS = [TALK.format(number) for number in range(5)]
MENU = "".join(f'<li><a href="/{number}">Menu item {number}</a></li>' for number in range(9))
BANNER = "<div class='cookie-banner'><p>We use cookies, and so do our partners. Accept?</p></div>"


def page(content: str, head: str = "", lang: str = "en") -> str:
    return (
        f"<!DOCTYPE html><html lang={lang}><head><title>The Talks | Example</title>{head}</head>"
        f"<body>{BANNER}<header><nav><ul>{MENU}</ul></nav></header>{content}<aside><h3>Related "
        f"articles</h3><ul>{MENU}</ul></aside><footer><p>Copyright of those who made this."
        "</p></footer><script>no()</script></body></html>"
    )


def read(source: str) -> Reading:
    (reading,) = read_html(source.encode())
    return reading


ARTICLE = "<article><h1>The Talks</h1>{}</article>".format(
    "".join(f"<p>{words}</p>" for words in PARAGRAPHS)
)


def test_the_main_content_is_read_and_nothing_around_it() -> None:
    reading = read(page(ARTICLE))
    assert reading.text == "\n\n".join(["The Talks", *PARAGRAPHS])
    assert [span.of(reading.text) for span in reading.headings or ()] == ["The Talks"]


@pytest.mark.parametrize(
    "content",
    [
        "<div>{}</div>".format("".join(f"<div>{words}</div>" for words in PARAGRAPHS)),
        "<table><tr><td><font>{}</font></td></tr></table>".format("<br><br>".join(PARAGRAPHS)),
        "<main>{}</main>".format("".join(f"<section><p>{w}</p></section>" for w in PARAGRAPHS)),
    ],
)
def test_pages_of_any_make_are_read_whole(content: str) -> None:
    assert read(page(content)).text == "\n\n".join(PARAGRAPHS)


def test_the_heading_of_a_section_stays_with_it_and_hidden_words_do_not() -> None:
    sections = "".join(
        f"<section><h2>Part {n}</h2><div><p>{words}<span hidden> Hidden.</span></p></div></section>"
        for n, words in enumerate(PARAGRAPHS)
    )
    reading = read(page(f"<div>{sections}</div>"))
    assert [span.of(reading.text) for span in reading.headings or ()] == [
        f"Part {n}" for n in range(5)
    ]
    assert "Hidden" not in reading.text


def test_a_page_without_main_content_is_refused() -> None:
    for source in (page(""), "<html><body><script>x()</script></body></html>"):
        with pytest.raises(UnreadableSource, match="no main content"):
            read(source)
    with pytest.raises(UnreadableSource, match="empty"):
        read(" ")


_PARTS = ["<p>", "</p>", "<div>", "</div>", "<h2>", "</h2>", "<ul><li>", "</ul>", "<table><tr><td>",
          "</table>", "<br>", "<b>", "</b>", *PARAGRAPHS, "Share", "Menu item 1"]  # fmt: skip


@given(st.lists(st.sampled_from(_PARTS), max_size=25))
def test_what_is_read_stands_on_the_page_in_the_same_order(parts: list[str]) -> None:
    source = page("".join(parts))
    try:
        text = read(source).text
    except UnreadableSource:
        return
    root = parse_html(source)
    shown = render(root, find_furniture(root)).text
    position = 0
    for block in text.split("\n\n"):
        position = shown.index(block, position) + len(block)


@pytest.mark.parametrize(
    ("head", "known"),
    [
        (('<meta property="og:title" content="Corn"><meta property="og:site_name" '
         'content="Example">'), {"title": "Corn", "publisher": "Example"}),
        (('<meta property="og:title" content="Example"><meta property="og:site_name" '
         'content="Example">'), {"title": "The Talks"}),
        ('<link rel="canonical" href="https://example.org/talks">',
         {"url": "https://example.org/talks"}),
        ('<base href="https://example.org/x/"><link rel="canonical" href="/talks">',
         {"url": "https://example.org/talks"}),
        (('<link rel="canonical" href="/talks"><meta property="og:url" '
         'content="http://dev.example.org/other">'), {"url": None}),
        ('<meta property="og:url" content="https://example.org/">', {"url": None}),
        (('<meta name="citation_author" content="Ann Tarn"><meta name="citation_author" '
         'content="Ben Ash"><meta name="citation_publication_date" content="1999/05/04">'),
         {"creators": ("Ann Tarn", "Ben Ash"), "document_date": "1999-05-04"}),
        (('<meta property="article:published_time" content="2020-01-02T23:59:00-05:00">'
         '<meta property="article:author" content="https://example.org/ann">'),
         {"document_date": "2020-01-02", "creators": ()}),
        ('<meta name="DC.date" content="May 1999"><meta name="DC.creator" content="Ann Tarn">',
         {"document_date": "1999-05", "creators": ("Ann Tarn",)}),
        (('<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", '
         '"datePublished": "2021-03-04", "author": [{"name": "Ann Tarn"}]}]}</script>'),
         {"document_date": "2021-03-04", "creators": ("Ann Tarn",)}),
        ('<script type="application/ld+json">{"@type": "NewsArticle", </script>',
         {"document_date": None}),
        ('<meta name="date" content="soon">', {"document_date": None}),
    ],
)  # fmt: skip
def test_a_page_is_known_by_what_its_metadata_say(head: str, known: dict[str, object]) -> None:
    provenance = read(page(ARTICLE, head)).provenance
    assert {name: getattr(provenance, name) for name in known} == known


def test_language_and_title_come_from_the_page() -> None:
    provenance = read(page(ARTICLE, lang="en-GB")).provenance
    assert (provenance.language, provenance.title, provenance.kind) == (
        "en",
        "The Talks",
        "web page",
    )


WESTERN = "<p>Zölle – “für” €5, café</p>"
JAPANESE = "<p>首相は努力すると述べた。</p>"


@pytest.mark.parametrize(
    ("text", "label", "encoding"),
    [
        (WESTERN, "utf-8", "utf-8"),
        (WESTERN, "windows-1252", "cp1252"),
        (WESTERN, "iso-8859-1", "cp1252"),
        (WESTERN, "latin-1", "cp1252"),
        (WESTERN, "utf-8", "cp1252"),
        (WESTERN, "iso-8859-1", "utf-8"),
        (WESTERN, "utf-16", "utf-8"),
        (JAPANESE, "shift_jis", "cp932"),
        (JAPANESE, "euc-jp", "euc-jp"),
        (JAPANESE, "iso-2022-jp", "iso-2022-jp"),
        (JAPANESE, "utf-16", "utf-16-le"),
        (JAPANESE, "", "utf-16-be"),
    ],
)
def test_a_page_is_decoded_as_it_was_written_whatever_it_declares(
    text: str, label: str, encoding: str
) -> None:
    declared = f'<html><head><meta charset="{label}"></head>{text * 3}' if label else text * 3
    assert decode_html(declared.encode(encoding)) == declared


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_a_byte_order_mark_is_stronger_than_a_declaration(mark: bytes, encoding: str) -> None:
    source = f'<meta charset="windows-1252">{JAPANESE}'
    assert decode_html(mark + source.encode(encoding)) == source


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        readings = list(read_html(data))
    except UnreadableSource as error:
        assert error.message  # noqa: PT017 - either outcome is right
    else:
        assert readings
        assert all(reading.text.strip() for reading in readings)


def test_pages_nested_beyond_reason_are_read_or_refused() -> None:
    for depth in (1500, 5000):
        source = "<div>" * depth + ARTICLE + "</div>" * depth
        try:
            assert PARAGRAPHS[0] in read(source).text
        except UnreadableSource as error:
            assert "nested too deeply" in error.message  # noqa: PT017 - either outcome is right


_FIRST = "The barge left the upper lock at dawn with a load of slate and two passengers aboard."
_LAST = "In the evening the lock was closed again, and the keeper wrote the toll into his book."


@pytest.mark.parametrize(
    ("paragraph", "text"),
    [
        (("<p>The toll of the lock was nine<sup><a href='#n4'>4</a></sup> groats a barge then, "
         "as the keeper wrote.</p>"),
         "The toll of the lock was nine groats a barge then, as the keeper wrote."),
        (("<p>The toll<sup class='reference' id='r'><a href='#c'>[1]</a></sup> of the lock was nine"
         "<sup class='reference'><a href='#d'>[2]</a></sup> groats<sup class='reference'>"
         "<a href='#e'>[3]</a></sup> a barge.</p>"),
         "The toll of the lock was nine groats a barge."),
        (("<p>The toll of the lock<span hidden> and of the weir, the mill and the ford</span> was "
         "nine groats a barge.</p>"), "The toll of the lock was nine groats a barge."),
        ("<p>The toll of the lock was <del>seven</del> nine groats a barge.</p>",
         "The toll of the lock was nine groats a barge."),
        ("<p>The toll of the lock was 1740<sup>2</sup> groats in all that year.</p>",
         "The toll of the lock was 1740 groats in all that year."),
        (("<div>The toll <div>of the lock</div> was nine groats a barge then, as the keeper wrote."
         "</div>"),
         "The toll\n\nof the lock\n\nwas nine groats a barge then, as the keeper wrote."),
    ],
)  # fmt: skip
def test_a_paragraph_with_something_left_out_is_kept(paragraph: str, text: str) -> None:
    reading = read(page(f"<article><p>{_FIRST}</p>{paragraph}<p>{_LAST}</p></article>"))
    assert reading.text == f"{_FIRST}\n\n{text}\n\n{_LAST}"


def test_a_page_with_readings_beside_its_characters_is_read() -> None:
    ruby = "<ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby>"
    reading = read(page(f"<article><p>船は{ruby}の港を朝に出て、夕方に戻った。</p></article>"))
    assert reading.text == "船は東京の港を朝に出て、夕方に戻った。"
