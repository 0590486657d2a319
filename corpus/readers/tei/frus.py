"""Documents of *Foreign Relations of the United States*, as history.state.gov encodes them in TEI.

What is said of a document is what its volume says: the head and its marked names, the dateline,
the notes of its source, the list of participants. What none of them says stays unknown.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from corpus.dates import in_words
from corpus.documents import QUOTATION, Enclosure, Provenance, Span, Turn
from corpus.readers.dialogue import find_dialogue
from corpus.readers.reading import Reading
from corpus.readers.tei.elements import (
    is_block_quotation,
    is_note,
    is_remark,
    own_elements,
    own_words,
)
from corpus.readers.tei.frus_dates import find_dating
from corpus.readers.tei.frus_heads import find_correspondents, find_kind, find_rendition, find_title
from corpus.readers.tei.frus_signatures import (
    find_full_names,
    find_opening_number,
    find_serials,
    find_signers,
    name_writer,
    spell_name,
)
from corpus.readers.tei.frus_speech import find_relayed, find_reported
from corpus.readers.tei.text import TeiText, render_tei
from corpus.readers.text_flow import find_inside, local_name, trim, words_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_ADDRESS = "https://history.state.gov/historicaldocuments"
_ID = "{http://www.w3.org/XML/1998/namespace}id"
_CONVERSATION = "memorandum of conversation"
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
_PRESIDENT = re.compile(r"\bPresident ([A-Z][a-z]+)\b(?! of)")
# Headings that say nothing of what stands under them.
_PLAIN_HEADS = frozenset({"appendix", "correspondence", "documents", "general", "papers"})
_BRACKETED_MARK = re.compile(rf"\[?(?P<marks>(?:Strictly |Very )?{_MARKS})\.?\]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume: what its documents share, and the full names in it.

    `persons` are those of its list by their ids, `signers` those who sign in it by family name.
    `president` is the one President whom its heads name.
    """

    name: str
    shared: Provenance
    persons: dict[str, str]
    signers: dict[str, str]
    president: str | None = None

    @property
    def latest(self) -> int | None:
        """The year in which it came out: nothing in it is later."""
        year = self.shared.publication_date
        return int(year) if year else None


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
    persons, signers = dict(_find_persons(root)), find_full_names(root)
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
        persons=persons,
        signers=signers,
        president=_find_president(root, [*persons.values(), *signers.values()]),
    )


def _name_record(head: Enclosure) -> str | None:
    """Return the title, or else kind, writer, recipient and date as far as they are known."""
    if head.title:
        return head.title
    by = head.creators or head.signers
    named = f" by {spell_name(by[0])}" if by else ""
    named += f" to {head.recipients[0]}" if head.recipients else ""
    if not (named or head.kind):
        return None
    sent = in_words(head.document_date) if head.document_date else None
    title = f"{(head.kind or 'document').capitalize()}{named}"
    return ", ".join(filter(None, [title, head.printed_date or sent]))


def _read_head(
    node: "_Element", span: Span, own: list["_Element"], remarks: list[str], volume: Volume
) -> Enclosure:
    """Return the provenance that a record in a volume states, enclosed or not."""
    head = next((each for each in own if local_name(each) == "head"), None)
    title = find_title(node, head)
    creators, recipients = find_correspondents(head, title)
    signers = tuple(find_signers(own))
    serials = tuple(find_serials(own))
    kind = find_kind(title, remarks, own, serials)
    dating = find_dating(node, own, volume.latest)
    return Enclosure(
        span,
        title=title,
        kind=kind,
        creators=name_writer(creators, signers, own, volume.signers),
        recipients=recipients,
        signers=signers,
        document_date=dating.sent,
        place=dating.place,
        serials=(*serials, *find_opening_number(own, kind)),
        received_date=dating.received,
        printed_date=dating.printed,
        rendition=find_rendition(title, remarks),
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
    record = _read_head(div, Span(0, len(rendered.text)), own, remarks, volume)
    present = [_name_of(item, volume) for item in _participants(own)]
    name = div.get(_ID) or ""
    anchor = name or next((each.get(_ID) for each in div.iterancestors() if each.get(_ID)), "")
    named = [] if head is None else list(_persons_named(head, volume))
    said = Provenance(
        subject="; ".join(_items(own, "subject")) or None,
        people=tuple(dict.fromkeys([*present, *named])),
        event_date=record.document_date if record.kind == _CONVERSATION else None,
        number=div.get("n"),
        classification=_find_classification(sources, remarks),
        file_number=next(
            (match["number"] for each in remarks if (match := _FILE_NUMBER.fullmatch(each))), None
        ),
        url=f"{_ADDRESS}/{volume.name}/{anchor}" if anchor else f"{_ADDRESS}/{volume.name}",
        side=find_side(record.kind, record.title, sources or remarks),
        source_note=" ".join(sources or remarks) or None,
        chapter=_find_chapter(div),
        enclosures=tuple(_find_enclosures(rendered, volume)),
        **{**record.head, "title": _name_record(record)},
    )
    return Reading(
        text=rendered.text,
        provenance=said.filled_from(volume.shared),
        headings=rendered.headings,
        turns=_find_turns(rendered, said, present, volume),
        boilerplate=rendered.boilerplate,
        pages=rendered.pages,
        name=name,
    )


def _find_turns(
    rendered: TeiText, said: Provenance, present: list[str], volume: Volume
) -> tuple[Turn, ...]:
    """Return the turns of a document: of its speakers, and of the telegrams that it relays."""
    text, paragraphs = rendered.text, rendered.paragraphs
    stops = [*rendered.headings, *rendered.boilerplate]
    turns = find_dialogue(text, paragraphs, stops, present, volume.persons.values())
    enclosed = [each.span for each in said.enclosures]
    own = [span for span in paragraphs if not any(each.holds(span) for each in enclosed)]
    if not turns and said.kind in {_CONVERSATION, "record of conversation"}:
        turns = find_reported(text, own, present, volume.persons.values())
    turns = turns or find_relayed(text, own, said.kind)
    return tuple(Turn(each.span, each.label, _name_speaker(each.label, volume)) for each in turns)


def _name_speaker(label: str, volume: Volume) -> str | None:
    """Return the full name of a speaker where a volume has only one person who is called so."""
    if label.removeprefix("The ") == "President":
        return volume.president
    family = _family(label)
    found = {name for name in volume.persons.values() if _family(name) == family}
    if volume.persons:
        return found.pop() if len(found) == 1 and len(label.split()) <= 2 else None
    return volume.signers.get(family.casefold()) if label == family else None


def _family(name: str) -> str:
    return name.rsplit(maxsplit=1)[-1] if name else ""


def _find_president(root: "_Element", known: list[str]) -> str | None:
    """Return the full name of the President, where the heads of a volume name only one."""
    named = Counter(
        match[1] for head in root.iter("{*}head") for match in _PRESIDENT.finditer(own_words(head))
    )
    if len(named) != 1:
        return None
    (family,) = named
    full = {name for name in known if _family(name) == family}
    return full.pop() if len(full) == 1 else f"President {family}"


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


def _find_enclosures(rendered: TeiText, volume: Volume) -> Iterator[Enclosure]:
    """Yield the records that a document encloses, and the texts that it quotes as blocks.

    One whose head, signature and dateline say nothing has only its span: it may be anybody's.
    """
    for node, span in rendered.enclosures:
        if is_block_quotation(node):
            yield Enclosure(span, kind=QUOTATION)
            continue
        own = list(own_elements(node))
        remarks = [own_words(each) for each in own if is_remark(each)]
        head = _read_head(node, span, own, remarks, volume)
        yield replace(head, title=_name_record(head))


def find_side(kind: str | None, title: str | None, remarks: list[str]) -> str | None:
    """Return whose record of a conversation it is: American, but for those said to be of others."""
    if kind != _CONVERSATION:
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
    """Return the name of a participant, without the office."""
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
