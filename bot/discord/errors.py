"""Turn an error into a sentence for the user, and into a log entry."""

import logging
import secrets

import aiohttp
import discord
from discord import app_commands

from bot.discord import metrics
from bot.discord.delivery import acknowledge, persist, say
from corpus.errors import MemconError

_log = logging.getLogger("memcon.discord")

# Error codes of Discord's API: the message, webhook, interaction or token is gone.
_GONE = frozenset({10008, 10015, 10062, 50027})
_CHANGED = "This command has changed. Please reload Discord, and try again in an hour."
_SAID: dict[type[BaseException], str] = {
    app_commands.CommandNotFound: _CHANGED,
    app_commands.CommandSignatureMismatch: _CHANGED,
    app_commands.CheckFailure: "You may not use this command here.",
    TimeoutError: "That took too long, and was given up. Please try again in a minute.",
}


class NotAllowed(MemconError):
    """The user lacks permission."""


def explain(error: BaseException) -> str | None:
    """Return the sentence for an error that the user can act on; None for any other."""
    if isinstance(error, app_commands.CommandOnCooldown):
        return f"That was quick. Please try again in {error.retry_after:.0f} s."
    for kind, words in _SAID.items():
        if isinstance(error, kind):
            return words
    if isinstance(error, MemconError):
        # The command that mends it is for the archive's operator, not for a server's members.
        return error.message
    if isinstance(error, discord.Forbidden):
        return f"I lack a permission here: {error.text or 'ask a manager of this server'}."
    return None


async def report(
    interaction: discord.Interaction[discord.Client], error: BaseException, *, aside: bool = False
) -> None:
    """Report an error in one sentence; log an unexpected one, with a reference.

    With `aside` it is a private message of its own, and the card stays unchanged.
    """
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    if isinstance(error, discord.HTTPException) and error.code in _GONE:
        _log.info("a reply was deleted, or came too late", extra={"code": error.code})
        return
    words = explain(error)
    metrics.errors.labels("unexpected" if words is None else type(error).__name__).inc()
    if words is None:
        reference = secrets.token_hex(4)
        _log.error("unexpected error", exc_info=error, extra={"reference": reference})
        words = f"Something went wrong. Please give the bot's operator this reference: {reference}."
    try:
        if not await acknowledge(interaction, ephemeral=True, thinking=not aside):
            return
        if aside:
            await persist(lambda: interaction.followup.send(words, ephemeral=True))
        else:
            await say(interaction, words)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as failure:
        # Discord does not take the report either.
        _log.warning("an error could not be reported", extra={"reason": type(failure).__name__})
