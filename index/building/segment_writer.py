"""Writing the files of a segment, step by step, in bounded memory."""

import tempfile
from array import array
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from index.building.executor import LOCAL, Executor
from index.building.preparation import Prepared, find_terms, passage_key, unpack_text
from index.building.reuse import Previous
from index.building.vector_journal import VectorJournal
from index.encoding.encoder import Encoder, PassageText
from index.retrieval.dense import VectorsWriter
from index.retrieval.facets import FacetsWriter
from index.retrieval.postings import PostingsBuilder
from index.retrieval.segments import Segment
from index.storage.checksummed import seal
from index.storage.contents import SegmentEntry
from index.storage.document_store import FILE, DocumentStoreWriter, StoredDocument
from index.storage.inventory import Progress
from index.storage.passage_table import TableWriter

# Stands for no older segment.
_NEW = -1
# The number of passages whose vectors are written at a time.
_ROWS = 5_000


class SegmentWriter(AbstractContextManager["SegmentWriter"]):
    """Takes in documents, encodes their new passages, and writes; call methods in this order."""

    def __init__(self, folder: Path, sources: Sequence[Segment]) -> None:
        """Write into the empty `folder`; documents and passages may be copied from `sources`."""
        self._folder, self._sources = folder, sources
        # The source and passage whose vectors each passage has; and the keys of new ones.
        self._origins, self._passages = array("i"), array("q")
        self._keys = bytearray()
        # A failed build must leave no file open.
        with ExitStack() as opened:
            self._store = DocumentStoreWriter(folder / FILE)
            opened.callback(self._store.close)
            self._table = TableWriter(folder, self._store)
            opened.callback(self._table.close)
            self._facets = FacetsWriter(folder, self._store)
            self._postings = PostingsBuilder(folder, [source.lexical for source in sources])
            opened.callback(self._postings.close)
            # Texts to encode wait in a file: an archive may be larger than memory.
            self._spool = opened.enter_context(
                tempfile.TemporaryFile("w+", encoding="utf-8", dir=folder)
            )
            self._open = opened.pop_all()

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def documents(self) -> int:
        """The number of documents taken in."""
        return self._store.documents

    @property
    def passages(self) -> int:
        """The number of passages taken in."""
        return self._table.passages

    def add(self, prepared: Prepared, doc_id: str, previous: Previous) -> None:
        """Add a document under a name; passages that `previous` has are not encoded again."""
        document = replace(prepared.document, doc_id=doc_id)
        self._facets.add(document.provenance, prepared.persons, self.passages)
        number = self._store.add(document, prepared.document.doc_id)
        keys = [self._take(prepared, place, previous) for place in range(len(prepared.passages))]
        self._table.add(number, prepared.passages, keys)

    def copy(
        self, source: int, stored: StoredDocument, doc_id: str, persons: Sequence[str]
    ) -> None:
        """Add a document of a source under a name; `persons` are those who take part in it."""
        old = self._sources[source]
        first, last = old.facets.passages_of(stored.number)
        document = replace(stored.document, doc_id=doc_id)
        self._facets.add(document.provenance, persons, self.passages)
        number = self._store.add(document, stored.own_id)
        self._table.copy(number, old.table, first, last)
        self._postings.copy(source, first, last)
        self._origins.extend([source] * (last - first))
        self._passages.extend(range(first, last))

    def encode(
        self,
        journal: VectorJournal,
        encoder: Encoder,
        progress: Progress,
        executor: Executor = LOCAL,
    ) -> int:
        """Encode new passages into the journal; returns their number."""
        self._spool.seek(0)
        # A passage in several documents is encoded once.
        waiting: dict[bytes, None] = {}
        for number in range(len(self._keys) // 16):
            key = bytes(self._keys[16 * number : 16 * number + 16])
            if key not in journal:
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
                journal.put(key, codes[0], codes[1:])
                progress.advance(1)
        return total

    def finish(self, name: str, journal: VectorJournal | None = None) -> SegmentEntry:
        """Write everything and seal it; returns the segment's entry under a name.

        `journal` has the vectors of new passages.
        """
        self._store.close()
        self._table.close()
        self._facets.write()
        terms, length = self._postings.finish()
        self._write_vectors(journal)
        self._open.close()
        return SegmentEntry(
            name=name,
            checksums=seal(self._folder),
            documents=self._store.documents,
            passages=self._table.passages,
            sentences=self._table.sentences,
            terms=terms,
            length=length,
        )

    def _write_vectors(self, journal: VectorJournal | None) -> None:
        origins = np.frombuffer(self._origins, np.int32)
        passages = np.frombuffer(self._passages, np.int64)
        # The ends of runs of new passages, and of passages that were adjacent in a source.
        breaks = np.flatnonzero(
            (np.diff(origins) != 0) | ((np.diff(passages) != 1) & (origins[1:] != _NEW))
        )
        new = 0
        bounds = [0, *(breaks + 1).tolist(), len(origins)]
        with VectorsWriter(self._folder) as writer:
            for start, stop in pairwise(bounds):
                for here in range(start, stop, _ROWS):
                    count = min(_ROWS, stop - here)
                    if origins[here] != _NEW:
                        source, first = self._sources[origins[here]], int(passages[here])
                        spans = slice(*source.table.sentence_range(first, first + count))
                        writer.add(
                            source.dense.passages[first : first + count],
                            source.dense.sentences[spans],
                        )
                    elif journal is not None:
                        keys = [
                            bytes(self._keys[16 * n : 16 * n + 16]) for n in range(new, new + count)
                        ]
                        new += count
                        found = zip(*map(journal.get, keys), strict=True)
                        writer.add(*map(np.concatenate, found))

    def _take(self, prepared: Prepared, place: int, previous: Previous) -> bytes:
        """Add a passage's terms, and its vectors or its text to encode; returns its key."""
        packed = prepared.texts[place]
        key = passage_key(packed)
        found = previous.find(key)
        if found and previous.terms:
            self._postings.copy(found[0], found[1], found[1] + 1)
        elif prepared.terms is not None:
            self._postings.add(prepared.terms[place])
        else:
            self._postings.add(find_terms(prepared.document, prepared.passages[place]))
        if found and previous.vectors:
            self._origins.append(found[0])
            self._passages.append(found[1])
        else:
            self._origins.append(_NEW)
            self._passages.append(_NEW)
            self._keys += key
            self._spool.write(packed + "\n")
        return key
