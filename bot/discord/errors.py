"""Turn an error into a sentence for the user, and into a log entry."""

import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.discord import metrics
from bot.discord.database import DatabaseUnusable
from bot.discord.delivery import Expired, acknowledge, is_acknowledged, persist, say, say_aside
from bot.discord.phrases import Phrases
from bot.discord.text import clip, escape
from bot.discord.translations import phrases_for
from corpus.errors import (
    ArchiveBusy,
    ArchiveError,
    ClusterUnavailable,
    CorpusError,
    MemconError,
    UnknownDocument,
)

_log = logging.getLogger("memcon.discord")

# Error codes of Discord's API: the message, webhook, interaction or token is gone.
GONE = frozenset({10008, 10015, 10062, 50027})
# The key of an interaction that was acknowledged publicly.
PUBLIC = "public"
_LONGEST = 600
QUICK = "That was quick. Please try again in {seconds:.0f} s."
ANSWERS_IN = "In this server I answer in {channels}."
_AWAY = (ArchiveError, ClusterUnavailable)


class NotAllowed(MemconError, app_commands.CheckFailure):
    """The user lacks permission. The message may have mentions of channels."""


def _wait(error: app_commands.CommandOnCooldown, tr: Phrases) -> str:
    return tr(QUICK, seconds=error.retry_after)


def _lacking(error: app_commands.MissingPermissions, tr: Phrases) -> str:
    names = [
        name.replace("guild", "server").replace("_", " ").title()
        for name in error.missing_permissions
    ]
    shown = tr(" and ").join(tr.known(each, "permission") for each in names)
    return tr("This needs the permission {names}.", names=shown)


def _forbidden(error: discord.Forbidden, tr: Phrases) -> str:
    reason = escape(clip(error.text, 200)) if error.text else tr("ask a manager of this server")
    return tr("I lack a permission here: {reason}.", reason=reason)


def _message(error: MemconError, tr: Phrases) -> str:
    # The command that mends it is for the archive's operator, not for a server's members.
    return escape(clip(tr.known(error.message), _LONGEST))


def _always(words: str) -> Callable[[BaseException, Phrases], str]:
    return lambda _, tr: tr.known(words)


_changed = _always("This command has changed. Please reload Discord, and try again in an hour.")
# The first that fits counts. None stands for an unexpected error: the messages of errors of the
# archive and the corpus name paths and commands of the host.
_SAID: tuple[tuple[type[BaseException], Callable[[Any, Phrases], str] | None], ...] = (
    (app_commands.CommandOnCooldown, _wait),
    (app_commands.MissingPermissions, _lacking),
    (app_commands.NoPrivateMessage, _always("This command is a server's: please use it in one.")),
    (NotAllowed, lambda error, tr: tr.known(error.message)),
    (app_commands.CheckFailure, _always("You may not use this command here.")),
    (app_commands.CommandNotFound, _changed),
    (app_commands.CommandSignatureMismatch, _changed),
    (
        TimeoutError,
        _always("That took too long, and was given up. Please try again in a minute."),
    ),
    (ArchiveBusy, _message),
    (UnknownDocument, _message),
    (ArchiveError, None),
    (CorpusError, None),
    (ClusterUnavailable, None),
    (DatabaseUnusable, None),
    (MemconError, _message),
    (discord.Forbidden, _forbidden),
)


def explain(error: BaseException, tr: Phrases) -> str | None:
    """Return the sentence for an error that the user can act on; None for any other."""
    say = next((say for kind, say in _SAID if isinstance(error, kind)), None)
    return say(error, tr) if say else None


def describe(error: BaseException, tr: Phrases) -> str:
    """Return the sentence for an error; log an unexpected one, with a reference."""
    words = explain(error, tr)
    metrics.errors.labels("unexpected" if words is None else type(error).__name__).inc()
    if words is not None:
        return words
    reference = secrets.token_hex(4)
    _log.error("unexpected error", exc_info=error, extra={"reference": reference})
    what = tr(
        "The archive cannot be read now." if isinstance(error, _AWAY) else "Something went wrong."
    )
    return tr(
        "{what} Please give the bot's operator this reference: {reference}.",
        what=what,
        reference=reference,
    )


async def report(
    interaction: discord.Interaction[discord.Client], error: BaseException, *, aside: bool = False
) -> None:
    """Report an error in one sentence, privately; log an unexpected one, with a reference.

    With `aside` it is a message of its own, and the card stays unchanged.
    """
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    if isinstance(error, app_commands.TransformerError) and error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, Expired):
        return
    if isinstance(error, discord.HTTPException) and error.code in GONE:
        _log.info("a reply was deleted, or came too late", extra={"code": error.code})
        return
    words = describe(error, phrases_for(interaction.locale))
    try:
        if not await acknowledge(interaction, ephemeral=True, thinking=not aside):
            return
        public = bool(interaction.extras.get(PUBLIC))
        if public and not aside and await is_acknowledged(interaction):
            # Everybody would see the sentence in place of "thinking…".
            with suppress(discord.NotFound):
                await persist(interaction.delete_original_response)
        if public or aside:
            await say_aside(interaction, words)
        else:
            await say(interaction, words)
    except (Expired, discord.HTTPException, aiohttp.ClientError, OSError) as failure:
        # Discord does not take the report either.
        _log.warning("an error could not be reported", extra={"reason": type(failure).__name__})
