"""Each record quoted is one entry, and its key is what Pandoc and BibTeX can read."""

import json
import re
from dataclasses import replace
from typing import Any

import pybtex.database
import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st

from corpus.citations.bibliography import Bibliography
from corpus.citations.cited import Cited
from corpus.citations.styles import STYLES
from corpus.documents import Document, Enclosure, Page, Span
from tests.support.archives import document

TEXT = "The pilot sends a note. The buoy drifted north. It was found in May."
BUOY, FOUND = Span(24, 47), Span(48, 68)
KNOWN: dict[str, Any] = {"title": "Finch to Dray", "container": "Papers of the Port", "number": "7"}


def make(*enclosures: Enclosure) -> Document:
    made = document(TEXT, "port/d7", **KNOWN, enclosures=enclosures)
    pages = (Page(0, "30"), Page(FOUND.start, "31"))
    return replace(made, structure=replace(made.structure, pages=pages))


def quote(*quoted: tuple[Document, Span]) -> Bibliography:
    bibliography = Bibliography()
    for made, span in quoted:
        bibliography.add(made, span)
    return bibliography


def test_quotations_of_one_record_share_its_entry() -> None:
    bibliography = quote((make(), BUOY), (make(), FOUND), (make(), BUOY))
    quoted = [
        "“The buoy drifted north.” (doc. 7, p. 30)",
        "“It was found in May.” (doc. 7, p. 31)",
    ]
    (item,) = json.loads(bibliography.write(STYLES["csl-json"]))
    assert (item["id"], item["page"]) == ("port/d7", "30-31")
    assert item["annote"] == "; ".join(quoted)
    (record,) = rispy.loads(bibliography.write(STYLES["ris"]))
    assert record["notes"][-2:] == quoted
    entry = bibliography.write(STYLES["bibtex"])
    assert entry.startswith("@incollection{port/d7,\n")
    assert f"  annote = {{{'; '.join(quoted)}}},\n" in entry


def test_an_entry_is_that_of_a_citation_but_for_the_words() -> None:
    made = make()
    for name in ("bibtex", "biblatex", "ris", "csl-json"):
        whole = STYLES[name].write([Cited.of(made)]).splitlines()
        written = quote((made, BUOY)).write(STYLES[name]).splitlines()
        assert [line for line in written if "The buoy" not in line] == whole, name


def test_an_enclosure_has_an_entry_of_its_own() -> None:
    made = make(Enclosure(Span(BUOY.start, len(TEXT)), kind="note", creators=("Hale",)))
    items = json.loads(quote((made, Span(0, 23)), (made, FOUND)).write(STYLES["csl-json"]))
    assert [item["id"] for item in items] == ["port/d7", f"port/d7:{BUOY.start}"]
    assert items[1]["author"] == [{"literal": "Hale"}]
    assert items[1]["page"] == "30-31"
    assert items[0]["page"] == "30-31"


@pytest.mark.parametrize("name", [name for name, style in STYLES.items() if style.file_name])
def test_no_record_is_an_empty_file(name: str) -> None:
    written = Bibliography().write(STYLES[name])
    assert written == ("[]" if name == "csl-json" else "")


def test_entries_are_read_as_one_file() -> None:
    bibliography = quote((make(), BUOY), (document("The tide rose.", "tide"), Span(0, 14)))
    for name in ("bibtex", "biblatex"):
        written = bibliography.write(STYLES[name])
        assert [*pybtex.database.parse_string(written, "bibtex").entries] == ["port/d7", "tide"]
    assert len(rispy.loads(bibliography.write(STYLES["ris"]))) == 2


names = st.text(st.sampled_from("ab1/-. _é記:{@"), min_size=1, max_size=6)


@given(st.lists(names, min_size=2, max_size=2, unique=True))
def test_keys_differ_and_are_what_pandoc_and_bibtex_read(pair: list[str]) -> None:
    keys = {Cited(document("Words.", name)).key for name in pair}
    assert len(keys) == 2
    assert all(re.fullmatch(r"[A-Za-z0-9_]+([-./+][A-Za-z0-9_]+)*", key) for key in keys)


def test_a_simple_name_is_its_own_key() -> None:
    assert Cited(document("Words.", "us-japan/cable_5517.v2")).key == "us-japan/cable_5517.v2"
    assert re.fullmatch(r"a-b-[0-9a-f]{8}", Cited(document("Words.", "a/b ")).key)
