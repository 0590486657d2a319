"""What several commands share: acknowledging, showing cards, completing names."""

from collections.abc import Iterable
from itertools import islice

import discord
from discord import app_commands

from bot.discord import metrics
from bot.discord.buttons import card_view
from bot.discord.client import Bot
from bot.discord.delivery import acknowledge, show
from bot.discord.drawing import Drawn
from bot.discord.errors import NotAllowed
from bot.discord.memory import ServerSettings
from bot.discord.text import LIMITS, clip
from index.retrieval.filters import Filters

Interaction = discord.Interaction[Bot]
QuestionText = app_commands.Range[str, 1, 1000]

# The name that stands for no collection in particular.
EVERY_COLLECTION = "all"

# 8 questions in 20 seconds for each user.
limited = app_commands.checks.cooldown(8, 20.0)


async def begin(interaction: Interaction, private: bool | None = None) -> bool:
    """Acknowledge, privately or publicly, and return whether a reply can be given.

    Raises NotAllowed in a channel where the bot does not answer.
    """
    settings = server_settings(interaction)
    allowed = _is_allowed_here(interaction, settings)
    hidden = settings.private if private is None else private
    if not await acknowledge(interaction, ephemeral=hidden or not allowed):
        return False
    if not allowed:
        names = ", ".join(f"<#{channel}>" for channel in settings.channels)
        raise NotAllowed(f"In this server I answer in {names}.")
    return True


def server_settings(interaction: Interaction) -> ServerSettings:
    """Return the settings of the server; a direct message has the defaults."""
    return interaction.client.memory.settings(interaction.guild_id)


async def show_drawn(
    interaction: Interaction, kind: str, drawn: Drawn, filters: Filters
) -> discord.InteractionMessage:
    """Keep a card's state, show the card with its buttons, and return the message."""
    bot = interaction.client
    state = await bot.remember(
        lambda memory: memory.keep_card(
            kind,
            interaction.user.id,
            drawn.understood,
            filters,
            bot.pool.generation,
            drawn.quoted,
        )
    )
    if drawn.exchange:
        metrics.verdicts.labels("ask", drawn.exchange.verdict).inc()
    return await show(interaction, drawn.card, view=card_view(state, drawn))


async def require_manager(interaction: Interaction) -> None:
    """Raise NotAllowed unless the user manages the server or owns the bot.

    A server can override a command's default permission, so it is not trusted.
    """
    if interaction.guild_id is not None and interaction.permissions.manage_guild:
        return
    application = interaction.client.application or await interaction.client.application_info()
    owners = {application.owner.id}
    if application.team:
        owners = {member.id for member in application.team.members}
    if interaction.user.id not in owners:
        raise NotAllowed("This needs the permission Manage Server.")


async def complete_collection(
    interaction: Interaction, typed: str
) -> list[app_commands.Choice[str]]:
    """Offer the collections, and all of them."""
    names = (*interaction.client.pool.names.collections, EVERY_COLLECTION)
    return offer(((name, name) for name in names), typed)


def offer(names: Iterable[tuple[str, str]], typed: str) -> list[app_commands.Choice[str]]:
    """Return at most 25 of the names and values that have the words typed so far."""
    wanted = typed.casefold()
    found = (
        # Discord could not send a longer value back whole.
        app_commands.Choice(name=clip(name, LIMITS.choice), value=value)
        for name, value in names
        if len(value) <= LIMITS.choice and (wanted in name.casefold() or wanted in value.casefold())
    )
    return list(islice(found, LIMITS.choices))


def _is_allowed_here(interaction: Interaction, settings: ServerSettings) -> bool:
    here = {interaction.channel_id, getattr(interaction.channel, "parent_id", None)}
    return not settings.channels or bool(here.intersection(settings.channels))
