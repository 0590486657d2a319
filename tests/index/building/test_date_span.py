import numpy as np

from corpus.dates import bounds
from index.building.date_span import find_span
from index.retrieval.record_files import ordinal


def span(*dates: str) -> tuple[str | None, str | None]:
    days = [tuple(map(ordinal, bounds(date))) for date in dates]
    first, last = np.array(days, np.int32).reshape(-1, 2).T
    return find_span(first, last)


def test_a_span_reaches_from_the_first_day_to_the_last() -> None:
    assert span() == (None, None)
    assert span("1871-05", "1872") == ("1871-05-01", "1872-12-31")


def test_one_misprint_does_not_set_the_span_of_many_dates() -> None:
    many = [f"1871-03-{day:02}" for day in range(1, 21)]
    assert span("1781-03-04", *many, "1971-03-04") == ("1871-03-01", "1871-03-20")
    # Two dates bear each other out, and a few documents may be of any time.
    assert span("1781-03-04", "1785", *many)[0] == "1781-03-04"
    assert span("1781-03-04", "1871")[0] == "1781-03-04"
    assert span("1860-03-04", *many)[0] == "1860-03-04"
