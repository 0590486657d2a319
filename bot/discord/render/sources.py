"""How a card names a source and shows its words.

All texts are escaped and fit the room that they are given.
"""

import re
from collections.abc import Sequence
from urllib.parse import quote, urlsplit, urlunsplit

from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.render.layout import small
from bot.discord.text import LIMITS, clip, escape, length, mark, pages
from corpus.authority.attribution import attribute, attribute_words, describe_details, translation
from corpus.citations.cited import Cited
from corpus.citations.styles import cite
from corpus.dates import in_words
from corpus.documents import Document, Provenance, Span, Turn
from index.text.highlighting import find_matches

# Room for the marks of some forty words in bold.
_BOLD_ROOM = 160
_NAME_ROOM = 150
_WHERE_ROOM = 48
# Longer addresses are behind Read only, so that all sources fit on one card.
_LINK_ROOM = 150
# The most names of writers or recipients.
_NAMES = 2

_MONTH_FIRST = re.compile(r"(?P<month>[A-Z][a-z]+) (?P<day>\d{1,2}), (?P<year>\d{4})")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z][a-z0-9-]+")
_FRUS = re.compile(r"(?:Papers Relating to the )?Foreign Relations of the United States[:,]?\s*")


def fit(words: str, room: int) -> str:
    """Escape words, and shorten them to `room` characters."""
    parts = pages(words, room)
    if not parts:
        return ""
    more = " …" if len(parts) > 1 else ""
    return escape(parts[0].of(words).rstrip()) + more


def quote_words(text: str, terms: Sequence[str], room: int) -> str:
    """Quote words with those that match `terms` in bold.

    Too long a text is shortened at sentences, to the part that has the first match.
    """
    parts = pages(text, room + _BOLD_ROOM, reserve=_BOLD_ROOM)
    first = next((match.start for match in find_matches(text, terms)), 0)
    part = next(part for part in parts if first < part.end)
    shown = part.of(text).strip()
    lead, more = "… " if part.start else "", " …" if part.end < len(text) else ""
    return f"{lead}“{mark(shown, find_matches(shown, terms)[:20])}”{more}"


def date_in_words(date: str) -> str:
    """Write an ISO date with the day first: "7 May 1901"."""
    return _MONTH_FIRST.sub(r"\g<day> \g<month> \g<year>", in_words(date))


def name_source(document: Document, tr: Phrases = ENGLISH) -> str:
    """Name a source in few words: "Rockhill → Hay, telegram, 7 May 1901"; not escaped.

    A record without a writer is called by its title.
    """
    provenance = document.provenance
    if provenance.is_own:
        return clip(document.title, _NAME_ROOM - 30)
    name, record = name_parties(provenance, tr), provenance.record
    date = record.document_date or record.event_date
    kind = provenance.kind
    if kind and kind.casefold() in name.casefold():
        kind = None
    # A title may have the date already.
    when = tr.date(date, date_in_words) if date and in_words(date) not in name else None
    return ", ".join(filter(None, [name, kind and tr.known(kind, "kind"), when]))


def name_parties(provenance: Provenance, tr: Phrases) -> str:
    """Name who wrote to whom, "Rockhill → Hay", or else the writer and the title; not escaped."""
    record = provenance.record
    writers, readers = _list_names(record.creators, tr), _list_names(record.recipients, tr)
    if writers and readers and not provenance.is_own:
        return f"{writers} → {readers}"
    name = clip(provenance.title or provenance.subject or tr("untitled document"), 80)
    if provenance.is_own or not writers or writers.casefold() in name.casefold():
        return name
    return f"{writers}, {name}"


def name_place(provenance: Provenance) -> str:
    """Name where a source is found: "FRUS 1901 China, doc. 268"; empty if not known."""
    record = provenance.record
    if record.container:
        where, *more = _FRUS.sub("FRUS ", record.container).split(", ")
        for part in more:
            # A title is cut after one of its parts.
            if len(where) + len(part) + 2 > _WHERE_ROOM:
                break
            where = f"{where}, {part}"
        number = f", doc. {record.number}" if record.number else ""
        return clip(where, _WHERE_ROOM) + number
    if provenance.is_own:
        return ""
    number = f"no. {record.number}" if record.number else ""
    where = record.publisher or record.repository or record.collection or ""
    return ", ".join(filter(None, [number, clip(where, _WHERE_ROOM) if where else ""]))


def source_line(
    document: Document, span: Span | None = None, tr: Phrases = ENGLISH, *, whole: bool = False
) -> str:
    """Name a source in one line of markup, with a link if its address is short.

    With `whole` the link leads to the quoted words, however long its address is.
    """
    # The words of an enclosure are of its own record.
    named = fit(name_source(Cited.of(document, span).document, tr), _NAME_ROOM)
    place = fit(name_place(document.provenance), _WHERE_ROOM + 30)
    address = open_address(document, span) if whole else _short_address(document, span)
    if address and (whole or length(address) <= _LINK_ROOM):
        if place:
            place = f"[{place}]({address})"
        else:
            named = f"[{named}]({address})"
    return " · ".join(filter(None, [named, place]))


def whose_lines(
    document: Document,
    turn: Turn | None,
    room: int,
    tr: Phrases = ENGLISH,
    *,
    span: Span | None = None,
) -> list[str]:
    """Say whose the words in a span are, in a small line, as far as the source's name does not."""
    details = whose_details(document, turn, span, tr=tr)
    return [small(fit(" · ".join(details), room))] if details else []


def whose_details(
    document: Document,
    turn: Turn | None,
    span: Span | None,
    whose: str | None = None,
    tr: Phrases = ENGLISH,
) -> list[str]:
    """Return whose the words in a span are and what kind of source has them; not escaped.

    What the source's name says is left out. `whose` replaces the source's own attribution.
    """
    provenance = document.provenance
    plain = attribute(provenance, None)
    own = attribute_words(document, span, turn) if span else attribute(provenance, turn)
    says_more = bool(provenance.side or translation(provenance)) or (whose or own) != plain
    details = [each for each in describe_details(provenance) if each != provenance.kind]
    if provenance.is_own:
        # Its title says what it is about.
        says_more, details = (whose or own) != plain, details[:1]
    shown = [*((whose or own).split("; ") if says_more else []), *details]
    return [tr.known(tr.known(each), "kind") for each in shown]


def usable(address: str | None, room: int | None = None) -> str | None:
    """Return an address that Discord takes, percent-encoded; None if it does not take it.

    Discord takes http and https, a host with a dot that is not local, and 512 characters.
    """
    if address is None or not re.match(r"https?://", address, re.IGNORECASE):
        return None
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").encode("idna").decode()
        port = f":{parts.port}" if parts.port else ""
    except (ValueError, UnicodeError):
        return None
    if not _HOST.fullmatch(host) or "@" in parts.netloc:
        return None
    # "(", ")" and the like would end a link in markup; what is encoded already stays so.
    path, query, fragment = (
        quote(_LONE_PERCENT.sub("%25", part), safe="%/:;=,~&?+@-._")
        for part in (parts.path, parts.query, parts.fragment)
    )
    found = urlunsplit((parts.scheme.lower(), host + port, path, query, fragment))
    return found if length(found) <= (room or LIMITS.link) else None


def open_address(document: Document, span: Span | None) -> str | None:
    """Return the address that opens at the quoted words, else that of the document; or None."""
    citation = cite(document, span)
    return usable(citation.deep_link) or usable(citation.url)


def _short_address(document: Document, span: Span | None) -> str | None:
    """Return the address of the document, with the page of a PDF."""
    citation = cite(document, span)
    deep = citation.deep_link
    return usable(deep if deep and ":~:text=" not in deep else citation.url)


def _list_names(names: Sequence[str], tr: Phrases) -> str:
    """List names without offices in brackets; of many only the first."""
    shown = [clip(re.sub(r"\s*\([^)]*\)", "", name), 40) for name in names]
    if len(shown) > _NAMES:
        return tr("{first} and {count} others", first=shown[0], count=len(shown) - 1)
    return tr(" and ").join(shown)
