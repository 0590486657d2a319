"""Cards as plain values, made by pure functions.

A card is one embed. Its texts are escaped here and fit Discord's limits; a text that is too long
for one card continues on the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.discord.text import LIMITS, clip, escape, length, mark, pages
from bot.render.record_wording import describe_match, list_others, name_record
from bot.render.wording import REFUSALS, name_filters, tell_origin, tell_whose
from corpus.authority.attribution import attribute, describe_details
from corpus.citations.styles import Citation, cite
from corpus.dates import in_words
from corpus.documents import Document, Span, Turn
from index.answering.answer import Answer
from index.answering.context import find_surroundings
from index.answering.counterpart import Counterpart
from index.answering.leads import Hint, Refusal
from index.answering.verdict import Verdict
from index.retrieval.hits import Hit
from index.storage.generation import Manifest
from index.storage.inventory import Changes
from index.text.highlighting import find_matches
from index.verifying.verification import Finding, Verification

GREEN, YELLOW, BLUE, GREY = 0x2E7D32, 0xF9A825, 0x1565C0, 0x616161

# Room for a quotation on a card; its citation and attribution need the rest of the description.
_QUOTE_ROOM = 2400
_PAGE_ROOM = 3200
_LEAD_ROOM = 500
_HIT_ROOM = 410
# Room for the marks of some forty words in bold.
_BOLD_ROOM = 160
_HITS_A_PAGE = 5
# The most other matching records that are named.
_OTHERS = 3
# The most parts of a spliced quotation that are shown.
_PARTS = 3

_FINDINGS = {
    Finding.EXACT: "**These words stand in the archive, letter for letter.**",
    Finding.TYPOGRAPHIC: "**These words stand in the archive; only typography differs.**",
    Finding.BRACKETED: "**These words stand in the archive, but for the brackets.**",
    Finding.SCANNED: "**The same words, as far as a machine read the scan (OCR).**",
    Finding.MISATTRIBUTED: "**These words stand in the archive, but not from there.**",
    Finding.SPLICED: "**Every part stands in the archive, but they do not stand together.**",
    Finding.ALTERED: "**The archive has other words.**",
}
# Words in both texts; words that the quotation adds; words that it omits.
_DIFFERENCE = {"same": "{}", "inserted": "**[+ {}]**", "deleted": "~~{}~~"}

_READING = (
    "An answer is quoted word for word from a document, with its citation: who wrote to whom, "
    "title, date, archive and address. A citation that begins with “memcon” is to a finding aid "
    "written for memcon, about the record that it names. “Attributed to” means that one side's "
    "record says so, not that the words were taken down as spoken; where the archive has what the "
    "other side wrote of the same meeting, that stands below, to compare."
)


@dataclass(frozen=True, slots=True)
class Card:
    """One embed: texts in Discord's markup, within its limits.

    `link` is an address or None; `fields` are names and texts below the description.
    """

    title: str
    description: str
    footer: str = ""
    colour: int = BLUE
    link: str | None = None
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of an answer: a quotation, or a part of a long one."""

    quote: int
    part: Span
    parts: int
    place: int


def answer_pages(answer: Answer) -> list[Page]:
    """Divide an answer into pages: one for each quotation, several for a long one."""
    found = []
    for number, quote in enumerate(answer.quotes):
        parts = pages(quote.text, _QUOTE_ROOM, reserve=_BOLD_ROOM)
        found += [Page(number, part, len(parts), place) for place, part in enumerate(parts)]
    return found


def answer_card(
    answer: Answer,
    receipt_id: str,
    page: int,
    typed: str = "",
    *,
    changed: Changes | None = None,
) -> Card:
    """Make the card for a page of an answer, or for a refusal.

    `typed` is the question as typed, if it was understood in other words; `changed` counts the
    source files that have changed since the build.
    """
    if answer.verdict is Verdict.NOT_FOUND:
        return _not_found_card(answer, receipt_id, typed, changed)
    shown = answer_pages(answer)
    here = shown[min(page, len(shown) - 1)]
    quote = answer.quotes[here.quote]
    citation = cite(quote.document, quote.span)
    words = here.part.of(quote.text)
    origin = _origin(quote.document, quote.turn, whose=tell_whose(answer, here.quote))
    lines = [_quoted(words, answer.terms, here), "", *origin, _source(citation)]
    other = answer.counterparts[here.quote] if answer.counterparts else None
    redacted = answer.verdict is Verdict.REDACTED
    if redacted:
        lines = ["**What was asked for was withheld.** The archive says:", "", *lines]
    sure = f"{answer.verdict} · confidence {answer.confidence:.0%}"
    if len(answer.quotes) > 1:
        sure = f"quotation {here.quote + 1} of {len(answer.quotes)} · {sure}"
    return Card(
        title=_title(typed or answer.question),
        description="\n".join([*_asked_as(answer, typed), *lines]),
        footer=f"{sure} · {_searched_for(answer, changed)} · receipt {receipt_id}",
        colour=GREY if redacted else GREEN,
        link=_usable(citation.deep_link) or _usable(citation.url),
        fields=(_other_side(other),) if other else _records(answer),
    )


def context_cards(document: Document, span: Span) -> list[Card]:
    """Make the cards for a quotation and its surroundings, with the quotation in bold."""
    before, after = find_surroundings(document, span)
    around = Span(before.start, after.end)
    words = around.of(document.text)
    marked = Span(span.start - around.start, span.end - around.start)
    cards = []
    for part in pages(words, _PAGE_ROOM, reserve=100):
        start, end = max(marked.start, part.start), min(marked.end, part.end)
        bold = [Span(start - part.start, end - part.start)] if start < end else []
        cards.append(
            Card(
                title=_title(f"Around the quotation: {document.title}"),
                description=mark(part.of(words), bold),
                footer=clip(f"{document.doc_id} · {around.start}-{around.end}", 200),
            )
        )
    return cards


def citation_card(citation: Citation) -> Card:
    """Make the card for a citation; its machine-readable forms are files beside it."""
    lines = [
        "**Chicago, full note**",
        _fitting(citation.note, 1500),
        "",
        "**Short note**",
        _fitting(citation.short, 600),
        "",
        "BibTeX, BibLaTeX, RIS and CSL-JSON are attached.",
    ]
    return Card(title="Cite", description="\n".join(lines), link=_usable(citation.url))


def search_cards(
    query: str,
    terms: Sequence[str],
    hits: Sequence[tuple[Hit, Document]],
    manifest: Manifest,
    asked_as: str = "",
) -> list[Card]:
    """Make the cards for ranked passages, five each, or one card if no passage fits.

    `asked_as` is the query as understood, if that is not as typed.
    """
    asked = f"asked as: {clip(asked_as, 300)}" if asked_as else ""
    if not hits:
        return [
            Card(
                _title(query),
                "No passage fits.",
                "\n".join(filter(None, [asked, searched(manifest)])),
                YELLOW,
            ),
        ]
    cards = []
    for first in range(0, len(hits), _HITS_A_PAGE):
        lines = []
        for hit, document in hits[first : first + _HITS_A_PAGE]:
            words = hit.passage.span.of(document.text)
            part = pages(words, _HIT_ROOM, reserve=_BOLD_ROOM)[0]
            shown = mark(part.of(words), _inside(find_matches(words, terms), part))
            more = " …" if part.end < len(words) else ""
            name = _fitting(clip(document.title, 150), 160)
            origin = "\n".join(_origin(document, hit.passage.turn, room=200))
            lines.append(f"**{hit.rank}. {name}**\n{shown}{more}\n{origin}\n")
        cards.append(
            Card(
                title=_title(query),
                description="\n".join(lines),
                # The description has no room left.
                footer="\n".join(
                    filter(None, [asked, f"{len(hits)} passages · {searched(manifest)}"])
                ),
            )
        )
    return cards


def document_cards(document: Document) -> list[Card]:
    """Make the cards for a document, with its provenance on the first."""
    citation = cite(document)
    cards = []
    parts = pages(document.text, _PAGE_ROOM - 600, reserve=100)
    for place, part in enumerate(parts):
        origin = "\n".join(_origin(document, None))
        head = f"{origin}\n{_fitting(citation.note, 400)}\n\n" if place == 0 else ""
        cards.append(
            Card(
                title=_title(document.title),
                description=head + escape(part.of(document.text), keep_lines=True),
                footer=clip(f"page {place + 1} of {len(parts)} · {document.doc_id}", 300),
                link=_usable(citation.url),
            )
        )
    return cards


def page_of(document: Document, around: str) -> int:
    """Find the first page of a document with the words `around`; 0 if none has them."""
    place = document.text.casefold().find(around.casefold())
    parts = pages(document.text, _PAGE_ROOM - 600, reserve=100)
    return next((number for number, part in enumerate(parts) if place < part.end), 0)


def verification_card(verification: Verification) -> Card:
    """Make the card for a verified quotation: whether and where it stands, and how it differs."""
    document, span = verification.document, verification.span
    if document is None or span is None:
        return Card(
            "Not in the archive",
            f"“{_fitting(verification.quotation, 1500)}”",
            searched(verification.searched),
            YELLOW,
        )
    citation = cite(document, span)
    lines = [_FINDINGS[verification.finding], ""]
    lines += [verification.caveat, ""] if verification.caveat else []
    if verification.attributed_to and verification.turn:
        speaker = escape(verification.turn.speaker)
        lines += [f"The record attributes them to {clip(speaker, 200)}.", ""]
    if verification.parts:
        for part in verification.parts[:_PARTS]:
            origin = _origin(part.document, None, room=200)
            where = _fitting(cite(part.document, part.span).note, 500)
            lines += [f"“{_fitting(part.text, 300)}”", *origin, where, ""]
        more = len(verification.parts) - _PARTS
        lines += [f"… and {more} more"] if more > 0 else []
    else:
        lines += [f"“{_fitting(span.of(document.text), 1200)}”", ""]
        if verification.difference:
            lines += ["Beside the archive's words:", _difference(verification), ""]
        lines += [*_origin(document, verification.turn), _source(citation)]
    return Card(
        title=str(verification.finding).capitalize(),
        description="\n".join(lines),
        footer=searched(verification.searched),
        colour=GREEN if verification.finding.is_found else YELLOW,
        link=_usable(citation.deep_link) or _usable(citation.url),
    )


def about_card(manifest: Manifest, collections: Sequence[str], kinds: Sequence[str]) -> Card:
    """Make the card on the archive's contents and on reading citations."""
    dates = "not known"
    if manifest.date_from and manifest.date_to:
        dates = f"{in_words(manifest.date_from)} to {in_words(manifest.date_to)}"
    rows = {
        "Documents": f"{manifest.documents:,}",
        "Passages": f"{manifest.passages:,}",
        "Dates": dates,
        "Collections": clip(", ".join(collections) or "none", 600),
        "Kinds of document": clip(", ".join(kinds) or "not known", 600),
        "State of the archive": f"index {manifest.generation}, built {manifest.built}",
    }
    lines = [f"**{name}:** {escape(value)}" for name, value in rows.items()]
    lines += [
        "",
        _READING,
    ]
    return Card("About this archive", "\n".join(lines))


def status_card(manifest: Manifest) -> Card:
    """Make the card on the index that answers."""
    skipped = f" · {manifest.skipped:,} files skipped" if manifest.skipped else ""
    return Card(
        "Status of the archive",
        f"{escape(searched(manifest))}{skipped}",
    )


def searched(manifest: Manifest) -> str:
    """Describe the searched index in one line."""
    return (
        f"searched {manifest.documents:,} documents, {manifest.passages:,} passages"
        f" · index {manifest.generation} of {manifest.built}"
    )


def _searched_for(answer: Answer, changed: Changes | None) -> str:
    stale = f" · its files have changed since ({changed})" if changed else ""
    return searched(answer.searched) + stale


def _asked_as(answer: Answer, typed: str) -> list[str]:
    """Return the question as understood, if that is not as typed."""
    if typed in {"", answer.question}:
        return []
    return [f"_asked as: {_fitting(answer.question, 300)}_", ""]


def _not_found_card(answer: Answer, receipt_id: str, typed: str, changed: Changes | None) -> Card:
    refusal = answer.refusal or Refusal.SILENT
    lines = [f"**{REFUSALS[refusal]}**"]
    if answer.leads:
        lines += ["", "Leads, not an answer:"]
    for place, quote in enumerate(answer.leads):
        words = pages(quote.text, _LEAD_ROOM)[0]
        more = " …" if words.end < len(quote.text) else ""
        lines.append(f"▸ “{escape(words.of(quote.text).strip())}”{more}")
        origin = [tell_origin(quote), *([tell_whose(answer, place)] if answer.speaker else ())]
        lines += [f"_{_fitting(line, 180)}_" for line in origin]
        lines.append(_fitting(cite(quote.document, quote.span).short, 200))
    # On Discord the level cannot be chosen, so only hints to leave out options are shown.
    lines += [_hint(answer, hint) for hint in answer.hints if hint.without]
    sure = f"not found · confidence {answer.confidence:.0%}"
    return Card(
        title=_title(typed or answer.question),
        description="\n".join([*_asked_as(answer, typed), *lines]),
        footer=f"{sure} · {_searched_for(answer, changed)} · receipt {receipt_id}",
        colour=YELLOW,
        fields=_records(answer),
    )


def _hint(answer: Answer, hint: Hint) -> str:
    """Describe the options without which the question finds more."""
    given = " and ".join(
        f"“{name} {value}”" for name, value in name_filters(answer.filters, hint.without)
    )
    what = "there is an answer" if hint.is_answered else "something comes near"
    return f"Without {_fitting(given, 200)} {what}."


def _records(answer: Answer) -> tuple[tuple[str, str], ...]:
    """Make the field on the record that was asked for, and on other or near ones."""
    match = answer.records
    if match is None or (answer.quotes and not match.is_used):
        return ()
    found = answer.verdict is not Verdict.NOT_FOUND
    lines = [_fitting(describe_match(match, is_found=found), 240)]
    heading, others, more = list_others(match, {q.document.doc_id for q in answer.quotes})
    if others:
        named = [f"▸ {_fitting(name_record(ref), 120)}" for ref in others[:_OTHERS]]
        more += len(others) - len(named)
        lines += [heading, *named, *([f"and {more:,} more"] if more else [])]
    return (("The record asked for", "\n".join(lines)),)


def _difference(verification: Verification) -> str:
    """Describe the difference word by word, as far as it fits."""
    shown: list[str] = []
    room = 1000
    for piece in verification.difference:
        words = _DIFFERENCE[piece.kind].format(_fitting(piece.words, 300))
        room -= length(words) + 1
        if room < 0:
            return " ".join([*shown, "…"])
        shown.append(words)
    return " ".join(shown)


def _quoted(words: str, terms: Sequence[str], page: Page) -> str:
    first = "“" if page.place == 0 else "… "
    last = "”" if page.place == page.parts - 1 else " …continued"
    kept = words.rstrip()
    return f"{first}{mark(kept, find_matches(kept, terms))}{last}"


def _origin(
    document: Document, turn: Turn | None, room: int = 440, whose: str | None = None
) -> list[str]:
    """Return the attribution and the details of a source, each in half of the room.

    `whose` replaces the source's own attribution.
    """
    provenance = document.provenance
    lines = [whose or attribute(provenance, turn), " · ".join(describe_details(provenance))]
    return [f"_{_fitting(line, room // 2)}_" for line in lines if line]


def _other_side(other: Counterpart) -> tuple[str, str]:
    """Make the field on the other side's record of a meeting."""
    words = (
        f"“{_fitting(other.text, 300)}”" if other.text else "No sentence comes near these words."
    )
    origin = _origin(other.document, other.turn, room=280)
    where = _fitting(cite(other.document, other.span).note, 380)
    return "The other side's record", "\n".join([words, *origin, where])


def _source(citation: Citation) -> str:
    return _fitting(citation.note, 900)


def _fitting(words: str, room: int) -> str:
    """Escape words and shorten them to fit; Cite has the whole."""
    parts = pages(words, room)
    if not parts:
        return ""
    more = " …" if len(parts) > 1 else ""
    return escape(parts[0].of(words).rstrip()) + more


def _title(words: str) -> str:
    """Return escaped words that fit an embed's title."""
    for room in (LIMITS.embed_title - 6, 180, 120, 60):
        title = escape(clip(words, room))
        if length(title) <= LIMITS.embed_title:
            return title
    return "memcon"


def _usable(address: str | None) -> str | None:
    """Return an address that a button takes, or None."""
    if address is None or length(address) > LIMITS.link:
        return None
    return address if address.startswith(("https://", "http://")) else None


def _inside(spans: Sequence[Span], part: Span) -> list[Span]:
    return [span for span in spans if part.holds(span)]
