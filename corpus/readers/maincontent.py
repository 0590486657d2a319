"""Which blocks of a web page are its content: an extractor tells, the words stay the page's own."""

import copy
import re
from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING

from corpus.documents import Span
from corpus.readers.markup import Rendered

if TYPE_CHECKING:
    from lxml.etree import _Element

_BLOCK = re.compile(r"[^\n]+(?:\n[^\n]+)*")
# A stretch as long as this, counted in letters and digits, is recognised wherever it stands.
_TELLING_CHARS = 25
# A block counts as extracted when this share of it is.
_MOSTLY = 0.6
# In a page of this size, such as a book, what is not the text is a trifle; and the extractor's time
# grows with the square of the size.
_MOST_CHARS = 1_500_000


def find_content(root: "_Element", rendered: Rendered) -> list[Span]:
    """Return the blocks of a rendered page that are its main content, in order; maybe none."""
    blocks = [Span(*match.span()) for match in _BLOCK.finditer(rendered.text)]
    if len(rendered.text) > _MOST_CHARS:
        return blocks
    extract = _Extract(_extract(root))
    squashed = [_squash(block.of(rendered.text)) for block in blocks]
    chosen = [
        extract.holds(words, block.of(rendered.text))
        for words, block in zip(squashed, blocks, strict=True)
    ]
    # The extractor may lose the heading of what it finds, or run a line into the next one.
    headings = set(rendered.headings)
    for place in range(len(blocks) - 2, -1, -1):
        if chosen[place + 1] and not chosen[place]:
            chosen[place] = blocks[place] in headings or extract.begins_with(squashed[place])
    return [block for block, is_chosen in zip(blocks, chosen, strict=True) if is_chosen]


def _extract(root: "_Element") -> str:
    """Return what the extractor takes for the main content, in words that may not be exact."""
    import logging

    import trafilatura

    # What it thinks of a page is not for whoever builds an archive.
    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    found = trafilatura.bare_extraction(
        copy.deepcopy(root), include_comments=False, include_tables=True, with_metadata=False
    )
    return (getattr(found, "text", None) or "") if found is not None else ""


class _Extract:
    """The lines of an extractor's text, compared by their letters and digits alone."""

    def __init__(self, text: str) -> None:
        lines = [line for line in map(_squash, text.split("\n")) if line]
        self._lines = set(lines)
        self._whole = "\n".join(lines)
        self._long = sorted({line for line in lines if len(line) >= _TELLING_CHARS})
        self._by_head: dict[str, list[str]] = defaultdict(list)
        for line in self._long:
            self._by_head[line[:_TELLING_CHARS]].append(line)

    def holds(self, words: str, block: str) -> bool:
        """Tell whether a block, of these squashed words, is in the text, or most of it is."""
        if words in self._lines or (len(words) >= _TELLING_CHARS and words in self._whole):
            return True
        lines = [line for line in map(_squash, block.split("\n")) if line]
        if lines and all(line in self._lines for line in lines):
            return True
        return bool(words) and self._count_held(words) >= _MOSTLY * len(words)

    def begins_with(self, words: str) -> bool:
        """Tell whether one of the longer lines begins with these words."""
        place = bisect_left(self._long, words)
        following = self._long[place : place + 1]
        return bool(words) and any(line.startswith(words) for line in following)

    def _count_held(self, words: str) -> int:
        """Return how many characters of a block are whole lines of the text, one after another."""
        held = place = 0
        while place + _TELLING_CHARS <= len(words):
            lines = self._by_head.get(words[place : place + _TELLING_CHARS], [])
            length = max((len(line) for line in lines if words.startswith(line, place)), default=0)
            held += length
            place += length or 1
        return held


def _squash(words: str) -> str:
    return "".join(char for char in words if char.isalnum())
