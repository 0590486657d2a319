"""Fixtures of all tests: the real encoder and one real archive of the bundled collection."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from corpus.errors import ModelUnavailable
from corpus.ingest.sources import bundled_collection
from index.building.build import build_archive
from index.encoding.crossencoder_export import export_crossencoder
from index.encoding.encoder import DEFAULT_MODEL
from index.encoding.export import export_model
from index.milvus.address import MilvusAddress
from index.retrieval.archive import Archive
from index.storage.inventory import gather
from tests.support.archives import Run, Silence, build
from tests.support.command_line import run_command, run_process, runner
from tests.support.meeting import meeting
from tests.support.milvus import MISSING, Server, publish, served
from tests.support.paths import SHARED

os.environ["HF_HUB_OFFLINE"] = "1"

# Tests start hundreds of processes: each would compile memcon again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The same examples on every run; the encoder is too slow for hypothesis's own patience.
settings.register_profile(
    "memcon",
    deadline=None,
    max_examples=30,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("memcon")


@pytest.fixture(scope="session")
def cache(pytestconfig: pytest.Config) -> Path:
    """Where the exported model stays from run to run; the first run makes it."""
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("memcon") / "models"


@pytest.fixture(scope="session")
def bundled_root(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """Build an archive of the bundled collection; tests must leave it as it is."""
    root = tmp_path_factory.mktemp("bundled") / "archive"
    gathered = gather([bundled_collection()], Silence())
    build_archive(root, gathered, model=DEFAULT_MODEL, cache=cache, progress=Silence())
    return root


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve Milvus Lite; tests skip where it is not installed."""
    if MISSING:
        pytest.skip(f"needs {' and '.join(MISSING)}")
    with served(tmp_path_factory.mktemp("milvus") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def published(milvus: Server, bundled_root: Path) -> MilvusAddress:
    """Publish the bundled collection; tests must leave it as it is."""
    address = milvus.address("bundled")
    publish(bundled_root, address, Silence())
    return address


@pytest.fixture
def bundled(bundled_root: Path) -> Iterator[Archive]:
    """Open the archive of the bundled collection."""
    archive = Archive(bundled_root)
    yield archive
    archive.close()


@pytest.fixture(scope="session")
def environment(bundled_root: Path, cache: Path) -> dict[str, str]:
    """Return the variables that name the bundled archive and the exported models."""
    return {"MEMCON_ARCHIVE": str(bundled_root), "MEMCON_CACHE": str(cache.parent)}


@pytest.fixture(scope="session")
def memcon(environment: dict[str, str]) -> Run:
    """Return a function that runs the command line in this process, at once."""
    return runner(run_command, environment)


@pytest.fixture(scope="session")
def memcon_process(environment: dict[str, str]) -> Run:
    """Return a function that runs the command line as users do, as a process of its own."""

    return runner(run_process, environment)


@pytest.fixture(scope="session")
def ask_json(memcon: Run) -> Callable[..., dict[str, Any]]:
    """Return a function that asks a question and gives back the JSON answer."""

    def ask(question: str, *words: str, archive: Path | None = None) -> dict[str, Any]:
        done = memcon("ask", question, "--json", *words, archive=archive)
        assert done.returncode in {0, 1}, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return ask


@pytest.fixture
def exported_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Export models in this process, which loads torch once, and not in one of their own."""
    exports = {"export": export_model, "crossencoder_export": export_crossencoder}

    def run(module: str, name: str, folder: str) -> str | None:
        try:
            exports[module.rpartition(".")[2]](name, Path(folder))
        except ModelUnavailable as error:
            return error.message
        return None

    for module in exports:
        monkeypatch.setattr(f"index.encoding.{module}.run_aside", run)


@pytest.fixture
def shared() -> Path:
    """Return the folder of real material beside the checkout, or skip the test without it."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder shared/ beside the checkout")
    return SHARED


@pytest.fixture(scope="session")
def meeting_root(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """Build an archive of both sides' records of a meeting; tests must leave it as it is."""
    root = tmp_path_factory.mktemp("meeting") / "archive"
    build(root, cache, *meeting()).close()
    return root


@pytest.fixture
def both_sides(meeting_root: Path) -> Iterator[Archive]:
    """Open the archive of both sides' records."""
    archive = Archive(meeting_root)
    yield archive
    archive.close()
