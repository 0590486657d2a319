import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.citations.cited import Cited
from corpus.citations.csl import csl_json
from corpus.citations.exports import to_biblatex, to_bibtex, to_ris
from corpus.documents import Document, Provenance
from tests.support.archives import document

CABLE: dict[str, Any] = {
    "kind": "cable",
    "title": "Rice & Talks (Separate Telegram 3)",
    "number": "7001",
    "creators": ("Ambassador Arai",),
    "recipients": ("The Foreign Minister",),
    "event_date": "1993-09-27",
    "document_date": "1993-09-28",
    "repository": "Diplomatic Archives",
    "publisher": "Wilson Center Digital Archive",
    "file_number": "2099-00001",
    "translator": "Jo Smith",
    "language": "en",
    "url": "https://archive.test/cable_7001?a={b}",
}
ABSTRACT: dict[str, Any] = {
    "kind": "abstract",
    "title": "Abstract of cable no. 7001",
    "creators": ("memcon",),
    "collection": "rice",
    "about": Provenance(**CABLE),
}
ARTICLE: dict[str, Any] = {
    "kind": "article",
    "title": "Rice in the 100% Lost Years",
    "creators": ("Ann Writer", "Bo Writer"),
    "publisher": "Example Review",
    "document_date": "2020-05",
}
CABLE_NOTE = (
    "“Cable No. 7001, Ambassador Arai to the Foreign Minister, ‘Rice & Talks (Separate Telegram 3)’"
    ",” September 28, 1993, History and Public Policy Program Digital Archive, Diplomatic Archives,"
    " File No. 2099-00001. Translated by Jo Smith. https://archive.test/cable_7001?a={b}"
)

# Every kind of document, with any characters at all in what is known of it.
words = st.text(max_size=20) | st.sampled_from(["{", "}", "a\nb", "\u2028", "\\{", "~^_#$%&", "\r"])
kinds = st.sampled_from(
    [None, "cable", "letter", "memorandum", "article", "report", "web page", "abstract", "odd"]
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    known: dict[str, Any] = {
        name: draw(st.none() | words)
        for name in ("title", "number", "repository", "publisher", "file_number", "translator")
    }
    known["kind"] = draw(kinds)
    known["url"] = draw(st.none() | words)
    own = known["kind"] == "abstract"
    known["creators"] = ("memcon",) if own else tuple(draw(st.lists(words, max_size=3)))
    known["recipients"] = tuple(draw(st.lists(words, max_size=2)))
    known["document_date"] = draw(st.sampled_from([None, "1993", "1993-07", "1993-07-06"]))
    return document("Words.", draw(st.sampled_from(["d", "a/b c", "記録", "}{"])), **known)


def test_a_cable_as_bibtex() -> None:
    assert to_bibtex(Cited(document("Words.", "rice/cable-7001", **CABLE))) == (
        "@unpublished{rice/cable-7001,\n"
        "  author = {{Ambassador Arai}},\n"
        "  title = {{Rice \\& Talks (Separate Telegram 3)}},\n"
        "  year = {1993},\n"
        "  month = sep,\n"
        "  note = {Cable no. 7001, to The Foreign Minister, September 28, 1993, on the meeting of"
        " September 27, 1993, Wilson Center Digital Archive, Diplomatic Archives,"
        " File No. 2099-00001, translated by Jo Smith},\n"
        "  language = {en},\n"
        "  url = {https://archive.test/cable_7001?a=%7Bb%7D},\n"
        "}"
    )


def test_a_cable_as_ris() -> None:
    assert to_ris(Cited(document("Words.", **CABLE))).splitlines() == [
        "TY  - PCOMM",
        "AU  - Ambassador Arai",
        "A2  - The Foreign Minister",
        "A4  - Jo Smith",
        "TI  - Rice & Talks (Separate Telegram 3)",
        "PY  - 1993",
        "DA  - 1993/09/28/",
        "M1  - 7001",
        "M3  - cable",
        "PB  - Wilson Center Digital Archive",
        "DB  - Diplomatic Archives",
        "AN  - File No. 2099-00001",
        "LA  - en",
        f"N1  - {CABLE_NOTE}",
        "UR  - https://archive.test/cable_7001?a={b}",
        "ER  - ",
    ]


def test_an_abstract_says_that_it_is_memcons_and_names_the_record() -> None:
    abstract = document("Words.", **ABSTRACT)
    assert to_ris(Cited(abstract)).splitlines() == [
        "TY  - UNPB",
        "AU  - memcon",
        "TI  - Abstract of cable no. 7001",
        "M3  - memcon abstract",
        (
            "N1  - memcon, “Abstract of cable no. 7001” (abstract written for memcon, collection"
            f" rice), about: {CABLE_NOTE}"
        ),
        "UR  - https://archive.test/cable_7001?a={b}",
        "ER  - ",
    ]
    entry = to_bibtex(Cited(abstract))
    assert entry.startswith("@misc{d,\n  author = {{memcon}},")
    assert "  howpublished = {memcon abstract},\n" in entry
    assert "(abstract written for memcon, collection rice), about: “Cable No. 7001" in entry
    assert "year" not in entry


def test_an_article_stands_in_its_periodical() -> None:
    article = document("Words.", **ARTICLE)
    ris = to_ris(Cited(article)).splitlines()
    assert ris[0] == "TY  - MGZN"
    assert [line for line in ris if line.startswith("AU")] == [
        "AU  - Ann Writer",
        "AU  - Bo Writer",
    ]
    assert "T2  - Example Review" in ris
    assert "DA  - 2020/05//" in ris
    entry = to_bibtex(Cited(article))
    assert entry.startswith("@misc{")
    assert "author = {{Ann Writer} and {Bo Writer}}" in entry
    assert "title = {{Rice in the 100\\% Lost Years}}" in entry
    assert "howpublished = {Article, Example Review}" in entry


def test_a_cable_as_biblatex() -> None:
    more = {"part": "1 of 2", "original_language": "ja"}
    assert to_biblatex(Cited(document("Words.", "rice/cable-7001", **CABLE, **more))) == (
        "@unpublished{rice/cable-7001,\n"
        "  author = {{Ambassador Arai}},\n"
        "  title = {{Rice \\& Talks (Separate Telegram 3)}},\n"
        "  date = {1993-09-28},\n"
        "  eventdate = {1993-09-27},\n"
        "  type = {cable},\n"
        "  number = {7001},\n"
        "  translator = {{Jo Smith}},\n"
        "  publisher = {Wilson Center Digital Archive},\n"
        "  origlanguage = {ja},\n"
        "  langid = {english},\n"
        "  library = {Diplomatic Archives, File No. 2099-00001},\n"
        "  note = {to The Foreign Minister; part 1 of 2},\n"
        "  url = {https://archive.test/cable_7001?a=%7Bb%7D},\n"
        "}"
    )


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        (ARTICLE, "article"),
        ({"kind": "report", "title": "Rice"}, "report"),
        ({"kind": "web page", "title": "Rice"}, "online"),
        ({"kind": "cable", "title": "Rice"}, "misc"),
        ({"kind": "memorandum", "title": "Rice", "container": "A Volume"}, "incollection"),
        (ABSTRACT, "misc"),
    ],
)
def test_a_kind_of_document_has_a_type_in_biblatex(known: dict[str, Any], kind: str) -> None:
    assert to_biblatex(Cited(document("Words.", **known))).startswith(f"@{kind}{{d,\n")


def test_a_document_of_a_volume_is_in_a_collection() -> None:
    dispatch = document(
        "Words.", kind="memorandum", title="Rice", number="12", container="Papers", publisher="P"
    )
    entry = to_bibtex(Cited(dispatch))
    assert entry.startswith("@incollection{d,")
    for line in ("booktitle = {Papers}", "publisher = {P}", "note = {memorandum, doc. 12}"):
        assert f"  {line},\n" in entry


@pytest.mark.parametrize("char", list("{}%&$#_~^\\"))
def test_what_tex_would_read_as_its_own_is_escaped(char: str) -> None:
    entry = to_bibtex(Cited(document("Words.", title=f"a{char}b")))
    title = re.search(r"title = \{\{a(.*)b\}\}", entry)
    assert title
    named = re.fullmatch(r"\\text[a-z]+\{\}", title[1])
    assert named or title[1] == f"\\{char}"


@given(documents())
def test_braces_are_balanced(made: Document) -> None:
    entry = to_bibtex(Cited(made))
    depth = 0
    for char in entry:
        depth += {"{": 1, "}": -1}.get(char, 0)
        assert depth >= 0
    assert depth == 0
    assert re.match(r"@(unpublished|misc|incollection)\{[A-Za-z0-9_./+-]+,$", entry.splitlines()[0])
    assert all(
        re.fullmatch(r"  [a-z]+ = (\{.*\}|[a-z]{3}),", line) for line in entry.splitlines()[1:-1]
    )


@given(documents())
def test_every_line_of_ris_is_a_tag_and_a_value(made: Document) -> None:
    lines = to_ris(Cited(made)).splitlines()
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines)
    assert [line[:2] for line in lines].count("TY") == 1
    assert lines[0].startswith("TY  - ")
    assert lines[-1] == "ER  - "
    assert all(line[6:].strip() for line in lines[:-1])


def test_a_chapter_has_the_volume_s_year_and_its_own_as_the_original() -> None:
    known: dict[str, Any] = {
        "title": "Editorial Note",
        "kind": "editorial note",
        "number": "4",
        "container": "Papers of the Port",
        "publisher": "Port Press",
        "publication_date": "1932",
        "document_date": "1918-06",
    }
    chapter = Cited.of(document("Rope is dear.", **known))
    item = csl_json(chapter)
    assert (item["type"], item["publisher"]) == ("chapter", "Port Press")
    assert item["issued"] == {"date-parts": [[1932]]}
    assert item["original-date"] == {"date-parts": [[1918, 6]]}
    assert "PY  - 1932\nOP  - 1918/06//" in to_ris(chapter)
    assert "date = {1932},\n  origdate = {1918-06}," in to_biblatex(chapter)
    assert "year = {1932}," in to_bibtex(chapter)
    assert "June 1918" in to_bibtex(chapter)


def test_a_letter_of_a_volume_keeps_its_own_date() -> None:
    known: dict[str, Any] = {
        "title": "Ash to Tarn",
        "kind": "letter",
        "container": "Papers of the Port",
        "publication_date": "1932",
        "document_date": "1918-06-04",
    }
    letter = Cited.of(document("Rope is dear.", **known))
    assert csl_json(letter)["issued"] == {"date-parts": [[1918, 6, 4]]}
    assert "DA  - 1918/06/04/" in to_ris(letter)
