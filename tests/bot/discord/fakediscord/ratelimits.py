"""Rate limit buckets, and the headers in which Discord reports them."""

import hashlib
from dataclasses import dataclass

from .clock import Clock


@dataclass
class Bucket:
    """How much of one window has been used."""

    opened: float
    used: int = 0


class RateLimits:
    """Counts requests by route and major parameter; refuses them only where told to."""

    def __init__(self, clock: Clock, *, enforced: bool) -> None:
        self._clock = clock
        self._enforced = enforced
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def count(self, route: str, major: str, limit: int, window: float) -> dict[str, str]:
        """Count a request, and return the headers of its answer."""
        now = self._clock.time()
        bucket = self._buckets.get((route, major))
        if bucket is None or now - bucket.opened >= window or not self._enforced:
            bucket = self._buckets[route, major] = Bucket(now)
        bucket.used += 1
        reset = bucket.opened + window
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - bucket.used)),
            "X-RateLimit-Reset": f"{reset:.3f}",
            "X-RateLimit-Reset-After": f"{max(0.001, reset - now):.3f}",
            "X-RateLimit-Bucket": hashlib.md5(route.encode(), usedforsecurity=False).hexdigest(),
        }

    def exceeded(self, route: str, major: str, limit: int) -> bool:
        """Return whether the request just counted was one too many."""
        return self._enforced and self._buckets[route, major].used > limit
