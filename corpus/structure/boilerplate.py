"""What is kept in a text and never quoted: furniture, captions, formalities, endnotes."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from corpus.documents import Span, merge_spans
from corpus.structure.blocks import RECORD_END
from corpus.word_lists import read_patterns

_FURNITURE = re.compile(read_patterns(__file__)["furniture"], re.IGNORECASE)
# After one of these, the little that is left of a page is about other pages.
_PAGE_END = re.compile(
    r"(?:read more|related .{1,20}|recommended .{1,20}|more (?:articles|stories|news))[.…]*",
    re.IGNORECASE,
)
_PAGE_END_SHARE = 0.2
_NOTE_MARK = re.compile(
    r"\[(?P<mark>[ivxlc]{1,7}|\d{1,3})\]\s|(?P<plain>\d{1,3})[.)]\s", re.IGNORECASE
)
_NOTES_HEADING = re.compile(
    r"(?:end|foot)?notes?|references|bibliography|works cited|sources|citations", re.IGNORECASE
)
# Lines before the first turn of a cable that say where it comes from, and how far it may go.
_HEADER = re.compile(
    r"(?:number|primary|secondary|sent|received|to|from|cc|info|date|classification|precedence)\s*:"
    r"|[(（][\w ]{3,40}[)）]$",
    re.IGNORECASE,
)


def find_boilerplate(
    text: str, blocks: Sequence[Span], first_turn: int | None = None
) -> tuple[Span, ...]:
    """Return page furniture, captions, a cable's formalities, and endnotes, merged.

    `first_turn` is where the first speaker's turn begins, in a record that has turns.
    """
    return merge_spans(
        [
            *_find_furniture(text, blocks),
            *_find_captions(text, blocks),
            *_find_formalities(text, blocks, first_turn),
            *_find_endnotes(text, blocks),
        ]
    )


def _find_furniture(text: str, blocks: Sequence[Span]) -> Iterator[Span]:
    end = len(text.rstrip())
    for block in blocks:
        line = block.of(text)
        if len(line) > 100 or not _FURNITURE.fullmatch(line.strip()):
            continue
        left = end - block.start
        if _PAGE_END.fullmatch(line.strip()) and left <= _PAGE_END_SHARE * len(text):
            yield Span(block.start, end)
            return
        yield block


def _find_captions(text: str, blocks: Sequence[Span]) -> Iterator[Span]:
    """Yield the captions of images, which a saved page gives twice: as alternative and below."""
    for block, below in pairwise(blocks):
        words, again = block.of(text), below.of(text)
        adjacent = text[block.end : below.start].count("\n") == 1
        if adjacent and len(words) >= 20 and again.startswith(words):
            yield Span(block.start, below.end)


def _find_formalities(text: str, blocks: Sequence[Span], first: int | None) -> Iterator[Span]:
    """Yield the header fields and the closing formula of a record with speakers' turns."""
    if first is None:
        return
    for block in blocks:
        line = block.of(text)
        if (block.start < first and _HEADER.match(line)) or (
            block.start > first and RECORD_END.match(line)
        ):
            yield block


def _find_endnotes(text: str, blocks: Sequence[Span]) -> Iterator[Span]:
    """Yield the notes at the end: numbered blocks that count up from one, with what lies between.

    Plain numbers ("1. …") count only below a heading such as "Notes"; bracketed ones anywhere in
    the second half of the text.
    """
    headed = None
    first = last = None
    expected = 1
    for block in blocks:
        line = block.of(text)
        if _NOTES_HEADING.fullmatch(line.strip(" :#")):
            headed, first, last, expected = block, None, None, 1
            continue
        mark = _NOTE_MARK.match(line)
        if not mark or not (mark["mark"] or headed):
            continue
        if _count(mark["mark"] or mark["plain"]) == expected and (
            headed or block.start * 2 > len(text)
        ):
            first = first or headed or block
            last = block
            expected += 1
    if first and last:
        yield Span(first.start, last.end)


def _count(mark: str) -> int:
    """Return the number that a note's mark stands for, arabic or roman; 0 for neither."""
    if mark.isdigit():
        return int(mark)
    values = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
    total = 0
    digits = [values.get(char, 0) for char in mark.lower()]
    for digit, following in zip(digits, [*digits[1:], 0], strict=True):
        total += -digit if digit < following else digit
    return total
