"""A bot that speaks Discord's protocol by hand, and short forms of what it sends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.bot.discord.fakediscord import FakeDiscord
from tests.support.discord import fake

Json = dict[str, Any]
ASK: Json = {"name": "ask", "description": "Ask", "integration_types": [0, 1]}


class Raw:
    """A bot that speaks the protocol by hand."""

    def __init__(self, server: FakeDiscord, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.session = session

    async def call(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        headers = {"Authorization": f"Bot {self.server.token}"}
        address = f"{self.server.url}/api/v10{path}"
        async with self.session.request(
            method, address, json=body, headers=headers, **more
        ) as response:
            self.status, self.headers = response.status, response.headers
            return await response.json() if response.status != 204 else None

    async def identify(self, **more: Any) -> aiohttp.ClientWebSocketResponse:
        socket = await self.session.ws_connect(f"{self.server.url}/gateway?v=10&encoding=json")
        assert (await socket.receive_json())["op"] == 10
        data = {"token": self.server.token, "intents": 1, "properties": {}, **more}
        await socket.send_json({"op": 2, "d": data})
        return socket

    async def commands(self, *bodies: Json) -> Any:
        application = (await self.call("GET", "/users/@me"))["id"]
        return await self.call("PUT", f"/applications/{application}/commands", list(bodies))


@asynccontextmanager
async def raw(**options: Any) -> AsyncIterator[Raw]:
    """Start a server and a bot by hand, with one command synced."""
    async with fake(**options) as server, aiohttp.ClientSession() as session:
        bot = Raw(server, session)
        socket = await bot.identify()
        await bot.commands(ASK)
        yield bot
        await socket.close()


def row(*children: Json) -> Json:
    return {"type": 1, "components": list(children)}


def button(number: int = 0, **more: Any) -> Json:
    return {"type": 2, "style": 1, "label": "a", "custom_id": f"b{number}", **more}


def select(count: int, **more: Any) -> Json:
    options = [{"label": "a", "value": str(number)} for number in range(count)]
    return {"type": 3, "custom_id": "s", "options": options, **more}


def link(url: str) -> Json:
    return row({"type": 2, "style": 5, "label": "a", "url": url})


def text(size: int = 1) -> Json:
    return {"type": 10, "content": "x" * size}


V2 = 1 << 15


def error_at(answer: Json, path: str) -> Json:
    """Return the first error at a path of a form error."""
    assert answer["code"] == 50035
    assert answer["message"] == "Invalid Form Body"
    node = answer["errors"]
    for key in path.split("."):
        node = node[key]
    found: Json = node["_errors"][0]
    return found
