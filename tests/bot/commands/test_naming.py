from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.commands.naming import find_document
from bot.services.listing import list_fitting
from corpus.errors import UnknownDocument, UsageError
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from tests.support.archives import build, document

ADDRESS = "https://ports.test/volumes/harbour1871/d12"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Archive]:
    opened = build(
        tmp_path_factory.mktemp("named") / "archive",
        cache,
        document(
            "The harbour master ordered forty new lamps.\n",
            "harbour1871/d12",
            collection="harbour1871",
            number="12",
            title="Halvorsen to Brandt",
            kind="telegram",
            creators=("Halvorsen, Gustav",),
            recipients=("Brandt, Elias",),
            document_date="1871-11-03",
            url=ADDRESS,
        ),
        document(
            "Rope and tar have arrived by the ferry.\n",
            "harbour1872/d12",
            collection="harbour1872",
            number="12",
            title="Brandt to Meer",
            kind="letter",
            creators=("Brandt, Elias",),
            document_date="1872-02",
        ),
        document("Nobody knows who lit the old lantern.\n", "notes/Lantern", title="Lantern"),
    )
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("words", "volume", "name"),
    [
        ("harbour1871/d12", None, "harbour1871/d12"),
        ("HARBOUR1871/D12", None, "harbour1871/d12"),
        ("notes/lantern", None, "notes/Lantern"),
        ("12", "harbour1872", "harbour1872/d12"),
        ("d12", "Harbour1872", "harbour1872/d12"),
        ("No. 12", "harbour1871", "harbour1871/d12"),
        ("harbour1871 12", None, "harbour1871/d12"),
        ("harbour1872 document 12", None, "harbour1872/d12"),
        ("lantern", "notes", "notes/Lantern"),
        (ADDRESS, None, "harbour1871/d12"),
        (f"{ADDRESS}#:~:text=forty%20new%20lamps", None, "harbour1871/d12"),
    ],
)
def test_a_document_is_found_by_each_of_its_names(
    archive: Archive, words: str, volume: str | None, name: str
) -> None:
    assert find_document(archive, words, volume).doc_id == name


@pytest.mark.parametrize(
    ("words", "volume", "near"),
    [
        ("harbor1871/d12", None, "Did you mean harbour1871/d12"),
        ("lanturn", None, "Did you mean notes/Lantern?"),
        ("13", "harbour1871", "in volume harbour1871. Did you mean harbour1871/d12"),
    ],
)
def test_near_names_are_suggested(
    archive: Archive, words: str, volume: str | None, near: str
) -> None:
    with pytest.raises(UnknownDocument) as error:
        find_document(archive, words, volume)
    assert near in str(error.value)


@pytest.mark.parametrize("words", ["quarrymen", "https://ports.test/other", "harbour1899 12"])
def test_a_document_that_is_not_there_is_unknown(archive: Archive, words: str) -> None:
    with pytest.raises(UnknownDocument, match="is in the archive"):
        find_document(archive, words)


def test_an_address_of_several_documents_names_them(tmp_path: Path, cache: Path) -> None:
    texts = ("The first page is about rope.\n", "The second page is about tar.\n")
    pages = [document(text, f"p{n}", url=ADDRESS) for n, text in enumerate(texts)]
    archive = build(tmp_path / "archive", cache, *pages)
    with pytest.raises(UsageError, match="may be p0, p1"):
        find_document(archive, ADDRESS)
    archive.close()


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({}, ["harbour1871/d12", "harbour1872/d12", "notes/Lantern"]),
        ({"person": "Brandt"}, ["harbour1871/d12", "harbour1872/d12"]),
        ({"person": "Gustav Halvorsen"}, ["harbour1871/d12"]),
        ({"kind": "LETTER"}, ["harbour1872/d12"]),
        ({"collection": "harbour1871"}, ["harbour1871/d12"]),
        ({"date_from": "1872-02-10"}, ["harbour1872/d12"]),
        ({"date_to": "1872-01"}, ["harbour1871/d12"]),
        ({"person": "Brandt", "kind": "telegram", "date_from": "1872"}, []),
    ],
)
def test_documents_are_listed_by_date_and_filtered(
    archive: Archive, filters: dict[str, str], names: list[str]
) -> None:
    assert [each[0] for each in list_fitting(archive, Filters.parse(**filters))] == names


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"person": "Halvorsson"}, "Did you mean Halvorsen, Gustav?"),
        ({"kind": "telegramm"}, "Did you mean telegram?"),
        ({"collection": "harbour187"}, "harbour1871"),
    ],
)
def test_a_mistyped_filter_is_answered_with_near_names(
    archive: Archive, filters: dict[str, str], said: str
) -> None:
    with pytest.raises(UsageError) as error:
        list_fitting(archive, Filters.parse(**filters))
    assert said in str(error.value)
