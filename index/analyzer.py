"""From text to the terms that are compared: one analyzer for passages, sentences and questions."""

import re
import unicodedata
from functools import lru_cache

import Stemmer

# Part of the index's identity: a change here makes every older index stale.
IDENTITY = "memcon-analyzer/2"

CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_TOKEN = re.compile(
    rf"""
      (?:[^\W\d_{CJK}]++(?:['’][^\W\d_{CJK}]++)*+(?!\.[^\W\d_]\.))
    | (?:(?<![^\W\d_])(?:[^\W\d_]\.){{2,}})            # U.S., a.m.
    | (?:\d+(?:[.,]\d+)*)                  # 1456, 1,456, 6.5
    | (?:[{CJK}]+)
    """,
    re.VERBOSE,
)
# A word broken at the end of a line.
_BROKEN = re.compile(r"([^\W\d_]+)-\n([^\W\d_]+)")
# The same for text that is all ASCII, which takes half the time.
_ASCII_TOKEN = re.compile(
    r"[A-Za-z]++(?:'[A-Za-z]++)*+(?!\.[A-Za-z]\.)|(?<![A-Za-z])(?:[A-Za-z]\.){2,}"
    r"|[0-9]++(?:[.,][0-9]++)*+"
)
_RUN = re.compile(rf"[{CJK}]")
# In small letters it is a pronoun, which is a stop word.
_COUNTRY = frozenset({"US", "USA"})
_ACRONYM = re.compile(r"(?:[^\W\d_]\.){2,}")
# Names that records write in full and as initials alike: two terms, and the one for both.
_INITIALS = {
    ("unit", "state"): "us",
    ("us", "america"): "us",
    ("unit", "nation"): "un",
    ("unit", "kingdom"): "uk",
    ("soviet", "union"): "ussr",
}
_SECONDS = frozenset(second for _, second in _INITIALS)
# Terms that may be lost in another one, according to what stands beside them.
MERGED = frozenset(term for pair, both in _INITIALS.items() for term in (*pair, both))

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

# Its own cache is slower than no cache: what is remembered is remembered in `_term`.
_stem = Stemmer.Stemmer("english", 0).stemWord


def analyze(text: str) -> list[str]:
    """Return the terms of a text, in order, stop words left out.

    Numbers keep their digits ("$1,456" is "1456"), acronyms lose their stops ("U.S." is "us"),
    Latin words lose their accents and inflection, runs of Chinese characters and kana become
    overlapping pairs. A word broken at the end of a line counts whole and in its halves: its hyphen
    may be its own.
    """
    if "-\n" in text:
        text = " ".join([text, *(first + last for first, last in _BROKEN.findall(text))])
    if text.isascii():
        return _merge_names(list(filter(None, map(_term, _ASCII_TOKEN.findall(text)))))
    terms: list[str] = []
    for token in _TOKEN.findall(unicodedata.normalize("NFKC", text)):
        term = _term(token)
        if term:
            terms.append(term)
        elif term is None:
            terms.extend(token[i : i + 2] for i in range(max(1, len(token) - 1)))
    return _merge_names(terms)


def _merge_names(terms: list[str]) -> list[str]:
    """Return terms with those of a name that has initials made one."""
    if _SECONDS.isdisjoint(terms):
        return terms
    merged: list[str] = []
    for term in terms:
        if term in _SECONDS and merged and (merged[-1], term) in _INITIALS:
            merged[-1] = _INITIALS[merged[-1], term]
        else:
            merged.append(term)
    return merged


@lru_cache(maxsize=500_000)
def _term(token: str) -> str | None:
    """Return the term of one token, empty for a stop word, None for a run of characters."""
    if token in _COUNTRY:
        return "us"
    if token.isascii() and token.isalpha():
        # What follows, for the most words by far.
        lowered = token.lower()
        return "" if lowered in STOP_WORDS else str(_stem(lowered))
    if _RUN.match(token):
        return None
    if token[0].isdecimal():
        return token.replace(",", "")
    if _ACRONYM.fullmatch(token):
        return _term(token.replace(".", "").upper())
    lowered = token.replace("’", "'").lower()
    return "" if lowered.removesuffix("'s") in STOP_WORDS else str(_stem(_fold(lowered)))


def _fold(word: str) -> str:
    """Return a Latin word without its accents: "Shōwa" and "Showa" are one word."""
    if word.isascii():
        return word
    plain = "".join(
        char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char)
    )
    return plain if plain.isascii() else word
