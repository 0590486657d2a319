"""Run the bot: connect, retry while Discord is away, shut down cleanly."""

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
from bot.discord.client import Bot, make_tree
from bot.discord.commands import add_commands, register
from bot.discord.endpoint import Serving, endpoint
from bot.discord.memory import Memory
from bot.discord.pool import ArchivePool
from bot.discord.shards import Shards
from bot.discord.translations import Japanese
from bot.discord.upkeep import keep_up
from corpus.errors import UsageError
from index.answering.verdict import Level
from index.encoding.crossencoder import CrossEncoder
from index.location import Location

_log = logging.getLogger("memcon.discord")

# The invitation's scopes and permissions: commands, and replies with cards, files and threads.
SCOPES = ("bot", "applications.commands")
PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    embed_links=True,
    attach_files=True,
    create_public_threads=True,
    send_messages_in_threads=True,
    read_message_history=True,
)

_LONGEST_WAIT = 60.0
# A log record's own attributes; any other was given as a field.
_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How the bot runs.

    `store` is the SQLite file or the address of its database, `level` how sure answers must be.
    `shards` None uses the number that Discord recommends; `owners` are the ids of users who may
    rebuild the archive, besides the application's owners; `metrics` is the host and port of the
    HTTP endpoint, None for no endpoint.
    """

    token: str
    store: Path | str
    level: Level = Level.BALANCED
    sync: bool = False
    log_questions: bool = False
    shards: Shards | None = None
    metrics: tuple[str, int] | None = None
    reranker: CrossEncoder | None = None
    owners: frozenset[int] = frozenset()


class _JsonLines(logging.Formatter):
    """Formats a log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the record's time, level, source, message, fields and traceback."""
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
    """Run the bot until SIGINT or SIGTERM.

    Raises UsageError for a token that Discord refuses and an address that cannot be bound,
    ArchiveError without a complete index, DatabaseUnusable if the database cannot be opened.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # The interval at which a working thread yields: at Python's 5 ms, an acknowledgement would wait
    # for several.
    sys.setswitchinterval(0.0005)
    # The bot has no voice, and needs no warning about missing voice libraries.
    discord.VoiceClient.warn_nacl = False
    discord.VoiceClient.warn_dave = False
    logging.getLogger("alembic").setLevel(logging.WARNING)
    pool = ArchivePool(location, options.reranker)
    try:
        memory = _open_memory(options.store)
        try:
            asyncio.run(_serve(pool, memory, options))
        finally:
            memory.close()
    finally:
        pool.close()


def sync_commands(token: str) -> int:
    """Register the commands with Discord, without connecting, and return their number.

    Raises UsageError for a token that Discord refuses.
    """

    async def sync() -> int:
        async with discord.Client(intents=discord.Intents.none()) as client:
            tree = make_tree(client)
            register(tree)
            try:
                await client.login(token)
            except discord.LoginFailure:
                raise _refused() from None
            await tree.set_translator(Japanese())
            return len(await tree.sync())

    return asyncio.run(sync())


def _open_memory(store: Path | str) -> Memory:
    if isinstance(store, Path):
        # An archive on Milvus may have no folder yet.
        store.parent.mkdir(parents=True, exist_ok=True)
    memory = Memory(store)
    _log.info("store", extra={"store": memory.database.name})
    return memory


async def _serve(pool: ArchivePool, memory: Memory, options: ServeOptions) -> None:
    serving = Serving(pool, memory)
    async with endpoint(options.metrics, serving):
        keeping = asyncio.create_task(keep_up(memory, pool.root))
        try:
            await _stay_connected(serving, options)
        finally:
            keeping.cancel()


async def _stay_connected(serving: Serving, options: ServeOptions) -> None:
    known = {"generation": serving.pool.generation, "shards": str(options.shards or "all")}
    _log.info("starting", extra=known)
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.set)
    wait = 1.0
    unsynced = asyncio.Event()
    if options.sync:
        unsynced.set()
    while not ending.is_set():
        # A closed client cannot connect again: each try has its own.
        bot = Bot(
            serving.pool,
            serving.memory,
            level=options.level,
            shards=options.shards,
            log_questions=options.log_questions,
            owners=options.owners,
        )
        add_commands(bot)
        serving.bot = bot
        connected = asyncio.create_task(_connect(bot, options.token, unsynced))
        stopped = asyncio.create_task(ending.wait())
        await asyncio.wait([connected, stopped], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if ending.is_set():
            _log.info("ending")
            await bot.finish()
            await asyncio.wait([connected])
            # Its outcome no longer matters; asyncio warns about exceptions that nobody reads.
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


async def _connect(bot: Bot, token: str, unsynced: asyncio.Event) -> None:
    """Connect, and register the commands unless an earlier connection has."""
    await bot.login(token)
    if unsynced.is_set():
        _log.info("commands synced", extra={"commands": len(await bot.tree.sync())})
        unsynced.clear()
    await bot.connect(reconnect=True)


def _refused() -> UsageError:
    return UsageError(
        "Discord refuses the token; look it up in the Developer Portal under Bot, and set "
        "MEMCON_DISCORD_TOKEN to it."
    )
