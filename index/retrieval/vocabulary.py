"""The vocabulary of a local archive, for spelling: near terms, and their written forms.

Nothing is built when an archive is opened. The terms that begin with a letter are loaded on the
first look-up with that letter, each with a bit set of its letters and its length, which exclude
most terms before an edit distance is computed.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from corpus.letters import strip_invisible
from index.retrieval.lexical import Lexical
from index.text.analyzer import CJK, analyze

# The passages searched for the forms of a word, and for two adjacent words.
_SAMPLED = 4
_SOUGHT = 8
_REMEMBERED = 1_000
_A, _LETTERS = ord("a"), 26
_WORD = re.compile(rf"[^\W\d_{CJK}]+(?:['’][^\W\d_{CJK}]+)*")
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Block:
    """The terms that begin with one letter: bytes, ends, lengths in bytes, and sets of letters."""

    data: bytes
    ends: NDArray[np.int32]
    lengths: NDArray[np.int32]
    letters: NDArray[np.uint32]


class LocalVocabulary:
    """The vocabulary of one generation on this machine."""

    def __init__(self, lexical: Lexical, text_of: Callable[[int], str]) -> None:
        """Use the terms of `lexical`; `text_of` gives the text of a passage by number."""
        self._lexical, self._text_of = lexical, text_of
        self._block = lru_cache(maxsize=64)(self._lay_out)
        self.forms = lru_cache(maxsize=_REMEMBERED)(self._find_forms)

    @property
    def passages(self) -> int:
        """The number of passages."""
        return self._lexical.passages

    def frequency(self, term: str) -> int:
        """Return the number of passages with a term."""
        return self._lexical.frequency(term)

    def near(self, term: str, letters: Collection[str], most: int) -> list[str]:
        """Return the terms at most `most` edits away that begin with one of the letters, sorted."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        found: list[str] = []
        wanted = term.encode()
        own = _letters_of(wanted)
        for letter in sorted(letters):
            block = self._block(letter)
            places = np.flatnonzero(np.abs(block.lengths - len(wanted)) <= most)
            # An edit changes at most two letters of the set.
            fits = places[np.bitwise_count(block.letters[places] ^ own) <= 2 * most]
            ends = block.ends[fits]
            bounds = zip((ends - block.lengths[fits]).tolist(), ends.tolist(), strict=True)
            terms = [block.data[start:end] for start, end in bounds]
            kept = extract(wanted, terms, scorer=OSA.distance, score_cutoff=most, limit=None)
            found += [other.decode() for other, _, _ in kept]
        return sorted(found)

    def side_by_side(self, first: str, second: str) -> str:
        """Return two words as they are adjacent in a passage; empty if they never are."""
        both = re.compile(rf"\b{re.escape(first)}[-‐– ]{re.escape(second)}\b", re.IGNORECASE)
        terms = [*analyze(first), *analyze(second)]
        if len(terms) != len((first, second)):
            return ""
        ours, theirs = (self._lexical.owners(term) for term in terms)
        for number in np.intersect1d(ours, theirs, assume_unique=True)[:_SOUGHT].tolist():
            match = both.search(strip_invisible(self._text_of(number)))
            if match:
                return match[0]
        return ""

    def _find_forms(self, term: str) -> Mapping[str, int]:
        """Return the written forms of a term in some passages, with counts."""
        owners = self._lexical.owners(term)
        places = np.unique(np.linspace(0, len(owners) - 1, min(_SAMPLED, len(owners)), dtype=int))
        # Regular inflected forms begin like their stem.
        start = re.compile(rf"\b{re.escape(term[:3])}", re.IGNORECASE)
        forms: Counter[str] = Counter()
        for number in owners[places].tolist():
            text = strip_invisible(self._text_of(number))
            for match in start.finditer(text):
                word = _WORD.match(text, match.start())
                if word and analyze(word[0]) == [term]:
                    forms[_POSSESSIVE.sub("", word[0])] += 1
        return dict(sorted(forms.items()))

    def _lay_out(self, letter: str) -> _Block:
        ends, data = self._lexical.beginning_with(letter)
        lengths = np.diff(ends, prepend=0)
        letters = np.empty(0, np.uint32)
        if data:
            letters = np.bitwise_or.reduceat(_BITS[np.frombuffer(data, np.uint8)], ends - lengths)
        return _Block(data, ends.astype(np.int32), lengths.astype(np.int32), letters)


def _make_bits() -> NDArray[np.uint32]:
    bits = np.full(256, 1 << _LETTERS, np.uint32)
    for place in range(_LETTERS):
        bits[_A + place] = 1 << place
    return bits


_BITS = _make_bits()


def _letters_of(term: bytes) -> np.uint32:
    return np.uint32(np.bitwise_or.reduce(_BITS[np.frombuffer(term, np.uint8)]))
