"""What a follow-up question asks for that the one before did not, and whether words have it.

"And the United States?" asks for the United States; "And in 1873?" for that year. Of a person any
part of the name will do, of other names and of numbers all of their words, in some form.
"""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from index.text.analyzer import analyze
from index.understanding.conversation import followups
from index.understanding.countries import peoples_of
from index.understanding.entities import DATE, PERSON, find_entities
from index.understanding.names import Names
from index.understanding.questions import LIGHT
from index.understanding.speakers import TITLES

# "What was his answer?", "How did they react?" ask for what one of these words has, or the like.
_ANSWER = re.compile(
    r"\b(?:answer|reply|response|reaction)\b|\b(?:respond|react)\b"
    r"|\bdid [\w’' .-]+ say (?:to|about|of) (?:it|that|this)\b",
    re.IGNORECASE,
)
_ANSWERING = frozenset(
    analyze(
        """
        accept add admit agree answer argue assent assure call complain concede confirm consent
        declare decline demand deny describe explain insist maintain object observe offer promise
        propose protest react refuse regret reject remark reply respond say said threaten
        warn welcome
        """
    )
)
# So many letters in common are one word in two forms that the stems tell apart.
_ROOT = 4


@dataclass(frozen=True, slots=True)
class Focus:
    """A thing that is newly asked for, of one of the kinds of entity or of none, as terms.

    `synonyms` are other terms of which one will do, such as the people of a country.
    """

    kind: str
    terms: frozenset[str]
    synonyms: frozenset[str] = frozenset()


def find_focus(question: str, last: str, names: Names) -> tuple[Focus, ...]:
    """Return what a question that leans on the last one asks for, and that one did not."""
    before = set(analyze(last))
    entities = find_entities(question, names)
    found = []
    for entity in entities:
        terms = frozenset(analyze(entity.words)) - TITLES
        # A year that goes on from the last question's day is not new; another month of it is.
        if terms and not terms <= before:
            new = terms - before if entity.kind == DATE else terms
            found.append(Focus(entity.kind, new, _find_synonyms(entity.words)))
    piece = followups.detect_followup(question, entities).piece
    if piece and not found:
        terms = frozenset(analyze(piece)) - LIGHT
        if terms and not terms <= before:
            found.append(Focus("", terms - before))
    if _ANSWER.search(question) and not _ANSWER.search(last):
        found.append(Focus("", frozenset(analyze("answer")), _ANSWERING))
    return tuple(found)


def matches_focus(asked: Iterable[Focus], text: str, about: str) -> bool:
    """Tell whether a text, or what is known of its speaker and date, has what is asked for."""
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


def _find_synonyms(words: str) -> frozenset[str]:
    return frozenset(term for people in peoples_of(words) for term in analyze(people))
