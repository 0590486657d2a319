"""Routes: a call as a handler sees it, and the table that finds the handler."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from .errors import ApiError, Json, unknown
from .faults import as_regex
from .interactions import Interaction
from .messages import Upload
from .service import Service


@dataclass(frozen=True)
class Call:
    """One request, after its body has been read."""

    service: Service
    method: str
    path: str
    params: dict[str, str]
    query: dict[str, str]
    body: Any
    uploads: dict[int, Upload]

    @property
    def form(self) -> Json:
        """The body as an object."""
        if not isinstance(self.body, dict):
            raise ApiError(400, 50109, "The request body contains invalid JSON.")
        return self.body

    def interaction(self) -> Interaction:
        """Return the interaction whose token stands in the path."""
        found = self.service.interaction(self.params["token"])
        if found is None:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return found


@dataclass(frozen=True)
class Answer:
    """What a handler answers: a status, and JSON or nothing."""

    status: int = 200
    body: object = None


Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True)
class Route:
    """One operation, who may call it, and how often."""

    method: str
    template: str
    handler: Handler
    authorized: bool = True
    # Requests in a window of seconds; no limit means no rate limit headers.
    limit: int | None = 5
    window: float = 5.0


class Routes:
    """All operations."""

    def __init__(self, *tables: list[Route]) -> None:
        every = [route for table in tables for route in table]
        # Templates without a parameter come first: @original before {message}.
        every.sort(key=lambda route: route.template.count("{"))
        self._routes = [(as_regex(route.template), route) for route in every]

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Return the route of a request and its parameters."""
        known = False
        for pattern, route in self._routes:
            match = pattern.match(path)
            if match and route.method == method:
                return route, match.groupdict()
            known = known or match is not None
        if known:
            raise ApiError(405, 0, "405: Method Not Allowed")
        raise ApiError(404, 0, "404: Not Found")


def own_application(call: Call) -> None:
    """Raise where a path names another application than the bot's."""
    if call.params["application"] != call.service.world.application_id:
        raise unknown("Application", 10002)
