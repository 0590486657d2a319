"""When and where a FRUS document was written, and when it came in, as the volume says."""

import datetime as dt
import re
from typing import TYPE_CHECKING

from corpus.dates import NAMED_MONTH, find_date, parse_date
from corpus.errors import UnreadableSource
from corpus.readers.tei.elements import find_inside, own_lines, own_words, trim_points
from corpus.readers.text_flow import local_name

if TYPE_CHECKING:
    from lxml.etree import _Element

_FRUS = ("{http://history.state.gov/frus/ns/1.0}", "{http://history.state.gov/ns/1.0}")
_RECEIVED = re.compile(r"[\[(]Received (?P<date>[^\])]{3,40})[\])]")
_MONTH_DAY = re.compile(rf"(?P<month>{NAMED_MONTH})[a-z.]*\s+(?P<day>\d{{1,2}})\b")
_TOWN = re.compile(r"[A-Z][\w.’'-]*(?:,? (?:of |de |the )?[A-Z][\w.’'-]*){0,6}")
# A line that is a date is no longer than this; a paragraph that tells of one is.
_LINE_CHARS = 120
# A telegram may arrive on the day before, west of where it was sent; nothing took half a year.
_DAY_BEFORE, _HALF_YEAR = -1, 182


def find_date_and_place(div: "_Element", own: list["_Element"]) -> tuple[str | None, str | None]:
    """Return when and where a document was written: its dateline, or else its last line."""
    lines = [each for each in own if local_name(each) == "dateline"]
    places = (
        trim_points(own_lines(each)[-1])
        for line in lines
        for each in find_inside(line, "placename")
        if own_lines(each)
    )
    place = next((words for words in places if words), None)
    marked = (
        _period(*(_encoded(div, end) for end in ("min", "max"))),
        *(_date_of(each) for line in lines for each in find_inside(line, "date")),
        *(found[0] for line in lines[:1] if (found := find_date(own_words(line)))),
    )
    date = next(filter(None, marked), None)
    return (date, place) if date or lines else _find_closing_date(own)


def _encoded(div: "_Element", end: str) -> str | None:
    names = (f"{space}doc-dateTime-{end}" for space in _FRUS)
    return next((div.get(name) for name in names if div.get(name)), None)


def _find_closing_date(own: list["_Element"]) -> tuple[str | None, str | None]:
    """Return date and place of a line that is nothing else: "Washington, November 24, 1934."."""
    lines = [each for each in own if local_name(each) in {"p", "closer", "dateline"}]
    for node in reversed(lines[-4:]):
        words = _RECEIVED.sub("", own_words(node)).strip()
        found = find_date(words) if len(words) <= _LINE_CHARS else None
        if found and found[1] <= 45 and not words[found[2] :].strip(" .]—"):
            place = trim_points(words[: found[1]])
            if not place or _TOWN.fullmatch(place):
                return found[0], place or None
    return None, None


def _date_of(node: "_Element") -> str | None:
    first = node.get("when") or node.get("from") or node.get("notBefore")
    return _period(first, node.get("when") or node.get("to") or node.get("notAfter"))


def _period(first: str | None, last: str | None) -> str | None:
    """Return the date that holds both ends of a period: "1969-07" for 26 to 28 July 1969."""
    parts = []
    for one, other in zip(
        (first or "")[:10].split("-"), (last or "")[:10].split("-"), strict=False
    ):
        if one != other:
            break
        parts.append(one)
    try:
        return parse_date("-".join(parts), "date") if parts else None
    except UnreadableSource:
        return None


def find_received(own: list["_Element"], sent: str | None) -> str | None:
    """Return when a document was received; a day without a year is the next after it was sent."""
    for line in own:
        words = own_words(line) if local_name(line) in {"closer", "dateline", "p"} else ""
        match = _RECEIVED.search(words) if len(words) <= _LINE_CHARS else None
        if not match:
            continue
        found = find_date(match["date"])
        if found:
            return found[0]
        day = _MONTH_DAY.match(match["date"])
        if day and sent and sent.count("-") == 2:
            return _next_such_day(day, sent)
    return None


def _next_such_day(day: re.Match[str], sent: str) -> str | None:
    start = dt.date.fromisoformat(sent)
    for year in (start.year, start.year + 1):
        found = find_date(f"{day['month']} {day['day']}, {year}")
        if found and _DAY_BEFORE <= (dt.date.fromisoformat(found[0]) - start).days <= _HALF_YEAR:
            return found[0]
    return None
