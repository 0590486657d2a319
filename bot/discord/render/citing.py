"""The card of citations, and their forms for programs as files."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.discord.render.layout import Attached, Card, Part, Row, Select, Text
from bot.discord.render.sources import fit
from corpus.citations.exports import to_biblatex, to_bibtex, to_ris
from corpus.citations.styles import cite
from corpus.documents import Document, Span

Cited = tuple[Document, Span | None]


@dataclass(frozen=True, slots=True)
class FileStyle:
    """A form of citation that programs read, and the name of its file."""

    label: str
    description: str
    file_name: str
    write: Callable[[Document, Span | None], str]


def _write_csl(document: Document, span: Span | None) -> str:
    return json.dumps([cite(document, span).csl], ensure_ascii=False, indent=2)


FILE_STYLES = {
    "bibtex": FileStyle("BibTeX", "for LaTeX", "citation.bib", lambda d, _: to_bibtex(d)),
    "biblatex": FileStyle(
        "BibLaTeX", "for LaTeX with BibLaTeX", "citation-biblatex.bib", lambda d, _: to_biblatex(d)
    ),
    "ris": FileStyle(
        "RIS", "for Zotero, EndNote and Mendeley", "citation.ris", lambda d, _: to_ris(d)
    ),
    "csl-json": FileStyle("CSL-JSON", "for Zotero and Pandoc", "citation.json", _write_csl),
}


def citation_card(
    cited: Sequence[Cited], action: str, place: int, style: str | None = None
) -> Card:
    """Make the card of citations, with a menu of files and the file of `style`, if chosen.

    `action` and `place` are those of the menu.
    """
    room = 3600 // (2 * len(cited))
    parts: list[Part] = []
    for document, span in cited:
        citation = cite(document, span)
        lines = ["**Chicago, full note**", fit(citation.note, room - 60)]
        lines += ["**Short note**", fit(citation.short, room - 60)]
        parts.append(Text("\n".join(lines)))
    options = tuple((name, each.label, each.description) for name, each in FILE_STYLES.items())
    parts.append(Row((Select("As a file", action, place, options),)))
    if style:
        parts.append(Attached(FILE_STYLES[style].file_name))
    return Card(tuple(parts))


def citation_file(cited: Sequence[Cited], style: str) -> tuple[str, bytes]:
    """Write citations in a form that programs read; return the file's name and content."""
    known = FILE_STYLES[style]
    written = [known.write(document, span) for document, span in cited]
    if known.file_name.endswith(".json"):
        items = [item for each in written for item in json.loads(each)]
        text = json.dumps(items, ensure_ascii=False, indent=2)
    else:
        text = "\n\n".join(each.rstrip() for each in dict.fromkeys(written))
    return known.file_name, (text + "\n").encode()
