"""The record that a passage belongs to: the document itself, or one that it encloses.

A letter may enclose a note, and the note a list. Each has its own writer, recipient and date. The
words of one are never attributed to the writer of another.
"""

from dataclasses import dataclass, replace

from corpus.documents import (
    OMISSION,
    PARAPHRASE,
    QUOTATION,
    SUMMARY,
    Document,
    Enclosure,
    Provenance,
    Span,
)

# What the editors' own words are called.
_EDITORIAL = {
    OMISSION: "an editors’ note",
    PARAPHRASE: "an editors’ paraphrase",
    SUMMARY: "an editors’ summary",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One record in a document, with its own provenance.

    `provenance` has the title, kind, creators, recipients, signers, dates, place and serials of
    this record alone; the volume, chapter, address and number are the document's. An enclosure that
    names nobody has no creators: its attribution is open. Neither have words that the record quotes
    as a block, which may be anybody's: `is_quotation`. `outer` is the record that encloses this
    one, None for the document itself. `editorial` names the editors' words that the span touches
    ("an editors' note"), None where all of it is the source's.
    """

    span: Span
    provenance: Provenance
    outer: "Part | None" = None
    editorial: str | None = None
    is_quotation: bool = False

    @property
    def is_enclosed(self) -> bool:
        """Whether another record encloses this one."""
        return self.outer is not None

    @property
    def writers(self) -> tuple[str, ...]:
        """The writers and signers, each once: "Tull" below a letter of "Count Tull" is the same."""
        creators = dict.fromkeys(self.provenance.creators)
        known = [set(name.casefold().split()) for name in creators]
        signers = (
            name
            for name in dict.fromkeys(self.provenance.signers)
            if not any(set(name.casefold().split()) <= words for words in known)
        )
        return (*creators, *signers)

    @property
    def name(self) -> str | None:
        """Who wrote to whom and when: "Tull to Orme, October 28, 1871"; else the title and date."""
        record = self.provenance
        letter = ", ".join(record.creators or record.signers[:1])
        if record.recipients:
            letter = f"{letter} to {', '.join(record.recipients)}".strip()
        named = letter if record.creators and record.recipients else record.title or letter
        return ", ".join(filter(None, [named, record.cited_date])) or None

    @property
    def enclosed_in(self) -> str | None:
        """The record around this one that has a name, or None.

        "enclosed in Orme to Quillan, November 3, 1871".
        """
        outer = self.outer
        if outer is None:
            return None
        while outer.name is None and outer.outer is not None:
            outer = outer.outer
        return f"enclosed in {outer.name or 'the document'}"


def part_at(document: Document, span: Span) -> Part:
    """Return the record that a span of a document's text belongs to.

    That is the innermost enclosure which holds the start of the span, or else the document. A span
    that runs on into another part has no writer: its creators and signers are empty. Offsets are
    code points of `document.text`. Never raises.
    """
    known = document.provenance
    around = sorted(
        (each for each in known.enclosures if each.span.start <= span.start < each.span.end),
        key=lambda each: (each.span.start, -each.span.end),
    )
    part = Part(Span(0, len(document.text)), known)
    for each in around:
        if each.kind == QUOTATION:
            part = replace(part, is_quotation=True)
        else:
            part = Part(each.span, _provenance_of(each, known), outer=part)
    crosses = part.span.end < span.end or any(
        span.start < each.span.start < span.end for each in known.enclosures
    )
    if crosses or part.is_quotation:
        part = replace(part, provenance=replace(part.provenance, creators=(), signers=()))
    return replace(part, editorial=_find_editorial(document, span, part.provenance))


def _provenance_of(enclosure: Enclosure, known: Provenance) -> Provenance:
    """Return an enclosure's own provenance in the volume that its document stands in."""
    return replace(
        known,
        subject=None,
        copied_to=(),
        people=(),
        event_date=None,
        side=None,
        file_number=None,
        source_note=None,
        classification=None,
        enclosures=(),
        **enclosure.head,
    )


def _find_editorial(document: Document, span: Span, part: Provenance) -> str | None:
    """Return the kind of editors' words that a span touches; an editorial note is all theirs."""
    if (document.provenance.kind or "").casefold() == "editorial note":
        return "an editorial note"
    known = (
        _EDITORIAL[each.kind]
        for each in document.structure.redactions
        if each.kind in _EDITORIAL and each.span.overlaps(span)
    )
    return next(known, None) or describe_rendition(part)


def describe_rendition(record: Provenance) -> str | None:
    """Return how the editors give a whole record: "an editors’ paraphrase"; None as it stands."""
    return _EDITORIAL.get(record.rendition or "")
