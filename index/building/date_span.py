"""The days that an archive's documents are dated from and to."""

import datetime as dt

import numpy as np
from numpy.typing import NDArray

# One date this far from all others is taken for a misprint, in an archive with this many of them.
_YEARS_APART = 20
_DOCUMENTS = 20


def find_span(first: NDArray[np.int32], last: NDArray[np.int32]) -> tuple[str | None, str | None]:
    """Return the first and the last day of all dates, as ISO dates; None where there is no date.

    A date is given by its first and last day, as ordinals. A single date more than 20 years from
    every other one does not count where there are 20 or more: one misprint must not set what an
    archive is said to cover.
    """
    return _end(np.sort(first)[:2], len(first)), _end(np.sort(last)[::-1][:2], len(last))


def _end(days: NDArray[np.int32], dates: int) -> str | None:
    if not dates:
        return None
    ends = [dt.date.fromordinal(day) for day in days.tolist()]
    misprinted = dates >= _DOCUMENTS and abs(ends[0].year - ends[1].year) > _YEARS_APART
    return ends[int(misprinted)].isoformat()
