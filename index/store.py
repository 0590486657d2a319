"""Documents and passages on disk: one SQLite file a generation, written once, then only read."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.dates import bounds
from corpus.documents import Document, Provenance, Redaction, Span, Structure, Turn
from corpus.errors import UnknownDocument
from index.passages import Passage
from index.search import Filters

_SCHEMA = """
CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    doc_id TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    text TEXT NOT NULL,
    provenance TEXT NOT NULL,
    structure TEXT NOT NULL,
    collection TEXT,
    kind TEXT,
    event_first TEXT, event_last TEXT,
    document_first TEXT, document_last TEXT
);
CREATE TABLE passages (
    number INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents (number),
    first INTEGER NOT NULL, last INTEGER NOT NULL,
    section TEXT,
    turn_first INTEGER, turn_last INTEGER, speaker TEXT,
    sentences TEXT NOT NULL,
    first_sentence INTEGER NOT NULL
);
CREATE INDEX passages_of_document ON passages (document);
"""


class StoreWriter:
    """Writes documents with their passages, in the order in which they are numbered."""

    def __init__(self, path: Path) -> None:
        """Create the file `path`, which must not exist."""
        self._connection = sqlite3.connect(path)
        self._connection.executescript(_SCHEMA)
        self.documents = self.passages = self.sentences = 0

    def add(self, document: Document, passages: Sequence[Passage]) -> None:
        """Append a document and its passages."""
        provenance = document.provenance
        record = provenance.record
        event = bounds(record.event_date) if record.event_date else (None, None)
        own = bounds(record.document_date) if record.document_date else (None, None)
        self._connection.execute(
            f"INSERT INTO documents VALUES ({','.join('?' * 13)})",  # noqa: S608 - no value in it
            (
                self.documents,
                document.doc_id,
                document.source,
                document.sha256,
                document.text,
                json.dumps(provenance.to_dict(), ensure_ascii=False),
                _pack_structure(document.structure),
                provenance.collection,
                provenance.kind,
                *event,
                *own,
            ),
        )
        for passage in passages:
            turn = passage.turn
            self._connection.execute(
                f"INSERT INTO passages VALUES ({','.join('?' * 10)})",  # noqa: S608 - no value in it
                (
                    self.passages,
                    self.documents,
                    passage.span.start,
                    passage.span.end,
                    passage.section,
                    turn.span.start if turn else None,
                    turn.span.end if turn else None,
                    turn.label if turn else None,
                    json.dumps([(span.start, span.end) for span in passage.sentences]),
                    self.sentences,
                ),
            )
            self.passages += 1
            self.sentences += len(passage.sentences)
        self.documents += 1

    def close(self) -> None:
        """Finish the file."""
        self._connection.commit()
        self._connection.close()


class Store:
    """Reads what `StoreWriter` wrote; may be used from several threads."""

    def __init__(self, path: Path) -> None:
        """Open the file `path` for reading."""
        self._connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?immutable=1", uri=True, check_same_thread=False
        )
        # SQLite's own lower() knows ASCII alone.
        self._connection.create_function("fold", 1, _fold, deterministic=True)
        self._connection.execute("SELECT 1 FROM documents LIMIT 1")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def document(self, doc_id: str) -> Document:
        """Return a document by its name; raises UnknownDocument."""
        row = self._connection.execute(
            "SELECT doc_id, text, provenance, structure, source, sha256 FROM documents"
            " WHERE doc_id = ?",
            (doc_id,),
        ).fetchone()
        if row is None:
            raise UnknownDocument(
                f"No document {doc_id!r} is in the archive.", "memcon corpus list"
            )
        return Document(
            doc_id=row[0],
            text=row[1],
            provenance=Provenance.from_dict(json.loads(row[2])),
            structure=_unpack_structure(row[3]),
            source=row[4],
            sha256=row[5],
        )

    def list_documents(self) -> Iterator[tuple[str, str, Provenance, int]]:
        """Yield each document's name, source, provenance and number of passages."""
        for doc_id, source, provenance, passages in self._connection.execute(
            "SELECT doc_id, source, provenance, (SELECT count(*) FROM passages"
            " WHERE document = documents.number) FROM documents ORDER BY number"
        ):
            yield doc_id, source, Provenance.from_dict(json.loads(provenance)), passages

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield each document's name and text."""
        yield from self._connection.execute("SELECT doc_id, text FROM documents ORDER BY number")

    def passages(self, numbers: Iterable[int]) -> dict[int, Passage]:
        """Return the passages of these numbers."""
        found = {}
        for number in numbers:
            row = self._connection.execute(
                "SELECT doc_id, first, last, section, turn_first, turn_last, speaker, sentences"
                " FROM passages JOIN documents ON documents.number = document"
                " WHERE passages.number = ?",
                (number,),
            ).fetchone()
            found[number] = _unpack_passage(row)
        return found

    def first_sentence(self, number: int) -> int:
        """Return the place of a passage's first sentence among all sentences."""
        row = self._connection.execute(
            "SELECT first_sentence FROM passages WHERE number = ?", (number,)
        ).fetchone()
        return int(row[0])

    def select(self, filters: Filters) -> NDArray[np.int32]:
        """Return the numbers of the passages that fit the filters, ascending."""
        clauses, values = ["1"], []
        if filters.collection:
            clauses.append("collection = ?")
            values.append(filters.collection)
        if filters.kind:
            clauses.append("fold(kind) = fold(?)")
            values.append(filters.kind)
        if filters.speaker:
            clauses.append("instr(fold(speaker), fold(?)) > 0")
            values.append(filters.speaker)
        if filters.date_from or filters.date_to:
            first, last = filters.date_from or "0001", filters.date_to or "9999-12-31"
            clauses.append(
                "((event_last >= ? AND event_first <= ?)"
                " OR (document_last >= ? AND document_first <= ?))"
            )
            values += [first, last, first, last]
        rows = self._connection.execute(
            "SELECT passages.number FROM passages JOIN documents ON documents.number = document"  # noqa: S608 - clauses are ours
            f" WHERE {' AND '.join(clauses)} ORDER BY passages.number",
            values,
        )
        return np.fromiter((row[0] for row in rows), np.int32)

    def values(self, column: str) -> list[str]:
        """Return the different values of `kind`, `collection` or `speaker`, sorted."""
        table = {"kind": "documents", "collection": "documents", "speaker": "passages"}[column]
        rows = self._connection.execute(
            f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY 1"  # noqa: S608 - both names are ours
        )
        return [row[0] for row in rows]


def _fold(words: str | None) -> str | None:
    return None if words is None else words.casefold()


def _unpack_passage(row: Any) -> Passage:
    doc_id, first, last, section, turn_first, turn_last, speaker, sentences = row
    return Passage(
        passage_id=f"{doc_id}:{first}-{last}",
        doc_id=doc_id,
        span=Span(first, last),
        section=section,
        turn=Turn(Span(turn_first, turn_last), speaker) if speaker is not None else None,
        sentences=tuple(Span(*pair) for pair in json.loads(sentences)),
    )


def _pack_structure(structure: Structure) -> str:
    return json.dumps(
        {
            "blocks": [(span.start, span.end) for span in structure.blocks],
            "headings": [(span.start, span.end) for span in structure.headings],
            "turns": [(turn.span.start, turn.span.end, turn.label) for turn in structure.turns],
            "redactions": [(r.span.start, r.span.end, r.kind) for r in structure.redactions],
            "boilerplate": [(span.start, span.end) for span in structure.boilerplate],
        },
        ensure_ascii=False,
    )


def _unpack_structure(packed: str) -> Structure:
    known = json.loads(packed)
    return Structure(
        blocks=tuple(Span(*pair) for pair in known["blocks"]),
        headings=tuple(Span(*pair) for pair in known["headings"]),
        turns=tuple(Turn(Span(first, last), label) for first, last, label in known["turns"]),
        redactions=tuple(
            Redaction(Span(first, last), kind) for first, last, kind in known["redactions"]
        ),
        boilerplate=tuple(Span(*pair) for pair in known["boilerplate"]),
    )
