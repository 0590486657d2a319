"""Which documents record one meeting: those that its two sides wrote of it.

Nothing in an archive says so. Two records are taken for one meeting where both are dated to the
same day, are of different sides, and name the same people, somebody of each side among them; and
where neither side has another record of that day which might be meant instead. Otherwise nothing
is claimed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.authority.attribution import Category, name_side
from corpus.authority.relations import strip_part
from corpus.documents import Document, Provenance

# Kinds of document that tell of a meeting, where they have a date of it.
_TELLING = frozenset(
    "airgram,cable,memorandum,memorandum of conversation,minutes,record,record of conversation"
    ",report,telegram,transcript".split(",")
)
# On one day the same people may meet in a small circle, in a larger one, and over a meal.
_SETTINGS = {
    "small": r"small[- ](?:group|circle)|restricted|one-on-one|t[êe]te-[àa]-t[êe]te|private|少人数",
    "large": r"plenary|expanded|large[- ]group|full[- ]group|全体会合|拡大",
    "meal": r"luncheon|lunch|dinner|breakfast|banquet|昼食|夕食|晩餐",
    "telephone": r"telephone|by phone|電話",
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# Offices differ by side and date alone: they name nobody across two records.
_OFFICE = re.compile(r"the\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class People:
    """What is known of persons: the name that one is filed by, and the sides he held office for."""

    filed: Callable[[str], str]
    sides: Callable[[str], Sequence[str]]


def meeting_day(provenance: Provenance) -> str | None:
    """Return the day of the meeting that a document records, or None where it records none."""
    record = provenance.record
    if provenance.about is not None and Category.of(provenance) is not Category.ABSTRACT:
        return None
    if name_side(record.side) is None or (record.kind or "").casefold() not in _TELLING:
        return None
    date = record.event_date
    return date if date and _DAY.fullmatch(date) else None


def find_counterpart_record(
    mine: Document, others: Iterable[Document], people: People
) -> tuple[Document, ...]:
    """Return the documents that the other side wrote of a meeting, in their order.

    `others` are documents of the archive with the same day. There are several where one record
    has parts or telegrams, and none where it is not certain that they record this meeting.
    """
    told = list(_tell({each.doc_id: each for each in (*others, mine)}.values(), people))
    here = next((each for each in told if each.document.doc_id == mine.doc_id), None)
    if here is None:
        return ()
    fitting = [each for each in told if here.is_met_by(each, people)]
    found = _of_one_setting(here, fitting)
    # Another record of my own side may be the one that the other side's belongs to.
    rivals = [
        each
        for each in told
        if each.side == here.side
        and each.series != here.series
        and any(each.is_met_by(other, people) for other in found)
    ]
    if len({each.series for each in found}) != 1 or _of_one_setting(here, rivals):
        return ()
    # An abstract stands for its record only where the archive has not got that.
    records = [each for each in found if not each.is_abstract]
    return tuple(each.document for each in records or found)


@dataclass(frozen=True, slots=True)
class _Told:
    """A document that tells of a meeting; `names` are those of all parts of the record it is of."""

    document: Document
    day: str
    side: str
    names: frozenset[str]
    settings: frozenset[str]

    @classmethod
    def of(cls, document: Document, people: People) -> "_Told | None":
        record = document.provenance.record
        day, side = meeting_day(document.provenance), name_side(record.side)
        if day is None or side is None:
            return None
        speaking = {turn.name for turn in document.structure.turns if turn.name}
        # The people of an abstract may be those spoken of as well as those who spoke.
        listed = (*document.provenance.people, *record.people)
        named = {people.filed(name) for name in listed if not _OFFICE.match(name)}
        words = f"{record.title or ''} {record.subject or ''}"
        settings = (
            name for name, form in _SETTINGS.items() if re.search(form, words, re.IGNORECASE)
        )
        return cls(document, day, side, frozenset(named | speaking), frozenset(settings))

    @property
    def series(self) -> str:
        """What all telegrams and parts of one record have in common."""
        record = self.document.provenance.record
        number = record.number if record.container else record.parent or record.number
        return number or strip_part(record.title or self.document.doc_id)

    @property
    def is_abstract(self) -> bool:
        return self.document.provenance.about is not None

    def is_met_by(self, other: "_Told", people: People) -> bool:
        """Return whether another side's record is of the same people on the same day."""
        if self.day != other.day or self.side == other.side:
            return False
        shared = self.names & other.names
        fewer = min((self.names, other.names), key=len)
        if len(shared) < 2 or shared != fewer:
            return False
        sides = [{name_side(side) for side in people.sides(name)} for name in shared]
        # Somebody whose side nobody knows may be of either.
        return all(
            any(side in held or not held for held in sides) for side in (self.side, other.side)
        )


def _tell(documents: Iterable[Document], people: People) -> Iterator[_Told]:
    """Yield those of the documents that tell of a meeting."""
    told = [each for document in documents if (each := _Told.of(document, people)) is not None]
    names: dict[tuple[str, str, str], frozenset[str]] = {}
    for each in told:
        key = (each.day, each.side, each.series)
        names[key] = names.get(key, frozenset()) | each.names
    for each in told:
        yield replace(each, names=names[each.day, each.side, each.series])


def _of_one_setting(here: _Told, found: Sequence[_Told]) -> list[_Told]:
    """Return those that say of no other setting than here; the people decide where one is silent.

    A record of a small circle may well be beside one of the whole meeting.
    """
    return [
        each
        for each in found
        if each.settings == here.settings
        or (not (each.settings and here.settings) and each.names == here.names)
    ]
