"""The engine protocol: stores and ranks the passages of one generation.

`index.retrieval.local_engine` uses files on this machine, `index.milvus` a server. Both rank by the
same weights and vectors, so that answers do not depend on the engine.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Document, Problem, Provenance
from index.encoding.pooling import Vectors
from index.retrieval.dense import Codes
from index.retrieval.filters import Filters
from index.retrieval.fusion import Candidates
from index.retrieval.phrases import Wanted
from index.retrieval.record_search import FoundRecords
from index.storage.document_store import FileRecord
from index.storage.generation import Manifest
from index.text.passages import Passage
from index.understanding.names import Names
from index.understanding.record_condition import RecordCondition
from index.understanding.spelling.candidates import Vocabulary

# An engine's own form of filters and phrases.
Selection = TypeVar("Selection")


class Engine(Protocol[Selection]):
    """One generation, opened for questions from several threads.

    Passages have numbers from 0. Methods raise ArchiveError if data is damaged or unreachable.
    """

    @property
    def manifest(self) -> Manifest:
        """The generation's manifest."""

    @property
    def names(self) -> Names:
        """The forms of names at the time of the build."""

    def close(self) -> None:
        """Close it."""

    def select(
        self, filters: Filters, wanted: Wanted, documents: Sequence[int] | None = None
    ) -> Selection | None:
        """Return the passages that fit filters, phrases and exclusions; None for all of them.

        Only those of `documents`, by number, if given. Raises UsageError for a name that nothing in
        the archive has, with those that it has.
        """

    def count_documents(self, filters: Filters) -> int | None:
        """Count the documents with a passage that fits filters; None if that is not known."""

    def rank_by_terms(
        self, weights: Mapping[str, float], k: int, among: Selection | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the numbers and BM25 scores of the `k` best passages with a term, best first.

        Scores are weighted per term. Equal scores are in the order of the numbers.
        """

    def rank_by_vector(
        self, vector: Codes, k: int, among: Selection | None = None
    ) -> tuple[NDArray[np.int64], Vectors]:
        """Return the numbers and cosines of the `k` nearest passages, nearest first, ties alike."""

    def features_for(
        self, numbers: NDArray[np.int64], terms: Sequence[str], vector: Codes
    ) -> Candidates:
        """Return these passages' scores for terms and a question's vector."""

    def passages(self, numbers: Sequence[int]) -> list[Passage]:
        """Return the passages of these numbers."""

    def passages_of(self, document: int) -> Sequence[int]:
        """Return the numbers of a document's passages, in order."""

    def sentence_vectors(self, number: int) -> Codes:
        """Return the vector of each sentence of a passage (rows)."""

    def prefetch(self, question: str) -> None:
        """Announce that the terms of a question are needed, to fetch them together."""

    def idf(self, term: str) -> float:
        """Return the weight of a term; an unknown term weighs as much as one found once."""

    def frequency(self, term: str) -> int:
        """Return the number of passages with a term."""

    def terms(self) -> Iterator[tuple[str, int]]:
        """Yield each term with its frequency; nothing if they are unavailable."""

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The words of the archive, for spelling; None if unavailable."""

    @property
    def heaviest(self) -> float:
        """The weight of a term found in one passage, the highest of all."""

    def document(self, doc_id: str) -> Document:
        """Return a document whose text matches its hash.

        Raises UnknownDocument, or DamagedIndex if it does not match.
        """

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield each document's name and text."""

    def list_documents(self) -> Iterator[tuple[str, str, Provenance, int]]:
        """Yield each document's name, source, provenance and number of passages."""

    def documents_on(self, day: str) -> list[tuple[int, str]]:
        """Return the number and name of each document about events of exactly this day."""

    def find_records(self, condition: RecordCondition) -> FoundRecords:
        """Return the records that meet a condition, best first, or else the nearest."""

    def doc_ids(self, documents: Sequence[int]) -> list[str]:
        """Return the names of the documents of these numbers."""

    def has_url(self, url: str) -> bool:
        """Return whether the archive has the document at an address, in any spelling."""

    def values(self, facet: str) -> list[str]:
        """Return the different values of a facet, sorted.

        Facets are "collection", "kind", "classification", "language", "person" and "speaker".
        """

    def files(self) -> Iterator[tuple[int, FileRecord]]:
        """Yield the number and record of each source file."""

    def problems(self) -> Iterator[Problem]:
        """Yield the problems of reading, with reasons."""


AnyEngine = Engine[Any]
