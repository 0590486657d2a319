"""Publishing: a finished local generation is written to Milvus, checked, and put in use.

Every generation is written in full: the weight of a term depends on every passage, so that each
build changes all rows. Rows are sent in batches, in bounded memory.
"""

import datetime as dt
import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np

from corpus.addresses import address_key
from corpus.errors import ArchiveBusy, ArchiveError, NoIndex
from index.milvus.address import MilvusAddress
from index.milvus.connection import Connection, Row
from index.milvus.engine import MilvusEngine
from index.milvus.generations import Builder, Generations
from index.milvus.layout import (
    ARRAY,
    DATES,
    TERM_FIELDS,
    pack_arrays,
    pack_codes,
    pack_passage,
    passage_fields,
)
from index.milvus.records import (
    NO_VECTOR,
    RECORD_FIELDS,
    VECTOR,
    Kind,
    RecordRows,
    hash_key,
    manifest_value,
)
from index.retrieval.facets import DOCUMENT_FACETS, Facets
from index.retrieval.lexical import LexicalIndex
from index.retrieval.local_engine import LocalEngine
from index.retrieval.segments import Segment
from index.storage.document_store import StoredDocument, pack_structure
from index.storage.generation import Manifest
from index.storage.inventory import Progress
from index.understanding.names import FILE as NAMES_FILE

_PASSAGES, _ROWS = 256, 1_000
# The most characters of a batch.
_CHARS = 4_000_000
# Seconds between announcements of the publisher.
_BEAT = 30.0


@dataclass(frozen=True, slots=True)
class Published:
    """The generation in use on Milvus, and whether that has changed."""

    manifest: Manifest
    changed: bool


def publish(
    root: Path, address: MilvusAddress, progress: Progress, *, force: bool = False
) -> Published:
    """Write the current generation of the archive in `root` to Milvus and put it in use there.

    Without `force`, writes nothing that exists there already. The caller holds the archive's lock.
    The generation must be one segment. Raises ArchiveError if it is not, EngineUnavailable,
    ArchiveBusy if another host publishes, and DamagedIndex.
    """
    progress.stage("connecting to Milvus")
    with closing(LocalEngine(root)) as engine, closing(Connection(address)) as connection:
        if engine.whole is None:
            raise ArchiveError(
                "An index of several segments cannot be published.", "memcon index build --merge"
            )
        generations = Generations(connection)
        now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
        own = Builder(socket.gethostname(), str(root.resolve()), os.getpid(), now)
        generations.clear_unfinished(own)
        before = None
        with suppress(NoIndex):
            before = generations.current()
        if not force:
            for name, there in reversed(generations.manifests().items()):
                if there and there.checksums == engine.manifest.checksums:
                    if name != before:
                        MilvusEngine(connection, name).check()
                        generations.switch(name)
                    return Published(there, changed=name != before)
        name = generations.next_name(engine.manifest.generation)
        writing = _Publication(generations, own, name, engine, engine.whole, progress)
        writing.begin()
        try:
            manifest = writing.run()
        except BaseException:
            # The next build removes the rest.
            with suppress(ArchiveError):
                generations.remove(name)
            raise
        generations.switch(name)
        generations.retire(before)
        return Published(manifest, changed=True)


class _Publication:
    """Publishes one generation."""

    def __init__(
        self,
        generations: Generations,
        own: Builder,
        name: str,
        engine: LocalEngine,
        segment: Segment,
        progress: Progress,
    ) -> None:
        self._generations, self._own, self._name = generations, own, name
        self._engine, self._segment, self._progress = engine, segment, progress
        self._connection = generations.connection
        self._address = self._connection.address
        self._beat = time.monotonic()

    def begin(self) -> None:
        """Announce the publisher; raises ArchiveBusy if another host publishes."""
        self._connection.create(self._collection("records"), RECORD_FIELDS)
        self._generations.announce(self._name, self._own)
        there = self._generations.builder(self._name)
        if there is None or replace(there, beat=self._own.beat) != self._own:
            raise ArchiveBusy(f"Another host publishes to {self._address.endpoint} at this moment.")

    def run(self) -> Manifest:
        """Write everything, check it, and write the manifest, which completes it."""
        engine, progress, collection = self._engine, self._progress, self._collection
        manifest = replace(engine.manifest, generation=self._name)
        fields = passage_fields(manifest.dimension, self._address.dense_index)
        self._connection.create(collection("terms"), TERM_FIELDS)
        self._connection.create(collection("passages"), fields)
        records = RecordRows()
        progress.stage("publishing documents", manifest.documents)
        # `_record_rows` counts documents, which have many rows.
        self._send("records", self._record_rows(records), _ROWS, lambda _: None)
        progress.stage("publishing terms", manifest.terms)
        self._send("terms", _term_rows(self._segment.lexical), _ROWS, progress.advance)
        progress.stage("publishing passages", manifest.passages)
        self._send("passages", _passage_rows(self._segment), _PASSAGES, progress.advance)
        progress.stage("checking what was published")
        MilvusEngine(self._connection, self._name, (manifest, records.counts)).check()
        whole = records.make(Kind.MANIFEST, 0, manifest_value(manifest, records.counts))
        self._connection.insert(collection("records"), list(whole))
        return manifest

    def _send(
        self, part: str, rows: Iterable[Row], most: int, advance: Callable[[int], None]
    ) -> None:
        """Insert rows in batches, one at a time in memory."""
        collection = self._collection(part)
        for batch in _batches(rows, most):
            self._connection.insert(collection, batch)
            advance(len(batch))
            if time.monotonic() - self._beat > _BEAT:
                self._beat = time.monotonic()
                self._generations.announce(self._name, self._own)
        self._connection.flush(collection)

    def _record_rows(self, records: RecordRows) -> Iterator[Row]:
        engine = self._engine
        yield from records.make(Kind.NAMES, 0, engine.sealed.read(NAMES_FILE).decode())
        for place, facet in enumerate((*DOCUMENT_FACETS, "person", "speaker")):
            known = {"facet": facet, "names": list(engine.facets.known(facet).items())}
            yield from records.make(Kind.FACET, place, known)
        packed = pack_arrays(engine.records.arrays, engine.store.name)
        yield from records.make(Kind.RECORDS, 0, packed)
        for place, problem in enumerate(engine.problems()):
            yield from records.make(Kind.PROBLEM, place, astuple(problem))
        owners = engine.contents.places["file"]
        for number, file in engine.files():
            yield from records.make(Kind.FILE, number, astuple(file))
            first, last = np.searchsorted(owners, [number, number + 1]).tolist()
            for stored in self._segment.store.stored_range(first, last):
                yield from _document_rows(stored, engine.facets, records)
                self._progress.advance(1)

    def _collection(self, part: str) -> str:
        return self._address.collection(self._name, part)


def _document_rows(stored: StoredDocument, facets: Facets, records: RecordRows) -> Iterator[Row]:
    document, number = stored.document, stored.number
    key = hash_key(document.doc_id)
    first, last = facets.passages_of(number)
    head = {
        "doc_id": document.doc_id,
        "source": document.source,
        "sha256": document.sha256,
        "provenance": document.provenance.to_dict(),
        "passages": last - first,
    }
    yield from records.make(Kind.DOCUMENT, number, head, key)
    yield from records.make(Kind.STRUCTURE, number, pack_structure(document.structure), key)
    yield from records.make(Kind.TEXT, number, document.text, key)
    urls = (url for url in (document.provenance.url, document.source) if url)
    for address in dict.fromkeys(filter(None, map(address_key, urls))):
        yield from records.make(Kind.ADDRESS, number, address, hash_key(address))


def _term_rows(lexical: LexicalIndex) -> Iterator[Row]:
    for number, (term, frequency, idf) in enumerate(lexical.vocabulary()):
        yield {
            "key": hash_key(term),
            "number": number,
            "frequency": frequency,
            "idf": idf,
            VECTOR.name: NO_VECTOR,
        }


def _passage_rows(segment: Segment) -> Iterator[Row]:
    number = 0
    for terms, weights, sizes in segment.lexical.forward_weights(_PASSAGES):
        ends = np.cumsum(sizes)
        rows = segment.table.rows[number : number + len(sizes)]
        passages = segment.dense.passages[number : number + len(sizes)]
        for place, end in enumerate(ends.tolist()):
            held = slice(end - int(sizes[place]), end)
            own = _own_terms(terms[held].tolist(), weights[held].tolist(), len(segment.lexical))
            first, last = segment.table.sentence_range(number, number + 1)
            codes = np.vstack([passages[place], segment.dense.sentences[first:last]])
            passage = segment.table.passage(number)
            text = passage.span.of(segment.store.text(int(rows[place]["document"])))
            row = rows[place]
            yield {
                "number": number,
                "dense": passages[place].astype(np.float32),
                "document": int(row["document"]),
                "speaker": int(row["speaker"]),
                "person": int(row["person"]),
                "vectors": pack_codes(codes),
                **own,
                **_document_facets(segment.facets, int(row["document"])),
                **pack_passage(number, passage, text),
            }
            number += 1


def _own_terms(terms: list[int], weights: list[float], vocabulary: int) -> Row:
    """Return the fields of a passage's terms; one without any gets an unused term."""
    return {
        "sparse": dict(zip(terms, weights, strict=True)) or {vocabulary: 1.0},
        "terms": terms[:ARRAY],
        "wide": int(len(terms) > ARRAY),
    }


def _document_facets(known: Facets, document: int) -> Row:
    facets, people = known.rows[document : document + 1][0], known.people[:]
    held = slice(*np.searchsorted(people["document"], [document, document + 1]))
    return {
        **{name: int(facets[name]) for name in (*DATES, *DOCUMENT_FACETS)},
        "people": people["person"][held].tolist(),
    }


def _batches(rows: Iterable[Row], most: int) -> Iterator[list[Row]]:
    """Yield rows in lists of at most `most` rows and `_CHARS` characters."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(map(len, row["data"])) if "data" in row else 0
        if len(batch) == most or size > _CHARS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
