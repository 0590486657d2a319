"""Match names in katakana to words of an archive by their sound: エンガート is Engert.

Both are reduced to consonants, in classes that Japanese does not distinguish (l and r, b and v, s
and th). Of the words with the same consonants, the nearest by letters are chosen.
"""

import re
from collections.abc import Iterable

from corpus.patterns import lazy_pattern
from index.text.tables import read_rows

# A name of fewer consonants sounds like too many words.
_FEWEST = 3
# The largest weighted edit distance, as a share of the letters.
_MOST_DIFFERENT = 0.25
_MOST_FOUND = 3
_VOWELS = frozenset("aeiouy")
# A vowel that differs counts less than a consonant: the kana have five, English has more.
_VOWEL_COST = 0.35

# Single kana and pairs of two, with their sounds.
_KANA = dict(read_rows(__file__))
_SYLLABLE = lazy_pattern("|".join(sorted(_KANA, key=len, reverse=True)) + "|.", re.DOTALL)

# English spelling in the same letters; the order matters.
_ENGLISH = tuple(
    (lazy_pattern(pattern), sound)
    for pattern, sound in (
        (r"^(?:kn|gn)", "n"), (r"^wr", "r"), (r"^ps", "s"), (r"ph", "f"), (r"tch", "ch"),
        (r"sch", "sh"), (r"dg", "j"), (r"gh(?=t|$|[^aeiou])", ""), (r"ck", "k"),
        (r"x", "ks"), (r"qu", "kw"),
        (r"th", "s"), (r"c(?=[eiy])", "s"), (r"c(?!h)", "k"), (r"q", "k"), (r"v", "b"), (r"l", "r"),
        (r"(?<=[aeiouy])r(?![aeiouy])", ""), (r"(?<=[aeiou])w(?![aeiou])", "u"),
        (r"([^aeiou])\1", r"\1"), (r"m(?=[bpfm])", "n"),
    )
)  # fmt: skip
_CLASSES = (
    (lazy_pattern(r"ts|sh|z"), "s"), (lazy_pattern(r"ch"), "c"), (lazy_pattern(r"v"), "b"),
    (lazy_pattern(r"wh"), "w"),
    (lazy_pattern(r"[aeiouy]|h(?![aeiouy])|(?<=[kgshcj])w"), ""), (lazy_pattern(r"m(?=[bp])"), "n"),
    (lazy_pattern(r"(.)\1+"), r"\1"),
)  # fmt: skip


def romanise(katakana: str) -> str:
    """Return katakana in Latin letters, long vowels and double consonants written once."""
    return "".join(_KANA.get(each, "") for each in _SYLLABLE.findall(katakana))


def spell(word: str) -> str:
    """Respell an English word, in small letters, with the sounds that katakana has."""
    for pattern, sound in _ENGLISH:
        word = pattern.sub(sound, word)
    return word


def consonants(sounds: str) -> str:
    """Return the consonant classes of a result of `romanise` or `spell`."""
    for pattern, sound in _CLASSES:
        sounds = pattern.sub(sound, sounds)
    return sounds


class Sounds:
    """The words of an archive by their consonants."""

    def __init__(self, terms: Iterable[tuple[str, int]]) -> None:
        """Index terms, each with the number of its passages."""
        self._known: dict[str, list[tuple[str, int]]] = {}
        for term, frequency in terms:
            if len(term) >= _FEWEST and term.isascii() and term.isalpha():
                self._known.setdefault(consonants(spell(term)), []).append((term, frequency))

    def find(self, katakana: str) -> list[str]:
        """Return the words that a name in katakana may stand for, likeliest first."""
        sounds = _plain(romanise(katakana))
        key = consonants(sounds)
        if len(key) < _FEWEST:
            return []
        found = []
        for term, frequency in self._known.get(key, ()):
            spelt = _plain(spell(term))
            different = _difference(sounds, spelt) / max(len(sounds), len(spelt))
            if different <= _MOST_DIFFERENT:
                found.append((round(different, 2), -frequency, term))
        return [term for _, _, term in sorted(found)[:_MOST_FOUND]]


def _plain(sounds: str) -> str:
    """Merge letters that kana and English use for one sound."""
    for each, one in (("sh", "s"), ("ts", "s"), ("z", "s"), ("v", "b"), ("l", "r")):
        sounds = sounds.replace(each, one)
    return sounds


def _difference(first: str, second: str) -> float:
    row = [0.0]
    for char in second:
        row.append(row[-1] + _cost(char))
    for char in first:
        before, row = row, [row[0] + _cost(char)]
        for place, other in enumerate(second):
            row.append(
                min(
                    before[place + 1] + _cost(char),
                    row[place] + _cost(other),
                    before[place] + (0.0 if char == other else max(_cost(char), _cost(other))),
                )
            )
    return row[-1]


def _cost(char: str) -> float:
    return _VOWEL_COST if char in _VOWELS else 1.0
