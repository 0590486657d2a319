"""Documents of *Foreign Relations of the United States*, as history.state.gov encodes them in TEI.

What is said of a document is what its volume says: the head and its marked names, the dateline,
the notes of its source, the list of participants. What none of them says stays unknown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.dates import find_date, parse_date
from corpus.documents import Provenance, Span
from corpus.errors import UnreadableSource
from corpus.readers.dialogue import find_dialogue
from corpus.readers.flow import local_name, trim, words_of
from corpus.readers.reading import Reading
from corpus.readers.teitext import TeiText, is_note, is_remark, render_tei

if TYPE_CHECKING:
    from lxml.etree import _Element

_ADDRESS = "https://history.state.gov/historicaldocuments"
_ID = "{http://www.w3.org/XML/1998/namespace}id"
_FRUS = ("{http://history.state.gov/frus/ns/1.0}", "{http://history.state.gov/ns/1.0}")
_NUMBERED = re.compile(r"(?:\d+[a-z]?\.|No\. \d+[a-z]?\.)\s+")
_UNTITLED = "[Untitled]"
_TITLE_CHARS = 200
_KINDS = re.compile(
    r"(?P<conversation>Memorandum of (?:an? )?(?:[A-Z]\w+ )?Conversation|Memorandum of (?:a )?Telephone"
    r" Conversation)|(?:[A-Z]\w+ ){0,2}(?P<kind>Memorandum|Telegram|Airgram|Letter|Editorial Note|Minutes"
    r"|Message|Address|Report|Despatch|Dispatch|Statement|Paper|Note|Aide-M[ée]moire|Study|Speech"
    r"|Instruction|Circular)\b",
    re.IGNORECASE,
)
_TELEGRAM = re.compile(r"\btelegram\b", re.IGNORECASE)
_FILE_NUMBER = re.compile(r"(?:File No\. )?(?P<number>[^\s\[\]:/]*\d[^\[\]:/]*/[^\[\]:,]+)(?:: .*)?")
_MARKS = r"(?:Top Secret|Secret|Confidential|Unclassified|Limited Official Use|Official Use Only|Restricted)"
_CLASSIFIED = re.compile(rf"(?<=[.)”’] )(?P<marks>{_MARKS}(?:[;,] [A-Z][^.;]*)*)\.")
_BRACKETED_MARK = re.compile(
    rf"\[?(?P<marks>(?:Strictly |Very )?{_MARKS})\.?\]?", re.IGNORECASE
)
_CORRESPONDENCE = re.compile(
    r"(?:[A-Z][\w ]{2,40} From )?(?P<from>(?:The |Mr\.? |Mrs\.? |Lord |Sir |Count |Baron |Prince |Earl "
    r"|Secretary |President |Minister |Consul |General |Commander )[^:;]{2,120}?) to (?P<to>[^:;]{3,120}?)\.?"
)
_NAME_IN_BRACKETS = re.compile(r".*\((?P<name>[A-Z][^()]{1,40})\)")
_RECEIVED = re.compile(r"\bReceived (?P<date>[^\])]{3,40})", re.IGNORECASE)
_MONTH_DAY = re.compile(
    r"(?P<month>Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sep|Oct|Nov|Dec)[a-z.]*\s+(?P<day>\d{1,2})\b"
)
# A telegram may arrive on the day before, west of where it was sent; nothing took half a year.
_DAY_BEFORE, _HALF_YEAR = -1, 182


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume: what its documents share, and the full names of the persons it lists by their ids."""

    name: str
    shared: Provenance
    persons: dict[str, str]


def read_volume(root: "_Element") -> Volume | None:
    """Return the volume that a TEI document is, or None where it is none of FRUS."""
    header = next((each for each in root if local_name(each) == "teiheader"), None)
    numbers = {} if header is None else {
        each.get("type"): trim(words_of(each)) for each in _inside(header, "idno")
    }
    name = numbers.get("frus") or (root.get(_ID) or "")
    if header is None or not re.fullmatch(r"frus[\w.-]+", name):
        return None
    titles = {
        (each.get("type") or "").replace("-", ""): trim(words_of(each))
        for statement in _inside(header, "titlestmt")
        for each in _inside(statement, "title")
    }
    editors = {
        trim(words_of(each)): each.get("role") for each in _inside(header, "editor")
    }
    primary = [name for name, role in editors.items() if name and role == "primary"]
    publication = next(_inside(header, "publicationstmt"), header)
    said = {
        tag: next((trim(words_of(each)) for each in _inside(publication, tag)), None) or None
        for tag in ("publisher", "pubplace", "date")
    }
    year = re.search(r"\d{4}", said["date"] or "")
    return Volume(
        name=name,
        shared=Provenance(
            collection=name,
            container=_compose_title(titles),
            editors=tuple(primary),
            publisher=said["publisher"],
            publication_place=said["pubplace"],
            publication_date=year[0] if year else None,
        ),
        persons=dict(_find_persons(root)),
    )


def read_documents(root: "_Element", volume: Volume) -> Iterator[Reading]:
    """Yield the documents of a volume in their order; what is enclosed in one is part of it."""
    page: str | None = None
    inside: _Element | None = None
    for node in root.iter():
        if not isinstance(node.tag, str):
            continue
        name = local_name(node)
        if name == "pb":
            page = trim(node.get("n") or "") or page
        elif name == "div" and node.get("type") == "document" and not _is_within(node, inside):
            inside = node
            reading = _read_document(node, volume, page)
            if reading.text.strip():
                yield reading


def _is_within(node: "_Element", outer: "_Element | None") -> bool:
    return outer is not None and any(each is outer for each in node.iterancestors())


def _read_document(div: "_Element", volume: Volume, page: str | None) -> Reading:
    rendered = render_tei(div, page)
    own = list(_own(div))
    head = next((each for each in own if local_name(each) == "head"), None)
    remarks = [trim(_plain(each)) for each in own if is_remark(each)]
    sources = [trim(words_of(each)) for each in own if is_note(each) and each.get("type") == "source"]
    title = _find_title(div, head)
    creators, recipients = _find_correspondents(head, title)
    present = [_name_of(item, volume) for item in _participants(own)]
    date, place = _find_date(div, own, rendered)
    kind = _find_kind(title, remarks, own)
    name = div.get(_ID) or ""
    anchor = name or next((each.get(_ID) for each in div.iterancestors() if each.get(_ID)), "")
    named = [
        volume.persons[each.get("corresp", "").lstrip("#")]
        for each in ([] if head is None else head.iter())
        if isinstance(each.tag, str)
        and each.get("type") in {"from", "to"}
        and each.get("corresp", "").lstrip("#") in volume.persons
    ]
    said = Provenance(
        title=title,
        kind=kind,
        subject="; ".join(_items(own, "subject")) or None,
        creators=creators,
        recipients=recipients,
        people=tuple(dict.fromkeys([*present, *named])),
        event_date=date if kind == "memorandum of conversation" else None,
        document_date=date,
        received_date=_find_received(own, date),
        number=div.get("n"),
        classification=_find_classification(sources, remarks),
        file_number=next(
            (match["number"] for each in remarks if (match := _FILE_NUMBER.fullmatch(each))), None
        ),
        url=f"{_ADDRESS}/{volume.name}/{anchor}" if anchor else f"{_ADDRESS}/{volume.name}",
        place=place,
        source_note=" ".join(sources or remarks) or None,
    )
    stops = [*rendered.headings, *rendered.boilerplate]
    return Reading(
        text=rendered.text,
        provenance=said.filled_from(volume.shared),
        headings=rendered.headings,
        turns=find_dialogue(rendered.text, rendered.paragraphs, present, stops),
        boilerplate=rendered.boilerplate,
        pages=rendered.pages,
        name=name,
    )


def _compose_title(titles: dict[str, str]) -> str | None:
    """Return the title of a volume as it is cited: series, years, "vol. I", the volume's own."""
    number = re.sub(r"\bVolume\b", "vol.", titles.get("volumenumber", ""))
    number = re.sub(r"\bPart\b", "pt.", number)
    parts = [titles.get("series", ""), titles.get("subseries", ""), number, titles.get("volume", "")]
    if not (parts[0] and (number or parts[3])):
        complete = titles.get("complete") or next(iter(titles.values()), "")
        return re.sub(r"\bVolume(?= [IVXLC\d])", "vol.", complete) or None
    series = re.sub(r"(?<=States)(?= Diplomatic Papers)", ",", parts[0])
    kept = [series]
    kept += [part for part in parts[1:] if part and part not in series]
    return ", ".join(kept)


def _find_persons(root: "_Element") -> Iterator[tuple[str, str]]:
    """Yield the ids and the full names of the persons that a volume lists, family name first."""
    for node in root.iter("{*}persName"):
        key = node.get(_ID)
        family, comma, rest = trim(words_of(node)).rstrip(" ,").partition(", ")
        if key and family:
            yield key, f"{rest.partition(',')[0]} {family}" if comma else family


def _own(div: "_Element") -> Iterator["_Element"]:
    """Yield the elements of a document itself, without those of what it encloses and of notes."""
    pending = list(reversed([each for each in div if isinstance(each.tag, str)]))
    while pending:
        node = pending.pop()
        if local_name(node) in {"attachment", "div"}:
            continue
        yield node
        if not is_note(node):
            pending += reversed([each for each in node if isinstance(each.tag, str)])


def _inside(node: "_Element", name: str) -> Iterator["_Element"]:
    return (each for each in node.iterdescendants() if local_name(each) == name)


def _plain(node: "_Element") -> str:
    """Return the words of an element without those of the notes in it."""
    words = node.text or ""
    for each in node:
        if local_name(each) == "lb":
            words += " "
        elif isinstance(each.tag, str) and not is_note(each):
            words += _plain(each)
        words += each.tail or ""
    return words


def _find_title(div: "_Element", head: "_Element | None") -> str | None:
    """Return the head of a document without its number, or a centred line that stands for one."""
    words = _NUMBERED.sub("", trim(_plain(head)), count=1) if head is not None else ""
    if words in {"", _UNTITLED}:
        lines = (each for each in div if local_name(each) not in {"pb", "head", "note", "opener"})
        first = next(lines, None)
        centred = first is not None and local_name(first) == "p" and first.get("rend") == "center"
        words = trim(_plain(first)) if centred and first is not None else ""
        words = words if len(words) <= _TITLE_CHARS else ""
    return words.strip().removesuffix(".") or None


def _find_correspondents(
    head: "_Element | None", title: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return sender and recipient as the head marks them, or else as its form tells them apart."""
    marked: dict[str, dict[str, None]] = {"from": {}, "to": {}}
    for node in () if head is None else head.iter():
        if isinstance(node.tag, str) and node.get("type") in marked and not is_note(node):
            name = trim(_plain(node)).strip(" ,.")
            if name:
                marked[node.get("type") or ""][name] = None
    creators, recipients = tuple(marked["from"]), tuple(marked["to"])
    told = _CORRESPONDENCE.fullmatch(title or "")
    if told and (title or "").count(" to ") == 1:
        creators = creators or (_person_in(told["from"]),)
        recipients = recipients or (_person_in(told["to"]),)
    return creators, recipients


def _person_in(words: str) -> str:
    """Return the name of "The Consul at Moscow (Poole)", or the office where there is none."""
    named = _NAME_IN_BRACKETS.fullmatch(words)
    return named["name"] if named else re.sub(r"^(?:The|Mr\.) ", "", words)


def _participants(own: list["_Element"]) -> Iterator["_Element"]:
    for node in own:
        if local_name(node) == "list" and node.get("type") == "participants":
            for item in _inside(node, "item"):
                if not any(local_name(each) == "list" for each in item):
                    yield item


def _items(own: list["_Element"], kind: str) -> Iterator[str]:
    for node in own:
        if local_name(node) == "list" and node.get("type") == kind:
            yield from filter(None, (trim(_plain(item)) for item in _inside(node, "item")))


def _name_of(item: "_Element", volume: Volume) -> str:
    """Return the name of a participant, without his office."""
    words = re.split(r",|\s\(", trim(_plain(item)), maxsplit=1)[0].strip(" .;")
    known = [volume.persons.get((each.get("corresp") or "")[1:]) for each in _inside(item, "persname")]
    # "Mr. Kissinger" in a list of persons who are all known is Henry A. Kissinger.
    return known[0] if len(known) == 1 and known[0] and words.split()[-1:] == known[0].split()[-1:] else words


def _find_kind(title: str | None, remarks: list[str], own: list["_Element"]) -> str | None:
    match = _KINDS.match(title or "")
    if match:
        return "memorandum of conversation" if match["conversation"] else match["kind"].lower()
    if any(_TELEGRAM.search(each) for each in remarks):
        return "telegram"
    centred = (trim(_plain(each)) for each in own if each.get("rend") == "center")
    heads = {words.strip(".[] ").lower() for words in centred}
    return next((kind for kind in ("memorandum", "circular", "aide-mémoire") if kind in heads), None)


def _find_classification(sources: list[str], remarks: list[str]) -> str | None:
    for note in sources:
        if match := _CLASSIFIED.search(note):
            return match["marks"]
    for remark in remarks:
        if match := _BRACKETED_MARK.fullmatch(remark):
            return match["marks"].capitalize()
    return None


def _find_date(
    div: "_Element", own: list["_Element"], rendered: TeiText
) -> tuple[str | None, str | None]:
    """Return when and where a document was written: its dateline, or else its last line."""
    lines = [each for each in own if local_name(each) == "dateline"]
    places = (trim(_plain(each)) for line in lines for each in _inside(line, "placename"))
    place = next((words for each in places if (words := each.strip(" ,.[]"))), None)
    marked = (
        _period(
            next((div.get(f"{space}doc-dateTime-min") for space in _FRUS if div.get(f"{space}doc-dateTime-min")), None),
            next((div.get(f"{space}doc-dateTime-max") for space in _FRUS if div.get(f"{space}doc-dateTime-max")), None),
        ),
        *(_date_of(each) for line in lines for each in _inside(line, "date")),
        *(found[0] for line in lines[:1] if (found := find_date(_plain(line)))),
    )
    date = next(filter(None, marked), None)
    return (date, place) if date or lines else _find_closing_date(own)


def _find_closing_date(own: list["_Element"]) -> tuple[str | None, str | None]:
    """Return date and place of a line that is nothing else: "Washington, November 24, 1934."."""
    for node in reversed([each for each in own if local_name(each) in {"p", "closer", "dateline"}][-4:]):
        words = trim(_plain(node))
        found = find_date(words) if len(words) <= 80 else None
        if found and found[1] <= 45 and not words[found[2] :].strip(" .]—"):
            place = words[: found[1]].strip(" ,.[]")
            return found[0], place if re.fullmatch(r"[A-Z][\w .,’'-]+", place) else None
    return None, None


def _date_of(node: "_Element") -> str | None:
    first = node.get("when") or node.get("from") or node.get("notBefore")
    return _period(first, node.get("when") or node.get("to") or node.get("notAfter"))


def _period(first: str | None, last: str | None) -> str | None:
    """Return the date that holds both ends of a period: "1969-07" for 26 to 28 July 1969."""
    parts = []
    for one, other in zip((first or "")[:10].split("-"), (last or "")[:10].split("-"), strict=False):
        if one != other:
            break
        parts.append(one)
    try:
        return parse_date("-".join(parts), "date") if parts else None
    except UnreadableSource:
        return None


def _find_received(own: list["_Element"], sent: str | None) -> str | None:
    """Return when a document was received; a day without a year is the first one after it was sent."""
    for line in own:
        match = _RECEIVED.search(_plain(line)) if local_name(line) == "dateline" else None
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
    import datetime as dt

    start = dt.date.fromisoformat(sent)
    for year in (start.year, start.year + 1):
        found = find_date(f"{day['month']} {day['day']}, {year}")
        if found and _DAY_BEFORE <= (dt.date.fromisoformat(found[0]) - start).days <= _HALF_YEAR:
            return found[0]
    return None
