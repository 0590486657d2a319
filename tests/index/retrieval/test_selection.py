"""Filters, phrases and exclusions against a walk over every passage, on an archive of chance."""

import datetime as dt
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corpus.documents import Document
from corpus.errors import UsageError
from index.building.build import build_archive
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.text.passages import Passage
from tests.support.archives import Silence, document, held, local
from tests.support.fake_encoder import install

WORDS = ["rice", "harbour", "three-legged", "stool", "tariff", "U.S.", "lamp", "the", "1,456"]
SPEAKERS = ["Prime Minister", "President", "Foreign Minister"]
COLLECTIONS = ["ports", "Lamps", "rice"]
KINDS = ["cable", "memorandum"]
PEOPLE = ["Ogata Ren", "Ren Okada", "Thorvald Ims"]
MARKS = ["Secret", "Confidential"]
LANGUAGES = ["en", "ja"]
DATES = ["1993", "1993-02", "1993-09-27", "1994-02-11", "1994"]
BOUNDS = ["1992", "1993-02-28", "1993-03", "1993-09", "1994-01", "1995-06"]
K = 20


class Known:
    """An archive, and each of its passages with the document that it is from.

    No dataclass: hypothesis would print all of it for every example.
    """

    def __init__(self, archive: Archive, documents: Sequence[Document]) -> None:
        self.archive = archive
        named = {each.doc_id: archive.document(each.doc_id) for each in documents}
        passages = archive.engine.passages(range(archive.manifest.passages))
        self.passages = [(passage, named[passage.doc_id]) for passage in passages]


def invent(number: int) -> Document:
    chance = random.Random(number)

    def maybe(values: list[str]) -> str | None:
        return chance.choice([None, *values])

    lines = [f"Record {number} of many"]
    for _ in range(chance.randint(1, 6)):
        words = " ".join(chance.choice(WORDS) for _ in range(chance.randint(4, 30)))
        spoken = chance.random() < 0.5
        lines.append(f"({chance.choice(SPEAKERS)}) {words}." if spoken else f"{words}.")
    provenance: dict[str, Any] = {
        "collection": maybe(COLLECTIONS),
        "kind": maybe(KINDS),
        "classification": maybe(MARKS),
        "language": maybe(LANGUAGES),
        "event_date": maybe(DATES),
        "document_date": maybe(DATES),
        "people": tuple(chance.sample(PEOPLE, chance.randint(0, 2))),
        "creators": tuple(chance.sample(PEOPLE, chance.randint(0, 1))),
    }
    return document("\n\n".join(lines) + "\n", f"record-{number:03}", **provenance)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    root = tmp_path_factory.mktemp("selection")
    documents = [invent(number) for number in range(80)]
    with pytest.MonkeyPatch.context() as patch:
        install(patch)
        build_archive(
            root, held(*documents), model="fake", cache=Path("unused"), progress=Silence()
        )
        archive = Archive(root)
        yield Known(archive, documents)
        archive.close()


def days(date: str) -> tuple[dt.date, dt.date]:
    """Return the first and last day of a date; the one month without a day is a February."""
    parts = [int(part) for part in date.split("-")]
    first = dt.date(*[*parts, 1, 1][:3])
    last = {1: dt.date(parts[0], 12, 31), 2: first.replace(day=28), 3: first}
    return first, last[len(parts)]


def fits(passage: Passage, source: Document, filters: Filters) -> bool:
    """Tell whether a passage is what filters ask for, in the plainest words."""
    about = source.provenance
    for facet in ("collection", "kind", "classification", "language"):
        wanted, has = getattr(filters, facet), getattr(about, facet)
        if wanted is not None and (has is None or wanted.lower() != has.lower()):
            return False
    if filters.person is not None:
        wanted = set(filters.person.lower().split())
        if not any(wanted <= set(name.lower().split()) for name in about.people + about.creators):
            return False
    if filters.speaker is not None and (
        passage.turn is None or filters.speaker.lower() not in passage.turn.label.lower()
    ):
        return False
    if filters.date_from is None and filters.date_to is None:
        return True
    since = dt.date.fromisoformat(filters.date_from or "0001-01-01")
    until = dt.date.fromisoformat(filters.date_to or "9999-12-31")
    dates = [days(date) for date in (about.event_date, about.document_date) if date]
    return any(last >= since and first <= until for first, last in dates)


OPTIONS = {
    "collection": [*COLLECTIONS, "LAMPS"],
    "kind": KINDS,
    "classification": MARKS,
    "language": LANGUAGES,
    "person": [*PEOPLE, "ren", "Ims Thorvald"],
    "speaker": [*SPEAKERS, "minister"],
    "date_from": BOUNDS,
    "date_to": BOUNDS,
}
# More than three at once leave nothing to find.
FILTERS = st.sets(st.sampled_from(sorted(OPTIONS)), max_size=3).flatmap(
    lambda names: st.fixed_dictionaries(
        {name: st.sampled_from(OPTIONS[name]) for name in sorted(names)}
    )
)


@given(FILTERS, st.sampled_from(["rice", "lamp stool", "nothing that occurs"]))
def test_filters_select_what_a_walk_over_all_passages_does_and_twenty_are_given(
    known: Known, options: dict[str, str], question: str
) -> None:
    try:
        filters = Filters.parse(**options)
    except UsageError:
        assume(False)
    wanted = [
        n for n, (passage, source) in enumerate(known.passages) if fits(passage, source, filters)
    ]
    assert local(known.archive).facets.select(filters).tolist() == wanted
    for k in (1, K, len(known.passages)):
        hits = known.archive.search(known.archive.parse_query(question), filters, k)
        numbers = [hit.number for hit in hits]
        assert len(numbers) == len(set(numbers)) == min(k, len(wanted))
        assert set(wanted).issuperset(numbers)


def has(text: str, phrase: str) -> bool:
    """Tell whether a text has whole words, whatever their case and the white space between them."""
    words = r"\s+".join(re.escape(word) for word in phrase.split())
    return re.search(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE) is not None


# Words that the index looks up; others are met only beside one of them.
SURE = st.sampled_from(["rice", "stool", "lamp", "1,456", "three-legged"])
PHRASES = st.lists(st.sampled_from(WORDS), max_size=2).flatmap(
    lambda around: SURE.map(lambda word: " ".join([*around[:1], word, *around[1:]]))
)


@given(PHRASES, st.none() | SURE, FILTERS)
def test_a_phrase_finds_every_passage_that_has_it_and_nothing_that_is_excluded(
    known: Known, phrase: str, excluded: str | None, options: dict[str, str]
) -> None:
    # The words left out are one term here, so that the plainest test of them is a true one.
    assume(excluded not in {"three-legged", *phrase.split()})
    filters = Filters.parse(**{name: options.get(name) for name in ("speaker", "kind")})
    wanted = []
    for number, (passage, source) in enumerate(known.passages):
        text = passage.span.of(source.text)
        if has(text, phrase) and fits(passage, source, filters):
            scene = f"{source.title} {text}"
            if excluded is None or not has(scene, excluded):
                wanted.append(number)
    minus = f" -{excluded}" if excluded and excluded[0].isalpha() else ""
    if excluded and not minus:
        minus = f' -"{excluded}"'
    query = known.archive.parse_query(f'What of "{phrase}"{minus}')
    for k in (K, len(known.passages)):
        numbers = [hit.number for hit in known.archive.search(query, filters, k)]
        assert len(numbers) == len(set(numbers)) == min(k, len(wanted))
        assert set(wanted).issuperset(numbers)
