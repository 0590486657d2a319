"""Answers as Markdown, each quotation with a footnote in Pandoc's syntax."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from bot.render.terminal import searched_line, visible
from bot.render.wording import REFUSALS, tell_whose
from corpus.citations.bibliography import Bibliography
from corpus.citations.cited import Cited, locate, name_pages
from corpus.citations.styles import STYLES, cite
from index.answering.answer import Answer
from index.answering.quotations import Quote

# What Markdown or Pandoc would read as markup, or set in another way: runs of dots and hyphens,
# straight quotation marks, the space after an abbreviation, the mark of a list.
_MARKUP = re.compile(
    r"""[\\`*_{}\[\]<>#|~^$@&'"]|\.(?=\.)|(?<=\.)\.|-(?=-)|(?<=-)-|(?<![^\W_]{6})[.)](?= )|^[-+]"""
)


class MarkdownExport:
    """Writes the answers of a session, their footnotes numbered from 1."""

    def __init__(self, file: TextIO, sources: Path | None = None) -> None:
        """Write into an open file, which is not closed.

        With `sources`, footnotes are Pandoc citations of the records in that CSL-JSON file, which
        each answer writes again.
        """
        self._file = file
        self._sources = sources
        self._bibliography = Bibliography()
        self._notes = 0
        if sources:
            name = json.dumps(_plain(sources.name), ensure_ascii=False)
            file.write(f"---\nbibliography: {name}\nreference-section-title: Sources\n---\n\n")
            self._write_sources(sources)

    def add(self, question: str, answer: Answer, receipt_id: str) -> None:
        """Write the answer to a question, given as typed."""
        self._file.write("\n\n".join(self._parts(question, answer, receipt_id)) + "\n\n")
        self._file.flush()
        if self._sources:
            self._write_sources(self._sources)

    def _write_sources(self, path: Path) -> None:
        partial = path.with_name(f".{path.name}.partial")
        partial.write_text(self._bibliography.write(STYLES["csl-json"]) + "\n", "utf-8", "replace")
        partial.replace(path)

    def _parts(self, question: str, answer: Answer, receipt_id: str) -> Iterator[str]:
        yield f"## {_plain(question)}"
        if question != answer.question:
            yield f"*Asked as: {_plain(answer.question)}*"
        quotes = answer.quotes
        if not quotes:
            yield REFUSALS[answer.refusal] if answer.refusal else "The archive does not say."
            if answer.leads:
                yield "Leads, not answers:"
            quotes = answer.leads
        notes = []
        for place, quote in enumerate(quotes):
            self._notes += 1
            yield f"> “{_plain(quote.text)}”[^{self._notes}]"
            whose = f"*{_plain(tell_whose(answer, place))}*"
            note = _note(quote)
            if self._sources:
                whose += f" · {note}"
                note = _cite_with_pandoc(self._bibliography.add(quote.document, quote.span))
            yield whose
            notes.append(f"[^{self._notes}]: {note}")
        yield from notes
        yield f"{_plain(searched_line(answer.searched))} · receipt {receipt_id}"


def _note(quote: Quote) -> str:
    """Return a citation in which the address leads to the very words, where it can."""
    citation = cite(quote.document, quote.span)
    url, link = citation.url or "", citation.deep_link
    before, found, after = citation.note.rpartition(url) if url and link else ("", "", "")
    if found:
        return f"{_plain(before)}<{link}>{_plain(after)}"
    return _plain(citation.note) + (f" <{link}>" if link else "")


def _cite_with_pandoc(cited: Cited) -> str:
    """Return the citation for Pandoc: "[@port/d7, p. 31, doc. 7]"."""
    places = filter(None, [name_pages(cited.pages), locate(cited.provenance)])
    return f"[{', '.join([f'@{cited.key}', *map(_plain, places)])}]"


def _plain(words: str) -> str:
    """Return words on one line that Markdown shows as they are."""
    # Pandoc takes a lone “‘”, as in “‘Abd”, for an apostrophe.
    return _MARKUP.sub(r"\\\g<0>", visible(words)).replace("‘", "&lsquo;")
