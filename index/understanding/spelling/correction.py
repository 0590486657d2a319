"""Correct a question to the archive's spelling.

"recieved" becomes "received", "Peking" may be "Pekin" in the archive, "Blue fields" "Bluefields".
Words that the archive has are kept, and so are words without a near match: an unknown person must
not become another. A rare spelling of a frequent name is kept, and the frequent one searched too.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.documents import Span
from corpus.patterns import lazy_pattern
from index.text.analyzer import CJK, MERGED
from index.text.tables import read_lists
from index.understanding.spelling.candidates import (
    MORE,
    RARE,
    Matcher,
    Vocabulary,
    fold_word,
    term_of,
)
from index.understanding.spelling.edit_distance import SHORTEST, cost, limit_of
from index.understanding.spelling.variants import close_variants, listed_variants, phonetic_variants

_LISTS = read_lists(__file__)

# A spelling this many times as frequent as a rare one is searched beside it.
_FAR_MORE = 20
# Names are misspelt in more ways than one.
_VARIANT, _NEVER, _LONGER = 0.5, 9.0, 3

_WORD = lazy_pattern(rf"[^\W\d_{CJK}]+(?:['’][^\W\d_{CJK}]+)*")
_POSSESSIVE = lazy_pattern(r"['’]s$")
_SENTENCE_END = lazy_pattern(r"(?:^|[.?!:]\s*[\"“”']?)$")
_JOINING = frozenset({" ", "-", "‐", "–"})
# Contractions without their apostrophe are kept.
_CONTRACTED = frozenset(_LISTS["contracted"].split())


@dataclass(frozen=True, slots=True)
class Correction:
    """Words of a question, and the archive's spelling of them."""

    span: Span
    typed: str
    written: str


@dataclass(frozen=True, slots=True)
class CorrectedText:
    """A question in the archive's spelling, its corrections, and more terms to search."""

    text: str
    corrections: tuple[Correction, ...] = ()
    near: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a question without its possessive ending."""

    text: str
    span: Span
    term: str
    is_first: bool

    @property
    def is_capitalised(self) -> bool:
        return self.text[0].isupper()

    @property
    def is_name(self) -> bool:
        """Whether it is a name: it has a capital, and does not start a sentence."""
        return self.is_capitalised and not self.is_first


class _Changes:
    """The corrections of a question, and more terms to search; `kept` spans stay."""

    def __init__(self, kept: Sequence[Span]) -> None:
        self._kept = [*kept]
        self.corrections: list[Correction] = []
        self.near: set[str] = set()

    def is_free(self, span: Span) -> bool:
        return all(span.end <= each.start or each.end <= span.start for each in self._kept)

    def correct(self, span: Span, typed: str, written: str) -> None:
        self._kept.append(span)
        self.corrections.append(Correction(span, typed, written))


class Speller:
    """Matches the words of questions to one archive's."""

    def __init__(self, vocabulary: Vocabulary, is_word: Callable[[str], bool]) -> None:
        """Match to `vocabulary`; `is_word` tells whether a word is one of the language's own."""
        self._vocabulary = vocabulary
        self._matcher = Matcher(vocabulary, is_word)

    def correct(self, question: str, kept: Callable[[], Sequence[Span]] = tuple) -> CorrectedText:
        """Return a question in the archive's spelling; what `kept` gives stays as it is."""
        words = list(_read(question))
        doubtful = [word for word in words if self._is_doubtful(word)]
        pairs = [pair for pair in pairwise(words) if self._is_pair(pair, question)]
        if not doubtful and not pairs:
            return CorrectedText(question)
        changes = _Changes(kept())
        for pair in pairs:
            self._join(pair, question, changes)
        for word in doubtful:
            if changes.is_free(word.span):
                self._replace(word, changes)
        found = sorted(changes.corrections, key=lambda each: each.span.start)
        return CorrectedText(_rewrite(question, found), tuple(found), tuple(sorted(changes.near)))

    def _is_doubtful(self, word: _Word) -> bool:
        """Return whether a word may be another's misspelling: missing, or rare and no word."""
        text = word.text
        # A word all in capitals is an abbreviation.
        if len(text) < SHORTEST or text.isupper() or text.lower() in _CONTRACTED:
            return False
        if word.term in MERGED:
            return False
        frequency = self._vocabulary.frequency(word.term)
        return frequency == 0 or (frequency <= RARE and not self._matcher.is_word(text))

    def _is_pair(self, pair: tuple[_Word, _Word], question: str) -> bool:
        first, second = pair
        if question[first.span.end : second.span.start] not in _JOINING:
            return False
        if min(len(first.text), len(second.text)) < 2 or second.is_name > first.is_capitalised:
            return False
        return self._matcher.joined(first.text.lower(), second.text.lower()) is not None

    def _join(self, pair: tuple[_Word, _Word], question: str, changes: _Changes) -> None:
        first, second = pair
        span = Span(first.span.start, second.span.end)
        joined = self._matcher.joined(first.text.lower(), second.text.lower())
        if not joined or not changes.is_free(span):
            return
        rarer = min(self._vocabulary.frequency(word.term) for word in pair)
        has_hyphen = question[first.span.end : second.span.start] != " "
        is_usual = has_hyphen or joined.frequency >= max(MORE, rarer)
        if not rarer or (is_usual and not joined.is_split):
            changes.correct(span, span.of(question), _cased(joined.written, first))
        elif joined.frequency > RARE:
            changes.near.add(joined.term)

    def _replace(self, word: _Word, changes: _Changes) -> None:
        plain, own = fold_word(word.text), self._vocabulary.frequency(word.term)
        match = self._matcher.match(plain, word.is_name, bool(own))
        if own:
            # Search both.
            if match and match.is_near(len(plain)) and match.frequency >= _FAR_MORE * own:
                changes.near.add(match.term)
        elif match:
            changes.correct(word.span, word.text, _cased(match.written, word))
        elif not self._matcher.is_word(word.text):
            halves = self._matcher.halves(plain)
            if halves:
                changes.correct(word.span, word.text, halves)


def suggest_names(words: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return the names nearest to a misspelt one, nearest first.

    Each word of the misspelt name must be near a word of the other.
    """
    every = [fold_word(word) for word in _WORD.findall(words)]
    # Ignore initials.
    typed = [word for word in every if len(word) > 1] or every
    if not typed:
        return []
    found = []
    for name in dict.fromkeys(known):
        own = [fold_word(word) for word in _WORD.findall(name)]
        costs = [min((_distance(word, each) for each in own), default=_NEVER) for word in typed]
        if all(dear <= limit_of(len(word)) for dear, word in zip(costs, typed, strict=True)):
            found.append((round(sum(costs), 6), len(own), name))
    return [name for _, _, name in sorted(found)[:most]]


def _distance(typed: str, written: str) -> float:
    """Return the distance of two words of names, `_NEVER` if they are clearly different."""
    if typed == written:
        return 0.0
    if abs(len(typed) - len(written)) > _LONGER:
        return _NEVER
    dear = cost(typed, written, is_name=True)
    if dear <= limit_of(len(typed)):
        return dear
    others = (
        *map(str.lower, listed_variants(typed)),
        *close_variants(typed),
        *phonetic_variants(typed),
    )
    return _VARIANT if written in others else _NEVER


def _read(question: str) -> Iterator[_Word]:
    for match in _WORD.finditer(question):
        text = _POSSESSIVE.sub("", match[0])
        term = term_of(text)
        if term:
            is_first = bool(_SENTENCE_END.search(question[: match.start()]))
            yield _Word(text, Span(match.start(), match.start() + len(text)), term, is_first)


def _cased(written: str, word: _Word) -> str:
    """Return a word with a capital where the word typed has one."""
    return written[0].upper() + written[1:] if word.is_capitalised else written


def _rewrite(question: str, corrections: Sequence[Correction]) -> str:
    pieces, end = [], 0
    for each in corrections:
        pieces += [question[end : each.span.start], each.written]
        end = each.span.end
    return "".join([*pieces, question[end:]])
