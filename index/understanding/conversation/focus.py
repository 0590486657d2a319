"""The focus of a follow-up question: what it asks for that the last one did not.

"And the United States?" has the United States as its focus, "And in 1873?" that year. A text
matches a person by any part of the name, and other names and numbers by all of their words.
"""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from index.text.analyzer import analyze
from index.text.tables import read_lists
from index.understanding.conversation import followups
from index.understanding.countries import country_forms
from index.understanding.entities import DATE, PERSON, find_entities
from index.understanding.names import Names
from index.understanding.questions import LIGHT
from index.understanding.speakers import TITLES

_LISTS = read_lists(__file__)

# "What was his answer?", "How did they react?": a text with one of these words answers.
_ANSWER = re.compile(
    r"\b(?:answer|reply|response|reaction)\b|\b(?:respond|react)\b"
    r"|\bdid [\w’' .-]+ say (?:to|about|of) (?:it|that|this)\b",
    re.IGNORECASE,
)
_ANSWERING = frozenset(analyze(_LISTS["answering"]))
# Terms with this many first letters in common are forms of one word.
_ROOT = 4


@dataclass(frozen=True, slots=True)
class Focus:
    """One thing that a follow-up newly asks for: its kind of entity, or "", and its terms.

    Any of the `synonyms`, such as the people of a country, stands for all terms.
    """

    kind: str
    terms: frozenset[str]
    synonyms: frozenset[str] = frozenset()


def find_focus(question: str, last: str, names: Names) -> tuple[Focus, ...]:
    """Return the focus of a follow-up: what it asks for and the last question did not."""
    before = set(analyze(last))
    entities = find_entities(question, names)
    found = []
    for entity in entities:
        terms = frozenset(analyze(entity.words)) - TITLES
        # Of a date, only the parts that the last question lacks are new.
        if terms and not terms <= before:
            new = terms - before if entity.kind == DATE else terms
            synonyms = frozenset(analyze(" ".join(country_forms(entity.words))))
            found.append(Focus(entity.kind, new, synonyms))
    fragment = followups.detect_followup(question, entities).fragment
    if fragment and not found:
        terms = frozenset(analyze(fragment)) - LIGHT
        if terms and not terms <= before:
            found.append(Focus("", terms - before))
    if _ANSWER.search(question) and not _ANSWER.search(last):
        found.append(Focus("", frozenset(analyze("answer")), _ANSWERING))
    return tuple(found)


def matches_focus(asked: Iterable[Focus], text: str, about: str) -> bool:
    """Return whether a text, with its speaker and date in `about`, has all that is asked for."""
    held = set(analyze(f"{text}\n{about}"))
    return all(_holds(each, held) for each in asked)


def _holds(asked: Focus, held: AbstractSet[str]) -> bool:
    roots = {term[:_ROOT] for term in held if len(term) >= _ROOT}
    kept = [
        term in held or (not term.isdigit() and len(term) >= _ROOT and term[:_ROOT] in roots)
        for term in sorted(asked.terms)
    ]
    if asked.kind == PERSON:
        return any(kept)
    return all(kept) or not asked.synonyms.isdisjoint(held)
