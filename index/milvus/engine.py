"""The engine on Milvus: the same weights, vectors and ties as in files on one machine.

Milvus finds the candidates, by the inner product with rank-bm25's weights and by the cosine of the
int8 codes. Scores are then computed from the stored rows as they are locally, so that results do
not depend on Milvus's arithmetic, nor on its order of equal scores.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from corpus.addresses import address_key
from corpus.documents import Document, Problem, Provenance, hash_text
from corpus.errors import DamagedIndex, UnknownDocument
from index.encoding.pooling import Vectors
from index.milvus.address import PARTS
from index.milvus.connection import Connection, Field, Row
from index.milvus.expressions import Selection, number_list, select
from index.milvus.layout import (
    SCORING_FIELDS,
    SPARSE,
    TEXT_FIELDS,
    ScoringRow,
    TextRow,
    dense_field,
    unpack_arrays,
    unpack_scoring_row,
    unpack_text_row,
)
from index.milvus.records import Kind, Records, hash_key
from index.retrieval.dense import Codes, cosines
from index.retrieval.filters import Filters
from index.retrieval.fusion import Candidates
from index.retrieval.phrases import Wanted
from index.retrieval.record_files import ordinal
from index.retrieval.record_search import FoundRecords, RecordTable
from index.storage.document_store import FileRecord, check_name, unpack_structure
from index.storage.generation import REBUILD, Manifest
from index.text import analyzer
from index.text.passages import Passage
from index.understanding.names import Names
from index.understanding.record_condition import RecordCondition

# The most hits of a request, and the surplus that is requested to rank ties at the end by number.
_MOST = 16_384
_BESIDE = 32
# Relative difference below which scores tie until computed exactly; the most ties to rank.
_NEAR = 1e-5
_TIED = 1_024
# Sizes of the caches: terms, passages, and code points of documents' texts.
_TERMS, _ROWS, _TEXTS = 100_000, 4_000, 30_000_000


@dataclass(frozen=True, slots=True)
class _Term:
    number: int
    frequency: int
    idf: float


# A term that has not been looked up; None is one that the archive lacks.
_NEW = _Term(-1, 0, 0.0)


class MilvusEngine:
    """One generation on Milvus, opened for questions."""

    def __init__(
        self,
        connection: Connection,
        generation: str,
        known: tuple[Manifest, dict[Kind, int]] | None = None,
    ) -> None:
        """Open a generation; `known` is its manifest and row counts, before these are written.

        Raises DamagedIndex if it is incomplete, or was built by another version.
        """
        address = connection.address
        self.connection, self.address = connection, address
        records, self._terms_in, self._passages_in = (
            address.collection(generation, part) for part in PARTS
        )
        for collection in (records, self._terms_in, self._passages_in):
            connection.load(collection)
        known = known or Records(connection, records).read_manifest()
        if known is None:
            raise DamagedIndex(f"{records} on {address.endpoint} is not whole.", address.example)
        self.manifest, counts = known
        if self.manifest.analyzer != analyzer.IDENTITY:
            raise DamagedIndex("The index was built by another version of memcon.", REBUILD)
        self.records = Records(connection, records, counts)
        self._dense = dense_field(self.manifest.dimension, address.dense_index)
        self._lock = threading.Lock()
        self._terms: LRUCache[str, _Term | None] = LRUCache(_TERMS)
        self._scorings: LRUCache[int, ScoringRow] = LRUCache(_ROWS)
        self._texts: LRUCache[int, TextRow] = LRUCache(_ROWS)
        self._documents: LRUCache[str, Document] = LRUCache(
            _TEXTS, getsizeof=lambda document: 1_000 + len(document.text)
        )

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    @cached_property
    def names(self) -> Names:
        """The forms of the names that it was built with."""
        return Names.parse(next(value for _, value in self.records.scan(Kind.NAMES)))

    def select(
        self, filters: Filters, wanted: Wanted, documents: Sequence[int] | None = None
    ) -> Selection | None:
        """Return the passages that fit filters, phrases and exclusions; None for all of them."""
        return select(
            filters,
            wanted,
            self._facets.__getitem__,
            self.names.forms,
            self._number,
            self._count,
            documents,
        )

    def count_documents(self, filters: Filters) -> int | None:
        """Count the documents, or return None where filters narrow them: Milvus counts rows."""
        return None if filters.given else self.manifest.documents

    def rank_by_terms(
        self, weights: Mapping[str, float], k: int, among: Selection | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the numbers and BM25 scores of the `k` best passages with a term."""
        known = self._look_up(weights)
        asked = [
            (found.number, float(weight))
            for term, weight in weights.items()
            if (found := known[term]) is not None
        ]
        if not asked:
            return np.empty(0, np.int64), np.empty(0, np.float32)

        def score(numbers: Sequence[int]) -> NDArray[np.float32]:
            held = self._weights([number for number, _ in asked], numbers)
            total = np.zeros(len(numbers), np.float32)
            # One after another, as local postings are added.
            for row, (_, times) in zip(held, asked, strict=True):
                total += row if times == 1 else row * np.float32(times)
            return total

        numbers, scores = self._rank(SPARSE, dict(asked), k, among, score)
        return numbers[scores > 0], scores[scores > 0]

    def rank_by_vector(
        self, vector: Codes, k: int, among: Selection | None = None
    ) -> tuple[NDArray[np.int64], Vectors]:
        """Return the numbers and cosines of the `k` nearest passages."""
        if not vector.any():
            return np.empty(0, np.int64), np.empty(0, np.float32)

        def score(numbers: Sequence[int]) -> Vectors:
            return self._cosines(numbers, vector)

        return self._rank(self._dense, vector.astype(np.float32).tolist(), k, among, score)

    def features_for(
        self, numbers: NDArray[np.int64], terms: Sequence[str], vector: Codes
    ) -> Candidates:
        """Return these passages' scores for terms and a question's vector."""
        listed = numbers.tolist()
        last = self.manifest.passages - 1
        # Fetch all rows in one request.
        near = [min(max(number + step, 0), last) for step in (-1, 1) for number in listed]
        rows = self._read_scorings([*dict.fromkeys((*listed, *near))])
        known = self._look_up(terms)
        term_numbers = [found.number if (found := known[term]) else -1 for term in terms]
        beside = self._weights(term_numbers, near)
        # The first and the last passage have one neighbour; no passage is its own.
        strange = [
            number == other or rows[number].document != rows[other].document
            for number, other in zip(listed * 2, near, strict=True)
        ]
        beside[:, strange] = 0
        best = [cosines(rows[number].sentences, vector).max(initial=-1.0) for number in listed]
        return Candidates(
            numbers=numbers,
            documents=np.array([rows[number].document for number in listed], np.int32),
            term_weights=self._weights(term_numbers, listed),
            beside=beside.reshape(len(terms), 2, len(listed)).transpose(1, 0, 2),
            idf=np.array([self.idf(term) for term in terms]),
            cosines=self._cosines(listed, vector),
            sentence_cosines=np.array(best, np.float32),
        )

    def passages(self, numbers: Sequence[int]) -> list[Passage]:
        """Return the passages of these numbers."""
        texts = self._read_texts(numbers)
        found = [texts[number].passage for number in numbers]
        # Their documents are needed next: fetch all of them at once.
        self._read_documents(passage.doc_id for passage in found)
        return found

    def passages_of(self, document: int) -> Sequence[int]:
        """Return the numbers of a document's passages, in order."""
        rows = self.connection.query(self._passages_in, f"document == {int(document)}", ["number"])
        return sorted(int(row["number"]) for row in rows)

    def sentence_vectors(self, number: int) -> Codes:
        """Return the vector of each sentence of a passage (rows)."""
        return self._read_scorings([number])[number].sentences

    def prefetch(self, question: str) -> None:
        """Look up the terms of a question by one request."""
        self._look_up(analyzer.analyze(question))

    def idf(self, term: str) -> float:
        """Return the weight of a term; an unknown term weighs as much as one found once."""
        known = self._term(term)
        return known.idf if known else float(np.log(self.manifest.passages + 1))

    def frequency(self, term: str) -> int:
        """Return the number of passages with a term."""
        known = self._term(term)
        return known.frequency if known else 0

    def terms(self) -> Iterator[tuple[str, int]]:
        """Yield nothing: there may be too many terms to fetch for one question."""
        return iter(())

    @property
    def vocabulary(self) -> None:
        """Nothing: a server gives no neighbours of a term, and its terms are too many to fetch."""
        return

    @property
    def heaviest(self) -> float:
        """The weight of a term found in one passage, the highest of all."""
        return float(np.log(self.manifest.passages + 1)) or 1.0

    def document(self, doc_id: str) -> Document:
        """Return a document by its name; raises UnknownDocument."""
        check_name(doc_id)
        self._read_documents([doc_id])
        with self._lock:
            found = self._documents.get(doc_id)
        if found is None:
            # It is too long for the cache.
            found = self._fetch_documents([doc_id]).get(doc_id)
        if found is None:
            raise UnknownDocument(
                f"No document {doc_id!r} is in the archive.", "memcon corpus list"
            )
        return found

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield each document's name and text."""
        heads = self.records.scan(Kind.DOCUMENT)
        for (_, head), (_, text) in zip(heads, self.records.scan(Kind.TEXT), strict=True):
            if hash_text(text) != head["sha256"]:
                raise self._damage(head["doc_id"])
            yield head["doc_id"], text

    def list_documents(self) -> Iterator[tuple[str, str, Provenance, int]]:
        """Yield each document's name, source, provenance and number of passages."""
        for _, head in self.records.scan(Kind.DOCUMENT):
            provenance = Provenance.from_dict(head["provenance"])
            yield head["doc_id"], head["source"], provenance, head["passages"]

    def documents_on(self, day: str) -> list[tuple[int, str]]:
        """Return the number and name of each document about events of exactly this day."""
        date = ordinal(day)
        rows = self.connection.query(
            self._passages_in,
            f"event_first == {date} and event_last == {date}",
            ["number", "document"],
        )
        first: dict[int, int] = {}
        for number, document in sorted((int(row["number"]), int(row["document"])) for row in rows):
            first.setdefault(document, number)
        texts = self._read_texts([*first.values()])
        return [(document, texts[number].passage.doc_id) for document, number in first.items()]

    def find_records(self, condition: RecordCondition) -> FoundRecords:
        """Return the records that meet a condition, best first, or else the nearest."""
        return self._record_table.find(condition, self.names.forms)

    def doc_ids(self, documents: Sequence[int]) -> list[str]:
        """Return the names of the documents of these numbers."""
        known = self.records.read(Kind.DOCUMENT, documents) if documents else {}
        if not known.keys() >= set(documents):
            raise self._damage("its documents")
        return [known[document]["doc_id"] for document in documents]

    def has_url(self, url: str) -> bool:
        """Return whether the archive has the document at an address, in any spelling."""
        key = address_key(url)
        return key is not None and self.records.has(Kind.ADDRESS, hash_key(key))

    def values(self, facet: str) -> list[str]:
        """Return the different values of a facet, sorted."""
        return sorted(self._facets[facet].values())

    def files(self) -> Iterator[tuple[int, FileRecord]]:
        """Yield the number and record of each source file."""
        for number, known in self.records.scan(Kind.FILE):
            yield number, FileRecord(*known)

    def problems(self) -> Iterator[Problem]:
        """Yield the problems of reading, with reasons."""
        for _, known in self.records.scan(Kind.PROBLEM):
            yield Problem(*known)

    def check(self) -> None:
        """Check the counts, and that a passage is found by its own vector and terms.

        Raises DamagedIndex.
        """
        manifest, count = self.manifest, self.connection.count
        counted = (count(self._passages_in), count(self._terms_in), self.records.count())
        if counted != (manifest.passages, manifest.terms, sum(self.records.counts.values())):
            raise self._damage("its rows")
        number = manifest.passages // 2
        row = self._read_scorings([number])[number]
        (passage,) = self.passages([number])
        self.document(passage.doc_id)
        numbers, similar = self.rank_by_vector(row.codes, 1)
        is_exact = self.address.dense_index == "FLAT"
        nearest = not is_exact or not row.codes.any() or (len(numbers) and similar[0] > 1 - 1e-5)
        rarest = int(row.terms[np.argmax(row.weights)])
        terms = self.connection.search(self._passages_in, SPARSE, {rarest: 1.0}, "", 1)
        if not nearest or not terms:
            raise self._damage("what it is searched by")

    def _rank(
        self,
        field: Field,
        query: Any,
        k: int,
        among: Selection | None,
        score: Any,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the `k` best passages by exact score, ties by number.

        Requests more while too few pass the checks, or while the last ones tie.
        """
        limit = min(_MOST, k + _BESIDE)
        expression = among.expression if among else ""
        while True:
            hits = self.connection.search(self._passages_in, field, query, expression, limit)
            numbers = [number for number, _ in hits]
            kept = self._check(numbers, among) if among else numbers
            scores = score(kept)
            order = np.lexsort((np.array(kept, np.int64), -scores))[:k]
            enough = len(order) == k
            if len(hits) < limit or limit >= (_TIED if enough else _MOST):
                break
            worst, end = float(scores[order[-1]]) if enough else 0.0, hits[-1][1]
            if enough and worst > end + _NEAR * max(1.0, abs(end)):
                break
            limit = min(_MOST, 4 * limit)
        return np.array(kept, np.int64)[order], scores[order]

    def _check(self, numbers: Sequence[int], among: Selection) -> list[int]:
        kept = list(numbers)
        if among.excluded:
            rows = self._read_scorings(kept)
            kept = [n for n in kept if among.excluded.isdisjoint(rows[n].terms.tolist())]
        if among.reads_texts:
            texts = self._read_texts(kept)
            kept = [
                number
                for number in kept
                if all(matches(texts[number].text) for matches in among.required)
                and not any(matches(texts[number].text) for matches in among.forbidden)
            ]
        return kept

    def _weights(self, terms: Sequence[int], numbers: Sequence[int]) -> NDArray[np.float32]:
        """Return the weight of each term (rows) in each of these passages (columns)."""
        rows = self._read_scorings(numbers)
        found = np.zeros((len(terms), len(numbers)), np.float32)
        wanted = np.array(terms, np.int64)
        for column, number in enumerate(numbers):
            row = rows[number]
            places = np.minimum(np.searchsorted(row.terms, wanted), len(row.terms) - 1)
            held = row.terms[places] == wanted
            found[held, column] = row.weights[places[held]]
        return found

    def _cosines(self, numbers: Sequence[int], vector: Codes) -> Vectors:
        rows = self._read_scorings(numbers)
        if not numbers:
            return np.empty(0, np.float32)
        return cosines(np.stack([rows[number].codes for number in numbers]), vector)

    def _term(self, term: str) -> _Term | None:
        return self._look_up([term])[term]

    def _number(self, term: str) -> int | None:
        known = self._term(term)
        return known.number if known else None

    def _look_up(self, terms: Iterable[str]) -> dict[str, _Term | None]:
        """Look up terms, in their order; those not in memory by one request."""
        with self._lock:
            held = {term: self._terms.get(term, _NEW) for term in terms}
        new = {hash_key(term): term for term, known in held.items() if known is _NEW}
        if not new:
            return held
        listed = ", ".join(f'"{key}"' for key in new)
        rows = self.connection.query(
            self._terms_in, f"key in [{listed}]", ["key", "number", "frequency", "idf"]
        )
        found = {
            row["key"]: _Term(int(row["number"]), int(row["frequency"]), float(row["idf"]))
            for row in rows
        }
        with self._lock:
            for key, term in new.items():
                held[term] = self._terms[term] = found.get(key)
        return held

    def _count(self, expression: str) -> int:
        if not expression:
            return self.manifest.passages
        return self.connection.count(self._passages_in, expression)

    @cached_property
    def _facets(self) -> dict[str, dict[int, str]]:
        return {
            value["facet"]: {int(number): words for number, words in value["names"]}
            for _, value in self.records.scan(Kind.FACET)
        }

    @cached_property
    def _record_table(self) -> RecordTable:
        packed = next(value for _, value in self.records.scan(Kind.RECORDS))
        arrays, names = unpack_arrays(packed)
        return RecordTable(lambda: arrays, names.get)

    def _read_scorings(self, numbers: Sequence[int]) -> dict[int, ScoringRow]:
        found, missing = self._held(self._scorings, numbers)
        for row in self._read_rows(missing, SCORING_FIELDS):
            found[row["number"]] = unpack_scoring_row(row, self.manifest.dimension)
        self._hold(self._scorings, missing, found)
        return found

    def _read_texts(self, numbers: Sequence[int]) -> dict[int, TextRow]:
        found, missing = self._held(self._texts, numbers)
        for row in self._read_rows(missing, TEXT_FIELDS):
            unpacked = unpack_text_row(row)
            if unpacked is None:
                raise self._damage(f"passage {row['number']}")
            found[row["number"]] = unpacked
        self._hold(self._texts, missing, found)
        return found

    def _read_rows(self, numbers: Sequence[int], fields: Sequence[str]) -> list[Row]:
        if not numbers:
            return []
        rows = self.connection.query(self._passages_in, f"number in {number_list(numbers)}", fields)
        if {int(row["number"]) for row in rows} != set(numbers):
            raise self._damage("its passages")
        return rows

    def _held(
        self, cache: "LRUCache[int, Any]", numbers: Sequence[int]
    ) -> tuple[dict[int, Any], list[int]]:
        with self._lock:
            found = {number: cache[number] for number in numbers if number in cache}
        return found, [number for number in dict.fromkeys(numbers) if number not in found]

    def _hold(
        self, cache: "LRUCache[int, Any]", numbers: Sequence[int], found: Mapping[int, Any]
    ) -> None:
        with self._lock:
            for number in numbers:
                cache[number] = found[number]

    def _read_documents(self, doc_ids: Iterable[str]) -> None:
        """Load these documents into memory by one request."""
        with self._lock:
            unknown = [each for each in dict.fromkeys(doc_ids) if each not in self._documents]
        for doc_id, document in self._fetch_documents(unknown).items():
            if 1_000 + len(document.text) <= _TEXTS:
                with self._lock:
                    self._documents[doc_id] = document

    def _fetch_documents(self, doc_ids: Sequence[str]) -> dict[str, Document]:
        found = {}
        for known in self.records.find_all(map(hash_key, doc_ids)).values():
            try:
                head, text = known[Kind.DOCUMENT], known[Kind.TEXT]
                structure = unpack_structure(known[Kind.STRUCTURE])
            except KeyError as error:
                raise self._damage("its documents") from error
            if hash_text(text) != head["sha256"]:
                raise self._damage(head["doc_id"])
            found[head["doc_id"]] = Document(
                doc_id=head["doc_id"],
                text=text,
                provenance=Provenance.from_dict(head["provenance"]),
                structure=structure,
                source=head["source"],
                sha256=head["sha256"],
            )
        return found

    def _damage(self, what: str) -> DamagedIndex:
        return DamagedIndex(
            f"The index {self.manifest.generation} on {self.address.endpoint} has been "
            f"altered: {what}.",
            REBUILD,
        )
