"""The one place that turns an error into a polite sentence, and into a log entry."""

import logging
import secrets

import discord
from discord import app_commands

from bot.discord.delivery import acknowledge, persist, say
from corpus.errors import MemconError

_log = logging.getLogger("memcon.discord")


class NotAllowed(MemconError):
    """Somebody asked for what is not his to ask for."""


def explain(error: BaseException) -> str | None:
    """Return the sentence for an error that people can do something about, or None.

    In this order: too many questions, not allowed, an error of memcon's own, out of time, a
    permission that the bot lacks.
    """
    if isinstance(error, app_commands.CommandOnCooldown):
        return f"That was quick. Please try again in {error.retry_after:.0f} s."
    if isinstance(error, app_commands.CheckFailure):
        return "You may not use this command here."
    if isinstance(error, MemconError):
        # The command that mends it is for the keeper of the archive, not for a server's members.
        return error.message
    if isinstance(error, TimeoutError):
        return "That took too long, and was given up. Please try again in a minute."
    if isinstance(error, discord.Forbidden):
        return f"I lack a permission here: {error.text or 'ask a manager of this server'}."
    return None


async def report(
    interaction: discord.Interaction[discord.Client], error: BaseException, *, aside: bool = False
) -> None:
    """Tell the person in one sentence; an unexpected error also goes to the log, with its id.

    With `aside` it is told in a private message of its own, and the card pressed stays as it is.
    """
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    words = explain(error)
    if words is None:
        reference = secrets.token_hex(4)
        _log.error("unexpected error", exc_info=error, extra={"reference": reference})
        words = f"Something went wrong. Please tell the bot's keeper this reference: {reference}."
    try:
        if not await acknowledge(interaction, ephemeral=True, thinking=not aside):
            return
        if aside:
            await persist(lambda: interaction.followup.send(words, ephemeral=True))
        else:
            await say(interaction, words)
    except (discord.HTTPException, OSError, TimeoutError) as failure:
        # Nobody is left to tell.
        _log.warning("an error could not be reported", extra={"reason": type(failure).__name__})
