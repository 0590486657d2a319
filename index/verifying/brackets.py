"""Brackets that a writer inserts in a quotation: "[T]he", "[sic]", "the town [of Brixwold]".

What stands in them is the writer's own, not the source's. Each quotation is read in several ways:
without the brackets, and with more or other words of the source in their place.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.documents import Span
from index.text.folding import ELLIPSIS, fold
from index.text.typography import find_folded

_ANY = r"\[[^\[\]]{0,200}\]|［[^［］]{0,200}］|〔[^〔〕]{0,200}〕|⟦[^⟦⟧]{0,200}⟧"
_BRACKET = re.compile(rf"{_ANY}|\(\s*(?:sic|\.\s?\.\s?\.|…)\s*[!.]?\s*\)", re.IGNORECASE)
# A bracket never stands for these, unless it has them.
_NEGATION = re.compile(
    r"\b(?:\w+n['’]t|cannot|jamais|keine?|neither|never|nicht|nie|no|none|nor|not|pas|without)\b"
)
_OMISSION = re.compile(r"(?:\.\s*){2,}|(?:…\s*)+")
# A bracket stands for at most this many words of the source, or for as many as it has.
_MOST_WORDS = 4
# At least this many words outside the brackets must stand in the source.
_LEAST_WORDS = 3
_GAP = f" {ELLIPSIS} "


@dataclass(frozen=True, slots=True)
class _Bracket:
    """A bracket: its place in the quotation, its words, and the letters of the word around it."""

    span: Span
    words: str
    before: str
    after: str

    @property
    def is_omission(self) -> bool:
        return bool(_OMISSION.fullmatch(self.words))

    @property
    def is_attached(self) -> bool:
        """Whether the bracket is inside a word: "w[e]", "[T]he"."""
        return bool(self.before or self.after) and not any(map(str.isspace, self.words))


@dataclass(frozen=True, slots=True)
class _Gap:
    """What an ellipsis may stand for: at most `most` words, with this beginning and end.

    `own` are the words of the bracket in its place.
    """

    most: int | None = None
    before: str = ""
    after: str = ""
    own: str = ""

    def fits(self, between: str) -> bool:
        """Return whether the words of a source may stand in the gap; "not" never goes unsaid."""
        words = between.strip().casefold()
        return self.most is None or (
            _count(words) <= self.most
            and set(_NEGATION.findall(words)) <= set(_NEGATION.findall(self.own.casefold()))
            and words.startswith(self.before.casefold())
            and words.endswith(self.after.casefold())
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a quotation, with a gap for each ellipsis in its words."""

    words: str
    gaps: tuple[_Gap, ...]

    def find(self, text: str) -> tuple[Span, ...]:
        """Return where a text has the words, part by part; nothing where a gap is too long."""
        parts = find_folded(self.words, text)
        gaps = self.gaps if len(self.gaps) == len(parts) - 1 else ()
        between = zip(parts, parts[1:], gaps, strict=False)
        near = all(gap.fits(text[before.end : after.start]) for before, after, gap in between)
        return parts if near else ()


def find_brackets(quotation: str) -> tuple[str, ...]:
    """Return the brackets of a quotation, except those that only mark words left out."""
    return tuple(each.span.of(quotation) for each in _read(quotation) if not each.is_omission)


def readings(quotation: str) -> Iterator[Reading]:
    """Yield the ways to read a quotation with brackets, the closest to its words first.

    A bracket in a word is read as the letters it has, as no letters, or as any ending of the
    word; another one as nothing, or as a few words of the source that it stands for.
    """
    brackets = _read(quotation)
    if not brackets:
        return
    seen = set()
    for replaced in (False, True):
        for ending in ("own", "none", "any"):
            reading = _compose(quotation, brackets, ending, replaced=replaced)
            if reading not in seen and _count(reading.words) >= _LEAST_WORDS:
                seen.add(reading)
                yield reading


def _read(quotation: str) -> list[_Bracket]:
    found = []
    for match in _BRACKET.finditer(quotation):
        before = re.search(r"\w*$", quotation[: match.start()])
        after = re.match(r"\w*", quotation[match.end() :])
        found.append(
            _Bracket(
                Span(*match.span()),
                match[0][1:-1].strip(),
                before[0] if before else "",
                after[0] if after else "",
            )
        )
    return found


def _compose(
    quotation: str, brackets: Sequence[_Bracket], ending: str, *, replaced: bool
) -> Reading:
    pieces: list[str] = []
    gaps: list[_Gap] = []
    here = 0
    for each in brackets:
        between = quotation[here : each.span.start]
        pieces.append(between)
        gaps += [_Gap()] * between.count(ELLIPSIS)
        here = each.span.end
        if each.is_omission:
            pieces.append(_GAP)
            gaps.append(_Gap())
        elif not each.is_attached:
            pieces.append(_GAP if replaced else " ")
            gaps += [_Gap(max(_MOST_WORDS, _count(each.words)), own=each.words)] if replaced else []
        elif ending == "own" or (each.after and len(each.words) == 1):
            pieces.append(each.words)
        elif ending == "any":
            # The word that it stands in may be another form, or another word.
            pieces[-1] = pieces[-1][: len(pieces[-1]) - len(each.before)]
            here += len(each.after)
            pieces.append(_GAP)
            gaps.append(_Gap(1, each.before, each.after))
    pieces.append(quotation[here:])
    words = " ".join("".join(pieces).split())
    words = re.sub(r"\s+(?=[.,;:!?])", "", words)
    # What is left out before the first word and after the last one is no gap.
    kept = gaps[words.startswith(ELLIPSIS) : len(gaps) - words.endswith(ELLIPSIS)]
    return Reading(words.strip(f"{ELLIPSIS} "), tuple(kept))


def _count(words: str) -> int:
    return sum(token.is_word for token in fold(words, join=True).tokens)
