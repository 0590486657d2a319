"""Generations on Milvus: published aside, swapped in one step, rolled back, cleared away."""

import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import (
    ArchiveBusy,
    DamagedIndex,
    EngineUnavailable,
    NoIndex,
    UnknownDocument,
    UsageError,
)
from index.encoding.encoder import PassageText
from index.encoding.onnx_encoder import OnnxEncoder
from index.location import Location
from index.milvus.address import MilvusAddress
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.storage.generation import KEPT
from index.text import analyzer
from tests.support.archives import Silence, build, document
from tests.support.milvus import Publish, Server, needs_milvus, publish

pytestmark = needs_milvus

LAMPS = "The survey of {} counted {} lamps in the harbour of Hakodate.\n"


def texts_of(location: Location) -> list[str]:
    archive = location.open()
    with closing(archive):
        return [text for _, text in archive.engine.texts()]


def collections(address: MilvusAddress) -> set[str]:
    """Return what the archive has on Milvus, finished or not."""
    from index.milvus.connection import Connection

    with closing(Connection(address)) as connection:
        return {name for name in connection.collections() if address.split(name)}


@pytest.fixture
def location(address: MilvusAddress, cache: Path, tmp_path: Path) -> Location:
    """Return where another host finds the archive."""
    return Location(tmp_path / "host", cache, address)


def test_a_generation_replaces_the_one_before_in_one_step(
    write: Publish, location: Location
) -> None:
    with pytest.raises(NoIndex, match="no archive"):
        location.open()
    assert write(LAMPS.format(1901, 40)) == "000001"
    assert texts_of(location) == [LAMPS.format(1901, 40)]
    assert location.newest() == "000001"
    assert write(LAMPS.format(1902, 50), "A clerk wrote it down.\n") == "000002"
    assert len(texts_of(location)) == 2
    # Another location has not looked yet.
    assert replace(location).newest() == "000002"
    assert list(location.manifests()) == ["000001", "000002"]
    location.check("000001")


def test_what_is_there_already_is_not_written_again(
    write: Publish, location: Location, address: MilvusAddress, tmp_path: Path
) -> None:
    write(LAMPS.format(1901, 40))
    before = collections(address)
    again = publish(tmp_path / "archive", address, Silence())
    assert (again.changed, collections(address)) == (False, before)
    forced = publish(tmp_path / "archive", address, Silence(), force=True)
    assert (forced.changed, forced.manifest.generation) == (True, "000002")


def test_as_many_are_kept_as_on_one_machine(
    write: Publish, location: Location, address: MilvusAddress
) -> None:
    names = [write(LAMPS.format(1900 + year, year)) for year in range(KEPT + 2)]
    assert list(location.manifests()) == names[-KEPT:]
    assert len(collections(address)) == 3 * KEPT
    for name in names[-KEPT:]:
        # One that takes no memory is loaded again.
        location.check(name)


def test_a_rollback_swaps_back_and_the_next_build_goes_on(
    write: Publish, location: Location, address: MilvusAddress
) -> None:
    with pytest.raises(NoIndex):
        location.roll_back()
    write(LAMPS.format(1901, 40))
    with pytest.raises(UsageError, match="no older index"):
        location.roll_back()
    write(LAMPS.format(1902, 50))
    write(LAMPS.format(1903, 60))
    assert location.roll_back().generation == "000002"
    assert texts_of(location) == [LAMPS.format(1902, 50)]
    assert location.roll_back("000001").generation == "000001"
    with pytest.raises(UsageError, match="no index 000009; kept are 000001, 000002, 000003"):
        location.roll_back("000009")
    # What was built last is there: it is only put in use again.
    assert write(LAMPS.format(1903, 60)) == "000003"
    location.roll_back("000002")
    # The one that was passed over by the rollback goes first.
    assert write(LAMPS.format(1904, 70)) == "000004"
    assert list(location.manifests()) == ["000001", "000002", "000004"]


def test_readers_go_on_with_what_they_opened_while_others_are_swapped_in(
    write: Publish, location: Location
) -> None:
    write(LAMPS.format(1900, 1000))
    found: list[set[str]] = []
    errors: list[Exception] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                archive = location.open()
                with closing(archive):
                    hits = archive.search(archive.parse_query("How many lamps?"), Filters(), 5)
                    told = {archive.document(hit.passage.doc_id).text for hit in hits}
                    found.append({text.split()[3] for text in told})
        except Exception as error:  # noqa: BLE001 - whatever it is, the test is to tell it
            errors.append(error)

    kept_open = location.open()
    reader = threading.Thread(target=read)
    reader.start()
    for year in (1901, 1902):
        write(*(LAMPS.format(year, 100 * part) for part in range(3)))
    done.set()
    reader.join()
    assert errors == []
    # Never passages of two builds together.
    assert all(len(years) == 1 for years in found)
    assert {"1900"} in found
    hits = kept_open.search(kept_open.parse_query("How many lamps?"), Filters(), 5)
    assert [kept_open.document(hit.passage.doc_id).text for hit in hits] == [
        LAMPS.format(1900, 1000)
    ]
    kept_open.close()


class Killed(BaseException):
    """The publisher's end."""


class Dying:
    """Progress that ends the process, as far as a test can, when a stage begins."""

    def __init__(self, stage: str) -> None:
        self._stage = stage

    def stage(self, name: str, _total: int | None = None) -> None:
        if name == self._stage:
            raise Killed

    def advance(self, steps: int) -> None:
        pass


STAGES = [
    "publishing documents",
    "publishing terms",
    "publishing passages",
    "checking what was published",
]


@pytest.mark.parametrize("stage", STAGES)
def test_what_a_killed_publisher_left_goes_with_the_next_build(
    write: Publish,
    location: Location,
    address: MilvusAddress,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
) -> None:
    write(LAMPS.format(1901, 40))
    before = collections(address)
    with monkeypatch.context() as patch:
        # A process that is killed does not tidy up.
        patch.setattr("index.milvus.generations.Generations.remove", lambda *_: None)
        with pytest.raises(Killed):
            publish(tmp_path / "archive", address, Dying(stage), force=True)
    left = collections(address)
    assert left > before
    assert texts_of(location) == [LAMPS.format(1901, 40)]
    assert list(location.manifests()) == ["000001"]
    assert write(LAMPS.format(1902, 50)) > "000001"
    assert texts_of(location) == [LAMPS.format(1902, 50)]
    assert len(collections(address)) == 6


def test_one_that_fails_clears_up_after_itself(
    write: Publish, location: Location, address: MilvusAddress, tmp_path: Path
) -> None:
    write(LAMPS.format(1901, 40))
    before = collections(address)
    with pytest.raises(Killed):
        publish(tmp_path / "archive", address, Dying(STAGES[2]), force=True)
    assert collections(address) == before


def test_a_publisher_on_another_host_is_waited_for_until_it_is_silent(
    write: Publish, address: MilvusAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(LAMPS.format(1901, 40))
    with monkeypatch.context() as patch:
        patch.setattr("index.milvus.generations.Generations.remove", lambda *_: None)
        patch.setattr("socket.gethostname", lambda: "elsewhere")
        with pytest.raises(Killed):
            publish(tmp_path / "archive", address, Dying(STAGES[1]), force=True)
    with pytest.raises(ArchiveBusy, match="on elsewhere, since"):
        write(LAMPS.format(1902, 50))
    monkeypatch.setattr("index.milvus.generations._ABANDONED", 0.0)
    # Numbered as on the machine that builds, where two have been built since.
    assert write(LAMPS.format(1903, 60)) == "000003"


def test_unchanged_documents_are_not_encoded_again(
    write: Publish, location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(LAMPS.format(1901, 40), "A clerk wrote it down.\n")
    encoded: list[str] = []
    tokenize = OnnxEncoder._tokenize

    def note(self: OnnxEncoder, passage: PassageText) -> Any:
        encoded.append(passage.text)
        return tokenize(self, passage)

    monkeypatch.setattr(OnnxEncoder, "_tokenize", note)
    write(LAMPS.format(1901, 40), "A clerk wrote it down.\n", "The oil was dear.\n")
    assert encoded == ["The oil was dear."]
    assert len(texts_of(location)) == 3


def test_texts_of_any_length_and_letters_come_back_as_they_were(
    tmp_path: Path, cache: Path, address: MilvusAddress, location: Location
) -> None:
    law = "第{0}条は港の灯を定める。It is law {0}.\n\n"
    long = "".join(law.format(number) for number in range(2_000))
    odd = 'A lamp \U0001f3ee, a \x01, "quotes" and a \\ stand in this text.\n'
    # One sentence of more different terms than an array holds.
    wide = "In it are " + " ".join(f"x{number}y" for number in range(5_000)) + " zebras.\n"
    documents = [
        document(text, name, title=f"The {name} of “it's” \\ {name}")
        for name, text in (("long", long), ("odd", odd), ("wide", wide), ("bare", "Is it?\n"))
    ]
    build(tmp_path / "archive", cache, *documents).close()
    publish(tmp_path / "archive", address, Silence())
    here, there = Archive(tmp_path / "archive"), location.open()
    for each in documents:
        assert there.document(each.doc_id) == here.document(each.doc_id)
    for question in (
        *('"x7y x8y"', '"x4999y zebras"', "it -zebra"),
        *("law -x4998y", '"の灯を"', "Is it?", '"law 1999"'),
    ):
        asked = here.parse_query(question)
        assert there.search(asked, Filters(), 5) == here.search(asked, Filters(), 5), question
    with pytest.raises(UnknownDocument):
        there.document('long" or key != "')
    here.close()
    there.close()


def test_an_approximate_index_finds_nearly_the_same_by_the_same_scores(
    bundled_root: Path, bundled: Archive, address: MilvusAddress, cache: Path, tmp_path: Path
) -> None:
    near = replace(address, dense_index="HNSW")
    publish(bundled_root, near, Silence())
    archive = Location(tmp_path / "far", cache, near).open()
    with closing(archive):
        for question in ("numerical targets in trade", "Who sent the cables?"):
            asked = bundled.parse_query(question)
            here, similar = bundled.engine.rank_by_vector(asked.vector, 10)
            there, told = archive.engine.rank_by_vector(asked.vector, 10)
            assert len(set(here.tolist()) & set(there.tolist())) >= 8
            exact = dict(zip(here.tolist(), similar.tolist(), strict=True))
            assert all(exact.get(n, s) == s for n, s in zip(there.tolist(), told, strict=True))


def test_rows_that_are_missing_or_altered_are_damage(
    write: Publish, location: Location, address: MilvusAddress
) -> None:
    from index.milvus.connection import Connection
    from index.milvus.records import Kind

    write(LAMPS.format(1901, 40), LAMPS.format(1902, 50))
    with closing(Connection(address)) as connection:
        records = address.collection("000001", "records")
        passages = address.collection("000001", "passages")
        (row,) = connection.query(records, f"id == {Kind.TEXT << 48}", ["*"])
        connection.replace(records, [{**row, "data": row["data"].replace("40", "41")}])
        archive = location.open()
        with pytest.raises(DamagedIndex, match="has been altered"):
            archive.document("d0")
        with pytest.raises(DamagedIndex):
            list(archive.engine.texts())
        connection.delete(passages, "number == 1")
        with pytest.raises(DamagedIndex, match="its rows"):
            location.check("000001")
        archive.close()


def test_an_index_of_another_version_is_told(
    write: Publish, location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(LAMPS.format(1901, 40))
    with monkeypatch.context() as patch:
        patch.setattr(analyzer, "IDENTITY", "another")
        with pytest.raises(DamagedIndex, match="another version of memcon"):
            location.open()
    monkeypatch.setattr("index.milvus.records.LAYOUT", 3)
    with pytest.raises(DamagedIndex, match="layout 2; this memcon reads 3"):
        location.open()
    assert location.manifests() == {"000001": None}


def test_an_encoder_that_is_another_is_told_with_what_to_copy(
    write: Publish, location: Location, cache: Path
) -> None:
    write(LAMPS.format(1901, 40))
    archive = location.open()
    archive.manifest = replace(archive.manifest, encoder="another/int8/0")
    with pytest.raises(DamagedIndex, match="is not the one") as told:
        archive.parse_query("How many lamps?")
    assert told.value.mend
    assert "scp -r BUILDER:" in told.value.mend
    archive.close()


def test_a_moment_of_absence_is_waited_out(
    milvus: Server, write: Publish, location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.milvus.connection._FIRST_PAUSE", 0.01)
    write(LAMPS.format(1901, 40))
    archive = location.open()
    asked = archive.parse_query("How many lamps?")
    refused: list[str] = []

    def refuse(request: str) -> None:
        if request in {"Search", "Query", "Insert"} and refused.count(request) < 1:
            refused.append(request)
            raise ConnectionError("away for a moment")

    monkeypatch.setattr(milvus, "refuse", refuse)
    assert archive.search(asked, Filters(), 5)
    assert write(LAMPS.format(1902, 50)) == "000002"
    assert set(refused) == {"Search", "Query", "Insert"}
    assert texts_of(location) == [LAMPS.format(1902, 50)]
    archive.close()


def test_a_long_absence_is_an_error_in_time(
    milvus: Server,
    write: Publish,
    address: MilvusAddress,
    cache: Path,
    tmp_path: Path,
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr("index.milvus.connection._FIRST_PAUSE", 0.01)
    write(LAMPS.format(1901, 40))
    archive = Location(tmp_path / "host", cache, replace(address, timeout=0.3)).open()
    asked = archive.parse_query("How many lamps?")

    def refuse(_request: str) -> None:
        raise ConnectionError("away for good")

    monkeypatch.setattr(milvus, "refuse", refuse)
    with pytest.raises(EngineUnavailable, match="does not answer"):
        archive.search(asked, Filters(), 5)
    archive.close()
