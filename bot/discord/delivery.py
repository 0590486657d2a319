"""Deliver replies to Discord: in time, repeated when the network fails, never twice.

Nobody is pinged: the client's `allowed_mentions` hold for every message.
"""

import asyncio
import io
import logging
import random
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import wraps
from typing import Any, TypeVar

import aiohttp
import discord
from discord import app_commands

from bot.discord import metrics
from bot.discord.render.layout import Card
from bot.discord.views import make_view
from corpus.errors import MemconError

_log = logging.getLogger("memcon.discord")

T = TypeVar("T")
_Completing = Callable[
    [discord.Interaction[Any], str], Coroutine[Any, Any, list[app_commands.Choice[str]]]
]

# A reply that is ready this soon needs no acknowledgement before it, in seconds. Most are; the
# others show "thinking…", and that within half a second even under load.
_QUICK = 0.25
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
THREAD_THERE_ALREADY = 160004

# The addresses of replies to interactions.
_REPLIES = re.compile(r"/(?:interactions|webhooks)/")
_PASSING = (discord.DiscordServerError, aiohttp.ClientError, OSError, TimeoutError)
# The key of an interaction's response, which the library does not know of if Discord's reply was
# lost.
_ACKNOWLEDGED = "acknowledged"


class LacksPermission(MemconError):
    """The bot lacks a permission in the server."""


class Expired(Exception):
    """Discord no longer takes a reply to an interaction."""


def fail_fast() -> aiohttp.TraceConfig:
    """Make the client's `http_trace`, which raises server errors on replies at once.

    The library would repeat these after 1, 3, 5 s, longer than Discord waits for an
    acknowledgement; this module decides on retries.
    """

    async def check(_: object, __: object, ended: aiohttp.TraceRequestEndParams) -> None:
        if ended.response.status >= 500 and _REPLIES.search(ended.url.path):
            raise discord.DiscordServerError(ended.response, await ended.response.text())

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(check)
    return trace


class _Response:
    """The first response to an interaction: the reply if it is quick, else that one is coming."""

    def __init__(
        self, interaction: discord.Interaction[discord.Client], *, ephemeral: bool, thinking: bool
    ) -> None:
        self.ephemeral, self.thinking = ephemeral, thinking
        self.is_open, self.is_lost = True, False
        self._interaction = interaction
        self._until = time.monotonic() + _ACKNOWLEDGE_WITHIN
        self._deferring = asyncio.create_task(self._defer())

    async def reply(self, call: Callable[[], Awaitable[object]]) -> bool:
        """Respond with a reply; returns False if there was a response, which it can replace.

        Raises Expired if Discord takes neither.
        """
        is_first = self.is_open
        if is_first:
            self._deferring.cancel()
            # If Discord refuses the reply, another may follow.
            await self._respond(call)
            self.is_open = False
        else:
            await self.is_sent()
        if self.is_lost:
            raise Expired
        return is_first

    async def is_sent(self) -> bool:
        """Return whether Discord has a response, once one that is being sent has arrived."""
        if self.is_open:
            return False
        if not self._deferring.cancelled():
            await asyncio.shield(self._deferring)
        return not self.is_lost

    async def _defer(self) -> None:
        await asyncio.sleep(_QUICK)
        self.is_open = False
        response, options = self._interaction.response, (self.ephemeral, self.thinking)
        await self._respond(lambda: response.defer(ephemeral=options[0], thinking=options[1]))

    async def _respond(self, call: Callable[[], Awaitable[object]]) -> None:
        with metrics.timed("acknowledgement"):
            self.is_lost = not await _respond_in_time(call, self._until - time.monotonic())


async def acknowledge(
    interaction: discord.Interaction[discord.Client],
    *,
    ephemeral: bool = False,
    thinking: bool = True,
) -> bool:
    """Acknowledge an interaction soon unless a reply comes first; return whether one still can.

    A reply is a new message, or with `thinking` False it replaces the message of the button.
    Later calls for the same interaction change nothing.
    """
    known: _Response | None = interaction.extras.get(_ACKNOWLEDGED)
    if known is None:
        known = _Response(interaction, ephemeral=ephemeral, thinking=thinking)
        interaction.extras[_ACKNOWLEDGED] = known
    return not known.is_lost


async def is_acknowledged(interaction: discord.Interaction[discord.Client]) -> bool:
    """Return whether a response was sent, once one that is being sent has arrived."""
    known: _Response | None = interaction.extras.get(_ACKNOWLEDGED)
    return known is not None and await known.is_sent()


async def ask_for(
    interaction: discord.Interaction[discord.Client], modal: discord.ui.Modal
) -> None:
    """Open a modal, which can only be the first response."""
    await _respond_in_time(lambda: interaction.response.send_modal(modal))


def completing(choose: _Completing) -> _Completing:
    """Have an autocompletion send its choices itself; the library would send them only once."""

    @wraps(choose)
    async def complete(
        interaction: discord.Interaction[Any], typed: str
    ) -> list[app_commands.Choice[str]]:
        choices = await choose(interaction, typed)
        await _respond_in_time(lambda: interaction.response.autocomplete(choices))
        if not interaction.response.is_done():
            # Discord has the choices already, or takes none; the library would send them again.
            raise asyncio.CancelledError
        return choices

    return complete


async def _respond_in_time(
    call: Callable[[], Awaitable[object]], seconds: float | None = None
) -> bool:
    """Send an interaction's first response, and return whether Discord accepted it in time.

    A try that fails or hangs is repeated at once. A response that Discord already has, from a try
    whose reply was lost, counts as accepted.
    """
    try:
        async with asyncio.timeout(_ACKNOWLEDGE_WITHIN if seconds is None else seconds):
            while True:
                pause = _ACKNOWLEDGE_PAUSE
                try:
                    async with asyncio.timeout(_ACKNOWLEDGE_ONE):
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
            async with asyncio.timeout(_PERSIST_ONE):
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
    view: discord.ui.LayoutView | None = None,
    files: Sequence[tuple[str, bytes]] = (),
) -> discord.InteractionMessage:
    """Reply with a card, or put it in the place of what was shown; files are names and contents.

    If Discord refuses the card, it is sent once more without its buttons.
    """
    try:
        return await _show(interaction, view or make_view(card), files)
    except discord.HTTPException as error:
        if error.status != 400:
            raise
        _log.warning("Discord refuses a card", extra={"reason": error.text[:500]})
        return await _show(interaction, make_view(card.without_buttons()), files)


async def _show(
    interaction: discord.Interaction[discord.Client],
    view: discord.ui.LayoutView,
    files: Sequence[tuple[str, bytes]],
) -> discord.InteractionMessage:
    def attach() -> list[discord.File]:
        # Made for each try: a sent file is read to its end.
        return [_make_file(*file) for file in files]

    response: _Response | None = interaction.extras.get(_ACKNOWLEDGED)
    if response is not None:
        sent: list[discord.InteractionCallbackResponse[discord.Client]] = []

        async def reply() -> None:
            done: discord.InteractionCallbackResponse[discord.Client] | None
            if response.thinking:
                done = await interaction.response.send_message(
                    view=view, files=attach(), ephemeral=response.ephemeral
                )
            else:
                done = await interaction.response.edit_message(view=view, attachments=attach())
            if done is not None:
                sent.append(done)

        if await response.reply(reply):
            made = sent[0].resource if sent else None
            if isinstance(made, discord.InteractionMessage):
                return made
            # The reply to the request was lost.
            return await persist(interaction.original_response)
    return await persist(
        lambda: interaction.edit_original_response(view=view, attachments=attach())
    )


async def say(
    interaction: discord.Interaction[discord.Client],
    words: str,
    *,
    view: discord.ui.View | None = None,
) -> None:
    """Reply with plain words, or put them in the place of what was said."""
    response: _Response | None = interaction.extras.get(_ACKNOWLEDGED)

    async def reply() -> None:
        if response is not None and response.thinking:
            await interaction.response.send_message(
                words,
                view=view or discord.utils.MISSING,
                ephemeral=response.ephemeral,
            )
        else:
            await interaction.response.edit_message(content=words, view=view)

    if response is None or not await response.reply(reply):
        await persist(lambda: interaction.edit_original_response(content=words, view=view))


async def say_aside(interaction: discord.Interaction[discord.Client], words: str) -> None:
    """Say something privately, in a message of its own."""
    response: _Response | None = interaction.extras.get(_ACKNOWLEDGED)
    if response is None or not await response.reply(
        lambda: interaction.response.send_message(words, ephemeral=True)
    ):
        await persist(lambda: interaction.followup.send(words, ephemeral=True))


async def show_aside(
    interaction: discord.Interaction[discord.Client],
    view: discord.ui.LayoutView,
    *,
    private: bool = True,
) -> None:
    """Show a card in a message of its own."""
    response: _Response | None = interaction.extras.get(_ACKNOWLEDGED)
    if response is None or not await response.reply(
        lambda: interaction.response.send_message(view=view, ephemeral=private)
    ):
        await persist(lambda: interaction.followup.send(view=view, ephemeral=private))


async def post(
    channel: discord.abc.Messageable, card: Card, view: discord.ui.LayoutView
) -> discord.Message:
    """Send a card to a channel; if Discord refuses it, once more without its buttons."""
    try:
        return await channel.send(view=view)
    except discord.HTTPException as error:
        if error.status != 400:
            raise
        return await channel.send(view=make_view(card.without_buttons()))


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
        if error.code != THREAD_THERE_ALREADY:
            raise


def _make_file(name: str, content: bytes) -> discord.File:
    return discord.File(io.BytesIO(content), filename=name)
