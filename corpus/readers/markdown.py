"""Markdown, with provenance in YAML front matter."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from corpus.blocks import opens_block
from corpus.documents import Provenance, Span
from corpus.errors import UnreadableSource
from corpus.frontmatter import read_provenance
from corpus.readers.reading import Reading
from corpus.readers.text import decode
from corpus.recordheader import is_field, read_header

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(
    r"\A---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)


def read_markdown(data: bytes) -> Iterator[Reading]:
    """Yield the one document of a Markdown file: its words without the mark-up, and its headings.

    Raises UnreadableSource for text that cannot be decoded and front matter that is no provenance.
    """
    source = decode(data)
    provenance = Provenance()
    front = _FRONT_MATTER.match(source)
    if front:
        provenance = _load(front["yaml"])
        source = source[front.end() :]
    text, headings = _render(source)
    if not text.strip():
        raise UnreadableSource(
            "the file has front matter but no text" if front else "the file is empty"
        )
    if provenance.title is None and headings:
        provenance = replace(provenance, title=headings[0].of(text))
    provenance = provenance.filled_from(read_header(text))
    yield Reading(text, provenance, headings)


def _load(front: str) -> Provenance:
    import yaml

    try:
        # This loader makes nothing but words, lists and names: a number keeps its zeros, and "no"
        # is a language.
        known = yaml.load(front, yaml.BaseLoader) or {}  # noqa: S506 - the safest of all
    except (yaml.YAMLError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = f" (line {line + 2})" if line is not None else ""
        raise UnreadableSource(f"the front matter is not valid YAML{where}") from error
    if not isinstance(known, dict):
        raise UnreadableSource("the front matter is not a list of names and values")
    try:
        return read_provenance(known)
    except RecursionError as error:
        raise UnreadableSource("the front matter refers to itself") from error


def _render(source: str) -> tuple[str, tuple[Span, ...]]:
    """Return the words of a Markdown text, a blank line between blocks, and its headings."""
    # Loaded here, as above, because questions import this module but read no Markdown.
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    parts: list[str] = []
    headings: list[Span] = []
    length = 0
    cells: list[str] = []
    for position, token in enumerate(tokens):
        if token.type == "inline":
            words = _words(token.children or [])
            if tokens[position - 1].type in {"th_open", "td_open"}:
                cells.append(words)
                continue
        elif token.type in {"fence", "code_block"}:
            words = token.content.rstrip("\n")
        elif token.type == "tr_close":
            words, cells = " | ".join(cells), []
        else:
            continue
        if not words.strip():
            continue
        if tokens[position - 1].type == "heading_open":
            headings.append(Span(length, length + len(words)))
        parts.append(words)
        length += len(words) + 2
    return "\n\n".join(parts), tuple(headings)


def _words(children: "Sequence[Token]") -> str:
    """Return the words of an inline run; a soft line break is a space, but before a new turn.

    The header of a record has a line a field: it keeps its lines.
    """
    lines = [child.content for child in children if child.type == "text"]
    header = sum(is_field(line) for line in lines) > 1
    words = []
    for place, child in enumerate(children):
        if child.type in {"text", "code_inline", "image"}:
            words.append(child.content)
        elif child.type == "softbreak":
            # A record typed as Markdown has a turn or a field a line.
            following = "".join(each.content for each in children[place + 1 : place + 2])
            words.append("\n" if header or opens_block(following) else " ")
        elif child.type == "hardbreak":
            words.append("\n")
    return "".join(words).strip()
