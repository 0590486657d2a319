"""Detects encodings of one or two bytes a character where none is declared.

Each encoding is tried on the words that have bytes above 127, and what they would be in it is
looked at: capitals inside words, signs where letters belong, letters that no one language has
together. The encoding with the fewest faults is taken; of equals, what is commonest in archives.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from corpus.word_lists import read_lists

# This many different words are compared.
_WORDS = 400
_LANGUAGE_CHARS = 4_000
# If another reading has fewer than this many more faults, the guess stays open.
_MARGIN = 2.5
# The probability from which the language of a reading speaks for it.
_SURE = 0.9
_TELLING = 60
_KANJI_ALONE = 10
_WORD = re.compile(rb"[^\s]*[\x80-\xff][^\s]*")

_KNOWN = read_lists(__file__)
_CANDIDATES: dict[str, float] = _KNOWN["candidates"]
_LATIN, _CJK, _SPACED = (frozenset(_KNOWN[name]) for name in ("latin", "cjk", "spaced"))
_WESTERN: dict[str, str] = _KNOWN["western"]
_OTHERS: dict[str, str] = _KNOWN["others"]
_CLASSIFIED: dict[str, str] = _KNOWN["classified"]
_WESTERN_LANGUAGES = frozenset({"en", *_WESTERN})
_COMMON = frozenset("".join(_WESTERN.values()))
_FREQUENT: dict[str, str] = _KNOWN["frequent"]
_COMMON_CHARACTERS = frozenset("".join(_KNOWN["common_characters"]))
_ONE_LETTER = frozenset(_KNOWN["one_letter"])
_OPENING, _CLOSING = frozenset("“‘„«‹‚¿¡"), frozenset("”’»›“…")
_MONEY, _FRACTIONS, _RAISED = frozenset("£€¥¢"), frozenset("½¼¾"), frozenset("²³¹")
_ALONE = frozenset("•§¶©®™°–—−×÷±·†‡")
_RARE = frozenset("¨´¸¯ˆ˜¤¦¬ªºµƒ")
_NO_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})


@dataclass(frozen=True, slots=True)
class Guess:
    """The likeliest encoding of some bytes; `sure` if no other is nearly as likely."""

    encoding: str
    sure: bool


def guess_encoding(data: bytes) -> Guess:
    """Return the likeliest encoding of bytes that are not UTF-8 and declare none."""
    words = list(dict.fromkeys(_take_words(data)))[:_WORDS]
    sample = b" ".join(words)
    readings: dict[str, tuple[float, str]] = {}
    for encoding, handicap in _CANDIDATES.items():
        text = sample.decode(encoding, "replace")
        readings[encoding] = (handicap + _count_faults(text, encoding), text)
    fewest = min(faults for faults, _ in readings.values())
    near = {name for name, (faults, _) in readings.items() if faults <= fewest + 2 * _MARGIN}
    heard = {name: _hear(data, name) for name in near & _LATIN}
    west = heard.get("cp1252", "") in _WESTERN_LANGUAGES
    scored = {
        name: faults + _weigh(name, heard.get(name, ""), text, is_western=west)
        for name, (faults, text) in readings.items()
    }
    best = min(scored, key=lambda name: (scored[name], list(_CANDIDATES).index(name)))
    # The same words in two encodings leave nothing open.
    others = [name for name in scored if readings[name][1] != readings[best][1]]
    margin = min((scored[name] for name in others), default=100.0) - scored[best]
    return Guess(best, margin >= _MARGIN)


def _take_words(data: bytes) -> Iterator[bytes]:
    # For a large file, the differences in this many words are enough.
    for number, match in enumerate(_WORD.finditer(data)):
        if number >= 10 * _WORDS:
            return
        yield match[0][:200]


def _hear(data: bytes, encoding: str) -> str:
    """Return the language of a reading; "" if it is too short or not certain."""
    text = data[:_LANGUAGE_CHARS].decode(encoding, "replace")
    if sum(char.isalpha() for char in text) < _TELLING:
        return ""
    from corpus.languages import classify

    language, probability = classify(text)
    return _CLASSIFIED.get(language, language) if probability >= _SURE else ""


def _weigh(encoding: str, language: str, text: str, *, is_western: bool) -> float:
    """Return the faults to add for the language of a reading; negative to subtract.

    `is_western` tells whether the text as the commonest encoding has it is in a language of the
    West.
    """
    if encoding not in _LATIN:
        return 1.0 if is_western else 0.0
    own = _OTHERS.get(language)
    if own is not None:
        foreign = [char for char in text.lower() if char > "\x7f" and char.isalpha()]
        return -1.5 if foreign and all(char in own for char in foreign) else 0.0
    if not is_western or encoding == "cp1252":
        return 0.0
    return (
        1.5
        if any(char > "\x7f" and char.isalpha() and char not in _COMMON for char in text.lower())
        else 1.0
    )


def _count_faults(text: str, encoding: str) -> float:
    faults = 0.0
    padded = f" {text} "
    for place in range(1, len(padded) - 1):
        char = padded[place]
        if char > "\x7f":
            faults += _fault(padded[place - 1], char, padded[place + 1], encoding in _CJK)
            faults += 2.0 * (char == "\u00a0" and encoding not in _SPACED)
    if encoding in {"cp932", "euc_jp"}:
        # Japanese of more than a few words has kana among its Chinese characters.
        characters = sum("\u3400" <= char <= "\u9fff" for char in text)
        kana = sum("\u3041" <= char <= "\u30fe" for char in text)
        return faults + (0.15 * characters if characters > _KANJI_ALONE and not kana else 0.0)
    return faults + (_foreignness(text) if encoding in _LATIN else 0.0)


def _foreignness(text: str) -> float:
    """Return the distance of a reading's letters from those of the closest language."""
    words = text.lower().split()
    letters = [char for word in words for char in word if char > "\x7f" and char.isalpha()]
    if not letters:
        return 0.0
    found = [0.15 * sum(each in _COMMON for each in letters)
             + 0.8 * sum(each not in _COMMON for each in letters)]  # fmt: skip
    found += [0.8 * sum(each not in own for each in letters) for own in _WESTERN.values()]
    found += [0.5 + 0.8 * sum(each not in own for each in letters) for own in _OTHERS.values()]
    return min(found)


@lru_cache(maxsize=100_000)
def _fault(before: str, char: str, after: str, is_cjk: bool) -> float:
    """Return how odd a character is between two others."""
    if char == "\ufffd" or unicodedata.category(char) in _NO_TEXT:
        return 6.0
    if char in _RARE:
        inside = before.isalpha() and after.isalpha()
        return 4.0 if inside else 1.0 if before.isdigit() else 2.0
    if char.isalpha() or unicodedata.combining(char):
        return _fault_of_letter(before, char, after, is_cjk)
    if is_cjk and unicodedata.east_asian_width(char) in "WF":
        return sum(2.0 for each in (before, after) if each.isascii() and each.isalpha())
    return _fault_of_sign(before, char, after)


def _fault_of_letter(  # noqa: C901 - a list of what may be odd
    before: str, char: str, after: str, is_cjk: bool
) -> float:
    script = _script(char)
    if script in {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "HALFWIDTH", "FULLWIDTH"}:
        latin = sum(each.isascii() and each.isalpha() for each in (before, after))
        return _rarity(char, script) + 1.5 * latin if is_cjk else 3.0
    mixed = sum(each.isalpha() and _script(each) != script for each in (before, after))
    faults = 3.0 * mixed
    if char.isupper():
        faults += 3.0 * before.islower() + 0.05 * before.isupper()
        faults += 2.0 * (before.isupper() and after.islower()) + 2.0 * (char == "Ÿ")
    elif char.islower() and after.isupper():
        faults += 2.0
    if script == "LATIN" and before > "\x7f" and before.isalpha():
        # Words of accented letters only are in another alphabet.
        faults += 0.7
    if (char == "ς" and after.isalpha()) or (char == "σ" and not after.isalpha()):
        faults += 1.5
    if before.isdigit() or after.isdigit():
        faults += 1.5
    if not before.isalpha() and not after.isalpha() and char.lower() not in _ONE_LETTER:
        faults += 1.5
    elif script != "LATIN" and not before.isalpha() and not after.isalpha():
        faults += 1.0
    known = _FREQUENT.get(script)
    if known is not None:
        faults += 1.5 * (char in "ьЬъЪыЫ" and not before.isalpha())
        place = known.find(char.lower())
        faults += 2.0 if place < 0 else 1.5 * place / len(known)
    elif script not in {"LATIN", "THAI"}:
        faults += 2.0
    return faults


def _fault_of_sign(  # noqa: C901, PLR0911 - a list of what may be odd
    before: str, char: str, after: str
) -> float:
    left, right = before.isalpha(), after.isalpha()
    starts, ends = not before.isalnum(), not after.isalnum()
    if char in "’\u2010\u2011\u00ad–—":
        return 0.2
    if char == "\u00a0":
        return 0.1
    if left and right:
        return 4.0
    if char in _CLOSING and not before.isspace() and ends:
        return 0.1
    if char in _OPENING and starts and not after.isspace():
        return 0.1
    if char in "«»":
        return 0.4 if starts or ends else 3.0
    if char in _MONEY:
        return 0.1 if before.isdigit() or after.isdigit() else 3.0 if left or right else 0.5
    if char in _FRACTIONS:
        return 0.1 if before.isdigit() or (starts and ends) else 3.0
    if char in _RAISED:
        return 0.3 if before.isdigit() or (left and ends) else 2.5
    if char in "°º%‰":
        return 0.1 if before.isdigit() else 2.0
    if char in _ALONE:
        return 0.3 if starts or ends else 1.5
    return 3.0 if "\u2190" <= char <= "\u25ff" else 2.0


@lru_cache(maxsize=10_000)
def _script(char: str) -> str:
    """Return the first word of a character's name, which is its script."""
    return unicodedata.name(char, "").partition(" ")[0].partition("-")[0]


@lru_cache(maxsize=10_000)
def _rarity(char: str, script: str) -> float:
    """Return how odd a character of East Asia is: the standards put the commoner ones first."""
    if script in {"HIRAGANA", "FULLWIDTH"}:
        return 0.0
    if script == "KATAKANA":
        return 0.05
    if char in _COMMON_CHARACTERS:
        return 0.0
    if script == "HALFWIDTH":
        return 1.5
    for encoding, first, last in (
        ("euc_jp", 0xB0, 0xCF), ("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6), ("euc_kr", 0xB0, 0xC8)
    ):  # fmt: skip
        try:
            lead = char.encode(encoding)[0]
        except UnicodeEncodeError:
            continue
        if first <= lead <= last:
            return 0.3
    return 1.2
