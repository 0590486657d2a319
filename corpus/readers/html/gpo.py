"""Texts of the Government Publishing Office (govinfo): typed pages with "[[Page 1270]]" marks.

The Weekly and Daily Compilation of Presidential Documents, the Public Papers and the Congressional
Record have the same form: lines in brackets that say where the text was printed, the title, the
date, the text wrapped by hand. A mark of a page is none of the text's words: it becomes a page, and
a sentence that goes on across it is whole.
"""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from corpus.dates import find_date
from corpus.documents import Page, Provenance, Span
from corpus.readers.dialogue import find_transcript
from corpus.readers.html.presidency import find_editors_notes, find_kind
from corpus.readers.reading import Reading
from corpus.readers.text_flow import local_name, words_of
from corpus.structure.blocks import find_paragraphs

if TYPE_CHECKING:
    from lxml.etree import _Element

_COMPILATION = re.compile(
    r"\[(?P<name>(?:Weekly|Daily) Compilation of Presidential Documents|Public Papers of the "
    r"Presidents[^\]\n(]*|Congressional Record)(?P<issue>[^\]]*)\]"
)
_WITHIN = 1500
_HEADER = re.compile(r"\s*\[(?!\[)(?P<words>[^\]]+)\]")
_PAGES = re.compile(r"Pages?\s+(?P<first>[A-Z]?\d+)")
# The mark of a page, and the empty lines around it; a paragraph that begins after it is indented.
_MARK = re.compile(r"\s*\[+Page\s+(?P<label>[A-Z]?[\divxlc]+)\]+[ \t]*\n*(?P<indent>[ \t]*)")
_PARAGRAPH = re.compile(r"\n[ \t]*\n|\n(?=[ \t]{2,}\S)")
_TITLE_LINES = 6
_ISSUE = re.compile(r"Volume\s+(?P<volume>\d+),?\s*(?:Number|Issue)\s+(?P<number>\d+)")


def read_compilation(root: "_Element", known: Provenance) -> Reading | None:
    """Return the document of a page of govinfo; None for any other."""
    typed = next((each for each in root.iter("*") if local_name(each) == "pre"), None)
    source = words_of(typed) if typed is not None else ""
    named = _COMPILATION.search(source[:_WITHIN])
    if named is None:
        return None
    start = 0
    headers = []
    while match := _HEADER.match(source, start):
        headers.append(" ".join(match["words"].split()))
        start = match.end()
    printed = (_PAGES.match(line) for line in headers)
    first = next((found["first"] for found in printed if found), None)
    text, pages = _take_out_pages(source[start:], first)
    if not text:
        return None
    blocks = find_paragraphs(text)
    title, date = _find_title(text, blocks)
    issue = " ".join(named["issue"].split())
    issued = find_date(issue)
    told = Provenance(
        title=title,
        kind=find_kind(title or ""),
        event_date=date,
        document_date=date,
        container=_compose(named["name"].strip(" :"), issue),
        publisher="Government Publishing Office",
        publication_date=issued[0] if issued else None,
    )
    known = replace(known, title=None, kind=None, publisher=None)
    heading = next((block for block in blocks if title and block.of(text) == title), None)
    return Reading(
        text=text,
        provenance=told.filled_from(known),
        headings=(heading,) if heading else None,
        turns=find_transcript(text),
        boilerplate=find_editors_notes(text) or None,
        pages=pages,
    )


def _take_out_pages(source: str, first: str | None) -> tuple[str, tuple[Page, ...]]:
    """Return the text with a blank line between paragraphs, and where each page begins in it."""
    parts: list[str] = []
    pages = [Page(0, first)] if first else []
    length = 0
    label: str | None = None
    rest = source
    while rest:
        match = _MARK.search(rest)
        piece, rest = (rest[: match.start()], rest[match.end() :]) if match else (rest, "")
        for place, words in enumerate(_PARAGRAPH.split(piece)):
            line = " ".join(words.split())
            if not line:
                continue
            goes_on = place == 0 and label is not None and length > 0
            gap = (" " if goes_on else "\n\n") if length else ""
            if label is not None:
                pages.append(Page(length + len(gap), label))
                label = None
            parts += (gap, line)
            length += len(gap) + len(line)
        if match:
            label = match["label"]
            # An indented line after the mark is a paragraph of its own.
            rest = ("\n\n" if match["indent"] or _opens_block(rest) else "") + rest
    return "".join(parts), tuple(page for page in pages if page.start < max(length, 1))


def _opens_block(rest: str) -> bool:
    """Return whether a heading follows a mark: a short line with nothing below it."""
    line, _, below = rest.partition("\n")
    return len(line.split()) < 8 and not below.split("\n", 1)[0].strip()


def _find_title(text: str, blocks: list[Span]) -> tuple[str | None, str | None]:
    """Return the title and the date, which are the first lines of a text."""
    lines = [block.of(text) for block in blocks[:_TITLE_LINES]]
    for place, line in enumerate(lines):
        found = find_date(line)
        if found and not line[: found[1]].strip() and not line[found[2] :].strip(" ."):
            return (" ".join(lines[:place]) or None), found[0]
    return (lines[0] if lines else None), None


def _compose(name: str, issue: str) -> str:
    """Return a compilation as it is cited: name, volume, number."""
    match = _ISSUE.search(issue)
    if match:
        return f"{name} {match['volume']}, no. {match['number']}"
    return f"{name}{':' if issue.startswith(':') else ''} {issue.lstrip(': ')}".strip()
