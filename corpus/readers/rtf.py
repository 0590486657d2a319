"""Rich text (RTF): its words as shown, with tables, notes, title and author.

striprtf turns the file into words. What it does not handle is settled before, in the file's own
terms: words that are hidden, struck through or deleted are taken out, raised ones are marked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from corpus.documents import Provenance, Span, merge_spans
from corpus.errors import UnreadableSource
from corpus.readers.reading import Reading
from corpus.readers.superscripts import CONTEXT, settle_lowered, settle_raised
from corpus.structure.blocks import find_blocks
from corpus.structure.boilerplate import find_boilerplate

_TOKEN = re.compile(
    r"\\(?P<word>[a-z]{1,32})(?P<number>-?\d{1,10})?[ ]?|\\'(?P<hex>[0-9a-f]{2})|\\(?P<sign>[^a-z])"
    r"|(?P<brace>[{}])|(?P<end>[\r\n]+)|(?P<char>.)",
    re.IGNORECASE | re.DOTALL,
)
# Groups that are read apart from the text, and groups without words of it.
_APART = frozenset({"title", "author", "subject", "footnote"})
_DROPPED = frozenset({"fldinst", "pict", "objdata", "themedata", "colorschememapping", "datastore"})
_FONTS = re.compile(r"\{\s*(?:\\\*\s*)?\\fonttbl(?:[^{}]|\{[^{}]*\})*\}")
_PAGE = re.compile(r"\\ansicpg\d+")
_MACHINES = (("mac", "mac_roman"), ("pca", "cp850"), ("pc", "cp437"))
# Private signs for what plain text has no sign for.
_LEVELS = {0: "\ue000", 1: "\ue001", -1: "\ue002"}
_CELL, _LINE = "\ue003", "\ue004"
_SIGNS = {"cell": _CELL, "nestcell": _CELL, "line": _LINE}
_SHIFTED = re.compile("([\ue000-\ue002])([^\ue000-\ue002]*)")
_NO_AUTHOR = frozenset({"", "unknown", "user", "administrator", "admin"})


@dataclass(frozen=True, slots=True)
class _State:
    """How words are set: out of sight for any of these reasons, raised (1) or lowered (-1)."""

    hidden: bool = False
    struck: bool = False
    deleted: bool = False
    level: int = 0
    dropped: bool = False


def read_rich_text(data: bytes) -> Iterator[Reading]:
    """Yield the document; its footnotes stand at the end, and are not quoted.

    Raises UnreadableSource for a file that is damaged, empty or not rich text.
    """
    source = data.lstrip().decode("latin-1")
    if not source.startswith("{\\rtf"):
        raise UnreadableSource("the file is no rich text, whatever its name says")
    parts = _Parts(source)
    paragraphs = _paragraphs(_convert("".join(parts.text), source))
    known: dict[str, str] = {}
    notes: list[str] = []
    for kind, tokens in parts.apart:
        words = " ".join(_paragraphs(_convert(_wrap("".join(tokens), source), source)))
        if kind == "footnote" and words:
            notes.append(f"[{len(notes) + 1}] {words}")
        elif words:
            known.setdefault(kind, words)
    if not paragraphs and not notes:
        raise UnreadableSource("the document has no text")
    text = "\n\n".join([*paragraphs, *notes])
    boilerplate = None
    if notes:
        start = len(text) - len("\n\n".join(notes))
        found = find_boilerplate(text, find_blocks(text))
        boilerplate = merge_spans([*found, Span(start, len(text))])
    author = known.get("author", "")
    yield Reading(
        text,
        Provenance(
            title=known.get("title"),
            creators=(author,) if author.lower() not in _NO_AUTHOR else (),
            subject=known.get("subject"),
        ),
        boilerplate=boilerplate,
    )


class _Parts:
    """A parsed file: its visible text, and the groups that are read apart."""

    def __init__(self, source: str) -> None:
        self.text: list[str] = []
        self.apart: list[tuple[str, list[str]]] = []
        self._target = self.text
        self._state = _State()
        self._stack: list[tuple[_State, list[str]]] = []
        # The level that was marked last, in this group.
        self._shown: int | None = None
        place = 0
        while (match := _TOKEN.match(source, place)) and (place == 0 or self._stack):
            place = match.end()
            if match["word"]:
                place += self._take_word(match)
            elif match["brace"]:
                self._take_brace(match[0])
            elif not match["end"]:
                self._take_sign(match)

    def _take_brace(self, brace: str) -> None:
        if brace == "{":
            self._stack.append((self._state, self._target))
            self._target.append(brace)
        else:
            self._state, outer = self._stack.pop()
            # The start of a group that is read apart has been removed.
            if outer is self._target:
                outer.append(brace)
            self._target = outer
        self._shown = None

    def _take_word(self, match: re.Match[str]) -> int:
        """Process a control word; return the number of data bytes after it."""
        token, name, number = match[0], match["word"].lower(), match["number"]
        if name == "bin":
            return max(0, int(number or 0))
        if name in _APART:
            if self._target and self._target[-1] == "{":
                self._target.pop()
            self._target = []
            self.apart.append((name, self._target))
            return 0
        if name in _DROPPED:
            self._state = replace(self._state, dropped=True)
        self._state = _change(self._state, name, on=number != "0", by=int(number or 6))
        if name in _SIGNS:
            token = f"\\u{ord(_SIGNS[name])}?"
        if not (self._state.dropped or (name == "u" and _is_unseen(self._state))):
            self._target.append(token)
        return 0

    def _take_sign(self, match: re.Match[str]) -> None:
        token = match[0]
        if match["sign"] == "*":
            self._target.append(token)
        elif not _is_unseen(self._state):
            if self._shown != self._state.level:
                self._shown = self._state.level
                self._target.append(f"\\u{ord(_LEVELS[self._shown])}?")
            self._target.append(f"\\'{ord(token):02x}" if 127 < ord(token[0]) < 256 else token)


def _change(state: _State, name: str, *, on: bool, by: int) -> _State:
    match name:
        case "v":
            return replace(state, hidden=on)
        case "strike" | "striked":
            return replace(state, struck=on)
        case "deleted":
            return replace(state, deleted=on)
        case "plain":
            return _State(dropped=state.dropped)
        case "super" | "sub" | "nosupersub":
            level = {"super": 1, "sub": -1}.get(name, 0) if on else 0
        case "up" | "dn":
            level = 0 if not by else 1 if name == "up" else -1
        case _:
            return state
    return replace(state, level=level)


def _is_unseen(state: _State) -> bool:
    return state.hidden or state.struck or state.deleted or state.dropped


def _wrap(tokens: str, source: str) -> str:
    """Return a group of a file as a file of its own, in the same encoding and typefaces."""
    page, fonts = _PAGE.search(source), _FONTS.search(source)
    return f"{{\\rtf1\\ansi{page[0] if page else ''}{fonts[0] if fonts else ''} {tokens}}}"


def _convert(tokens: str, source: str) -> str:
    from striprtf.striprtf import rtf_to_text

    machine = re.match(r"\{\\rtf\d*\s*\\(macpc|mac|pca|pc)\b", source)
    encoding = dict(_MACHINES).get(machine[1], "cp1252") if machine else "cp1252"
    try:
        return str(rtf_to_text(tokens, encoding=encoding, errors="replace"))
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise UnreadableSource("the file is damaged: its rich text cannot be read") from error


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs and table rows of a text, with raised and lowered words settled."""
    settled: list[str] = []
    for line in text.split("\n"):
        words = _settle(line)
        if _CELL in words:
            cells = [" ".join(cell.split()) for cell in words.removesuffix(_CELL).split(_CELL)]
            words = " | ".join(cells)
        words = "\n".join(part.strip() for part in words.split(_LINE)).strip()
        if words.strip(" |"):
            settled.append(words)
    return settled


def _settle(line: str) -> str:
    runs = [(0, _SHIFTED.split(line, maxsplit=1)[0])]
    levels = {sign: level for level, sign in _LEVELS.items()}
    runs += [(levels[match[1]], match[2]) for match in _SHIFTED.finditer(line)]
    joined = [
        (level, "".join(words for _, words in group))
        for level, group in groupby((run for run in runs if run[1]), key=lambda run: run[0])
    ]
    settled = ""
    for place, (level, words) in enumerate(joined):
        before = re.split(f"[{_CELL}{_LINE}]", settled)[-1][-CONTEXT:]
        after = joined[place + 1][1] if place + 1 < len(joined) else ""
        if level > 0:
            settled += settle_raised(before, words, after)
        else:
            settled += settle_lowered(before, words) if level else words
    return settled
