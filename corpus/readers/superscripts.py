"""What raised and lowered words mean beside other words: powers, formulas or note marks.

A raised mark of a note is left out, since it would stand inside quotations; a power, a fraction or
an index keeps apart from the number before it ("10³", "5 1/2"); what is raised in an ordinal or an
abbreviation belongs to its word ("3rd", "Mr"). Every function here is pure.
"""

import re
from collections.abc import Collection

_POWERS = str.maketrans("0123456789+-−–n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻ⁿ")
_INDICES = str.maketrans("0123456789+-−–", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋")
_PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", "\u20dd")
# Marks a sign without a raised form as raised.
_RAISED_SIGN = "\u20dd"
_RAISED = re.compile(rf"(?:[⁰¹²³⁴-⁹]|\S{_RAISED_SIGN})+")
# Characters of the text before that count.
CONTEXT = 24

_SYMBOLS = re.compile(r"[*∗†‡§¶#]{1,4}")
_BRACKETED = re.compile(r"\[[^\[\]]{1,60}\]|\((?:\d{1,3}|[a-z*†‡])\)", re.IGNORECASE)
_NUMBERS = re.compile(r"[1-9]\d{0,2}(?:\s*[,;–-]\s*[1-9]\d{0,2})*,?")
_SIGNED = re.compile(r"[+−–-]?\d{1,4}[+−–-]?|[+−–-]{1,3}|n")
_NUMBER = re.compile(r"(?<![\d.,])\d+(?:[.,]\d+)*$")
_SLASH = ("/", "⁄", "∕")
_ORDINALS = frozenset(
    """
    st nd rd th d h er ers re res ère ères e es è eme ème ième ieme me mo o a os as º ª te ten de
    """.split()
)
# Letters that mark notes rather than end an abbreviation.
_NOTE_LETTERS = frozenset("abc")
_LONG_WORD = re.compile(r"[^\W\d_]{5,}$")
_ROMAN = re.compile(r"[ivx]{1,5}|[a-z]", re.IGNORECASE)
# Units that have squares and cubes, and variables.
_UNIT = re.compile(
    r"(?<![^\W\d_])(?:[kcmdµμ]?m|ft|yd|mi|sec|s|[B-HJ-Zb-hj-z]|(?<=[=+×·*/] )[A-Za-z]{1,3})$"
)
_UNIT_POWERS = frozenset("23")
_STOP = re.compile(r" [,.;:!?)]")
_GAP_IN_FRACTION = re.compile(r" +(?=[/⁄∕])")
_DEGREES = re.compile(r"\s?(?:[CFNSEW]\b|\d|[′'’])")


def settle_raised(before: str, words: str, after: str, notes: Collection[str] = ()) -> str:
    """Return raised words as running text; "" if they mark a note.

    `before` and `after` are the words of the same paragraph around them. `notes` are the marks with
    which notes begin in the same document.
    """
    words = words.strip().translate(_PLAIN)
    if not words or not before.strip():
        # The mark that a note itself begins with.
        return words + (" " if after[:1].isalpha() and 0 < len(words) < 4 else "")
    if words.isdecimal() and _is_part(before, after):
        return f" {words}" if before[-1].isdigit() else words
    if _SYMBOLS.fullmatch(words) or _BRACKETED.fullmatch(words):
        return ""
    if before.rstrip()[-1].isdigit():
        return _after_number(before.rstrip(), words, after, notes)
    if words.isalpha():
        return "" if _is_letter_mark(before, words) else words
    return _after_word(before, words, notes)


def _is_part(before: str, after: str) -> bool:
    """Return whether raised figures are the upper part of a fraction, or of an isotope: ¹⁴C."""
    return after.lstrip().startswith(_SLASH) or (before[-1].isspace() and after[:1].isalpha())


def _after_word(before: str, words: str, notes: Collection[str]) -> str:
    if words in _UNIT_POWERS and _UNIT.search(before) and words not in notes:
        return words.translate(_POWERS)
    if _NUMBERS.fullmatch(words):
        return ""
    return words.translate(_POWERS) if _SIGNED.fullmatch(words) else words


def settle_lowered(before: str, words: str) -> str:
    """Return lowered words as running text."""
    words = words.strip()
    # H2O is written so; ten to the base of two is not 102.
    return words.translate(_INDICES) if before[-1:].isdigit() and words.isdecimal() else words


def _after_number(before: str, words: str, after: str, notes: Collection[str]) -> str:
    number = _NUMBER.search(before)
    digits = sum(char.isdigit() for char in number[0]) if number else 1
    if words.isalpha():
        lowered = words.lower()
        if lowered == "o" and _DEGREES.match(after):
            return "°"
        if lowered in _ORDINALS and (len(words) > 1 or digits < 3):
            return words
        if len(words) == 1:
            return "ⁿ" if lowered == "n" and digits < 3 else ""
        return words
    power = _SIGNED.fullmatch(words)
    is_note = _NUMBERS.fullmatch(words) and (
        words in notes
        # Prose has no powers of such numbers, but raised cents.
        or (digits > 2 and not re.search(r"[$£€¥]\s?[\d.,]+$", before))
    )
    if is_note and number and number[0] != "10":
        return ""
    return words.translate(_POWERS) if power else f"^{words}" if words[0].isdigit() else words


def _is_letter_mark(before: str, words: str) -> bool:
    """Return whether raised letters mark a note and do not end an abbreviation."""
    if before[-1].isalpha():
        return words.lower() in _NOTE_LETTERS and bool(_LONG_WORD.search(before))
    return before[-1] in '.,;:!?)”’"»…' and bool(_ROMAN.fullmatch(words))


def as_raised(char: str) -> str:
    """Return a digit or a sign marked as one that is raised, for `settle_line`."""
    return char.translate(_POWERS) if char.isdecimal() else char + _RAISED_SIGN


def has_raised(line: str) -> bool:
    """Return whether anything in a line is marked as raised, or is a raised figure."""
    return not line.isascii() and bool(_RAISED.search(line))


def settle_line(line: str, notes: Collection[str] = ()) -> str:
    """Return a line with its raised words settled."""
    settled, end = "", 0
    for match in _RAISED.finditer(line):
        settled += line[end : match.start()]
        words = settle_raised(settled[-CONTEXT:], match[0], line[match.end() :], notes)
        settled, end = settled + words, match.end()
        if not words and _STOP.match(line, end):
            # A mark kept this apart from its word.
            end += 1
        elif words.strip().isdecimal() and (gap := _GAP_IN_FRACTION.match(line, end)):
            end = gap.end()
    return settled + line[end:]


def find_note(line: str) -> str | None:
    """Return the raised mark with which a line begins, or None."""
    match = _RAISED.match(line)
    return match[0].translate(_PLAIN) if match else None
