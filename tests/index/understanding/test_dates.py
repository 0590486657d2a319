"""Tests of the dates of questions."""

import pytest

from index.understanding.dates import find_date_spans, read_months
from index.understanding.entities import NAME, find_entities
from index.understanding.names import Names


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What did Vane write on May 5, 1870, and in June?", ["May 5, 1870", "June"]),
        ("the 3rd of Sept. 1901", ["3rd of Sept. 1901"]),
        ("May the consul leave in May 1870?", ["May 1870"]),
        ("the talks of 1871-05-09 and the 1870s", ["1871-05-09", "1870s"]),
        ("Mayor Marchbanks asked Augusta", []),
    ],
)
def test_dates_are_found_down_to_a_lone_month(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in find_date_spans(text)] == found


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("the 5th of April, 1870", ("1870-04",)),
        ("in november 1925 and in 1926", ("1925-11", "1926")),
        ("the years 1936-37", ("1936",)),
        ("1861年4月10日の電報", ("1861-04",)),
        ("on May 3", ()),
    ],
)
def test_months_and_years_are_read_as_iso_dates(text: str, months: tuple[str, ...]) -> None:
    assert read_months(text) == months


def test_a_name_that_begins_like_a_month_is_a_name() -> None:
    (entity,) = find_entities("what did Mayorvale answer?", Names([]))
    assert (entity.kind, entity.words) == (NAME, "Mayorvale")
