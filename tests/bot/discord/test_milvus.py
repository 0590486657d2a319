"""The Discord bot with its index on Milvus: answers, a swap while it runs, and an absence."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.discord.pool import ArchivePool
from index.building.build import build_archive
from index.encoding.encoder import DEFAULT_MODEL
from index.location import Location
from index.milvus.address import MilvusAddress
from index.storage.inventory import gather
from tests.bot.discord.real_bot import QUESTION, ask, on_line, text_of
from tests.support.archives import Silence
from tests.support.milvus import Server, needs_milvus, publish

pytestmark = needs_milvus


@pytest.fixture
def far_service(published: MilvusAddress, cache: Path, tmp_path: Path) -> Iterator[ArchivePool]:
    """Return the service of a host that has nothing but the address."""
    opened = ArchivePool(Location(tmp_path / "far", cache, published))
    yield opened
    opened.close()


async def test_it_answers_from_the_server(
    far_service: ArchivePool, tmp_path: Path, service: ArchivePool
) -> None:
    far, near = far_service.names, service.names
    assert (far.documents.values, far.documents.labels) == (
        near.documents.values,
        near.documents.labels,
    )
    for facet, names in near.facets.items():
        assert far.facets[facet].values == names.values
    async with on_line(far_service, tmp_path) as (server, _):
        message = await ask(server)
        assert "Stephen Mercado" in text_of(message)
        found = await (await server.slash("search", {"query": QUESTION})).response()
        assert found.v2


async def test_it_takes_up_what_is_published_and_says_when_the_server_is_away(
    milvus: Server, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.location._LOOK_EVERY", 0.0)
    monkeypatch.setattr("index.milvus.connection._FIRST_PAUSE", 0.01)
    address = milvus.address("swapped", timeout=5.0)
    papers, root = tmp_path / "papers", tmp_path / "archive"
    papers.mkdir()

    def write(name: str, text: str) -> None:
        (papers / name).write_text(text)
        found = gather([papers], Silence())
        build_archive(root, found, model=DEFAULT_MODEL, cache=cache, progress=Silence())
        publish(root, address, Silence())

    write("bridge.txt", "The bridge of Brixwold was opened in 1901.\n")
    own = ArchivePool(Location(tmp_path / "far", cache, address))
    async with on_line(own, tmp_path) as (server, _):
        assert "1901" in text_of(await ask(server, "When was the bridge opened?"))
        write("ferry.txt", "The ferry of Brixwold sank in 1902.\n")
        assert "1902" in text_of(await ask(server, "When did the ferry sink?"))

        def refuse(_request: str) -> None:
            raise ConnectionError("away")

        with monkeypatch.context() as patch:
            patch.setattr(milvus, "refuse", refuse)
            message = await ask(server, "Who kept the lighthouse of Brixwold?")
            told = message.text
            assert "The archive cannot be read now" in told
            assert milvus.uri not in told
        assert "1901" in text_of(await ask(server, "In what year was the bridge opened?"))
    own.close()


async def test_who_may_rebuild_rebuilds_for_every_host(
    milvus: Server, tmp_path: Path, cache: Path
) -> None:
    address = milvus.address("rebuilt")
    papers, root = tmp_path / "papers", tmp_path / "archive"
    papers.mkdir()
    (papers / "bridge.txt").write_text("The bridge of Brixwold was opened in 1901.\n")
    found = gather([papers], Silence())
    build_archive(root, found, model=DEFAULT_MODEL, cache=cache, progress=Silence())
    publish(root, address, Silence())
    own = ArchivePool(Location(root, cache, address))
    async with on_line(own, tmp_path) as (server, _):
        (papers / "ferry.txt").write_text("The ferry of Brixwold sank in 1902.\n")
        interaction = await server.slash("archive rebuild", {}, user=server.owner)
        message = await interaction.response()
        while "Rebuilding" in message.content:
            message = await interaction.updated()
        assert "Index 000002 is built" in message.content
        assert "1902" in text_of(await ask(server, "When did the ferry sink?"))
    elsewhere = Location(tmp_path / "far", cache, address).open()
    assert elsewhere.manifest.documents == 2
    elsewhere.close()
    own.close()
