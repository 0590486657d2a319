"""Records on Milvus: documents, names and the manifest, as JSON split into rows with checksums.

A field of Milvus holds 65,535 bytes, so that a record may take several rows. Rows are numbered
within their kind without a gap: a missing one is detected, and a whole kind is read in order. Keys
are hashes, so that expressions never contain text of a document or user.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from enum import IntEnum
from itertools import groupby
from typing import Any

import msgspec
import xxhash

from corpus.errors import DamagedIndex
from index.milvus.connection import STRONG, Connection, Field, Row
from index.storage.generation import Manifest

# After a change here, generations published by older versions cannot be read.
LAYOUT = 2
# Characters per row: at most four bytes each.
_PIECE = 16_000
# The rows of one request.
_WINDOW = 100
_KIND_BITS = 48
# Milvus requires a vector in every collection.
NO_VECTOR = [0.0, 1.0]
VECTOR = Field("vector", "FLOAT_VECTOR", "FLAT", "L2", options=(("dim", 2),))
KEY_LENGTH = 32

RECORD_FIELDS = (
    Field("id", "INT64"),
    # Of the document or file.
    Field("number", "INT64"),
    Field(*("key", "VARCHAR", "INVERTED"), optional=True, options=(("max_length", KEY_LENGTH),)),
    Field("data", "VARCHAR", options=(("max_length", 65_535), ("mmap_enabled", True))),
    Field("checksum", "INT64"),
    VECTOR,
)
_READ = ("id", "number", "data", "checksum")


class Kind(IntEnum):
    """The kind of a record; the key of a document, structure or text is of the document's name."""

    MANIFEST = 1
    BUILDER = 2
    NAMES = 3
    FACET = 4
    FILE = 5
    PROBLEM = 6
    DOCUMENT = 7
    STRUCTURE = 8
    TEXT = 9
    ADDRESS = 10
    RECORDS = 11


def hash_key(words: str) -> str:
    """Return the key of a name or term: 32 hexadecimal digits."""
    return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def pack_json(value: Any) -> str:
    """Return a value as JSON."""
    return json.dumps(value, ensure_ascii=False)


def split_text(packed: str) -> list[str]:
    """Split a text into parts that fit a field; at least one."""
    return [packed[at : at + _PIECE] for at in range(0, len(packed), _PIECE)] or [""]


def check_sum(*values: Any) -> int:
    """Return the checksum of values: 63 bits."""
    return xxhash.xxh3_64_intdigest(json.dumps(values).encode()) >> 1


class RecordRows:
    """Makes rows of records, and counts them by kind."""

    def __init__(self) -> None:
        # The manifest has these counts, and is not counted.
        self.counts = dict.fromkeys([kind for kind in Kind if kind >= Kind.NAMES], 0)

    def make(self, kind: Kind, number: int, value: Any, key: str = "") -> Iterator[Row]:
        """Yield the rows of a record."""
        for place, piece in enumerate(split_text(pack_json(value)), self.counts.get(kind, 0)):
            row_id = _first_id(kind) + place
            if kind in self.counts:
                self.counts[kind] += 1
            yield {
                "id": row_id,
                "number": number,
                "key": key,
                "data": piece,
                "checksum": check_sum(row_id, number, piece),
                "vector": NO_VECTOR,
            }


class Records:
    """Reads the records of one generation."""

    def __init__(
        self, connection: Connection, collection: str, counts: Mapping[Kind, int] | None = None
    ) -> None:
        self._connection, self.collection = connection, collection
        self.counts = counts or {}

    def scan(self, kind: Kind) -> Iterator[tuple[int, Any]]:
        """Yield the number and the value of each record of a kind, in order.

        Raises DamagedIndex if a row is missing or altered.
        """
        pieces = groupby(self._rows(kind), key=lambda row: int(row["number"]))
        for number, rows in pieces:
            yield number, self._join(rows)

    def find_all(self, keys: Iterable[str]) -> dict[int, dict[Kind, Any]]:
        """Return the records with these keys, by the numbers of their documents."""
        listed = ", ".join(f'"{key}"' for key in keys)
        rows = self._query(f"key in [{listed}]") if listed else []
        found: dict[int, dict[Kind, Any]] = {}
        for row_kind, number in dict.fromkeys(map(_owner, rows)):
            pieces = [row for row in rows if _owner(row) == (row_kind, number)]
            found.setdefault(number, {})[Kind(row_kind)] = self._join(pieces)
        return found

    def read(self, kind: Kind, numbers: Iterable[int]) -> dict[int, Any]:
        """Return the records of a kind with these numbers."""
        first, end = _first_id(kind), _first_id(kind + 1)
        listed = ", ".join(str(int(number)) for number in numbers)
        rows = self._query(f"number in [{listed}] and id >= {first} and id < {end}")
        pieces = groupby(rows, key=lambda row: int(row["number"]))
        return {number: self._join(found) for number, found in pieces}

    def has(self, kind: Kind, key: str) -> bool:
        """Return whether there is a record of a kind with a key."""
        first, end = _first_id(kind), _first_id(kind + 1)
        expression = f'key == "{key}" and id >= {first} and id < {end}'
        return bool(self._connection.query(self.collection, expression, ["id"]))

    def read_manifest(self) -> tuple[Manifest, dict[Kind, int]] | None:
        """Return the manifest and the counts of rows; None if the generation is incomplete.

        Raises DamagedIndex if it is of another layout.
        """
        known = self.read_whole(Kind.MANIFEST)
        if known is None:
            return None
        if known["layout"] != LAYOUT:
            raise DamagedIndex(
                f"{self.collection} is of layout {known['layout']}; this memcon reads {LAYOUT}.",
                "memcon index build --force",
            )
        manifest = msgspec.convert(known["manifest"], Manifest)
        counts = {Kind(int(kind)): count for kind, count in known["counts"].items()}
        return manifest, counts

    def read_whole(self, kind: Kind) -> Any:
        """Return the only record of a kind, or None, with the latest writes."""
        first, end = _first_id(kind), _first_id(kind + 1)
        rows = self._query(f"id >= {first} and id < {end}", consistency=STRONG)
        return self._join(rows) if rows else None

    def count(self) -> int:
        """Count all rows but the manifest's and the builder's."""
        return self._connection.count(self.collection, f"id >= {_first_id(Kind.NAMES)}")

    def _rows(self, kind: Kind) -> Iterator[Row]:
        first, end = _first_id(kind), _first_id(kind) + self.counts.get(kind, 0)
        for start in range(first, end, _WINDOW):
            stop = min(start + _WINDOW, end)
            rows = self._query(f"id >= {start} and id < {stop}")
            if [int(row["id"]) for row in rows] != list(range(start, stop)):
                raise self._damage()
            yield from rows

    def _query(self, expression: str, **options: str) -> list[Row]:
        rows = self._connection.query(self.collection, expression, _READ, **options)
        for row in rows:
            if check_sum(row["id"], row["number"], row["data"]) != row["checksum"]:
                raise self._damage()
        return sorted(rows, key=lambda row: int(row["id"]))

    def _join(self, rows: Iterable[Row]) -> Any:
        try:
            return json.loads("".join(row["data"] for row in rows))
        except ValueError as error:
            raise self._damage() from error

    def _damage(self) -> DamagedIndex:
        where = self._connection.address.endpoint
        return DamagedIndex(
            f"{self.collection} on {where} has been altered.", "memcon index build --force"
        )


def manifest_value(manifest: Manifest, counts: Mapping[Kind, int]) -> dict[str, Any]:
    """Return the value of the manifest's record."""
    return {
        "layout": LAYOUT,
        "manifest": asdict(manifest),
        "counts": {str(int(kind)): count for kind, count in counts.items()},
    }


def _owner(row: Row) -> tuple[int, int]:
    return int(row["id"]) >> _KIND_BITS, int(row["number"])


def _first_id(kind: int) -> int:
    return kind << _KIND_BITS
