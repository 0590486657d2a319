"""The columns that records are found by, and their files.

A record is a document, or one that a document encloses. Words of names, titles and numbers are
looked up by their hashes.
"""

import datetime as dt
import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpus.dates import bounds
from corpus.documents import Enclosure, Provenance
from index.retrieval.record_matching import name_tokens
from index.storage.checksummed import CheckedArray, Sealed
from index.storage.document_store import DocumentStoreWriter
from index.understanding.record_condition import fold_tokens

# Columns of each record. Days are proleptic Gregorian ordinals, 0 for an unknown date. Names are -1
# for none, as are `start` and `end` of a record that is a whole document. `serials` counts the
# record's own numbers.
ROWS = (
    *("document", "start", "end"),
    *("own_first", "own_last", "event_first", "event_last", "received_first", "received_last"),
    *("kind", "place", "volume", "serials"),
)
# `office` is 1 where a name is an office alone.
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


class RecordsWriter:
    """Writes the columns of records, in the order of the documents' numbers."""

    def __init__(self, folder: Path, names: DocumentStoreWriter) -> None:
        """Write into `folder`; names go to `names`."""
        self._folder, self._names = folder, names
        self._rows, self._roles = array("i"), array("i")
        self._keys, self._values = array("Q"), array("i")
        self._records = 0
        self._known: set[int] = set()

    def add(self, document: int, provenance: Provenance) -> None:
        """Append a document's record and those that it encloses."""
        record = provenance.record
        volume = " \n".join(filter(None, (provenance.collection, record.container)))
        days = [days_of(record.event_date), days_of(record.received_date)]
        # The number of a record outside any volume is its own.
        own = (*record.serials, *([] if record.container or not record.number else [record.number]))
        if record.number:
            self._put(number_key("document", record.number), self._records)
        self._add(document, None, replace(record, serials=own), days, volume)
        for enclosure in record.enclosures:
            # One that names nobody, and no date, would meet any condition.
            if enclosure.creators or enclosure.recipients or enclosure.document_date:
                self._add(document, enclosure, enclosure, [(0, 0), (0, 0)], volume)

    def write(self) -> None:
        """Write the files."""
        keys, values = np.frombuffer(self._keys, np.uint64), np.frombuffer(self._values, np.int32)
        unique, ends, values = group_by_key(keys, values)
        written: dict[str, NDArray[Any]] = {
            "rows": _by_column(self._rows, ROWS),
            "roles": _by_column(self._roles, ROLES),
            "keys": unique,
            "ends": ends,
            "values": values,
        }
        for part, (name, dtype) in FILES.items():
            (self._folder / name).write_bytes(written[part].astype(dtype).tobytes())

    def _add(
        self,
        document: int,
        place: Enclosure | None,
        record: Provenance | Enclosure,
        days: list[tuple[int, int]],
        volume: str,
    ) -> None:
        number, name = self._records, self._names.name
        span = (place.span.start, place.span.end) if place else (-1, -1)
        self._rows.extend((document, *span, *days_of(record.document_date)))
        for pair in days:
            self._rows.extend(pair)
        self._rows.extend(
            (name(record.kind), name(record.place), name(volume or None), len(record.serials))
        )
        sender, to, recipient = (record.title or "").partition(" to ")
        # A signature names the holder in place of the office, which the title still has.
        office = sender.removeprefix("The ") if to and not name_tokens(sender) else ""
        for role, names in (
            (SENDER, (*record.creators, *filter(None, (office,)))),
            (RECIPIENT, record.recipients),
            (SIGNER, record.signers),
        ):
            for words in dict.fromkeys(names):
                self._add_role(number, role, words)
        for serial in record.serials:
            self._put(number_key("serial", serial), number)
        for side, words in (("from", " ".join((sender, *record.creators))), ("to", recipient)):
            for token in fold_tokens(words):
                self._put(word_key(side, token), number)
        for token in fold_tokens(record.place or ""):
            self._put(word_key("from", token), number)
        self._records += 1

    def _add_role(self, record: int, role: int, words: str) -> None:
        number = self._names.name(words)
        tokens = name_tokens(words)
        self._roles.extend((record, role, number, int(not tokens)))
        if number not in self._known:
            self._known.add(number)
            for token in tokens:
                # A number of a name, where other keys have numbers of records.
                self._put(word_key("name", token), ~number)

    def _put(self, key: int, value: int) -> None:
        self._keys.append(key)
        self._values.append(value)


@dataclass(frozen=True, slots=True)
class RecordArrays:
    """The arrays of a `RecordsWriter`: sorted keys, and where the values of each end.

    The values of a key are records, or the names that have a word.
    """

    rows: NDArray[np.int32]
    roles: NDArray[np.int32]
    keys: NDArray[np.uint64]
    ends: NDArray[np.int32]
    values: NDArray[np.int32]

    def name_numbers(self) -> list[int]:
        """Return the numbers of all names, ascending."""
        rows, roles = columns(self.rows, ROWS), columns(self.roles, ROLES)
        used = [roles["name"], rows["kind"], rows["place"], rows["volume"]]
        return [number for number in np.unique(np.concatenate(used)).tolist() if number >= 0]


def open_files(sealed: Sealed) -> dict[str, CheckedArray[Any]]:
    """Open the files in a sealed folder, by the names of arrays; raises DamagedIndex."""
    return {part: sealed.array(name, dtype) for part, (name, dtype) in FILES.items()}


def load_arrays(files: Mapping[str, CheckedArray[Any]]) -> RecordArrays:
    """Read the arrays from opened files; raises DamagedIndex."""
    arrays = load_written(files)
    return replace(arrays, values=np.where(arrays.values < 0, ~arrays.values, arrays.values))


def load_written(files: Mapping[str, CheckedArray[Any]]) -> RecordArrays:
    """Read the arrays as written: those of `values` that are names are negative (`~number`)."""
    return RecordArrays(**{part: array[:] for part, array in files.items()})


def group_by_key(
    keys: NDArray[np.uint64], values: NDArray[np.int32]
) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int32]]:
    """Return the different keys, sorted, where the values of each end, and these, ascending."""
    order = np.lexsort((values, keys))
    keys, values = keys[order], values[order]
    fresh = np.ones(len(keys), np.bool_)
    fresh[1:] = (keys[1:] != keys[:-1]) | (values[1:] != values[:-1])
    unique, counts = np.unique(keys[fresh], return_counts=True)
    return unique, np.cumsum(counts), values[fresh]


def _by_column(rows: "array[int]", names: Sequence[str]) -> NDArray[np.int32]:
    """Return rows column by column."""
    return np.frombuffer(rows, np.int32).reshape(-1, len(names)).T


def columns(values: NDArray[np.int32], names: Sequence[str]) -> dict[str, NDArray[np.int32]]:
    """Return the columns of an array by their names."""
    return dict(zip(names, values.reshape(len(names), -1), strict=True))


def number_key(kind: str, number: str) -> int:
    """Return the key of a number in any spelling: "No. A 715", "a-715", "0412"."""
    plain = re.sub(r"[^a-z0-9]+", "", number.casefold())
    return word_key(kind, plain.lstrip("0") or plain)


def word_key(kind: str, words: str) -> int:
    """Return the key of words of one kind."""
    return xxhash.xxh3_64_intdigest(f"{kind}:{words}".encode())


def days_of(date: str | None) -> tuple[int, int]:
    """Return the first and last day of a partial date as ordinals; 0 if there is no date."""
    if date is None:
        return 0, 0
    first, last = bounds(date)
    return ordinal(first), ordinal(last)


def ordinal(date: str) -> int:
    """Return the proleptic Gregorian ordinal of an ISO 8601 day."""
    return dt.date.fromisoformat(date).toordinal()
