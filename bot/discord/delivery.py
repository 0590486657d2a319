"""Deliver replies to Discord: in time, repeated when the network fails, never twice."""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar, cast

import aiohttp
import discord
from discord.http import Route
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.discord import metrics
from bot.discord.cards import Card
from corpus.errors import MemconError

_log = logging.getLogger("memcon.discord")

T = TypeVar("T")

# Discord waits 3 s for an acknowledgement. A request that hangs is abandoned in time for another;
# not sooner, since a slow one would then be acknowledged twice.
_ACKNOWLEDGE_WITHIN = 2.8
_ACKNOWLEDGE_ONE = 1.3
_ACKNOWLEDGE_PAUSE = 0.05
# The token of a reply lives for 15 minutes, but users wait less long.
_PERSIST_WITHIN = 300.0
_PERSIST_ONE = 20.0
_PERSIST_PAUSES = (0.25, 8.0)

# Error codes of Discord's API.
_UNKNOWN_INTERACTION = 10062
_ALREADY_ACKNOWLEDGED = 40060
_THREAD_THERE_ALREADY = 160004

_PASSING = (discord.DiscordServerError, aiohttp.ClientError, OSError, TimeoutError)
# The key of an interaction's acknowledgement, which the library does not know of if Discord's reply
# was lost.
_ACKNOWLEDGED = "acknowledged"


class LacksPermission(MemconError):
    """The bot lacks a permission in the server."""


class _OneTry(AsyncWebhookAdapter):
    """The library's requests for interactions, without its sleeps of 1, 3, 5 s after an error.

    They are longer than Discord waits for an acknowledgement; this module decides on retries.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._timeout = aiohttp.ClientTimeout(total=seconds)

    async def request(self, route: Route, session: aiohttp.ClientSession, **options: Any) -> Any:
        """Make a request; raises a server error or a time-out at once."""
        strict = cast("aiohttp.ClientSession", _StrictSession(session, self._timeout))
        return await super().request(route, strict, **options)


class _StrictSession:
    """A session whose requests end in time, and raise errors that the library would retry."""

    def __init__(self, session: aiohttp.ClientSession, timeout: aiohttp.ClientTimeout) -> None:
        self._session, self._timeout = session, timeout

    @asynccontextmanager
    async def request(
        self, method: str, url: str, **options: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        async with self._session.request(method, url, timeout=self._timeout, **options) as response:
            if response.status >= 500:
                raise discord.DiscordServerError(response, await response.text())
            yield response


class _Completion(_OneTry):
    """Repeats answers to completions, which the library sends itself and only once."""

    async def create_interaction_response(self, *values: Any, **options: Any) -> Any:
        """Send the choices, which are the completion's only response."""
        send = super().create_interaction_response
        await _respond_in_time(lambda: send(*values, **options))


@contextmanager
def _one_try(seconds: float) -> Iterator[None]:
    before = async_context.set(_OneTry(seconds))
    try:
        yield
    finally:
        async_context.reset(before)


async def acknowledge(
    interaction: discord.Interaction[discord.Client],
    *,
    ephemeral: bool = False,
    thinking: bool = True,
) -> bool:
    """Acknowledge an interaction, and return whether it can still be answered.

    Later calls for the same interaction return the first result.
    """
    known: bool | None = interaction.extras.get(_ACKNOWLEDGED)
    if known is None:
        with metrics.timed("acknowledgement"):
            known = await _respond_in_time(
                lambda: interaction.response.defer(ephemeral=ephemeral, thinking=thinking)
            )
        interaction.extras[_ACKNOWLEDGED] = known
    return known


def complete_promptly() -> None:
    """Have the library's answers to completions, in this task, repeated in time."""
    async_context.set(_Completion(_ACKNOWLEDGE_ONE))


async def _respond_in_time(call: Callable[[], Awaitable[object]]) -> bool:
    """Send an interaction's first response, and return whether Discord accepted it in time.

    A try that fails or hangs is repeated at once. A response that Discord already has, from a try
    whose reply was lost, counts as accepted.
    """
    try:
        async with asyncio.timeout(_ACKNOWLEDGE_WITHIN):
            while True:
                pause = _ACKNOWLEDGE_PAUSE
                try:
                    with _one_try(_ACKNOWLEDGE_ONE):
                        await call()
                except discord.InteractionResponded:
                    return True
                except _PASSING:
                    pass
                except discord.HTTPException as error:
                    if error.code == _ALREADY_ACKNOWLEDGED:
                        return True
                    if error.code == _UNKNOWN_INTERACTION:
                        break
                    if error.status != 429:
                        raise
                    pause = max(pause, _retry_after(error))
                else:
                    return True
                await asyncio.sleep(pause)
    except TimeoutError:
        pass
    metrics.expired.inc()
    _log.warning("an interaction expired before it was acknowledged")
    return False


async def persist(call: Callable[[], Awaitable[T]]) -> T:
    """Return the result of `call`, retrying temporary failures for minutes."""
    with metrics.timed("response"):
        return await _retry(call)


async def _retry(call: Callable[[], Awaitable[T]]) -> T:
    pause, longest = _PERSIST_PAUSES
    deadline = time.monotonic() + _PERSIST_WITHIN
    while True:
        wait = pause
        try:
            with _one_try(_PERSIST_ONE):
                return await call()
        except _PASSING:
            if time.monotonic() + wait > deadline:
                raise
        except discord.HTTPException as error:
            wait = max(wait, _retry_after(error))
            if error.status != 429 or time.monotonic() + wait > deadline:
                raise
        # Hundreds of replies that failed together should not be repeated together.
        await asyncio.sleep(wait * random.uniform(1.0, 1.5))  # noqa: S311 - no secret
        pause = min(2 * pause, longest)


def _retry_after(error: discord.HTTPException) -> float:
    """Return the seconds that a refusal asks to wait; 0 if it does not say."""
    try:
        return float(error.response.headers.get("Retry-After", 0))
    except ValueError:
        return 0.0


async def show(
    interaction: discord.Interaction[discord.Client],
    card: Card,
    *,
    view: discord.ui.View | None = None,
    files: Sequence[tuple[str, str]] = (),
) -> discord.InteractionMessage:
    """Replace the acknowledgement with a card; files are names and texts."""

    async def edit() -> discord.InteractionMessage:
        return await interaction.edit_original_response(
            content=None,
            embed=make_embed(card),
            view=view,
            # Made for each try: a sent file is read to its end.
            attachments=[make_file(name, text) for name, text in files],
            allowed_mentions=discord.AllowedMentions.none(),
        )

    return await persist(edit)


async def say(interaction: discord.Interaction[discord.Client], words: str) -> None:
    """Replace the acknowledgement with plain words."""
    await persist(
        lambda: interaction.edit_original_response(
            content=words,
            embed=None,
            view=None,
            allowed_mentions=discord.AllowedMentions.none(),
        )
    )


async def open_thread(message: discord.InteractionMessage, name: str) -> None:
    """Open a thread on a message; raises LacksPermission if the bot may not."""
    try:
        await persist(lambda: message.create_thread(name=name))
    except discord.Forbidden:
        raise LacksPermission(
            "I could not open a thread: I lack the permission Create Public Threads here."
        ) from None
    except discord.HTTPException as error:
        # The reply to an earlier try was lost.
        if error.code != _THREAD_THERE_ALREADY:
            raise


def make_embed(card: Card) -> discord.Embed:
    """Make the embed of a card."""
    embed = discord.Embed(title=card.title, description=card.description, colour=card.colour)
    for name, value in card.fields:
        embed.add_field(name=name, value=value, inline=False)
    if card.footer:
        embed.set_footer(text=card.footer)
    return embed


def make_file(name: str, text: str) -> discord.File:
    """Make a file of a text."""
    import io

    return discord.File(io.BytesIO(text.encode()), filename=name)
