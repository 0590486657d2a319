"""What is done beside the questions: settings of other processes, and what has expired."""

import asyncio
import logging
import random
from contextlib import suppress

from bot.discord.memory import Memory
from bot.discord.store import StoreAway

_log = logging.getLogger("memcon.discord")

# How soon a change of settings by another process is seen, in seconds.
REFRESH = 2.0
# How often what has expired is deleted, in seconds.
_FORGET = 3600.0


async def keep_up(memory: Memory) -> None:
    """Look after the memory until cancelled; no failure of the store ends it."""
    loop = asyncio.get_running_loop()
    looking: asyncio.Future[None] | None = None
    next_forget = loop.time()
    while True:
        memory.store.sever()
        if looking is None or looking.done():
            forget = loop.time() >= next_forget
            if forget:
                # Processes that started together are not to delete together.
                next_forget = loop.time() + _FORGET * random.uniform(0.8, 1.2)  # noqa: S311
            looking = loop.run_in_executor(memory.threads, _look_after, memory, forget)
        await asyncio.sleep(REFRESH)


def _look_after(memory: Memory, forget: bool) -> None:
    try:
        memory.refresh()
        if forget:
            with suppress(StoreAway):
                deleted = memory.forget_expired()
                _log.info("what has expired is deleted", extra={"rows": deleted})
    except Exception:  # noqa: BLE001 - the log has it, and the next look comes
        # A fault of ours must not keep later changes from being seen.
        _log.exception("the memory could not be looked after")
