"""Letters as they are compared: without invisible characters, accents and strokes.

The stored text keeps all of it; searching ignores it.
"""

import re
import unicodedata
from functools import lru_cache

# What Unicode calls default ignorable (soft hyphens, joiners, marks of direction, selectors of
# variants), and the two code points that some PDFs have for a hyphen at the end of a line.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Hyphens at the end of a line that belong to the line, and one that may belong to the word.
SOFT_HYPHENS = "\u00ad\u00ac\ufffe"
# Most texts have only these ranges; anything else is examined closely.
_ODD = re.compile("[^\0-\u00ab\u00ae-\u02ff\u0370-\u0482\u048a-\u0590\u2010-\u2027\u2030-\u205e"
                  "\u2070-\u218f\u3000-\u3163\u3165-\ud7ff]")  # fmt: skip
_INVISIBLE = re.compile(f"[{INVISIBLE}]+")
_SOFT_BREAK = re.compile(rf"(?<=[^\W\d_])[{SOFT_HYPHENS}]+[ \t]*\r?\n[ \t]*(?=[^\W\d_])")
# Vowel signs of Hebrew and Arabic and the stroke that stretches a word, which most texts leave out.
# And the accents that no letter takes up.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
                    "\u0610-\u061a\u0640\u064b-\u0655\u0670\u06d6-\u06dc]+")  # fmt: skip
# Letters that Unicode does not take apart, as they are typed on a keyboard without them; and the
# marks by which romanised Arabic, Hebrew and Hawaiian are written.
_STROKES = dict(
    pair.split(":")
    for pair in (
        "ł:l đ:d ø:o ß:ss æ:ae œ:oe þ:th ð:d ħ:h ŧ:t ŋ:n ƀ:b ɓ:b ɖ:d ɗ:d ƙ:k ɛ:e ə:e ǝ:e ɔ:o ƴ:y"
        " ɨ:i ʉ:u ƶ:z ɣ:g"
    ).split()
)
_PLAIN = str.maketrans(
    {
        **_STROKES,
        **{letter.upper(): plain.upper() for letter, plain in _STROKES.items() if letter != "ß"},
        **dict(pair.split(":") for pair in "ẞ:SS ı:i ĸ:k ƒ:f ȷ:j ſ:s".split()),
        **dict.fromkeys("ʻʾʿˈˌʹʺ", ""),
    }
)
_STROKED = re.compile(f"[{''.join(map(chr, _PLAIN))}]+")
# What other scripts write with and without: the stress of Greek, ё, and the bearers of hamza.
_OTHER = str.maketrans({"ς": "σ", "ё": "е", "Ё": "Е", "ѐ": "е", "ѝ": "и",
                        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا"})  # fmt: skip
_GREEK = re.compile("[\u0370-\u03ff\u1f00-\u1fff]")


def strip_invisible(text: str) -> str:
    """Remove invisible characters, and join the words that they broke at the end of a line."""
    if text.isascii() or not _ODD.search(text):
        return text
    return _INVISIBLE.sub("", _SOFT_BREAK.sub("", text))


def find_invisible(text: str) -> list[tuple[int, int]]:
    """Return the spans that `strip_invisible` removes, in order."""
    if text.isascii():
        return []
    found = [match.span() for match in _SOFT_BREAK.finditer(text)]
    breaks = {place for span in found for place in range(*span)}
    found += [match.span() for match in _INVISIBLE.finditer(text) if match.start() not in breaks]
    return sorted(found)


def compose(text: str) -> str:
    """Return a text in compatibility forms (NFKC), without marks that would part its words."""
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFKC", strip_invisible(text))
    return _MARKS.sub("", composed) if _ODD.search(composed) else composed


def fold_letters(word: str) -> str:
    """Return a word without accents and strokes: "Wałęsa" is "Walesa", "Groß" is "Gross".

    Other scripts lose only what their own texts often leave out.
    """
    if word.isascii():
        return word
    plain = strip_accents(word).translate(_PLAIN)
    if plain.isascii():
        return plain
    return (strip_accents(word) if _GREEK.search(word) else word).translate(_OTHER)


def fold_strokes(text: str) -> str:
    """Return a text whose letters that Unicode does not take apart are plain; accents stay."""
    return text if text.isascii() else _STROKED.sub(lambda match: match[0].translate(_PLAIN), text)


@lru_cache(maxsize=4096)
def fold_letter(char: str) -> str:
    """Return the first character that a letter is folded to."""
    return fold_letters(char)[:1] or char


def strip_accents(word: str) -> str:
    """Return a word without its combining marks."""
    return "".join(
        char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char)
    )
