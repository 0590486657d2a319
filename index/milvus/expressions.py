"""Filters, phrases and exclusions as Milvus's boolean expressions, of names and numbers alone.

What people type never stands in an expression: names and terms are looked up first, and it is
their numbers that are asked for.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from index.retrieval.facets import DOCUMENT_FACETS, choose_names, find_days
from index.retrieval.filters import Filters
from index.retrieval.phrases import (
    Wanted,
    check_scanned,
    excluded_terms,
    make_matcher,
    sure_terms,
)

# What no passage fits.
NOTHING = "number < 0"
# A passage of more different terms than an array holds: its terms are checked where it is found.
WIDE = "wide == 1"


@dataclass(frozen=True, slots=True)
class Selection:
    """Passages that fit an expression, and of these the ones that pass every check.

    `required` are tests of a passage's text, `forbidden` those that it must fail; `excluded` are
    numbers of terms that it must not have.
    """

    expression: str = ""
    required: tuple[Callable[[str], bool], ...] = ()
    forbidden: tuple[Callable[[str], bool], ...] = ()
    excluded: frozenset[int] = frozenset()

    @property
    def reads_texts(self) -> bool:
        """Whether a passage's text decides."""
        return bool(self.required or self.forbidden)


def select(
    filters: Filters,
    wanted: Wanted,
    known: Callable[[str], Mapping[int, str]],
    forms: Callable[[str], Sequence[str]],
    number: Callable[[str], int | None],
    count: Callable[[str], int],
    documents: Sequence[int] | None = None,
) -> Selection | None:
    """Return what filters, phrases and exclusions select; None for everything.

    `known` gives the names of a facet by their numbers, `forms` the forms of a name, `number` that
    of a term, and `count` tells how many passages fit an expression; `documents` are the numbers
    of those that are to be searched, None for all.
    Raises UsageError for a name that nothing has, and for what cannot be looked up.
    """
    clauses = list(_filter(filters, known, forms)) if filters.given else []
    if documents is not None:
        clauses.append(f"document in {number_list(documents)}" if documents else NOTHING)
    required, forbidden = [], []
    excluded: set[int] = set()
    for phrase in wanted.phrases:
        terms = sure_terms(phrase)
        if terms:
            clauses.append(_having([number(term) for term in terms]))
        else:
            check_scanned(phrase, count(_all(clauses)))
        required.append(make_matcher(phrase))
    for words in wanted.excluded:
        terms = excluded_terms(words)
        numbers = [found for term in terms if (found := number(term)) is not None]
        if len(terms) == 1:
            excluded.update(numbers)
            clauses += [f"(not array_contains(terms, {found}) or {WIDE})" for found in numbers]
        else:
            if not sure_terms(words):
                check_scanned(words, count(_all(clauses)))
            forbidden.append(make_matcher(words))
    if not clauses and not required and not forbidden:
        # What is left out nothing has.
        return None
    return Selection(_all(clauses), tuple(required), tuple(forbidden), frozenset(excluded))


def number_list(numbers: Iterable[int]) -> str:
    """Return numbers as a list of an expression."""
    return f"[{', '.join(str(int(number)) for number in numbers)}]"


def _filter(
    filters: Filters,
    known: Callable[[str], Mapping[int, str]],
    forms: Callable[[str], Sequence[str]],
) -> Iterable[str]:
    chosen = choose_names(filters, known, forms)
    for facet in DOCUMENT_FACETS:
        if facet in chosen:
            yield f"{facet} in {number_list(chosen[facet])}"
    if "person" in chosen:
        yield f"array_contains_any(people, {number_list(chosen['person'])})"
    if "speaker" in chosen:
        listed = number_list(chosen["speaker"])
        yield f"(speaker in {listed} or person in {listed})"
    days = find_days(filters)
    if days:
        first, last = days
        event, own = (
            f"({date}_first > 0 and {date}_last >= {first} and {date}_first <= {last})"
            for date in ("event", "own")
        )
        yield f"({event} or {own})"


def _having(numbers: Sequence[int | None]) -> str:
    found = [number for number in numbers if number is not None]
    if len(found) < len(numbers):
        return NOTHING
    return f"(array_contains_all(terms, {number_list(sorted(set(found)))}) or {WIDE})"


def _all(clauses: Sequence[str]) -> str:
    return " and ".join(clauses)
