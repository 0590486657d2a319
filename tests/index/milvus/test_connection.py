"""Servers that are away, refuse, or are not what was meant: an error says so, and no secret."""

import base64
import logging
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.errors import EngineUnavailable, MemconError, UsageError
from index.location import Location, recall, remember
from index.milvus.address import MilvusAddress
from tests.support.milvus import Server, needs_milvus, served

TOKEN = "keeper:Wicks-and-0il"  # noqa: S105 - of a server of the tests' own
SECRETS = (TOKEN, "Wicks-and-0il", base64.b64encode(TOKEN.encode()).decode())


def check_reachable(address: MilvusAddress) -> str | None:
    return Location(Path(), Path(), milvus=address).check_milvus()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve a Milvus that asks for a token."""
    with served(tmp_path_factory.mktemp("guarded") / "data", TOKEN) as server:
        yield server


@pytest.fixture
def closed() -> Iterator[str]:
    """Return the address of a port at which nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@needs_milvus
def test_the_right_token_opens_and_no_other(
    guarded: Server, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    assert check_reachable(guarded.address("a", token=TOKEN))
    with pytest.raises(EngineUnavailable, match="asks for a token") as without:
        check_reachable(guarded.address("a"))
    wrong = f"{TOKEN}x"
    with pytest.raises(EngineUnavailable, match="refuses the token") as refused:
        check_reachable(guarded.address("a", token=wrong))
    for told in (without, refused):
        assert told.value.mend == "MEMCON_MILVUS_TOKEN=USER:PASSWORD memcon index status"
        assert told.value.__cause__ is None
        assert told.value.__suppress_context__
    said = f"{without.value} {refused.value} {caplog.text} {capfd.readouterr()}"
    assert not any(secret in said for secret in (*SECRETS, wrong))


@needs_milvus
def test_what_the_server_says_of_the_token_is_not_passed_on(
    milvus: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for secret in SECRETS:

        def refuse(_: str, told: str = secret) -> None:
            raise ConnectionRefusedError(f"not for {told}")

        monkeypatch.setattr(milvus, "refuse", refuse)
        monkeypatch.setattr("index.milvus.connection._FIRST_PAUSE", 0.01)
        with pytest.raises(MemconError) as told:
            check_reachable(milvus.address("a", token=TOKEN, timeout=0.3))
        assert not any(each in str(told.value) for each in SECRETS)


def test_an_address_does_not_show_its_token() -> None:
    shown = repr(MilvusAddress("http://milvus.test:19530", token=TOKEN))
    assert "milvus.test" in shown
    assert not any(secret in shown for secret in SECRETS)


@needs_milvus
def test_a_closed_port_is_an_error_in_time(closed: str, tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(EngineUnavailable, match="does not answer") as told:
        Location(tmp_path, tmp_path, MilvusAddress(closed, timeout=2.0)).open()
    assert told.value.mend == "memcon doctor"
    assert closed in told.value.message
    # A bound that says that it does not try for ever, no measurement.
    assert time.monotonic() - started < 30


@needs_milvus
def test_one_that_accepts_and_says_nothing_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(EngineUnavailable, match=r"does not answer|did not answer"):
            Location(tmp_path, tmp_path, MilvusAddress(address, timeout=0.3)).open()


@needs_milvus
def test_a_certificate_that_is_not_there_is_told(tmp_path: Path) -> None:
    address = MilvusAddress(
        "https://127.0.0.1:1", authority=str(tmp_path / "none.pem"), timeout=0.3
    )
    with pytest.raises(MemconError, match=r"none\.pem"):
        check_reachable(address)


def test_without_pymilvus_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(EngineUnavailable, match="not installed") as told:
        check_reachable(MilvusAddress("http://127.0.0.1:1"))
    assert told.value.mend == 'pip install "memcon[milvus]"'


@pytest.mark.parametrize(
    "uri",
    [
        "http://user:Wicks-and-0il@milvus.test:19530",
        "https://Wicks-and-0il@milvus.test",
        "http://milvus.test:19530?token=Wicks-and-0il",
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(uri: str) -> None:
    with pytest.raises(UsageError, match="must hold no password") as told:
        MilvusAddress(uri)
    assert "Wicks" not in str(told.value)


@pytest.mark.parametrize("uri", ["", "milvus.test", "ftp://milvus.test", "http://", "tcp:19530"])
def test_what_is_no_address_is_refused(uri: str) -> None:
    with pytest.raises(UsageError, match="no address of a Milvus server"):
        MilvusAddress(uri)


@pytest.mark.parametrize("name", ["", "1st", "a-b", 'a"b', "a b", "漢", "a" * 101])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no name for an archive"):
        MilvusAddress("http://milvus.test:19530", name)


def test_what_is_no_index_of_vectors_is_refused() -> None:
    with pytest.raises(UsageError, match="one of FLAT, HNSW"):
        MilvusAddress("http://milvus.test:19530", dense_index="flat")


def test_collections_are_told_from_those_of_others() -> None:
    address = MilvusAddress("http://milvus.test:19530", "ports")
    assert address.split("ports_000007_terms") == ("000007", "terms")
    for other in ("ports_current", "ports_2_000007_terms", "ports_7_terms", "xports_000007_terms"):
        assert address.split(other) is None


def test_an_archive_remembers_where_its_index_is_and_never_the_token(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    assert recall(root) is None
    address = MilvusAddress("http://milvus.test:19530", "ports", token=TOKEN)
    remember(Location(root, root, address))
    assert recall(root) == ("http://milvus.test:19530", "ports")
    written = "".join(path.read_text() for path in root.iterdir())
    assert not any(secret in written for secret in SECRETS)
    (root / "engine.json").write_text("{")
    with pytest.raises(MemconError, match=r"engine\.json cannot be read"):
        recall(root)
    remember(Location(root, root))
    assert recall(root) is None


def test_a_file_of_milvus_lite_is_known_by_its_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert MilvusAddress("trial.db").endpoint == str(tmp_path / "trial.db")
