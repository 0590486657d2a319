"""Servers that remove the bot while it is away, and nothing else, are forgotten."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.discord.commands import add_commands
from bot.discord.memory import Memory, ServerSettings
from bot.discord.pool import ArchivePool
from bot.discord.shards import Shards
from tests.bot.discord.fakediscord import FakeDiscord
from tests.bot.discord.fakediscord.world import Guild
from tests.bot.discord.real_bot import QUESTION, TestBot, ask, text_of
from tests.support.discord import fake, running

PRIVATE = ServerSettings(private=True)


class QuickBot(TestBot):
    """A bot that does not wait long for the last of its servers."""

    def __init__(self, service: ArchivePool, memory: Memory, shards: str = "1") -> None:
        super().__init__(service, memory, shards=Shards.parse(shards))
        self._connection.guild_ready_timeout = 0.05
        self.compared: set[int] = set()

    def dispatch(self, event: str, /, *given: object, **named: object) -> None:
        super().dispatch(event, *given, **named)
        if event == "shard_ready":
            self.compared.add(int(str(given[0])))

    async def compare(self) -> None:
        """Wait until every shard has compared its servers with those it knew."""
        async with asyncio.timeout(60):
            while self.compared != set(self.shards):  # noqa: ASYNC110 - no event of ours
                await asyncio.sleep(0.01)
            # The handler begins after the event is dispatched.
            await asyncio.sleep(0)
            await self._idle.wait()


@asynccontextmanager
async def run(
    server: FakeDiscord, service: ArchivePool, folder: Path, shards: str = "1"
) -> AsyncIterator[QuickBot]:
    memory = Memory(folder / "discord.sqlite")
    bot = QuickBot(service, memory, shards)
    add_commands(bot)
    async with running(server, bot):
        await bot.compare()
        yield bot
        await bot._idle.wait()
    memory.close()


async def leave(server: FakeDiscord, service: ArchivePool, folder: Path) -> tuple[Guild, Guild]:
    """Let the bot be in two servers, go away, and lose the first."""
    gone, kept = server.add_guild("Gone"), server.add_guild("Kept")
    async with run(server, service, folder) as bot:
        for guild in (gone, kept):
            bot.memory.change_settings(int(guild.id), lambda _: PRIVATE)
            await ask(server, guild=guild)
    gone.installed = False
    return gone, kept


async def test_a_server_that_removed_the_bot_while_it_was_away_is_forgotten(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with fake() as server:
        gone, kept = await leave(server, service, tmp_path)
        async with run(server, service, tmp_path) as bot:
            assert bot.memory.settings(int(gone.id)) == ServerSettings()
            assert bot.memory.count_use(int(gone.id), 0) == {}
            assert bot.memory.settings(int(kept.id)) == PRIVATE
            assert bot.memory.count_use(int(kept.id), 0)


async def test_a_server_in_an_outage_is_kept(service: ArchivePool, tmp_path: Path) -> None:
    async with fake() as server:
        _, kept = await leave(server, service, tmp_path)
        kept.down = True
        async with run(server, service, tmp_path) as bot:
            assert bot.get_guild(int(kept.id)).unavailable  # type: ignore[union-attr]
            assert bot.memory.settings(int(kept.id)) == PRIVATE


@pytest.mark.parametrize(("status", "code"), [(404, 0), (403, 0), (400, 0), (403, 50013)])
async def test_a_server_is_kept_where_discord_does_not_say_that_it_is_gone(
    service: ArchivePool, tmp_path: Path, status: int, code: int
) -> None:
    async with fake() as server:
        gone, _ = await leave(server, service, tmp_path)
        fault = server.faults.error(status, "GET", "/guilds/*", code=code)
        async with run(server, service, tmp_path) as bot:
            assert fault.hits == 1
            assert bot.memory.settings(int(gone.id)) == PRIVATE
        # The next start asks for it again.
        async with run(server, service, tmp_path) as bot:
            assert bot.memory.settings(int(gone.id)) == ServerSettings()


async def test_a_process_forgets_servers_of_its_own_shards_alone(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with fake() as server:
        gone, kept = await leave(server, service, tmp_path)
        mine = (int(gone.id) >> 22) % 2
        while (int(kept.id) >> 22) % 2 == mine:
            kept = server.add_guild("Another")
        kept.installed = True
        async with run(server, service, tmp_path, f"{1 - mine}/2") as bot:
            bot.memory.change_settings(int(kept.id), lambda _: PRIVATE)
            assert bot.memory.settings(int(gone.id)) == PRIVATE
        async with run(server, service, tmp_path, f"{mine}/2") as bot:
            assert bot.memory.settings(int(gone.id)) == ServerSettings()
            assert bot.memory.settings(int(kept.id)) == PRIVATE


async def test_a_server_where_only_users_bring_the_bot_is_never_gone(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with fake() as server:
        foreign = server.add_guild("Foreign", installed=False)
        user = server.add_user("traveller", installed=True)
        async with run(server, service, tmp_path):
            assert text_of(await ask(server, QUESTION, user=user, guild=foreign))
        async with run(server, service, tmp_path) as bot:
            assert bot.memory.count_use(int(foreign.id), 0)
            assert not [one for one in server.requests if one.path.startswith("/guilds/")]


async def test_a_server_that_joined_and_left_between_two_starts_is_forgotten(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with fake() as server:
        guild = server.add_guild("Brief", installed=False)
        async with run(server, service, tmp_path) as bot:
            await server.install(guild)
            await ask(server, guild=guild)
            bot.memory.change_settings(int(guild.id), lambda _: PRIVATE)
        guild.installed = False
        async with run(server, service, tmp_path) as bot:
            assert bot.memory.settings(int(guild.id)) == ServerSettings()
