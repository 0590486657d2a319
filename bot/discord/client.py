"""The bot's client: one connection (or many shards), one archive, one memory."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import perf_counter
from typing import TypeVar

import discord
from discord import app_commands

from bot.discord import metrics
from bot.discord.buttons import TEMPLATE, CardButton, card_view, too_old
from bot.discord.delivery import complete_promptly
from bot.discord.errors import report
from bot.discord.memory import CardState, Memory
from bot.discord.replay import Drawn, draw_page
from bot.discord.service import ArchiveService
from bot.discord.shards import Shards
from bot.discord.translations import Japanese

_log = logging.getLogger("memcon.discord")

T = TypeVar("T")

# Where an interaction keeps the command's name and when it came.
_BEGAN = "began"
# How long an end waits for what is under way, in seconds.
_FAREWELL = 10.0


class Tree(app_commands.CommandTree["Bot"]):
    """The commands, with the one error handler."""

    async def interaction_check(self, interaction: discord.Interaction["Bot"]) -> bool:
        """Let everything pass; the library answers completions itself, and is told how."""
        if interaction.type is discord.InteractionType.autocomplete:
            complete_promptly()
        elif interaction.command is not None:
            name = interaction.command.qualified_name
            interaction.extras[_BEGAN] = (name, perf_counter())
            metrics.questions.labels(name).inc()
        return True

    async def on_error(
        self, interaction: discord.Interaction["Bot"], error: app_commands.AppCommandError
    ) -> None:
        """Tell the person what happened."""
        if interaction.type is discord.InteractionType.autocomplete:
            # A completion has no words for it; no choices at once are better than a wait.
            await interaction.response.autocomplete([])
        else:
            await report(interaction, error)
            _take_time(interaction)


class Bot(discord.AutoShardedClient):
    """Slash commands only: no privileged intents, no cached members or messages, no pings."""

    def __init__(
        self,
        service: ArchiveService,
        memory: Memory,
        *,
        shards: Shards | None = None,
        log_questions: bool = False,
    ) -> None:
        """Make a client that is not connected yet; questions are logged only where that is set."""
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            # None, which its types do not have, stands for all of them.
            shard_ids=shards.ids if shards else None,  # type: ignore[arg-type]
            shard_count=shards.count if shards else None,
        )
        self.service = service
        self.memory = memory
        self.chosen = shards
        self.log_questions = log_questions
        self.tree = Tree(
            self,
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=True
            ),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=True),
        )
        self._connected: dict[int, bool] = {}
        self.is_ending = False
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def setup_hook(self) -> None:
        """Make the buttons of older cards work, and know the commands' names in Japanese."""
        self.add_dynamic_items(CardButton)
        await self.tree.set_translator(Japanese())

    async def on_interaction(self, interaction: discord.Interaction["Bot"]) -> None:
        """Answer buttons of cards that no version of today made: the library leaves them be."""
        if interaction.type is not discord.InteractionType.component:
            return
        pressed = str(dict(interaction.data or {}).get("custom_id"))
        if not TEMPLATE.fullmatch(pressed):
            async with self.under_way():
                await report(interaction, too_old(), aside=True)

    async def on_ready(self) -> None:
        """Say that the bot is there."""
        shards = str(self.chosen or self.shard_count)
        _log.info("ready", extra={"servers": len(self.guilds), "shards": shards})

    async def on_app_command_completion(
        self, interaction: discord.Interaction["Bot"], _: object
    ) -> None:
        """Take the time of a reply."""
        _take_time(interaction)

    async def on_shard_connect(self, shard: int) -> None:
        """Note a new session; not the first is one that took the place of another."""
        if shard in self._connected:
            metrics.reconnects.labels(str(shard), "anew").inc()
        self._connected[shard] = True

    async def on_shard_resumed(self, shard: int) -> None:
        """Note a session that goes on."""
        metrics.reconnects.labels(str(shard), "resumed").inc()
        self._connected[shard] = True

    async def on_shard_disconnect(self, shard: int) -> None:
        """Note a connection that is lost."""
        metrics.disconnects.labels(str(shard)).inc()
        self._connected[shard] = False

    def connections(self) -> dict[int, bool]:
        """Return this process's shards, and whether each is connected; none before it is told."""
        expected = self.chosen.ids if self.chosen else range(self.shard_count or 0)
        return {shard: self._connected.get(shard, False) for shard in expected}

    @property
    def busy(self) -> int:
        """How many replies are being made."""
        return self._busy

    @asynccontextmanager
    async def under_way(self) -> AsyncIterator[None]:
        """Count a reply that is being made, so that an end waits for it."""
        self._busy += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._busy -= 1
            if not self._busy:
                self._idle.set()

    async def finish(self) -> None:
        """Answer what is in flight, for a while, and close the connection."""
        self.is_ending = True
        try:
            async with asyncio.timeout(_FAREWELL):
                await self._idle.wait()
        except TimeoutError:
            _log.warning("ended with replies under way", extra={"replies": self._busy})
        await self.close()

    async def remember(self, work: Callable[[Memory], T]) -> T:
        """Return `work(memory)`, done in a thread: it touches a disk or a network."""
        loop = asyncio.get_running_loop()
        with metrics.timed("store"):
            return await loop.run_in_executor(self.memory.threads, work, self.memory)

    async def draw(self, receipt: CardState, page: int) -> tuple[Drawn, discord.ui.View]:
        """Return a page of the card that a receipt stands for, made again from the archive."""
        drawn = await self.service.run(lambda archive: draw_page(receipt, archive, page))
        return drawn, card_view(receipt, drawn)


def _take_time(interaction: discord.Interaction[Bot]) -> None:
    name, began = interaction.extras.get(_BEGAN, (None, 0.0))
    if name is not None:
        metrics.observe_reply(name, perf_counter() - began)
