"""What ranks and holds the passages of one generation: the protocol that every engine fulfils.

`index.retrieval.local_engine` has it in files on this machine, `index.milvus` on a server. Both
rank by the same weights and the same vectors, so that an answer does not depend on the engine.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Document, Problem, Provenance
from index.retrieval.dense import Codes, Vectors
from index.retrieval.filters import Filters
from index.retrieval.fusion import Candidates
from index.retrieval.phrases import Wanted
from index.retrieval.record_search import FoundRecords
from index.storage.document_store import FileRecord
from index.storage.generation import Manifest
from index.text.passages import Passage
from index.understanding.names import Names
from index.understanding.record_queries import RecordCondition
from index.understanding.spelling.candidates import Vocabulary

# What an engine makes of filters and phrases: nobody else looks into it.
Selection = TypeVar("Selection")


class Engine(Protocol[Selection]):
    """One generation, opened for asking, by several threads at once.

    Passages are known by their numbers, which count from 0. Methods raise ArchiveError where what
    they read is damaged or cannot be reached.
    """

    @property
    def manifest(self) -> Manifest:
        """What the generation says of itself."""

    @property
    def names(self) -> Names:
        """The forms of the names that it was built with."""

    def close(self) -> None:
        """Let go of it."""

    def select(
        self, filters: Filters, wanted: Wanted, documents: Sequence[int] | None = None
    ) -> Selection | None:
        """Return the passages that fit filters, phrases and exclusions; None for all of them.

        Only those of `documents`, by their numbers, where these are given. Raises
        UsageError for a name that nothing in the archive has, and says which there are.
        """

    def rank_by_terms(
        self, weights: Mapping[str, float], k: int, among: Selection | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the numbers and BM25 scores of the `k` best passages with a term, best first.

        Each term counts as much as its weight. Equal scores are in the order of the numbers.
        """

    def rank_by_vector(
        self, vector: Codes, k: int, among: Selection | None = None
    ) -> tuple[NDArray[np.int64], Vectors]:
        """Return the numbers and cosines of the `k` nearest passages, nearest first, ties alike."""

    def features_for(
        self, numbers: NDArray[np.int64], terms: Sequence[str], vector: Codes
    ) -> Candidates:
        """Return what is known of these passages in relation to terms and a question's vector."""

    def passages(self, numbers: Sequence[int]) -> list[Passage]:
        """Return the passages of these numbers."""

    def passages_of(self, document: int) -> Sequence[int]:
        """Return the numbers of a document's passages, in order."""

    def sentence_vectors(self, number: int) -> Codes:
        """Return the vector of each sentence of a passage (rows)."""

    def expect(self, question: str) -> None:
        """Take note that the terms of a question will be asked for, to look them up at once."""

    def idf(self, term: str) -> float:
        """Return the weight of a term; one that the archive lacks weighs as one found once."""

    def frequency(self, term: str) -> int:
        """Return in how many passages a term is found."""

    def terms(self) -> Iterator[tuple[str, int]]:
        """Yield each term with its frequency; nothing where they are not at hand."""

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The words of the archive, for spelling; None where they are not at hand."""

    @property
    def heaviest(self) -> float:
        """The weight of a term that one passage has, the most that any has."""

    def document(self, doc_id: str) -> Document:
        """Return a document whose text is proved to be what was indexed.

        Raises UnknownDocument, or DamagedIndex where the text does not match its hash.
        """

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield each document's name and text."""

    def list_documents(self) -> Iterator[tuple[str, str, Provenance, int]]:
        """Yield each document's name, source, provenance and number of passages."""

    def documents_on(self, day: str) -> list[tuple[int, str]]:
        """Return number and name of each document that tells of what was on this very day."""

    def find_records(self, condition: RecordCondition) -> FoundRecords:
        """Return the records that meet a condition, best first; or the nearest, where none does."""

    def doc_ids(self, documents: Sequence[int]) -> list[str]:
        """Return the names of the documents of these numbers."""

    def has_url(self, url: str) -> bool:
        """Tell whether the archive has the document that is at an address, however written."""

    def values(self, facet: str) -> list[str]:
        """Return the different values of a facet, sorted.

        Facets are "collection", "kind", "classification", "language", "person" and "speaker".
        """

    def files(self) -> Iterator[tuple[int, FileRecord]]:
        """Yield the number and the record of each file that it was built from."""

    def problems(self) -> Iterator[Problem]:
        """Yield what could not be read, and why."""


AnyEngine = Engine[Any]
