"""The REST side: reads requests, lets faults and limits act, calls the routes, writes answers."""

import asyncio
import json
import re
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from . import routes_account, routes_channels, routes_interactions
from .errors import ApiError, Json
from .faults import DROP, Fault
from .messages import Upload
from .openapi import Contract, Violation
from .ratelimits import RateLimits
from .routing import Answer, Call, Route, Routes
from .service import Service

PREFIX = re.compile(r"^/api/v\d+")
MAJOR = ("channel", "guild", "application", "token")
VIA = {"Via": "1.1 google"}


@dataclass(frozen=True)
class Request:
    """One request of the bot, and the status it was answered with (0 where it was cut off)."""

    method: str
    path: str
    body: Any
    at: float
    status: int
    files: tuple[Upload, ...] = ()


class Api:
    """The HTTP handler."""

    def __init__(self, service: Service, limits: RateLimits, contract: Contract | None) -> None:
        self.requests: list[Request] = []
        self.violations: list[Violation] = []
        # Mistakes of the fake itself.
        self.crashes: list[Exception] = []
        self._service = service
        self._limits = limits
        self._contract = contract
        self._routes = Routes(
            routes_account.ROUTES, routes_interactions.ROUTES, routes_channels.ROUTES
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        path = PREFIX.sub("", request.path)
        try:
            body, uploads = await _read(request)
            status, answer, headers = await self._answer(request, path, body, uploads)
        except _CutError as cut:
            self._note(request.method, path, cut.body, {}, 0)
            if request.transport is not None:
                request.transport.abort()
            # Nobody hears this: the transport is gone.
            return web.Response(status=500)
        except Exception as crash:
            self.crashes.append(crash)
            raise
        self._note(request.method, path, body, uploads, status)
        kept = {key: value for key, value in {**VIA, **headers}.items() if value}
        if answer is None:
            return web.Response(status=status, headers=kept)
        text = json.dumps(answer, ensure_ascii=False).encode()
        # discord.py reads JSON only where the content type names no charset.
        return web.Response(status=status, body=text, content_type="application/json", headers=kept)

    def _note(
        self, method: str, path: str, body: Any, uploads: dict[int, Upload], status: int
    ) -> None:
        now = self._service.clock.time()
        files = tuple(uploads.values())
        self.requests.append(Request(method, path, body, now, status, files))
        if status >= 400 or status == DROP:
            self._service.log.note(str(status) if status else "cut")

    async def _answer(
        self, request: web.Request, path: str, body: Any, uploads: dict[int, Upload]
    ) -> tuple[int, object, dict[str, str]]:
        faults, method = self._service.faults, request.method
        delay = faults.delay(method, path)
        if delay:
            await asyncio.sleep(delay)
        fault = faults.take(method, path, after=False)
        if fault is not None:
            return _fail(fault, body)
        headers: dict[str, str] = {}
        try:
            route, params = self._routes.find(method, path)
            self._authorize(route, request)
            headers = self._count(route, params)
            if self._contract is not None:
                self.violations += self._contract.check(method, path, body)
            call = Call(self._service, method, path, params, dict(request.query), body, uploads)
            answer = await route.handler(call)
        except ApiError as error:
            self._remember(error, path)
            answer = Answer(error.status, error.body())
            if isinstance(error, _TooManyError):
                headers = error.headers
        fault = faults.take(method, path, after=True)
        if fault is not None:
            return _fail(fault, body)
        return answer.status, answer.body, headers

    def _authorize(self, route: Route, request: web.Request) -> None:
        given = request.headers.get("Authorization")
        if route.authorized and given != f"Bot {self._service.token}":
            raise ApiError(401, 0, "401: Unauthorized")

    def _count(self, route: Route, params: dict[str, str]) -> dict[str, str]:
        if route.limit is None:
            return {}
        key = f"{route.method} {route.template}"
        major = "/".join(params[name] for name in MAJOR if name in params)
        headers = self._limits.count(key, major, route.limit, route.window)
        if self._limits.exceeded(key, major, route.limit):
            raise _TooManyError(headers)
        return headers

    def _remember(self, error: ApiError, path: str) -> None:
        for token, interaction in self._service.interactions.items():
            if token in path:
                interaction.refusals.append(error)
                interaction.changed()


class _TooManyError(ApiError):
    """The 429 of an enforced rate limit."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__(429, 0, "You are being rate limited.")
        self._wait = float(headers["X-RateLimit-Reset-After"])
        self.headers = {**headers, "Retry-After": "1", "X-RateLimit-Scope": "user"}

    def body(self) -> Json:
        """Return the JSON body."""
        return {"message": self.message, "retry_after": self._wait, "global": False}


class _CutError(Exception):
    """The connection is to be cut instead of answered."""

    def __init__(self, body: Any) -> None:
        super().__init__("cut")
        self.body = body


def _fail(fault: Fault, body: Any) -> tuple[int, object, dict[str, str]]:
    if fault.status == DROP:
        raise _CutError(body)
    return fault.status, fault.body, fault.headers


async def _read(request: web.Request) -> tuple[Any, dict[int, Upload]]:
    if not request.body_exists:
        return None, {}
    if not request.content_type.startswith("multipart/"):
        return _parse(await request.read()), {}
    body: Any = None
    uploads: dict[int, Upload] = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read(decode=True))
        number = re.fullmatch(r"files\[(\d+)\]", part.name or "")
        if part.name == "payload_json":
            body = _parse(content)
        elif number:
            kind = part.headers.get("Content-Type", "application/octet-stream")
            uploads[int(number[1])] = Upload(part.filename or "file", content, kind)
    return body, uploads


def _parse(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        # Taken up again by Call.form, which answers it as Discord does.
        return raw.decode(errors="replace")
