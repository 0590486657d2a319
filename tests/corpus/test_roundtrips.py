"""Citations read back by the parsers of others."""

import json
import unicodedata
import warnings
from collections.abc import Callable
from typing import Any

import pybtex.database
import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle
from citeproc import formatter as formatters
from citeproc.source.json import CiteProcJSON
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

from corpus.citations.cited import Cited
from corpus.citations.csl import csl_json
from corpus.citations.exports import to_biblatex, to_bibtex, to_ris
from corpus.documents import Document
from tests.support.archives import document

HOSTILE = [
    "{", "}", "a{b", "\\", "\\{}", "a\nb", "%", "$x_1^2$ & #3 ~", "--", "---", "''", "``", "?`",
    "“quoted” — ‘so’", '"quoted"', "@article{x,", "TY  - BOOK", "ER  - ", "細川護熙", "Kōno Yōhei",
    "O'Brien", "and", "von der Leyen, Jr.", "<b>rice</b>", "é", "\u2028", "<<",
    "a\tb", "Ω≈ç", "1993",
]  # fmt: skip
words = st.sampled_from(HOSTILE) | st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
some = words | st.lists(words, min_size=2, max_size=3).map(" ".join)
OTHERS = {"CHAP", "MGZN", "NEWS", "RPRT", "ELEC"}
KINDS = [
    "cable",
    "letter",
    "memorandum",
    "article",
    "newspaper article",
    "report",
    "web page",
    "odd",
]


@st.composite
def documents(draw: st.DrawFn) -> Document:
    known: dict[str, Any] = {
        name: draw(st.none() | some)
        for name in ("number", "repository", "publisher", "file_number", "translator", "container")
    }
    return document(
        "Words.",
        draw(st.sampled_from(["d", "a/b c", "記録", "}{"])),
        title=draw(some),
        kind=draw(st.none() | st.sampled_from(KINDS)),
        creators=tuple(draw(st.lists(some, max_size=3))),
        recipients=tuple(draw(st.lists(some, max_size=2))),
        document_date=draw(st.sampled_from([None, "1993", "1993-07", "1993-07-06"])),
        event_date=draw(st.sampled_from([None, "1993-07-05"])),
        url=draw(st.sampled_from([None, "https://archive.test/a_b?c=%20&d={e}"])),
        **known,
    )


def plain(value: str | None) -> str:
    """Return words on one line without control characters, as a citation has them."""
    kept = (" " if char.isspace() else char for char in value or "")
    shown = (char for char in kept if unicodedata.category(char) not in {"Cc", "Cs"})
    return " ".join("".join(shown).split())


def set_by_tex(value: str) -> str:
    """Return a value as TeX sets it."""
    text: str = LatexNodes2Text(
        latex_context=_CONTEXT, keep_comments=True, strict_latex_spaces=True
    ).latex_to_text(value)
    return text


_CONTEXT = get_default_latex_context_db()
# Two that the library leaves out, and one that it takes for an accent.
_CONTEXT.add_context_category(
    "memcon",
    prepend=True,
    macros=[
        MacroTextSpec("textbraceleft", "{"),
        MacroTextSpec("textbraceright", "}"),
        MacroTextSpec("textasciicircum", "^"),
    ],
)


def fields_of(entry: str) -> dict[str, str]:
    """Return the one entry as bibtexparser reads it, its type among its fields."""
    library = parse_string(entry)
    assert library.failed_blocks == []
    (read,) = library.entries
    return {"type of entry": read.entry_type, **{f.key: str(f.value) for f in read.fields}}


@given(documents())
@pytest.mark.parametrize("export", [to_bibtex, to_biblatex])
def test_two_parsers_read_the_same_out_of_bibtex(
    export: Callable[[Cited], str], made: Document
) -> None:
    entry = export(Cited(made))
    read = fields_of(entry)
    (other,) = pybtex.database.parse_string(entry, "bibtex").entries.values()
    provenance = made.provenance
    assert set_by_tex(read["title"]) == set_by_tex(other.fields["title"]) == plain(made.title)
    names = [plain(name) for name in provenance.creators if plain(name)]
    assert [set_by_tex(str(name)) for name in other.persons.get("author", [])] == names
    if plain(provenance.container):
        assert set_by_tex(read["booktitle"]) == plain(provenance.container)
    date = provenance.document_date or provenance.event_date
    if date is None:
        assert not {"year", "date"} & read.keys()
    elif "date" in read:
        assert read["date"] == date
    else:
        assert read["year"] == date[:4]
    if provenance.url:
        assert read["url"] == "https://archive.test/a_b?c=%20&d=%7Be%7D"


@given(documents())
def test_biblatex_has_a_field_for_each_thing(made: Document) -> None:
    read, provenance = fields_of(to_biblatex(Cited(made))), made.provenance
    for field, value in {"number": provenance.number, "type": provenance.kind}.items():
        assert set_by_tex(read.get(field, "")) == plain(value)
    assert set_by_tex(read.get("translator", "")) == plain(provenance.translator)
    assert plain(provenance.repository) in set_by_tex(read.get("library", ""))
    for name in provenance.recipients:
        assert plain(name) in set_by_tex(read["note"])


@given(documents())
def test_ris_is_read_back(made: Document) -> None:
    (read,) = rispy.loads(to_ris(Cited(made)))
    provenance = made.provenance
    assert read.get("title", read.get("primary_title", "")) == plain(made.title)
    assert read.get("authors", []) == [plain(n) for n in provenance.creators if plain(n)]
    to = [plain(name) for name in provenance.recipients if plain(name)]
    # For what is no letter, A2 is another's: its recipients stand in the note alone.
    assert read.get("secondary_authors", []) == ([] if read["type_of_reference"] in OTHERS else to)
    assert "".join(read.get("subsidiary_authors", [])) == plain(provenance.translator)
    assert read.get("note", "") == plain(provenance.number)
    assert read.get("name_of_database", "") == plain(provenance.repository)
    assert read.get("urls", []) == ([provenance.url] if provenance.url else [])
    date = provenance.document_date or provenance.event_date
    assert read.get("year") == (date[:4] if date else None)


def render(item: dict[str, Any]) -> str:
    """Return an item of CSL-JSON as citeproc-py writes it in a style that comes with it."""
    item = json.loads(json.dumps(item))
    with warnings.catch_warnings():
        # The processor knows fewer fields than the standard has, and says so.
        warnings.simplefilter("ignore")
        source = CiteProcJSON([item])
        style = CitationStylesStyle("harvard-cite-them-right", validate=False)
        bibliography = CitationStylesBibliography(style, source, formatters.plain)
        bibliography.register(Citation([CitationItem(item["id"])]))
        (entry,) = bibliography.bibliography()
    return str(entry)


@given(documents())
def test_csl_json_is_rendered_by_a_processor(made: Document) -> None:
    item = csl_json(Cited(made))
    shown = render(item)
    date = made.provenance.document_date
    assert not date or date[:4] in shown
    title = made.title.split()
    # The processor changes quotation marks and capitals of what it is given.
    assert not title or not title[0].isalnum() or title[0].casefold() in shown.casefold()
