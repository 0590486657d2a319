"""When and where a FRUS document was written, and when it was received, as the volume prints it.

The printed dateline decides. Encoded dates (`@when`, `frus:doc-dateTime-min`) count only where they
agree with it, or where no date is printed.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.dates import NAMED_MONTH, find_date, in_words, parse_date
from corpus.errors import UnreadableSource
from corpus.readers.tei.elements import own_lines, own_words, trim_points
from corpus.readers.text_flow import find_inside, local_name, words_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_FRUS = ("{http://history.state.gov/frus/ns/1.0}", "{http://history.state.gov/ns/1.0}")
_RECEIVED = re.compile(
    r"[\[(]?\b(?:Received|Rec[’'.]?d)\b(?: at [A-Z][\w ]+?,)?(?P<date>[^\])]{2,60})(?:[\])]|$)",
    re.IGNORECASE,
)
_MONTH = rf"(?:{NAMED_MONTH})\b\.?"
_MONTH_DAY = re.compile(rf"(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})\b")
_CLOCK = re.compile(r"\d{1,2}[.:]\d\d|\d{1,2} ?[ap]\. ?m|\bnoon\b|\bmidnight\b")
_TOWN = re.compile(r"[A-Z][\w.’'-]*(?:,? (?:of |de |the )?[A-Z][\w.’'-]*){0,6}")
UNDATED = re.compile(r"\bundated\b|\bwithout date\b|\bno date\b|\bn\. ?d\.", re.IGNORECASE)
_CIRCA = re.compile(r"(?:\b(?:circa|about)|\bca?\.)\s*(?=[A-Z\d\[])")
_DOUBT = re.compile(r"\s*[\[(]?\?[\])]?")
# What the editors correct: "November 6 [8], 1919", "October 22, 1924 [1925]".
_CORRECTED = re.compile(r"\b(?P<wrong>\d{4}|\d{1,2}) ?\[(?P<right>\d{4}|\d{1,2})\]")
# Two days printed together: "April 8–20, 1861", "October 20/November 1, 1897", "May 3 (15), 1893".
_TWO = re.compile(
    rf"""(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})(?:,?\ (?P<year>\d{{4}}))?
    ,?\s*(?P<mark>[-–—/&(]|,\ (?=[A-Z])|to\b|and\b)\s*
    (?:(?P<month_second>{_MONTH})\s+)?(?P<day_second>\d{{1,2}}),?\)?,?\s+(?P<year_second>\d{{4}})[.,]*\)?""",
    re.VERBOSE,
)
# A line that is a date is no longer than this; a paragraph that mentions one is.
_LINE_CHARS = 120
# A line like that stands among the first paragraphs.
_PARAGRAPHS = 6
# A telegram may arrive on the day before, west of where it was sent; nothing took half a year.
_DAY_BEFORE, _HALF_YEAR = -1, 182
# The calendars of Russia and of the West were this many days apart.
_CALENDARS = range(11, 14)
_FIRST_YEAR = 1500


@dataclass(frozen=True, slots=True)
class Dating:
    """When and where a document was written and received; what is not known is None.

    Dates are ISO 8601; `printed` is the form that a citation gives where these cannot say it.
    """

    sent: str | None = None
    printed: str | None = None
    received: str | None = None
    place: str | None = None


def find_dating(div: "_Element", own: list["_Element"], latest: int | None = None) -> Dating:
    """Return when and where a document was written and received: by its dateline or last line.

    `own` are the elements of the document itself, `latest` the year in which its volume came out:
    a later date is refused as a misprint.
    """
    lines = [each for each in own if local_name(each) == "dateline"]
    encoded = [_period(*(_encoded(div, end) for end in ("min", "max")))]
    place, dating = None, None
    if lines:
        places = (
            trim_points(own_lines(each)[-1])
            for line in lines
            for each in find_inside(line, "placename")
            if own_lines(each)
        )
        place = next(filter(None, places), None)
        for line in lines:
            marked = [encoded_date(each) for each in find_inside(line, "date")]
            dating = _read_line(own_words(line), [*marked, *encoded], latest)
            if dating.sent or dating.printed:
                break
    if dating is None or not (lines and (dating.sent or dating.printed)):
        closing, where = _find_closing_line(own) if not lines else ("", None)
        sent = _read_line(closing, encoded, latest)
        dating = sent if dating is None else dating
        place = place or where
    received, words = _find_received(own, dating.sent)
    if dating.printed == "undated" and words and not received:
        return Dating(None, f"undated [received {words}]", None, place)
    return Dating(dating.sent, dating.printed, received, place)


def _read_line(words: str, encoded: list[str | None], latest: int | None) -> Dating:
    """Return the date that a dateline prints, or the encoded one that it does not contradict."""
    line = _RECEIVED.sub(" ", words)
    circa = _CIRCA.search(line)
    if UNDATED.search(line) and not circa:
        return Dating(None, "undated")
    corrected = _CORRECTED.sub(_correct, line)
    plain = re.sub(r"\s{2,}", " ", re.sub(r"[\[\]]", " ", _DOUBT.sub("", corrected)))
    plain = re.sub(r"\s+,", ",", plain)
    if (two := _TWO.search(plain)) and (read := _read_two(two, encoded)):
        return read
    found = find_date(plain)
    known = [each for each in encoded if each and _is_possible(each, latest)]
    if found and not _is_possible(found[0], latest):
        # A year that cannot be: the encoding may have the right one for the same day.
        same = (each for each in known if each[4:] == found[0][4:])
        return Dating(next(same, None))
    if not found:
        return Dating(next((each for each in known if agrees(each, plain)), None))
    sent, printed = found[0], None
    if sent.count("-") < 2 and (day := re.search(r"\b(\d{1,2})(?:st|nd|rd|th|d) day of", plain)):
        sent = _checked(f"{sent}-{int(day[1]):02}") or sent
    if circa:
        printed = f"ca. {in_words(sent)}"
    elif corrected != line:
        printed = _printed_form(line) or None
    elif _DOUBT.search(line) and not _CLOCK.search(line[max(0, line.find("?") - 12) :]):
        printed = f"{in_words(sent)} (?)"
    return Dating(sent, printed)


def _read_two(two: re.Match[str], encoded: list[str | None]) -> Dating | None:
    """Return a range, or one day under two calendars: that of the West, which ISO 8601 has."""
    month, year = two["month"], two["year"] or two["year_second"]
    first = find_date(f"{month} {two['day']}, {year}")
    second = find_date(f"{two['month_second'] or month} {two['day_second']}, {two['year_second']}")
    if not (first and second) or first[0] >= second[0]:
        return None
    printed = re.sub(r"\s*([-–—/])\s*", lambda mark: mark[1].replace("-", "–"), two[0])
    printed = re.sub(r",\s*\(", " (", printed).replace(",)", "),").replace("),,", "),")
    printed = re.sub(r"\)(?= \d{4})", "),", printed).replace(".)", ")").rstrip(" .,")
    if printed.count(")") > printed.count("("):
        printed = printed.removesuffix(")")
    days = (dt.date.fromisoformat(second[0]) - dt.date.fromisoformat(first[0])).days
    is_range = two["mark"] in {"to", "and"} or (
        two["mark"] in {"-", "–", "—"} and (days not in _CALENDARS or _names_months(encoded))
    )
    return Dating(_period(first[0], second[0]) if is_range else second[0], printed)


def _names_months(encoded: list[str | None]) -> bool:
    """Return whether the encoding has a period, which is no single day."""
    return any(each and each.count("-") < 2 for each in encoded)


def _printed_form(line: str) -> str:
    """Return the date of a line with what the editors corrected in it, without the hour."""
    match = re.search(rf"(?:\d{{1,2}} {_MONTH}|{_MONTH}).*?\d{{4}}(?: ?\[\d{{4}}\])?", line)
    return " ".join(match[0].split()) if match else ""


def _correct(match: re.Match[str]) -> str:
    wrong, right = match["wrong"], match["right"]
    return right if (len(wrong) == 4) == (len(right) == 4) else match[0]


def _is_possible(date: str, latest: int | None) -> bool:
    return _FIRST_YEAR <= int(date[:4]) <= (latest or 9998) + 1


def agrees(date: str, words: str) -> bool:
    """Return whether an encoded date fits a line that has no full date of its own."""
    words = _CLOCK.sub(" ", words)
    numbers = {int(each) for each in re.findall(r"\d+", words)}
    year, month, day = [*(int(part) for part in date.split("-")), 0, 0][:3]
    named = re.search(_MONTH, words)
    if named and month:
        written = find_date(f"{named[0]} 1, 1900")
        if written and int(written[0][5:7]) != month:
            return False
    years = {number for number in numbers if number >= _FIRST_YEAR}
    days = {number for number in numbers if number <= 31}
    return (not years or year in years) and (not days or not day or day in days)


def _encoded(div: "_Element", end: str) -> str | None:
    names = (f"{space}doc-dateTime-{end}" for space in _FRUS)
    return next((div.get(name) for name in names if div.get(name)), None)


def _find_closing_line(own: list["_Element"]) -> tuple[str, str | None]:
    """Return a last line that is nothing but a place and a date, and the place."""
    lines = [each for each in own if local_name(each) in {"p", "closer", "dateline"}]
    for node in reversed(lines[-4:]):
        words = _RECEIVED.sub("", own_words(node)).strip()
        found = find_date(words) if len(words) <= _LINE_CHARS else None
        if found and found[1] <= 45 and not words[found[2] :].strip(" .]—"):
            place = trim_points(words[: found[1]])
            if not place or _TOWN.fullmatch(place):
                return words, place or None
    return "", None


def encoded_date(node: "_Element") -> str | None:
    """Return the date in the attributes of an element; for a period, what both ends share."""
    when = node.get("when") or node.get("when-iso")
    first, last = node.get("from") or node.get("notBefore"), node.get("to") or node.get("notAfter")
    return _period(when or first, when or last)


def _period(first: str | None, last: str | None) -> str | None:
    """Return the date that holds both ends of a period: "1969-07" for 26 to 28 July 1969."""
    parts = []
    for one, other in zip(
        (first or "")[:10].split("-"), (last or "")[:10].split("-"), strict=False
    ):
        if one != other:
            break
        parts.append(one)
    return _checked("-".join(parts)) if parts else None


def _checked(date: str) -> str | None:
    try:
        return parse_date(date, "date")
    except UnreadableSource:
        return None


def _find_received(own: list["_Element"], sent: str | None) -> tuple[str | None, str | None]:
    """Return when a document was received, and the words for it where they lack the year.

    A day without a year is the next one after the document was sent, an hour alone the same day.
    """
    for words in _short_lines(own):
        match = _RECEIVED.search(words)
        if not match:
            continue
        said = match["date"].strip(" .,")
        found = find_date(said)
        if found:
            return found[0], None
        day = _MONTH_DAY.search(said)
        is_day = sent is not None and sent.count("-") == 2
        if day:
            return (_next_such_day(day, sent) if sent and is_day else None), day[0]
        if sent and is_day and _CLOCK.search(said):
            return sent, None
    return None, None


def _short_lines(own: list["_Element"]) -> Iterator[str]:
    """Yield the lines of a document that may say when it was received."""
    paragraphs = 0
    for node in own:
        name = local_name(node)
        paragraphs += name == "p"
        if name in {"closer", "dateline"} or (name == "p" and paragraphs <= _PARAGRAPHS):
            # Most say nothing of it, and all character data are there at once.
            if "ec" not in words_of(node):
                continue
            words = own_words(node)
            if len(words) <= _LINE_CHARS or name == "dateline":
                yield words


def _next_such_day(day: re.Match[str], sent: str) -> str | None:
    start = dt.date.fromisoformat(sent)
    for year in (start.year, start.year + 1):
        found = find_date(f"{day['month']} {day['day']}, {year}")
        if found and _DAY_BEFORE <= (dt.date.fromisoformat(found[0]) - start).days <= _HALF_YEAR:
            return found[0]
    return None
