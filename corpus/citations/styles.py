"""The styles in which a document, or a quotation from it, is cited.

`STYLES` lists them. The command line's choices and the files attached on Discord come from it. A
citation is made from provenance and span each time, never stored.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote as percent_encode
from urllib.parse import urlsplit

from corpus.citations.chicago import chicago_note, short_note
from corpus.citations.cited import Cited
from corpus.citations.csl import csl_json
from corpus.citations.exports import to_biblatex, to_bibtex, to_ris
from corpus.documents import Document, Span

# Words at each end of a deep link; longer quotations are linked by their ends alone.
_LINK_WORDS = 5


@dataclass(frozen=True, slots=True)
class CitationStyle:
    """A form of citation: its name, what it is, and how records are written in it.

    `file_name` is set for forms that programs read: those are attached as files on Discord, and
    write no record as an empty file that programs accept.
    """

    name: str
    description: str
    write: Callable[[Sequence[Cited]], str]
    file_name: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A citation in the forms that an answer needs.

    `url` is the address of the document (of the record, for memcon's own abstracts); `deep_link`
    leads to the quoted words, and is None where the words are not at that address. `locator` is
    where the words stand in it: the number of a document in a volume, and pages; None where it has
    neither.
    """

    note: str
    short: str
    locator: str | None
    url: str | None
    deep_link: str | None
    csl: dict[str, Any]


def _write_chicago(cited: Cited) -> str:
    note = chicago_note(cited)
    return f"“{cited.words}”\n{note}" if cited.words else note


def _write_csl(records: Sequence[Cited]) -> str:
    items = [csl_json(cited) for cited in records]
    for item, cited in zip(items, records, strict=True):
        if cited.quotations:
            item["annote"] = "; ".join(cited.quotations)
    return json.dumps(items, ensure_ascii=False, indent=2, sort_keys=True)


def _each(write: Callable[[Cited], str]) -> Callable[[Sequence[Cited]], str]:
    """Return a function that writes records one after another."""
    return lambda records: "\n\n".join(map(write, records))


STYLES = {
    style.name: style
    for style in (
        CitationStyle("chicago", "a full Chicago note", _each(_write_chicago)),
        CitationStyle("short", "the note for later mentions", _each(short_note)),
        CitationStyle("csl-json", "for Zotero and Pandoc", _write_csl, "citation.json"),
        CitationStyle("bibtex", "for LaTeX", _each(to_bibtex), "citation.bib"),
        CitationStyle(
            "biblatex", "for LaTeX with BibLaTeX", _each(to_biblatex), "citation-biblatex.bib"
        ),
        CitationStyle("ris", "for Zotero, EndNote and Mendeley", _each(to_ris), "citation.ris"),
    )
}


def cite(document: Document, span: Span | None = None) -> Citation:
    """Return the citation of a document, or of the words in `span`."""
    cited = Cited.of(document, span)
    return Citation(
        note=chicago_note(cited),
        short=short_note(cited),
        url=cited.address,
        deep_link=_link(document, span) if span else None,
        csl=csl_json(cited),
        locator=cited.locator,
    )


def _link(document: Document, span: Span) -> str | None:
    url = document.provenance.url
    if not url:
        return None
    if not urlsplit(url).path.lower().endswith(".pdf"):
        return deep_link(url, document.text, span)
    # Text fragments do not work in a PDF; pages do, counted from the first.
    count = sum(page.start <= span.start for page in document.structure.pages)
    return f"{url.split('#', 1)[0]}#page={count}" if count else None


def deep_link(url: str, text: str, span: Span) -> str:
    """Return an address that opens at the quoted words (a URL with a text fragment).

    The fragment is "#:~:text=start,end", each end a few whole words, percent-encoded with "-",
    "," and "&" too, as the Text Fragments specification of the WICG asks.
    """
    words = span.of(text).split()
    if not words:
        return url
    base = url.split("#", 1)[0]
    if len(words) <= 2 * _LINK_WORDS:
        fragment = _encode(" ".join(words))
    else:
        ends = " ".join(words[:_LINK_WORDS]), " ".join(words[-_LINK_WORDS:])
        fragment = ",".join(_encode(end) for end in ends)
    return f"{base}#:~:text={fragment}"


def _encode(words: str) -> str:
    return percent_encode(words, safe="").replace("-", "%2D")
