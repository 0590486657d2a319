"""State Department telegrams of the 1970s: their header fields and the furniture of their pages.

The form is that of the State Archiving System as the National Archives release it: a page line
("PAGE 01 LA PAZ 10169 010139Z"), offices, the date-time group, FM, TO, INFO, a line of marking
and number, E.O., TAGS, SUBJECT, REF, the text; after it, on a sheet of its own, what the archivists
know of the cable ("Message Attributes"). Every function here is pure.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from corpus.dates import month_number
from corpus.documents import Provenance
from corpus.structure.cable_header import (
    END_LINE,
    MARKING_LINE,
    PAGE_LINE,
    STAMP,
    Header,
    find_headers,
    find_repeated,
    read_header,
)

_SIGNATURE = re.compile(r"[A-Z][A-Z.'-]+(?: [A-Z.'-]+){0,2}")
_SENTENCE_END = re.compile(r"[.!?)\"]$")
_ATTRIBUTES = "Message Attributes"
_ATTRIBUTE = re.compile(r"(?P<name>[A-Za-z][\w ]{0,45}):\s?(?P<value>.*)")
# A quotation mark as the sheet writes it.
_ESCAPED = re.compile(r"\\(['\"])")
_UNKNOWN = re.compile(r"(?:n/?a|none|/+|-+|\*+)?", re.IGNORECASE)
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


def read_cable(lines: Sequence[str]) -> Cable | None:
    """Return the cable that lines of text hold, or None; an empty line is a gap between lines."""
    words = [" ".join(line.split()) for line in lines]
    sheet = next((n for n, line in enumerate(words) if line == _ATTRIBUTES), len(words))
    attributes = _read_sheet(words[sheet:])
    text = words[:sheet]
    starts = list(find_headers(text))
    header = next(filter(None, (read_header(text, start) for start in starts)), None)
    if header is None:
        if "Document Number" not in attributes:
            return None
        header = Header()
    furniture = set(_find_furniture(words, header.end, sheet))
    later = [set(find_repeated(text, start, header)) for start in starts if start >= header.end]
    furniture.update(*later)
    # Where all sections are there, it is one cable.
    if header.part == f"1 of {1 + sum(map(bool, later))}":
        header.part = None
    formal = {*range(header.end), *range(sheet, len(words)), *_find_signature(text, furniture)}
    stamp = min((line for line in words if STAMP.fullmatch(line)), key=len, default=None)
    return Cable(
        _describe(header, attributes, stamp), frozenset(furniture), frozenset(formal - furniture)
    )


def _find_furniture(words: Sequence[str], start: int, end: int) -> Iterator[int]:
    """Yield the stamps, and from `start` to `end` the lines at the head and foot of each sheet."""
    yield from (number for number, line in enumerate(words) if STAMP.fullmatch(line))
    lines = [number for number in range(start, end) if words[number]]
    marks = [
        any(form.fullmatch(words[number]) for form in (MARKING_LINE, PAGE_LINE, END_LINE))
        for number in lines
    ]
    for place, number in enumerate(lines):
        # A marking alone between two lines of text may be a word of theirs.
        beside = [*marks[max(0, place - 1) : place], *(marks[place + 1 : place + 2] or [True])]
        if marks[place] and (not MARKING_LINE.fullmatch(words[number]) or any(beside)):
            yield number


def _find_signature(text: Sequence[str], furniture: set[int]) -> Iterator[int]:
    """Yield the last line of a text, where it is a name below the end of a sentence."""
    lines = [number for number, line in enumerate(text) if line and number not in furniture]
    if (
        len(lines) > 1
        and _SIGNATURE.fullmatch(text[lines[-1]])
        and _SENTENCE_END.search(text[lines[-2]])
    ):
        yield lines[-1]


def _read_sheet(words: Sequence[str]) -> dict[str, str]:
    """Return the fields of the archivists' sheet by name, without empty ones."""
    known: dict[str, str] = {}
    for line in words:
        match = _ATTRIBUTE.fullmatch(line)
        if match and not _UNKNOWN.fullmatch(match["value"]):
            known.setdefault(match["name"], _ESCAPED.sub(r"\1", match["value"]))
    return known


def _describe(header: Header, sheet: Mapping[str, str], stamp: str | None) -> Provenance:
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
        # Whoever sent it: the State Department kept it, and released it as its own.
        side="United States" if stamp else None,
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
    month = month_number(match[2]) if match else None
    if not match or not month:
        return None
    try:
        return dt.date(int(match[3]), month, int(match[1])).isoformat()
    except ValueError:
        return None
