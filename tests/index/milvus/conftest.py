"""Archives on the Milvus Lite of the tests: one that all read, and small ones of their own."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.building.build import publish_archive
from index.location import Location
from index.milvus.address import Cluster
from index.retrieval.archive import Archive
from tests.support.archives import Silence, build, document
from tests.support.milvus import Publish, Server

_NUMBERS = itertools.count()


@pytest.fixture
def cluster(milvus: Server) -> Cluster:
    """Return an archive on the server that nothing has been published to yet."""
    return milvus.cluster(f"archive_{next(_NUMBERS)}")


@pytest.fixture
def far_records(
    milvus: Server, records_root: Path, cache: Path, tmp_path: Path
) -> Iterator[Archive]:
    """Publish the invented records, and open them on the cluster."""
    cluster = milvus.cluster("records")
    publish_archive(records_root, cluster, Silence())
    archive = Location(tmp_path / "far-records", cache, cluster).open()
    yield archive
    archive.close()


@pytest.fixture
def far(published: Cluster, cache: Path, tmp_path: Path) -> Iterator[Archive]:
    """Open the bundled collection on the cluster, from a host without any index."""
    archive = Location(tmp_path / "far", cache, published).open()
    yield archive
    archive.close()


@pytest.fixture
def write(tmp_path: Path, cache: Path, cluster: Cluster) -> Publish:
    """Return a function that builds an archive of these texts, publishes it, and names it."""

    def publish(*texts: str) -> str:
        documents = [document(text, f"d{place}") for place, text in enumerate(texts)]
        build(tmp_path / "archive", cache, *documents).close()
        return publish_archive(tmp_path / "archive", cluster, Silence()).manifest.generation

    return publish
