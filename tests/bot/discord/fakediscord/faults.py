"""Failures that a test can switch on: rate limits, server errors, lost connections, latency."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .errors import Json

DROP = 0


@dataclass
class Fault:
    """What happens to the next requests of one kind."""

    method: str
    pattern: str
    status: int
    body: Json
    headers: dict[str, str]
    left: int
    after: bool
    hits: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Return whether this fault is meant for such a request."""
        return self.left > 0 and _matches(self.method, self.pattern, method, path)


@dataclass
class Latency:
    """Time added to the requests of one kind."""

    method: str
    pattern: str
    seconds: float

    def matches(self, method: str, path: str) -> bool:
        """Return whether such a request is to be slowed."""
        return _matches(self.method, self.pattern, method, path)


def _matches(wanted: str, pattern: str, method: str, path: str) -> bool:
    return wanted in ("*", method) and fnmatchcase(path, pattern)


class Faults:
    """The faults in force; patterns are globs over the path after /api/v10."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._latencies: list[Latency] = []
        self._random = random.Random(0)
        self._rate = 0.0
        self._statuses: Sequence[int] = ()
        # How many requests failed at random.
        self.random_hits = 0

    def rate_limit(
        self,
        method: str = "*",
        pattern: str = "*",
        *,
        retry_after: float = 0.05,
        times: int = 1,
        is_global: bool = False,
        via: bool = True,
    ) -> Fault:
        """Answer 429 to the next requests; without Via as Cloudflare's ban does."""
        body: Json = {
            "message": "You are being rate limited.",
            "retry_after": retry_after,
            "global": is_global,
        }
        headers = {"Retry-After": str(max(1, round(retry_after)))}
        if is_global:
            headers["X-RateLimit-Global"] = "true"
        else:
            headers["X-RateLimit-Scope"] = "user"
            headers["X-RateLimit-Remaining"] = "0"
            headers["X-RateLimit-Reset-After"] = str(retry_after)
        headers["Via"] = "1.1 google" if via else ""
        return self._add(Fault(method, pattern, 429, body, headers, times, after=False))

    def error(
        self,
        status: int,
        method: str = "*",
        pattern: str = "*",
        *,
        times: int = 1,
        after: bool = False,
        code: int = 0,
        message: str = "",
    ) -> Fault:
        """Answer an error to the next requests, before or after having processed them."""
        text = message or f"{status}: Internal Server Error"
        body: Json = {"message": text, "code": code}
        return self._add(Fault(method, pattern, status, body, {}, times, after))

    def drop(
        self, method: str = "*", pattern: str = "*", *, times: int = 1, after: bool = False
    ) -> Fault:
        """Cut the connection of the next requests, before or after having processed them."""
        return self._add(Fault(method, pattern, DROP, {}, {}, times, after))

    def latency(self, seconds: float, method: str = "*", pattern: str = "*") -> None:
        """Slow requests down before they are processed."""
        self._latencies.append(Latency(method, pattern, seconds))

    def flaky(self, rate: float, *, seed: int = 0, statuses: Sequence[int] = (500, 503)) -> None:
        """Fail a share of all requests, the same ones for the same seed."""
        self._rate, self._statuses = rate, statuses
        self._random = random.Random(seed)

    def clear(self) -> None:
        """Switch all faults off."""
        self._faults.clear()
        self._latencies.clear()
        self._rate = 0.0

    def delay(self, method: str, path: str) -> float:
        """Return the seconds by which this request is slowed."""
        return sum(one.seconds for one in self._latencies if one.matches(method, path))

    def take(self, method: str, path: str, *, after: bool) -> Fault | None:
        """Return the fault that befalls this request, and count it."""
        for fault in self._faults:
            if fault.after == after and fault.matches(method, path):
                fault.left -= 1
                fault.hits += 1
                return fault
        if not after and self._rate and self._random.random() < self._rate:
            self.random_hits += 1
            status = self._random.choice(self._statuses)
            body: Json = {"message": f"{status}: Internal Server Error", "code": 0}
            return Fault(method, "*", status, body, {}, 0, after=False)
        return None

    def _add(self, fault: Fault) -> Fault:
        self._faults.append(fault)
        return fault


def as_regex(template: str) -> re.Pattern[str]:
    """Compile a path with {names} in it."""
    return re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + "$")
