"""Search records by sender, recipient, dates, numbers, kind, place and volume.

Conditions are masks over the columns of all records (`index.retrieval.record_files`). Where a head
names only an office ("The Secretary of State"), signatures identify its holder: that of the record
itself, or most of those on records of that office in the same volume that are nearest in time.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from index.retrieval.record_files import (
    RECIPIENT,
    ROLES,
    ROWS,
    SENDER,
    SIGNER,
    RecordArrays,
    columns,
    number_key,
    ordinal,
    word_key,
)
from index.retrieval.record_matching import (
    SMALL_WORDS,
    VOLUME_WORDS,
    compare_kinds,
    compare_names,
    compare_places,
    name_tokens,
    volume_tokens,
)
from index.understanding.record_condition import RecordCondition, fold_tokens

_DATES = ("own", "event", "received")
# Signatures further away than this, in days, do not identify the holder of an office.
_HOLDS = 366
# The holder signed more than half of this many records nearest in time.
_SIGNED = 5
# How many near misses are returned where no record fits.
_NEAREST = 3
# Up to this many names, comparing one by one is faster than a lookup.
_LOOPED = 8
# Office holders are identified for at most this many records.
_MOST = 300


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """A record's document by number, and its span there if it is enclosed."""

    document: int
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class FoundRecords:
    """The records that fit a condition, best first; or else the nearest ones."""

    fits: tuple[RecordPlace, ...] = ()
    nearest: tuple[RecordPlace, ...] = ()


class RecordTable:
    """Finds records; safe for several threads."""

    def __init__(self, load: Callable[[], RecordArrays], name: Callable[[int], str | None]) -> None:
        """Load the arrays with `load` on first use; `name` gives names by number."""
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
        """Return the records that meet all of a condition, or else the nearest ones.

        `forms` gives all forms of a person's name. A record may lack a field of the condition,
        except its date, sender and recipient; records that state a field are preferred to those
        that lack it. The nearest are those that fit without kind, place, number or recipient,
        dropped in this order, and then those of the same sender nearest in time.
        """
        return _Search(self.arrays, self._name, condition, forms).run()


class _Search:
    """Evaluates one condition as masks over all records."""

    def __init__(
        self,
        arrays: RecordArrays,
        name: Callable[[int], str | None],
        condition: RecordCondition,
        forms: Callable[[str], Sequence[str]],
    ) -> None:
        self._arrays, self._name, self._forms = arrays, name, forms
        self._asked = condition
        self._rows = columns(arrays.rows, ROWS)
        self._roles = columns(arrays.roles, ROLES)
        self._all = np.ones(len(self._rows["document"]), np.bool_)

    def run(self) -> FoundRecords:
        fixed = self._of_documents() & self._of_volume()
        dated = self._dated()
        base = fixed & dated
        sent = self._sent_by(base)
        received = self._received_by(base)
        kind, place, serial = self._of_kind(), self._of_place(), self._of_serial()
        through = self._through()
        # 1: met, 0: the record does not say, -1: not met.
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
        """Drop records that lack a field which others state."""
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
        sent = self._sent_by(fixed)
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
        """Return the records nearest to the requested dates, ties by number."""
        asked, rows = self._asked, self._rows
        numbers = np.flatnonzero(among & ((rows["own_first"] > 0) | (asked.date_from is None)))
        if asked.date_from is None or asked.date_to is None:
            return numbers[:_NEAREST]
        first, last = ordinal(asked.date_from), ordinal(asked.date_to)
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
                [self._values(number_key("document", each)) for each in self._asked.documents]
            )
        )

    def _of_volume(self) -> NDArray[np.bool_]:
        """Mask records of volumes whose names have all the words, or which cover the year."""
        if self._asked.volume is None:
            return self._all
        wanted = frozenset(volume_tokens(self._asked.volume)) - VOLUME_WORDS
        volumes = {
            int(number): frozenset(volume_tokens(self._name(int(number)) or ""))
            for number in np.unique(self._rows["volume"])
        }
        chosen = [number for number, tokens in volumes.items() if wanted <= tokens]
        if chosen:
            return np.isin(self._rows["volume"], chosen)
        years = [token for token in wanted if re.fullmatch(r"(?:1[5-9]|20)\d\d", token)]
        chosen = [n for n, tokens in volumes.items() if wanted.difference(years) <= tokens]
        if not years:
            return ~self._all
        first, last = ordinal(f"{min(years)}-01-01"), ordinal(f"{max(years)}-12-31")
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
        first, last = ordinal(asked.date_from), ordinal(asked.date_to)
        known = rows[f"{date}_first"]
        met: NDArray[np.bool_] = (known > 0) & (rows[f"{date}_last"] >= first) & (known <= last)
        return met

    def _sent_by(self, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        people = (
            self._has(person, (SENDER, SIGNER), "from", among) for person in self._asked.senders
        )
        return self._all_of([self._from(among), *people])

    def _from(self, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Mask records from each origin, a person or a place."""
        met = self._all
        for origin in self._asked.origins:
            somebody = self._has(origin, (SENDER, SIGNER), "from", among)
            met = met & (somebody | self._has_words("from", fold_tokens(origin)))
        return met

    def _received_by(self, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        people = self._asked.recipients
        return self._all_of([self._has(each, (RECIPIENT,), "to", among) for each in people])

    def _through(self) -> NDArray[np.bool_]:
        """Mask records in documents that each of these persons sent or received."""
        met = self._all
        for person in self._asked.persons:
            named = self._has(person, (SENDER, SIGNER, RECIPIENT), "from", self._all)
            documents = np.unique(self._rows["document"][named])
            met = met & np.isin(self._rows["document"], documents)
        return met

    def _has(
        self, person: str, roles: Sequence[int], side: str, among: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Mask records that have a person in a role, by name or else by office."""
        bare, _, inside = person.partition(" (")
        if not name_tokens(bare):
            if name_tokens(inside):
                # As in "the Minister in Egypt (Fish)".
                bare = inside.rstrip(") ")
            else:
                office = [token for token in fold_tokens(bare) if token not in SMALL_WORDS]
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
        """Mask records where a role names an office that one of these names held at the time."""
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
            # A signature overrides the office.
            if (SENDER in roles and signed[record]) or not day:
                continue
            same = (offices == held["name"][place]) & (volumes == rows["volume"][record])
            away = np.abs(days[same] - day)
            order = np.argsort(away, kind="stable")[:_SIGNED]
            near = by_name[records[same][order]][away[order] <= _HOLDS]
            met[record] |= bool(2 * near.sum() > len(near))
        return met

    def _are(self, names: Sequence[int]) -> NDArray[np.bool_]:
        """Mask roles with one of these names."""
        known = self._roles["name"]
        if len(names) <= _LOOPED:
            return _any_of([known == name for name in names] or [known < -1])
        return np.isin(known, names)

    def _names_of(self, person: str) -> list[int]:
        """Return the archive's names for a person; partial matches only without exact ones."""
        exact: dict[int, None] = {}
        near: dict[int, None] = {}
        for form in self._forms(person):
            wanted = name_tokens(form)
            if not wanted:
                continue
            numbers = np.unique(
                np.concatenate([self._values(word_key("name", token)) for token in wanted])
            )
            for number in numbers.tolist():
                how = compare_names(wanted, name_tokens(self._name(number) or ""))
                if how:
                    (exact if how > 1 else near)[number] = None
        return [*(exact or near)]

    def _of_kind(self) -> NDArray[np.int8]:
        asked = self._asked.kind
        if asked is None:
            return np.zeros(len(self._all), np.int8)
        return self._compare("kind", partial(compare_kinds, asked))

    def _of_place(self) -> NDArray[np.int8]:
        held = np.zeros(len(self._all), np.int8)
        for place in self._asked.places:
            wanted = frozenset(fold_tokens(place)) - SMALL_WORDS
            found = self._compare("place", partial(compare_places, wanted))
            # The title may give it: "The Consul at Tampico".
            found[(found < 1) & self._has_words("from", wanted)] = 1
            held = np.minimum(held, found) if (held < 0).any() else found
        return held

    def _of_serial(self) -> NDArray[np.int8]:
        held = np.where(self._rows["serials"] > 0, -1, 0).astype(np.int8)
        if not self._asked.serials:
            return np.zeros(len(held), np.int8)
        for serial in self._asked.serials:
            held[self._values(number_key("serial", serial))] = 1
        if not (
            self._asked.senders
            or self._asked.recipients
            or self._asked.origins
            or self._asked.date_from
        ):
            # With nothing but a number to go by, the record must have it.
            held[held == 0] = -1
        return held

    def _epithets(self) -> NDArray[np.bool_]:
        epithets = map(fold_tokens, self._asked.epithets)
        return self._all_of([self._has_words("from", epithet) for epithet in epithets])

    def _has_words(self, side: str, tokens: Iterable[str]) -> NDArray[np.bool_]:
        masks = [self._mask(self._values(word_key(side, token))) for token in tokens]
        return self._all_of(masks) if masks else ~self._all

    def _compare(self, column: str, compare: Callable[[str | None], int]) -> NDArray[np.int8]:
        """Return the result of comparing the name of each record in a column."""
        numbers, places = np.unique(self._rows[column], return_inverse=True)
        results = [compare(self._name(number)) for number in numbers.tolist()]
        return np.array(results, np.int8)[places]

    def _all_of(self, masks: Sequence[NDArray[np.bool_]]) -> NDArray[np.bool_]:
        met: NDArray[np.bool_] = np.logical_and.reduce([self._all, *masks])
        return met

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


def _any_of(masks: Sequence[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    met: NDArray[np.bool_] = np.logical_or.reduce(masks)
    return met
