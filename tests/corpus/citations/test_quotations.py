"""A quotation is cited by its words, its page, the record that it belongs to and the day."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rispy

import bot
from corpus.citations.cited import Cited
from corpus.citations.styles import STYLES
from corpus.documents import Document, Enclosure, Page, Span
from tests.support.archives import document

TEXT = "We send you the note of the pilot.\n\nThe buoy drifted north. It was found in May."
START = TEXT.index("The buoy")
NOTE = Enclosure(
    Span(START, len(TEXT)),
    title="Pilot Hale to Consul Finch",
    kind="note",
    creators=("Hale",),
    recipients=("Finch",),
    document_date="1874-05-02",
)
KNOWN: dict[str, Any] = {
    "kind": "despatch",
    "title": "Consul Finch to Mr. Dray",
    "number": "7",
    "creators": ("Finch",),
    "recipients": ("Dray",),
    "document_date": "1874-06-01",
    "container": "Papers of the Port",
    "url": "https://port.test/d7",
}


def make(*enclosures: Enclosure, **known: Any) -> Document:
    made = document(TEXT, **{**KNOWN, **known, "enclosures": enclosures})
    pages = (Page(0, "30"), Page(START + 4, "31"))
    return replace(made, structure=replace(made.structure, pages=pages))


def write(style: str, made: Document, words: str | None, accessed: str | None = None) -> str:
    span = Span(TEXT.index(words), TEXT.index(words) + len(words)) if words else None
    return STYLES[style].write([Cited.of(made, span, accessed)])


def test_words_are_cited_with_their_page_and_the_date_of_access() -> None:
    assert write("chicago", make(), "It was found in May", "2024-03-05") == (
        "“It was found in May”\nFinch to Dray, despatch, June 1, 1874, in Papers of the Port, "
        "doc. 7, p. 31, accessed March 5, 2024, https://port.test/d7."
    )
    assert "accessed" not in write("chicago", make(url=None), "It was found in May", "2024-03-05")


def test_words_of_an_enclosure_are_its_writers() -> None:
    assert write("chicago", make(NOTE), "The buoy drifted north").endswith(
        "\nHale to Finch, note, May 2, 1874, enclosed in Finch to Dray, June 1, 1874, "
        "in Papers of the Port, doc. 7, pp. 30–31, https://port.test/d7."
    )
    assert "Hale" not in write("chicago", make(NOTE), "We send you the note")
    assert "Hale" not in write("chicago", make(NOTE), "pilot.\n\nThe buoy drifted north")
    assert (
        write("short", make(NOTE), "It was found") == "Hale to Finch, Papers of the Port, doc. 7."
    )
    (item,) = json.loads(write("csl-json", make(NOTE), "It was found"))
    assert item["author"] == [{"literal": "Hale"}]
    assert item["issued"] == {"date-parts": [[1874, 5, 2]]}
    assert item["note"] == "enclosed in Finch to Dray, June 1, 1874"


def test_an_enclosure_that_names_nobody_is_cited_as_an_enclosure() -> None:
    note = write("chicago", make(Enclosure(NOTE.span)), "The buoy drifted north")
    assert note.splitlines()[1].startswith(
        "“Enclosure in Finch to Dray, June 1, 1874,” in Papers of the Port"
    )


def test_programs_get_words_pages_and_the_date_of_access() -> None:
    words = "The buoy drifted north"
    (ris,) = rispy.loads(write("ris", make(), words, "2024-03-05"))
    assert (ris["start_page"], ris["end_page"]) == ("30", "31")
    assert ris["access_date"] == "2024/03/05/"
    assert f"“{words}” (doc. 7, pp. 30–31)" in ris["notes"]
    (item,) = json.loads(write("csl-json", make(), words, "2024-03-05"))
    assert (item["annote"], item["page"]) == (f"“{words}” (doc. 7, pp. 30–31)", "30-31")
    assert item["accessed"] == {"date-parts": [[2024, 3, 5]]}
    latex = write("biblatex", make(), words, "2024-03-05")
    assert "  urldate = {2024-03-05},\n" in latex
    assert f"  annotation = {{“{words}” (doc. 7, pp. 30–31)}},\n" in latex
    for entry in (latex, write("bibtex", make(), None)):
        assert "  pages = {30--31},\n" in entry


@pytest.mark.parametrize(
    ("known", "note", "ris", "latex"),
    [
        (
            {"printed_date": "ca. May 1874"},
            ", ca. May 1874, in",
            "1874/05//ca. May 1874",
            "1874-05~",
        ),
        (
            {"printed_date": "May 2–4, 1874"},
            ", May 2–4, 1874, in",
            "1874/05//May 2–4, 1874",
            "1874-05",
        ),
        (
            {"document_date": None, "printed_date": "undated", "received_date": "1874-06"},
            ", undated [received June 1874], in",
            "///undated",
            None,
        ),
    ],
)
def test_a_date_is_cited_as_it_is_printed(
    known: dict[str, Any], note: str, ris: str, latex: str | None
) -> None:
    made = make(**{"document_date": "1874-05", **known})
    assert note in write("chicago", made, None)
    assert f"DA  - {ris}" in write("ris", made, None).splitlines()
    assert (f"  date = {{{latex}}}," in write("biblatex", made, None)) == (latex is not None)
    assert (
        json.loads(write("csl-json", made, None))[0]["issued"]["literal"] == known["printed_date"]
    )


@pytest.mark.parametrize(
    ("kind", "csl", "ris"),
    [
        ("telegram", "personal_communication", "PCOMM"),
        ("circular telegram", "personal_communication", "PCOMM"),
        ("despatch", "personal_communication", "PCOMM"),
        ("e-mail", "personal_communication", "ICOMM"),
        ("minutes", "manuscript", "MANSCPT"),
        ("memorandum of conversation", "manuscript", "MANSCPT"),
        ("inaugural address", "speech", "SLIDE"),
        ("interview", "interview", "PCOMM"),
        ("report", "report", "RPRT"),
        ("web page", "webpage", "ELEC"),
        ("proclamation", "legislation", "STAT"),
        ("something else", "document", "MANSCPT"),
    ],
)
def test_a_kind_has_the_type_that_reference_managers_expect(kind: str, csl: str, ris: str) -> None:
    made = document("Words.", title="Tides", kind=kind)
    assert json.loads(STYLES["csl-json"].write([Cited(made)]))[0]["type"] == csl
    assert STYLES["ris"].write([Cited(made)]).startswith(f"TY  - {ris}\n")


def test_what_is_printed_in_a_volume_is_a_chapter_but_a_letter_stays_one() -> None:
    for kind, ris in {"minutes": "CHAP", "report": "CHAP", None: "CHAP", "letter": "PCOMM"}.items():
        made = document("Words.", title="Tides", kind=kind, container="Papers", recipients=("Oda",))
        record = STYLES["ris"].write([Cited(made)]).splitlines()
        assert record[0] == f"TY  - {ris}"
        # A2 is the editor of a chapter.
        assert ("A2  - Oda" in record) == (kind == "letter")


def test_every_style_is_described_and_its_file_is_its_own() -> None:
    files = [style.file_name for style in STYLES.values() if style.file_name]
    assert len(files) == len(set(files))
    page = Path(bot.__file__).with_name("README.md").read_text("utf-8")
    for style in STYLES.values():
        assert style.description
        assert f"{style.name}`" in page
        assert style.write([Cited(document("Words.", title="Tides"))]).strip()


def test_what_one_wrote_to_another_is_a_letter() -> None:
    made = document("Words.", title="A to B", creators=("A",), recipients=("B",))
    assert STYLES["ris"].write([Cited(made)]).startswith("TY  - PCOMM\n")
