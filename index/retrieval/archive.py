"""An archive opened for asking: one whole generation, memory-mapped."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Document, Provenance
from corpus.errors import DamagedIndex
from corpus.relations import Related, find_related, may_belong
from index.encoding.encoder import Encoder
from index.retrieval.dense import Codes, DenseIndex, Vectors, cosines, quantize
from index.retrieval.facets import Facets
from index.retrieval.lexical import LexicalIndex
from index.retrieval.phrases import Wanted, narrow, parse_operators
from index.retrieval.ranking import Candidates, blend, describe
from index.retrieval.search import Filters, Hit
from index.storage.generation import ASIDE, MANIFEST, REBUILD, Manifest, current
from index.storage.inventory import Changes, find_changes
from index.storage.sealed import Sealed
from index.storage.store import Store
from index.storage.table import PassageTable
from index.text import analyzer
from index.timing import stage
from index.understanding.glossary import find_speaker, gloss, is_japanese
from index.understanding.names import Names
from index.understanding.questions import TITLES, Question, read_question

# Sources of more files than this are not looked at for every answer, and none more often than so
# many seconds.
_LOOKED_AT = 2_000
_LOOK_EVERY = 60.0
# A Japanese question of whose words the archive has a smaller share is looked up in the glossary.
_OWN_WORDS = 0.3
# How far down each ranking is followed before the two are fused.
DEPTH = 100


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the index sees it: its words, its terms, its vector, and what must occur.

    Names stand in it in a form that the archive has; `also` are the terms of their other forms.
    `asked` is what it asks for; `is_read` tells whether the encoder knows its language, without
    which the vector says nothing.
    """

    text: str
    terms: tuple[str, ...]
    vector: Codes
    wanted: Wanted
    asked: Question
    is_read: bool
    also: tuple[str, ...] = ()


class Archive:
    """One generation of an archive; it goes on with it whatever is built meanwhile."""

    def __init__(self, root: Path, folder: Path | None = None) -> None:
        """Open the current generation of the archive in `root`, or the one in `folder`.

        Raises NoIndex where nothing has been built, DamagedIndex where files are not as written.
        """
        if folder:
            self._open(root, folder)
            return
        folder = current(root)
        while True:
            try:
                self._open(root, folder)
            except DamagedIndex:
                # A builder may have put others in use, and removed this one, at this moment.
                newest = current(root)
                if newest == folder or folder.exists():
                    raise
                folder = newest
            else:
                return

    def _open(self, root: Path, folder: Path) -> None:
        self.root = root
        self._looked: tuple[float, Changes | None] | None = None
        self.manifest = Manifest.read(folder)
        if self.manifest.generation != folder.name.removeprefix(ASIDE):
            raise DamagedIndex(
                f"The index in {folder} is another, {self.manifest.generation}.", REBUILD
            )
        if self.manifest.analyzer != analyzer.IDENTITY:
            raise DamagedIndex("The index was built by another version of memcon.", REBUILD)
        self.sealed = Sealed(folder, self.manifest.checksums, beside=(MANIFEST,))
        self.store = Store(
            self.sealed, files=self.manifest.files, documents=self.manifest.documents
        )
        try:
            self.table = PassageTable(self.sealed, self.store)
            self.facets = Facets(self.sealed, self.store, self.table)
            self.lexical = LexicalIndex(self.sealed)
            self.dense = DenseIndex(self.sealed, self.manifest.dimension)
            # The forms of the names that this generation was built with.
            self.names = Names.open(self.sealed)
        except DamagedIndex:
            self.store.close()
            raise

    def close(self) -> None:
        """Let go of the files."""
        self.store.close()

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder that made this generation's vectors."""
        # A question is short: more threads than one save it a moment, and then go on spinning for
        # more work while the vectors are compared.
        encoder = Encoder(self.root / "models" / self.manifest.model, threads=1)
        if encoder.settings.identity != self.manifest.encoder:
            raise DamagedIndex("The encoder is not the one that the index was built with.", REBUILD)
        return encoder

    @stage("query")
    def ask(self, question: str) -> Query:
        """Return a question as the index sees it; raises UsageError where it only excludes."""
        wanted = parse_operators(question)
        asked = self._read(wanted.plain)
        return Query(
            text=wanted.plain,
            terms=tuple(analyzer.analyze(asked.text)),
            vector=quantize(self.encoder.encode_query(asked.text)),
            wanted=wanted,
            asked=asked,
            is_read=self.encoder.reads(asked.text),
            also=self.names.other_terms(asked.text, self._occurs),
        )

    @stage("search")
    def search(self, query: Query, filters: Filters, k: int) -> list[Hit]:
        """Return the `k` best passages of both rankings by the weighted sum, ties by place.

        Filters are applied before ranking, so that `k` are found where `k` fit.
        """
        among = self.facets.select(filters, self.names.forms) if filters.given else None
        among = narrow(query.wanted, among, self.lexical, self._text_of)
        depth = max(DEPTH, k)
        weights = query.asked.weights
        best, scores = self.lexical.top(dict.fromkeys(query.also, 1.0) | weights, depth, among)
        lexical = dict(zip(best.tolist(), scores.tolist(), strict=True))
        numbers = np.empty(0, np.int64)
        # Where words find too little, a model that reads none of them still fills the list.
        if query.is_read or len(best) < k:
            numbers, _ = self.dense.nearest(query.vector, depth, among)
        dense_ranks = {number: rank for rank, number in enumerate(numbers.tolist(), start=1)}
        lexical_ranks = {number: rank for rank, number in enumerate(lexical, start=1)}
        candidates = self._candidates(np.union1d(best, numbers), query)
        features = describe(candidates, np.array([*weights.values()], np.float64))
        total = blend(features, query.asked.kind if query.is_read else "unread")
        # Candidates are in the order of their numbers, and the sort is stable.
        order = np.argsort(-total, kind="stable")[:k]
        return [
            Hit(
                passage=self.table.passage(number),
                number=number,
                rank=rank,
                score=float(total[place]),
                lexical_rank=lexical_ranks.get(number),
                lexical_score=lexical.get(number, 0.0),
                dense_rank=dense_ranks.get(number),
                cosine=float(candidates.cosines[place]),
                features={name: float(values[place]) for name, values in features.items()},
            )
            for rank, place in enumerate(order.tolist(), start=1)
            for number in [int(candidates.numbers[place])]
        ]

    def document(self, doc_id: str) -> Document:
        """Return a document whose text is proved to be what was indexed.

        Raises UnknownDocument, or DamagedIndex where the text does not match its hash.
        """
        return self.store.document(doc_id)

    def changes(self) -> Changes | None:
        """Return what has changed in the source files since the build, seen within a minute.

        None where there are too many files to look at.
        """
        now = time.monotonic()
        if self._looked is None or now - self._looked[0] > _LOOK_EVERY:
            changes = None
            if self.manifest.files <= _LOOKED_AT:
                changes = find_changes(self.store, self.manifest.sources)
            self._looked = (now, changes)
        return self._looked[1]

    def list_documents(self) -> Iterator[tuple[str, str, Provenance, int]]:
        """Yield each document's name, source, provenance and number of passages."""
        for number, known in enumerate(self.store.list_documents()):
            first, last = self.facets.passages_of(number)
            yield *known, last - first

    def related(self, document: Document) -> tuple[Related, ...]:
        """Return the documents of the archive that belong with one of them."""
        if not may_belong(document.provenance):
            return ()
        return find_related(document.doc_id, self.store.list_documents())

    def sentence_cosines(self, hit: Hit, query: Query) -> Vectors:
        """Return the cosine of each sentence of a hit's passage with the question."""
        first, last = self.table.sentence_range(hit.number, hit.number + 1)
        return cosines(self.dense.sentences[first:last], query.vector)

    def _occurs(self, term: str) -> bool:
        return bool(self.lexical.frequency(term))

    def _read(self, plain: str) -> Question:
        """Return what a question asks for, in English where the archive has not its Japanese.

        Names are put into a form that the archive has.
        """
        asked = read_question(self.names.reword(plain, self._occurs))
        if not is_japanese(plain):
            return asked
        known = {t: w for t, w in asked.weights.items() if self.lexical.number(t) is not None}
        # Numbers and Latin names stand in records of any language.
        own = sum(weight for term, weight in known.items() if not term.isascii())
        if own > _OWN_WORDS * sum(w for t, w in asked.weights.items() if not t.isascii()):
            return asked
        # A name counts as one where a word stands before it.
        english = read_question(f"what {gloss(plain)}?")
        speaker = frozenset(analyzer.analyze(find_speaker(plain))) - TITLES
        return replace(english, expected=asked.expected, dates=asked.dates, speaker=speaker)

    def _candidates(self, numbers: NDArray[np.int64], query: Query) -> Candidates:
        """Return what is known of these passages in relation to a question."""
        terms = list(query.asked.weights)
        rows = self.table.rows.take(numbers)
        counts = rows["sentences"].astype(np.int64)
        starts = np.cumsum(counts) - counts
        places = np.repeat(rows["first_sentence"] - starts, counts) + np.arange(counts.sum())
        similar = cosines(self.dense.sentences.take(places), query.vector)
        return Candidates(
            numbers=numbers,
            documents=rows["document"],
            term_weights=self.lexical.weights(terms, numbers),
            idf=np.array([self.lexical.idf(term) for term in terms]),
            cosines=self.dense.cosines(numbers.astype(np.int32), query.vector),
            sentence_cosines=np.maximum.reduceat(similar, starts) if len(starts) else similar,
        )

    def _text_of(self, number: int) -> str:
        span, document = self.table.place(number)
        return span.of(self.store.text(document))


def check_generation(root: Path, folder: Path) -> None:
    """Check a generation as a whole: every byte, the counts, and that a passage finds itself.

    Raises DamagedIndex.
    """
    archive = Archive(root, folder)
    try:
        archive.sealed.verify_all()
        manifest, table = archive.manifest, archive.table
        counted = (
            len(table),
            table.sentences,
            len(archive.facets),
            archive.lexical.passages,
            len(archive.dense.passages),
            len(archive.dense.sentences),
            len(archive.lexical),
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
        _probe(archive)
    finally:
        archive.close()


def _probe(archive: Archive) -> None:
    """Look up a passage by its own words and vector; raises DamagedIndex."""
    number = len(archive.table) // 2
    passage = archive.table.passage(number)
    text = passage.span.of(archive.document(passage.doc_id).text)
    terms = analyzer.analyze(text)
    vector = archive.dense.passages[number : number + 1][0]
    _, similar = archive.dense.nearest(vector, 1)
    found = not terms or bool(archive.lexical.scores(terms)[number] > 0)
    if not found or (len(similar) and similar[0] < 1 - 1e-5):
        raise DamagedIndex(f"The index in {archive.sealed.folder} does not find itself.", REBUILD)
