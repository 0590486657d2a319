"""Time and identifiers, as the fake Discord sees them."""

import time
from datetime import UTC, datetime

DISCORD_EPOCH_MS = 1_420_070_400_000


class Clock:
    """Real time plus whatever a test has skipped; a frozen clock only moves when told to."""

    def __init__(self, *, frozen: bool = False) -> None:
        self._skipped = 0.0
        self._frozen_at = time.time() if frozen else None
        # A wall clock may step back; durations must not.
        self._start = time.time() - time.monotonic()

    def time(self) -> float:
        """Return seconds since 1970."""
        if self._frozen_at is not None:
            return self._frozen_at + self._skipped
        return self._start + time.monotonic() + self._skipped

    def advance(self, seconds: float) -> None:
        """Skip ahead, as if that much time had passed."""
        self._skipped += seconds

    def iso(self) -> str:
        """Return the present moment as Discord writes it."""
        return datetime.fromtimestamp(self.time(), UTC).isoformat()


class Snowflakes:
    """Gives out identifiers that rise with time, as Discord's do."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> str:
        """Return a new identifier."""
        now = (int(self._clock.time() * 1000) - DISCORD_EPOCH_MS) << 22
        self._last = max(self._last + 1, now)
        return str(self._last)
