"""Fixtures of the Discord bot: a service on the bundled archive, and a PostgreSQL server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.discord.pool import ArchivePool
from index.location import Location
from tests.support.postgres import Postgres, running_postgres


@pytest.fixture(scope="module")
def service(bundled_root: Path, cache: Path) -> Iterator[ArchivePool]:
    opened = ArchivePool(Location(bundled_root, cache))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Run a PostgreSQL server; tests skip where none is installed."""
    with running_postgres() as started_server:
        yield started_server
