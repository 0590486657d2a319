"""Match one misspelt word to a word of the archive.

Candidates come from the table of variants, the rules of transliteration, and the vocabulary within
a few edits. They are compared as the archive writes them; limits are stricter for names, because
the nearest name may be another person's.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log10
from typing import Protocol

from corpus.letters import fold_letters, strip_accents
from index.text.analyzer import STOP_WORDS, analyze
from index.understanding.spelling.edit_distance import SHORTEST, cost, edits_in, limit_of
from index.understanding.spelling.variants import (
    close_variants,
    likely_typos,
    listed_variants,
    phonetic_variants,
    regional_variants,
)

# A word in at most this many passages is rare.
RARE = 2
# A spelling this many times as frequent is far more frequent.
MORE = 10
# How much cheaper than the next the best name must be, unless it is far more frequent.
_MARGIN = 0.25
# The value of a factor of ten in frequency.
_FREQUENT = 0.05
_BY_TABLE, _BY_RULE, _BY_RULES = 0.1, 0.45, 0.65
# The cost of an inflection that the archive lacks.
_INFLECTED = 0.2
# A costlier candidate may be another word, and words with more edits are considered too. A rare
# name must be this near, and nearer if it is short.
_CLOSE, _CLOSER, _LONG = 0.85, 0.6, 8
# In an archive this large, a word of one or two passages may be a misprint; one of five is not.
_MANY, _SURELY = 1_000, 5
# How many of the nearest candidates are compared as written.
_COMPARED = 5
# The share of capitals from which a word always has one, is a name, and may be a name.
_PROPER, _NAME, _PERHAPS = 0.8, 0.5, 0.3
# Endings of inflection.
_ENDINGS = frozenset({"", "d", "e", "ed", "er", "ers", "es", "ing", "ly", "r", "s"})
# The fewest letters in each half of a split word.
_HALF = 3
_REMEMBERED = 10_000


class Vocabulary(Protocol):
    """The words of an archive: terms and their written forms."""

    @property
    def passages(self) -> int:
        """The number of passages."""

    def frequency(self, term: str) -> int:
        """Return the number of passages with a term."""

    def near(self, term: str, letters: Collection[str], most: int) -> list[str]:
        """Return the terms within `most` edits that begin with one of the letters, sorted."""

    def forms(self, term: str) -> Mapping[str, int]:
        """Return the written forms of a term in some passages, with counts."""

    def side_by_side(self, first: str, second: str) -> str:
        """Return two words as written side by side in a passage, or ""."""


@dataclass(frozen=True, slots=True)
class WordMatch:
    """A word of the archive that matches: its distance and the number of its passages."""

    term: str
    written: str
    cost: float
    frequency: int

    @property
    def score(self) -> float:
        """The cost less the value of its frequency; the lowest is best."""
        return _score(self.cost, self.frequency)

    def is_near(self, length: int) -> bool:
        """Return whether it is near enough to a word of this length to be searched too."""
        return self.cost <= (_CLOSER if length < _LONG else _CLOSE)


@dataclass(frozen=True, slots=True)
class JoinedWord:
    """A word that was typed as two, and whether the archive also has it as two."""

    term: str
    written: str
    frequency: int
    is_split: bool


@dataclass(frozen=True, slots=True)
class _Typed:
    """A word as typed, in small letters without accents.

    `is_word`: the language has it; `is_name`: it has a capital; `is_known`: the archive has it.
    """

    plain: str
    term: str
    is_word: bool
    is_name: bool
    is_known: bool

    @property
    def limit(self) -> float:
        return limit_of(len(self.plain))


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A candidate term, its cost, and the known variant that led to it, if any."""

    term: str
    cost: float
    frequency: int
    variant: str = ""


class _Candidates:
    """The candidates for a word, each at its lowest cost."""

    def __init__(self, typed: _Typed, frequency: Callable[[str], int]) -> None:
        self._typed, self._frequency = typed, frequency
        self._near: dict[str, _Candidate] = {}

    def add(self, term: str, dear: float, variant: str = "") -> None:
        frequency = self._frequency(term) if term else 0
        if not frequency or term == self._typed.term or dear > self._typed.limit:
            return
        if term not in self._near or dear < self._near[term].cost:
            self._near[term] = _Candidate(term, dear, frequency, variant)

    def add_variants(self, spellings: Iterable[str], dear: float) -> None:
        for spelling in spellings:
            self.add(term_of(spelling), dear, spelling)

    @property
    def is_close(self) -> bool:
        return any(each.cost < _CLOSE for each in self._near.values())

    def nearest(self) -> list[_Candidate]:
        by_score = sorted(
            self._near.values(), key=lambda each: (_score(each.cost, each.frequency), each.term)
        )
        return by_score[:_COMPARED]


class Matcher:
    """Matches misspelt words to those of one archive."""

    def __init__(self, vocabulary: Vocabulary, is_word: Callable[[str], bool]) -> None:
        """Match within `vocabulary`; `is_word` tells whether the language has a word.

        Such a word is matched to its spelling variants only.
        """
        self._vocabulary, self.is_word = vocabulary, is_word
        # The same misspellings recur.
        self.match = lru_cache(maxsize=_REMEMBERED)(self._find_match)
        self.halves = lru_cache(maxsize=_REMEMBERED)(self._find_halves)
        self.joined = lru_cache(maxsize=_REMEMBERED)(self._find_joined)

    def frequency(self, term: str) -> int:
        """Return the number of passages with a term; all for a stop word."""
        vocabulary = self._vocabulary
        return vocabulary.passages if term in STOP_WORDS else vocabulary.frequency(term)

    def _find_match(self, plain: str, is_name: bool, is_known: bool) -> WordMatch | None:
        """Return the matching word of the archive, or None if unclear.

        Only the nearest are considered for a word that the archive has (`is_known`).
        """
        typed = _Typed(plain, term_of(plain), self.is_word(plain), is_name, is_known)
        found = _Candidates(typed, self.frequency)
        self._add_variants(typed, found)
        if not typed.is_word:
            self._add_near(typed, found)
        compared = [match for each in found.nearest() if (match := self._compare(typed, each))]
        compared.sort(key=lambda each: (each.score, -each.frequency, each.term))
        if not compared:
            return None
        best, *others = compared
        if others and (is_name or best.written[0].isupper()):
            # Two names are equally near: it may be either.
            is_ahead = others[0].score - best.score >= _MARGIN
            if not is_ahead and best.frequency < MORE * others[0].frequency:
                return None
        return best

    def _add_variants(self, typed: _Typed, found: _Candidates) -> None:
        found.add_variants(listed_variants(typed.plain), _BY_TABLE)
        found.add_variants(regional_variants(typed.plain), _BY_RULE)
        if typed.is_name or not typed.is_word:
            found.add_variants(close_variants(typed.plain), _BY_RULE)

    def _add_near(self, typed: _Typed, found: _Candidates) -> None:
        """Add words that a misspelt one may stand for."""
        plain, letters = typed.plain, {typed.plain[0]}
        if not typed.is_known:
            sounding = phonetic_variants(plain)
            letters.update(other[0] for other in sounding)
            found.add_variants(sounding, _BY_RULES)
            for other in likely_typos(plain):
                # The archive rarely has one; `is_word` is the slower check.
                if self._vocabulary.frequency(term_of(other)) and self.is_word(other):
                    found.add(term_of(other), cost(plain, other))
        for edits in range(1, 2 if typed.is_known else edits_in(len(plain)) + 1):
            for term in self._vocabulary.near(typed.term, letters, edits):
                found.add(term, cost(typed.term, term))
            # Try more edits only if fewer find nothing.
            if found.is_close:
                break
        if not (typed.is_name or typed.is_known):
            for word in STOP_WORDS:
                if len(word) >= SHORTEST and word[0] == plain[0]:
                    found.add(word, cost(plain, word))

    def _compare(self, typed: _Typed, near: _Candidate) -> WordMatch | None:
        """Return a term as the archive writes it, or None if it is too far."""
        if near.term in STOP_WORDS:
            return WordMatch(near.term, near.term, near.cost, near.frequency)
        forms = self._vocabulary.forms(near.term)
        total = sum(forms.values())
        capitals = sum(count for form, count in forms.items() if form[0].isupper())
        share = capitals / total if total else 0.0
        if not total or (typed.is_name and share < (_NAME if typed.is_word else _PERHAPS)):
            return None
        if near.variant:
            written = self._spell_variant(near.variant, near.term, forms, share)
            dear = near.cost
        else:
            written, dear = _nearest_form(typed.plain, near.term, forms)
            dear = self._adjust_cost(typed, near, written, dear, share)
        if dear > typed.limit:
            return None
        if share >= _PROPER:
            written = written[0].upper() + written[1:]
        elif self.is_word(written):
            # A title, or the first word of a sentence.
            written = written[0].lower() + written[1:]
        return WordMatch(near.term, written, dear, near.frequency)

    def _adjust_cost(
        self, typed: _Typed, near: _Candidate, written: str, dear: float, share: float
    ) -> float:
        """Return the cost of taking a word for another, infinite if it must not be."""
        never = float("inf")
        is_known, plain = self.is_word(written), fold_word(written)
        if not is_known and share < _NAME and near.frequency < _SURELY:
            # An error of scanning, or of the archive itself.
            return never
        if typed.is_name or (share >= _NAME and not is_known):
            dear = cost(typed.plain, plain, is_name=True)
            return dear if self._is_sure(dear, len(typed.plain), near.frequency) else never
        if len(typed.plain) <= SHORTEST and not _is_slip(typed.plain, plain):
            return never
        return min(dear, near.cost + _INFLECTED)

    def _is_sure(self, dear: float, length: int, frequency: int) -> bool:
        """Return whether a name is a misspelling, not the name of another person or place."""
        if length <= SHORTEST:
            return frequency >= _SURELY
        is_rare = frequency <= RARE and self._vocabulary.passages >= _MANY
        return not is_rare or dear <= (_CLOSER if length < _LONG else _CLOSE)

    def _spell_variant(
        self, variant: str, term: str, forms: Mapping[str, int], share: float
    ) -> str:
        written, dear = _nearest_form(variant, term, forms)
        return variant if dear and share < _NAME and self.is_word(variant) else written

    def _find_halves(self, plain: str) -> str:
        """Return a word as the archive splits it, with a hyphen or a space, or ""."""
        for place in range(_HALF, len(plain) - _HALF + 1):
            halves = plain[:place], plain[place:]
            if STOP_WORDS.isdisjoint(halves):
                terms = [term_of(half) for half in halves]
                if all(terms) and all(map(self._vocabulary.frequency, terms)):
                    written = self._vocabulary.side_by_side(*halves)
                    if written:
                        return written
        return ""

    def _find_joined(self, first: str, second: str) -> JoinedWord | None:
        """Return the one word that the archive has for two, or None."""
        whole = first + second
        term = term_of(whole)
        if not (term and term_of(first) and term_of(second)):
            return None
        frequency = self._vocabulary.frequency(term)
        forms = self._vocabulary.forms(term) if frequency else {}
        wanted = whole.removesuffix("s")
        for form in forms:
            if fold_word(form).removesuffix("s") == wanted:
                is_split = bool(self._vocabulary.side_by_side(first, second))
                return JoinedWord(term, without_capitals(form), frequency, is_split)
        return None


@lru_cache(maxsize=_REMEMBERED)
def term_of(word: str) -> str:
    """Return the term of a word; "" for a stop word or several terms."""
    terms = analyze(word)
    return terms[0] if len(terms) == 1 else ""


def fold_word(word: str) -> str:
    """Return a word in small letters without accents."""
    if word.isascii():
        return word.lower()
    return strip_accents(fold_letters(word.replace("’", "'").lower()))


def without_capitals(word: str) -> str:
    """Return a word that is all in capitals with the first one only."""
    return word.capitalize() if word.isupper() and len(word) > 1 else word


def _score(dear: float, frequency: int) -> float:
    return dear - _FREQUENT * log10(1 + frequency)


def _is_slip(typed: str, written: str) -> bool:
    """Return whether a short word may be a typo: letters exchanged, or one left out."""
    return len(written) > len(typed) or sorted(written) == sorted(typed)


def _nearest_form(plain: str, term: str, forms: Mapping[str, int]) -> tuple[str, float]:
    """Return the written form of a term that is nearest to a word, and its cost.

    An inflection that is not among the forms is taken from the word.
    """
    own = term_of(plain)
    counted = dict(forms)
    if plain.endswith("s"):
        for form, count in forms.items():
            plural = f"{form}s"
            if form[-1].islower() and plural not in forms and term_of(plural) == term:
                counted[plural] = count
    dear, _, written = min(
        (cost(plain, fold_word(form)), -count, form) for form, count in counted.items()
    )
    for end, other in (("", ""), ("i", "y")):
        stem = own.removesuffix(end) + other
        if plain.startswith(stem) and plain[len(stem) :] in _ENDINGS:
            made = term.removesuffix(end) + other + plain[len(stem) :]
            if term_of(made) == term and (known := cost(plain, made)) < dear:
                return made, known
    return without_capitals(written), dear
