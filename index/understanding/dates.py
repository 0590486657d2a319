"""The dates of a question: the one grammar of months, days and years that all its parsers share."""

import re
from collections.abc import Iterator

from corpus.dates import ERAS, MONTHS, find_dates

MONTH_NAME = "|".join(MONTHS)
# A month in full or abbreviated, with a capital.
MONTH = rf"(?:(?:{MONTH_NAME})\b|(?:{'|'.join(m[:3] for m in MONTHS if m != 'May')}|Sept)\b\.?)"
YEAR = r"(?:1[5-9]\d\d|20\d\d)(?!\d)"
DAY = r"\d{1,2}(?:st|nd|rd|th)?\b"
# A date with a year and a month, in English, ISO 8601 or Japanese.
DATE = (
    rf"(?:(?i:{MONTH}) {DAY},? ?,?{YEAR}|(?:the )?{DAY} (?:of )?(?i:{MONTH}),? {YEAR}"
    rf"|(?i:{MONTH}),? {YEAR}"
    rf"|{YEAR}-\d\d-\d\d|(?:(?:{'|'.join(ERAS)})\s*(?:元|\d{{1,2}})|\d{{4}})年"
    r"\d{1,2}月(?:\d{1,2}日)?)"
)
_YEAR = re.compile(rf"(?<!\d){YEAR}")
# Any date, down to a month alone. "May" alone is a verb more often than a month.
_MENTION = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)? (?:of )?)?(?!May\b(?! \d)){MONTH}"
    rf"(?: {DAY}(?!\d),?)?(?:,? {YEAR}\b)?"
    rf"|(?<=\bin )May\b(?: of)?(?: {YEAR}\b)?|\b\d{{1,2}} May\b(?: {YEAR}\b)?"
    rf"|\b{YEAR}-\d\d(?:-\d\d)?\b|(?<![\w.,-]){YEAR}s?\b(?![-,.]\d)"
)


def find_date_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each date in an English text, lone months and years included."""
    for match in _MENTION.finditer(text):
        yield match.start(), match.start() + len(match[0].rstrip(", "))


def find_year(text: str) -> str:
    """Return the first year in a text, or ""."""
    return next(iter(find_years(text)), "")


def find_years(text: str) -> list[str]:
    """Return the years in a text, those inside longer dates included, in order."""
    return _YEAR.findall(text)


def read_months(text: str) -> tuple[str, ...]:
    """Return the months and years that a text names, as partial ISO 8601 dates, in order."""
    dates = {(start, end): date[:7] for date, start, end in find_dates(text)}
    for match in _YEAR.finditer(text):
        if not any(start <= match.start() < end for start, end in dates):
            dates[match.span()] = match[0]
    return tuple(dict.fromkeys(date for _, date in sorted(dates.items())))
