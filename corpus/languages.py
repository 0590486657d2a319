"""Detects the language of a text where it is certain, and names languages.

Tables, lists and names are in no language: only running text shows one, and each half of it the
same.

Japanese, Korean and Chinese are detected by their scripts, other languages by py3langid, whose
model comes with it and is the same on every machine.
"""

from functools import cache
from typing import TYPE_CHECKING

from corpus.patterns import lazy_pattern
from corpus.word_lists import read_lists

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# The opening of a long text shows its language as well as all of it.
_CHARS = 6_000
# Fewer letters than this may be names, or a quotation in another language.
_LEAST_LETTERS = 80
_LEAST_CJK = 40
# The least probability at which py3langid counts.
_SURE = 0.99
# The same for each half of the text, which is shorter.
_LIKELY = 0.6
_HALF_CHARS = 800
# A cell of a table, leaders of a table of contents, or a column of figures.
_TABULAR = lazy_pattern(r" \| |\t| {3,}|(?:\. ?){4,}|_{4,}")
# Running text has at least this many words on a line, and this share of words in small letters.
_LINE_WORDS = 5
_SMALL_WORDS = 0.3
# The share of a text's letters that a script must have.
_MOST = 0.6
_KANA_SHARE = 0.05

_KANA = lazy_pattern(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_HAN = lazy_pattern(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_HANGUL = lazy_pattern(r"[\uac00-\ud7a3\u1100-\u11ff]")
_NAMES: dict[str, str] = read_lists(__file__)["names"]


def detect_language(text: str) -> str | None:
    """Return the ISO 639-1 code of the language of most of a text; None if not certain."""
    opening = text[:_CHARS]
    letters = sum(char.isalpha() for char in opening)
    if not letters:
        return None
    kana, han, hangul = (len(each.findall(opening)) for each in (_KANA, _HAN, _HANGUL))
    if kana + han + hangul >= _LEAST_CJK:
        if hangul > _MOST * letters:
            return "ko"
        if kana + han > _MOST * letters:
            if kana > _KANA_SHARE * letters:
                return "ja"
            # A few kana among Chinese characters leave it open.
            return None if kana else "zh"
    if letters < _LEAST_LETTERS or kana + han + hangul > (1 - _MOST) * letters:
        return None
    return _classify(_prose(opening))


def _classify(words: list[str]) -> str | None:
    """Return the language of running text, which each half of it has to be in; None if unsure."""
    if sum(len(word) for word in words) < _LEAST_LETTERS:
        return None
    language, probability = _identifier().classify(" ".join(words))
    if probability < _SURE:
        return None
    middle = len(words) // 2
    for half in (words[:middle], words[middle:]):
        own, sure = _identifier().classify(" ".join(half)[:_HALF_CHARS])
        if own != language or sure < _LIKELY:
            return None
    return str(language)


def _prose(text: str) -> list[str]:
    """Return the words of the lines that are running text; none of a text that is names or a list.

    Alphabets without small letters, and telegrams, are all capitals or none.
    """
    words: list[str] = []
    for line in text.split("\n"):
        found = [word for word in line.split() if any(char.isalpha() for char in word)]
        if len(found) >= _LINE_WORDS and not _TABULAR.search(line.strip()):
            words += found
    small = sum(word.lstrip("\"'(“‘«¿¡[")[:1].islower() for word in words)
    capital = sum(word[0].isupper() and not word.isupper() for word in words)
    return words if small >= _SMALL_WORDS * (small + capital) else []


def classify(text: str) -> tuple[str, float]:
    """Return the likeliest language of a text that is not Chinese or Japanese, and how likely."""
    language, probability = _identifier().classify(text)
    return str(language), float(probability)


def name_language(code: str) -> str:
    """Return the English name of a language, or its code if not known."""
    return _NAMES.get(code.partition("-")[0].lower(), code)


@cache
def _identifier() -> "LanguageIdentifier":
    # Takes more than a second, and a question does not need it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
