from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UnreadableSource
from corpus.readers.tei.reader import read_xml
from corpus.readers.text_flow import words_of
from corpus.readers.xml_tree import parse_xml


def declared(entities: str, body: str) -> bytes:
    return f"<!DOCTYPE a [{entities}]><a>{body}</a>".encode()


def tenfold(levels: int) -> str:
    first = '<!ENTITY e0 "aaaaaaaaaa">'
    return first + "".join(
        f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, levels)
    )


@pytest.mark.parametrize(
    "data",
    [
        declared(tenfold(10), "&e9;"),
        declared(tenfold(3), "&e2;"),
        b"<!DOCTYPE a [" + tenfold(10).encode() + b']><a b="&e9;"/>',
        declared('<!ENTITY e "' + "B" * 100_000 + '">', "&e;" * 1000),
        declared('<!ENTITY x "1 &y;"><!ENTITY y "&x;">', "&x;"),
    ],
)
def test_what_expands_is_refused_and_never_expanded(data: bytes) -> None:
    with pytest.raises(UnreadableSource, match="does not expand"):
        parse_xml(data)


def test_other_files_are_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hush")
    with pytest.raises(UnreadableSource, match="outside its own text"):
        parse_xml(declared(f'<!ENTITY s SYSTEM "{secret.as_uri()}">', "x&s;y"))
    # Nor are the ids that an element shares a reason to.
    twice = '<b xml:id="x"/><b xml:id="x"/>corn'
    followed = declared(f'<!ENTITY % p SYSTEM "{secret.as_uri()}"> %p;', twice)
    assert words_of(parse_xml(followed)) == "corn"
    # A declaration that nothing refers to does no harm, and is not followed.
    inside = declared(f'<!ENTITY % p SYSTEM "{secret.as_uri()}"> %p;', "corn")
    assert words_of(parse_xml(inside)) == "corn"


def test_signs_are_what_they_stand_for() -> None:
    own = declared('<!ENTITY dash "&#8212;">', "rice&dash;corn<b/>&dash;hay")
    assert words_of(parse_xml(own)) == "rice—corn—hay"
    html = b'<!DOCTYPE a SYSTEM "none.dtd"><a>rice&nbsp;&amp;&eacute;</a>'
    assert words_of(parse_xml(html)) == "rice\xa0&é"


def test_a_name_that_html_knows_means_what_the_document_declares() -> None:
    with pytest.raises(UnreadableSource, match="&ee;"):
        parse_xml(declared('<!ENTITY ee SYSTEM "http://example.invalid/x">', "&ee;"))


def test_an_id_given_twice_breaks_nothing_but_hides_no_break() -> None:
    assert words_of(parse_xml(b"<a><b xml:id='x'>rice</b><b xml:id='x'>corn</b></a>")) == "ricecorn"
    with pytest.raises(UnreadableSource):
        parse_xml(b"<a><b xml:id='x'>rice</b><b xml:id='x'>corn</a>")
    with pytest.raises(UnreadableSource):
        parse_xml(
            b"<!DOCTYPE a ["
            + tenfold(10).encode()
            + b"]><a xml:id='x'><b xml:id='x' c='&e9;'/></a>"
        )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"hello", "line 1"),
        (b"<a>\n<b></a>", "line 2: .*mismatch"),
        (b"<a>\0</a>", "line 1"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "encoding"),
        (b"<a>" * 300 + b"</a>" * 300, "nested too deeply"),
        (b"<rss><channel/></rss>", "<rss>"),
        (b"<TEI/>", "no text"),
        (b"<TEI><text><body> </body></text></TEI>", "no text"),
    ],
)
def test_xml_that_is_broken_or_not_known_is_refused_with_the_reason(
    data: bytes, reason: str
) -> None:
    with pytest.raises(UnreadableSource, match=reason):
        list(read_xml(data))


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        readings = list(read_xml(b"<TEI><text>" + data + b"</text></TEI>"))
    except UnreadableSource as error:
        assert error.message  # noqa: PT017 - either outcome is right
    else:
        assert readings
        assert all(getattr(reading, "text", "x").strip() for reading in readings)


def test_the_messy_samples_end_in_a_reason(shared: Path) -> None:
    for name in ("cyclic", "external", "quadratic", "xmlbomb", "xmlbomb2"):
        with pytest.raises(UnreadableSource):
            list(read_xml((shared / "samples" / "messy" / f"{name}.xml").read_bytes()))
