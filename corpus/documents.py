"""The core types: a document, where it comes from, and what is found in its text."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from corpus.dates import in_words


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text, in code points, `end` exclusive."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """Return the words of `text` in this span."""
        return text[self.start : self.end]

    def holds(self, other: "Span") -> bool:
        """Return whether `other` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Span") -> bool:
        """Return whether the two share a code point."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Turn:
    """What a record attributes to one speaker: the span of the words, and the label in the text.

    `name` is the person, if the authority file leaves no doubt.
    """

    span: Span
    label: str
    name: str | None = None

    @property
    def speaker(self) -> str:
        """The label, and the person where known and not named by it: "President (Bill Clinton)"."""
        known = self.name is not None and self.name != self.label
        return f"{self.label} ({self.name})" if known else self.label


# Kinds of what is not the source's own words: the editors' notes on what they left out, and
# passages that they give in their own words.
OMISSION, SUMMARY, PARAPHRASE = "omission", "summary", "paraphrase"
# The kind of an enclosure that is a text quoted as a block.
QUOTATION = "quotation"


@dataclass(frozen=True, slots=True)
class Redaction:
    """A passage that the text says was removed, or that is not the source's own words.

    `kind` is "redaction" where words were blacked out or withheld, "omission" for the editors' note
    on words that they left out, "summary" and "paraphrase" for passages in the editors' words,
    "note" for any other remark, such as a translator's. Sentences never cross the first two.
    `reason` is why words were removed, as the text says it: "privacy", "(b)(6)".
    """

    span: Span
    kind: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The start of a page of the original in the text, and its label: "3", "iv"."""

    start: int
    label: str


@dataclass(frozen=True, slots=True)
class Structure:
    """The structure of a text: each a tuple of spans in the order of the text.

    `boilerplate` covers page furniture and endnotes: kept in the text, never passages. A page goes
    on to the start of the next one.
    """

    blocks: tuple[Span, ...] = ()
    headings: tuple[Span, ...] = ()
    turns: tuple[Turn, ...] = ()
    redactions: tuple[Redaction, ...] = ()
    boilerplate: tuple[Span, ...] = ()
    pages: tuple[Page, ...] = ()

    def pages_of(self, span: Span) -> tuple[str, ...]:
        """Return the labels of the first and last page of a span; one if both are the same."""
        starts = [page.start for page in self.pages]
        first = bisect_right(starts, span.start) - 1
        last = bisect_right(starts, max(span.start, span.end - 1)) - 1
        if last < 0:
            return ()
        labels = (self.pages[max(first, 0)].label, self.pages[last].label)
        return labels if first != last else labels[1:]


@dataclass(frozen=True, slots=True)
class Reference:
    """A source that a document names: a title and, where known, an address."""

    title: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A record enclosed in another one: its span, and the provenance in its own head.

    `printed_date` and `rendition` are as in a `Provenance`. One that names nobody has only its
    span; a text quoted as a block has the kind "quotation".
    """

    span: Span
    title: str | None = None
    kind: str | None = None
    creators: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    document_date: str | None = None
    place: str | None = None
    serials: tuple[str, ...] = ()
    received_date: str | None = None
    printed_date: str | None = None
    rendition: str | None = None

    @property
    def cited_date(self) -> str | None:
        """The date as a citation gives it; see `Provenance.cited_date`."""
        return _cite_date(self.document_date, self.printed_date, self.received_date)

    @property
    def head(self) -> dict[str, Any]:
        """All fields but the span: those of a `Provenance` of the same names."""
        names = [field.name for field in fields(self) if field.name != "span"]
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a document comes from. What is not known is None or empty, never guessed.

    Dates are ISO 8601 and may be partial ("1993-07"): `event_date` of what is told, then when it
    was written (or sent) and received. `about` is the record that an abstract or a background note
    describes. `copied_to` are those who were sent it for information. `part` reads "1 of 2";
    `parent` is the number of the record this one belongs to. `separate_telegram` counts those in
    which a main telegram, the parent, goes on. `classification` has all markings of secrecy and
    distribution, `original_classification` how a record was marked when it was written, where that
    is not its classification any more; `precedence` is how urgent it was. `place` is where it was
    written, `side` the government that wrote it ("Japan"), `office` the one in charge of it, `tags`
    its own subject codes, `source_note` what its editors say of where it was found. A document
    printed in a volume has the volume's title as `container`, the headings it is printed under as
    `chapter`, the volume's `editors`, and when and where that came out.
    `extraction` is "OCR" where a machine read the text from pictures of pages.
    `signers` are the names that stand below it, `serials` the numbers that a record printed in a
    volume bears itself ("82" of a despatch), and `enclosures` what was sent with it.
    `printed_date` is how a citation gives the date where an ISO date cannot say it: "undated",
    "ca. July 1871", "July 26–28, 1871". `rendition` is "paraphrase" or "summary" where the editors
    give the record in their own words.
    """

    title: str | None = None
    kind: str | None = None
    subject: str | None = None
    creators: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    copied_to: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    event_date: str | None = None
    document_date: str | None = None
    received_date: str | None = None
    number: str | None = None
    classification: str | None = None
    original_classification: str | None = None
    repository: str | None = None
    publisher: str | None = None
    file_number: str | None = None
    collection: str | None = None
    translator: str | None = None
    language: str | None = None
    url: str | None = None
    part: str | None = None
    parent: str | None = None
    separate_telegram: str | None = None
    precedence: str | None = None
    office: str | None = None
    place: str | None = None
    side: str | None = None
    original_language: str | None = None
    tags: tuple[str, ...] = ()
    source_note: str | None = None
    container: str | None = None
    chapter: str | None = None
    editors: tuple[str, ...] = ()
    publication_date: str | None = None
    publication_place: str | None = None
    extraction: str | None = None
    about: "Provenance | None" = None
    sources: tuple[Reference, ...] = ()
    signers: tuple[str, ...] = ()
    serials: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    printed_date: str | None = None
    rendition: str | None = None

    @property
    def record(self) -> "Provenance":
        """The record itself: what the document describes, or else the document."""
        return self.about or self

    @property
    def date(self) -> str | None:
        """The date to order and filter by: the event's, else the record's own."""
        return self.record.event_date or self.record.document_date

    @property
    def cited_date(self) -> str | None:
        """The date as a citation gives it: "July 4, 1871", "undated [received May 4, 1872]"."""
        return _cite_date(
            self.document_date or self.event_date, self.printed_date, self.received_date
        )

    @property
    def is_own(self) -> bool:
        """Whether the document was written for memcon: a finding aid, not a source."""
        return self.kind in {"abstract", "background"} and "memcon" in self.creators

    def filled_from(self, other: "Provenance") -> "Provenance":
        """Return this provenance with its unknown fields filled from another."""
        lacking = {
            field.name: getattr(other, field.name)
            for field in fields(self)
            if getattr(self, field.name) in (None, ())
        }
        return replace(self, **lacking)

    def to_dict(self) -> dict[str, Any]:
        """Return the known fields as JSON values."""
        return _pack_fields(self)

    @classmethod
    def from_dict(cls, known: dict[str, Any]) -> "Provenance":
        """Return the provenance that `to_dict` wrote."""
        values = _unpack(known)
        if "about" in known:
            values["about"] = cls.from_dict(known["about"])
        values["sources"] = tuple(Reference(**each) for each in known.get("sources", ()))
        values["enclosures"] = tuple(map(_unpack_enclosure, known.get("enclosures", ())))
        return cls(**values)


def _cite_date(date: str | None, printed: str | None, received: str | None) -> str | None:
    """Return a date as a citation gives it: as it is printed, where an ISO date cannot say it."""
    if printed == "undated" and received:
        return f"undated [received {in_words(received)}]"
    if not (printed or date) and received:
        return f"[received {in_words(received)}]"
    return printed or (in_words(date) if date else None)


def _pack_fields(record: "Provenance | Enclosure") -> dict[str, Any]:
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    return {name: _pack(value) for name, value in values.items() if value not in (None, ())}


def _pack(value: Any) -> Any:
    match value:
        case tuple():
            return [_pack(each) for each in value]
        case Reference():
            return asdict(value)
        case Enclosure():
            known = _pack_fields(value)
            return asdict(known.pop("span")) | known
        case Provenance():
            return value.to_dict()
    return value


def _unpack(known: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(each) if isinstance(each, list) else each for name, each in known.items()}


def _unpack_enclosure(known: dict[str, Any]) -> Enclosure:
    values = _unpack(known)
    return Enclosure(Span(values.pop("start"), values.pop("end")), **values)


@dataclass(frozen=True, slots=True)
class Document:
    """One document of the archive.

    `text` is exactly what the reader extracted; every offset counts its code points. `source` is
    the file or address that it was read from. `sha256` is the hash of the text in UTF-8.
    """

    doc_id: str
    text: str
    provenance: Provenance
    structure: Structure
    source: str
    sha256: str

    @property
    def title(self) -> str:
        """What to call the document: its title, or else its name."""
        return self.provenance.title or self.doc_id


@dataclass(frozen=True, slots=True)
class Problem:
    """A source that was skipped, with the reason; if `is_read`, a remark on one that was read."""

    source: str
    reason: str
    is_read: bool = False


def hash_text(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def overlaps_any(areas: Sequence[Span], span: Span) -> bool:
    """Return whether a span shares a code point with one of the areas, which are merged."""
    last = bisect_left(areas, span.end, key=lambda area: area.start) - 1
    return last >= 0 and areas[last].overlaps(span)


def merge_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the same stretches sorted, with those that touch or overlap made one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)
