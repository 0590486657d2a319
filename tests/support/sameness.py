"""All that an archive shows, bit by bit: two archives that show the same are equal to users."""

import string
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import UsageError
from index.answering.answer import answer
from index.retrieval.archive import Archive
from index.retrieval.dense import quantize
from index.retrieval.engine import AnyEngine
from index.retrieval.filters import Filters
from index.retrieval.phrases import Wanted, parse_operators
from index.understanding.record_condition import RecordCondition

FACETS = ("collection", "kind", "classification", "language", "person", "speaker")
# Questions of each kind.
_MOST = 12


def show(root: Path, questions: Sequence[str] = ()) -> list[Any]:
    """Return all that the archive in `root` shows, and its answers to questions."""
    archive = Archive(root)
    try:
        return [*show_opened(archive, questions)]
    finally:
        archive.close()


def show_opened(archive: Archive, questions: Sequence[str] = ()) -> Iterator[Any]:
    """Yield all that an open archive shows, and its answers to questions."""
    engine, manifest = archive.engine, archive.manifest
    counts = (manifest.files, manifest.documents, manifest.passages, manifest.sentences)
    yield (
        *counts,
        manifest.terms,
        manifest.date_from,
        manifest.date_to,
        manifest.skipped,
        manifest.reading,
    )
    listed = list(engine.list_documents())
    yield listed, list(engine.files()), list(engine.problems()), list(engine.texts())
    yield engine.doc_ids(range(manifest.documents))
    yield [list(engine.passages_of(number)) for number in range(manifest.documents)]
    yield [archive.document(doc_id) for doc_id, *_ in listed]
    yield engine.passages(range(manifest.passages))
    yield [engine.sentence_vectors(n).tolist() for n in range(manifest.passages)]
    yield [engine.has_url(url) for _, source, *_ in listed for url in (source, f"{source}x")]
    for name in ("event_date", "document_date"):
        dates = {getattr(each[2], name) for each in listed}
        yield [engine.documents_on(day) for day in sorted(filter(None, dates)) if len(day) == 10]
    yield from _show_terms(engine)
    yield from _show_vectors(archive)
    yield from _show_filters(engine, [each[2].date for each in listed])
    yield from _show_records(engine)
    for question in questions:
        found = answer(question, archive)
        yield found.verdict, found.confidence, found.quotes, found.leads, found.terms, found.records
        query = archive.parse_query(question)
        for k in (3, 50):
            yield [
                (hit.number, hit.score, hit.lexical_score, hit.cosine, hit.features)
                for hit in archive.search(query, Filters(), k)
            ]


def _show_terms(engine: AnyEngine) -> Iterator[Any]:
    terms = dict(engine.terms())
    yield terms, engine.heaviest
    yield [(engine.frequency(term), engine.idf(term)) for term in [*terms, "unheard"]]
    some = [*terms][:: max(1, len(terms) // _MOST)]
    among = np.arange(0, engine.manifest.passages, 2, dtype=np.int32)
    for number, term in enumerate(some):
        weights = {term: 1.0, some[number - 1]: 0.5, "unheard": 1.0}
        for k in (1, 3, 100):
            for chosen in (None, among):
                numbers, scores = engine.rank_by_terms(weights, k, chosen)
                yield numbers.tolist(), scores.tobytes()
    vocabulary = engine.vocabulary
    if vocabulary:
        yield vocabulary.passages
        for term in some:
            yield vocabulary.frequency(term), dict(vocabulary.forms(term))
            yield vocabulary.near(term, string.ascii_lowercase, 2)
            yield vocabulary.side_by_side(some[0], term)


def _show_vectors(archive: Archive) -> Iterator[Any]:
    engine, passages = archive.engine, archive.manifest.passages
    terms = [term for term, _ in engine.terms()][:_MOST]
    among = np.arange(0, passages, 3, dtype=np.int32)
    for words in ("salt", "lamps of the harbour"):
        vector = quantize(archive.encoder.encode_query(words))
        for k in (1, 4, 1000):
            for chosen in (None, among):
                numbers, similar = engine.rank_by_vector(vector, k, chosen)
                yield numbers.tolist(), similar.tobytes()
        found = engine.features_for(np.arange(passages), terms, vector)
        yield found.numbers.tolist(), found.documents.tolist()
        for part in ("term_weights", "beside", "idf", "cosines", "sentence_cosines"):
            yield getattr(found, part).tobytes()


def _show_filters(engine: AnyEngine, dates: Sequence[str | None]) -> Iterator[Any]:
    chosen = [Filters()]
    for facet in FACETS:
        values = engine.values(facet)
        yield facet, values
        chosen += [Filters(**{facet: value}) for value in [*values[:3], "no such"]]
    chosen += [Filters.parse(date_from=date) for date in sorted(set(filter(None, dates)))[:3]]
    none = Wanted("")
    for filters in chosen:
        try:
            found = engine.select(filters, none)
            yield None if found is None else found.tolist(), engine.count_documents(filters)
        except UsageError as error:
            yield str(error)
    for question in ('of "the lamp"', "rice -salt", 'rice -"the harbour"'):
        found = engine.select(Filters(), parse_operators(question))
        yield None if found is None else found.tolist()
    found = engine.select(Filters(), none, [0, engine.manifest.documents - 1])
    yield None if found is None else found.tolist()


def _show_records(engine: AnyEngine) -> Iterator[Any]:
    people = engine.values("person")[:4]
    for kind in (None, *engine.values("kind")[:2]):
        yield engine.find_records(RecordCondition(kind=kind))
        for person in people:
            for name in ("senders", "recipients", "persons", "origins"):
                asked: dict[str, Any] = {name: (person,)}
                yield engine.find_records(RecordCondition(kind=kind, **asked))
    for volume in engine.values("collection")[:3]:
        for number in ("1", "2", "33"):
            yield engine.find_records(RecordCondition(volume=volume, documents=(number,)))
            yield engine.find_records(RecordCondition(volume=volume, serials=(number,)))
    day = "1993-09-27"
    yield engine.find_records(RecordCondition(date_from=day, date_to=day, date=day))
    yield engine.find_records(RecordCondition(date_from=day, date_to=day, origins=("Tokyo",)))
