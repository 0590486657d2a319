"""The days that an archive's documents are dated from and to."""

import datetime as dt
import heapq
from collections.abc import Sequence

from corpus.dates import bounds

# One date this far from all others is taken for a misprint, in an archive with this many of them.
_YEARS_APART = 20
_DOCUMENTS = 20


class DateSpan:
    """Collects the dates of documents, and finds the first and the last day of them all.

    A single date more than 20 years from every other one does not count where 20 documents or more
    are dated: one misprint must not set what an archive is said to cover.
    """

    def __init__(self) -> None:
        self._count = 0
        self._first: list[str] = []
        self._last: list[str] = []

    def add(self, date: str | None) -> None:
        """Take in the date of a document, which may be partial; None counts for nothing."""
        if date is None:
            return
        first, last = bounds(date)
        self._count += 1
        self._first = heapq.nsmallest(2, [*self._first, first])
        self._last = heapq.nlargest(2, [*self._last, last])

    @property
    def first(self) -> str | None:
        """The first day, as an ISO date; None where no document is dated."""
        return self._end(self._first)

    @property
    def last(self) -> str | None:
        """The last day, as an ISO date; None where no document is dated."""
        return self._end(self._last)

    def _end(self, days: Sequence[str]) -> str | None:
        if not days:
            return None
        if self._count < _DOCUMENTS:
            return days[0]
        one, other = (dt.date.fromisoformat(day) for day in days)
        return days[1] if abs(one.year - other.year) > _YEARS_APART else days[0]
