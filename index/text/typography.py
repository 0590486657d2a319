"""Words that stand in a text in other typography: quotation marks, dashes, case, line breaks."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from corpus.documents import Span
from index.text.folding import ELLIPSIS, Folded, fold

# Texts that have half of the quotation's longest words may differ in typography alone: others may
# be broken at the end of a line.
_LONGEST = 8
# Places of the first part of a quotation with ellipses that are followed up in a document.
_OPENINGS = 200


def find_folded(bare: str, text: str) -> tuple[Span, ...]:
    """Return where a text has the words in other typography, part by part between ellipses."""
    wordings, longest = _folded_wordings(bare)
    plain = _plain(text)
    if sum(word in plain for word in longest) < (len(longest) + 1) // 2:
        return ()
    for folded in _foldings(text):
        for wording in wordings:
            parts = _find_parts(folded, wording)
            if parts:
                return parts
    return ()


# Several readings of one quotation are looked for in the same text.
@lru_cache(maxsize=1)
def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=8)
def _folded_wordings(bare: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the folded words, with hyphens at line ends dropped and kept, and the longest."""
    joined = fold(bare, join=True)
    words = {token.word for token in joined.tokens if token.is_word}
    longest = sorted(words, key=lambda word: (-len(word), word))[:_LONGEST]
    wordings = dict.fromkeys(each.text.strip() for each in (joined, fold(bare, join=False)))
    return tuple(wordings), tuple(longest)


def _foldings(text: str) -> Iterator[Folded]:
    joined = fold(text, join=True)
    yield joined
    if re.search(r"[-\u2010][ \t]*\r?\n", text):
        yield fold(text, join=False)


def _find_parts(folded: Folded, wording: str) -> tuple[Span, ...]:
    """Return where the wording stands, or in order its parts between ellipses, close together."""
    whole = next(folded.find(wording), None)
    if whole:
        return (folded.unfold(*whole),)
    parts = [part for part in (part.strip() for part in wording.split(ELLIPSIS)) if part]
    best: list[tuple[int, int]] = []
    if ELLIPSIS not in wording or not parts:
        return ()
    for opening, place in enumerate(folded.find(parts[0])):
        places = [place]
        for part in parts[1:]:
            following = next(folded.find(part, places[-1][1]), None)
            if following is None:
                # What does not follow here follows nowhere further on.
                return tuple(folded.unfold(*each) for each in best)
            places.append(following)
        if not best or places[-1][1] - place[0] < best[-1][1] - best[0][0]:
            best = places
        if opening >= _OPENINGS:
            break
    return tuple(folded.unfold(*each) for each in best)
