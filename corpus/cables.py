"""State Department telegrams of the 1970s: their header fields and the furniture of their pages.

The form is that of the State Archiving System as the National Archives release it: a page line
("PAGE 01 LA PAZ 10169 010139Z"), offices, the date-time group, FM, TO, INFO, a line of marking
and number, E.O., TAGS, SUBJECT, REF, the text; after it, on a sheet of its own, what the archivists
know of the cable ("Message Attributes"). Every function here is pure.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from corpus.documents import Provenance

_MARKING = (
    r"(?:TOP SECRET|SECRET|CONFIDENTIAL|LIMITED OFFICIAL USE|UNCLASSIFIED|UNCLAS|UNCLS"
    r"|T ?O ?P S E C R E T|S E C R E T|C O N F I D E N T I A L|L I M I T E D O F F I C I A L U S E"
    r"|U N C L A S(?: S I F I E D)?|RESTRICTED|EFTO|LOU)"
)
_CAVEAT = (
    r"(?:NOFORN|EXDIS|NODIS|LIMDIS|STADIS|CHEROKEE|NOCONTRACT|ORCON|EFTO|ENTIRE TEXT"
    r"|POSS(?:IBLE)? DUPE|CORRECTED COPY|UNCLASSIFIED)"
)
_MARKING_LINE = re.compile(rf"{_MARKING}(?:[ /-]+{_CAVEAT})*")
_PAGE = re.compile(r"PAGE \d{2,3} .*\d.*")
_GROUP = re.compile(
    r"(?:[ZOPRYM] ){0,3}(?P<day>\d{2})(?P<hour>\d{2})(?P<minute>\d{2})Z? "
    r"(?P<month>JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]* (?P<year>\d{4}|\d{2})\b.*"
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
_SIGNATURE = re.compile(r"[A-Z][A-Z.'-]+(?: [A-Z.'-]+){0,2}")
_LAST = re.compile(r"N{3,}(?:[A-Z]{0,12})|BT")
# What the archivists print around a cable.
_STAMP = re.compile(
    r"(?:.{0,60}\s)?Declassified/Released\s+US Department of State\s+EO Systematic Review"
    r"\s+\d{1,2} \w{3} \d{4}.*",
    re.IGNORECASE,
)
_ATTRIBUTES = "Message Attributes"
_ATTRIBUTE = re.compile(r"(?P<name>[A-Za-z][\w ]{0,45}):\s?(?P<value>.*)")
_UNKNOWN = re.compile(r"(?:n/?a|none|/+|-+|\*+)?", re.IGNORECASE)
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
# How far below its first line a header reaches at most, in lines.
_HEADER_LINES = 80
# A line of a header this long, in characters, may go on below.
_FULL = 45
# A date-time group further than this from the day in the archivists' sheet was garbled on its way.
_GARBLED = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Cable:
    """A cable as it is found in lines of text; every number is that of a line.

    `furniture` are lines that belong to its sheets and not to its text: markings at head and foot
    of each page, page lines, the header that each section repeats, stamps. `formal` are its own
    header, its end mark, and the archivists' sheet.
    """

    provenance: Provenance
    furniture: frozenset[int]
    formal: frozenset[int]


@dataclass(slots=True)
class _Header:
    """A header while it is read; `lines` are all of it, `captions` those without a known field."""

    lines: list[int]
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


def read_cable(lines: Sequence[str]) -> Cable | None:
    """Return the cable that lines of text hold, or None; an empty line is a gap between lines."""
    words = [" ".join(line.split()) for line in lines]
    sheet = _find_sheet(words)
    starts = [number for number, line in enumerate(words[:sheet]) if _FROM.fullmatch(line)]
    header = next(filter(None, (_read_header(words[:sheet], start) for start in starts)), None)
    attributes = _read_sheet(words[sheet:])
    if header is None:
        if "Document Number" not in attributes:
            return None
        header = _Header([-1])
    furniture = {
        number
        for number, line in enumerate(words)
        if _STAMP.fullmatch(line)
        or (
            header.lines[-1] < number < sheet
            and any(form.fullmatch(line) for form in (_MARKING_LINE, _PAGE, _LAST))
        )
    }
    sections = 1
    for start in starts:
        if start > header.lines[-1] and (
            again := set(_find_repeated(words[:sheet], start, header))
        ):
            furniture |= again
            sections += 1
    if header.part == f"1 of {sections}":
        header.part = None
    formal = {number for number in range(header.lines[-1] + 1) if words[number]}
    formal.update(range(sheet, len(words)))
    text = [n for n, line in enumerate(words) if line and n not in furniture | formal]
    if len(text) > 1 and _SIGNATURE.fullmatch(words[text[-1]]) and words[text[-2]][-1] in '.)"':
        formal.add(text.pop())
    stamps = sorted((line for line in words if _STAMP.fullmatch(line)), key=len)
    provenance = _describe(header, attributes, stamps[0] if stamps else None)
    return Cable(provenance, frozenset(furniture), frozenset(formal - furniture))


def _find_sheet(words: Sequence[str]) -> int:
    """Return the line where the archivists' sheet begins, or the number of lines."""
    return next((n for n, line in enumerate(words) if line == _ATTRIBUTES), len(words))


def _read_header(words: Sequence[str], start: int) -> _Header | None:
    """Return the header whose FM line is at `start`; None where it is no header of a cable."""
    header = _Header([start])
    header.sent = _sent(words, start)
    end = _read_addresses(words, start, header)
    if not header.recipients:
        return None
    end = _read_captions(words, end, header)
    header.lines = list(range(end))
    return header if header.sent or header.marking else None


def _sent(words: Sequence[str], start: int) -> str | None:
    """Return the day in the date-time group above an FM line, as ISO 8601."""
    for line in reversed(words[max(0, start - 6) : start]):
        group = _GROUP.fullmatch(line)
        if group:
            year = int(group["year"])
            year += 0 if year > 99 else 1900 if year >= 40 else 2000
            try:
                day = dt.date(year, _MONTHS.index(group["month"]) + 1, int(group["day"]))
            except ValueError:
                return None
            return day.isoformat()
    return None


def _read_addresses(words: Sequence[str], start: int, header: _Header) -> int:
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
            or (line and not _ADDRESS.fullmatch(line) and not _is_page_mark(line))
        ):
            break
        if line and not _is_page_mark(line):
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


def _read_captions(words: Sequence[str], start: int, header: _Header) -> int:
    """Take in what stands between the addresses and the text; return where the text begins."""
    end = number = start
    current, above, gap = "", "", False
    while number < min(len(words), start + _HEADER_LINES):
        line = words[number]
        number += 1
        if not line:
            gap = True
            continue
        if _is_page_mark(line) and header.marking:
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


def _take_field(line: str, header: _Header, current: str) -> str | None:
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
    if _REF.fullmatch(line):
        return "reference"
    return "order" if _ORDER.fullmatch(line) else None


def _may_go_on(line: str, above: str, header: _Header, current: str) -> bool:
    """Tell whether a line goes on with the field of the line directly above it."""
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


def _go_on(line: str, header: _Header, current: str) -> None:
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
    """Tell whether a known field follows within a few lines, with no paragraph before it."""
    for line in words[number : number + 5]:
        if _read_subject(line) is not None or _TAGS.fullmatch(line) or _ORDER.fullmatch(line):
            return True
        if _ITEM.match(line):
            return False
    return False


def _is_page_mark(line: str) -> bool:
    return any(form.fullmatch(line) for form in (_PAGE, _STAMP, _MARKING_LINE, _LAST))


def _find_repeated(words: Sequence[str], start: int, header: _Header) -> Iterator[int]:
    """Yield the lines of a header that a later section repeats, with what stands above its FM."""
    again = _Header([start])
    end = _read_addresses(words, start, again)
    if not again.recipients:
        return
    above = start
    for number in range(start - 1, max(-1, start - 40), -1):
        if _PAGE.fullmatch(words[number]):
            above = number
            break
    if end < len(words) and _NUMBER.fullmatch(words[end]):
        end += 1
    while end < len(words) and (not words[end] or words[end] in header.captions):
        end += 1
    yield from (number for number in range(above, end) if words[number])


def _read_sheet(words: Sequence[str]) -> dict[str, str]:
    """Return what the archivists' sheet says, by name; what it leaves open is left out."""
    known: dict[str, str] = {}
    for line in words:
        match = _ATTRIBUTE.fullmatch(line)
        if match and not _UNKNOWN.fullmatch(match["value"]):
            known.setdefault(match["name"], match["value"].replace("\\'", "'"))
    return known


def _describe(header: _Header, sheet: Mapping[str, str], stamp: str | None) -> Provenance:
    """Return the provenance: what the cable says of itself, then what the archivists know."""
    subject = header.subject or sheet.get("Subject")
    marking = sheet.get("Original Classification") or header.marking
    now = sheet.get("Current Classification") or marking
    return Provenance(
        title=subject,
        kind="cable",
        subject=subject,
        creators=tuple(header.creators or _one(sheet.get("From"))),
        recipients=tuple(header.recipients or _one(sheet.get("To"))),
        copied_to=tuple(header.copied_to),
        document_date=_choose_date(header.sent, _day(sheet.get("Draft Date", ""))),
        number=sheet.get("Document Number") or header.number,
        classification=now,
        original_classification=marking if marking != now else None,
        file_number=sheet.get("Film Number"),
        part=header.part,
        tags=_split_tags(header.tags or sheet.get("TAGS", "")),
        source_note=stamp,
    )


def _one(value: str | None) -> list[str]:
    return [value] if value else []


def _choose_date(sent: str | None, drafted: str | None) -> str | None:
    """Return the day of the date-time group, unless it was garbled on its way."""
    if sent and drafted:
        apart = abs(dt.date.fromisoformat(sent) - dt.date.fromisoformat(drafted))
        return drafted if apart > _GARBLED else sent
    return sent or drafted


def _split_tags(words: str) -> tuple[str, ...]:
    """Return the tags of a line: "ENRG, BL", "PFOR MASS BL", "OVIP (VANCE, CYRUS)"."""
    return tuple(dict.fromkeys(re.findall(r"\([^()]*\)|[^\s,;:()]+", words)))


def _day(words: str) -> str | None:
    """Return "27 nov 1979" as ISO 8601, or None."""
    match = re.fullmatch(r"(\d{1,2}) (\w{3}) (\d{4})", words)
    if not match or match[2].upper() not in _MONTHS:
        return None
    try:
        month = _MONTHS.index(match[2].upper()) + 1
        return dt.date(int(match[3]), month, int(match[1])).isoformat()
    except ValueError:
        return None


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
