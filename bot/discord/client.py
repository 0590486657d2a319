"""The bot's client: its connection to Discord, with one archive and one memory."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any, TypeVar, cast

import discord
from discord import app_commands

from bot.discord import metrics
from bot.discord.delivery import fail_fast
from bot.discord.errors import report
from bot.discord.memory import Memory
from bot.discord.pool import ArchivePool
from bot.discord.shards import Shards
from bot.discord.translations import Japanese
from index.answering.verdict import Level

_log = logging.getLogger("memcon.discord")

T = TypeVar("T")

# The key of an interaction's command name and time of arrival.
_BEGAN = "began"
# How long a shutdown waits for replies under way, in seconds.
_FAREWELL = 10.0


class Tree(app_commands.CommandTree["Bot"]):
    """The commands, with the one error handler."""

    async def interaction_check(self, interaction: discord.Interaction["Bot"]) -> bool:
        """Note when commands arrive."""
        is_completion = interaction.type is discord.InteractionType.autocomplete
        if interaction.command is not None and not is_completion:
            name = interaction.command.qualified_name
            interaction.extras[_BEGAN] = (name, perf_counter())
            metrics.questions.labels(name).inc()
        return True

    async def on_error(
        self, interaction: discord.Interaction["Bot"], error: app_commands.AppCommandError
    ) -> None:
        """Report an error to the user."""
        if interaction.type is discord.InteractionType.autocomplete:
            # A completion cannot show an error; no choices at once are better than a wait.
            await interaction.response.autocomplete([])
        else:
            await report(interaction, error)
            _observe_time(interaction)


class Bot(discord.AutoShardedClient):
    """No privileged intents, no cached members or messages, no pings."""

    def __init__(
        self,
        pool: ArchivePool,
        memory: Memory,
        *,
        level: Level = Level.BALANCED,
        shards: Shards | None = None,
        log_questions: bool = False,
        owners: frozenset[int] = frozenset(),
    ) -> None:
        """Make a client that is not connected yet."""
        super().__init__(
            # Without the privileged intent, only messages that address the bot have content.
            intents=discord.Intents(guilds=True, guild_messages=True, dm_messages=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            http_trace=fail_fast(),
            # None stands for all shards, which the library's types do not say.
            shard_ids=shards.ids if shards else None,  # type: ignore[arg-type]
            shard_count=shards.count if shards else None,
        )
        self.pool = pool
        self.memory = memory
        self.level = level
        self.chosen = shards
        self.log_questions = log_questions
        self.owners = owners
        # The questions of /help, and the generation that they were made from.
        self.examples: tuple[str, tuple[str, ...]] | None = None
        # Files that an owner has been shown, and may add to the archive.
        self.offered: dict[str, tuple[str, bytes]] = {}
        self.tree = make_tree(self)
        self._watchers: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._watching: list[asyncio.Task[None]] = []
        self._connected: dict[int, bool] = {}
        self.is_ending = False
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def setup_hook(self) -> None:
        """Give the commands their Japanese names."""
        await self.tree.set_translator(Japanese())
        self._watching = [asyncio.create_task(watcher()) for watcher in self._watchers]

    def watch(self, watcher: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a coroutine while the client is connected."""
        self._watchers.append(watcher)

    async def close(self) -> None:
        """Close the connection, and end what runs beside it."""
        for task in self._watching:
            task.cancel()
        await super().close()

    def is_owned_by(self, user_id: int) -> bool:
        """Whether a user owns the bot: the application's owner or team, or named in the settings.

        A member of the team who may only read does not.
        """
        application = self.application
        if application is None:
            return user_id in self.owners
        owners = {application.owner.id}
        if application.team:
            owners = {
                member.id
                for member in application.team.members
                if member.membership_state is discord.TeamMembershipState.accepted
                and member.role is not discord.TeamMemberRole.read_only
            }
        return user_id in owners | self.owners

    async def on_ready(self) -> None:
        """Log that the bot is connected."""
        shards = str(self.chosen or self.shard_count)
        _log.info("ready", extra={"servers": len(self.guilds), "shards": shards})

    async def on_app_command_completion(
        self, interaction: discord.Interaction["Bot"], _: object
    ) -> None:
        """Observe the time of a reply."""
        _observe_time(interaction)

    async def on_shard_connect(self, shard: int) -> None:
        """Note a new session; any but the first replaces another."""
        if shard in self._connected:
            metrics.reconnects.labels(str(shard), "anew").inc()
        self._connected[shard] = True

    async def on_shard_resumed(self, shard: int) -> None:
        """Note a resumed session."""
        metrics.reconnects.labels(str(shard), "resumed").inc()
        self._connected[shard] = True

    async def on_shard_disconnect(self, shard: int) -> None:
        """Note a lost connection."""
        metrics.disconnects.labels(str(shard)).inc()
        self._connected[shard] = False

    def connections(self) -> dict[int, bool]:
        """Return this process's shards, and whether each is connected."""
        expected = self.chosen.ids if self.chosen else range(self.shard_count or 0)
        return {shard: self._connected.get(shard, False) for shard in expected}

    @property
    def busy(self) -> int:
        """The number of replies under way."""
        return self._busy

    @asynccontextmanager
    async def under_way(self) -> AsyncIterator[None]:
        """Count a reply as under way, so that a shutdown waits for it."""
        self._busy += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._busy -= 1
            if not self._busy:
                self._idle.set()

    async def finish(self) -> None:
        """Wait a while for the replies under way, and close the connection."""
        self.is_ending = True
        try:
            async with asyncio.timeout(_FAREWELL):
                await self._idle.wait()
        except TimeoutError:
            _log.warning("ended with replies under way", extra={"replies": self._busy})
        await self.close()

    async def remember(self, work: Callable[[Memory], T]) -> T:
        """Return `work(memory)`, run in a thread, since it touches a disk or a network."""
        loop = asyncio.get_running_loop()
        with metrics.timed("store"):
            return await loop.run_in_executor(self.memory.threads, work, self.memory)


def make_tree(client: discord.Client) -> Tree:
    """Make the tree that a client's commands are added to."""
    return Tree(
        cast("Bot", client),
        allowed_contexts=app_commands.AppCommandContext(
            guild=True, dm_channel=True, private_channel=True
        ),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
    )


def _observe_time(interaction: discord.Interaction[Bot]) -> None:
    name, began = interaction.extras.get(_BEGAN, (None, 0.0))
    if name is not None:
        metrics.observe_reply(name, perf_counter() - began)
