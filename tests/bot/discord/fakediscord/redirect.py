"""Points discord.py at a fake Discord, and takes the sleeps out of its retries."""

import asyncio
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def redirected(url: str) -> Iterator[None]:
    """Point discord.py at the server for as long as the block runs."""
    http: Any = importlib.import_module("discord.http")
    gateway: Any = importlib.import_module("discord.gateway")
    yarl: Any = importlib.import_module("yarl")
    before = http.Route.BASE, gateway.DiscordWebSocket.DEFAULT_GATEWAY
    http.Route.BASE = f"{url}/api/v10"
    # A client without shards never asks /gateway/bot: it has the address built in.
    socket = url.replace("http://", "ws://", 1) + "/gateway"
    gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(socket)
    try:
        yield
    finally:
        http.Route.BASE, gateway.DiscordWebSocket.DEFAULT_GATEWAY = before


@contextmanager
def hasty() -> Iterator[None]:
    """Let discord.py repeat failed requests at once, without its sleeps of 1, 3, 5 s."""
    modules: list[Any] = [
        importlib.import_module(name) for name in ("discord.http", "discord.webhook.async_")
    ]

    async def sleep(_: float) -> None:
        await asyncio.sleep(0)

    class Hasty:
        """The asyncio module, but for its sleep."""

        def __getattr__(self, name: str) -> Any:
            return sleep if name == "sleep" else getattr(asyncio, name)

    for module in modules:
        module.asyncio = Hasty()
    try:
        yield
    finally:
        for module in modules:
            module.asyncio = asyncio
