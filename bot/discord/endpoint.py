"""The process's HTTP endpoint: metrics for Prometheus, liveness, readiness."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from aiohttp import web
from prometheus_client import CollectorRegistry, exposition
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.discord.client import Bot
from bot.discord.memory import Memory
from bot.discord.metrics import REGISTRY
from bot.discord.pool import ArchivePool
from corpus.errors import UsageError

_log = logging.getLogger("memcon.discord")


@dataclass
class Serving:
    """The parts of a running bot; each new connection to Discord has its own client."""

    pool: ArchivePool
    memory: Memory
    bot: Bot | None = None

    def unready(self) -> list[str]:
        """Return the reasons why questions cannot be answered now."""
        reasons = []
        if not self.pool.is_open:
            reasons.append("archive: closed")
        if self.bot is None:
            reasons.append("gateway: not connected")
        elif self.bot.is_ending:
            reasons.append("ending")
        elif away := [shard for shard, up in self.bot.connections().items() if not up]:
            which = ", ".join(map(str, away))
            reasons.append(f"gateway: not connected: shard {which}")
        elif not self.bot.connections():
            reasons.append("gateway: not connected")
        return reasons


class Live(Collector):
    """The metrics that are measured when they are read."""

    def __init__(self, serving: Serving) -> None:
        """Measure `serving`."""
        self._serving = serving

    def collect(self) -> Iterable[Metric]:
        """Yield the state of archive, database and gateway."""
        serving = self._serving
        yield InfoMetricFamily("memcon", "This memcon.", {"version": _version()})
        yield from _archive(serving.pool)
        yield _gauge(
            "memcon_store_up", "Whether the store answers.", serving.memory.database.lost is None
        )
        yield _gauge(
            "memcon_store_waiting_receipts",
            "Cards that wait for the store.",
            serving.memory.unwritten,
        )
        if serving.bot is not None:
            yield from _gateway(serving.bot)


def _archive(pool: ArchivePool) -> Iterable[Metric]:
    manifest = pool.manifest
    yield InfoMetricFamily(
        "memcon_index",
        "The generation of the index that answers.",
        {
            "generation": manifest.generation,
            "built": manifest.built,
            "encoder": manifest.encoder_name,
        },
    )
    yield _gauge("memcon_index_documents", "Documents in it.", manifest.documents)
    yield _gauge("memcon_index_passages", "Passages in it.", manifest.passages)
    yield _gauge("memcon_queue_length", "Questions that wait or are answered.", pool.waiting)
    yield _gauge("memcon_rebuilding", "Whether the index is rebuilt.", pool.is_rebuilding)


def _gateway(bot: Bot) -> Iterable[Metric]:
    yield _gauge("memcon_replies_under_way", "Replies under way.", bot.busy)
    yield _gauge("memcon_servers", "Servers that this process answers in.", len(bot.guilds))
    if bot.chosen is not None:
        chosen = {"shards": str(bot.chosen).split("/")[0], "count": str(bot.chosen.count)}
        yield InfoMetricFamily("memcon_shards", "The shards of this process.", chosen)
    connected = GaugeMetricFamily(
        "memcon_gateway_connected", "Whether a shard is connected.", labels=["shard"]
    )
    latency = GaugeMetricFamily(
        "memcon_gateway_latency_seconds",
        "From a heartbeat to its acknowledgement, the last time.",
        labels=["shard"],
    )
    for shard, up in bot.connections().items():
        connected.add_metric([str(shard)], up)
        known = bot.get_shard(shard)
        if known is not None and up:
            latency.add_metric([str(shard)], known.latency)
    yield connected
    yield latency


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _version() -> str:
    try:
        return version("memcon")
    except PackageNotFoundError:
        return "not installed"


def parse_address(words: object) -> tuple[str, int]:
    """Parse "127.0.0.1:9400" or "[::1]:9400" into host and port; raises UsageError."""
    host, colon, port = str(words).strip().rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) < 65_536):
        raise UsageError(f"{words!r} is no address for metrics; one is 127.0.0.1:9400.")
    return host, int(port)


@asynccontextmanager
async def endpoint(address: tuple[str, int] | None, serving: Serving) -> AsyncIterator[int | None]:
    """Serve an address while the block runs, and yield the port; None serves nothing.

    Raises UsageError if the address cannot be bound.
    """
    if address is None:
        yield None
        return
    runner = web.AppRunner(_make_app(serving), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        host, port = address
        try:
            # Processes must not share the port: each would serve half of the metrics.
            await web.TCPSite(runner, host, port, reuse_port=False).start()
        except OSError as error:
            # asyncio's message repeats the address; an unknown host name has no error number.
            known = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
            reason = (known or str(error)).lower()
            raise UsageError(
                f"Metrics cannot be served at {host}:{port}: {reason}. "
                "Each process needs a port of its own (--metrics, or metrics under [discord])."
            ) from None
        bound: int = runner.addresses[0][1]
        _log.info("metrics", extra={"address": f"{host}:{bound}"})
        yield bound
    finally:
        await runner.cleanup()


def _make_app(serving: Serving) -> web.Application:
    everything = CollectorRegistry()
    everything.register(Live(serving))
    everything.register(REGISTRY)

    async def metrics(request: web.Request) -> web.Response:
        encode, content_type = exposition.choose_encoder(request.headers.get("Accept", ""))
        # In a thread: the event loop has heartbeats to send.
        body = await asyncio.to_thread(encode, everything)
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def readyz(_: web.Request) -> web.Response:
        reasons = serving.unready()
        if reasons:
            return web.Response(status=503, text="".join(f"{reason}\n" for reason in reasons))
        lost = serving.memory.database.lost
        return web.Response(text="ready\n" + (f"store: away: {lost}\n" if lost else ""))

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    return app
