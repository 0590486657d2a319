"""Getting replies to Discord: in time, again when the network fails, and never twice."""

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

# Discord waits 3 s for the first word on an interaction. A request that hangs is given up in time
# for another; not sooner, since one that is only slow would be taken for a second acknowledgement.
_ACKNOWLEDGE_WITHIN = 2.8
_ACKNOWLEDGE_ONE = 1.3
_ACKNOWLEDGE_PAUSE = 0.05
# The reply itself may come as long as its token lives, 15 minutes; a person waits less long.
_PERSIST_WITHIN = 300.0
_PERSIST_ONE = 20.0
_PERSIST_PAUSES = (0.25, 8.0)

# Error codes of Discord's API.
_UNKNOWN_INTERACTION = 10062
_ALREADY_ACKNOWLEDGED = 40060
_THREAD_THERE_ALREADY = 160004

_PASSING = (discord.DiscordServerError, aiohttp.ClientError, OSError, TimeoutError)
# Where an interaction keeps whether it was acknowledged: a lost reply to an acknowledgement leaves
# the library in the belief that there was none.
_ACKNOWLEDGED = "acknowledged"


class LacksPermission(MemconError):
    """A server has not granted the bot what was asked of it."""


class _OneTry(AsyncWebhookAdapter):
    """The library's requests for interactions, without its sleeps of 1, 3, 5 s after an error.

    They are longer than Discord waits for a first word. What to repeat, and when, is decided here.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._timeout = aiohttp.ClientTimeout(total=seconds)

    async def request(self, route: Route, session: aiohttp.ClientSession, **options: Any) -> Any:
        """Make a request; a server's error is raised at once, as is one that takes too long."""
        strict = cast("aiohttp.ClientSession", _StrictSession(session, self._timeout))
        return await super().request(route, strict, **options)


class _StrictSession:
    """A session whose requests end in time, and raise what the library would sleep over."""

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
    """Answers to completions: the library sends each by itself, and once."""

    async def create_interaction_response(self, *values: Any, **options: Any) -> Any:
        """Send the choices, which are an interaction's first word and its last."""
        send = super().create_interaction_response
        await _first_word(lambda: send(*values, **options))


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
    """Tell Discord that an answer is coming, and return whether it can still be given.

    Once told, or found too late, an interaction is not acknowledged again.
    """
    known: bool | None = interaction.extras.get(_ACKNOWLEDGED)
    if known is None:
        with metrics.timed("acknowledgement"):
            known = await _first_word(
                lambda: interaction.response.defer(ephemeral=ephemeral, thinking=thinking)
            )
        interaction.extras[_ACKNOWLEDGED] = known
    return known


def complete_promptly() -> None:
    """Have the library's answers to completions, in this task, repeated while there is time."""
    async_context.set(_Completion(_ACKNOWLEDGE_ONE))


async def _first_word(call: Callable[[], Awaitable[object]]) -> bool:
    """Return whether Discord took an interaction's first word while it waited for one.

    A try that fails or hangs is followed by the next at once. A word that Discord has had already,
    from a try whose reply was lost, is as good as one.
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
    """Return what `call` gives, trying again for minutes while the failure is one that passes."""
    with metrics.timed("response"):
        return await _insist(call)


async def _insist(call: Callable[[], Awaitable[T]]) -> T:
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
        # Hundreds of replies that failed together are not to come again together.
        await asyncio.sleep(wait * random.uniform(1.0, 1.5))  # noqa: S311 - no secret
        pause = min(2 * pause, longest)


def _retry_after(error: discord.HTTPException) -> float:
    """Return the seconds that a refusal asks to wait, 0 where it does not say."""
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


async def open_thread(message: discord.InteractionMessage, name: str) -> None:
    """Open a thread on a message; raises LacksPermission where the bot may not."""
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
    """Return a card as an embed."""
    embed = discord.Embed(title=card.title, description=card.description, colour=card.colour)
    for name, value in card.fields:
        embed.add_field(name=name, value=value, inline=False)
    if card.footer:
        embed.set_footer(text=card.footer)
    return embed


def make_file(name: str, text: str) -> discord.File:
    """Return a text as a file to attach."""
    import io

    return discord.File(io.BytesIO(text.encode()), filename=name)
