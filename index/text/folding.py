"""Folding: texts without differences of typography, with offsets into the original.

It unifies quotation marks, dashes, white space, ellipses, case and compatibility forms (NFKC), and
removes soft hyphens and other invisible characters. A power or fraction stays apart from its
number. A hyphen at the end of a line may belong to the word or to the line: an argument of `fold`
decides.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from corpus.documents import Span
from corpus.letters import INVISIBLE, SOFT_HYPHENS
from corpus.patterns import lazy_pattern
from index.text.analyzer import CJK

ELLIPSIS = "…"
_MARKS = "\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f\uff9e\uff9f"
DASHES = "\\-\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
QUOTES = "\"'`´‘’‚‛“”„‟‹›«»′″ʼ「」『』＂＇"
_PIECE = lazy_pattern(
    rf"""
      (?P<broken>(?<=[^\W\d_])[-\u2010{SOFT_HYPHENS}][ \t]*\r?\n[ \t]*(?=[^\W\d_]))  # in a word
    | (?P<hidden>[{INVISIBLE}]+)
    | (?P<ellipsis>\s*(?:\[\s*(?:\.{{3,}}|…)\s*\]|\.{{3,}}|…+|\.(?:[ \u00a0]\.){{2,}})\s*)
    | (?P<dash>\s*[{DASHES}]+\s*)
    | (?P<quote>[{QUOTES}]+)
    | (?P<space>\s+)
    | (?P<plain>(?:
        [A-Za-z0-9,;:!?()/&%$\#@] | [ ](?=[A-Za-z0-9(]) | \.(?!\.|[ \u00a0]\.)
      )+(?![{_MARKS}]))
    | (?P<other>[\u1100-\u11ff]+|.[{_MARKS}]*)
    """,
    re.VERBOSE | re.DOTALL,
)
# Powers, indices and fractions, which are not digits of the number before them.
_APART = frozenset("¹²³⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞")
_FOLDED = {"hidden": "", "ellipsis": ELLIPSIS, "dash": "-", "quote": "'", "space": " "}
_TOKEN = lazy_pattern(rf"\d+(?:[.,]\d+)*|[{CJK}]|[^\W\d_{CJK}]+(?:'[^\W\d_{CJK}]+)*|\S")


@dataclass(frozen=True, slots=True)
class Token:
    """A folded word or punctuation mark, and its span in the original text."""

    word: str
    span: Span

    @property
    def is_word(self) -> bool:
        """Whether this is a word or number, not punctuation."""
        return self.word[0].isalnum()


@dataclass(frozen=True)
class Folded:
    """A folded text, with the start and end of each character in the original, in code points."""

    text: str
    starts: list[int]
    ends: list[int]

    def unfold(self, start: int, end: int) -> Span:
        """Return the span in the original text of these folded characters."""
        return Span(self.starts[start], self.ends[end - 1])

    @cached_property
    def tokens(self) -> list[Token]:
        """The words and punctuation marks, in order."""
        return [Token(match[0], self.unfold(*match.span())) for match in _TOKEN.finditer(self.text)]

    def find(self, words: str, start: int = 0) -> Iterator[tuple[int, int]]:
        """Yield the places of whole words in the folded text, from `start` on."""
        yield from find_words(self.text, words, start)


def fold(text: str, *, join: bool) -> Folded:
    """Fold a text; `join` removes a hyphen at the end of a line."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _PIECE.finditer(text):
        start, end = match.span()
        kind = match.lastgroup or ""
        if kind == "plain":
            pieces.append(match[0].lower())
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
            continue
        if kind == "broken":
            piece = "" if join or match[0][0] in SOFT_HYPHENS else "-"
        elif kind == "other":
            # The only invisible combining mark.
            words = match[0].replace("\u034f", "")
            piece = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", words).casefold())
            if match[0][0] in _APART and start and text[start - 1].isdigit():
                # 10³ is not 103, and 5½ is not 51/2.
                piece = ("^" if len(piece) == 1 else " ") + piece
            piece = piece.replace("⁄", "/")
        else:
            piece = _FOLDED[kind]
        pieces.append(piece)
        starts.extend([start] * len(piece))
        ends.extend([end] * len(piece))
    return Folded("".join(pieces), starts, ends)


def find_words(text: str, words: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """Yield the places of `words` in `text` that split no word or number."""
    place = text.find(words, start)
    while place >= 0:
        end = place + len(words)
        if not (_cuts(text, place) or _cuts(text, end)):
            yield place, end
        place = text.find(words, place + 1)


def _cuts(text: str, place: int) -> bool:
    """Return whether a word or number continues across this place."""
    before, after = text[max(0, place - 2) : place], text[place : place + 2]
    if not before or not after:
        return False
    if re.match(rf"[{CJK}]", after) or re.search(rf"[{CJK}]$", before):
        return False
    if before[-1].isalnum() and (after[0].isalnum() or re.match(rf"[{_MARKS}]", after)):
        return True
    # 1,456 and 6.5 are one number.
    return bool(
        (re.search(r"\d[.,]$", before) and after[0].isdigit())
        or (before[-1].isdigit() and re.match(r"[.,]\d", after))
    )
