"""What several commands share: options, acknowledging, showing cards, permissions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import discord
from discord import app_commands

from bot.discord.asking import Asker, check_channel, count_question, keep_card
from bot.discord.client import Bot
from bot.discord.delivery import acknowledge, show
from bot.discord.drawing import Drawn
from bot.discord.errors import PUBLIC, NotAllowed, report
from bot.discord.memory import ServerSettings
from bot.discord.views import card_view
from index.retrieval.filters import Filters

Interaction = discord.Interaction[Bot]
QuestionText = app_commands.Range[str, 1, 1000]
Words = app_commands.Range[str, 1, 300]
Name = app_commands.Range[str, 1, 200]


def _count(interaction: Interaction) -> bool:
    count_question(interaction.user.id)
    return True


limited = app_commands.check(_count)


async def begin(interaction: Interaction, private: bool | None = None) -> bool:
    """Acknowledge, privately or publicly, and return whether a reply can be given.

    Raises NotAllowed in a channel where the bot does not answer.
    """
    check_channel(interaction)
    hidden = server_settings(interaction).is_hidden(private)
    interaction.extras[PUBLIC] = not hidden
    return await acknowledge(interaction, ephemeral=hidden)


def server_settings(interaction: Interaction) -> ServerSettings:
    """Return the settings of the server; a direct message has the defaults."""
    return interaction.client.memory.settings(interaction.guild_id)


async def show_drawn(
    interaction: Interaction, kind: str, drawn: Drawn, filters: Filters
) -> discord.InteractionMessage:
    """Keep a card's state, show the card with its buttons, and return the message."""
    asker = Asker.of(interaction, private=not interaction.extras.get(PUBLIC))
    state = await keep_card(interaction.client, kind, asker, drawn, filters)
    return await show(interaction, drawn.card, view=card_view(state, drawn))


def require_owner(interaction: Interaction) -> bool:
    """Raise NotAllowed unless the user owns the bot."""
    if not interaction.client.is_owned_by(interaction.user.id):
        raise NotAllowed("Only the owner of this bot may do that.")
    return True


owners_only = app_commands.check(require_owner)


@asynccontextmanager
async def handled(interaction: Interaction) -> AsyncIterator[None]:
    """Count a component's reply as under way, and report its errors beside the message."""
    async with interaction.client.under_way():
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the one handler decides what is said
            await report(interaction, error, aside=True)
