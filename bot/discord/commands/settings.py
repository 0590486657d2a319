"""The command /settings."""

from dataclasses import replace

import discord
from discord import app_commands
from discord.app_commands import locale_str as named

from bot.discord.commands.common import (
    EVERY_COLLECTION,
    Interaction,
    complete_collection,
    require_manager,
)
from bot.discord.delivery import acknowledge, say
from bot.discord.memory import ServerSettings
from corpus.errors import UsageError


@app_commands.command(
    name=named("settings"),
    description=named("How the bot answers in this server (managers only)"),
)
@app_commands.describe(
    private=named("Answers are private by default"),
    channel=named("Allow or disallow answers in this channel"),
    collection=named("The collection that is asked by default"),
)
@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.autocomplete(collection=complete_collection)
async def settings(
    interaction: Interaction,
    private: bool | None = None,
    channel: discord.TextChannel | None = None,
    collection: str | None = None,
) -> None:
    """Change the given settings, and show how the bot answers in this server."""
    bot = interaction.client
    async with bot.under_way():
        if not await acknowledge(interaction, ephemeral=True):
            return
        await require_manager(interaction)
        if interaction.guild_id is None:
            raise UsageError("Settings are a server's: use this command in one.")
        guild_id = interaction.guild_id
        if collection not in {*bot.pool.names.collections, EVERY_COLLECTION, None}:
            raise UsageError("There is no such collection; take one that is offered.")

        def change(known: ServerSettings) -> ServerSettings:
            if private is not None:
                known = replace(known, private=private)
            if channel is not None:
                known = replace(known, channels=tuple(sorted({*known.channels} ^ {channel.id})))
            if collection is not None:
                every = collection == EVERY_COLLECTION
                known = replace(known, collection=None if every else collection)
            return known

        changed = await bot.remember(lambda memory: memory.change_settings(guild_id, change))
        await say(interaction, _describe(changed))


def _describe(settings: ServerSettings) -> str:
    where = ", ".join(f"<#{channel}>" for channel in settings.channels) or "every channel"
    return (
        f"Answers are {'private' if settings.private else 'public'} by default, in {where}, from "
        f"{settings.collection or 'all collections'}."
    )
