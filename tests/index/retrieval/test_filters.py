import pytest

from corpus.errors import UsageError
from index.retrieval.filters import Filters


def test_filters_take_partial_dates_for_their_first_and_last_day() -> None:
    filters = Filters.parse(date_from="1993", date_to="1994-02", speaker="", kind="cable")
    assert filters == Filters("1993-01-01", "1994-02-28", None, None, "cable")
    assert filters.given
    assert not Filters.parse(speaker="", collection="", kind="").given


@pytest.mark.parametrize(
    ("first", "last"),
    [("yesterday", None), (None, "1993-13"), ("1993-02-30", None), ("1994", "1993"), ("93", None)],
)
def test_filters_refuse_what_is_no_span_of_dates(first: str | None, last: str | None) -> None:
    with pytest.raises(UsageError):
        Filters.parse(date_from=first, date_to=last)
