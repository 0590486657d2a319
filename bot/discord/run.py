"""Starting and ending: connect, keep trying while Discord is away, leave cleanly."""

import asyncio
import json
import logging
import signal
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import discord

from bot.discord import metrics
from bot.discord.client import Bot
from bot.discord.commands import add_commands
from bot.discord.endpoint import Serving, telling
from bot.discord.memory import Memory
from bot.discord.service import ArchiveService
from bot.discord.shards import Shards
from bot.discord.upkeep import keep_up
from corpus.errors import UsageError
from index.encoding.crossencoder import CrossEncoder
from index.location import Location

_log = logging.getLogger("memcon.discord")

# What the invitation asks for: the commands, and to answer with cards, files and threads.
SCOPES = ("bot", "applications.commands")
PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    embed_links=True,
    attach_files=True,
    create_public_threads=True,
    send_messages_in_threads=True,
)

_LONGEST_WAIT = 60.0
# What a log record has of its own; everything else was given as a field.
_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How the bot is run.

    `store` is the SQLite file of its memory or a database's address, `metrics` the host and port
    where they are told, None nowhere; `shards` None lets Discord say how many, `reranker` None is
    without.
    """

    token: str
    store: Path | str
    sync: bool = False
    log_questions: bool = False
    shards: Shards | None = None
    metrics: tuple[str, int] | None = None
    reranker: CrossEncoder | None = None


class _JsonLines(logging.Formatter):
    """A log record as one line of JSON, for people with and without a log collector."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's time, level, source, message, fields and traceback."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "source": record.name,
            "event": record.getMessage(),
            **{key: value for key, value in vars(record).items() if key not in _RECORD},
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def serve(location: Location, options: ServeOptions) -> None:
    """Run the bot until it is told to end.

    Raises UsageError for a token that Discord refuses and for an address that cannot be had,
    ArchiveError for an archive without index, StoreUnusable for a store that cannot be opened.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # Threads that work hand the interpreter over after this long: at Python's 5 ms, an
    # acknowledgement waits for them several times over.
    sys.setswitchinterval(0.0005)
    # The bot has no voice: what voice would need is nobody's concern.
    discord.VoiceClient.warn_nacl = False
    discord.VoiceClient.warn_dave = False
    logging.getLogger("alembic").setLevel(logging.WARNING)
    service = ArchiveService(location, options.reranker)
    memory = _open_memory(service, options.store)
    try:
        asyncio.run(_serve(service, memory, options))
    finally:
        memory.close()
        service.close()


def sync_commands(location: Location, token: str, store: Path | str) -> int:
    """Give Discord the commands, without connecting, and return how many."""

    async def sync() -> int:
        bot = Bot(service, memory)
        add_commands(bot)
        try:
            await bot.login(token)
            return len(await bot.tree.sync())
        except discord.LoginFailure:
            raise _refused() from None
        finally:
            await bot.close()

    service = ArchiveService(location)
    memory = _open_memory(service, store)
    try:
        return asyncio.run(sync())
    finally:
        memory.close()
        service.close()


def _open_memory(service: ArchiveService, store: Path | str) -> Memory:
    try:
        if isinstance(store, Path):
            # An archive on Milvus has no folder before there is something to put into it.
            store.parent.mkdir(parents=True, exist_ok=True)
        memory = Memory(store)
    except BaseException:
        service.close()
        raise
    _log.info("store", extra={"store": memory.store.name})
    return memory


async def _serve(service: ArchiveService, memory: Memory, options: ServeOptions) -> None:
    serving = Serving(service, memory)
    async with telling(options.metrics, serving):
        keeping = asyncio.create_task(keep_up(memory))
        try:
            await _stay_connected(serving, options)
        finally:
            keeping.cancel()


async def _stay_connected(serving: Serving, options: ServeOptions) -> None:
    known = {"generation": serving.service.generation, "shards": str(options.shards or "all")}
    _log.info("starting", extra=known)
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.set)
    wait = 1.0
    while not ending.is_set():
        # A client that has been closed cannot connect again: each try has its own.
        bot = Bot(
            serving.service,
            serving.memory,
            shards=options.shards,
            log_questions=options.log_questions,
        )
        add_commands(bot)
        serving.bot = bot
        connected = asyncio.create_task(_connect(bot, options))
        told = asyncio.create_task(ending.wait())
        await asyncio.wait([connected, told], return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if ending.is_set():
            _log.info("ending")
            await bot.finish()
            await asyncio.wait([connected])
            # Its outcome no longer matters, but is not to be reported as forgotten.
            connected.exception()
            return
        try:
            connected.result()
        except discord.LoginFailure:
            raise _refused() from None
        except (discord.HTTPException, discord.GatewayNotFound, discord.ConnectionClosed) as error:
            _log.warning("Discord is away", extra={"reason": type(error).__name__, "wait_s": wait})
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            _log.warning("Discord is away", extra={"reason": type(error).__name__, "wait_s": wait})
        finally:
            serving.bot = None
            await bot.close()
        metrics.logins.inc()
        try:
            async with asyncio.timeout(wait):
                await ending.wait()
        except TimeoutError:
            wait = min(2 * wait, _LONGEST_WAIT)


async def _connect(bot: Bot, options: ServeOptions) -> None:
    await bot.login(options.token)
    if options.sync:
        _log.info("commands synced", extra={"commands": len(await bot.tree.sync())})
    await bot.connect(reconnect=True)


def _refused() -> UsageError:
    return UsageError(
        "Discord refuses the token; look it up in the Developer Portal under Bot, and set "
        "MEMCON_DISCORD_TOKEN to it."
    )
