"""Getting replies to Discord: in time, again when the network fails, and never twice."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import aiohttp
import discord

from bot.discord.cards import Card

_log = logging.getLogger("memcon.discord")

T = TypeVar("T")

# Discord waits 3 s for the first word on an interaction; one try may take a share of that.
_ACKNOWLEDGE_WITHIN = 2.8
_ONE_TRY = 0.7
_TRIES = 8

# Error codes of Discord's API.
_UNKNOWN_INTERACTION = 10062
_ALREADY_ACKNOWLEDGED = 40060

_PASSING = (discord.DiscordServerError, aiohttp.ClientError, OSError, TimeoutError)


async def acknowledge(
    interaction: discord.Interaction[discord.Client],
    *,
    ephemeral: bool = False,
    thinking: bool = True,
) -> bool:
    """Tell Discord that an answer is coming, and return whether it can still be given.

    A try that fails or hangs is followed by the next at once: the library's own retries sleep
    longer than Discord waits. An acknowledgement that Discord has had already is as good as one.
    """
    deadline = time.monotonic() + _ACKNOWLEDGE_WITHIN
    while time.monotonic() < deadline:
        try:
            async with asyncio.timeout(_ONE_TRY):
                await interaction.response.defer(ephemeral=ephemeral, thinking=thinking)
        except discord.InteractionResponded:
            return True
        except discord.HTTPException as error:
            if error.code == _ALREADY_ACKNOWLEDGED:
                return True
            if error.code == _UNKNOWN_INTERACTION:
                break
            if error.status < 500 and error.status != 429:
                raise
            await asyncio.sleep(0.05)
        except _PASSING:
            await asyncio.sleep(0.05)
        else:
            return True
    _log.warning("an interaction expired before it was acknowledged")
    return False


async def persist(call: Callable[[], Awaitable[T]]) -> T:
    """Return what `call` gives, trying again while the failure is one that passes."""
    for attempt in range(_TRIES):
        try:
            return await call()
        except _PASSING:
            if attempt == _TRIES - 1:
                raise
        except discord.HTTPException as error:
            if error.status != 429 or attempt == _TRIES - 1:
                raise
        await asyncio.sleep(min(0.25 * 2**attempt, 4.0))
    raise AssertionError("the last try returns or raises")


async def show(
    interaction: discord.Interaction[discord.Client],
    card: Card,
    *,
    view: discord.ui.View | None = None,
    files: Sequence[tuple[str, str]] = (),
) -> discord.InteractionMessage:
    """Put a card in the place of the acknowledgement; files are names and texts."""

    async def edit() -> discord.InteractionMessage:
        return await interaction.edit_original_response(
            content=None,
            embed=make_embed(card),
            view=view,
            # Made for each try: a file that was sent once is read to its end.
            attachments=[make_file(name, text) for name, text in files],
            allowed_mentions=discord.AllowedMentions.none(),
        )

    return await persist(edit)


async def say(interaction: discord.Interaction[discord.Client], words: str) -> None:
    """Put plain words in the place of the acknowledgement."""
    await persist(
        lambda: interaction.edit_original_response(
            content=words,
            embed=None,
            view=None,
            allowed_mentions=discord.AllowedMentions.none(),
        )
    )


def make_embed(card: Card) -> discord.Embed:
    """Return a card as an embed."""
    embed = discord.Embed(title=card.title, description=card.description, colour=card.colour)
    if card.footer:
        embed.set_footer(text=card.footer)
    return embed


def make_file(name: str, text: str) -> discord.File:
    """Return a text as a file to attach."""
    import io

    return discord.File(io.BytesIO(text.encode()), filename=name)
