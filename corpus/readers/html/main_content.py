"""Finds the content blocks of a web page: the extractor decides, the words stay the page's."""

import copy
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING

from corpus.documents import Span
from corpus.readers.html.markup import Rendered
from corpus.structure.blocks import find_paragraphs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element

# A stretch as long as this, counted in letters and digits, is recognised wherever it stands.
_TELLING_CHARS = 25
# A block counts as extracted when this share of it is.
_MOSTLY = 0.6
# Differences between the two cut a block into stretches; those shorter than this prove nothing.
_SHINGLE = 16
# Distance of the stretches of the extractor's text that are looked for, in characters.
_STEP = 4
# Elements inside words, at which the extractor would break a line.
_TRANSPARENT = ("ruby", "rb", "wbr", "bdi", "bdo", "ins", "font", "small", "big", "abbr", "acronym")
# The extractor may join this many blocks.
_SEAM_BLOCKS = 3
# In a page of this size, such as a book, little is not the text; and the extractor's time
# grows with the square of the size.
_MOST_CHARS = 1_500_000


def find_content(root: "_Element", rendered: Rendered) -> list[Span]:
    """Return the blocks of a rendered page that are its main content, in order; maybe none."""
    blocks = find_paragraphs(rendered.text)
    if len(rendered.text) > _MOST_CHARS:
        return blocks
    extract = _Extract(_extract(root, rendered.left_out))
    squashed = [_squash(block.of(rendered.text)) for block in blocks]
    chosen = [
        extract.holds(words, block.of(rendered.text))
        for words, block in zip(squashed, blocks, strict=True)
    ]
    # The extractor may lose the heading of its content, or run a line into the next one.
    headings = set(rendered.headings)
    for place in range(len(blocks) - 2, -1, -1):
        if chosen[place + 1] and not chosen[place]:
            chosen[place] = (
                blocks[place] in headings
                or extract.begins_with(squashed[place])
                or extract.joins(squashed[place : place + 1 + _SEAM_BLOCKS], at=1)
            )
    for place in range(1, len(blocks)):
        if chosen[place - 1] and not chosen[place]:
            first = max(0, place - _SEAM_BLOCKS)
            chosen[place] = extract.joins(squashed[first : place + 1], at=place - first)
    return [block for block, is_chosen in zip(blocks, chosen, strict=True) if is_chosen]


def _extract(root: "_Element", left_out: "Sequence[_Element]") -> str:
    """Return the extractor's main content, whose words may not be exact.

    It sees the page without the elements inside paragraphs that the text leaves out.
    """
    import logging

    import trafilatura
    from lxml import etree

    # Its log messages are not for users.
    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    page = copy.deepcopy(root)
    if left_out:
        unseen = set(left_out)
        copies = [own for own, node in zip(page.iter(), root.iter(), strict=True) if node in unseen]
        for own in copies:
            _drop(own)
    etree.strip_tags(page, *_TRANSPARENT)
    found = trafilatura.bare_extraction(
        page, include_comments=False, include_tables=True, with_metadata=False
    )
    return (getattr(found, "text", None) or "") if found is not None else ""


def _drop(node: "_Element") -> None:
    """Remove an element from its tree, keeping its tail."""
    parent, before = node.getparent(), node.getprevious()
    if parent is None:
        return
    if node.tail:
        if before is not None:
            before.tail = (before.tail or "") + node.tail
        else:
            parent.text = (parent.text or "") + node.tail
    parent.remove(node)


class _Extract:
    """The lines of an extractor's text, compared by their letters and digits alone."""

    def __init__(self, text: str) -> None:
        lines = [line for line in map(_squash, text.split("\n")) if line]
        self._lines = set(lines)
        self._whole = "\n".join(lines)
        self._long = sorted({line for line in lines if len(line) >= _TELLING_CHARS})
        self._shingles: set[str] | None = None
        self._by_head: dict[str, list[str]] = defaultdict(list)
        for line in self._long:
            self._by_head[line[:_TELLING_CHARS]].append(line)

    def holds(self, words: str, block: str) -> bool:
        """Return whether a block, of these squashed words, is in the text, or most of it is."""
        if words in self._lines or (len(words) >= _TELLING_CHARS and words in self._whole):
            return True
        lines = [line for line in map(_squash, block.split("\n")) if line]
        if lines and all(line in self._lines for line in lines):
            return True
        if len(words) < _TELLING_CHARS:
            return False
        least = _MOSTLY * len(words)
        return self._count_held(words) >= least or self._count_shared(words) >= least

    def begins_with(self, words: str) -> bool:
        """Return whether one of the longer lines begins with these words."""
        place = bisect_left(self._long, words)
        following = self._long[place : place + 1]
        return bool(words) and any(line.startswith(words) for line in following)

    def joins(self, blocks: "Sequence[str]", *, at: int) -> bool:
        """Return whether the text has the words on both sides of a seam on one line.

        `at` is the block behind the seam; blocks that are short reach over the next one.
        """
        for reach in range(1, _SEAM_BLOCKS + 1):
            before = "".join(blocks[max(0, at - reach) : at])[-_TELLING_CHARS:]
            after = "".join(blocks[at : at + reach])[:_TELLING_CHARS]
            seam = before + after
            if before and after and len(seam) >= _TELLING_CHARS and seam in self._whole:
                return True
        return False

    def _count_shared(self, words: str) -> int:
        """Return how many characters of a block stand in longer stretches of the text."""
        if self._shingles is None:
            whole = self._whole
            self._shingles = {
                whole[place : place + _SHINGLE]
                for place in range(0, len(whole) - _SHINGLE + 1, _STEP)
            }
        shared = reached = 0
        for place in range(len(words) - _SHINGLE + 1):
            if words[place : place + _SHINGLE] in self._shingles:
                shared += place + _SHINGLE - max(place, reached)
                reached = place + _SHINGLE
        return shared

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
    if not words.isascii():
        words = unicodedata.normalize("NFKC", words)
    return "".join(char for char in words if char.isalnum())
