"""Archives on the Milvus Lite of the tests: one that all read, and small ones of their own."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.location import Location
from index.milvus.address import MilvusAddress
from index.retrieval.archive import Archive
from tests.support.archives import Silence, build, document
from tests.support.milvus import Publish, Server, publish

_NUMBERS = itertools.count()


@pytest.fixture
def address(milvus: Server) -> MilvusAddress:
    """Return an archive on the server that nothing has been published to yet."""
    return milvus.address(f"archive_{next(_NUMBERS)}")


@pytest.fixture
def far_records(
    milvus: Server, records_root: Path, cache: Path, tmp_path: Path
) -> Iterator[Archive]:
    """Publish the invented records, and open them on Milvus."""
    address = milvus.address("records")
    publish(records_root, address, Silence())
    archive = Location(tmp_path / "far-records", cache, address).open()
    yield archive
    archive.close()


@pytest.fixture
def far(published: MilvusAddress, cache: Path, tmp_path: Path) -> Iterator[Archive]:
    """Open the bundled collection on Milvus, from a host without any index."""
    archive = Location(tmp_path / "far", cache, published).open()
    yield archive
    archive.close()


@pytest.fixture
def write(tmp_path: Path, cache: Path, address: MilvusAddress) -> Publish:
    """Return a function that builds an archive of these texts, publishes it, and names it."""

    def write(*texts: str) -> str:
        documents = [document(text, f"d{place}") for place, text in enumerate(texts)]
        build(tmp_path / "archive", cache, *documents).close()
        return publish(tmp_path / "archive", address, Silence()).manifest.generation

    return write
