"""The real bot against a fake Discord, and what its tests ask of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bot.discord import delivery
from bot.discord.client import Bot
from bot.discord.commands import add_commands
from bot.discord.memory import Memory
from bot.discord.pool import ArchivePool
from tests.bot.discord.fakediscord import FakeDiscord, Message, limits
from tests.support.discord import fake, running

QUESTION = "Who translated the records into English?"


class TestBot(Bot):
    """The real bot, which syncs its commands when it starts."""

    __test__ = False

    async def setup_hook(self) -> None:
        await super().setup_hook()
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify again at once: the fake has no limit to keep."""


@asynccontextmanager
async def on_line(
    service: ArchivePool,
    folder: Path,
    *,
    all_answered: bool = True,
    store: str | None = None,
    **options: Any,
) -> AsyncIterator[tuple[FakeDiscord, Bot]]:
    """Run the bot against a fake Discord; at the end nobody waits, unless a test means it so.

    Discord and the bot wait longer than in life: a busy machine is late, and is not to be answered
    twice.
    """
    memory = Memory(store or folder / "discord.sqlite")
    bot = TestBot(service, memory)
    add_commands(bot)
    with (
        patch.object(limits, "ACKNOWLEDGE_SECONDS", 60.0),
        patch.multiple(delivery, _ACKNOWLEDGE_WITHIN=55.0, _ACKNOWLEDGE_ONE=25.0),
    ):
        async with fake(**options) as server, running(server, bot):
            yield server, bot
            # What is under way would find the memory closed.
            await bot._idle.wait()
            assert not all_answered or server.unanswered == []
    memory.close()


async def ask(server: FakeDiscord, question: str = QUESTION, **options: Any) -> Message:
    interaction = await server.slash("ask", {"question": question}, **options)
    return await interaction.response()


def text_of(message: Message) -> str:
    return message.text
