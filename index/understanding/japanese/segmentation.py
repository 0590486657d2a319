"""Segment a Japanese question into dictionary words and the kana between them.

No language model is needed: the fewest and longest words win, memcon's glossary before the
dictionary, and words before names unless a title follows.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from corpus.patterns import lazy_pattern
from index.text.tables import read_lists
from index.understanding.japanese.dictionary import Word

_LISTS = read_lists(__file__)

# The most characters of a word.
LONGEST = 12

_KANA_ROWS = dict(row.split(":") for row in _LISTS["rows"].split())
_RU = "らりるれろっ"
_KANJI = lazy_pattern(r"[\u3400-\u9fff\uf900-\ufaff々〆ヶ]")
# Without the dot that stands between the names of one person.
_KATAKANA = lazy_pattern(r"[\u30a1-\u30fa\u30fc]")
_RUN = lazy_pattern(r"[\u30a1-\u30fa\u30fc]{3,}")
# The cost of an unknown run of katakana as a name: less than two words that are not both frequent.
_NAME_COST = 5.2
_HIRAGANA = lazy_pattern(r"[\u3041-\u309f]")

TITLES = "|".join(_LISTS["titles"].split())
TITLE = lazy_pattern(TITLES)


@dataclass(frozen=True, slots=True)
class Segment:
    """A word of a question, or the text between words if `word` is None."""

    text: str
    start: int
    word: Word | None = None

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class _Step:
    """The cheapest segmentation up to a place: its cost and last segment."""

    cost: float
    piece: Segment | None


def forms_in(text: str) -> dict[tuple[int, int], tuple[str, ...]]:
    """Return the possible words of a text by their span, each with its dictionary forms."""
    found = {}
    for start in range(len(text)):
        for end in range(start + 1, min(len(text), start + LONGEST) + 1):
            written = text[start:end]
            if _may_be_word(text, start, end):
                found[start, end] = (written, *_dictionary_forms(written, text[end : end + 1]))
    return found


def segment(
    text: str, known: Mapping[tuple[int, int], Word], costs: Mapping[str, float]
) -> list[Segment]:
    """Segment a text; `costs` overrides the cost of some forms."""
    best = [_Step(0.0, None), *(_Step(float("inf"), None) for _ in text)]
    by_start: dict[int, list[tuple[int, Word]]] = {}
    for (start, end), word in known.items():
        by_start.setdefault(start, []).append((end, word))
    runs = {match.start(): match.end() for match in _RUN.finditer(text)}
    for start in range(len(text)):
        here = best[start].cost
        if start in runs:
            _relax(best, start, runs[start], here + _NAME_COST, None, text)
        _relax(best, start, start + 1, here + _cost_of_nothing(text, start), None, text)
        for end, word in by_start.get(start, ()):
            cost = costs.get(word.form)
            if cost is None:
                cost = _cost(text, start, end, word)
            _relax(best, start, end, here + cost, word, text)
    pieces: list[Segment] = []
    place = len(text)
    while place:
        piece = best[place].piece
        if piece is None:
            break
        pieces.append(piece)
        place = piece.start
    return list(_join_rest(reversed(pieces)))


def _relax(
    best: list[_Step], start: int, end: int, cost: float, word: Word | None, text: str
) -> None:
    if cost < best[end].cost - 1e-9:
        best[end] = _Step(cost, Segment(text[start:end], start, word))


def _join_rest(pieces: Iterator[Segment]) -> Iterator[Segment]:
    """Join the text between words, separately for each script."""
    rest: Segment | None = None
    for piece in pieces:
        if piece.word is None and rest and _script(rest.text[-1]) == _script(piece.text[0]):
            rest = Segment(rest.text + piece.text, rest.start)
            continue
        if rest:
            yield rest
        rest = piece if piece.word is None else None
        if piece.word:
            yield piece
    if rest:
        yield rest


def _may_be_word(text: str, start: int, end: int) -> bool:
    """Return whether a part of a text may be a word: not hiragana alone, not cut in two."""
    written = text[start:end]
    if not (_KANJI.match(written) or _KATAKANA.match(written)):
        return False
    if not re.fullmatch(r"[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff々〆・]+", written):
        return False
    if _KATAKANA.match(written) and len(written) == 1:
        return False
    # Cutting a katakana run, ロード in ロードマップ, has a cost.
    return written[-1] not in "ーっッ" or end == len(text) or not _KATAKANA.match(text[end])


def _dictionary_forms(written: str, after: str) -> Iterator[str]:
    """Yield the dictionary forms of a possibly inflected word."""
    if not _KANJI.match(written):
        return
    last = written[-1]
    if _HIRAGANA.match(last):
        yield written + "る"
        for ending, row in _KANA_ROWS.items():
            if ending != "る" and last in row:
                yield written[:-1] + ending
        if last in _RU:
            yield written[:-1] + "る"
        if last in "かくけ" and len(written) > 1:
            yield written[:-1] + "い"
    elif after and _HIRAGANA.match(after):
        yield written + "る"


def _cost(text: str, start: int, end: int, word: Word) -> float:
    """Return the cost of a word, lower than that of the same text in shorter words."""
    length = end - start
    cost = 1.0 if word.is_common else 1.3
    if word.is_verb:
        cost += 0.1
    if length == 1:
        cost += 0.9
    if word.is_name:
        titled = TITLE.match(text, end)
        katakana = bool(_KATAKANA.match(text[start]))
        cost += 0.0 if titled or katakana else 1.0
    if word.form != text[start:end]:
        # Inflected words are followed by kana.
        cost += 0.2 if end < len(text) and _HIRAGANA.match(text[end]) else 0.6
    # A run of katakana consists of whole words.
    cost += 1.5 * (_cuts_katakana(text, start) + _cuts_katakana(text, end))
    return cost


def _cost_of_nothing(text: str, place: int) -> float:
    char = text[place]
    if _KANJI.match(char):
        return 2.5
    return 2.0 if _KATAKANA.match(char) else 0.05


def _cuts_katakana(text: str, place: int) -> bool:
    return (
        0 < place < len(text)
        and bool(_KATAKANA.match(text[place - 1]))
        and bool(_KATAKANA.match(text[place]))
    )


def _script(char: str) -> str:
    if _KANJI.match(char):
        return "kanji"
    if _KATAKANA.match(char):
        return "katakana"
    return "kana" if _HIRAGANA.match(char) else "other"
