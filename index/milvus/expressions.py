"""Filters, phrases and exclusions as Milvus expressions, of fields and numbers alone.

Expressions never contain a user's words: names and terms are looked up first, and their numbers
are used.
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

# No passage fits this.
NOTHING = "number < 0"
# Marks a passage with more terms than an array holds; its terms are checked after the search.
WIDE = "wide == 1"


@dataclass(frozen=True, slots=True)
class Selection:
    """An expression, and checks of the passages that fit it.

    A text must pass all tests in `required` and none in `forbidden`; a passage must have no term in
    `excluded`.
    """

    expression: str = ""
    required: tuple[Callable[[str], bool], ...] = ()
    forbidden: tuple[Callable[[str], bool], ...] = ()
    excluded: frozenset[int] = frozenset()

    @property
    def reads_texts(self) -> bool:
        """Whether the checks read texts."""
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
    """Combine filters, phrases and exclusions into a selection; None selects everything.

    `known` gives the names of a facet by number, `forms` the forms of a name, `number` that of a
    term, `count` the passages that fit an expression; `documents` restricts the search to these
    numbers, None to none.
    Raises UsageError for an unknown name, and for a phrase that cannot be looked up.
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
        # Nothing has the excluded terms.
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
