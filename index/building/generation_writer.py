"""Writing the files of a generation, step by step, in bounded memory."""

import tempfile
from array import array
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import replace
from pathlib import Path

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
from index.storage.inventory import Inventory, Progress, refuse
from index.storage.passage_table import TableWriter

# Stands for no older file or passage.
_NEW = -1
# The number of passages whose vectors are written at a time.
_ROWS = 5_000


class GenerationWriter(AbstractContextManager["GenerationWriter"]):
    """Reads files, encodes new passages, and writes the arrays; call methods in this order."""

    def __init__(
        self, folder: Path, previous: Previous, journal: VectorJournal, authority: Authority
    ) -> None:
        """Write into the empty `folder`, copying valid parts of `previous`.

        `journal` has vectors of unfinished builds; `authority` has the names of speakers.
        """
        self._folder, self._previous, self._journal = folder, previous, journal
        self._authority = authority
        old = previous.engine.lexical if previous.engine and previous.terms else None
        self._ids = DocIds()
        # The older passage whose vectors each passage has, or _NEW; and the keys of new ones.
        self._origins = array("q")
        self._keys = bytearray()
        # A failed build must leave no file open.
        with ExitStack() as opened:
            self.store = DocumentStoreWriter(folder / FILE)
            opened.callback(self.store.close)
            self.table = TableWriter(folder, self.store)
            opened.callback(self.table.close)
            self._facets = FacetsWriter(folder, self.store)
            self._postings = PostingsBuilder(folder, old)
            opened.callback(self._postings.close)
            # Texts to encode wait in a file: an archive may be larger than memory.
            self._spool = opened.enter_context(
                tempfile.TemporaryFile("w+", encoding="utf-8", dir=folder)
            )
            self._open = opened.pop_all()
        self.problems: list[Problem] = []
        self._unread: Problem | None = None
        self.files_read = 0
        self._readings: set[str] = set()
        # Whether every file is as the inventory has it.
        self.is_unchanged = True
        self.dates = DateSpan()

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def reading(self) -> str:
        """The signatures of all files, joined."""
        return " ".join(sorted({each for reading in self._readings for each in reading.split()}))

    def read(self, gathered: Inventory, progress: Progress, executor: Executor = LOCAL) -> None:
        """Add every file, copied from the older generation if it is unchanged."""
        self.problems += gathered.problems
        progress.stage("reading files", len(gathered.files))
        known = [self._previous.find_unchanged(record) for _, record in gathered.files]
        files = list(zip(gathered.files, known, strict=True))
        changed = (source for (source, _), number in files if number == _NEW)
        with closing(executor.read(changed, self._authority)) as readings:
            for (_, record), number in files:
                if number != _NEW:
                    self._keep(record, self._previous.documents_of(number))
                else:
                    self._take_in(next(readings), record)
                    if gathered.strict and self._unread:
                        raise refuse(self._unread)
                progress.advance(1)
        self.store.add_problems(self.problems)
        self.store.close()
        self.table.close()
        self._facets.write()

    def encode(self, encoder: Encoder, progress: Progress, executor: Executor = LOCAL) -> int:
        """Encode new passages; returns their number."""
        self._spool.seek(0)
        # A passage in several documents is encoded once.
        waiting: dict[bytes, None] = {}
        for number in range(len(self._keys) // 16):
            key = bytes(self._keys[16 * number : 16 * number + 16])
            if key not in self._journal:
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
                self._journal.put(key, codes[0], codes[1:])
                progress.advance(1)
        return total

    def finish(self, progress: Progress) -> int:
        """Write postings and vectors; returns the number of terms."""
        progress.stage("writing the index")
        terms = self._postings.finish()
        old = self._previous.engine
        origins = np.frombuffer(self._origins, np.int64)
        # The ends of runs of passages that were adjacent before.
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
        """Write the encoded vectors of the passages with these keys, and clear the list."""
        if keys:
            passages, sentences = zip(*map(self._journal.get, keys), strict=True)
            writer.add(np.concatenate(passages), np.concatenate(sentences))
            keys.clear()

    def _take_in(self, reading: FileReading, gathered: FileRecord) -> None:
        """Add a file that was read, with its readable documents."""
        known = len(self.problems)
        for item in reading.items:
            if isinstance(item, Problem):
                self._miss(item)
            else:
                self._add(item)
        if reading.record is None:
            # It was readable when the inventory was taken.
            self.is_unchanged = False
            return
        problem = self.problems[-1].reason if len(self.problems) > known else None
        self.is_unchanged &= reading.record.sha256 == gathered.sha256
        signature = self._previous.rules.sign(reading.items.formats)
        self._add_file(replace(reading.record, problem=problem, reading=signature))
        self.files_read += 1

    def _miss(self, problem: Problem) -> None:
        """Record a problem; a duplicate document does not count as unread."""
        if not problem.is_read:
            self._unread = self._unread or problem
        self.problems.append(problem)

    def _keep(self, record: FileRecord, documents: Sequence[StoredDocument]) -> None:
        """Add a file as stored in the older generation."""
        for stored in documents:
            doc_id = self._ids.take(stored.own_id, stored.document.sha256)
            if doc_id == stored.document.doc_id:
                self._copy(stored)
            else:
                # Another file has taken its name, or has freed it.
                self._place(doc_id, stored.document, stored.own_id)
        self._add_file(replace(record, reading=self._previous.reading_of(record)))

    def _add_file(self, record: FileRecord) -> None:
        self._readings.add(record.reading or "")
        self.store.add_file(record)

    def _copy(self, stored: StoredDocument) -> None:
        old = self._previous.engine
        if old is None:
            raise ValueError("there is no older generation to copy from")
        first, last = old.facets.passages_of(stored.number)
        persons = self._authority.persons_of(stored.document)
        self._facets.add(stored.document.provenance, persons, self.table.passages)
        number = self.store.add(stored.document, stored.own_id)
        self.table.copy(number, old.table, first, last)
        self._postings.copy(first, last)
        self._origins.extend(range(first, last))
        self.dates.add(stored.document.provenance.date)

    def _add(self, item: Document | Prepared) -> None:
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
        self._facets.add(document.provenance, prepared.persons, self.table.passages)
        number = self.store.add(document, own_id)
        keys = [self._take(prepared, place) for place in range(len(prepared.passages))]
        self.table.add(number, prepared.passages, keys)
        self.dates.add(document.provenance.date)

    def _take(self, prepared: Prepared, place: int) -> bytes:
        """Add a passage's terms, and its vectors or its text to encode; returns its key."""
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
