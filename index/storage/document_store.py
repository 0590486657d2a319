"""Documents and names on disk: one SQLite file per segment, written once, then read only.

Every row has a checksum of its number and content, and every text its SHA-256: a flipped bit is an
error, never a wrong citation.
"""

import json
import sqlite3
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpus.addresses import address_key
from corpus.documents import (
    Document,
    Page,
    Provenance,
    Redaction,
    Span,
    Structure,
    Turn,
    hash_text,
)
from corpus.errors import DamagedIndex, UnknownDocument
from corpus.ingest.sources import DocIds
from index.storage.checksummed import UNREADABLE, Sealed, damage

FILE = "documents.sqlite"
# A hash of each name, and hashes of the names that each document may get.
_NAME_HASHES, _ID_HASHES = "names.bin", "ids.bin"
HASH = np.dtype("<u8")
_SCHEMA = Path(__file__).with_suffix(".sql")

_WHOLE = (
    "SELECT number, doc_id, own_id, source, sha256, provenance, structure, checksum, text"
    " FROM documents JOIN texts ON document = number"
)
_BY_NUMBER = _WHOLE + " WHERE number >= ? AND number < ? ORDER BY number"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A source file as it was read: `modified` in nanoseconds, `sha256` of its bytes.

    `modified` is -1 if the file had changed too recently to rely on its time. `problem` is the
    reason why it, or a part of it, was skipped. `reading` is the signature of the rules by which it
    was read; None in archives of older versions.
    """

    name: str
    path: str
    size: int
    modified: int
    sha256: str
    problem: str | None = None
    reading: str | None = None


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A stored document; `own_id` is its name before it was made unique."""

    number: int
    own_id: str
    document: Document


class Store(Protocol):
    """The documents of a generation: of one segment, or of several joined."""

    def close(self) -> None:
        """Close the files."""

    def document(self, doc_id: str) -> Document:
        """Return a document by its name, its text verified; raises UnknownDocument."""

    def text(self, number: int) -> str:
        """Return the verified text of a document."""

    def doc_id(self, number: int) -> str:
        """Return the name of the document of this number."""

    def name(self, number: int) -> str | None:
        """Return the name of this number; None for -1."""

    def has_url(self, url: str) -> bool:
        """Return whether the archive has the document at an address, in any spelling."""

    def list_documents(self) -> Iterator[tuple[str, str, Provenance]]:
        """Yield each document's name, source and provenance."""

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield each document's name and text."""


class DocumentStoreWriter:
    """Writes documents in the order of their numbers."""

    def __init__(self, path: Path) -> None:
        """Create the file `path`, which must not exist."""
        self._folder = path.parent
        self._connection = sqlite3.connect(path)
        # An interrupted build is discarded as a whole: no rollback is needed.
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(_SCHEMA.read_text("utf-8"))
        self._names: dict[str, int] = {}
        self._name_hashes, self._id_hashes = array("Q"), array("Q")
        self._signed = xxhash.xxh3_64()
        self._closed = False
        self.documents = 0

    def add(self, document: Document, own_id: str) -> int:
        """Append a document; `own_id` is its name before it was made unique. Returns its number."""
        row = (
            document.doc_id,
            own_id,
            document.source,
            document.sha256,
            json.dumps(document.provenance.to_dict(), ensure_ascii=False),
            pack_structure(document.structure),
        )
        number = self.documents
        self._connection.execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (number, *row, self._sign((number, *row))),
        )
        # Its address and the one it was downloaded from: publishers give a page several addresses.
        keys = (address_key(url) for url in (document.provenance.url, document.source) if url)
        self._connection.executemany(
            "INSERT INTO addresses VALUES (?, ?)",
            [(key, number) for key in dict.fromkeys(keys) if key],
        )
        self._connection.execute("INSERT INTO texts VALUES (?, ?)", (number, document.text))
        self._id_hashes.extend(id_hashes(own_id, document.sha256))
        self.documents += 1
        return number

    def name(self, words: str | None) -> int:
        """Return the number of a name that passages or filters share; -1 for None."""
        if words is None:
            return -1
        if words not in self._names:
            number = self._names[words] = len(self._names)
            self._name_hashes.append(_hash(words))
            self._connection.execute(
                "INSERT INTO names VALUES (?, ?, ?)", (number, words, self._sign((number, words)))
            )
        return self._names[words]

    def close(self) -> None:
        """Finish the file; may be called twice."""
        if not self._closed:
            self._closed = True
            try:
                # In the header, which every reader checks: another generation's file may have the
                # same size and number of rows.
                mark = self._signed.intdigest() & 0x7FFFFFFF
                self._connection.execute(f"PRAGMA user_version = {mark}")
                self._connection.commit()
            finally:
                self._connection.close()
            (self._folder / _NAME_HASHES).write_bytes(self._name_hashes.tobytes())
            (self._folder / _ID_HASHES).write_bytes(self._id_hashes.tobytes())

    def _sign(self, row: Any) -> int:
        """Return the checksum of a row, and add it to that of the file."""
        checksum = _check(row)
        self._signed.update(checksum.to_bytes(8, "big"))
        return checksum


class DocumentStore:
    """Reads the file of `DocumentStoreWriter`; safe to use from several threads.

    Methods raise DamagedIndex if a row is altered.
    """

    def __init__(self, sealed: Sealed, documents: int) -> None:
        """Open the file of `documents` documents in a sealed folder."""
        self._sealed, self._count = sealed, documents
        uri = f"{sealed.path(FILE).resolve().as_uri()}?immutable=1"
        # Can be verified even after the file is removed.
        self._bytes = sealed.array(FILE, np.dtype(np.uint8))
        with self._reading():
            self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            try:
                _ = self._bytes[:1]
                self._connection.execute("SELECT 1 FROM documents LIMIT 1")
            except (sqlite3.Error, DamagedIndex):
                self._connection.close()
                raise
        self._last_text: tuple[int, str] = (-1, "")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def verify(self) -> None:
        """Verify the whole file, once."""
        _ = self._bytes[:]

    def document(self, doc_id: str) -> Document:
        """Return a document by its name, its text verified; raises UnknownDocument."""
        number = self.find(doc_id)
        if number is None:
            # A damaged B-tree finds nothing either.
            self.verify()
            raise unknown_document(doc_id)
        return self.stored(number).document

    def find(self, doc_id: str) -> int | None:
        """Return the number of the document of this name, or None; raises UnknownDocument."""
        check_name(doc_id)
        with self._reading():
            row = self._connection.execute(
                "SELECT number FROM documents WHERE doc_id = ?", (doc_id,)
            ).fetchone()
            if row is None:
                return None
            if self.doc_id(row[0]) != doc_id:
                raise damage(self._sealed.folder, FILE)
        return int(row[0])

    def stored(self, number: int) -> StoredDocument:
        """Return the document of this number, its text verified."""
        (stored,) = self.stored_range(number, number + 1)
        return stored

    def stored_range(self, first: int, last: int) -> list[StoredDocument]:
        """Return the documents of the numbers `first` to `last` - 1, their texts verified."""
        with self._reading():
            found = list(self._documents(first, last))
            if [each.number for each in found] != list(range(first, last)):
                raise damage(self._sealed.folder, FILE)
        return found

    def text(self, number: int) -> str:
        """Return the verified text of a document."""
        last = self._last_text
        if last[0] != number:
            with self._reading():
                text, sha256 = self._connection.execute(
                    "SELECT text, sha256 FROM documents JOIN texts ON document = number"
                    " WHERE number = ?",
                    (number,),
                ).fetchone()
                if hash_text(text) != sha256:
                    raise damage(self._sealed.folder, FILE)
            # Passages of one document are read one after another.
            last = self._last_text = (number, text)
        return last[1]

    def has_url(self, url: str) -> bool:
        """Return whether there is a document at an address, in any spelling."""
        return bool(
            self.rows("SELECT 1 FROM addresses WHERE address = ? LIMIT 1", address_key(url))
        )

    def documents_at(self, url: str) -> list[int]:
        """Return the numbers of the documents at an address, in any spelling."""
        query = "SELECT document FROM addresses WHERE address = ?"
        return [row[0] for row in self.rows(query, address_key(url))]

    def own_id(self, number: int) -> tuple[str, str, str]:
        """Return a document's name, its name before that was made unique, and its hash."""
        _, doc_id, own_id, _, sha256, *_ = self._head(number)
        return doc_id, own_id, sha256

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Return the rows of a query."""
        with self._reading():
            return self._connection.execute(query, values).fetchall()

    def doc_id(self, number: int) -> str:
        """Return the name of the document of this number."""
        return str(self._head(number)[1])

    @property
    def name_hashes(self) -> NDArray[np.uint64]:
        """A hash of each name, by its number."""
        return self._sealed.array(_NAME_HASHES, HASH)[:]

    @property
    def id_hashes(self) -> NDArray[np.uint64]:
        """The `id_hashes` of each document (n × 2)."""
        return self._sealed.array(_ID_HASHES, HASH, 2)[:]

    def name(self, number: int) -> str | None:
        """Return the name of this number; None for -1."""
        if number < 0:
            return None
        with self._reading():
            row = self._connection.execute(
                "SELECT number, words, checksum FROM names WHERE number = ?", (number,)
            ).fetchone()
            self.check(row)
        return str(row[1])

    def list_documents(self) -> Iterator[tuple[str, str, Provenance]]:
        """Yield each document's name, source and provenance."""
        with self._reading():
            for row in self._whole(
                "SELECT number, doc_id, own_id, source, sha256, provenance, structure, checksum"
                " FROM documents ORDER BY number",
            ):
                self.check(row)
                yield row[1], row[3], Provenance.from_dict(json.loads(row[5]))

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield each document's name and text."""
        # All of it is read anyway.
        self.verify()
        with self._reading():
            yield from self._connection.execute(
                "SELECT doc_id, text FROM documents JOIN texts ON document = number ORDER BY number"
            )

    def _head(self, number: int) -> Any:
        """Return a document's row without its text."""
        with self._reading():
            row = self._connection.execute(
                "SELECT number, doc_id, own_id, source, sha256, provenance, structure, checksum"
                " FROM documents WHERE number = ?",
                (number,),
            ).fetchone()
            self.check(row)
        return row

    def _documents(self, first: int, last: int) -> Iterator[StoredDocument]:
        for *row, text in self._connection.execute(_BY_NUMBER, (first, last)):
            self.check(row)
            number, doc_id, own_id, source, sha256, provenance, structure, _ = row
            if hash_text(text) != sha256:
                raise damage(self._sealed.folder, FILE)
            yield StoredDocument(
                number,
                own_id,
                Document(
                    doc_id=doc_id,
                    text=text,
                    provenance=Provenance.from_dict(json.loads(provenance)),
                    structure=unpack_structure(structure),
                    source=source,
                    sha256=sha256,
                ),
            )

    def _whole(self, query: str) -> Iterator[Any]:
        """Yield the rows of all documents by their numbers; a missing one is damage."""
        expected = 0
        for row in self._connection.execute(query):
            if row[0] != expected:
                raise damage(self._sealed.folder, FILE)
            expected += 1
            yield row
        if expected != self._count:
            raise damage(self._sealed.folder, FILE)

    def check(self, row: Any) -> None:
        """Verify a row: its number first, its checksum last."""
        if row is None or _check(row[:-1]) != row[-1]:
            raise damage(self._sealed.folder, FILE)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, *UNREADABLE) as error:
            raise damage(self._sealed.folder, FILE) from error


def check_name(doc_id: str) -> None:
    """Raise UnknownDocument for a name that is not valid Unicode."""
    try:
        doc_id.encode()
    except UnicodeEncodeError:
        raise unknown_document(doc_id) from None


def unknown_document(doc_id: str) -> UnknownDocument:
    """Return the error for a document that is not in the archive."""
    return UnknownDocument(f"No document {doc_id!r} is in the archive.", "memcon corpus list")


def id_hashes(own_id: str, sha256: str) -> list[int]:
    """Return a hash of each name that a document may get: its own, and one with its text's hash."""
    return [_hash(name) for name in DocIds.names(own_id, sha256)]


def _hash(words: str) -> int:
    return xxhash.xxh3_64_intdigest(words.encode())


def _check(row: Any) -> int:
    """Return the checksum of a row: 63 bits, to fit SQLite's integers."""
    return xxhash.xxh3_64_intdigest(json.dumps(row).encode()) >> 1


def pack_structure(structure: Structure) -> str:
    """Return a structure as JSON."""
    return json.dumps(
        {
            "blocks": [(span.start, span.end) for span in structure.blocks],
            "headings": [(span.start, span.end) for span in structure.headings],
            "turns": [
                (turn.span.start, turn.span.end, turn.label, turn.name) for turn in structure.turns
            ],
            "redactions": [
                (r.span.start, r.span.end, r.kind, r.reason) for r in structure.redactions
            ],
            "boilerplate": [(span.start, span.end) for span in structure.boilerplate],
            "pages": [(page.start, page.label) for page in structure.pages],
        },
        ensure_ascii=False,
    )


def unpack_structure(packed: str) -> Structure:
    """Return the structure that `pack_structure` wrote."""
    known = json.loads(packed)
    return Structure(
        blocks=tuple(Span(*pair) for pair in known["blocks"]),
        headings=tuple(Span(*pair) for pair in known["headings"]),
        turns=tuple(
            Turn(Span(first, last), label, name) for first, last, label, name in known["turns"]
        ),
        redactions=tuple(
            Redaction(Span(first, last), kind, reason)
            for first, last, kind, reason in known["redactions"]
        ),
        boilerplate=tuple(Span(*pair) for pair in known["boilerplate"]),
        pages=tuple(Page(start, label) for start, label in known["pages"]),
    )
