import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from corpus.errors import UnreadableSource
from corpus.readers.html.markup import Rendered, parse_html, render


def body(source: str) -> Rendered:
    return render(parse_html(f"<html><head><title>Head</title></head><body>{source}</body></html>"))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>one\n  two</p><p>three", "one two\n\nthree"),
        ("<p>thr<i>ee</i><b> </b>four<!-- five -->s</p>", "three fours"),
        ("one<div>two</div>three", "one\n\ntwo\n\nthree"),
        ("one<br>two <br/> three", "one\ntwo\nthree"),
        ("one<br><br>two<br><br><br>three", "one\n\ntwo\n\nthree"),
        ("<ul><li>a<li>b<ol><li>c</ol></ul>d", "a\n\nb\n\nc\n\nd"),
        ("<dl><dt>a<dd>b</dl>", "a\n\nb"),
        ("<pre>\na\n   b\n</pre>c", "a\n   b\n\nc"),
        ("<p>a&nbsp;b &amp; c</p>", "a\xa0b & c"),
        ("<p>　首相は<ruby>細川<rp>(</rp><rt>ほそかわ</rt><rp>)</rp></ruby>氏</p>", "首相は細川氏"),
        ("<p>21<sup>st</sup> of H<sub>2</sub>O", "21st of H2O"),
    ],
)
def test_a_page_is_the_words_that_a_browser_shows(source: str, text: str) -> None:
    assert body(source).text == text


@pytest.mark.parametrize(
    "source",
    [
        "<script>no()</script>",
        "<style>no {}</style>",
        "<noscript>no</noscript>",
        "<template>no</template>",
        "<form><select><option>no</select><textarea>no</textarea><button>no</button></form>",
        "<p hidden>no</p>",
        "<p style='color: red; DISPLAY : none'>no</p>",
        "<span class='a sr-only'>no</span>",
        "<svg><text>no</text></svg>",
        "<sup><a href='#n1'>12</a></sup>",
        "<a href='page.html#n1'><sup>[iv]</sup></a>",
        "<a role='doc-noteref' href='notes.html'>3</a>",
    ],
)
def test_what_is_no_text_of_the_page_is_left_out(source: str) -> None:
    assert body(f"<p>ri{source}ce</p>").text.replace("\n\n", "") == "rice"
    assert body(f"<div>rice</div>{source}<div>corn</div>").text == "rice\n\ncorn"


def test_a_link_and_a_raised_figure_are_words() -> None:
    assert body("<a href='#top'>1993</a> and 10<sup>2</sup>").text == "1993 and 10²"


def test_rows_are_lines_unless_a_table_lays_out_the_page() -> None:
    rows = "<tr><th>Year<th>Sum</tr><tr><td><p>1871</p><td></td><td>a<br>b</td></tr><tr><td></tr>"
    assert body(f"x<table>{rows}</table>y").text == "x\n\nYear | Sum\n\n1871 | | a b\n\ny"
    laid_out = "<tr><td><p>one</p><p>two</p></td><td><h2>three</h2></td></tr>"
    assert body(f"<table>{laid_out}</table>").text == "one\n\ntwo\n\nthree"


def test_headings_notes_and_pages_are_spans_of_the_text() -> None:
    page = body(
        "<h1> The <i>Talks</i> </h1><p>Ri<span role='doc-pagebreak' aria-label='Page 12.'></span>ce"
        "</p><h2></h2><h3>Corn</h3><aside role='doc-footnote'><p>1. So.</p></aside>"
    )
    assert page.text == "The Talks\n\nRice\n\nCorn\n\n1. So."
    assert [span.of(page.text) for span in page.headings] == ["The Talks", "Corn"]
    assert [span.of(page.text) for span in page.notes] == ["1. So."]
    assert [(page.text[each.start :][:2], each.label) for each in page.pages] == [("ce", "12")]


def test_xhtml_of_a_book_reads_like_html() -> None:
    source = (
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        '<head><title>No</title></head><body><h1>Rice</h1><p>So<a epub:type="noteref" '
        'href="#n">*</a>.<!-- no --> Corn.</p></body></html>'
    )
    page = render(etree.fromstring(source))
    assert page.text == "Rice\n\nSo. Corn."
    assert [span.of(page.text) for span in page.headings] == ["Rice"]


def test_entities_that_xhtml_leaves_open_are_the_characters_of_html() -> None:
    parser = etree.XMLParser(resolve_entities=False)
    source = '<!DOCTYPE html SYSTEM "none.dtd"><html><body><p>a&mdash;b&none;c</p></body></html>'
    assert render(etree.fromstring(source, parser)).text == "a—bc"


@pytest.mark.parametrize("source", ["", " \n", "\0"])
def test_an_empty_page_is_refused(source: str) -> None:
    with pytest.raises(UnreadableSource, match="empty"):
        parse_html(source)


def test_a_page_is_whole_or_refused_however_deep() -> None:
    assert render(parse_html("<div>" * 1000 + "deep" + "</div>" * 1000 + "end")).text == (
        "deep\n\nend"
    )
    with pytest.raises(UnreadableSource, match="nested too deeply"):
        parse_html("<div>" * 5000 + "deep" + "</div>" * 5000 + "end")


_TAGS = ["<p>", "</p>", "<b>", "</b>", "<br>", "<table>", "<tr>", "<td>", "</table>", "<h2>",
         "</h2>", "<li>", "<pre>", "</pre>", "<div>", "</div>"]  # fmt: skip


@given(st.lists(st.sampled_from([*_TAGS, "rice", " ", "\n", "corn "]), max_size=30))
def test_no_word_of_any_page_is_lost_or_out_of_order(parts: list[str]) -> None:
    page = body("x" + "".join(parts))
    shown = re.sub(r"[\s|]", "", page.text)
    root = parse_html("x" + "".join(parts))
    assert shown == re.sub(r"\s", "", str(root.xpath("string()")))
    assert all(span.of(page.text).strip() == span.of(page.text) != "" for span in page.headings)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("it cost <del>70</del><ins>30</ins> marks", "it cost 30 marks"),
        ("he was <s>asleep</s> awake", "he was awake"),
        ("the<strike> old </strike>mill", "the mill"),
        ("a <span style='text-decoration: line-through'>b</span> c", "a c"),
        ("<del><p>gone</p></del><p>kept</p>", "kept"),
        ("in 1740<sup>2</sup>, 10<sup>3</sup> eggs", "in 1740, 10³ eggs"),
        ("cost 7<sup>3</sup>/<sub>4</sub> d", "cost 7 3/4 d"),
        ("barge<span style='vertical-align: super'>7</span> sank", "barge sank"),
        ("made 12<sup>5</sup> casks<p><sup>5</sup>Of oak.</p>", "made 12 casks\n\n5 Of oak."),
        ("<p class='dropcap'>T</p><p>he barge", "The barge"),
        ("<span style='float:left'>T</span>\n he barge", "The barge"),
        ("<span class='initial'>A</span> barge", "A barge"),
    ],
)
def test_what_is_struck_raised_or_set_large_reads_as_meant(source: str, text: str) -> None:
    assert body(source).text == text
