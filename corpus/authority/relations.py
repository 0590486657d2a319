"""How the records of an archive belong together: parts, separate telegrams, and who describes what.

One meeting is reported in several telegrams: a main one, and separate ones that name its number.
Long ones are divided. Numbers begin again each year and at each post, so that records belong
together only where dates and senders fit as well.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from corpus.addresses import address_key
from corpus.dates import bounds
from corpus.documents import Provenance

# Telegrams on one meeting are sent within this many days.
_DAYS = 7
_PART_MARK = re.compile(r"\s*[(（]\s*\d{1,2}\s*(?:of|/|／)\s*\d{1,2}\s*[)）]", re.IGNORECASE)
_OWN = {"abstract", "background"}
# The order in which related documents are told: parts by number, then telegrams by theirs.
_MAIN, _SEPARATE, _LAST = 1000, 1001, 10_000


@dataclass(frozen=True, slots=True)
class Related:
    """A document that another one belongs to or with: what it is to that, and its title."""

    doc_id: str
    relation: str
    title: str


def find_related(
    doc_id: str, listing: Iterable[tuple[str, str, Provenance]]
) -> tuple[Related, ...]:
    """Return the documents of a listing that belong with one of them, in a settled order.

    A listing gives the name, source and provenance of every document. An abstract stands for its
    record where the archive has not got the record itself.
    """
    known = {name: _Entry(name, source, provenance) for name, source, provenance in listing}
    mine = known.pop(doc_id)
    held = {key for entry in known.values() if entry.is_record for key in entry.addresses}
    found: list[tuple[int, str, Related]] = []
    for entry in known.values():
        second_hand = entry.about_address in held
        if second_hand and not _describes(entry, mine):
            continue
        told = _relation(mine, entry)
        if told:
            record = entry.provenance.record
            title = record.title or record.subject or entry.provenance.title or entry.doc_id
            found.append((told[0], entry.doc_id, Related(entry.doc_id, told[1], title)))
    return tuple(related for *_, related in sorted(found, key=lambda item: item[:2]))


def strip_part(title: str) -> str:
    """Return a title as it compares, without the mark of a part: "(1 of 2)"."""
    return _PART_MARK.sub("", title).casefold()


def find_separate(title: str) -> str | None:
    """Return the number of a separate telegram that a title names: "(Separate Telegram 4)"."""
    match = re.search(r"separate\s+telegram\s*(?:no\.?\s*)?(\d{1,3})", title, re.IGNORECASE)
    return match[1] if match else None


def may_belong(provenance: Provenance) -> bool:
    """Return whether a document has anything by which others may belong with it."""
    record = provenance.record
    serial = record.number or record.parent or record.part
    return bool((serial and not record.container) or provenance.about)


@dataclass(frozen=True, slots=True)
class _Entry:
    doc_id: str
    source: str
    provenance: Provenance

    @property
    def is_record(self) -> bool:
        """Whether this is a record itself, not a document of memcon's own."""
        return self.provenance.about is None and self.provenance.kind not in _OWN

    @property
    def addresses(self) -> set[str]:
        """Where it is, and where it was downloaded from."""
        keys = (address_key(url) for url in (self.provenance.url, self.source) if url)
        return {key for key in keys if key}

    @property
    def about_address(self) -> str | None:
        """Where the record is that it describes."""
        about = self.provenance.about
        return address_key(about.url) if about and about.url else None


def _relation(mine: _Entry, other: _Entry) -> tuple[int, str] | None:
    """Return the relation of another document to this one and its rank; None for none."""
    if _describes(mine, other):
        return 0, "the record itself"
    if _describes(other, mine):
        kind = other.provenance.kind
        return _LAST, "abstract" if kind == "abstract" else "background note"
    if "background" in {mine.provenance.kind, other.provenance.kind}:
        return None
    return _serial_relation(mine.provenance.record, other.provenance.record)


def _serial_relation(here: Provenance, there: Provenance) -> tuple[int, str] | None:
    """Return the relation of two records that are parts or telegrams of one series."""
    if here.container or there.container or not _fit(here, there):
        return None
    part = _part(there)
    if part and _part(here) not in {None, part} and _is_whole(here, there):
        return part, f"part {there.part}"
    if here.parent and here.parent == there.number:
        return _MAIN, "main telegram"
    below = there.parent and there.parent == here.number
    beside = here.parent and here.parent == there.parent and here.number != there.number
    if not (below or beside):
        return None
    separate = there.separate_telegram or find_separate(there.title or "")
    return _SEPARATE + int(separate or 0), f"separate telegram {separate or ''}".strip()


def _describes(own: _Entry, other: _Entry) -> bool:
    """Return whether a document of memcon's own is about another one, the record itself."""
    about = own.provenance.about
    if about is None or not other.is_record:
        return False
    if own.about_address and other.addresses:
        return own.about_address in other.addresses
    record = other.provenance
    return bool(about.number and about.number == record.number and _fit(about, record))


def _is_whole(here: Provenance, there: Provenance) -> bool:
    """Return whether two parts are of one record: by its number, or else by its title and date."""
    if (here.part or "").split()[-1:] != (there.part or "").split()[-1:]:
        return False
    if here.number and here.number == there.number:
        return True
    titles = [strip_part(record.title or "") for record in (here, there)]
    return bool(titles[0] and titles[0] == titles[1] and here.date and here.date == there.date)


def _fit(here: Provenance, there: Provenance) -> bool:
    """Return whether the dates and senders of two records let them belong together.

    Where both dates are not known, the senders must be the same.
    """
    senders = [{_plain(name) for name in record.creators} for record in (here, there)]
    if all(senders) and not senders[0] & senders[1]:
        return False
    days = [list(_days(record)) for record in (here, there)]
    if all(days):
        return any(
            first - _DAYS <= other_last and other_first <= last + _DAYS
            for first, last in days[0]
            for other_first, other_last in days[1]
        )
    return all(senders)


def _days(record: Provenance) -> Iterator[tuple[int, int]]:
    date = record.document_date or record.event_date
    if date:
        first, last = bounds(date)
        yield dt.date.fromisoformat(first).toordinal(), dt.date.fromisoformat(last).toordinal()


def _part(record: Provenance) -> int | None:
    match = re.match(r"\d{1,3}", record.part or "")
    return int(match[0]) if match else None


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[(（\[［].*?[)）\]］]", "", name).casefold().split())
