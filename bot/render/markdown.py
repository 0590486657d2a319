"""Answers as Markdown, each quotation with a footnote in Pandoc's syntax."""

import re
from collections.abc import Iterator
from typing import TextIO

from bot.render.terminal import searched_line, visible
from bot.render.wording import REFUSALS, tell_whose
from corpus.citations.styles import cite
from index.answering.answer import Answer
from index.answering.quotations import Quote

# What Markdown or Pandoc would read as markup.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~^$@])")


class MarkdownExport:
    """Writes the answers of a session, their footnotes numbered from 1."""

    def __init__(self, file: TextIO) -> None:
        """Write into an open file, which is not closed."""
        self._file = file
        self._notes = 0

    def add(self, question: str, answer: Answer, receipt_id: str) -> None:
        """Write the answer to a question, given as typed."""
        self._file.write("\n\n".join(self._parts(question, answer, receipt_id)) + "\n\n")
        self._file.flush()

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
            yield f"*{_plain(tell_whose(answer, place))}*"
            notes.append(f"[^{self._notes}]: {_note(quote)}")
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


def _plain(words: str) -> str:
    """Return words on one line that Markdown shows as they are."""
    return _MARKUP.sub(r"\\\1", visible(words))
