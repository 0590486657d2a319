"""The events of servers: the bot is added or removed, a channel is deleted."""

import logging
from dataclasses import replace

import aiohttp
import discord

from bot.discord.client import Bot
from bot.discord.database import DatabaseAway
from bot.discord.help import WELCOME
from bot.discord.memory import ServerSettings

_log = logging.getLogger("memcon.discord")


async def welcome(bot: Bot, guild: discord.Guild) -> None:
    """Greet a new server in its system channel, if the bot may write there."""
    channel = guild.system_channel
    if channel is None:
        return
    may = channel.permissions_for(guild.me)
    if not (may.view_channel and may.send_messages):
        return
    async with bot.under_way():
        try:
            await channel.send(WELCOME)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            _log.info("no welcome was sent", extra={"reason": type(error).__name__})


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
