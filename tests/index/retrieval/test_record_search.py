from collections.abc import Sequence
from typing import Any

import pytest

from corpus.documents import Enclosure, Provenance, Span
from index.retrieval.record_files import RecordsWriter, load_arrays, open_files
from index.retrieval.record_search import RecordTable
from index.storage.checksummed import Sealed, seal
from index.storage.document_store import DocumentStoreWriter
from index.understanding.record_queries import parse_condition

VOLUME: dict[str, Any] = {
    "collection": "frus1871v03",
    "container": "Harbour Papers, 1871, vol. III, Brixwold",
}
OTHER: dict[str, Any] = {"collection": "frus1880Tarnby", "container": "Affairs in Tarnby, 1880"}
ENCLOSED = Enclosure(
    Span(400, 900),
    creators=("Odd",),
    recipients=("Harrow",),
    document_date="1871-10-30",
    place="Port Mary",
    kind="telegram",
)
SECRETARY = ("Secretary of State",)
KNOWN = (
    # 0
    Provenance(
        title="Mr. Harrow to Mr. Tarn",
        creators=("Harrow",),
        recipients=("Tarn",),
        document_date="1871-11-03",
        place="Brixwold",
        number="1",
        kind="telegram",
        serials=("33",),
        enclosures=(ENCLOSED,),
        **VOLUME,
    ),
    # 1
    Provenance(
        title="Mr. Harrow to Mr. Tarn",
        creators=("Harrow",),
        recipients=("Tarn",),
        signers=("AMOS B. HARROW",),
        document_date="1871-11-03",
        place="Brixwold",
        number="2",
        serials=("A 82",),
        **VOLUME,
    ),
    # 2
    Provenance(
        title="The Secretary of State to the Minister in Ruritania (Araújo)",
        # The signature names who held the office.
        creators=("Clara Tarn",),
        recipients=("Araújo",),
        signers=("Clara Tarn",),
        document_date="1871-12-01",
        place="Washington",
        number="3",
        **VOLUME,
    ),
    # 3
    Provenance(
        title="The Minister in Ruritania (Araújo) to the Secretary of State",
        creators=("Araújo",),
        recipients=SECRETARY,
        document_date="1871-12-20",
        received_date="1872-01-04",
        place="Port Mary, Ruritania",
        number="4",
        **VOLUME,
    ),
    # 4
    Provenance(
        title="The Acting Governor to the Secretary of State",
        creators=("Governor",),
        recipients=SECRETARY,
        document_date="1880-12-20",
        number="4",
        **OTHER,
    ),
    # 5: a background note on a cable, which is what it is found by.
    Provenance(
        title="About a cable",
        about=Provenance(
            number="0412", kind="cable", creators=("Amos Odd",), document_date="1880-05-01"
        ),
    ),
)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> RecordTable:
    folder = tmp_path_factory.mktemp("records")
    store = DocumentStoreWriter(folder / "documents.sqlite")
    names: dict[int, str] = {}

    class Names:
        """Numbers names as the store does, and keeps them."""

        def name(self, words: str | None) -> int:
            number = store.name(words)
            if words is not None:
                names[number] = words
            return number

    writer = RecordsWriter(folder, Names())  # type: ignore[arg-type]
    for number, provenance in enumerate(KNOWN):
        writer.add(number, provenance)
    writer.write()
    store.close()
    seal(folder)
    arrays = load_arrays(open_files(Sealed(folder)))
    return RecordTable(lambda: arrays, names.get)


def find(table: RecordTable, question: str) -> tuple[list[int], list[int]]:
    """Return the documents of the records that fit, and of the nearest."""
    condition = parse_condition(question)
    assert condition is not None, question
    found = table.find(condition)
    return [place.document for place in found.fits], [place.document for place in found.nearest]


@pytest.mark.parametrize(
    ("question", "fits"),
    [
        ("Harrow to Tarn, November 3, 1871", [0, 1]),
        ("Amos Harrow to Tarn, November 3, 1871", [0, 1]),
        # The kind, a number or a date leaves one of two.
        ("Harrow's telegram to Tarn of November 3, 1871", [0]),
        ("telegram 33 from Harrow", [0]),
        ("Harrow's despatch No. A-82", [1]),
        # An enclosure, and who sent it on.
        ("Odd's cable from Port Mary of October 30, 1871", [0]),
        ("Captain Odd's cable of October 30, 1871, forwarded by Harrow", [0]),
        # An office is its holder's: by its own signature, and by those near in time.
        ("Tarn to Araujo, December 1, 1871", [2]),
        ("ARAÚJO to Tarn, December 20, 1871", [3]),
        ("Secretary of State to Araujo, December 1, 1871", [2]),
        ("the Minister in Ruritania to the Secretary of State, December 20, 1871", [3]),
        # By the date of receipt, where none was written then.
        ("Araujo's note of January 4, 1872", [3]),
        ("the Ruritanian note of December 20, 1871", [3]),
        # By number, in a volume by year, words or name.
        ("document 4", [3, 4]),
        ("What is document 4 of the 1871 volume?", [3]),
        ("What does document 4 in the 1880 Tarnby papers say?", [4]),
        ("frus1871v03/d4", [3]),
        ("cable 412", [5]),
    ],
)
def test_records_are_found_by_what_is_known_of_them(
    table: RecordTable, question: str, fits: Sequence[int]
) -> None:
    assert find(table, question) == (list(fits), [])


@pytest.mark.parametrize(
    ("question", "nearest"),
    [
        # Another kind, another place, another number of the same day.
        ("Araujo's telegram of December 1, 1880", [3]),
        ("Harrow to Tarn, Port Mary, November 3, 1871", [0, 1]),
        ("telegram 34 from Harrow, November 3, 1871", [0, 1]),
        # The same sender, near in time.
        ("Harrow to Tarn, November 5, 1871", [0, 1]),
        ("Araujo to Nobody, December 21, 1871", [3]),
        ("document 99", []),
        ("document 1 of the 1880 volume", []),
        ("telegram 99", []),
        ("Nobody to Somebody, November 3, 1871", []),
    ],
)
def test_where_none_fits_the_nearest_are_offered(
    table: RecordTable, question: str, nearest: Sequence[int]
) -> None:
    assert find(table, question) == ([], list(nearest))


def test_an_office_of_another_volume_has_another_holder(table: RecordTable) -> None:
    fits, _ = find(table, "Governor to Tarn, December 20, 1880")
    assert fits == []


def test_a_name_is_found_under_its_forms(table: RecordTable) -> None:
    condition = parse_condition("ハロー to Tarn, November 3, 1871") or parse_condition(
        "Hallow to Tarn, November 3, 1871"
    )
    assert condition is not None
    assert not table.find(condition).fits
    found = table.find(condition, lambda words: (words, "Amos Harrow"))
    assert [place.document for place in found.fits] == [0, 1]


def test_an_enclosure_is_found_at_its_place(table: RecordTable) -> None:
    condition = parse_condition("Odd's cable of October 30, 1871")
    assert condition is not None
    (place,) = table.find(condition).fits
    assert (place.start, place.end) == (400, 900)
