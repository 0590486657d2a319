"""The local engine: one generation in memory-mapped files on this machine."""

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Provenance
from corpus.errors import DamagedIndex
from index.retrieval.dense import Codes, DenseIndex, cosines
from index.retrieval.facets import Facets
from index.retrieval.filters import Filters
from index.retrieval.fusion import Candidates
from index.retrieval.lexical import LexicalIndex
from index.retrieval.phrases import Wanted, narrow
from index.retrieval.record_files import load_arrays
from index.retrieval.record_search import FoundRecords, RecordTable
from index.retrieval.vocabulary import LocalVocabulary
from index.storage.checksummed import Sealed
from index.storage.document_store import DocumentStore
from index.storage.generation import (
    FORMAT,
    MANIFEST,
    REBUILD,
    REUSABLE,
    UNFINISHED,
    UPGRADE,
    Manifest,
    current,
)
from index.storage.passage_table import PassageTable
from index.text import analyzer
from index.text.passages import Passage
from index.understanding.names import FILE as NAMES
from index.understanding.names import Names
from index.understanding.record_condition import RecordCondition


class LocalEngine:
    """One generation of an archive; later builds do not affect it."""

    def __init__(
        self, root: Path, folder: Path | None = None, *, formats: Collection[int] = (FORMAT,)
    ) -> None:
        """Open the current generation of the archive in `root`, or the one in `folder`.

        `formats` are those accepted: for a build, also one without questions. Raises NoIndex before
        the first build, DamagedIndex if files are altered.
        """
        self._formats = formats
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
        self.manifest = Manifest.read(folder, self._formats)
        if self.manifest.generation != folder.name.removeprefix(UNFINISHED):
            raise DamagedIndex(
                f"The index in {folder} is another, {self.manifest.generation}.", REBUILD
            )
        # A build copies vectors from an index with another analyzer.
        if self.manifest.analyzer != analyzer.IDENTITY and self._formats != REUSABLE:
            raise DamagedIndex(
                f"The index in {folder} was built by another memcon, which analyzed words "
                "differently.",
                UPGRADE,
            )
        self.sealed = Sealed(folder, self.manifest.checksums, beside=(MANIFEST,))
        self.store = DocumentStore(
            self.sealed, files=self.manifest.files, documents=self.manifest.documents
        )
        try:
            self.table = PassageTable(self.sealed, self.store)
            self.facets = Facets(self.sealed, self.store, self.table)
            self.lexical = LexicalIndex(self.sealed)
            self.dense = DenseIndex(self.sealed, self.manifest.dimension)
            self.names = Names.parse(self.sealed.read(NAMES))
            self.records = RecordTable(partial(load_arrays, self.sealed), self.store.name)
        except DamagedIndex:
            self.store.close()
            raise
        # See the engine protocol.
        self.rank_by_terms, self.rank_by_vector = self.lexical.top, self.dense.nearest
        self.close = self.store.close
        self.idf, self.frequency = self.lexical.idf, self.lexical.frequency
        self.heaviest = self.lexical.heaviest
        self.document, self.texts = self.store.document, self.store.texts
        self.has_url, self.values = self.store.has_url, self.facets.values
        self.files, self.problems = self.store.files, self.store.problems

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


def check_generation(root: Path, folder: Path) -> None:
    """Check a generation as a whole: every byte, the counts, and a look-up of one passage.

    Raises DamagedIndex.
    """
    engine = LocalEngine(root, folder)
    try:
        engine.sealed.verify_all()
        manifest, table = engine.manifest, engine.table
        counted = (
            len(table),
            table.sentences,
            len(engine.facets),
            engine.lexical.passages,
            len(engine.dense.passages),
            len(engine.dense.sentences),
            len(engine.lexical),
        )
        if counted != (
            manifest.passages,
            manifest.sentences,
            manifest.documents,
            manifest.passages,
            manifest.passages,
            manifest.sentences,
            manifest.terms,
        ):
            raise DamagedIndex(f"The parts of the index in {folder} do not fit together.", REBUILD)
        _probe(engine)
    finally:
        engine.close()


def _probe(engine: LocalEngine) -> None:
    """Look up a passage by its own words and vector; raises DamagedIndex."""
    number = len(engine.table) // 2
    passage = engine.table.passage(number)
    text = passage.span.of(engine.document(passage.doc_id).text)
    terms = analyzer.analyze(text)
    vector = engine.dense.passages[number : number + 1][0]
    _, similar = engine.dense.nearest(vector, 1)
    found = not terms or bool(engine.lexical.scores(terms)[number] > 0)
    if not found or (len(similar) and similar[0] < 1 - 1e-5):
        raise DamagedIndex(f"The index in {engine.sealed.folder} does not find itself.", REBUILD)
