"""A log of what has happened, on which a test can wait."""

import asyncio

from .interactions import PATIENCE, NoAnswerError


class EventLog:
    """The names of events in the order in which they happened."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self._changed = asyncio.Event()

    def note(self, event: str) -> None:
        """Write an event down, and wake whoever waits for it."""
        self.events.append(event)
        self._changed.set()
        self._changed = asyncio.Event()

    def count(self, event: str) -> int:
        """Return how often an event has happened."""
        return self.events.count(event)

    async def happened(self, event: str, times: int = 1, timeout: float = PATIENCE) -> None:
        """Wait until an event has happened so many times in all."""

        async def until() -> None:
            while self.count(event) < times:
                await self._changed.wait()

        try:
            await asyncio.wait_for(until(), timeout)
        except TimeoutError:
            text = f"no {event!r} x{times} within {timeout} s: {self.events}"
            raise NoAnswerError(text) from None
