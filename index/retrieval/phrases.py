"""Exact words and excluded ones: "three-legged stool" must occur, -tariff must not."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Span
from corpus.errors import UsageError
from corpus.letters import strip_invisible
from index.retrieval.lexical import Lexical
from index.text.analyzer import CJK, MERGED, analyze
from index.text.folding import DASHES, QUOTES, fold

_OPERATOR = re.compile(
    r"(?<!\S)(?P<minus>-)?[\"“„](?P<phrase>[^\"“”„]*\w[^\"“”„]*)[\"”“](?!\w)"
    r"|(?<!\S)-(?P<word>[^\W\d_][^\s\"“”„]*)"
)
# A mark before a closing quotation mark is most often the user's own; the last of "U.S." is not.
_OWN_MARKS = re.compile(r"(?<!\.[^\W\d_])[.,;:!?]+$")
# The most passages to scan for a phrase without a term to look up.
_SCANNED = 5_000
_LINE_END = re.compile(r"(?<=[^\W\d_])[-\u2010][ \t]*\n[ \t]*(?=[^\W\d_])")
_SINGLE = re.compile(rf"[{CJK}]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question's words to rank by, words that must occur, and words that must not.

    `plain` is the question without operators; it includes the words of phrases.
    """

    plain: str
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


def parse_operators(question: str) -> Wanted:
    """Parse the operators of a question; raises UsageError if it only excludes words."""
    phrases, excluded, plain = [], [], []
    end = 0
    for match in _OPERATOR.finditer(question):
        plain.append(question[end : match.start()])
        end = match.end()
        words = _OWN_MARKS.sub("", (match["phrase"] or match["word"]).strip())
        if match["minus"] or match["word"]:
            excluded.append(words)
        else:
            phrases.append(words)
            plain.append(match["phrase"])
    plain.append(question[end:])
    rest = " ".join("".join(plain).split())
    if excluded and not re.search(r"\w", rest):
        raise UsageError("The question says only what to leave out.", 'memcon ask "rice -tariff"')
    return Wanted(rest, tuple(phrases), tuple(excluded))


def operator_spans(question: str) -> list[Span]:
    """Return the spans of a question's exact and excluded words."""
    return [Span(*match.span()) for match in _OPERATOR.finditer(question)]


def make_matcher(phrase: str) -> Callable[[str], bool]:
    """Return a test whether a text has a phrase, in any case, spacing and typography."""
    folded = fold(phrase, join=True).text.strip()
    pattern = "".join(_pattern(char) for char in folded)
    head = r"(?<!\w)" if folded[0].isalnum() and not _SINGLE.match(folded[0]) else ""
    tail = r"(?!\w)" if folded[-1].isalnum() and not _SINGLE.match(folded[-1]) else ""
    search = re.compile(head + pattern + tail, re.IGNORECASE).search

    def matches(text: str) -> bool:
        seen = strip_invisible(text)
        if search(seen):
            return True
        # A hyphen at the end of a line may not belong to the word.
        joined = _LINE_END.sub("", seen) if "\n" in seen else seen
        return joined != seen and search(joined) is not None

    return matches


def narrow(
    wanted: Wanted,
    among: NDArray[np.int32] | None,
    lexical: Lexical,
    text_of: Callable[[int], str],
) -> NDArray[np.int32] | None:
    """Return the passages of `among` with every phrase and no excluded words.

    `text_of` gives a passage's text by its number. None stands for all passages.
    """
    for phrase in wanted.phrases:
        among = _with_phrase(phrase, among, lexical, text_of)
    for words in wanted.excluded:
        among = _without(words, among, lexical, text_of)
    return among


def sure_terms(phrase: str) -> list[str]:
    """Return the terms that every passage with a phrase has."""
    return [term for term in analyze(phrase) if _is_sure(term)]


def excluded_terms(words: str) -> list[str]:
    """Return the terms of excluded words; raises UsageError if there are none."""
    terms = analyze(words)
    if not terms:
        raise UsageError(f"“{words}” cannot be left out: the index does not have such words.")
    return terms


def check_scanned(phrase: str, passages: int) -> None:
    """Raise UsageError if a phrase without a sure term needs a scan of too many passages."""
    if passages > _SCANNED:
        raise UsageError(f"The phrase “{phrase}” has no word that the index can look up.")


def _with_phrase(
    phrase: str,
    among: NDArray[np.int32] | None,
    lexical: Lexical,
    text_of: Callable[[int], str],
) -> NDArray[np.int32]:
    terms = sure_terms(phrase)
    if terms:
        candidates = _having(terms, lexical)
        if among is not None:
            candidates = np.intersect1d(candidates, among, assume_unique=True)
    else:
        candidates = np.arange(lexical.passages, dtype=np.int32) if among is None else among
        check_scanned(phrase, len(candidates))
    matches = make_matcher(phrase)
    return np.array([n for n in candidates.tolist() if matches(text_of(n))], np.int32)


def _without(
    words: str,
    among: NDArray[np.int32] | None,
    lexical: Lexical,
    text_of: Callable[[int], str],
) -> NDArray[np.int32]:
    terms = excluded_terms(words)
    if len(terms) == 1:
        gone: NDArray[np.int32] = lexical.owners(terms[0])
    else:
        gone = _with_phrase(words, among, lexical, text_of)
    rest = np.arange(lexical.passages, dtype=np.int32) if among is None else among
    return np.setdiff1d(rest, gone, assume_unique=True)


def _having(terms: Sequence[str], lexical: Lexical) -> NDArray[np.int32]:
    """Return the passages that have all of these terms, ascending."""
    lists = sorted((lexical.owners(term) for term in set(terms)), key=len)
    found = np.asarray(lists[0])
    for owners in lists[1:]:
        found = np.intersect1d(found, owners, assume_unique=True)
    return found


def _is_sure(term: str) -> bool:
    """Return whether all passages with a phrase have this term of it.

    A single Chinese character is part of a pair in running text, and "States" part of "United
    States", which is one term.
    """
    return not (_SINGLE.fullmatch(term) or term in MERGED)


def _pattern(char: str) -> str:
    if char == " ":
        return r"\s+"
    if char == "'":
        return f"[{QUOTES}]"
    if char == "-":
        return rf"\s*[{DASHES}]+\s*"
    return re.escape(char)
