"""An archive opened for asking: one whole generation, memory-mapped."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Document, hash_text
from corpus.errors import DamagedIndex
from index import analyzer
from index.dense import Codes, DenseIndex, best_of, cosines, quantize
from index.encoder import Encoder
from index.generation import REBUILD, Manifest, current, measure_files
from index.lexical import LexicalIndex
from index.search import DENSE_WEIGHT, Filters, Hit, fuse
from index.store import Store

# How far down each ranking is followed before the two are fused.
DEPTH = 100


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the index sees it: its words, its terms, its vector."""

    text: str
    terms: tuple[str, ...]
    vector: Codes


class Archive:
    """One generation of an archive; it goes on with it whatever is built meanwhile."""

    def __init__(self, root: Path) -> None:
        """Open the current generation of the archive in `root`.

        Raises NoIndex where nothing has been built, DamagedIndex where files are not as written.
        """
        folder = current(root)
        self.root = root
        self.manifest = Manifest.read(folder)
        if measure_files(folder) != self.manifest.files:
            raise DamagedIndex(f"Files of the index in {folder} are missing or altered.", REBUILD)
        if self.manifest.analyzer != analyzer.IDENTITY:
            raise DamagedIndex("The index was built by another version of memcon.", REBUILD)
        try:
            self.store = Store(folder / "documents.sqlite")
            self.lexical = LexicalIndex(folder / "lexical", self.manifest.passages)
            self.dense = DenseIndex(folder / "dense")
        except Exception as error:
            # SQLite and NumPy have errors of their own for files that are not theirs.
            raise DamagedIndex(f"The index in {folder} cannot be opened.", REBUILD) from error

    def close(self) -> None:
        """Let go of the files."""
        self.store.close()

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder that made this generation's vectors."""
        encoder = Encoder(self.root / "models" / self.manifest.model)
        if encoder.settings.identity != self.manifest.encoder:
            raise DamagedIndex("The encoder is not the one that the index was built with.", REBUILD)
        return encoder

    def ask(self, question: str) -> Query:
        """Return a question as the index sees it."""
        return Query(
            text=question,
            terms=tuple(analyzer.analyze(question)),
            vector=quantize(self.encoder.encode_query(question)),
        )

    def search(self, query: Query, filters: Filters, k: int) -> list[Hit]:
        """Return the `k` best passages: lexical and dense ranking, fused, ties by place.

        Filters are applied before ranking, so that `k` are found where `k` fit.
        """
        among = self.store.select(filters) if filters.given else None
        depth = max(DEPTH, k)
        lexical = self._rank_lexically(query, among, depth)
        numbers, similar = self.dense.nearest(query.vector, depth, among)
        near = dict(zip(numbers.tolist(), similar.tolist(), strict=True))
        dense = list(near)
        fused = fuse([(1.0, list(lexical)), (DENSE_WEIGHT, dense)])[:k]
        passages = self.store.passages(number for number, _ in fused)
        lexical_ranks = {number: rank for rank, number in enumerate(lexical, start=1)}
        dense_ranks = {number: rank for rank, number in enumerate(dense, start=1)}
        return [
            Hit(
                passage=passages[number],
                number=number,
                rank=rank,
                score=score,
                lexical_rank=lexical_ranks.get(number),
                lexical_score=lexical.get(number, 0.0),
                dense_rank=dense_ranks.get(number),
                cosine=near.get(number) or self._cosine(number, query),
            )
            for rank, (number, score) in enumerate(fused, start=1)
        ]

    def document(self, doc_id: str) -> Document:
        """Return a document whose text is proved to be what was indexed.

        Raises UnknownDocument, or DamagedIndex where the text does not match its hash.
        """
        document = self.store.document(doc_id)
        if hash_text(document.text) != document.sha256:
            raise DamagedIndex(f"The stored text of {doc_id} was altered.", REBUILD)
        return document

    def sentence_cosines(self, hit: Hit, query: Query) -> NDArray[np.float32]:
        """Return the cosine of each sentence of a hit's passage with the question."""
        first = self.store.first_sentence(hit.number)
        codes = self.dense.sentences[first : first + len(hit.passage.sentences)]
        return cosines(codes, query.vector)

    def _rank_lexically(
        self, query: Query, among: NDArray[np.int32] | None, depth: int
    ) -> dict[int, float]:
        """Return the passages with a term of the query, best first, with their scores."""
        scores = self.lexical.scores(query.terms)
        found = np.flatnonzero(scores) if among is None else among[scores[among] > 0]
        best = found[best_of(scores[found], depth)]
        return dict(zip(best.tolist(), scores[best].tolist(), strict=True))

    def _cosine(self, number: int, query: Query) -> float:
        return float(cosines(self.dense.passages[number : number + 1], query.vector)[0])
