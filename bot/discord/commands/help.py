"""The commands /help and /privacy."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Self

import discord
from discord import app_commands
from discord.app_commands import locale_str as named

from bot.discord.card_state import CARD_LIFE
from bot.discord.commands.common import Interaction, begin, handled, limited
from bot.discord.delivery import acknowledge, say
from bot.discord.help import write_help
from bot.discord.memory import CONVERSATION_LIFE, Kept, Memory
from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.render.sources import date_in_words
from bot.discord.translations import phrases_for
from index.answering.receipts import delete_receipts

_DAY = 86_400


@app_commands.command(name=named("help"), description=named("What to ask, with examples"))
@limited
async def help_command(interaction: Interaction) -> None:
    """Show what can be asked, with examples from this archive, privately."""
    async with interaction.client.under_way():
        if await begin(interaction, True):
            tr = phrases_for(interaction.locale)
            await say(interaction, await write_help(interaction.client, tr))


@app_commands.command(
    name=named("privacy"), description=named("What is kept about you, and how to delete it")
)
@limited
async def privacy(interaction: Interaction) -> None:
    """Show what is kept of the user, with a button that deletes it, privately."""
    bot = interaction.client
    async with bot.under_way():
        if not await acknowledge(interaction, ephemeral=True):
            return
        kept = await bot.remember(lambda memory: memory.kept(interaction.user.id))
        tr = phrases_for(interaction.locale)
        view = None
        if kept.cards or kept.exchanges:
            view = discord.ui.View(timeout=None)
            view.add_item(DeleteButton(tr))
            view.stop()
        words = _describe(kept, tr, logged=bot.log_questions)
        await say(interaction, words, view=view)


class DeleteButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"memcon:privacy:delete"
):
    """Deletes what is kept of the user who presses it."""

    def __init__(self, tr: Phrases = ENGLISH) -> None:
        """Make the button."""
        super().__init__(
            discord.ui.Button(
                label=tr("Delete mine"),
                custom_id="memcon:privacy:delete",
                style=discord.ButtonStyle.danger,
            )
        )

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - the library's own signature
        item: discord.ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],  # noqa: ARG003
    ) -> Self:
        """Make the pressed button."""
        return cls()

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Delete the user's cards, questions in conversations, and receipts."""
        async with handled(interaction):
            if not await acknowledge(interaction, thinking=False):
                return
            bot, user_id = interaction.client, interaction.user.id

            def forget(memory: Memory) -> None:
                receipts = memory.forget_user(user_id)
                # A read-only archive keeps no receipts.
                with suppress(OSError):
                    delete_receipts(bot.pool.root, receipts)

            await bot.remember(forget)
            words = phrases_for(interaction.locale)(
                "What was kept about you is deleted. The buttons of your older answers no longer "
                "work."
            )
            await say(interaction, words)


def _describe(kept: Kept, tr: Phrases, *, logged: bool) -> str:
    since = ""
    if kept.since:
        since = tr(", the first of {day}", day=tr.date(_day(kept.since), date_in_words))
    cards = tr(
        "{count:,} cards{since}: your id, what you asked, where, and what was quoted. They and the "
        "receipts of the answers are deleted after {days} days.",
        count=kept.cards,
        since=since,
        days=CARD_LIFE // _DAY,
    )
    exchanges = tr(
        "{count:,} questions in threads and direct messages, for follow-ups: deleted {days} days "
        "after the conversation's last one.",
        count=kept.exchanges,
        days=CONVERSATION_LIFE // _DAY,
    )
    rest = tr("Messages that do not address me are not read. Figures on use hold no names.")
    counted = [
        f"- {words}" for words, count in ((cards, kept.cards), (exchanges, kept.exchanges)) if count
    ]
    lines = [tr("**Kept about you**"), *counted] if counted else [tr("Nothing is kept about you.")]
    lines.append(rest)
    if logged:
        lines.append(tr("The operator of this bot also logs questions, without who asked them."))
    return "\n".join(lines)


def _day(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
