"""Parse a question into what the rankings need: weighted terms, names, dates and answer types.

A topic is a heading as in the index of a book, "Rogers, William, Role of Secretary of State"; a
question is a sentence.
"""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from corpus.dates import MONTHS
from corpus.patterns import lazy_pattern
from index.text.analyzer import CJK, analyze
from index.text.tables import read_lists
from index.understanding.answer_types import counted_term, defined_terms, expected_types
from index.understanding.dates import read_months
from index.understanding.entities import find_capitalised, find_numbers
from index.understanding.speakers import find_speaker, speaker_terms

_LISTS = read_lists(__file__)

# Words that carry a question rather than its subject. In a small archive they are rare, and would
# otherwise count as much as a name.
LIGHT = frozenset(analyze(_LISTS["light"]))
LIGHT_WEIGHT = 0.3
# Subheadings of an index, which are rarely words of the text.
_DIVIDING = frozenset(analyze(_LISTS["dividing"]))
_DIVIDING_WEIGHT = 0.4
# A heading above another, and the given names of an inverted name.
_HEAD_WEIGHT = 0.85
_GIVEN_WEIGHT = 0.3
_GIVEN_ALONE_WEIGHT = 0.5
# Pairs of characters with kana in them are mostly grammar.
_KANA_WEIGHTS = {1: 0.5, 2: 0.2}
_KANA = lazy_pattern(r"[\u3041-\u309f]")
_CJK = lazy_pattern(f"[{CJK}]")

_SENTENCE = lazy_pattern(
    r"[?？。]\s*$"
    r"|^(?:and |but |so )?(?:(?:in|on|at|to|by|from|for|of) )?"
    r"(?:who|whom|whose|what|when|where|why|which|how|wich|wat)\b"
    r"|^(?:is|are|was|were|do|does|did|can|could|may|might|will|would|should|has|have|had"
    r"|tell|show|list|name|give|find|describe|explain)\b",
    re.IGNORECASE,
)
_REFERENCE = lazy_pattern(
    r"\s*[(\[]see\b[^)\]]*[)\]]?|(?:^|[;,.])?\s*\bsee (?:also|under)\b.*$", re.IGNORECASE
)
_GIVEN = r"(?:[^\W\d_a-z][^\W\d_A-Z]+(?:-[^\W\d_]+)?|[A-Z]\.)"
_INVERTED = lazy_pattern(
    r"(?P<family>[^\W\d_a-z][\w’'-]+(?: [^\W\d_a-z][\w’'-]+)?), "
    rf"(?P<given>{_GIVEN}(?: {_GIVEN}){{0,2}})"
    r"(?=$|[,:;]| \()"
)
_INITIAL = lazy_pattern(r"\b[A-Z]\.")
_DIVISION = lazy_pattern(r"\s*[,;:]\s+|\s+[–—]\s+")

_MONTH_STEMS = frozenset(month[:3].lower() for month in MONTHS)


@dataclass(frozen=True, slots=True)
class Question:
    """A parsed question.

    `kind` is "topic" or "question". `text` is what the encoder reads: for a topic, without
    references to other headings, names in their natural order. `weights` has the weight of each
    term, `pairs` the adjacent terms, `expected` the answer types. `names`, `numbers` and `speaker`
    are terms; `speaker_name` is how the question names the person whose words it asks for. `dates`
    are months and years, ISO 8601. `counted` is the term to count, `defined` those to define.
    """

    kind: str
    text: str
    weights: dict[str, float]
    pairs: tuple[tuple[str, str], ...] = ()
    expected: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    speaker: frozenset[str] = frozenset()
    speaker_name: str = ""
    dates: tuple[str, ...] = ()
    counted: str = ""
    defined: frozenset[str] = frozenset()


def read_question(plain: str) -> Question:
    """Parse a question; `plain` is without operators."""
    if _SENTENCE.search(plain) or _CJK.search(plain):
        weights = {term: times * _weight(term) for term, times in Counter(analyze(plain)).items()}
        kind, text = "question", plain
    else:
        kind, text, weights = _read_topic(plain)
    terms = [term for term in analyze(text) if term in weights]
    speaker_name = find_speaker(plain)
    return Question(
        kind=kind,
        text=text,
        weights=weights,
        pairs=tuple(dict.fromkeys(pair for pair in pairwise(terms) if pair[0] != pair[1])),
        expected=expected_types(plain),
        names=_find_names(plain),
        numbers=tuple(
            dict.fromkeys(term for number in find_numbers(text) for term in analyze(number))
        ),
        speaker=speaker_terms(speaker_name),
        speaker_name=speaker_name,
        dates=read_months(plain),
        counted=counted_term(plain),
        defined=defined_terms(plain),
    )


def _find_names(plain: str) -> tuple[str, ...]:
    """Return the terms of a question's names; none for a question all in capitals."""
    words = [word for word in plain.split()[1:] if word[:1].isalpha()]
    if 2 * sum(word[0].isupper() for word in words) > len(words) > 2:
        return ()
    terms = (term for name in find_capitalised(plain) for term in analyze(name))
    return tuple(dict.fromkeys(term for term in terms if term[:3] not in _MONTH_STEMS))


def _read_topic(plain: str) -> tuple[str, str, dict[str, float]]:
    rest = _REFERENCE.sub("", plain).strip(" ,;:") or plain
    weights: dict[str, float] = {}
    words = []
    name = _INVERTED.match(rest)
    # "Europe, Germany" has one word each, as "Rogers, William" has; two words need an initial.
    if name and (_INITIAL.search(name["given"]) or " " not in name["family"] + name["given"]):
        rest = rest[name.end() :].lstrip(" ,:;")
        initials = bool(_INITIAL.search(name["given"]))
        given = _GIVEN_WEIGHT if initials else _GIVEN_ALONE_WEIGHT
        _add(weights, _INITIAL.sub("", name["given"]), given)
        _add(weights, name["family"], _HEAD_WEIGHT if rest else 1.0)
        words.append(f"{name['given']} {name['family']}")
    parts = [part for part in _DIVISION.split(rest) if part]
    for place, part in enumerate(parts, start=1):
        _add(weights, part, 1.0 if place == len(parts) else _HEAD_WEIGHT)
        words.append(part)
    return "topic", ", ".join(words), weights


def _add(weights: dict[str, float], words: str, weight: float) -> None:
    for term in analyze(words):
        own = min(_weight(term), _DIVIDING_WEIGHT if term in _DIVIDING else 1.0)
        weights[term] = max(weights.get(term, 0.0), weight * own)


def _weight(term: str) -> float:
    """Return the base weight of a term, 0 to 1."""
    if term in LIGHT:
        return LIGHT_WEIGHT
    return _KANA_WEIGHTS.get(len(_KANA.findall(term)), 1.0) if len(term) <= 2 else 1.0
