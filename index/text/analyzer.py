"""The analyzer: from the text of passages, sentences and questions to terms."""

import re
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

from corpus.letters import compose, fold_letters, strip_invisible
from corpus.patterns import lazy_pattern
from index.text.tables import read_lists

_LISTS = read_lists(__file__)

# Part of the index's identity: a change here makes every older index stale.
IDENTITY = "memcon-analyzer/4"

CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_TOKEN = lazy_pattern(
    rf"""
      (?:[^\W\d_{CJK}]++(?:['’][^\W\d_{CJK}]++)*+(?!\.[^\W\d_]\.))
    | (?:(?<![^\W\d_])(?:[^\W\d_]\.){{2,}})            # U.S., a.m.
    | (?:\d+(?:[.,]\d+)*)                  # 1456, 1,456, 6.5
    | (?:[{CJK}]+)
    """,
    re.VERBOSE,
)
# A word broken at the end of a line; its hyphen may belong to it.
_LINE_END = lazy_pattern(r"[-\u2010][ \t]*\n[ \t]*")
_LETTERS = lazy_pattern(r"[^\W\d_]+")
_LAST_LETTERS = lazy_pattern(r"[^\W\d_]+\Z")
# The same for ASCII text, in half the time.
_ASCII_TOKEN = re.compile(
    r"[A-Za-z]++(?:'[A-Za-z]++)*+(?!\.[A-Za-z]\.)|(?<![A-Za-z])(?:[A-Za-z]\.){2,}"
    r"|[0-9]++(?:[.,][0-9]++)*+"
)
_RUN = re.compile(rf"[{CJK}]")
# No word is longer.
_LONGEST = 60
# In lower case it is a pronoun, and a stop word.
_COUNTRY = frozenset({"US", "USA"})
_ACRONYM = re.compile(r"(?:[^\W\d_]\.){2,}")
# Names that records write in full or as initials: two terms, and the one for both.
_INITIALS = {
    ("unit", "state"): "us",
    ("us", "america"): "us",
    ("unit", "nation"): "un",
    ("unit", "kingdom"): "uk",
    ("soviet", "union"): "ussr",
}
_SECONDS = frozenset(second for _, second in _INITIALS)
# Terms that may merge with their neighbours into one.
MERGED = frozenset(term for pair, both in _INITIALS.items() for term in (*pair, both))

STOP_WORDS = frozenset(_LISTS["stop_words"].split())

# Past forms that stemming does not reduce to their verb, without those that are often words of
# their own, such as "found", "left", "rose" and "saw".
_IRREGULAR = dict(pair.split(":") for pair in _LISTS["irregular"].split())

# Its own cache is slower than none; `_term` caches instead.
_stem = Stemmer.Stemmer("english", 0).stemWord


def analyze(text: str) -> list[str]:
    """Return the terms of a text, in order, without stop words.

    Numbers keep their digits ("$1,456" is "1456"), acronyms lose their stops ("U.S." is "us"),
    Latin words lose their accents, strokes and inflection ("bought" is "buy"), runs of Chinese
    characters and kana become overlapping pairs; invisible characters separate no words. A word
    broken at the end of a line counts whole and as halves, since its hyphen may belong to it.
    """
    text = text if text.isascii() else strip_invisible(text)
    if "-\n" in text or "- \n" in text or "\u2010" in text:
        text = " ".join([text, *_join_broken(text)])
    if text.isascii():
        return _merge_names(list(filter(None, map(_term, _ASCII_TOKEN.findall(text)))))
    terms: list[str] = []
    for token in _TOKEN.findall(compose(text)):
        term = _term(token)
        if term:
            terms.append(term)
        elif term is None:
            terms.extend(token[i : i + 2] for i in range(max(1, len(token) - 1)))
    return _merge_names(terms)


def _join_broken(text: str) -> Iterator[str]:
    for match in _LINE_END.finditer(text):
        first = _LAST_LETTERS.search(text, max(0, match.start() - _LONGEST), match.start())
        last = _LETTERS.match(text, match.end())
        if first and last:
            yield first[0] + last[0]


def _merge_names(terms: list[str]) -> list[str]:
    """Merge the terms of each name that has initials."""
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
        # A short cut for most words.
        lowered = token.lower()
        return "" if lowered in STOP_WORDS else str(_stem(_IRREGULAR.get(lowered, lowered)))
    if _RUN.match(token):
        return None
    if token[0].isdecimal():
        return token.replace(",", "")
    if _ACRONYM.fullmatch(token):
        return _term(token.replace(".", "").upper())
    lowered = token.replace("’", "'").lower()
    stopped = lowered.removesuffix("'s") in STOP_WORDS
    return "" if stopped else str(_stem(_IRREGULAR.get(lowered) or fold_letters(lowered)))
