"""Milvus finds what the files on this machine find, in the same order, by the same scores."""

import itertools
from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np
import pytest

from corpus.errors import UnknownDocument, UsageError
from index.answering.answer import answer
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.retrieval.hits import Hit
from index.understanding.record_queries import parse_condition
from index.verifying.verification import verify
from tests.gold import ROWS
from tests.support.archives import local

QUESTIONS = 80


def questions(archive: Archive) -> list[str]:
    """Return gold questions, and some made of the words of passages here and there."""
    asked = [row["text"] for row in ROWS[::4]]
    chance = np.random.default_rng(7)
    engine = local(archive)
    while len(asked) < QUESTIONS:
        words = engine.text_of(int(chance.integers(archive.manifest.passages))).split()
        start = int(chance.integers(max(1, len(words) - 8)))
        asked.append(" ".join(words[start : start + 8]).strip('"“”-'))
    return asked


def search(archive: Archive, question: str, filters: Filters | None = None) -> list[Hit]:
    return archive.search(archive.parse_query(question), filters or Filters(), 10)


def test_the_ten_best_passages_of_many_questions_are_the_same(
    bundled: Archive, far: Archive
) -> None:
    asked = questions(bundled)
    assert len(asked) == QUESTIONS
    same = 0
    for question in asked:
        # Only the local engine's vocabulary mends spelling.
        spelt = bundled.parse_query(question).question
        here, there = search(bundled, spelt), search(far, spelt)
        assert here
        if [hit.passage for hit in here] == [hit.passage for hit in there]:
            same += 1
            # Not only the order: every score and feature, to the last bit.
            assert here == there
    assert same >= QUESTIONS - 1, f"the same for {same} of {QUESTIONS} questions"


def narrowed(archive: Archive) -> Sequence[Filters]:
    values = archive.engine.values
    return [
        *(Filters(kind=each) for each in values("kind")),
        *(Filters(collection=each) for each in values("collection")),
        *(Filters(language=each) for each in values("language")),
        *(Filters(classification=each) for each in values("classification")[:4]),
        *(Filters(speaker=each) for each in values("speaker")[:6]),
        *(Filters(person=each) for each in values("person")[:6]),
        Filters.parse(date_from="1993-07"),
        Filters.parse(date_to="1993-09-27"),
        Filters.parse(date_from="1993-09", date_to="1993-12"),
        Filters.parse(date_from="2300"),
        Filters.parse(kind=values("kind")[0], date_from="1993-09"),
    ]


def outcome(archive: Archive, question: str, filters: Filters) -> list[Hit] | str:
    """Return what a search finds, or why it is refused."""
    try:
        return search(archive, question, filters)
    except UsageError as error:
        return error.message


def test_every_filter_narrows_as_it_does_locally(
    bundled: Archive, far: Archive, records: Archive, far_records: Archive
) -> None:
    facets = ("collection", "kind", "classification", "language", "person", "speaker")
    tried: set[str] = set()
    for here, there, question in (
        (bundled, far, "trade numerical targets"),
        (records, far_records, "harbour dues of Nagasaki"),
    ):
        found = 0
        for filters in narrowed(here):
            hits = search(here, question, filters)
            assert search(there, question, filters) == hits, filters
            found += bool(hits)
            tried.update(name for name, value in asdict(filters).items() if value and hits)
        assert found > 5
        for facet in facets:
            assert there.engine.values(facet) == here.engine.values(facet)
    assert tried >= {"date_from", "date_to", "kind", "collection", "language", "person", "speaker"}


@pytest.mark.parametrize(
    "question",
    [
        'the "numerical targets" that were asked for',
        '"managed trade" "numerical targets"',
        '"the Prime Minister" economy',
        "trade -numerical",
        'trade -"numerical targets"',
        '"trade" -Japan -cable',
        '"no such words stand anywhere here"',
        'trade -"no such words stand anywhere"',
        "trade -zzyzx",
        '"of the"',
        '"日米"',
        '"日米" -"首脳"',
    ],
)
def test_phrases_and_exclusions_are_the_same(bundled: Archive, far: Archive, question: str) -> None:
    for filters in (Filters(), Filters(kind="abstract")):
        here = outcome(bundled, question, filters)
        assert outcome(far, question, filters) == here


@pytest.mark.parametrize(
    "name",
    ['x" or number >= 0 or "', "x' or 1 == 1 --", "a\\", '"] or kind in [1', "{w}", "日\n本", "%"],
)
def test_what_is_typed_is_never_part_of_an_expression(
    bundled: Archive, far: Archive, name: str
) -> None:
    for facet in ("kind", "person", "speaker", "collection", "classification", "language"):
        filters = Filters(**{facet: name})
        assert outcome(far, "trade", filters) == outcome(bundled, "trade", filters)
    for question in (f"trade {name}", f'trade "{name}"', f"trade -{name}"):
        assert outcome(far, question, Filters()) == outcome(bundled, question, Filters())
    with pytest.raises(UnknownDocument):
        far.document(name)
    assert not far.engine.has_url(f"https://archive.test/{name}")
    assert far.engine.frequency(name) == 0


def test_answers_and_verifications_are_the_same(bundled: Archive, far: Archive) -> None:
    quoted = ""
    for row in ROWS[::9]:
        spelt = bundled.parse_query(row["text"]).question
        here, there = answer(spelt, bundled), answer(spelt, far)
        assert replace(there, searched=here.searched) == here
        quoted = here.quotes[0].text if here.quotes else quoted
    altered = quoted.replace(" the ", " a ", 1)
    for words, attributed in itertools.product((quoted, altered), (None, "Hatano")):
        here_found, there_found = verify(words, bundled, attributed), verify(words, far, attributed)
        assert replace(there_found, searched=here_found.searched) == here_found


def test_documents_and_what_is_known_of_them_are_the_same(bundled: Archive, far: Archive) -> None:
    assert list(far.list_documents()) == list(bundled.list_documents())
    assert list(far.engine.texts()) == list(bundled.engine.texts())
    assert list(far.engine.files()) == list(bundled.engine.files())
    assert list(far.engine.problems()) == list(bundled.engine.problems())
    for doc_id, _, provenance, _ in bundled.list_documents():
        document = bundled.document(doc_id)
        assert far.document(doc_id) == document
        assert far.related(document) == bundled.related(document)
        if provenance.url:
            assert far.engine.has_url(provenance.url)
    numbers = range(bundled.manifest.passages)
    assert far.engine.passages(numbers) == bundled.engine.passages(numbers)
    assert replace(far.manifest, generation="") == replace(bundled.manifest, generation="")


def test_documents_of_a_day_and_their_sentences_are_the_same(
    bundled: Archive, far: Archive
) -> None:
    days = {provenance.record.event_date for _, _, provenance, _ in bundled.list_documents()}
    whole = sorted(day for day in days if day and len(day) == len("1993-09-27"))
    assert whole
    for day in [*whole, "1871-01-01"]:
        found = bundled.engine.documents_on(day)
        assert far.engine.documents_on(day) == found
        assert bool(found) == (day in whole)
        for number, _ in found:
            passages = list(bundled.engine.passages_of(number))
            assert list(far.engine.passages_of(number)) == passages
            here, there = (
                each.engine.sentence_vectors(passages[-1]).tolist() for each in (bundled, far)
            )
            assert here == there


@pytest.mark.parametrize(
    "question",
    ["cable 5517", "the memorandum of September 27, 1993", "Nobody to Somebody, May 3, 1993"],
)
def test_records_are_found_alike(bundled: Archive, far: Archive, question: str) -> None:
    condition = parse_condition(question)
    assert condition is not None
    here, there = (archive.engine.find_records(condition) for archive in (bundled, far))
    assert here == there
    documents = [place.document for place in (*here.fits, *here.nearest)]
    assert bundled.engine.doc_ids(documents) == far.engine.doc_ids(documents)
    query = bundled.parse_query(question)
    for within in (documents, [0, 3], []):
        assert bundled.search(query, Filters(), 5, within) == far.search(
            query, Filters(), 5, within
        )
    assert answer(question, bundled).records == answer(question, far).records
