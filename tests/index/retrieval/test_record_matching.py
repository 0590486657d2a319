"""Tests of the comparison of records' names and kinds."""

from collections.abc import Sequence

import pytest

from index.retrieval.record_matching import compare_kinds, name_tokens


@pytest.mark.parametrize(
    ("words", "tokens"),
    [
        ("Lord John Russell", ("john", "russell")),
        ("Secretary of the Navy Swanson", ("swanson",)),
        ("Minister in Egypt", ()),
        ("British Embassy", ()),
        ("The Secretary of State", ()),
        ("President of the Harbour Board", ()),
        ("Colonel House", ("house",)),
        ("W. H. Seward", ("seward",)),
        ("Miguel Araújo, Minister", ("miguel", "araujo")),
        ("Joseph Grew, Jr.", ("joseph", "grew")),
        ("細川護熙", ("細川護熙",)),
    ],
)
def test_a_name_is_told_from_titles_and_offices(words: str, tokens: Sequence[str]) -> None:
    assert name_tokens(words) == tuple(tokens)


@pytest.mark.parametrize(
    ("asked", "known", "how"),
    [
        ("cables", "telegram", 1),
        ("dispatch", "letter", 1),
        ("letter", "telegram", -1),
        ("telegram", None, 0),
        ("note", "aide-mémoire", 0),
        ("memorandum", "memorandum of conversation", 1),
        ("memorandum of conversation", "memorandum", -1),
        ("message", "telegram", 0),
        ("instruction", "telegram", 0),
        ("telegram", "editorial note", -1),
    ],
)
def test_kinds_are_compared_as_people_name_them(asked: str, known: str | None, how: int) -> None:
    assert compare_kinds(asked, known) == how
