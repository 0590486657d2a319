"""Dates of which only a part may be known: "1993", "1993-09", "1993-09-27"."""

import datetime as dt
import re

from corpus.errors import UnreadableSource, UsageError

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def parse_date(words: str, name: str) -> str:
    """Return an ISO 8601 date, full or partial; raises UnreadableSource naming `name`."""
    parts = _split(words)
    if parts is None:
        raise UnreadableSource(f"{name}: {words!r} is not a date such as 1993-09-27 or 1993-09")
    return "-".join(f"{part:0{width}}" for part, width in zip(parts, (4, 2, 2), strict=False))


def parse_bound(words: str, *, last: bool) -> str:
    """Return the first (or last) day that a date a person typed stands for.

    Raises UsageError for what is no date.
    """
    parts = _split(words)
    if parts is None:
        raise UsageError(f"{words!r} is not a date. Dates look like 1993-09-27, 1993-09 or 1993.")
    return _day(parts, last=last)


def bounds(date: str) -> tuple[str, str]:
    """Return the first and the last day that a partial date stands for."""
    parts = [int(part) for part in date.split("-")]
    return _day(parts, last=False), _day(parts, last=True)


def in_words(date: str) -> str:
    """Return a date as people write it: "September 27, 1993", "September 1993", "1993"."""
    parts = [int(part) for part in date.split("-")]
    match parts:
        case [year]:
            return str(year)
        case [year, month]:
            return f"{_MONTHS[month - 1]} {year}"
        case [year, month, day]:
            return f"{_MONTHS[month - 1]} {day}, {year}"
    return date


def _split(words: str) -> list[int] | None:
    match = _PARTIAL.fullmatch(words.strip())
    if not match:
        return None
    parts = [int(part) for part in match.groups() if part]
    try:
        dt.date(*[*parts, 1, 1][:3])
    except ValueError:
        return None
    return parts


def _day(parts: list[int], *, last: bool) -> str:
    year, month, day = [*parts, 0, 0][:3]
    if not last:
        return dt.date(year, month or 1, day or 1).isoformat()
    if day:
        return dt.date(year, month, day).isoformat()
    month = month or 12
    # The day before the first of the next month; December 9999 has none.
    if (year, month) == (9999, 12):
        return "9999-12-31"
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return (following - dt.timedelta(days=1)).isoformat()
