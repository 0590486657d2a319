"""From text to the terms that are compared: one analyzer for passages, sentences and questions."""

import re
import unicodedata
from functools import lru_cache

import Stemmer

# Part of the index's identity: a change here makes every older index stale.
IDENTITY = "memcon-analyzer/1"

_CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
# Names that diplomatic records write in full and as initials alike.
_INITIALS = {
    "united states of america": "us",
    "united states": "us",
    "usa": "us",
    "united nations": "un",
    "united kingdom": "uk",
    "soviet union": "ussr",
}
_TOKEN = re.compile(
    rf"""
      (?P<initials>\b(?:(?i:united\s+states(?:\s+of\s+america)?|united\s+nations|united\s+kingdom
        |soviet\s+union)|USA?)\b)
    |
      (?P<acronym>(?:[^\W\d_]\.){{2,}})            # U.S., a.m.
    | (?P<number>\d+(?:[.,]\d+)*)                  # 1456, 1,456, 6.5
    | (?P<cjk>[{_CJK}]+)
    | (?P<word>[^\W\d_{_CJK}]+(?:['’][^\W\d_{_CJK}]+)*)
    """,
    re.VERBOSE,
)

STOP_WORDS = frozenset(
    [
        "a",
        "about",
        "above",
        "after",
        "again",
        "against",
        "all",
        "also",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "because",
        "been",
        "before",
        "being",
        "below",
        "between",
        "both",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "doing",
        "down",
        "during",
        "each",
        "few",
        "for",
        "from",
        "further",
        "had",
        "has",
        "have",
        "having",
        "he",
        "her",
        "here",
        "hers",
        "herself",
        "him",
        "himself",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "itself",
        "just",
        "me",
        "more",
        "most",
        "my",
        "myself",
        "no",
        "nor",
        "not",
        "now",
        "of",
        "off",
        "on",
        "once",
        "only",
        "or",
        "other",
        "our",
        "ours",
        "ourselves",
        "out",
        "over",
        "own",
        "same",
        "she",
        "should",
        "so",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "theirs",
        "them",
        "themselves",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "to",
        "too",
        "under",
        "until",
        "up",
        "us",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "whom",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
        "yours",
        "yourself",
        "yourselves",
        "s",
        "t",
    ]
)

_stem = Stemmer.Stemmer("english").stemWord


def analyze(text: str) -> list[str]:
    """Return the terms of a text, in order, stop words left out.

    Numbers keep their digits ("$1,456" is "1456"), acronyms lose their stops ("U.S." is "us"),
    Latin words lose their accents and inflection, runs of Chinese characters and kana become
    overlapping pairs.
    """
    terms: list[str] = []
    for match in _TOKEN.finditer(unicodedata.normalize("NFKC", text)):
        token = match[0]
        match match.lastgroup:
            case "word":
                term = _term(token)
                if term:
                    terms.append(term)
            case "initials":
                name = " ".join(token.lower().split())
                terms.append(_INITIALS.get(name, name))
            case "number":
                terms.append(token.replace(",", ""))
            case "acronym":
                name = token.replace(".", "").lower()
                terms.append(_INITIALS.get(name, name))
            case _:
                terms.extend(token[i : i + 2] for i in range(max(1, len(token) - 1)))
    return terms


@lru_cache(maxsize=200_000)
def _term(word: str) -> str:
    """Return the term of one word, empty for a stop word."""
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
