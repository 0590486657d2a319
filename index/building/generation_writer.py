"""A generation that is being written: its files, filled step by step, each in bounded memory."""

import tempfile
from array import array
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from corpus.authority.names import Authority
from corpus.documents import Document, Problem
from corpus.ingest.sources import DocIds
from index.building.date_span import DateSpan
from index.building.executor import LOCAL, Executor, FileReading
from index.building.preparation import (
    Prepared,
    find_terms,
    passage_key,
    prepare,
    unpack_text,
)
from index.building.reuse import Previous
from index.building.vector_journal import VectorJournal
from index.encoding.encoder import Encoder, PassageText
from index.retrieval.dense import VectorsWriter
from index.retrieval.facets import FacetsWriter
from index.retrieval.postings import PostingsBuilder
from index.storage.document_store import FILE, DocumentStoreWriter, FileRecord, StoredDocument
from index.storage.inventory import Gathered, Progress, refuse
from index.storage.passage_table import TableWriter

# No older file, and no older passage.
_NEW = -1
# The vectors of so many passages are written at a time.
_ROWS = 5_000


class GenerationWriter:
    """Takes in files, encodes what is new, and writes the arrays; call in this order."""

    def __init__(
        self, folder: Path, previous: Previous, kept: VectorJournal, authority: Authority
    ) -> None:
        """Write into the empty `folder`, copying from `previous` what still holds.

        `authority` knows who the speakers are.
        """
        self._folder, self._previous, self._kept = folder, previous, kept
        self._authority = authority
        old = previous.engine.lexical if previous.engine and previous.terms else None
        self._ids = DocIds()
        # For each passage the older one whose vectors it has, or _NEW; and the keys of the new.
        self._origins = array("q")
        self._keys = bytearray()
        # Closed in any case: a build that fails must leave no file open behind it.
        with ExitStack() as opened:
            self._store = DocumentStoreWriter(folder / FILE)
            opened.callback(self._store.close)
            self._table = TableWriter(folder, self._store)
            opened.callback(self._table.close)
            self._facets = FacetsWriter(folder, self._store)
            self._postings = PostingsBuilder(folder, old)
            opened.callback(self._postings.close)
            # What is to be encoded waits in a file: an archive may be larger than memory.
            self._spool = opened.enter_context(
                tempfile.TemporaryFile("w+", encoding="utf-8", dir=folder)
            )
            self._open = opened.pop_all()
        self.problems: list[Problem] = []
        self._unread: Problem | None = None
        self.read_anew = 0
        self._readings: set[str] = set()
        # Whether every file was what it had been when the files were gathered.
        self.as_gathered = True
        self.dates = DateSpan()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close every file."""
        self._open.close()

    @property
    def files(self) -> int:
        """How many files were taken in."""
        return self._store.files

    @property
    def documents(self) -> int:
        """How many documents were taken in."""
        return self._store.documents

    @property
    def passages(self) -> int:
        """How many passages were taken in."""
        return self._table.passages

    @property
    def sentences(self) -> int:
        """How many sentences all passages have."""
        return self._table.sentences

    @property
    def reading(self) -> str:
        """The signatures of all files taken in, as one."""
        return " ".join(sorted({each for reading in self._readings for each in reading.split()}))

    def read(self, gathered: Gathered, progress: Progress, executor: Executor = LOCAL) -> None:
        """Take in every file: from the older generation where it has not changed, else anew."""
        self.problems += gathered.problems
        progress.stage("reading files", len(gathered.files))
        known = [self._previous.find_unchanged(record) for _, record in gathered.files]
        files = list(zip(gathered.files, known, strict=True))
        anew = (source for (source, _), number in files if number == _NEW)
        with closing(executor.read(anew, self._authority)) as readings:
            for (_, record), number in files:
                if number != _NEW:
                    self._keep(record, self._previous.documents_of(number))
                else:
                    self._take_in(next(readings), record)
                    if gathered.strict and self._unread:
                        raise refuse(self._unread)
                progress.advance(1)
        self._store.add_problems(self.problems)
        self._store.close()
        self._table.close()
        self._facets.write()

    def encode(self, encoder: Encoder, progress: Progress, executor: Executor = LOCAL) -> int:
        """Encode the passages that are new, and return how many there were."""
        self._spool.seek(0)
        # A passage that several documents share is encoded once.
        waiting: dict[bytes, None] = {}
        for number in range(len(self._keys) // 16):
            key = bytes(self._keys[16 * number : 16 * number + 16])
            if key not in self._kept:
                waiting[key] = None
        if not waiting:
            return 0
        total = len(waiting)
        progress.stage("encoding passages", total)

        def texts() -> Iterator[tuple[bytes, PassageText]]:
            for number, line in enumerate(self._spool):
                key = bytes(self._keys[16 * number : 16 * number + 16])
                if key in waiting:
                    del waiting[key]
                    yield key, unpack_text(line)

        with closing(executor.encode(texts(), encoder)) as found:
            for key, codes in found:
                self._kept.put(key, codes[0], codes[1:])
                progress.advance(1)
        return total

    def finish(self, progress: Progress) -> int:
        """Write postings and vectors, and return the number of terms."""
        progress.stage("writing the index")
        terms = self._postings.finish()
        old = self._previous.engine
        origins = np.frombuffer(self._origins, np.int64)
        # Where a run of passages that were side by side before ends.
        breaks = np.flatnonzero(
            (np.diff(origins) != 1) | (origins[1:] == _NEW) | (origins[:-1] == _NEW)
        )
        new = 0
        waiting: list[bytes] = []
        with VectorsWriter(self._folder) as writer:
            start = 0
            for stop in [*(breaks + 1).tolist(), len(origins)]:
                first = int(origins[start])
                if first == _NEW or old is None:
                    waiting.append(bytes(self._keys[16 * new : 16 * new + 16]))
                    new += 1
                    if len(waiting) == _ROWS:
                        self._write_new(waiting, writer)
                else:
                    self._write_new(waiting, writer)
                    last = first + stop - start
                    for here in range(first, last, _ROWS):
                        end = min(here + _ROWS, last)
                        spans = slice(*old.table.sentence_range(here, end))
                        writer.add(old.dense.passages[here:end], old.dense.sentences[spans])
                start = stop
            self._write_new(waiting, writer)
        return terms

    def _write_new(self, keys: list[bytes], writer: VectorsWriter) -> None:
        """Write the vectors that were encoded of the passages with these keys, and forget them."""
        if keys:
            passages, sentences = zip(*map(self._kept.get, keys), strict=True)
            writer.add(np.concatenate(passages), np.concatenate(sentences))
            keys.clear()

    def _take_in(self, reading: FileReading, gathered: FileRecord) -> None:
        """Take in a file that was read anew, its documents as far as it could be."""
        known = len(self.problems)
        for item in reading.items:
            if isinstance(item, Problem):
                self._miss(item)
            else:
                self._add(item)
        if reading.record is None:
            # It could be read a moment ago, when the files were looked at.
            self.as_gathered = False
            return
        problem = self.problems[-1].reason if len(self.problems) > known else None
        self.as_gathered &= reading.record.sha256 == gathered.sha256
        signature = self._previous.rules.sign(reading.items.formats)
        self._add_file(replace(reading.record, problem=problem, reading=signature))
        self.read_anew += 1

    def _miss(self, problem: Problem) -> None:
        """Note what could not be read; a document that is there twice is no such thing."""
        if not problem.is_read:
            self._unread = self._unread or problem
        self.problems.append(problem)

    def _keep(self, record: FileRecord, documents: Sequence[StoredDocument]) -> None:
        """Take in a file as it is stored in the older generation."""
        for stored in documents:
            doc_id = self._ids.take(stored.own_id, stored.document.sha256)
            if doc_id == stored.document.doc_id:
                self._copy(stored)
            else:
                # Another file has come by its name, or has left it to this one.
                self._place(doc_id, stored.document, stored.own_id)
        self._add_file(replace(record, reading=self._previous.reading_of(record)))

    def _add_file(self, record: FileRecord) -> None:
        self._readings.add(record.reading or "")
        self._store.add_file(record)

    def _copy(self, stored: StoredDocument) -> None:
        old = self._previous.engine
        if old is None:
            raise ValueError("there is no older generation to copy from")
        first, last = old.facets.passages_of(stored.number)
        persons = self._authority.persons_of(stored.document)
        self._facets.add(stored.document.provenance, persons, self.passages)
        number = self._store.add(stored.document, stored.own_id)
        self._table.copy(number, old.table, first, last)
        self._postings.copy(first, last)
        self._origins.extend(range(first, last))
        self.dates.add(stored.document.provenance.date)

    def _add(self, item: Document | Prepared) -> None:
        """Take in a document under its own name, or one that tells it from others."""
        document = item.document if isinstance(item, Prepared) else item
        own_id = document.doc_id
        self._place(self._ids.take(own_id, document.sha256), item, own_id)

    def _place(self, doc_id: str | None, item: Document | Prepared, own_id: str) -> None:
        if doc_id is None:
            document = item.document if isinstance(item, Prepared) else item
            self.problems.append(Problem(document.source, f"the same as {own_id}"))
            return
        prepared = item if isinstance(item, Prepared) else prepare(item, self._authority)
        document = replace(prepared.document, doc_id=doc_id)
        self._facets.add(document.provenance, prepared.persons, self.passages)
        number = self._store.add(document, own_id)
        keys = [self._take(prepared, place) for place in range(len(prepared.passages))]
        self._table.add(number, prepared.passages, keys)
        self.dates.add(document.provenance.date)

    def _take(self, prepared: Prepared, place: int) -> bytes:
        """Take in a passage's terms and vectors, or its text to be encoded; return its key."""
        packed = prepared.texts[place]
        key = passage_key(packed)
        origin = self._previous.find(key)
        if origin != _NEW and self._previous.terms:
            self._postings.copy(origin, origin + 1)
        elif prepared.terms is not None:
            self._postings.add(prepared.terms[place])
        else:
            self._postings.add(find_terms(prepared.document, prepared.passages[place]))
        if origin != _NEW and self._previous.vectors:
            self._origins.append(origin)
        else:
            self._origins.append(_NEW)
            self._keys += key
            self._spool.write(packed + "\n")
        return key
