"""The local engine: one generation in memory-mapped files on this machine.

A generation that is one segment is read as it is; several are joined (`index.retrieval.joining`).
"""

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Problem, Provenance
from corpus.errors import DamagedIndex
from index.retrieval.dense import Codes, cosines
from index.retrieval.filters import Filters
from index.retrieval.fusion import Candidates
from index.retrieval.joining import join_segments, open_segment
from index.retrieval.phrases import Wanted, narrow
from index.retrieval.record_search import FoundRecords
from index.retrieval.segments import Segment
from index.retrieval.vocabulary import LocalVocabulary
from index.storage.contents import open_contents
from index.storage.document_store import FileRecord
from index.storage.generation import (
    READABLE,
    REBUILD,
    UNFINISHED,
    UPGRADE,
    Manifest,
    current,
)
from index.text import analyzer
from index.text.passages import Passage
from index.understanding.names import FILE as NAMES
from index.understanding.names import Names
from index.understanding.record_condition import RecordCondition


class LocalEngine:
    """One generation of an archive; later builds do not affect it."""

    def __init__(self, root: Path, folder: Path | None = None) -> None:
        """Open the current generation of the archive in `root`, or the one in `folder`.

        Raises NoIndex before the first build, DamagedIndex if files are altered.
        """
        if folder:
            self._open(folder)
            return
        folder = current(root)
        while True:
            try:
                self._open(folder)
            except DamagedIndex:
                # A build may have just put another in use, and removed this one.
                newest = current(root)
                if newest == folder or folder.exists():
                    raise
                folder = newest
            else:
                return

    def _open(self, folder: Path) -> None:
        self.manifest = read_manifest(folder)
        if self.manifest.analyzer != analyzer.IDENTITY:
            raise DamagedIndex(
                f"The index in {folder} was built by another memcon, which analyzed words "
                "differently.",
                UPGRADE,
            )
        self.contents = open_contents(folder, self.manifest)
        self.sealed = self.contents.sealed
        self.segments = [
            Segment(self.contents.open_segment(number), entry, self.manifest.dimension)
            for number, entry in enumerate(self.contents.segments)
        ]
        try:
            self.names = Names.parse(self.sealed.read(NAMES))
            if self.whole:
                parts = open_segment(self.whole)
            else:
                parts = join_segments(self.segments, self.contents)
        except DamagedIndex:
            for segment in self.segments:
                segment.close()
            raise
        self.store, self.table, self.facets = parts.store, parts.table, parts.facets
        self.lexical, self.dense, self.records = parts.lexical, parts.dense, parts.records
        # See the engine protocol.
        self.rank_by_terms, self.rank_by_vector = self.lexical.top, self.dense.nearest
        self.close = self.store.close
        self.idf, self.frequency = self.lexical.idf, self.lexical.frequency
        self.heaviest = self.lexical.heaviest
        self.document, self.texts = self.store.document, self.store.texts
        self.has_url, self.values = self.store.has_url, self.facets.values

    @property
    def whole(self) -> Segment | None:
        """The segment that is the whole generation, without dead documents; None if none is."""
        entry = self.segments[0].entry
        alone = len(self.segments) == 1 and entry.documents == self.manifest.documents
        return self.segments[0] if alone else None

    def files(self) -> Iterator[tuple[int, FileRecord]]:
        """Yield the number and record of each source file."""
        return enumerate(self.contents.files)

    def problems(self) -> Iterator[Problem]:
        """Yield the problems of reading, with reasons."""
        return iter(self.contents.problems)

    def select(
        self, filters: Filters, wanted: Wanted, documents: Sequence[int] | None = None
    ) -> NDArray[np.int32] | None:
        """Return the numbers of the passages that fit, ascending; None for all of them."""
        among = self.facets.select(filters, self.names.forms) if filters.given else None
        if documents is not None:
            inside = self.facets.passages_in(documents)
            among = inside if among is None else np.intersect1d(among, inside)
        return narrow(wanted, among, self.lexical, self.text_of)

    def count_documents(self, filters: Filters) -> int:
        """Count the documents with a passage that fits filters."""
        if not filters.given:
            return self.manifest.documents
        return self.facets.count_documents(self.facets.select(filters, self.names.forms))

    def features_for(
        self, numbers: NDArray[np.int64], terms: Sequence[str], vector: Codes
    ) -> Candidates:
        """Return these passages' scores for terms and a question's vector."""
        rows = self.table.rows.take(numbers)
        counts = rows["sentences"].astype(np.int64)
        starts = np.cumsum(counts) - counts
        places = np.repeat(rows["first_sentence"] - starts, counts) + np.arange(counts.sum())
        similar = cosines(self.dense.sentences.take(places), vector)
        return Candidates(
            numbers=numbers,
            documents=rows["document"],
            term_weights=self.lexical.weights(terms, numbers),
            beside=self._beside(terms, numbers, rows["document"]),
            idf=np.array([self.lexical.idf(term) for term in terms]),
            cosines=self.dense.cosines(numbers.astype(np.int32), vector),
            sentence_cosines=np.maximum.reduceat(similar, starts) if len(starts) else similar,
        )

    def passages(self, numbers: Sequence[int]) -> list[Passage]:
        """Return the passages of these numbers."""
        return [self.table.passage(number) for number in numbers]

    def passages_of(self, document: int) -> Sequence[int]:
        """Return the numbers of a document's passages, in order."""
        return range(*self.facets.passages_of(document))

    def sentence_vectors(self, number: int) -> Codes:
        """Return the vector of each sentence of a passage (rows)."""
        first, last = self.table.sentence_range(number, number + 1)
        return self.dense.sentences[first:last]

    def prefetch(self, question: str) -> None:
        """Do nothing: looking up a local term is fast."""

    def terms(self) -> Iterator[tuple[str, int]]:
        """Yield each term with its frequency."""
        return ((term, frequency) for term, frequency, _ in self.lexical.vocabulary())

    @cached_property
    def vocabulary(self) -> LocalVocabulary:
        """The words of the archive, for spelling."""
        return LocalVocabulary(self.lexical, self.text_of)

    def list_documents(self) -> Iterator[tuple[str, str, Provenance, int]]:
        """Yield each document's name, source, provenance and number of passages."""
        for number, known in enumerate(self.store.list_documents()):
            first, last = self.facets.passages_of(number)
            yield *known, last - first

    def documents_on(self, day: str) -> list[tuple[int, str]]:
        """Return the number and name of each document about events of exactly this day."""
        return [(number, self.store.doc_id(number)) for number in self.facets.documents_on(day)]

    def find_records(self, condition: RecordCondition) -> FoundRecords:
        """Return the records that meet a condition, best first, or else the nearest."""
        return self.records.find(condition, self.names.forms)

    def doc_ids(self, documents: Sequence[int]) -> list[str]:
        """Return the names of the documents of these numbers."""
        return [self.store.doc_id(document) for document in documents]

    def _beside(
        self, terms: Sequence[str], numbers: NDArray[np.int64], documents: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        """Return the weights of terms (2 × t × n) in the passages before and after these."""
        found = np.zeros((2, len(terms), len(numbers)), np.float32)
        for weights, step in zip(found, (-1, 1), strict=True):
            other = (numbers + step).clip(0, len(self.table) - 1)
            same = self.table.rows.take(other)["document"] == documents
            # The first and the last passage have one neighbour; no passage is its own.
            same &= other != numbers
            weights[:, same] = self.lexical.weights(terms, other[same])
        return found

    def text_of(self, number: int) -> str:
        """Return the text of a passage."""
        span, document = self.table.place(number)
        return span.of(self.store.text(document))


def read_manifest(folder: Path, formats: Collection[int] = READABLE) -> Manifest:
    """Return the manifest of the generation in a folder; raises DamagedIndex."""
    manifest = Manifest.read(folder, formats)
    if manifest.generation != folder.name.removeprefix(UNFINISHED):
        raise DamagedIndex(f"The index in {folder} is another, {manifest.generation}.", REBUILD)
    return manifest


def check_generation(root: Path, folder: Path) -> None:
    """Check a generation as a whole: every byte, the counts, and a look-up of one passage.

    Raises DamagedIndex.
    """
    engine = LocalEngine(root, folder)
    try:
        engine.sealed.verify_all()
        for segment in engine.segments:
            check_segment(segment)
        check_counts(engine)
        if len(engine.contents.files) != engine.manifest.files:
            raise _misfit(folder)
    finally:
        engine.close()


def check_counts(engine: LocalEngine) -> None:
    """Check that a generation has what its manifest says; raises DamagedIndex."""
    manifest = engine.manifest
    if (len(engine.facets), len(engine.table)) != (manifest.documents, manifest.passages):
        raise _misfit(engine.sealed.folder)


def check_segment(segment: Segment) -> None:
    """Check every byte of a segment, the counts, and a look-up of one passage.

    Raises DamagedIndex.
    """
    segment.sealed.verify_all()
    entry = segment.entry
    counted = (
        len(segment.facets),
        len(segment.table),
        segment.table.sentences,
        segment.lexical.passages,
        len(segment.dense.passages),
        len(segment.dense.sentences),
        len(segment.lexical),
    )
    if counted != (
        entry.documents,
        *(entry.passages, entry.sentences),
        *(entry.passages, entry.passages, entry.sentences),
        entry.terms,
    ):
        raise _misfit(segment.sealed.folder)
    _probe(segment)


def _misfit(folder: Path) -> DamagedIndex:
    return DamagedIndex(f"The parts of the index in {folder} do not fit together.", REBUILD)


def _probe(segment: Segment) -> None:
    """Look up a passage by its own words and vector; raises DamagedIndex."""
    if not len(segment.table):
        return
    number = len(segment.table) // 2
    span, document = segment.table.place(number)
    terms = analyzer.analyze(span.of(segment.store.text(document)))
    vector = segment.dense.passages[number : number + 1][0]
    _, similar = segment.dense.nearest(vector, 1)
    found = not terms or bool(segment.lexical.scores(terms)[number] > 0)
    if not found or (len(similar) and similar[0] < 1 - 1e-5):
        raise DamagedIndex(f"The index in {segment.sealed.folder} does not find itself.", REBUILD)
