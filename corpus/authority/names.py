"""Who and what is meant: all forms of a name, and the office that a person held.

The file `authority.toml` here knows the persons of the first archive; an archive may add its own.
An office is resolved to a person only where the record's date and side leave one; otherwise the
person stays unknown.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from corpus.dates import bounds, parse_date
from corpus.documents import Document, Provenance, Turn
from corpus.errors import UnreadableSource
from corpus.letters import fold_letters, strip_invisible

FILE_NAME = "authority.toml"

_HONORIFIC = re.compile(
    r"^(?:mr|mrs|ms|dr|sir|lord)\b\.?\s*|(?:氏|総理|大統領|大臣)$", re.IGNORECASE
)

# What a translator adds to a label: "President [in English]".
_GLOSS = re.compile(r"\s*[\[［][^\]］]*[\]］]")


@dataclass(frozen=True, slots=True)
class Office:
    """A title that somebody held for a side, from the first to the last day; None is not known."""

    title: str
    side: str
    first: str | None = None
    last: str | None = None

    def held_on(self, date: str) -> bool:
        """Return whether it was held all through a date, which may be partial."""
        begin, end = bounds(date)
        after = self.first is None or bounds(self.first)[0] <= begin
        return after and (self.last is None or end <= bounds(self.last)[1])


@dataclass(frozen=True, slots=True)
class Person:
    """A person under the filed form of the name, with its other forms and the offices held."""

    name: str
    names: tuple[str, ...] = ()
    offices: tuple[Office, ...] = ()

    @property
    def forms(self) -> tuple[str, ...]:
        """Every form of the name, the first the one he is filed by."""
        return (self.name, *self.names)


@dataclass(frozen=True, slots=True)
class Subject:
    """A place, body or matter under the name it is filed by, with the other forms of that."""

    name: str
    names: tuple[str, ...] = ()

    @property
    def forms(self) -> tuple[str, ...]:
        """Every form of the name, the first the one it is filed by."""
        return (self.name, *self.names)


Entry = Person | Subject


class Authority:
    """Persons, looked up by any form of their name or by office, side and date.

    `entries` are the persons and subjects.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Take in entries; a later one replaces an earlier one of the same name."""
        self.entries = tuple({entry.name: entry for entry in entries}.values())
        self.persons = tuple(entry for entry in self.entries if isinstance(entry, Person))
        self._by_form: dict[str, Person | None] = {}
        for person in self.persons:
            for form in person.forms:
                key = fold_name(form)
                # A form that two persons share means neither of them.
                self._by_form[key] = None if key in self._by_form else person
        subjects = (entry for entry in self.entries if isinstance(entry, Subject))
        self._subjects = {fold_name(form): entry for entry in subjects for form in entry.forms}

    def find(self, words: str) -> Person | None:
        """Return the person that this form of a name means, or None."""
        return self._by_form.get(fold_name(_HONORIFIC.sub("", words.strip())))

    def identify(self, label: str, provenance: Provenance) -> str | None:
        """Return who a record means by the label of a speaker, or None where it is not certain.

        A label is a name ("Clinton"), an office ("Prime Minister"), or both ("Foreign Minister
        Hata"). Of several holders of an office the one of the side that wrote the record is meant,
        or else the one whom the record names among its people, or whose side its title names.
        """
        label = _GLOSS.sub("", label).strip()
        record = provenance.record
        date = record.event_date or record.document_date
        taking_part = {self.known_as(name) for name in (*provenance.people, *record.people)}
        named = self.find(label)
        if named and (
            named.name in taking_part
            or _is_full(label)
            or (date is not None and any(office.held_on(date) for office in named.offices))
        ):
            return named.name
        family = self._by_family_name(label, taking_part)
        if family:
            return family.name
        if date is None:
            return None
        holders = self._holders(label, date)
        own = {person.name for person, office in holders if office.side == record.side}
        present = {person.name for person, _ in holders} & taking_part
        parties = [
            {person.name for person, office in holders if _names_side(office.side, words)}
            for words in (record.title, record.subject)
        ]
        # A title alone is not enough: somebody whom the file does not know may hold it as well.
        known = next((names.pop() for names in (own, present, *parties) if len(names) == 1), None)
        return known or self._holder_by_name(label, date)

    def known_as(self, name: str) -> str:
        """Return the form of a name that its person is filed by, or the name itself."""
        person = self.find(name)
        return person.name if person else name

    def name_speakers(self, document: Document) -> Document:
        """Return the document with the person of each turn, where that is certain."""
        turns = document.structure.turns
        if not turns:
            return document
        who = {turn.label: self.identify(turn.label, document.provenance) for turn in turns}
        named = tuple(Turn(turn.span, turn.label, turn.name or who[turn.label]) for turn in turns)
        return replace(document, structure=replace(document.structure, turns=named))

    def persons_of(self, document: Document) -> tuple[str, ...]:
        """Return who wrote, received or speaks in a document, as far as that is certain."""
        provenance, record = document.provenance, document.provenance.record
        labels = (*record.creators, *record.recipients)
        found = [self.identify(_strip_the(label), provenance) for label in labels]
        found += [turn.name for turn in document.structure.turns]
        return tuple(dict.fromkeys(name for name in found if name))

    def _holders(self, label: str, date: str) -> list[tuple[Person, Office]]:
        """Return who held an office on a date, under whatever name of it."""
        subject = self._subjects.get(fold_name(label))
        title = fold_name(subject.name if subject else label)
        return [
            (person, office)
            for person in self.persons
            for office in person.offices
            if fold_name(office.title) == title and office.held_on(date)
        ]

    def _holder_by_name(self, label: str, date: str) -> str | None:
        """Return the one person of an office and a family name: "Prime Minister Hosokawa"."""
        *title, family = fold_name(label).split()
        found = {
            person.name
            for person in self.persons
            if title and family in _family_names(person)
            for office in person.offices
            if fold_name(office.title).split()[: len(title)] == title and office.held_on(date)
        }
        return found.pop() if len(found) == 1 else None

    def _by_family_name(self, label: str, taking_part: Iterable[str]) -> Person | None:
        """Return the one person taking part whose family name ends or is the label."""
        words = fold_name(_HONORIFIC.sub("", label.strip())).split()
        found = [
            person
            for name in taking_part
            if words and (person := self.find(name)) and words[-1] in _family_names(person)
        ]
        return found[0] if len(found) == 1 else None


def read_authority(text: str, name: str = FILE_NAME) -> tuple[Entry, ...]:
    """Return the persons and subjects of an authority file.

    Raises UnreadableSource, naming what is wrong in the file `name`.
    """
    try:
        known = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableSource(f"{name} is not TOML: {error}") from error
    try:
        return (
            *(_read_person(item) for item in known.get("person", [])),
            *(Subject(*_read_names(item)) for item in known.get("subject", [])),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableSource(
            f"{name}: a [[person]] or [[subject]] has a name, and may have names; a person also "
            "offices (title, side, first, last)"
        ) from error


@cache
def bundled_entries() -> tuple[Entry, ...]:
    """Return the persons and subjects of the first archive."""
    return read_authority(Path(__file__).with_name(FILE_NAME).read_text("utf-8"))


def _read_person(known: dict[str, Any]) -> Person:
    return Person(
        *_read_names(known),
        offices=tuple(
            Office(
                _words(office["title"]),
                _words(office["side"]),
                *(
                    parse_date(str(office[key]), key) if key in office else None
                    for key in ("first", "last")
                ),
            )
            for office in known.get("offices", [])
        ),
    )


def _read_names(known: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    return _words(known["name"]), tuple(_words(form) for form in known.get("names", []))


def _words(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError("not words")
    return value


def _is_full(name: str) -> bool:
    """Return whether a name is more than a single word, which many may share."""
    return len(fold_name(name).split()) > 1 or bool(re.search(r"[\u3400-\u9fff]", name))


def _strip_the(words: str) -> str:
    return re.sub(r"^the\s+", "", re.sub(r"\s*[(（].*?[)）]", "", words), flags=re.IGNORECASE)


def _names_side(side: str, words: str | None) -> bool:
    """Return whether a title names a side, as whole words."""
    named = " ".join(re.findall(r"\w+", fold_name(words or "")))
    return f" {fold_name(side)} " in f" {named} "


def _family_names(person: Person) -> set[str]:
    """Return the words that may be a family name: those that every form of two words has."""
    split = [set(fold_name(form).split()) for form in person.forms]
    several = [words for words in split if len(words) > 1]
    return set.intersection(*several) if several else set()


def fold_name(words: str) -> str:
    """Return a name as it compares: without case, accents and full stops, spaces single."""
    plain = unicodedata.normalize("NFKD", strip_invisible(words))
    kept = "".join(char for char in plain if not unicodedata.combining(char))
    folded = fold_letters(unicodedata.normalize("NFC", kept).casefold())
    return " ".join(folded.replace(".", " ").split())
