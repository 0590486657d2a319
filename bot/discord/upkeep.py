"""Upkeep of the memory: read other processes' settings, delete what has expired."""

import asyncio
import logging
import random
from contextlib import suppress
from pathlib import Path

from bot.discord.card_state import CARD_LIFE
from bot.discord.database import DatabaseAway
from bot.discord.memory import Memory
from index.answering.receipts import delete_expired_receipts

_log = logging.getLogger("memcon.discord")

# The time until another process's change of settings is seen, in seconds.
REFRESH = 2.0
# The time between deletions of what has expired, in seconds.
_DELETE_EVERY = 3600.0


async def keep_up(memory: Memory, root: Path) -> None:
    """Keep the memory, and the receipts of the archive in `root`, up to date until cancelled.

    No failure of the database ends it.
    """
    loop = asyncio.get_running_loop()
    running: asyncio.Future[None] | None = None
    next_deletion = loop.time()
    while True:
        memory.database.sever()
        if running is None or running.done():
            due = loop.time() >= next_deletion
            if due:
                # Processes that started together should not delete together.
                next_deletion = loop.time() + _DELETE_EVERY * random.uniform(0.8, 1.2)  # noqa: S311
            running = loop.run_in_executor(memory.threads, _keep_up_once, memory, root, due)
        await asyncio.sleep(REFRESH)


def _keep_up_once(memory: Memory, root: Path, delete: bool) -> None:
    try:
        memory.refresh()
        if delete:
            deleted = 0
            with suppress(DatabaseAway):
                deleted += memory.delete_expired()
            # A read-only archive keeps no receipts.
            with suppress(OSError):
                deleted += delete_expired_receipts(root, CARD_LIFE)
            _log.info("what has expired is deleted", extra={"rows": deleted})
    except Exception:  # noqa: BLE001 - it is logged, and the next round comes
        # A fault of ours must not stop the upkeep.
        _log.exception("the memory could not be looked after")
