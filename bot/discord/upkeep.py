"""Upkeep of the memory: read other processes' settings, delete what has expired."""

import asyncio
import logging
import random
from contextlib import suppress

from bot.discord.database import DatabaseAway
from bot.discord.memory import Memory

_log = logging.getLogger("memcon.discord")

# The time until another process's change of settings is seen, in seconds.
REFRESH = 2.0
# The time between deletions of what has expired, in seconds.
_DELETE_EVERY = 3600.0


async def keep_up(memory: Memory) -> None:
    """Keep the memory up to date until cancelled; no failure of the database ends it."""
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
            running = loop.run_in_executor(memory.threads, _keep_up_once, memory, due)
        await asyncio.sleep(REFRESH)


def _keep_up_once(memory: Memory, delete: bool) -> None:
    try:
        memory.refresh()
        if delete:
            with suppress(DatabaseAway):
                deleted = memory.delete_expired()
                _log.info("what has expired is deleted", extra={"rows": deleted})
    except Exception:  # noqa: BLE001 - it is logged, and the next round comes
        # A fault of ours must not stop the upkeep.
        _log.exception("the memory could not be looked after")
