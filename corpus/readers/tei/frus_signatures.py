"""What a FRUS document bears itself: the number of the telegram or despatch, and who signed it."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus.readers.tei.elements import is_remark, own_lines, own_words, trim_points
from corpus.readers.text_flow import local_name

if TYPE_CHECKING:
    from lxml.etree import _Element

# A line of its own above the text: "No. 82.]", "L. D. No. 1471".
_NUMBERED = re.compile(
    r"(?:[A-Z][\w.]*\.? ?){0,3}\bNo\. ?(?P<number>(?:[A-Z]{1,3}[- ]?)?\d[\d,]*(?:[-/ ]?[A-Z])?)"
    r"(?:[.,]? \[[^\]]*\])?[\]., ]*",
)
# What a telegram begins with: "47. My 45, February 9".
_BEGINS = re.compile(r"(?P<number>\d{1,5})\. (?=\S)")
_TELEGRAMS = frozenset({"telegram", "circular", "instruction"})
# So many lines at the head of a document may have its number; one that has it is short.
_LINES = 6
_LINE_CHARS = 60
_NAME = re.compile(r"[^\W\d_][^\d\[\]]{2,60}")


def find_serials(own: list["_Element"], kind: str | None) -> Iterator[str]:
    """Yield the numbers that a document bears itself, besides the one that its volume gives it."""
    prose = [each for each in own if local_name(each) == "p" or is_remark(each)]
    for node in prose[:_LINES]:
        words = own_words(node)
        match = _NUMBERED.fullmatch(words) if len(words) <= _LINE_CHARS else None
        if match:
            yield match["number"]
    body = next((each for each in prose if not is_remark(each)), None)
    begun = _BEGINS.match(own_words(body)) if body is not None and kind in _TELEGRAMS else None
    if begun:
        yield begun["number"]


def find_signers(own: list["_Element"]) -> Iterator[str]:
    """Yield the names of those who signed a document, without the offices below them."""
    for node in own:
        lines = own_lines(node) if local_name(node) == "signed" else []
        name = trim_points(lines[0]).rstrip(".") if lines else ""
        # "[File copy not signed]" names nobody.
        if _NAME.fullmatch(name) and not lines[0].startswith("["):
            yield name.partition(",")[0]
