from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.documents import Document, Provenance, Reference
from corpus.errors import UnknownDocument
from index.passages import Passage, make_passages
from index.search import Filters
from index.store import Store, StoreWriter
from tests.conftest import document

TALK = (
    "Ōta’s Talk 🙂\n\n(Prime Minister) Rice is dear. [TN: name blacked out] It is late.\n\n"
    "(President) Yes.\n\nSign up\n"
)
DOCUMENTS = (
    document(TALK, "a", kind="Cable", event_date="1993-09-27", document_date="1993-10-01"),
    document("Salt is dear.\n", "b", kind="article", document_date="1993", collection="salt"),
    document("Tea is cheap.\n", "c", event_date="1994-02", collection="salt"),
    document("Wool is grey.\n", "d"),
    replace(
        document("A note on a cable.\n", "e", kind="abstract"),
        provenance=Provenance(
            title="Note",
            kind="abstract",
            creators=("memcon",),
            about=Provenance(title="Cable", event_date="1993-07-06", people=("Ōta", "Ito")),
            sources=(Reference("A book", "https://example.org/é"), Reference("Another")),
        ),
    ),
    document("", "f"),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    writer = StoreWriter(tmp_path / "documents.sqlite")
    for each in DOCUMENTS:
        writer.add(each, make_passages(each))
    writer.close()
    opened = Store(tmp_path / "documents.sqlite")
    yield opened
    opened.close()


def passages() -> list[Passage]:
    return [passage for each in DOCUMENTS for passage in make_passages(each)]


@pytest.mark.parametrize("wanted", DOCUMENTS, ids=lambda each: each.doc_id)
def test_a_document_comes_back_as_it_was(store: Store, wanted: Document) -> None:
    assert store.document(wanted.doc_id) == wanted


def test_passages_come_back_as_they_were(store: Store) -> None:
    wanted = passages()
    assert store.passages(range(len(wanted))) == dict(enumerate(wanted))
    firsts = [store.first_sentence(number) for number in range(len(wanted))]
    assert firsts == [sum(len(p.sentences) for p in wanted[:i]) for i in range(len(wanted))]


def test_an_unknown_document_is_refused(store: Store) -> None:
    with pytest.raises(UnknownDocument, match="'x'"):
        store.document("x")


def test_documents_are_listed_with_their_passages(store: Store) -> None:
    assert [(row[0], row[3]) for row in store.list_documents()] == [
        ("a", 2),
        ("b", 1),
        ("c", 1),
        ("d", 1),
        ("e", 1),
        ("f", 0),
    ]


@pytest.mark.parametrize(
    ("filters", "fit"),
    [
        (Filters(), "aabcde"),
        (Filters.parse(date_from="1993-09-27", date_to="1993-09-27"), "aab"),
        (Filters.parse(date_from="1993-10", date_to="1993-10"), "aab"),
        (Filters.parse(date_from="1993-09-28", date_to="1993-09-30"), "b"),
        (Filters.parse(date_from="1993"), "aabce"),
        (Filters.parse(date_to="1993-07"), "be"),
        (Filters.parse(date_from="1994-02-28"), "c"),
        (Filters.parse(date_from="1994-03"), ""),
        (Filters(collection="salt"), "bc"),
        (Filters(collection="SALT"), ""),
        (Filters(kind="cable"), "aa"),
        (Filters(kind="abstract"), "e"),
        (Filters(speaker="prime minister"), "a"),
        (Filters(speaker="resident"), "a"),
        (Filters(speaker="%"), ""),
        (Filters(kind="article", collection="salt"), "b"),
        (Filters(kind="x' OR '1'='1"), ""),
    ],
)
def test_filters_select_the_passages_that_fit(store: Store, filters: Filters, fit: str) -> None:
    numbers = store.select(filters)
    assert numbers.tolist() == sorted(numbers.tolist())
    assert "".join(passages()[number].doc_id for number in numbers) == fit


def test_a_label_in_letters_beyond_ascii_is_found_in_either_case(tmp_path: Path) -> None:
    writer = StoreWriter(tmp_path / "s.sqlite")
    each = document("(Émile Ōta) Rice is dear.\n\n(Émile Ōta) It is late.\n", "a")
    writer.add(each, make_passages(each))
    writer.close()
    opened = Store(tmp_path / "s.sqlite")
    assert opened.select(Filters(speaker="émile ōta")).tolist() == [0, 1]
    opened.close()


def test_values_are_the_different_ones_sorted(store: Store) -> None:
    assert store.values("kind") == ["Cable", "abstract", "article"]
    assert store.values("collection") == ["salt"]
    assert store.values("speaker") == ["President", "Prime Minister"]


def test_a_file_that_exists_is_not_written_over(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="already exists"):
        StoreWriter(tmp_path / "documents.sqlite")
