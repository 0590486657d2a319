"""Markdown, with provenance in YAML front matter."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from corpus.documents import Provenance, Span
from corpus.errors import UnreadableSource
from corpus.frontmatter import is_known, read_provenance
from corpus.readers.encodings.decoding import decode_text
from corpus.readers.reading import Reading
from corpus.structure.blocks import opens_block
from corpus.structure.record_header import is_field, read_header

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(
    r"\A---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
# A name at the head of a line, and what other tools call theirs.
_KEY = re.compile(r"^(?P<key>[A-Za-z_][\w -]{0,40}?)[ \t]*:(?=[ \t\n]|\Z)", re.MULTILINE)
_PLAIN_KEY = re.compile(r"[a-z][a-zA-Z0-9_.-]*")


def read_markdown(data: bytes) -> Iterator[Reading]:
    """Yield the one document of a Markdown file: its words without the mark-up, and its headings.

    What stands between two rules at the head and is no list of names and values is text; of front
    matter, what cannot be read is left out and named. Raises UnreadableSource where there is no
    text.
    """
    decoded = decode_text(data)
    source, remarks = decoded.text, decoded.remarks
    provenance = Provenance()
    front = _FRONT_MATTER.match(source)
    known = _load(front["yaml"]) if front else None
    if front and known is not None:
        provenance, faults = read_provenance(known.values)
        remarks = (*remarks, *(f"front matter: {fault}" for fault in (*known.faults, *faults)))
        source = source[front.end() :]
    text, headings = _render(source)
    if not text.strip():
        raise UnreadableSource(
            "the file has front matter but no text" if known else "the file is empty"
        )
    if provenance.title is None and headings:
        provenance = replace(provenance, title=headings[0].of(text))
    provenance = provenance.filled_from(read_header(text))
    yield Reading(text, provenance, headings, remarks=remarks)


@dataclass(frozen=True, slots=True)
class _Front:
    """The names and values of front matter, and its faults."""

    values: dict[str, Any]
    faults: tuple[str, ...] = ()


def _load(front: str) -> _Front | None:
    """Parse front matter; None if it is only text between two rules."""
    try:
        known = _parse(front)
    except ValueError:
        return _load_by_keys(front)
    if known is None:
        return _Front({})
    if not isinstance(known, dict) or not _is_front_matter(front, list(known)):
        return None
    return _Front(known)


def _load_by_keys(front: str) -> _Front | None:
    """Parse front matter that is not valid YAML name by name, as far as possible."""
    starts = [*_KEY.finditer(front)]
    before = front[: starts[0].start()] if starts else front
    if (
        not starts
        or before.strip()
        or not _is_front_matter(front, [each["key"] for each in starts])
    ):
        return None
    values: dict[str, Any] = {}
    faults: list[str] = []
    ends = [*(match.start() for match in starts[1:]), len(front)]
    for match, end in zip(starts, ends, strict=True):
        try:
            known = _parse(front[match.start() : end])
        except ValueError:
            line = front.count("\n", 0, match.start()) + 2
            faults.append(f"left out {match['key']}: not valid YAML (line {line})")
            continue
        if isinstance(known, dict):
            values |= known
    return _Front(values, tuple(faults))


def _is_front_matter(front: str, keys: Sequence[object]) -> bool:
    """Return whether names are those of front matter; a sentence may have a colon too."""
    return any(map(is_known, keys)) or not (
        front.startswith("\n") or any(not _PLAIN_KEY.fullmatch(str(key)) for key in keys)
    )


def _parse(front: str) -> Any:
    """Parse YAML; raises ValueError if it is not valid."""
    import yaml

    try:
        # This loader makes only strings, lists and names: a number keeps its zeros, and "no"
        # is a language.
        return yaml.load(front, yaml.BaseLoader)  # noqa: S506 - the safest of all
    except yaml.YAMLError as error:
        raise ValueError("not valid YAML") from error
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


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
