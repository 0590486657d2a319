"""Starts a fake Discord and a bot against it, in this process or in one of its own.

In this process:

    async with fake() as server, running(server, Bot()) as bot:
        answer = await (await server.slash("ask", {"question": "Rice?"})).response()

In a process of its own, with the arguments that would follow `python`:

    async with fake() as server, started(server, "-m", "bot", "serve", env={...}):
        ...
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import discord

from tests.bot.discord.fakediscord import FakeDiscord, redirected
from tests.support.paths import ROOT, SHARED

OPENAPI = SHARED / "samples" / "discord" / "openapi.json"

Client = TypeVar("Client", bound=discord.Client)


def fake(**options: Any) -> FakeDiscord:
    """Return a server that checks requests against Discord's OpenAPI description, if it is here."""
    return FakeDiscord(openapi=OPENAPI if OPENAPI.is_file() else None, **options)


@asynccontextmanager
async def running(
    server: FakeDiscord, client: Client, token: str | None = None, *, synced: bool = True
) -> AsyncIterator[Client]:
    """Run a client for the length of the block, then check that every request was valid.

    The client gets the server's token unless another is given. The block begins once the client
    has connected and, if `synced`, has synced its commands.
    """
    with redirected(server.url):
        up = asyncio.create_task(_up(server, synced=synced, timeout=60.0))
        task = asyncio.create_task(client.start(token or server.token))
        try:
            await _first(task, up)
            yield client
        finally:
            await client.close()
            with suppress(asyncio.CancelledError, discord.ConnectionClosed):
                await task
    assert server.violations == []


@asynccontextmanager
async def started(
    server: FakeDiscord,
    *command: str,
    env: Mapping[str, str] | None = None,
    synced: bool = True,
    **options: Any,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a command as `running` runs a client; terminate it at the end if it still runs.

    The command is `-m MODULE ARGUMENTS` or `SCRIPT ARGUMENTS`. `env` is added to this process's
    environment; other options go to asyncio.create_subprocess_exec.
    """
    # The process starts Python, loads a model and opens an archive first.
    up = asyncio.create_task(_up(server, synced=synced, timeout=60.0))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.bot.discord.fakediscord", server.url, *command),
        **{"cwd": ROOT, "env": {**os.environ, **(env or {})}, **options},
    )
    ended = asyncio.create_task(process.wait())
    try:
        await _first(ended, up)
        assert not ended.done(), f"{command} ended with {process.returncode}"
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        _, late = await asyncio.wait({ended}, timeout=20.0)
        if late:
            process.kill()
            await ended
    assert not late, f"{command} did not end when terminated"
    assert server.violations == []


async def _up(server: FakeDiscord, *, synced: bool, timeout: float) -> None:
    """Wait until one more bot has connected and synced."""
    identified, known = server.events.count("identify"), server.events.count("sync")
    await server.happened("identify", identified + 1, timeout)
    if synced:
        await server.happened("sync", known + 1, timeout)


async def _first(task: asyncio.Task[Any], up: asyncio.Task[None]) -> None:
    """Wait until a bot is up; raise its error if its task ends before."""
    await asyncio.wait({task, up}, return_when=asyncio.FIRST_COMPLETED)
    if up.done():
        up.result()
    else:
        up.cancel()
        task.result()
