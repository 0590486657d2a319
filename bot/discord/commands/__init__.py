"""The slash commands and message menus, a module for each group.

Each checks its options, acknowledges, runs its work in the pool, and shows a card.
"""

from typing import Any

import discord
from discord import app_commands

from bot.discord import servers
from bot.discord.buttons import CardButton, answer_unclaimed
from bot.discord.client import Bot
from bot.discord.commands import (
    archive,
    ask,
    bibliography,
    help,  # noqa: A004
    manage,
    read,
    replay,
    search,
    verify,
)
from bot.discord.conversation import converse
from bot.discord.rebuilds import correct_lost

_COMMANDS: tuple[
    app_commands.Command[Any, ..., None] | app_commands.ContextMenu | app_commands.Group, ...
] = (
    *(ask.ask, search.search, read.read, read.source, verify.verify, archive.about),
    *(bibliography.bibliography, replay.replay_receipt),
    *(help.help_command, help.privacy, manage.manage, archive.archive),
    *(ask.ask_about_message, verify.verify_message),
)


def add_commands(bot: Bot) -> None:
    """Give the bot its commands, the buttons of its cards, and its answers to events."""
    register(bot.tree)
    bot.add_dynamic_items(
        CardButton, help.DeleteButton, manage.SettingItem, manage.FeedbackPage, archive.OfferButton
    )

    bot.watch(lambda: correct_lost(bot))

    @bot.event
    async def on_interaction(interaction: discord.Interaction[Bot]) -> None:
        await answer_unclaimed(interaction)

    @bot.event
    async def on_message(message: discord.Message) -> None:
        await converse(bot, message)

    @bot.event
    async def on_guild_join(guild: discord.Guild) -> None:
        await servers.welcome(bot, guild)

    @bot.event
    async def on_shard_ready(shard: int) -> None:
        await servers.forget_left(bot, shard)

    @bot.event
    async def on_guild_remove(guild: discord.Guild) -> None:
        await servers.forget(bot, guild.id)

    @bot.event
    async def on_guild_channel_delete(channel: discord.abc.GuildChannel) -> None:
        await servers.drop_channel(bot, channel.guild.id, channel.id)


def register(tree: app_commands.CommandTree[Any]) -> None:
    """Add the commands and menus to a tree."""
    for command in _COMMANDS:
        tree.add_command(command)
