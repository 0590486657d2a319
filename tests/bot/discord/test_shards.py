"""Several processes that share the work: each has its shards, and all have one store."""

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from bot.discord.commands import add_commands
from bot.discord.memory import Memory
from bot.discord.pool import ArchivePool
from bot.discord.shards import Shards
from corpus.errors import UsageError
from tests.bot.discord.fakediscord import FakeDiscord
from tests.bot.discord.fakediscord.world import Channel, Guild
from tests.bot.discord.real_bot import TestBot, ask, text_of
from tests.support.discord import fake, running, started
from tests.support.postgres import Postgres


@pytest.mark.parametrize(
    ("words", "shards", "shown"),
    [
        ("0-3/16", Shards(0, 3, 16), "0-3/16"),
        ("2/16", Shards(2, 2, 16), "2/16"),
        (" 16 ", Shards(0, 15, 16), "0-15/16"),
        (1, Shards(0, 0, 1), "0/1"),
        ("3-3/4", Shards(3, 3, 4), "3/4"),
    ],
)
def test_shards_are_read_as_they_are_written(words: object, shards: Shards, shown: str) -> None:
    assert Shards.parse(words) == shards
    assert str(shards) == shown
    assert shards.ids == list(range(shards.first, shards.last + 1))


@pytest.mark.parametrize(
    "words",
    ["", "0", 0, "16/16", "3-1/4", "0-4/4", "-1/4", "1-2", "a/4", "1/0", "١/4", True, None, 1.5],
)
def test_what_names_no_shards_is_refused(words: object) -> None:
    with pytest.raises(UsageError, match="shards"):
        Shards.parse(words)


def held(server: FakeDiscord) -> list[tuple[int, int]]:
    return sorted(session.shard for session in server.gateway.sessions)


def places_of(server: FakeDiscord, count: int) -> list[tuple[Guild, Channel]]:
    """Return a server for each shard, with its channel."""
    found: dict[int, tuple[Guild, Channel]] = {}
    while len(found) < count:
        guild = server.add_guild("Another")
        channel = server.add_channel(guild, "general")
        found.setdefault((int(guild.id) >> 22) % count, (guild, channel))
    return [found[shard] for shard in sorted(found)]


async def test_each_identifies_only_its_shards_and_answers_its_servers(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with fake() as server:
        places = places_of(server, 4)
        memories = [Memory(tmp_path / "discord.sqlite") for _ in range(2)]
        bots = [
            TestBot(service, memory, shards=Shards.parse(words))
            for memory, words in zip(memories, ("0-1/4", "2-3/4"), strict=True)
        ]
        for bot in bots:
            add_commands(bot)
        async with running(server, bots[0]):
            await server.happened("identify", 2)
            assert held(server) == [(0, 4), (1, 4)]
            async with running(server, bots[1]):
                await server.happened("identify", 4)
                assert held(server) == [(0, 4), (1, 4), (2, 4), (3, 4)]
                for guild, channel in places:
                    message = await ask(server, guild=guild, channel=channel)
                    assert "Stephen Mercado" in text_of(message)
                assert [bot.connections() for bot in bots] == [
                    {0: True, 1: True},
                    {2: True, 3: True},
                ]
                assert [{(guild.id >> 22) % 4 for guild in bot.guilds} for bot in bots] == [
                    {0, 1},
                    {2, 3},
                ]
                # A card of one process is known to the other.
                for memory in memories:
                    receipt = message.buttons[-2]["custom_id"].split(":")[2]
                    assert memory.card(receipt)
        assert not server.unanswered
        for memory in memories:
            memory.close()


async def test_two_processes_share_one_database(
    bundled_root: Path, cache: Path, postgres: Postgres
) -> None:
    store = postgres.address(postgres.create_database())
    async with fake() as server:
        places = places_of(server, 2)
        environment = {
            "MEMCON_DISCORD_TOKEN": server.token,
            "MEMCON_ARCHIVE": str(bundled_root),
            "MEMCON_CACHE": str(cache.parent),
            "MEMCON_STORE": store,
        }

        def serve(
            shards: str, *words: str
        ) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
            command = ("-m", "bot", "serve", "--shards", shards, *words)
            synced, errors = "--sync" in words, asyncio.subprocess.PIPE
            return started(server, *command, env=environment, synced=synced, stderr=errors)

        async with serve("0/2", "--sync") as first, serve("1/2") as second:
            assert held(server) == [(0, 2), (1, 2)]
            for guild, channel in places:
                message = await ask(server, guild=guild, channel=channel)
                assert "Stephen Mercado" in text_of(message)
        for process, shards in ((first, "0/2"), (second, "1/2")):
            assert process.returncode == 0
            assert process.stderr is not None
            logged = (await process.stderr.read()).decode()
            assert f'"shards": "{shards}"' in logged
            assert postgres.password not in logged
            assert '"store": "postgresql://127.0.0.1:' in logged
