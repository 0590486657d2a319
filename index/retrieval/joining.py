"""Joins the segments of a generation: its documents, facets and records."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Document, Provenance
from index.retrieval.dense import Dense
from index.retrieval.facets import DOCUMENT_FACETS, PERSON, ROW, Facets
from index.retrieval.joined_dense import JoinedDense
from index.retrieval.joined_lexical import JoinedLexical
from index.retrieval.lexical import Lexical
from index.retrieval.record_files import (
    ROLES,
    ROWS,
    RecordArrays,
    columns,
    group_by_key,
    load_arrays,
    load_written,
)
from index.retrieval.record_search import RecordTable
from index.retrieval.segments import JoinedRows, Numbering, Segment, StackedRows
from index.storage.checksummed import CheckedArray
from index.storage.contents import Contents
from index.storage.document_store import DocumentStore, Store, unknown_document
from index.storage.passage_table import NAMES, PassageTable

_RECORD_NAMES = ("kind", "place", "volume")


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a generation, over one segment or over several."""

    store: Store
    table: PassageTable
    facets: Facets
    lexical: Lexical
    dense: Dense
    records: RecordTable


def open_segment(segment: Segment) -> Parts:
    """Return the parts of a generation that is one segment, all of it; raises DamagedIndex."""
    return Parts(
        segment.store,
        segment.table,
        segment.facets,
        segment.lexical,
        segment.dense,
        RecordTable(partial(load_arrays, segment.records), segment.store.name),
    )


def join_segments(segments: Sequence[Segment], contents: Contents) -> Parts:
    """Return the parts of a generation, joined from its segments; raises DamagedIndex.

    A name has a number for each segment that has it: equal names may have different numbers.
    """
    numbering = Numbering(contents.places, segments)
    names = _Names([segment.store for segment in segments])
    store = JoinedStore(segments, numbering, names.name)
    spans = StackedRows([segment.table.spans for segment in segments])

    def renumber(segment: int, rows: NDArray[Any]) -> NDArray[Any]:
        rows["document"] = numbering.documents[segment][rows["document"]]
        rows["first_sentence"] += spans.starts[segment]
        for column in NAMES:
            rows[column] = names.renumber(segment, rows[column])
        return rows

    rows = JoinedRows(numbering, [segment.table.rows for segment in segments], renumber)
    table = PassageTable(rows, spans, store)
    length = sum(segment.entry.length for segment in segments)
    postings = [segment.lexical for segment in segments]
    # Opened now: a later build may remove the files before records are first asked for.
    records = [segment.records for segment in segments]
    return Parts(
        store,
        table,
        Facets(*_join_facets(segments, numbering, names), table),
        JoinedLexical(postings, numbering, contents.gone, length),
        JoinedDense([segment.dense for segment in segments], numbering),
        RecordTable(partial(_join_records, records, numbering, names), names.name),
    )


class _Names:
    """The numbers of names: those of each segment follow those of the one before."""

    def __init__(self, stores: Sequence[DocumentStore]) -> None:
        self._stores = stores
        self._hashes = [store.name_hashes for store in stores]
        self._starts = [0, *accumulate(map(len, self._hashes))]

    def name(self, number: int) -> str | None:
        """Return the name of this number; None for -1."""
        if number < 0:
            return None
        segment = bisect_right(self._starts, number) - 1
        return self._stores[segment].name(number - self._starts[segment])

    def renumber(self, segment: int, numbers: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the joined numbers of a segment's names; -1 stays."""
        joined: NDArray[np.int32] = np.where(
            numbers < 0, -1, numbers + self._starts[segment]
        ).astype(np.int32)
        return joined

    def unify(self) -> NDArray[np.int32]:
        """Return, by the number of each name, the first number of an equal name."""
        hashes = np.concatenate(self._hashes)
        _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        return first[inverse].astype(np.int32)


class JoinedStore:
    """The documents of a generation; see `index.storage.document_store.DocumentStore`."""

    def __init__(
        self,
        segments: Sequence[Segment],
        numbering: Numbering,
        name: Callable[[int], str | None],
    ) -> None:
        """Join the stores of segments; `name` gives names by their joined numbers."""
        self._stores = [segment.store for segment in segments]
        self._numbering, self.name = numbering, name

    def close(self) -> None:
        """Close the files."""
        for store in self._stores:
            store.close()

    def document(self, doc_id: str) -> Document:
        """Return a document by its name, its text verified; raises UnknownDocument."""
        for store, documents in zip(self._stores, self._numbering.documents, strict=True):
            number = store.find(doc_id)
            if number is not None and documents[number] >= 0:
                return store.stored(number).document
        for store in self._stores:
            # A damaged B-tree finds nothing either.
            store.verify()
        raise unknown_document(doc_id)

    def text(self, number: int) -> str:
        """Return the verified text of a document."""
        store, local = self._place(number)
        return store.text(local)

    def doc_id(self, number: int) -> str:
        """Return the name of the document of this number."""
        store, local = self._place(number)
        return store.doc_id(local)

    def has_url(self, url: str) -> bool:
        """Return whether the archive has the document at an address, in any spelling."""
        return any(
            documents[number] >= 0
            for store, documents in zip(self._stores, self._numbering.documents, strict=True)
            for number in store.documents_at(url)
        )

    def list_documents(self) -> Iterator[tuple[str, str, Provenance]]:
        """Yield each document's name, source and provenance."""
        return self._in_order([store.list_documents() for store in self._stores])

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield each document's name and text."""
        return self._in_order([store.texts() for store in self._stores])

    def _place(self, number: int) -> tuple[DocumentStore, int]:
        numbering = self._numbering
        return self._stores[int(numbering.segment[number])], int(numbering.local[number])

    def _in_order(self, parts: Sequence[Iterator[Any]]) -> Iterator[Any]:
        """Yield what the segments yield for each of their documents, without the dead."""
        numbered = [enumerate(part) for part in parts]
        numbering = self._numbering
        for segment, local in zip(
            numbering.segment.tolist(), numbering.local.tolist(), strict=True
        ):
            yield next(item for number, item in numbered[segment] if number == local)


def _join_facets(
    segments: Sequence[Segment], numbering: Numbering, names: _Names
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the rows of all documents and of the persons in them."""
    rows = np.empty(len(numbering.local), ROW)
    people = []
    for number, segment in enumerate(segments):
        documents = numbering.documents[number]
        live = documents >= 0
        own = segment.facets.rows[:][live]
        for facet in DOCUMENT_FACETS:
            own[facet] = names.renumber(number, own[facet])
        rows[documents[live]] = own
        persons = segment.facets.people[:]
        persons = persons[live[persons["document"]]]
        persons["document"] = documents[persons["document"]]
        persons["person"] = names.renumber(number, persons["person"])
        people.append(persons)
    rows["first_passage"] = numbering.first[:-1]
    joined = np.concatenate([np.empty(0, PERSON), *people])
    return rows, joined[np.argsort(joined["document"], kind="stable")]


def _join_records(
    files: Sequence[Mapping[str, CheckedArray[Any]]], numbering: Numbering, names: _Names
) -> RecordArrays:
    """Return the arrays that records are found by; equal names have one number here."""
    unified = names.unify()
    written = [load_written(each) for each in files]
    rows = [columns(arrays.rows, ROWS) for arrays in written]
    owners: list[NDArray[Any]] = [
        documents[own["document"]] for documents, own in zip(numbering.documents, rows, strict=True)
    ]
    # The new number of each record: those of a document stay together, in their order.
    joined = np.concatenate(owners)
    order = np.argsort(joined, kind="stable")
    order = order[joined[order] >= 0]
    numbers = np.full(len(joined), -1, np.int32)
    numbers[order] = np.arange(len(order))
    starts = np.cumsum([0, *map(len, owners)])

    def rename(segment: int, numbers: NDArray[np.int32]) -> NDArray[Any]:
        return np.where(numbers < 0, -1, unified[names.renumber(segment, numbers)])

    all_rows, all_roles, keys, values, is_names = [], [], [], [], []
    for number, (arrays, own) in enumerate(zip(written, rows, strict=True)):
        named = {column: rename(number, own[column]) for column in _RECORD_NAMES}
        table = {**own, **named, "document": owners[number]}
        all_rows.append(np.stack([table[column] for column in ROWS]))
        records = numbers[starts[number] : starts[number + 1]]
        roles = columns(arrays.roles, ROLES)
        roles = {**roles, "record": records[roles["record"]], "name": rename(number, roles["name"])}
        all_roles.append(np.stack([roles[column] for column in ROLES])[:, roles["record"] >= 0])
        keys.append(np.repeat(arrays.keys, np.diff(arrays.ends, prepend=0)))
        is_name = arrays.values < 0
        names_of = ~rename(number, np.where(is_name, ~arrays.values, -1))
        values.append(np.where(is_name, names_of, records[np.where(is_name, 0, arrays.values)]))
        is_names.append(is_name)
    joined_rows = np.concatenate(all_rows, axis=1)[:, order]
    joined_roles = np.concatenate(all_roles, axis=1)
    joined_roles = joined_roles[:, np.argsort(joined_roles[0], kind="stable")]
    key, value, is_name = map(np.concatenate, (keys, values, is_names))
    value = np.where(is_name, ~value, value)
    used = np.isin(value, joined_roles[ROLES.index("name")])
    live = np.where(is_name, used, value >= 0)
    unique, ends, grouped = group_by_key(key[live], value[live].astype(np.int32))
    ravelled = joined_rows.astype(np.int32).ravel(), joined_roles.astype(np.int32).ravel()
    return RecordArrays(*ravelled, unique, ends.astype(np.int32), grouped)
