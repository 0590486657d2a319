"""The header of a State Department telegram: its addresses, its marking, its subject.

Every function here is pure; lines have single spaces, and an empty one is a gap between lines.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from corpus.dates import MONTHS, month_number
from corpus.word_lists import read_patterns

_KNOWN = read_patterns(__file__)
_MARKING, _CAVEAT = _KNOWN["markings"], _KNOWN["caveats"]
MARKING_LINE = re.compile(rf"{_MARKING}(?:[ /-]+{_CAVEAT})*")
PAGE_LINE = re.compile(r"PAGE \d{2,3} .*\d.*")
_GROUP = re.compile(
    r"(?:[ZOPRYM] ){0,3}(?P<day>\d{2})(?P<hour>\d{2})(?P<minute>\d{2})Z? "
    rf"(?P<month>{'|'.join(month[:3].upper() for month in MONTHS)})[A-Z]*"
    r" (?P<year>\d{4}|\d{2})\b.*"
)
_FROM = re.compile(r"(?:FM|FN|FROM):? (?P<value>[A-Z0-9].*)")
_TO = re.compile(r"TO:? (?P<value>\S.*)")
_EXEMPT = re.compile(r"XMT:? (?P<value>\S.*)")
_ADDRESS = re.compile(r"[A-Z0-9][A-Z0-9 ./,()&'-]{1,68}(?<!\.)")
_INFO = re.compile(r"INFO:? (?P<value>\S.*)")
_NUMBER = re.compile(
    rf"(?P<marking>{_MARKING})(?:[ /-]+{_CAVEAT})*"
    r"(?: (?:FINAL )?SECTION (?P<this>\d{1,2}|[A-Z]+) O[FNR] (?P<all>\d{1,2}|[A-Z]+))?"
    r"(?: (?P<number>[A-Z][A-Z .']{1,30} ?\d{2,6})(?:/\d+)?)?(?:[ /].*)?"
)
_ORDER = re.compile(r"E\.? ?M?O\.? ?:? ?\d{4,6}.*")
_TAGS = re.compile(r"TAGS?(?:\s*[:;.-]+\s*|\s+)(?P<value>.*)")
_REF = re.compile(r"REF(?:S|ERENCES?|TELS?)?\b\s*[:;.-]*\s*(?P<value>.*)")
_SUBJECT = re.compile(
    r"(?P<name>[A-Z]{4,8})\s*(?:[:;]|(?<=SUBJ)[.-]|(?<=SUBJECT)[.-])\s*(?P<value>.*)"
)
_FIELD = re.compile(r"[A-Z][A-Z./ ]{0,20}:(?:\s|$)")
_ITEM = re.compile(r"(?:\d{1,2}|[A-Z])[.)]\s*\S|\(\w{1,2}\)\s|(?:BEGIN )?SUMMARY\b")
END_LINE = re.compile(r"N{3,}(?:[A-Z]{0,12})|BT")
# What the archivists print around a cable.
STAMP = re.compile(
    r"(?:.{0,60}\s)?Declassified/Released\s+US Department of State\s+EO Systematic Review"
    r"\s+\d{1,2} \w{3} \d{4}.*",
    re.IGNORECASE,
)
# How far below its first line a header reaches at most, in lines.
_HEADER_LINES = 80
# What stands above its FM line reaches so far up at most.
_ABOVE_LINES = 40
# A line of a header this long, in characters, may go on below.
_FULL = 45


@dataclass(slots=True)
class Header:
    """A header, filled while it is read.

    `end` is the number of the line below it; `captions` are its lines without a known field.
    """

    end: int = 0
    sent: str | None = None
    creators: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    copied_to: list[str] = field(default_factory=list)
    marking: str | None = None
    number: str | None = None
    part: str | None = None
    tags: str | None = None
    subject: str | None = None
    captions: set[str] = field(default_factory=set)


def find_headers(words: Sequence[str]) -> Iterator[int]:
    """Yield the numbers of the lines that may name a sender."""
    yield from (number for number, line in enumerate(words) if _FROM.fullmatch(line))


def read_header(words: Sequence[str], start: int) -> Header | None:
    """Return the header whose FM line is at `start`; None where it is no header of a cable."""
    header = Header(sent=_sent(words, start))
    below = _read_addresses(words, start, header)
    if not header.recipients:
        return None
    header.end = _read_captions(words, below, header)
    return header if header.sent or header.marking else None


def _sent(words: Sequence[str], start: int) -> str | None:
    """Return the day in the date-time group above an FM line, as ISO 8601."""
    for line in reversed(words[max(0, start - 6) : start]):
        group = _GROUP.fullmatch(line)
        if group:
            year = int(group["year"])
            year += 0 if year > 99 else 1900 if year >= 40 else 2000
            try:
                day = dt.date(year, month_number(group["month"]) or 0, int(group["day"]))
            except ValueError:
                return None
            return day.isoformat()
    return None


def _read_addresses(words: Sequence[str], start: int, header: Header) -> int:
    """Take in FM, TO and INFO, and return the number of the line below them."""
    exempt: list[str] = []
    fields = (
        (_FROM, header.creators),
        (_TO, header.recipients),
        (_INFO, header.copied_to),
        (_EXEMPT, exempt),
    )
    current = header.creators
    number = start
    while number < min(len(words), start + _HEADER_LINES):
        line = words[number]
        if (
            _NUMBER.fullmatch(line)
            or _ORDER.fullmatch(line)
            or _TAGS.fullmatch(line)
            or _read_subject(line) is not None
            or _ITEM.match(line)
            or (line and not _ADDRESS.fullmatch(line) and not is_page_mark(line))
        ):
            break
        if line and not is_page_mark(line):
            found = next(((m, into) for form, into in fields if (m := form.fullmatch(line))), None)
            # "TO: PEARSON" below the subject is another matter: each field comes once.
            if found and not (found[1] and found[1] is not current):
                current = found[1]
                current.append(found[0]["value"])
            elif current is header.creators:
                # A sender has one line; what follows it, if not TO, is none of it.
                if number > start:
                    break
            else:
                current.append(line)
        number += 1
    return number


def _read_captions(words: Sequence[str], start: int, header: Header) -> int:
    """Take in what stands between the addresses and the text; return where the text begins."""
    end = number = start
    current, above, gap = "", "", False
    while number < min(len(words), start + _HEADER_LINES):
        line = words[number]
        number += 1
        if not line:
            gap = True
            continue
        if is_page_mark(line) and header.marking:
            continue
        known = _take_field(line, header, current)
        if known is None and not gap and _may_go_on(line, above, header, current):
            known = current
            _go_on(line, header, current)
        if known is None and header.subject is None and _leads_to_field(words, number):
            header.captions.add(line)
            known = "caption"
        if known is None:
            break
        current, above, gap = known, line, False
        end = number
    return end


def _take_field(line: str, header: Header, current: str) -> str | None:
    """Take in a line that begins a field, and return which; None where it begins none.

    Below the references there may be tags and a subject of another cable, in quotation marks.
    """
    if header.marking is None and (match := _NUMBER.fullmatch(line)):
        header.marking = _spell(match["marking"])
        header.number = match["number"]
        if match["this"]:
            header.part = f"{match['this']} of {match['all']}"
        return "caption"
    if match := _TAGS.fullmatch(line):
        if header.tags is not None or current == "reference":
            return current
        header.tags = match["value"]
        return "tags"
    if header.subject is None and (subject := _read_subject(line)) is not None:
        if current == "reference" and subject.startswith('"'):
            return current
        header.subject = subject
        return "subject"
    others = ((_REF, "reference"), (_ORDER, "order"))
    return next((name for form, name in others if form.fullmatch(line)), None)


def _may_go_on(line: str, above: str, header: Header, current: str) -> bool:
    """Return whether a line goes on with the field of the line directly above it."""
    match current:
        case "subject":
            return len(above) >= _FULL and not _ITEM.match(line) and not _FIELD.match(line)
        case "tags":
            tags = header.tags or ""
            return tags.endswith((",", ";")) or tags.count("(") > tags.count(")")
        case "reference":
            return not re.match(r"1\.|(?:BEGIN )?SUMMARY\b", line) and (
                bool(_ITEM.match(line)) or len(above) >= _FULL or above.endswith((",", ";"))
            )
    return current == "caption" and header.subject is None


def _go_on(line: str, header: Header, current: str) -> None:
    match current:
        case "subject":
            header.subject = f"{header.subject} {line}".strip()
        case "tags":
            header.tags = f"{header.tags} {line}".strip()
        case "caption":
            header.captions.add(line)


def _read_subject(line: str) -> str | None:
    """Return the subject that a line begins, however the telegraphist has spelled the word."""
    match = _SUBJECT.fullmatch(line)
    if match and (match["name"].startswith("SUBJ") or sorted(match["name"]) == sorted("SUBJ")):
        return match["value"]
    return None


def _leads_to_field(words: Sequence[str], number: int) -> bool:
    """Return whether a known field follows within a few lines, with no paragraph before it."""
    for line in words[number : number + 5]:
        if _read_subject(line) is not None or _TAGS.fullmatch(line) or _ORDER.fullmatch(line):
            return True
        if _ITEM.match(line):
            return False
    return False


def is_page_mark(line: str) -> bool:
    """Return whether a line is printed around the text: a marking, a page line, a stamp."""
    return any(form.fullmatch(line) for form in (PAGE_LINE, STAMP, MARKING_LINE, END_LINE))


def find_repeated(words: Sequence[str], start: int, header: Header) -> Iterator[int]:
    """Yield the lines of a header that a later section repeats, with what stands above its FM."""
    again = Header()
    end = _read_addresses(words, start, again)
    if not again.recipients:
        return
    above = start
    for number in range(start - 1, max(-1, start - _ABOVE_LINES), -1):
        if PAGE_LINE.fullmatch(words[number]):
            above = number
            break
    if end < len(words) and _NUMBER.fullmatch(words[end]):
        end += 1
    while end < len(words) and (not words[end] or words[end] in header.captions):
        end += 1
    yield from (number for number in range(above, end) if words[number])


def _spell(marking: str) -> str:
    """Return a marking as it is spelled in full: "C O N F …" is "CONFIDENTIAL"."""
    close = marking.replace(" ", "")
    if close.startswith(("UNCLAS", "UNCLS")):
        return "UNCLASSIFIED"
    spaced = {
        "TOPSECRET": "TOP SECRET",
        "LIMITEDOFFICIALUSE": "LIMITED OFFICIAL USE",
        "LOU": "LIMITED OFFICIAL USE",
    }
    return spaced.get(close, close)
