import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from corpus.documents import Document, Provenance, Reference
from corpus.errors import UnknownDocument, UsageError
from index.retrieval.facets import Facets, FacetsWriter, open_facets
from index.retrieval.filters import Filters
from index.storage.checksummed import Sealed, seal
from index.storage.document_store import FILE, DocumentStore, DocumentStoreWriter
from index.storage.passage_table import PassageTable, TableWriter, open_table
from index.text.passages import Passage, make_passages
from tests.support.archives import document

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


@dataclass(frozen=True)
class Stored:
    """What is known of some documents, written and opened again."""

    store: DocumentStore
    table: PassageTable
    facets: Facets


def write(folder: Path, *documents: Document) -> Stored:
    """Write documents, each in a file of its own, and open what was written."""
    store = DocumentStoreWriter(folder / FILE)
    table, facets = TableWriter(folder, store), FacetsWriter(folder, store)
    for each in documents:
        facets.add(each.provenance, (), table.passages)
        number = store.add(each, f"own {each.doc_id}")
        passages = make_passages(each)
        table.add(number, passages, [bytes(16)] * len(passages))
    for part in (store, table):
        part.close()
    facets.write()
    seal(folder)
    sealed = Sealed(folder)
    opened = DocumentStore(sealed, store.documents)
    known = open_table(sealed, opened)
    return Stored(opened, known, open_facets(sealed, known))


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Stored]:
    opened = write(tmp_path, *DOCUMENTS)
    yield opened
    opened.store.close()


def passages() -> list[Passage]:
    return [passage for each in DOCUMENTS for passage in make_passages(each)]


@pytest.mark.parametrize("wanted", DOCUMENTS, ids=lambda each: each.doc_id)
def test_a_document_comes_back_as_it_was(stored: Stored, wanted: Document) -> None:
    assert stored.store.document(wanted.doc_id) == wanted
    number = DOCUMENTS.index(wanted)
    assert stored.store.doc_id(number) == wanted.doc_id
    assert stored.store.text(number) == wanted.text
    kept = stored.store.stored(number)
    assert (kept.number, kept.own_id, kept.document) == (number, f"own {wanted.doc_id}", wanted)


def test_passages_come_back_as_they_were(stored: Stored) -> None:
    wanted = passages()
    assert len(stored.table) == len(wanted)
    assert [stored.table.passage(number) for number in range(len(wanted))] == wanted
    firsts = [stored.table.first_sentence(number) for number in range(len(wanted))]
    assert firsts == [sum(len(p.sentences) for p in wanted[:i]) for i in range(len(wanted))]
    places = [stored.table.place(number) for number in range(len(wanted))]
    assert [(span, DOCUMENTS[number].doc_id) for span, number in places] == [
        (passage.span, passage.doc_id) for passage in wanted
    ]


def test_an_unknown_document_is_refused(stored: Stored) -> None:
    with pytest.raises(UnknownDocument, match="'x'"):
        stored.store.document("x")


def test_an_unknown_document_is_refused_after_the_index_was_removed(
    stored: Stored, tmp_path: Path
) -> None:
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(UnknownDocument, match="'x'"):
        stored.store.document("x")
    assert stored.store.document("a") == DOCUMENTS[0]


def test_documents_are_listed_with_their_passages(stored: Stored) -> None:
    listed = stored.store.list_documents()
    counts = [last - first for first, last in map(stored.facets.passages_of, range(6))]
    assert list(zip((row[0] for row in listed), counts, strict=True)) == [
        ("a", 2),
        ("b", 1),
        ("c", 1),
        ("d", 1),
        ("e", 1),
        ("f", 0),
    ]
    assert list(stored.store.texts()) == [(each.doc_id, each.text) for each in DOCUMENTS]


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
        (Filters(collection="SALT"), "bc"),
        (Filters(kind="cable"), "aa"),
        (Filters(kind="abstract"), "e"),
        (Filters(speaker="prime minister"), "a"),
        (Filters(speaker="resident"), "a"),
        (Filters(kind="article", collection="salt"), "b"),
    ],
)
def test_filters_select_the_passages_that_fit(stored: Stored, filters: Filters, fit: str) -> None:
    numbers = stored.facets.select(filters)
    assert numbers.tolist() == sorted(numbers.tolist())
    assert "".join(passages()[number].doc_id for number in numbers) == fit


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (Filters(speaker="%"), "No document in the archive names the speaker “%”. It has: "),
        (Filters(kind="x' OR '1'='1"), "is of the kind “x' OR '1'='1”. It has: "),
        (Filters(collection="wharf"), "The archive has no collection “wharf”. It has: salt."),
        (Filters(language="xx"), "is in the language “xx”."),
        (Filters(classification="Moist"), "is marked “Moist”. It names no classifications."),
        (Filters(person="Zzyzx"), "names the person “Zzyzx”. It has: memcon."),
    ],
)
def test_a_filter_that_nothing_has_is_refused(
    stored: Stored, filters: Filters, message: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        stored.facets.select(filters)


def test_names_with_commas_are_listed_apart(tmp_path: Path) -> None:
    marks = ("Secret, Urgent", "Restricted")
    made = [document("Rice.\n", f"d{at}", classification=mark) for at, mark in enumerate(marks)]
    opened = write(tmp_path, *made)
    with pytest.raises(UsageError, match=r"It has: (Secret, Urgent; |Restricted; )"):
        opened.facets.select(Filters(classification="Zzyzx"))
    opened.store.close()


def test_a_label_in_letters_beyond_ascii_is_found_in_either_case(tmp_path: Path) -> None:
    opened = write(
        tmp_path, document("(Émile Ōta) Rice is dear.\n\n(Émile Ōta) It is late.\n", "a")
    )
    assert opened.facets.select(Filters(speaker="émile ōta")).tolist() == [0, 1]
    opened.store.close()


def test_values_are_the_different_ones_sorted(stored: Stored) -> None:
    assert stored.facets.values("kind") == ["Cable", "abstract", "article"]
    assert stored.facets.values("collection") == ["salt"]
    assert stored.facets.values("speaker") == ["President", "Prime Minister"]


def test_a_file_that_exists_is_not_written_over(stored: Stored, tmp_path: Path) -> None:
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(Exception, match="already exists"):
        DocumentStoreWriter(tmp_path / FILE)
    assert (tmp_path / FILE).read_bytes() == before
