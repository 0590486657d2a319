"""Fixtures of the index: an archive of invented records, and a small reranker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.encoding.crossencoder import CrossEncoder
from index.encoding.crossencoder_export import export_crossencoder
from index.retrieval.archive import Archive
from tests.support.archives import build
from tests.support.crossencoders import save_crossencoder
from tests.support.invented import invented


@pytest.fixture(scope="session")
def records_root(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """Build an archive of invented records; tests must leave it as it is."""
    root = tmp_path_factory.mktemp("records") / "archive"
    build(root, cache, *invented()).close()
    return root


@pytest.fixture
def records(records_root: Path) -> Iterator[Archive]:
    archive = Archive(records_root)
    yield archive
    archive.close()


@pytest.fixture(scope="session")
def reranker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a small cross-encoder as sentence-transformers does; tests must leave it as it is."""
    return save_crossencoder(tmp_path_factory.mktemp("reranker") / "model")


@pytest.fixture(scope="session")
def reranker(reranker_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> CrossEncoder:
    """Export the small cross-encoder, and load it."""
    folder = tmp_path_factory.mktemp("exported")
    export_crossencoder(str(reranker_folder), folder)
    return CrossEncoder(folder)
