"""What several commands share: acknowledging, showing cards, completing names."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any

import discord
from discord import app_commands

from bot.discord.asking import QUESTIONS, SECONDS, Asker, keep_card
from bot.discord.client import Bot
from bot.discord.delivery import acknowledge, completing, show
from bot.discord.drawing import Drawn
from bot.discord.errors import PUBLIC, NotAllowed, report
from bot.discord.memory import ServerSettings
from bot.discord.text import LIMITS, clip
from bot.discord.views import card_view
from corpus.dates import parse_bound
from index.retrieval.filters import Filters

Interaction = discord.Interaction[Bot]
QuestionText = app_commands.Range[str, 1, 1000]
Words = app_commands.Range[str, 1, 300]
Name = app_commands.Range[str, 1, 200]

# The name that stands for no collection in particular.
EVERY_COLLECTION = "all"

limited = app_commands.checks.cooldown(QUESTIONS, SECONDS)


class DateText(app_commands.Transformer):
    """A date, which may be partial; it is checked before the interaction is acknowledged."""

    @property
    def max_value(self) -> int:
        """The longest text that is accepted."""
        return 40

    async def transform(self, interaction: discord.Interaction[Any], value: str, /) -> str:  # noqa: ARG002
        """Return the date as typed; raises UsageError for anything else."""
        parse_bound(value, last=False)
        return value


Date = app_commands.Transform[str, DateText]


async def begin(interaction: Interaction, private: bool | None = None) -> bool:
    """Acknowledge, privately or publicly, and return whether a reply can be given.

    Raises NotAllowed in a channel where the bot does not answer.
    """
    settings = server_settings(interaction)
    allowed = settings.allows(
        interaction.channel_id, getattr(interaction.channel, "parent_id", None)
    )
    hidden = settings.is_hidden(private) or not allowed
    interaction.extras[PUBLIC] = not hidden
    if not await acknowledge(interaction, ephemeral=hidden):
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


@completing
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
