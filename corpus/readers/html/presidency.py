"""Papers of presidents as the American Presidency Project publishes them."""

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from corpus.documents import Provenance, Span
from corpus.readers.dialogue import find_transcript
from corpus.readers.html.markup import render
from corpus.readers.html.metadata import read_date
from corpus.readers.reading import Reading
from corpus.readers.text_flow import trim, words_of
from corpus.structure.blocks import strip_span

if TYPE_CHECKING:
    from lxml.etree import _Element

PUBLISHER = "American Presidency Project"
_HOST = "www.presidency.ucsb.edu"
_KINDS = re.compile(
    r"news conference|interview|inaugural address|address|remarks|statement|proclamation"
    r"|executive order|message|memorandum|letter|press briefing|debate|toast|exchange",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"[^\n]+(?:\n[^\n]+)*")
_NOTE = re.compile(r"(?:NOTE|Note|Notes)\s*:")


def read_paper(root: "_Element", known: Provenance) -> Reading | None:
    """Return the document of a page of the American Presidency Project; None for any other."""
    if urlsplit(known.url or "").hostname != _HOST and known.publisher != f"The {PUBLISHER}":
        return None
    content = _find(root, "field-docs-content")
    if content is None:
        return None
    page = render(content)
    if not page.text.strip():
        return None
    title, person = _words(root, "field-ds-doc-title"), _words(root, "diet-title")
    dated = _find(root, "date-display-single")
    date = None
    if dated is not None:
        date = read_date(dated.get("content") or "") or read_date(words_of(dated))
    place = _words(root, "field-docs-location")
    return Reading(
        text=page.text,
        provenance=Provenance(
            title=title or known.title,
            kind=find_kind(title or known.title or ""),
            creators=(person,) if person else known.creators,
            event_date=date,
            document_date=date or known.document_date,
            publisher=PUBLISHER,
            language=known.language,
            place=place,
            url=known.url,
        ),
        headings=page.headings,
        turns=find_transcript(page.text),
        boilerplate=find_editors_notes(page.text) or None,
    )


def find_kind(title: str) -> str:
    """Return the kind of paper named in its title, else "transcript"."""
    match = _KINDS.search(title)
    return match[0].lower() if match else "transcript"


def find_editors_notes(text: str) -> tuple[Span, ...]:
    """Return the notes of the editors, which stand below a paper: "NOTE: The President spoke …"."""
    return tuple(
        strip_span(text, Span(*match.span()))
        for match in _BLOCK.finditer(text)
        if _NOTE.match(match[0])
    )


def _find(root: "_Element", name: str) -> "_Element | None":
    return next(
        (each for each in root.iter("*") if name in (each.get("class") or "").split()), None
    )


def _words(root: "_Element", name: str) -> str | None:
    found = _find(root, name)
    return (trim(words_of(found)) or None) if found is not None else None
