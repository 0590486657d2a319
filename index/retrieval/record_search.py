"""Records by what is known of them: sender, recipient, dates, numbers, kind, place and volume.

Everything is answered from arrays that the build writes, for all records at once. A record is a
document, or one that a document encloses. Words of names, titles and numbers are looked up by
their hashes; a name is then compared as a whole.

Where a head names only an office ("The Secretary of State"), its holder is known from signatures:
of the record itself, or of most of the records of that office in the same volume that are nearest
in time.
"""

import datetime as dt
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpus.dates import bounds
from corpus.documents import Enclosure, Provenance
from index.storage.checksummed import Sealed
from index.storage.document_store import DocumentStoreWriter
from index.understanding.record_queries import RecordCondition, fold_tokens

# What is known of each record, column by column. Days are proleptic Gregorian ordinals, 0 where a
# date is not known; names are -1 for none, as is the place in the text of a record that is a
# document. `serials` counts its own numbers.
ROWS = (
    *("document", "start", "end"),
    *("own_first", "own_last", "event_first", "event_last", "received_first", "received_last"),
    *("kind", "place", "volume", "serials"),
)
# `office` is 1 where a name is that of an office alone.
ROLES = ("record", "role", "name", "office")
KEY, NUMBER = np.dtype("<u8"), np.dtype("<i4")
SENDER, RECIPIENT, SIGNER = 0, 1, 2
FILES: dict[str, tuple[str, np.dtype[Any]]] = {
    "rows": ("records.bin", NUMBER),
    "roles": ("record-roles.bin", NUMBER),
    "keys": ("record-keys.bin", KEY),
    "ends": ("record-ends.bin", NUMBER),
    "values": ("record-values.bin", NUMBER),
}

_DATES = ("own", "event", "received")
# An office changes hands: a signature of more days before or after says nothing of its holder.
_HOLDS = 366
# Its holder is who signed more than half of so many records nearest in time.
_SIGNED = 5
# So many records are told of where none fits.
_NEAREST = 3
# So few names are compared one by one: that is faster than looking each up.
_LOOPED = 8
# The holders of offices are looked for among so many records at most.
_MOST = 300
_SMALL = frozenset("the of for in at to and mr de".split())
# What stands before a name, or ends the name of an office.
_TITLES = frozenset(
    """
    acting adjutant admiral adviser advisor affaires affairs agent ambassador archduke assistant
    assistants attorney baron baroness board brigadier bureau cabinet captain cardinal chairman
    chamberlain chancellor charge chief colonel commander commission commissioner commissioners
    committee commodore company conference congress congressman consul consulate council counsellor
    counselor count crown dame delegate delegates delegation department deputy director division
    doctor don dom dr duke earl embassy emperor empress envoy excellency executive foreign general
    government governor hon honorable interior judge junior justice khedive lady league legation
    lieutenant lord m madam madame majesty marquess marquis mayor mem minister ministers ministry
    miss mission mm mme monsieur mr mrs ms national navy office officer pasha plenipotentiaries
    plenipotentiary postmaster premier president prime prince princess professor queen rear
    representative representatives rev reverend royal secretariat secretaries secretary security
    senate senator senor senora sir special staff state states subcommittee sultan treasury under
    undersecretary union vice viscount war
    """.split()
)
_AFTER = frozenset("jr sr esq ii iii the and".split())
_OFFICE = re.compile(
    r"(?:[Tt]he )?(?P<head>[^()]+?) (?:of|in|at|for|to|on) (?:the )?(?P<domain>\S.*)"
)


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Where a record is: its document's number, and its place in that where it is enclosed."""

    document: int
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class FoundRecords:
    """The records that fit a condition, best first; or the nearest, where none does."""

    fits: tuple[RecordPlace, ...] = ()
    nearest: tuple[RecordPlace, ...] = ()


class _Described(Protocol):
    """What a record and an enclosure both say of themselves."""

    @property
    def title(self) -> str | None: ...
    @property
    def kind(self) -> str | None: ...
    @property
    def creators(self) -> tuple[str, ...]: ...
    @property
    def recipients(self) -> tuple[str, ...]: ...
    @property
    def signers(self) -> tuple[str, ...]: ...
    @property
    def serials(self) -> tuple[str, ...]: ...
    @property
    def place(self) -> str | None: ...
    @property
    def document_date(self) -> str | None: ...


class RecordsWriter:
    """Writes what records are found by, in the order in which documents are numbered."""

    def __init__(self, folder: Path, names: DocumentStoreWriter) -> None:
        """Write into `folder`; names go to `names`."""
        self._folder, self._names = folder, names
        self._rows, self._roles = array("i"), array("i")
        self._keys, self._values = array("Q"), array("i")
        self._records = 0
        self._known: set[int] = set()

    def add(self, document: int, provenance: Provenance) -> None:
        """Append a document's record, and those that it encloses."""
        record = provenance.record
        volume = " \n".join(filter(None, (provenance.collection, record.container)))
        days = [_days(record.event_date), _days(record.received_date)]
        # A record that is no part of a volume has one number, which is its own.
        own = (*record.serials, *([] if record.container or not record.number else [record.number]))
        if record.number:
            self._put(_number_key("document", record.number), self._records)
        self._add(document, None, replace(record, serials=own), days, volume)
        for enclosure in record.enclosures:
            self._add(document, enclosure, enclosure, [(0, 0), (0, 0)], volume)

    def write(self) -> None:
        """Write the files."""
        keys = np.frombuffer(self._keys, np.uint64)
        values = np.frombuffer(self._values, np.int32)
        order = np.lexsort((values, keys))
        keys, values = keys[order], values[order]
        fresh = np.ones(len(keys), np.bool_)
        fresh[1:] = (keys[1:] != keys[:-1]) | (values[1:] != values[:-1])
        keys, values = keys[fresh], values[fresh]
        unique, counts = np.unique(keys, return_counts=True)
        written = {
            "rows": _by_column(self._rows, ROWS),
            "roles": _by_column(self._roles, ROLES),
            "keys": unique.astype(KEY).tobytes(),
            "ends": np.cumsum(counts).astype(NUMBER).tobytes(),
            "values": values.astype(NUMBER).tobytes(),
        }
        for part, (name, _) in FILES.items():
            (self._folder / name).write_bytes(written[part])

    def _add(
        self,
        document: int,
        place: Enclosure | None,
        record: _Described,
        days: list[tuple[int, int]],
        volume: str,
    ) -> None:
        number, name = self._records, self._names.name
        span = (place.span.start, place.span.end) if place else (-1, -1)
        self._rows.extend((document, *span, *_days(record.document_date)))
        for pair in days:
            self._rows.extend(pair)
        self._rows.extend(
            (name(record.kind), name(record.place), name(volume or None), len(record.serials))
        )
        for role, names in (
            (SENDER, record.creators),
            (RECIPIENT, record.recipients),
            (SIGNER, record.signers),
        ):
            for words in dict.fromkeys(names):
                self._add_role(number, role, words)
        for serial in record.serials:
            self._put(_number_key("serial", serial), number)
        sender, _, recipient = (record.title or "").partition(" to ")
        for side, words in (("from", " ".join((sender, *record.creators))), ("to", recipient)):
            for token in fold_tokens(words):
                self._put(_key(side, token), number)
        for token in fold_tokens(record.place or ""):
            self._put(_key("from", token), number)
        self._records += 1

    def _add_role(self, record: int, role: int, words: str) -> None:
        number = self._names.name(words)
        tokens = name_tokens(words)
        self._roles.extend((record, role, number, int(not tokens)))
        if number not in self._known:
            self._known.add(number)
            for token in tokens:
                self._put(_key("name", token), number)

    def _put(self, key: int, value: int) -> None:
        self._keys.append(key)
        self._values.append(value)


@dataclass(frozen=True, slots=True)
class RecordArrays:
    """What a `RecordsWriter` wrote: keys, sorted, and up to where each one's values go."""

    rows: NDArray[np.int32]
    roles: NDArray[np.int32]
    keys: NDArray[np.uint64]
    ends: NDArray[np.int32]
    values: NDArray[np.int32]

    def name_numbers(self) -> list[int]:
        """Return the numbers of all names in it, ascending."""
        rows, roles = _columns(self.rows, ROWS), _columns(self.roles, ROLES)
        used = [roles["name"], rows["kind"], rows["place"], rows["volume"]]
        return [number for number in np.unique(np.concatenate(used)).tolist() if number >= 0]


def load_arrays(sealed: Sealed) -> RecordArrays:
    """Return the arrays in a sealed folder; raises DamagedIndex."""
    return RecordArrays(
        **{part: sealed.array(name, dtype)[:] for part, (name, dtype) in FILES.items()}
    )


class RecordTable:
    """Finds records; may be used from several threads."""

    def __init__(self, load: Callable[[], RecordArrays], name: Callable[[int], str | None]) -> None:
        """Take arrays from `load` when they are first needed, and names by their numbers."""
        self._load, self._name = load, name

    @cached_property
    def arrays(self) -> RecordArrays:
        """The arrays."""
        return self._load()

    def find(
        self,
        condition: RecordCondition,
        forms: Callable[[str], Sequence[str]] = lambda words: (words,),
    ) -> FoundRecords:
        """Return the records that meet all of a condition; or the nearest, where none does.

        `forms` gives the forms of a name under any of which a person is found. What a record leaves
        open does not speak against it, but for its date and who wrote it to whom; records that tell
        more of what is asked for come first, and alone where others only leave it open.
        Where none fits, those are nearest that fit without kind, place, number or recipient, given
        up in this order, and then those nearest in time of the same sender.
        """
        return _Search(self.arrays, self._name, condition, forms).run()


class _Search:
    """One condition as masks over all records."""

    def __init__(
        self,
        arrays: RecordArrays,
        name: Callable[[int], str | None],
        condition: RecordCondition,
        forms: Callable[[str], Sequence[str]],
    ) -> None:
        self._arrays, self._name, self._forms = arrays, name, forms
        self._asked = condition
        self._rows = _columns(arrays.rows, ROWS)
        self._roles = _columns(arrays.roles, ROLES)
        self._all = np.ones(len(self._rows["document"]), np.bool_)

    def run(self) -> FoundRecords:
        asked = self._asked
        fixed = self._of_documents() & self._of_volume()
        dated = self._dated()
        base = fixed & dated
        sent = self._sent_by(asked.senders, base) & self._from(base)
        received = self._received_by(base)
        kind, place, serial = self._of_kind(), self._of_place(), self._of_serial()
        through = self._through()
        # Each is 1 where it is met, 0 where it is left open, and -1 where it is not met.
        loose = (kind, place, serial)
        fits = base & sent & received & through
        for held in loose:
            fits &= held >= 0
        if fits.any():
            return FoundRecords(fits=tuple(self._places(self._best(fits, loose))))
        return FoundRecords(nearest=tuple(self._places(self._nearest(fixed, dated, loose))))

    def _best(
        self, fits: NDArray[np.bool_], loose: Sequence[NDArray[np.int8]]
    ) -> NDArray[np.int64]:
        """Return the records that fit, without those that only leave open what others meet."""
        rows, asked = self._rows, self._asked
        kind, place, serial = loose
        own = self._overlaps("own") if asked.date_from else self._all
        for better in (serial > 0, own, rows["start"] < 0, kind > 0, place > 0, self._epithets()):
            if (fits & better).any():
                fits = fits & better
        return np.flatnonzero(fits)

    def _nearest(
        self,
        fixed: NDArray[np.bool_],
        dated: NDArray[np.bool_],
        loose: Sequence[NDArray[np.int8]],
    ) -> NDArray[np.int64]:
        asked = self._asked
        sent = self._sent_by(asked.senders, fixed) & self._from(fixed)
        received = self._received_by(fixed)
        kind, place, serial = (held >= 0 for held in loose)
        by_whom = bool(asked.senders or asked.origins)
        if not (by_whom or asked.recipients):
            return self._nearest_days(fixed & kind) if asked.date_from else np.empty(0, np.int64)
        if asked.date_from or asked.documents:
            exchanged = sent & received
            for kept in (exchanged & place & serial, exchanged & serial, exchanged, sent):
                met = fixed & dated & kept
                if met.any() and not kept.all():
                    return np.flatnonzero(met)[:_NEAREST]
        for met in (fixed & sent & received, fixed & (sent if by_whom else received)):
            if met.any():
                return self._nearest_days(met)
        return np.empty(0, np.int64)

    def _nearest_days(self, among: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the records nearest to the day that is asked for, ties by number."""
        asked, rows = self._asked, self._rows
        numbers = np.flatnonzero(among & ((rows["own_first"] > 0) | (asked.date_from is None)))
        if asked.date_from is None or asked.date_to is None:
            return numbers[:_NEAREST]
        first, last = _ordinal(asked.date_from), _ordinal(asked.date_to)
        after, before = rows["own_first"][numbers] - last, first - rows["own_last"][numbers]
        away = np.maximum(after, before).clip(0)
        return numbers[np.argsort(away, kind="stable")[:_NEAREST]]

    def _places(self, numbers: Iterable[int]) -> Iterator[RecordPlace]:
        for number in numbers:
            document, start, end = (
                int(self._rows[name][number]) for name in ("document", "start", "end")
            )
            yield RecordPlace(document, *((start, end) if start >= 0 else ()))

    def _of_documents(self) -> NDArray[np.bool_]:
        if not self._asked.documents:
            return self._all
        return self._mask(
            np.concatenate(
                [self._values(_number_key("document", each)) for each in self._asked.documents]
            )
        )

    def _of_volume(self) -> NDArray[np.bool_]:
        """Return which records are in the volume: one whose name has all the words, or the year."""
        if self._asked.volume is None:
            return self._all
        wanted = frozenset(_volume_tokens(self._asked.volume)) - _VOLUME_WORDS
        volumes = {
            int(number): frozenset(_volume_tokens(self._name(int(number)) or ""))
            for number in np.unique(self._rows["volume"])
        }
        chosen = [number for number, tokens in volumes.items() if wanted <= tokens]
        if chosen:
            return np.isin(self._rows["volume"], chosen)
        years = [token for token in wanted if re.fullmatch(r"(?:1[5-9]|20)\d\d", token)]
        chosen = [n for n, tokens in volumes.items() if wanted.difference(years) <= tokens]
        if not years:
            return ~self._all
        first, last = _ordinal(f"{min(years)}-01-01"), _ordinal(f"{max(years)}-12-31")
        rows = self._rows
        inside = (rows["own_last"] >= first) & (rows["own_first"] <= last) & (rows["own_first"] > 0)
        return inside & np.isin(rows["volume"], chosen)

    def _dated(self) -> NDArray[np.bool_]:
        if self._asked.date_from is None:
            return self._all
        return _any_of([self._overlaps(date) for date in _DATES])

    def _overlaps(self, date: str) -> NDArray[np.bool_]:
        asked, rows = self._asked, self._rows
        if asked.date_from is None or asked.date_to is None:
            return self._all
        first, last = _ordinal(asked.date_from), _ordinal(asked.date_to)
        known = rows[f"{date}_first"]
        met: NDArray[np.bool_] = (known > 0) & (rows[f"{date}_last"] >= first) & (known <= last)
        return met

    def _sent_by(self, persons: Sequence[str], among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        met = self._all
        for person in persons:
            met = met & self._has(person, (SENDER, SIGNER), "from", among)
        return met

    def _from(self, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which records are from those that came after "from": somebody, or a place."""
        met = self._all
        for origin in self._asked.origins:
            somebody = self._has(origin, (SENDER, SIGNER), "from", among)
            met = met & (somebody | self._has_words("from", fold_tokens(origin)))
        return met

    def _received_by(self, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        met = self._all
        for person in self._asked.recipients:
            met = met & self._has(person, (RECIPIENT,), "to", among)
        return met

    def _through(self) -> NDArray[np.bool_]:
        """Return which records are by, to, or enclosed by one by or to, each of these persons."""
        met = self._all
        for person in self._asked.persons:
            named = self._has(person, (SENDER, SIGNER, RECIPIENT), "from", self._all)
            documents = np.unique(self._rows["document"][named])
            met = met & np.isin(self._rows["document"], documents)
        return met

    def _has(
        self, person: str, roles: Sequence[int], side: str, among: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Return which records have a person in a role, by name or, without one, by office."""
        bare, _, inside = person.partition(" (")
        if not name_tokens(bare):
            if name_tokens(inside):
                # As in "the Minister in Egypt (Fish)".
                bare = inside.rstrip(") ")
            else:
                office = [token for token in fold_tokens(bare) if token not in _SMALL]
                return self._has_words(side, office)
        names = self._names_of(bare)
        held = self._roles
        own = self._are(names)
        own &= _any_of([held["role"] == role for role in roles])
        met = self._mask(held["record"][own])
        return met | self._holds(names, roles, among & ~met)

    def _holds(
        self, names: Sequence[int], roles: Sequence[int], among: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Return in which records a role has an office that one of these names held at the time."""
        held, rows = self._roles, self._rows
        met = np.zeros(len(self._all), np.bool_)
        if not names:
            return met
        office = (held["office"] == 1) & among[held["record"]]
        office &= _any_of([held["role"] == role for role in roles])
        asked = np.flatnonzero(office)
        signer = held["role"] == SIGNER
        by_name = self._mask(held["record"][signer & self._are(names)])
        if not len(asked) or len(asked) > _MOST or not by_name.any():
            return met
        signed = self._mask(held["record"][signer])
        sent = (held["role"] == SENDER) & np.isin(held["name"], np.unique(held["name"][asked]))
        senders = np.flatnonzero(sent & (signed & (rows["own_first"] > 0))[held["record"]])
        records, offices = held["record"][senders], held["name"][senders]
        volumes, days = rows["volume"][records], rows["own_first"][records]
        for place in asked:
            record, day = int(held["record"][place]), int(rows["own_first"][held["record"][place]])
            # What is signed by another is not by the holder, whoever that was.
            if (SENDER in roles and signed[record]) or not day:
                continue
            same = (offices == held["name"][place]) & (volumes == rows["volume"][record])
            away = np.abs(days[same] - day)
            order = np.argsort(away, kind="stable")[:_SIGNED]
            near = by_name[records[same][order]][away[order] <= _HOLDS]
            met[record] |= bool(2 * near.sum() > len(near))
        return met

    def _are(self, names: Sequence[int]) -> NDArray[np.bool_]:
        """Return which roles have one of these names."""
        known = self._roles["name"]
        if len(names) <= _LOOPED:
            return _any_of([known == name for name in names] or [known < -1])
        return np.isin(known, names)

    def _names_of(self, person: str) -> list[int]:
        """Return the names that a person may have in the archive, by the family name alone if so.

        Those in which another word is in its place count where there are no others.
        """
        exact: dict[int, None] = {}
        near: dict[int, None] = {}
        for form in self._forms(person):
            wanted = name_tokens(form)
            if not wanted:
                continue
            numbers = np.unique(
                np.concatenate([self._values(_key("name", token)) for token in wanted])
            )
            for number in numbers.tolist():
                how = _compare(wanted, name_tokens(self._name(number) or ""))
                if how:
                    (exact if how > 1 else near)[number] = None
        return [*(exact or near)]

    def _of_kind(self) -> NDArray[np.int8]:
        asked = self._asked.kind
        known = self._rows["kind"]
        if asked is None:
            return np.zeros(len(known), np.int8)
        judged = {
            int(number): compare_kinds(asked, self._name(int(number)))
            for number in np.unique(known)
        }
        return _map(known, judged)

    def _of_place(self) -> NDArray[np.int8]:
        places, known = self._asked.places, self._rows["place"]
        held = np.zeros(len(known), np.int8)
        for place in places:
            wanted = frozenset(fold_tokens(place)) - _SMALL
            judged = {
                int(number): _judge_place(wanted, self._name(int(number)))
                for number in np.unique(known)
            }
            found = _map(known, judged)
            # "The Consul at Tampico" tells it in the title.
            found[(found < 1) & self._has_words("from", wanted)] = 1
            held = np.minimum(held, found) if (held < 0).any() else found
        return held

    def _of_serial(self) -> NDArray[np.int8]:
        held = np.where(self._rows["serials"] > 0, -1, 0).astype(np.int8)
        if not self._asked.serials:
            return np.zeros(len(held), np.int8)
        for serial in self._asked.serials:
            held[self._values(_number_key("serial", serial))] = 1
        if not (
            self._asked.senders
            or self._asked.recipients
            or self._asked.origins
            or self._asked.date_from
        ):
            # A number alone is nothing that may be left open.
            held[held == 0] = -1
        return held

    def _epithets(self) -> NDArray[np.bool_]:
        met = self._all
        for epithet in self._asked.epithets:
            met = met & self._has_words("from", fold_tokens(epithet))
        return met

    def _has_words(self, side: str, tokens: Iterable[str]) -> NDArray[np.bool_]:
        met, any_token = self._all, False
        for token in tokens:
            met, any_token = met & self._mask(self._values(_key(side, token))), True
        return met if any_token else ~self._all

    def _mask(self, records: NDArray[np.int32]) -> NDArray[np.bool_]:
        met = np.zeros(len(self._all), np.bool_)
        met[records] = True
        return met

    def _values(self, key: int) -> NDArray[np.int32]:
        arrays = self._arrays
        place = int(np.searchsorted(arrays.keys, np.uint64(key)))
        if place == len(arrays.keys) or int(arrays.keys[place]) != key:
            return np.empty(0, np.int32)
        first = int(arrays.ends[place - 1]) if place else 0
        return arrays.values[first : int(arrays.ends[place])]


_TELEGRAM, _LETTER, _MEMORANDUM, _OTHER = "telegram", "letter", "memorandum", ""
_FAMILIES = {
    "telegram": _TELEGRAM,
    "cablegram": _TELEGRAM,
    "cable": _TELEGRAM,
    "wire": _TELEGRAM,
    "radiogram": _TELEGRAM,
    "airgram": _TELEGRAM,
    "letter": _LETTER,
    "note": _LETTER,
    "dispatch": _LETTER,
    "despatch": _LETTER,
    "memorandum": _MEMORANDUM,
    "memo": _MEMORANDUM,
    "aide-mémoire": _MEMORANDUM,
    "memorandum of conversation": _MEMORANDUM,
    "record of conversation": _MEMORANDUM,
}
# Kinds that may be sent in any form, and words for any record.
_FREE = frozenset(
    """
    answer circular communication document instruction message notification record reply report
    """.split()
)


def compare_kinds(asked: str, known: str | None) -> int:
    """Return 1 where a kind is the one asked for, 0 where it may be, -1 where it is another."""
    asked, known = _singular(asked), (known or "").casefold()
    if asked == known:
        return 1
    if not known or asked in _FREE or known in _FREE:
        return 0
    family, other = _FAMILIES.get(asked), _FAMILIES.get(known)
    if asked == "memorandum of conversation":
        return -1
    if family is None or other is None:
        return -1
    if family == other:
        return 1
    # A note may have the form of a memorandum.
    return 0 if {family, other} == {_LETTER, _MEMORANDUM} and asked == "note" else -1


def _singular(kind: str) -> str:
    words = (
        kind.casefold().replace("aide-memoire", "aide-mémoire").replace("memoranda", "memorandum")
    )
    words = words.replace("conversations", "conversation").replace("replies", "reply")
    words = words.replace("aides-mémoire", "aide-mémoire").removesuffix("s")
    return words.removesuffix("e") if words.endswith("patche") else words


def name_tokens(words: str) -> tuple[str, ...]:
    """Return the words of a person's name, without titles and initials; none where it is an office.

    "Secretary of the Navy Swanson" is Swanson, "Minister in Egypt" and "British Embassy" nobody.
    """
    bare = words.partition(",")[0]
    office = _OFFICE.match(bare)
    if office and all(token in _TITLES for token in fold_tokens(office["head"])):
        domain = [fold_tokens(word) for word in office["domain"].split()]
        # "of the Navy" is followed by a name, "in Egypt" is all that there is.
        if not all(token in _TITLES for token in domain[0]):
            return ()
        bare = " ".join(office["domain"].split()[1:])
    tokens = [
        token for token in fold_tokens(bare.replace("White House", "")) if token not in _AFTER
    ]
    titles = [place for place, token in enumerate(tokens) if token in _TITLES]
    after = tokens[titles[-1] + 1 :] if titles else tokens
    return tuple(token for token in after if len(token) > 1 or not token.isascii())


def _compare(wanted: Sequence[str], known: Sequence[str]) -> int:
    """Return 2 where two names have one family name, 1 where one may be part of the other, or 0."""
    if not known:
        return 0
    given, others = wanted[:-1], known[:-1]
    if wanted[-1] == known[-1]:
        alike = (
            not given or not others or any(one[0] == other[0] for one in given for other in others)
        )
        return 2 if alike else 0
    part = set(wanted) <= set(known) or set(known) <= set(wanted)
    return int(part and bool({wanted[0], wanted[-1]} & {known[0]}))


_VOLUME_WORDS = frozenset(
    """
    a an and collection compilation correspondence document documents edition foreign frus in of
    papers part relations series states the united v vol volume volumes
    """.split()
)


def _volume_tokens(words: str) -> list[str]:
    """Return the words of a volume's name; letters and numbers that stand together are parted."""
    return [
        token.lstrip("0") or token
        for word in fold_tokens(words)
        for token in re.findall(r"\d+|[^\W\d_]+", word)
    ]


def _judge_place(wanted: frozenset[str], known: str | None) -> int:
    if known is None:
        return 0
    tokens = frozenset(fold_tokens(known))
    # "Peking, China" may be written where the record has only the town.
    return 1 if wanted <= tokens or tokens <= wanted else -1


def _map(known: NDArray[np.int32], judged: dict[int, int]) -> NDArray[np.int8]:
    numbers = np.array(sorted(judged), np.int32)
    values = np.array([judged[number] for number in numbers.tolist()], np.int8)
    if not len(numbers):
        return np.zeros(len(known), np.int8)
    return values[np.searchsorted(numbers, known)]


def _any_of(masks: Sequence[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    met: NDArray[np.bool_] = np.logical_or.reduce(masks)
    return met


def _by_column(rows: "array[int]", names: Sequence[str]) -> bytes:
    """Return rows with all values of a column side by side."""
    return np.frombuffer(rows, np.int32).reshape(-1, len(names)).T.astype(NUMBER).tobytes()


def _columns(values: NDArray[np.int32], names: Sequence[str]) -> dict[str, NDArray[np.int32]]:
    return dict(zip(names, values.reshape(len(names), -1), strict=True))


def _number_key(kind: str, number: str) -> int:
    """Return the key of a number, however it is written: "No. A 715", "a-715", "0412"."""
    plain = re.sub(r"[^a-z0-9]+", "", number.casefold())
    return _key(kind, plain.lstrip("0") or plain)


def _key(kind: str, words: str) -> int:
    return xxhash.xxh3_64_intdigest(f"{kind}:{words}".encode())


def _days(date: str | None) -> tuple[int, int]:
    if date is None:
        return 0, 0
    first, last = bounds(date)
    return _ordinal(first), _ordinal(last)


def _ordinal(date: str) -> int:
    return dt.date.fromisoformat(date).toordinal()
