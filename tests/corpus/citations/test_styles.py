from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.citations.styles import cite, deep_link
from corpus.documents import Page, Provenance, Span
from corpus.ingest.assembly import make_document
from corpus.readers import Reading
from tests.support.archives import document

URL = "https://archive.test/cable-7001"
CABLE: dict[str, Any] = {
    "kind": "cable",
    "title": "Rice Talks (Separate Telegram 3)",
    "number": "7001",
    "creators": ("Ambassador Arai",),
    "recipients": ("The Foreign Minister",),
    "event_date": "1993-09-27",
    "document_date": "1993-09-28",
    "repository": "Diplomatic Archives of the Ministry of Foreign Affairs of Japan",
    "publisher": "Wilson Center Digital Archive",
    "file_number": "2099-00001",
    "translator": "Jo Smith",
    "language": "en",
    "url": URL,
}
CABLE_NOTE = (
    "“Cable No. 7001, Ambassador Arai to the Foreign Minister, ‘Rice Talks (Separate Telegram 3)’,”"
    " September 28, 1993, History and Public Policy Program Digital Archive, Diplomatic Archives"
    " of the Ministry of Foreign Affairs of Japan, File No. 2099-00001. Translated by Jo Smith. "
    f"{URL}"
)
OTHER_CABLE = {**CABLE, "publisher": None, "translator": None, "place": "New York"}
DISPATCH: dict[str, Any] = {
    "kind": "memorandum",
    "title": "Memorandum From Mr. Arden to Mr. Brook",
    "number": "12",
    "creators": ("Arden",),
    "recipients": ("Brook",),
    "place": "Brixwold",
    "document_date": "1969-02-01",
    "container": "Foreign Relations of Brixwold, 1969–1976, Volume I",
    "editors": ("C. Cole", "D. Dale"),
    "publisher": "Brixwold Press",
    "publication_place": "Brixwold",
    "publication_date": "2003",
    "url": "https://history.test/v01/d12",
}
ARTICLE: dict[str, Any] = {
    "kind": "article",
    "title": 'Rice in the "Lost" Years',
    "creators": ("Ann Writer",),
    "publisher": "Example Review",
    "document_date": "2020-05",
    "url": "https://review.test/rice",
}
CONFERENCE: dict[str, Any] = {
    "kind": "news conference",
    "title": "The News Conference in Tokyo",
    "creators": ("Bill Clinton", "Miyazawa Kiichi"),
    "event_date": "1993-07-06",
    "document_date": "1993-07-06",
    "publisher": "Weekly Record",
}
ABSTRACT: dict[str, Any] = {
    "kind": "abstract",
    "title": "Abstract of cable no. 7001",
    "creators": ("memcon",),
    "collection": "rice",
    "about": Provenance(**CABLE),
}


@pytest.mark.parametrize(
    ("provenance", "note", "short"),
    [
        (CABLE, CABLE_NOTE, "Arai to Foreign Minister, cable no. 7001."),
        (
            {**CABLE, "number": None, "creators": (), "recipients": (), "part": "1 of 2"},
            (
                "“Rice Talks (Separate Telegram 3) (1 of 2),” September 28, 1993, History and "
                "Public Policy Program Digital Archive, Diplomatic Archives of the Ministry of "
                f"Foreign Affairs of Japan, File No. 2099-00001. Translated by Jo Smith. {URL}"
            ),
            None,
        ),
        (
            {**CABLE, "title": 'The "Rice" Talks', "translator": None, "file_number": None},
            (
                "“Cable No. 7001, Ambassador Arai to the Foreign Minister, ‘The “Rice” Talks’,” "
                "September 28, 1993, History and Public Policy Program Digital Archive, "
                f"Diplomatic Archives of the Ministry of Foreign Affairs of Japan. {URL}"
            ),
            None,
        ),
        (
            {**OTHER_CABLE, "parent": "7000", "separate_telegram": "3"},
            (
                "Cable no. 7001 (separate telegram 3 of no. 7000), Ambassador Arai to the Foreign "
                "Minister, “Rice Talks (Separate Telegram 3),” New York, September 28, 1993, on "
                "the meeting of September 27, 1993, Diplomatic Archives of the Ministry of Foreign "
                f"Affairs of Japan, File No. 2099-00001, {URL}."
            ),
            "Arai to Foreign Minister, cable no. 7001.",
        ),
        (
            DISPATCH,
            (
                "Arden to Brook, memorandum, Brixwold, February 1, 1969, in Foreign Relations of "
                "Brixwold, 1969–1976, Volume I, ed. C. Cole and D. Dale (Brixwold: Brixwold Press, "
                "2003), doc. 12, https://history.test/v01/d12."
            ),
            "Arden to Brook, Foreign Relations of Brixwold, 1969–1976, Volume I, doc. 12.",
        ),
        (
            {**DISPATCH, "creators": (), "recipients": (), "title": "Editorial Note", "kind": None},
            (
                "“Editorial Note,” Brixwold, February 1, 1969, in Foreign Relations of "
                "Brixwold, 1969–1976, Volume I, ed. C. Cole and D. Dale (Brixwold: Brixwold Press, "
                "2003), doc. 12, https://history.test/v01/d12."
            ),
            "“Editorial Note,” Foreign Relations of Brixwold, 1969–1976, Volume I, doc. 12.",
        ),
        (
            {"kind": "cable", "title": "Rice Talks", "document_date": "1993"},
            "“Rice Talks,” cable, 1993, file talks.txt.",
            "“Rice Talks,” 1993.",
        ),
        (
            {"kind": "cable", "number": "7002", "subject": "Rice", "creators": ("Consul Ono",)},
            "Cable no. 7002, Consul Ono, “Rice,” file talks.txt.",
            None,
        ),
        (
            ARTICLE,
            (
                "Ann Writer, “Rice in the ‘Lost’ Years,” May 2020, Example Review, "
                "https://review.test/rice."
            ),
            None,
        ),
        (
            CONFERENCE,
            (
                "Bill Clinton, Miyazawa Kiichi, “The News Conference in Tokyo,” news conference, "
                "July 6, 1993, Weekly Record, file talks.txt."
            ),
            None,
        ),
        ({"title": "Rice Talks"}, "“Rice Talks,” file talks.txt.", "“Rice Talks.”"),
        ({"title": "Why Rice?"}, "“Why Rice?,” file talks.txt.", "“Why Rice?”"),
        ({}, "“folder/talks,” file talks.txt.", "“folder/talks.”"),
        ({"title": "Page", "url": URL}, f"“Page,” {URL}.", "“Page.”"),
        (
            ABSTRACT,
            (
                "memcon, “Abstract of cable no. 7001” (abstract written for memcon, "
                f"collection rice), about: {CABLE_NOTE}"
            ),
            "memcon abstract about Arai to Foreign Minister, cable no. 7001.",
        ),
        (
            {**ABSTRACT, "kind": "background", "title": 'Rice in the "Lost" Years'},
            (
                "memcon, “Rice in the ‘Lost’ Years” (background note written for memcon, "
                f"collection rice), about: {CABLE_NOTE}"
            ),
            "memcon background note about Arai to Foreign Minister, cable no. 7001.",
        ),
        (
            {"kind": "background", "title": "Rice", "creators": ("memcon",)},
            "memcon, “Rice” (background note written for memcon).",
            None,
        ),
    ],
)
def test_notes_in_the_form_of_the_chicago_manual(
    provenance: dict[str, Any], note: str, short: str | None
) -> None:
    citation = cite(document("Words.", "folder/talks", **provenance))
    assert citation.note == note
    assert short is None or citation.short == short


@pytest.mark.parametrize(
    ("creator", "called"),
    [
        ("Ambassador Arai", "Arai"),
        ("Ambassador Arai (Permanent Representative)", "Arai"),
        ("Second Rice Division, Bureau of Grain", "Second Rice Division, Bureau of Grain"),
    ],
)
def test_a_short_note_calls_a_sender_by_the_family_name_where_it_is_sure(
    creator: str, called: str
) -> None:
    cable = {**CABLE, "creators": (creator,)}
    short = cite(document("Words.", **cable)).short
    assert short == f"{called} to Foreign Minister, cable no. 7001."


@pytest.mark.parametrize(
    ("creator", "name"),
    [
        ("Secretary of State Warren Christopher", "Christopher"),
        ("Minister for Foreign Affairs Hata", "Hata"),
        ("Secretary Warren Christopher", "Christopher"),
        ("Miyazawa Kiichi", "Miyazawa"),
        ("Ambassador Arai Taro", "Arai"),
        ("Ann Writer", "Writer"),
    ],
)
def test_a_short_note_never_leaves_out_a_family_name(creator: str, name: str) -> None:
    cable = {**CABLE, "creators": (creator,)}
    assert name in cite(document("Words.", **cable)).short


def test_a_note_has_the_pages_of_the_words_and_says_that_a_machine_read_them() -> None:
    text = "One page. Another page."
    pages = (Page(0, "iv"), Page(10, "v"))
    read = make_document("d", "d.pdf", Reading(text, Provenance(extraction="OCR"), pages=pages))
    assert cite(read, Span(0, 9)).note == "“d,” file d.pdf, p. iv, text read by OCR."
    assert cite(read, Span(4, 17)).note == "“d,” file d.pdf, pp. iv–v, text read by OCR."
    assert cite(read, Span(4, 17)).locator == "pp. iv–v"
    assert cite(read).locator is None
    printed = replace(read, provenance=Provenance(title="T", container="V", number="12"))
    assert cite(printed, Span(4, 17)).locator == "doc. 12, pp. iv–v"
    assert cite(printed, Span(4, 17)).note.endswith(" in V, doc. 12, pp. iv–v.")
    assert cite(printed).locator == "doc. 12"
    archived = replace(read, provenance=Provenance(**CABLE, extraction="OCR"))
    assert "File No. 2099-00001, p. v, text read by OCR. Trans" in cite(archived, Span(10, 17)).note


def test_csl_json_notes_what_it_has_no_field_for() -> None:
    more = {
        "part": "1 of 2",
        "parent": "7000",
        "received_date": "1993-09",
        "separate_telegram": "3",
    }
    assert cite(document("Words.", **CABLE, **more, original_language="ja")).csl["note"] == (
        "part 1 of 2; separate telegram 3 of no. 7000; received September 1993; "
        "translated from Japanese"
    )


def test_a_long_title_is_shortened_in_a_short_note() -> None:
    long = "One two three four five six seven eight, nine ten"
    assert cite(document("Words.", title=long)).short.startswith(
        "“One two three four five six seven eight …"
    )


def test_memcons_own_documents_lead_to_the_record_but_not_to_words_in_it() -> None:
    citation = cite(document("The cable was long.", **ABSTRACT), Span(0, 9))
    assert citation.url == URL
    assert citation.deep_link is None
    assert citation.csl == {
        "URL": URL,
        "author": [{"literal": "memcon"}],
        "event-date": {"date-parts": [[1993, 9, 27]]},
        "genre": "memcon abstract",
        "id": "d",
        "references": CABLE_NOTE,
        "title": "Abstract of cable no. 7001",
        "type": "entry",
    }


def test_an_abstract_that_others_wrote_is_cited_as_theirs() -> None:
    citation = cite(document("Words.", **{**ABSTRACT, "creators": ("Ann Writer",)}))
    assert citation.note.startswith("Ann Writer, “Abstract of cable no. 7001,” abstract")
    assert "memcon" not in citation.note + citation.short


def test_a_cable_in_csl_json_has_every_field_that_is_known() -> None:
    assert cite(document("Words.", "a/7001", **CABLE)).csl == {
        "URL": URL,
        "archive": "Diplomatic Archives of the Ministry of Foreign Affairs of Japan",
        "archive_location": "File No. 2099-00001",
        "author": [{"literal": "Ambassador Arai"}],
        "event-date": {"date-parts": [[1993, 9, 27]]},
        "genre": "cable",
        "id": "a/7001",
        "issued": {"date-parts": [[1993, 9, 28]]},
        "language": "en",
        "number": "7001",
        "publisher": "Wilson Center Digital Archive",
        "recipient": [{"literal": "The Foreign Minister"}],
        "title": "Rice Talks (Separate Telegram 3)",
        "translator": [{"literal": "Jo Smith"}],
        "type": "personal_communication",
    }


@pytest.mark.parametrize(
    ("kind", "csl_type"),
    [
        ("record of conversation", "manuscript"),
        ("memorandum", "manuscript"),
        ("news conference", "speech"),
        ("article", "article-magazine"),
        ("abstract", "document"),
        (None, "document"),
    ],
)
def test_a_kind_of_document_has_a_type_in_csl_json(kind: str | None, csl_type: str) -> None:
    csl = cite(document("Words.", title="Rice", kind=kind)).csl
    assert csl["type"] == csl_type
    assert csl["archive_location"] == "d.txt"


def test_a_partial_date_in_csl_json_has_the_parts_that_are_known() -> None:
    csl = cite(document("Words.", **ARTICLE)).csl
    assert csl["issued"] == {"date-parts": [[2020, 5]]}
    assert "event-date" not in csl


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("Rice", "Rice"),
        ("one  two\nthree", "one%20two%20three"),
        ("well-known, rice & wheat", "well%2Dknown%2C%20rice%20%26%20wheat"),
        ("a b c d e f g h i j", "a%20b%20c%20d%20e%20f%20g%20h%20i%20j"),
        ("a b c d e f g h i j k", "a%20b%20c%20d%20e,g%20h%20i%20j%20k"),
        ("“米”, 100%#?", "%E2%80%9C%E7%B1%B3%E2%80%9D%2C%20100%25%23%3F"),
    ],
)
@pytest.mark.parametrize("fragment_before", ["", "#top", "#:~:text=old", "#a#b"])
def test_a_deep_link_opens_at_the_quoted_words(
    text: str, fragment: str, fragment_before: str
) -> None:
    url = deep_link(f"{URL}?page=2{fragment_before}", text, Span(0, len(text)))
    assert url == f"{URL}?page=2#:~:text={fragment}"


def test_a_citation_links_to_the_words_of_its_span_alone() -> None:
    rice = document("We grow rice here.", **ARTICLE)
    assert cite(rice, Span(8, 12)).deep_link == f"{ARTICLE['url']}#:~:text=rice"
    assert cite(rice).deep_link is None
    assert cite(document("Rice.", title="Rice"), Span(0, 4)).deep_link is None


def test_a_span_without_words_is_not_linked_to() -> None:
    assert deep_link(URL, "  \n ", Span(0, 4)) == URL


@given(st.text(max_size=120), st.data())
def test_the_fragment_of_any_deep_link_decodes_to_the_ends_of_the_span(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    base, mark, fragment = deep_link(URL, text, span).partition("#:~:text=")
    words = span.of(text).split()
    assert base == URL
    assert bool(mark) == bool(words)
    assert not set(fragment) & set("-&# \n")
    first, *rest = [unquote(part).split(" ") for part in fragment.split(",")] if words else [[]]
    assert words[: len(first)] == first
    assert words[-len(last) :] == last if (last := rest[0] if rest else []) else first == words
    assert len(rest) <= 1


def test_a_book_that_is_one_document_is_cited_with_its_year() -> None:
    book = document("Rice.", title="The Lock", creators=("Ada Keel",), publication_date="1874")
    assert "1874" in cite(book).note
    assert cite(book).csl["issued"] == {"date-parts": [[1874]]}
