"""How the tests start a fake Discord, and a bot against it: in this process or in one of its own.

In this process:

    async with fake() as server, running(server, Bot()) as bot:
        answer = await (await server.slash("ask", {"question": "Rice?"})).response()

In a process of its own, given what would follow `python` on a command line:

    async with fake() as server, started(server, "-m", "bot", "serve", env={...}):
        ...
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import discord
import pytest

from bot.discord.pool import ArchivePool
from index.location import Location
from tests.bot.discord.fakediscord import FakeDiscord, redirected
from tests.support.archives import SHARED
from tests.support.postgres import Postgres, running_postgres

ROOT = Path(__file__).resolve().parents[3]
OPENAPI = SHARED / "samples" / "discord" / "openapi.json"

Client = TypeVar("Client", bound=discord.Client)


def fake(**options: Any) -> FakeDiscord:
    """Make a server that holds requests against Discord's own description where there is one."""
    return FakeDiscord(openapi=OPENAPI if OPENAPI.is_file() else None, **options)


@asynccontextmanager
async def running(
    server: FakeDiscord, client: Client, token: str | None = None, *, synced: bool = True
) -> AsyncIterator[Client]:
    """Run a client until the block is left, then check that it kept to Discord's description.

    It is started with the server's token unless given another. The block begins once the client
    is connected and, unless told otherwise, has synced its commands.
    """
    with redirected(server.url):
        up = asyncio.create_task(_up(server, synced=synced, timeout=10.0))
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
    """Run a command as `running` runs a client; it is terminated where it has not ended by itself.

    The command is `-m MODULE ARGUMENTS` or `SCRIPT ARGUMENTS`. What is given in `env` is added to
    this process's environment; other options are those of asyncio.create_subprocess_exec.
    """
    # A process has a Python to start, a model to load and an archive to open.
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
    assert not late, f"{command} did not end when it was told to"
    assert server.violations == []


async def _up(server: FakeDiscord, *, synced: bool, timeout: float) -> None:
    """Wait until one more bot has connected and synced."""
    identified, known = server.events.count("identify"), server.events.count("sync")
    await server.happened("identify", identified + 1, timeout)
    if synced:
        await server.happened("sync", known + 1, timeout)


async def _first(task: asyncio.Task[Any], up: asyncio.Task[None]) -> None:
    """Wait until a bot is up; one that cannot get there ends its task: no use in waiting longer."""
    await asyncio.wait({task, up}, return_when=asyncio.FIRST_COMPLETED)
    if up.done():
        up.result()
    else:
        up.cancel()
        task.result()


@pytest.fixture(scope="module")
def service(bundled_root: Path, cache: Path) -> Iterator[ArchivePool]:
    opened = ArchivePool(Location(bundled_root, cache))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as started_server:
        yield started_server
