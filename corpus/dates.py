"""Dates, full or partial ("1993", "1993-09"), and dates as records write them."""

import datetime as dt
import re
from collections.abc import Iterator

from corpus.errors import UnreadableSource, UsageError
from corpus.patterns import lazy_pattern

_PARTIAL = lazy_pattern(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
MONTHS = tuple(
    "January February March April May June July August September October November December".split()
)
# Japanese eras and the year before the first of each.
ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
# A pattern for the name of a month, whole, or short as in "Sep" and "Sept".
NAMED_MONTH = "|".join(f"{month[:3]}(?:{month[3:]}|t)?" for month in MONTHS)
# The day may be missing, where it was blacked out.
_WRITTEN = lazy_pattern(
    rf"""
      \b(?P<month>{NAMED_MONTH})\b\.?,?\s*(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|d)?\b)?\s*,?\s*
      (?P<year>1[5-9]\d\d|20\d\d)\b
    | \b(?:(?P<day_first>\d{{1,2}})(?:st|nd|rd|th|d)?\s+(?:(?:day\s+)?of\s+)?)?
      (?P<month_second>{NAMED_MONTH})\b\.?,?\s+(?P<year_last>1[5-9]\d\d|20\d\d)\b
    | \b(?P<iso>(?:1[5-9]|20)\d\d[-./]\d{{1,2}}[-./]\d{{1,2}})\b
    | (?:(?P<era>{"|".join(ERAS)})\s*(?P<era_year>元|\d{{1,2}})|(?P<western>\d{{4}}))\s*年
      (?:\s*(?P<month_cjk>\d{{1,2}})\s*月(?:\s*(?P<day_cjk>\d{{1,2}})\s*日)?)?
    """,
    re.VERBOSE | re.IGNORECASE,
)


def find_date(words: str) -> tuple[str, int, int] | None:
    """Return the first date that `find_dates` finds, or None."""
    return next(find_dates(words), None)


def find_dates(words: str) -> Iterator[tuple[str, int, int]]:
    """Yield each date that is written out with its year, and where it starts and ends.

    "September 28, 1993", "28 September 1993", "September 1993", "1993.9.28",
    "平成5年9月28日", digits of any width. Days that do not exist are skipped.
    """
    # NFKC is not used: full-width digits are digits to `re` and to `int` as they stand.
    for match in _WRITTEN.finditer(words):
        date = _parse_written(match)
        if date:
            yield date, *match.span()


def _parse_written(match: re.Match[str]) -> str | None:
    found = match.groupdict()
    if found["iso"]:
        parts = _split("-".join(re.split(r"[-./]", found["iso"])))
    else:
        if found["era"]:
            year = ERAS[found["era"]] + int(found["era_year"].replace("元", "1"))
        else:
            year = int(found["year"] or found["year_last"] or found["western"])
        named = found["month"] or found["month_second"]
        month = month_number(named) if named else found["month_cjk"]
        day = found["day"] or found["day_first"] or found["day_cjk"]
        parts = _split("-".join(str(int(part)) for part in (year, month, day) if part))
    if parts is None:
        return None
    return "-".join(f"{part:0{width}}" for part, width in zip(parts, (4, 2, 2), strict=False))


def month_number(name: str) -> int | None:
    """Return the number of a month, whole or short in any case ("Sept"), or None."""
    short = name[:3].title()
    return next((place for place, month in enumerate(MONTHS, 1) if month[:3] == short), None)


def parse_date(words: str, name: str) -> str:
    """Return an ISO 8601 date, full or partial; raises UnreadableSource naming `name`."""
    parts = _split(words)
    if parts is None:
        raise UnreadableSource(f"{name}: {words!r} is not a date such as 1993-09-27 or 1993-09")
    return "-".join(f"{part:0{width}}" for part, width in zip(parts, (4, 2, 2), strict=False))


def parse_bound(words: str, *, last: bool) -> str:
    """Return the first (or last) day of a date that a person typed; raises UsageError."""
    parts = _split(words)
    if parts is None:
        raise UsageError(f"{words!r} is not a date. Dates look like 1993-09-27, 1993-09 or 1993.")
    return _day(parts, last=last)


def bounds(date: str) -> tuple[str, str]:
    """Return the first and the last day of a partial date."""
    parts = [int(part) for part in date.split("-")]
    return _day(parts, last=False), _day(parts, last=True)


def in_words(date: str) -> str:
    """Return a date as people write it: "September 27, 1993", "September 1993", "1993"."""
    parts = [int(part) for part in date.split("-")]
    match parts:
        case [year]:
            return str(year)
        case [year, month]:
            return f"{MONTHS[month - 1]} {year}"
        case [year, month, day]:
            return f"{MONTHS[month - 1]} {day}, {year}"
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
