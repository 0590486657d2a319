import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.dates import bounds, find_date, in_words, parse_bound, parse_date
from corpus.errors import UnreadableSource, UsageError

days = st.dates()
partial = st.builds(
    lambda day, parts: "-".join(day.isoformat().split("-")[:parts]), days, st.integers(1, 3)
)
INVALID = [
    "", "now", "93", "1993-13", "1993-00", "1993-02-29", "1993-9-31", "1993/09/27", "1993-09-",
    "1993-09-27-01", "27 September 1993", "0000", "-1993", "1993-09-27T10:00",
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "date"),
    [
        ("1993", "1993"),
        ("1993-9", "1993-09"),
        (" 1993-09-7 ", "1993-09-07"),
        ("1992-02-29", "1992-02-29"),
    ],
)
def test_a_date_is_read_as_far_as_it_is_known(words: str, date: str) -> None:
    assert parse_date(words, "event_date") == date


@pytest.mark.parametrize("words", INVALID)
def test_what_is_no_date_is_refused_by_the_name_of_its_field(words: str) -> None:
    with pytest.raises(UnreadableSource, match=f"event_date: {re.escape(repr(words))}"):
        parse_date(words, "event_date")


@pytest.mark.parametrize("words", INVALID)
@pytest.mark.parametrize("last", [False, True])
def test_a_bound_that_is_no_date_is_a_mistake_of_usage(words: str, last: bool) -> None:
    with pytest.raises(UsageError, match=re.escape(repr(words))):
        parse_bound(words, last=last)


@pytest.mark.parametrize(
    ("date", "first", "last"),
    [
        ("1993", "1993-01-01", "1993-12-31"),
        ("1993-02", "1993-02-01", "1993-02-28"),
        ("1992-02", "1992-02-01", "1992-02-29"),
        ("1993-12", "1993-12-01", "1993-12-31"),
        ("1993-09-27", "1993-09-27", "1993-09-27"),
        ("9999", "9999-01-01", "9999-12-31"),
        ("9999-12", "9999-12-01", "9999-12-31"),
        ("0001", "0001-01-01", "0001-12-31"),
    ],
)
def test_a_partial_date_stands_for_all_its_days(date: str, first: str, last: str) -> None:
    assert bounds(date) == (first, last)
    assert (parse_bound(date, last=False), parse_bound(date, last=True)) == (first, last)


@given(partial)
def test_the_first_day_is_never_after_the_last_and_both_are_of_the_date(date: str) -> None:
    first, last = bounds(date)
    assert first <= last
    assert first.startswith(date)
    assert last.startswith(date)
    if last != "9999-12-31":
        following = dt.date.fromisoformat(last) + dt.timedelta(days=1)
        assert not following.isoformat().startswith(date)


@given(partial)
def test_a_date_that_was_read_reads_the_same_again(date: str) -> None:
    assert parse_date(date, "date") == date


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("1993", "1993"),
        ("1993-07", "July 1993"),
        ("1993-07-06", "July 6, 1993"),
        ("1994-12-31", "December 31, 1994"),
    ],
)
def test_a_date_is_written_as_people_write_it(date: str, words: str) -> None:
    assert in_words(date) == words


@pytest.mark.parametrize(
    ("words", "date"),
    [
        ("Sent: Cork, May 3, 1871, at noon", "1871-05-03"),
        ("on the 3rd of May 1871", "1871-05-03"),
        ("3 May, 1871", "1871-05-03"),
        ("MAY 3RD 1871", "1871-05-03"),
        ("Sept. 9, 1993", "1993-09-09"),
        ("in September 1993", "1993-09"),
        ("1993.9.28", "1993-09-28"),
        ("平成5年9月28日発", "1993-09-28"),
        ("平成元年", "1989"),
        ("１９９３年９月", "1993-09"),
        ("February 30, 1993, or March 1, 1993", "1993-03-01"),
        ("no. 1993 of May", None),
        ("in 1993", None),
    ],
)
def test_a_written_date_is_found_among_other_words(words: str, date: str | None) -> None:
    found = find_date(words)
    assert (found[0] if found else None) == date


@given(st.dates(min_value=dt.date(1500, 1, 1), max_value=dt.date(2099, 12, 31)))
def test_a_date_in_words_is_found_again(date: dt.date) -> None:
    words = in_words(date.isoformat())
    assert find_date(f"on {words}, early") == (date.isoformat(), 3, 3 + len(words))
