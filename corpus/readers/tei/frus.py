"""Documents of *Foreign Relations of the United States*, as history.state.gov encodes them in TEI.

What is said of a document is what its volume says: the head and its marked names, the dateline,
the notes of its source, the list of participants. What none of them says stays unknown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.documents import Enclosure, Provenance, Span
from corpus.readers.dialogue import find_dialogue
from corpus.readers.reading import Reading
from corpus.readers.tei.elements import (
    find_inside,
    is_enclosure,
    is_note,
    is_remark,
    own_elements,
    own_words,
)
from corpus.readers.tei.frus_dates import find_date_and_place, find_received
from corpus.readers.tei.frus_heads import find_correspondents, find_kind, find_title
from corpus.readers.tei.frus_signatures import find_serials, find_signers
from corpus.readers.tei.text import render_tei
from corpus.readers.text_flow import local_name, trim, words_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_ADDRESS = "https://history.state.gov/historicaldocuments"
_ID = "{http://www.w3.org/XML/1998/namespace}id"
_FILE_NUMBER = re.compile(
    r"(?:File No\. )?(?P<number>[^\s\[\]:/]*\d[^\[\]:/]*/[^\[\]:,]+)(?:: .*)?"
)
_MARKS = (
    r"(?:Top Secret|Secret|Confidential|Unclassified|Limited Official Use|Official Use Only"
    r"|Restricted)"
)
_CLASSIFIED = re.compile(rf"(?<=[.)”’] )(?P<marks>{_MARKS}(?:[;,] [A-Z][^.;]*)*)\.")
# What the editors say of a record of others that they print beside the American one.
_FOREIGN = re.compile(
    r"\((?:USSR|Soviet|British|French|German|Chinese)[^()]*\)|Foreign Policy Archive|Soviet record"
    r"|British record|(?:prepared|drafted) by the (?:Soviet|British|French|German|Chinese)",
    re.IGNORECASE,
)
# Headings that say nothing of what stands under them.
_PLAIN_HEADS = frozenset({"appendix", "correspondence", "documents", "general", "papers"})
_BRACKETED_MARK = re.compile(rf"\[?(?P<marks>(?:Strictly |Very )?{_MARKS})\.?\]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume: what its documents share, and the full names of persons by the ids of its list."""

    name: str
    shared: Provenance
    persons: dict[str, str]


def read_volume(root: "_Element") -> Volume | None:
    """Return the volume that a TEI document is, or None where it is none of FRUS."""
    header = next((each for each in root if local_name(each) == "teiheader"), None)
    if header is None:
        return None
    numbers = {each.get("type"): trim(words_of(each)) for each in find_inside(header, "idno")}
    name = numbers.get("frus") or root.get(_ID) or ""
    if not re.fullmatch(r"frus[\w.-]+", name):
        return None
    titles = {
        (each.get("type") or "").replace("-", ""): trim(words_of(each))
        for statement in find_inside(header, "titlestmt")
        for each in find_inside(statement, "title")
    }
    editors = {trim(words_of(each)): each.get("role") for each in find_inside(header, "editor")}
    primary = [name for name, role in editors.items() if name and role == "primary"]
    publication = next(find_inside(header, "publicationstmt"), header)
    said = {
        tag: next((trim(words_of(each)) for each in find_inside(publication, tag)), None) or None
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
    for node in root.iter("*"):
        name = local_name(node)
        if name == "pb":
            page = trim(node.get("n") or "") or page
        elif (
            name == "div"
            and node.get("type") == "document"
            and not any(each is inside for each in node.iterancestors())
        ):
            inside = node
            reading = _read_document(node, volume, page)
            if reading.text.strip():
                yield reading


def _read_document(div: "_Element", volume: Volume, page: str | None) -> Reading:
    rendered = render_tei(div, page)
    own = list(own_elements(div))
    head = next((each for each in own if local_name(each) == "head"), None)
    remarks = [own_words(each) for each in own if is_remark(each)]
    sources = [
        trim(words_of(each)) for each in own if is_note(each) and each.get("type") == "source"
    ]
    title = find_title(div, head)
    creators, recipients = find_correspondents(head, title)
    present = [_name_of(item, volume) for item in _participants(own)]
    date, place = find_date_and_place(div, own)
    kind = find_kind(title, remarks, own)
    name = div.get(_ID) or ""
    anchor = name or next((each.get(_ID) for each in div.iterancestors() if each.get(_ID)), "")
    named = [] if head is None else list(_persons_named(head, volume))
    said = Provenance(
        title=title,
        kind=kind,
        subject="; ".join(_items(own, "subject")) or None,
        creators=creators,
        recipients=recipients,
        people=tuple(dict.fromkeys([*present, *named])),
        event_date=date if kind == "memorandum of conversation" else None,
        document_date=date,
        received_date=find_received(own, date),
        number=div.get("n"),
        classification=_find_classification(sources, remarks),
        file_number=next(
            (match["number"] for each in remarks if (match := _FILE_NUMBER.fullmatch(each))), None
        ),
        url=f"{_ADDRESS}/{volume.name}/{anchor}" if anchor else f"{_ADDRESS}/{volume.name}",
        place=place,
        side=find_side(kind, title, sources or remarks),
        source_note=" ".join(sources or remarks) or None,
        chapter=_find_chapter(div),
        signers=tuple(find_signers(own)),
        serials=tuple(find_serials(own, kind)),
        enclosures=tuple(_find_enclosures(div, rendered.enclosures)),
    )
    stops = [*rendered.headings, *rendered.boilerplate]
    return Reading(
        text=rendered.text,
        provenance=said.filled_from(volume.shared),
        headings=rendered.headings,
        turns=find_dialogue(
            rendered.text, rendered.paragraphs, stops, present, volume.persons.values()
        ),
        boilerplate=rendered.boilerplate,
        pages=rendered.pages,
        name=name,
    )


def _find_chapter(div: "_Element") -> str | None:
    """Return the headings that a document is printed under, outermost first: "Chile: Sales tax"."""
    heads = [
        own_words(head).strip(" :;,.—-")
        for each in reversed([*div.iterancestors()])
        if local_name(each) == "div"
        for head in [next((child for child in each if local_name(child) == "head"), None)]
        if head is not None
    ]
    kept = [words for words in dict.fromkeys(heads) if words and words.lower() not in _PLAIN_HEADS]
    return ": ".join(kept) or None


def _find_enclosures(div: "_Element", spans: Sequence[Span]) -> Iterator[Enclosure]:
    """Yield the records that a document encloses, as far as their heads or datelines tell of them.

    `spans` are where they stand in the text, in the same order.
    """
    nodes = [each for each in div.iterdescendants() if is_enclosure(each)]
    if len(nodes) != len(spans):
        # One of them stands in a note or in a table, and has no place of its own in the text.
        return
    for node, span in zip(nodes, spans, strict=True):
        own = list(own_elements(node))
        head = next((each for each in own if local_name(each) == "head"), None)
        title = find_title(node, head)
        creators, recipients = find_correspondents(head, title)
        date, place = find_date_and_place(node, own)
        if not (creators or recipients or date) or not len(span):
            continue
        kind = find_kind(title, [own_words(each) for each in own if is_remark(each)], own)
        yield Enclosure(
            span=span,
            title=title,
            kind=kind,
            creators=creators,
            recipients=recipients,
            signers=tuple(find_signers(own)),
            document_date=date,
            place=place,
            serials=tuple(find_serials(own, kind)),
        )


def find_side(kind: str | None, title: str | None, remarks: list[str]) -> str | None:
    """Return whose record of a conversation it is: American, but for those said to be of others."""
    if kind != "memorandum of conversation":
        return None
    foreign = any(_FOREIGN.search(words) for words in (title or "", *remarks))
    return None if foreign else "United States"


def _compose_title(titles: dict[str, str]) -> str | None:
    """Return the title of a volume as it is cited: series, years, "vol. I", the volume's own."""
    number = re.sub(r"\bVolume\b", "vol.", titles.get("volumenumber", ""))
    number = re.sub(r"\bPart\b", "pt.", number)
    parts = [
        titles.get("series", ""),
        titles.get("subseries", ""),
        number,
        titles.get("volume", ""),
    ]
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


def _persons_named(head: "_Element", volume: Volume) -> Iterator[str]:
    """Yield the full names of sender and recipient, where the volume lists them."""
    for each in head.iter("*"):
        person = volume.persons.get((each.get("corresp") or "").lstrip("#"))
        if person and each.get("type") in {"from", "to"}:
            yield person


def _participants(own: list["_Element"]) -> Iterator["_Element"]:
    for node in own:
        if local_name(node) == "list" and node.get("type") == "participants":
            for item in find_inside(node, "item"):
                if not any(local_name(each) == "list" for each in item):
                    yield item


def _items(own: list["_Element"], kind: str) -> Iterator[str]:
    for node in own:
        if local_name(node) == "list" and node.get("type") == kind:
            yield from filter(None, (own_words(item) for item in find_inside(node, "item")))


def _name_of(item: "_Element", volume: Volume) -> str:
    """Return the name of a participant, without his office."""
    words = re.split(r",|\s\(", own_words(item), maxsplit=1)[0].strip(" .;")
    known = [
        volume.persons.get((each.get("corresp") or "")[1:])
        for each in find_inside(item, "persname")
    ]
    # "Mr. Kissinger" in a list of persons who are all known is Henry A. Kissinger.
    return (
        known[0]
        if len(known) == 1 and known[0] and words.split()[-1:] == known[0].split()[-1:]
        else words
    )


def _find_classification(sources: list[str], remarks: list[str]) -> str | None:
    for note in sources:
        if match := _CLASSIFIED.search(note):
            return match["marks"]
    for remark in remarks:
        if match := _BRACKETED_MARK.fullmatch(remark):
            return match["marks"].capitalize()
    return None
