"""From text to the terms that are compared: one analyzer for passages, sentences and questions."""

import re
import unicodedata
from functools import lru_cache

import Stemmer

# Part of the index's identity: a change here makes every older index stale.
IDENTITY = "memcon-analyzer/1"

CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_TOKEN = re.compile(
    rf"""
      (?P<word>[^\W\d_{CJK}]++(?:['’][^\W\d_{CJK}]++)*+(?!\.[^\W\d_]\.))
    | (?P<acronym>(?<![^\W\d_])(?:[^\W\d_]\.){{2,}})            # U.S., a.m.
    | (?P<number>\d+(?:[.,]\d+)*)                  # 1456, 1,456, 6.5
    | (?P<cjk>[{CJK}]+)
    """,
    re.VERBOSE,
)
# Names that records write in full and as initials alike: two terms, and the one for both.
_INITIALS = {
    ("unit", "state"): "us",
    ("us", "america"): "us",
    ("unit", "nation"): "un",
    ("unit", "kingdom"): "uk",
    ("soviet", "union"): "ussr",
}
_FIRSTS = frozenset(first for first, _ in _INITIALS)

STOP_WORDS = frozenset(
    """
    a about above after again against all also am an and any are as at be because been
    before being below between both but by can could did do does doing down during each few
    for from further had has have having he her here hers herself him himself his how i if
    in into is it its itself just me more most my myself no nor not now of off on once only
    or other our ours ourselves out over own same she should so some such than that the
    their theirs them themselves then there these they this those through to too under until
    up us very was we were what when where which while who whom why will with would you your
    yours yourself yourselves s t
    """.split()
)

_stem = Stemmer.Stemmer("english").stemWord


def analyze(text: str) -> list[str]:
    """Return the terms of a text, in order, stop words left out.

    Numbers keep their digits ("$1,456" is "1456"), acronyms lose their stops ("U.S." is "us"),
    Latin words lose their accents and inflection, runs of Chinese characters and kana become
    overlapping pairs.
    """
    terms: list[str] = []
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    for match in _TOKEN.finditer(text):
        token = match[0]
        kind = match.lastgroup
        if kind == "word":
            term = _term(token)
            if not term:
                continue
            if terms and terms[-1] in _FIRSTS and (terms[-1], term) in _INITIALS:
                terms[-1] = _INITIALS[terms[-1], term]
            else:
                terms.append(term)
        elif kind == "number":
            terms.append(token.replace(",", ""))
        elif kind == "acronym":
            terms.append(_term(token.replace(".", "").upper()))
        else:
            terms.extend(token[i : i + 2] for i in range(max(1, len(token) - 1)))
    return [term for term in terms if term]


@lru_cache(maxsize=200_000)
def _term(word: str) -> str:
    """Return the term of one word, empty for a stop word."""
    # In capitals it is a country; in small letters a pronoun, which is a stop word.
    if word in {"US", "USA"}:
        return "us"
    word = word.replace("’", "'")
    lowered = word.lower()
    if lowered.removesuffix("'s") in STOP_WORDS:
        return ""
    return str(_stem(_fold(lowered)))


def _fold(word: str) -> str:
    """Return a Latin word without its accents: "Shōwa" and "Showa" are one word."""
    if word.isascii():
        return word
    plain = "".join(
        char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char)
    )
    return plain if plain.isascii() else word
