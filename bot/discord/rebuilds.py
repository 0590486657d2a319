"""Show the progress of a rebuild, and correct what an ended process left shown."""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

import aiohttp
import discord

from bot.discord.client import Bot
from bot.discord.database import DatabaseAway
from bot.discord.delivery import persist, say
from bot.discord.memory import TOKEN_LIFE, Memory
from bot.discord.pool import RebuildProgress
from bot.discord.translations import phrases_for
from corpus.errors import ArchiveBusy, MemconError

_log = logging.getLogger("memcon.discord")

# The time between edits that show a rebuild's progress, in seconds.
_PROGRESS_EVERY = 2.0
# The time without progress after which another process has ended, in seconds, and the time between
# looks for one.
SILENCE = 60.0
LOOK_EVERY = 20.0
# A reply's last edit comes this long before its token ends, in seconds.
_MARGIN = 60.0

_COUNTS = "{documents:,} documents, {passages:,} passages, {skipped:,} files skipped."
_BUILT = f"Index {{name}} is built and answers from now on: {_COUNTS}"
_UP_TO_DATE = f"Index {{name}} was up to date already: {_COUNTS}"


class RebuildFailed(Exception):
    """A rebuild failed; the cause may name paths of the host, so the log alone has it."""


async def rebuild(
    bot: Bot, interaction: discord.Interaction[Bot], sources: tuple[Path, ...] = ()
) -> None:
    """Rebuild the archive, with more sources, and show the progress in the interaction's reply.

    Raises ArchiveBusy, and RebuildFailed for any other error of the build.
    """
    progress = RebuildProgress()
    work = asyncio.create_task(bot.pool.rebuild(progress, sources))
    try:
        shows = await _show_progress(bot, interaction, progress, work)
        built = await work
    except ArchiveBusy:
        raise
    except (MemconError, OSError) as error:
        raise RebuildFailed from error
    finally:
        with suppress(DatabaseAway):
            await bot.remember(lambda memory: memory.end_rebuild(interaction.token))
    manifest = built.manifest
    if shows:
        words = phrases_for(interaction.locale)(
            _BUILT if built.changed else _UP_TO_DATE,
            name=manifest.generation,
            documents=manifest.documents,
            passages=manifest.passages,
            skipped=manifest.skipped,
        )
        await _tell(interaction, words)


async def _show_progress(
    bot: Bot,
    interaction: discord.Interaction[Bot],
    progress: RebuildProgress,
    work: "asyncio.Task[object]",
) -> bool:
    """Show the progress until the work is done; return whether the reply can be edited still."""
    # Counted from now: the clock of the host may differ from Discord's.
    loop = asyncio.get_running_loop()
    deadline = loop.time() + TOKEN_LIFE - _MARGIN
    shown, shows, tr = "", True, phrases_for(interaction.locale)

    def touch(memory: Memory) -> None:
        memory.touch_rebuild(interaction.token)

    while not work.done():
        if shows and loop.time() > deadline:
            shows = False
            words = tr(
                "Rebuilding takes longer than I can report here. /archive status shows which index "
                "answers."
            )
            await _tell(interaction, words)
        elif shows:
            with suppress(DatabaseAway):
                await bot.remember(touch)
            if str(progress) != shown:
                shown = str(progress)
                state = tr.known(shown, "progress")
                words = tr("Rebuilding: {state}. Questions go on meanwhile.", state=state)
                shows = await _tell(interaction, words)
        await asyncio.wait([work], timeout=_PROGRESS_EVERY)
    return shows


async def _tell(interaction: discord.Interaction[Bot], words: str) -> bool:
    """Edit the reply, and return whether Discord took the edit."""
    try:
        await say(interaction, words)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        _log.info("a rebuild's progress cannot be shown", extra={"reason": type(error).__name__})
        return False
    return True


async def correct_lost(bot: Bot) -> None:
    """Watch for rebuilds whose process has ended, and correct what their replies show."""
    while not bot.is_closed():
        with suppress(DatabaseAway):
            for token in await bot.remember(lambda memory: memory.lost_rebuilds(SILENCE)):
                await _correct(bot, token)
        await asyncio.sleep(LOOK_EVERY)


async def _correct(bot: Bot, token: str) -> None:
    # Of several processes one corrects it.
    if not await bot.remember(lambda memory: memory.end_rebuild(token)):
        return
    reply = discord.Webhook.partial(bot.application_id or 0, token, client=bot)
    words = (
        f"The bot was restarted during this rebuild. Index {bot.pool.archive.manifest.generation} "
        "answers now; use /archive rebuild again if documents are missing."
    )
    try:
        # The reply has no id of its own.
        await persist(lambda: reply.edit_message("@original", content=words))  # type: ignore[call-overload]
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        _log.info("a rebuild's message stays as it is", extra={"reason": type(error).__name__})
