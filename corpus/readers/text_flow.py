"""Assembles a text from mark-up: words, lines and blocks, with their places."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

# The white space of XML and HTML; a no-break or an ideographic space is a character like any other.
_SPACES = re.compile(r"[ \t\r\n\f]+")
_EDGES = " \t\r\n\f"


class Flow:
    """Collects the words of a document in their order.

    White space in character data is one space, as mark-up means it; blocks are parted by a blank
    line, lines by a line feed. What parts two words is written when the second one comes, so that
    `here` is always the end of the last word. A span from one `here` to a later one has no white
    space at its end, but may have some at its start (`strip_span` takes it away).
    """

    def __init__(self) -> None:
        """Start with an empty text."""
        self._parts: list[str] = []
        self._gap = ""
        self._held = False
        self._glued = False
        self.here = 0

    @property
    def text(self) -> str:
        """The text written so far."""
        return "".join(self._parts)

    @property
    def opens_block(self) -> bool:
        """Return whether the next words are the first of a block."""
        return not self._parts or self._gap == "\n\n"

    def write(self, words: str | None) -> None:
        """Add character data: any run of white space is one space; at the head of a line, none."""
        if not words:
            return
        plain = _SPACES.sub(" ", words)
        if plain.startswith(" "):
            self.space()
            plain = plain[1:]
        if self.opens_block:
            # What indents a paragraph is layout in any alphabet.
            plain = plain.lstrip()
        trailing = plain.endswith(" ")
        self._put(plain.removesuffix(" "))
        if trailing:
            self.space()

    def write_lines(self, words: str) -> None:
        """Add text whose line breaks and spaces count, such as that of HTML's `pre`."""
        self._put(words.strip("\r\n\f") if self.opens_block else words)

    @property
    def opens_line(self) -> bool:
        """Return whether the next words are the first of a line."""
        return not self._parts or self._gap.startswith("\n")

    def before(self, most: int) -> str:
        """Return the end of the line so far, at most `count` characters; "" at its start."""
        if self.opens_line:
            return ""
        # Few parts hold less than a letter.
        last = "".join(self._parts[-2 * most :])[-most:] + self._gap
        return last.rpartition("\n")[2]

    def space(self) -> None:
        """Separate the next word from the last one by a space, unless they are separated."""
        if self.here and not self._gap:
            self._gap = " "

    def end_line(self) -> None:
        """Start a new line in the same block."""
        if self.here and self._gap != "\n\n" and not self._held:
            self._gap = "\n"

    def end_block(self) -> None:
        """Start a new block."""
        if self.here and not self._held:
            self._gap = "\n\n"

    def continue_line(self) -> None:
        """Keep the next words on this line, after a space, whatever starts before them."""
        self.space()
        self._held = True

    def glue(self) -> None:
        """Join the next words to the last one, whatever is between them."""
        self._glued = bool(self.here)

    def _put(self, words: str) -> None:
        if words:
            if self._glued:
                self._gap, self._glued = "", False
            self._parts += (self._gap, words)
            self.here += len(self._gap) + len(words)
            self._gap = ""
            self._held = False


class Writer(Protocol):
    """Makes text of the nodes of a tree, in document order."""

    def open(self, node: "_Element") -> bool:
        """Start an element, comment or entity; return whether to descend into it."""

    def close(self, node: "_Element") -> None:
        """End an element."""

    def write(self, words: str | None) -> None:
        """Add character data."""


def walk(root: "_Element", writer: Writer) -> None:
    """Walk a writer through an element, however deep, without the element's tail."""
    levels: list[Iterator[_Element]] = [iter((root,))]
    opened: list[_Element] = []
    while levels:
        node = next(levels[-1], None)
        if node is not None and writer.open(node):
            writer.write(node.text)
            opened.append(node)
            levels.append(iter(node))
            continue
        if node is None:
            levels.pop()
            if not opened:
                return
            node = opened.pop()
            writer.close(node)
        if node is not root:
            writer.write(node.tail)


def local_name(node: "_Element | None") -> str:
    """Return an element's name without namespace, in lower case; "" for other nodes."""
    # The tag of a comment, an instruction or an entity is a function.
    tag: Any = node.tag if node is not None else None
    return _strip_namespace(tag) if isinstance(tag, str) else ""


def find_inside(node: "_Element", *names: str) -> "Iterator[_Element]":
    """Yield the elements of these names, in lower case, inside another one, in order."""
    return (each for each in node.iterdescendants() if local_name(each) in names)


@lru_cache(maxsize=4096)
def _strip_namespace(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


def words_of(node: "_Element") -> str:
    """Return all character data of an element, unchanged."""
    return str(node.xpath("string()"))


def trim(words: str) -> str:
    """Return words on one line, with each run of the mark-up's white space as one space."""
    return _SPACES.sub(" ", words).strip(_EDGES)
