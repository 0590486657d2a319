"""Countries and their peoples, in the English of two centuries.

The file `countries.tsv` beside this module has the names of a country and, after a tab, its
adjectives and people. It covers the countries most frequent in diplomatic records.
"""

import re
from functools import cache

from index.text.tables import read_rows

_THE = re.compile(r"the ", re.IGNORECASE)


@cache
def _forms() -> dict[str, tuple[str, ...]]:
    known: dict[str, tuple[str, ...]] = {}
    for row in read_rows(__file__):
        countries, peoples = (cell.split(", ") for cell in row)
        for country in countries:
            known[country.lower()] = (*countries, *peoples)
        for people in peoples:
            known.setdefault(people.lower(), (*countries, *peoples))
    return known


def country_forms(words: str) -> tuple[str, ...]:
    """Return the one-word forms of a country and its people, given any of them; else nothing.

    Names of several words are left out, as none of their words alone means the country.
    """
    found = _forms().get(_THE.sub("", words, count=1).lower(), ())
    return tuple(each for each in found if " " not in each)


def is_country(words: str) -> bool:
    """Return whether words name a country or its people."""
    return _THE.sub("", words, count=1).lower() in _forms()


def is_people(word: str) -> bool:
    """Return whether a word is the adjective of a country or its people: "French", "Germans"."""
    folded = word.lower()
    forms = {folded, folded.removesuffix("s"), re.sub("men$", "man", folded)}
    return not forms.isdisjoint(_peoples()) and folded not in _countries()


@cache
def _countries() -> frozenset[str]:
    return frozenset(each.lower() for row in read_rows(__file__) for each in row[0].split(", "))


@cache
def _peoples() -> frozenset[str]:
    return frozenset(each.lower() for row in read_rows(__file__) for each in row[1].split(", "))
