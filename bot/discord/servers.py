"""The events of servers: the bot is added or removed, a channel is deleted."""

import logging
from dataclasses import replace

import aiohttp
import discord

from bot.discord.client import Bot
from bot.discord.database import DatabaseAway
from bot.discord.help import WELCOME
from bot.discord.memory import ServerSettings
from bot.discord.translations import phrases_for

# Discord's error codes for a server that the bot is not in, or that does not exist.
_NOT_THERE = frozenset({50001, 10004})

_log = logging.getLogger("memcon.discord")


async def welcome(bot: Bot, guild: discord.Guild) -> None:
    """Note a new server, and greet it in its system channel, if the bot may write there."""
    await _note(bot, [guild.id])
    channel = guild.system_channel
    if channel is None:
        return
    may = channel.permissions_for(guild.me)
    if not (may.view_channel and may.send_messages):
        return
    async with bot.under_way():
        try:
            await channel.send(phrases_for(guild.preferred_locale)(WELCOME))
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            _log.info("no welcome was sent", extra={"reason": type(error).__name__})


async def forget_left(bot: Bot, shard: int) -> None:
    """Forget the servers of a shard that removed the bot while it was not connected.

    When a shard connects, Discord lists all of its servers, also those that are unavailable. One
    that the bot was in before and that is not listed is gone if Discord, asked for it, says so too.
    """
    async with bot.under_way():
        for guild_id in await _note(bot, [guild.id for guild in bot.guilds]):
            if (guild_id >> 22) % (bot.shard_count or 1) != shard:
                continue
            try:
                await bot.fetch_guild(guild_id, with_counts=False)
            except (discord.Forbidden, discord.NotFound) as error:
                if error.code in _NOT_THERE:
                    await forget(bot, guild_id)
            except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                # It is asked for again at the next start.
                _log.info("a server is not known to be gone", extra={"reason": str(error)})


async def _note(bot: Bot, guild_ids: list[int]) -> set[int]:
    """Note servers that the bot is in; return others that it was in before."""
    bot_id = bot.user.id if bot.user else 0
    async with bot.under_way():
        try:
            return await bot.remember(lambda memory: memory.note_servers(bot_id, guild_ids))
        except DatabaseAway:
            return set()


async def forget(bot: Bot, guild_id: int) -> None:
    """Delete what is kept of a server that has removed the bot."""
    # Under way, so that a shutdown waits for it.
    async with bot.under_way():
        try:
            await bot.remember(lambda memory: memory.forget_server(guild_id))
        except DatabaseAway:
            _log.warning("a server's data could not be deleted", extra={"server": guild_id})


async def drop_channel(bot: Bot, guild_id: int, channel_id: int) -> None:
    """Drop a deleted channel from a server's settings."""
    if channel_id not in bot.memory.settings(guild_id).channels:
        return

    def drop(known: ServerSettings) -> ServerSettings:
        return replace(known, channels=tuple(c for c in known.channels if c != channel_id))

    async with bot.under_way():
        try:
            await bot.remember(lambda memory: memory.change_settings(guild_id, drop))
        except DatabaseAway:
            _log.warning("a deleted channel stays in the settings", extra={"server": guild_id})
