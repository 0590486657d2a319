"""Metrics and health of a process, read over HTTP."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from bot.discord import pool as pool_module
from bot.discord.client import Bot
from bot.discord.endpoint import Live, Serving, endpoint, parse_address
from bot.discord.pool import ArchivePool
from corpus.errors import UsageError
from tests.bot.discord.fakediscord import FakeDiscord
from tests.bot.discord.real_bot import QUESTION, ask, on_line
from tests.support.archives import Run
from tests.support.discord import fake, started

Samples = dict[tuple[str, ...], float]


async def get(port: int, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        return response.status, await response.text()


async def scrape(port: int) -> Samples:
    """Return each sample by its name and the values of its labels, in the order of their names."""
    status, text = await get(port, "/metrics")
    assert status == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@asynccontextmanager
async def told(service: ArchivePool, folder: Path) -> AsyncIterator[tuple[FakeDiscord, Bot, int]]:
    async with on_line(service, folder) as (server, bot):
        serving = Serving(service, bot.memory, bot)
        async with endpoint(("127.0.0.1", 0), serving) as port:
            assert port is not None
            yield server, bot, port


async def test_what_is_asked_is_counted_and_timed(service: ArchivePool, tmp_path: Path) -> None:
    async with told(service, tmp_path) as (server, bot, port):
        before = await scrape(port)
        message = await ask(server)
        await ask(server, "Who won the 1993 World Series?")
        await (await server.click(message, label="Cite")).response()
        await (await server.slash("verify", {"quotation": "Zebras ate violet harps."})).response()
        await (await server.slash("read", {"document": "nowhere"})).response()
        await bot._idle.wait()
        now = await scrape(port)

        def more(*key: str) -> float:
            return now[key] - before.get(key, 0.0)

        assert more("memcon_questions_total", "ask") == 2
        assert more("memcon_questions_total", "button cite_all") == 1
        assert more("memcon_questions_total", "verify") == 1
        assert more("memcon_verdicts_total", "ask", "answered") == 1
        assert more("memcon_verdicts_total", "ask", "not_found") == 1
        assert more("memcon_verdicts_total", "verify", "not_found") == 1
        assert more("memcon_errors_total", "UnknownDocument") == 1
        assert more("memcon_reply_seconds_count", "ask") == 2
        assert more("memcon_reply_seconds_count", "read") == 1
        assert more("memcon_reply_seconds_count", "button cite_all") == 1
        for stage in ("query", "search", "quotations", "verdict"):
            # The citation needs no answer.
            assert more("memcon_stage_seconds_count", stage) == 2, stage
        for stage, least in {"queue": 5, "rendering": 2, "store": 3}.items():
            assert more("memcon_stage_seconds_count", stage) >= least, stage
        # A quick reply is the acknowledgement itself; a slow one is counted as a response too.
        assert more("memcon_stage_seconds_count", "acknowledgement") == 5
        assert more("memcon_stage_seconds_sum", "search") > 0
        assert now["memcon_queue_length",] == 0
        assert now["memcon_index_documents",] == 41
        assert now["memcon_servers",] == 1
        assert now["memcon_store_up",] == 1
        manifest = service.manifest
        known = (manifest.built, manifest.encoder_name, manifest.generation)
        assert [name for name in now if name[0] == "memcon_index_info"] == [
            ("memcon_index_info", *known)
        ]
        assert now["memcon_gateway_connected", "0"] == 1


async def test_no_label_holds_a_question_or_an_id(service: ArchivePool, tmp_path: Path) -> None:
    async with told(service, tmp_path) as (server, bot, port):
        message = await ask(server)
        await server.click(message, label="Read")
        await ask(server, "Zebra?", user=server.add_user("reader"))
        await bot._idle.wait()
        _, text = await get(port, "/metrics")
    assert "Zebra" not in text
    assert QUESTION not in text
    ids = {server.guild.id, server.channel.id, server.user.id, message.id}
    labels = re.findall(r'="([^"]*)"', text)
    assert labels
    assert not ids & set(labels)
    # No id of Discord's is shorter.
    assert not [label for label in labels if re.fullmatch(r"\d{15,}", label)]


async def test_a_refusal_is_counted(
    service: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "_QUEUE", 0)
    async with told(service, tmp_path) as (server, _, port):
        before = (await scrape(port))["memcon_busy_refusals_total",]
        await ask(server)
        now = await scrape(port)
        assert now["memcon_busy_refusals_total",] == before + 1
        assert now["memcon_errors_total", "Busy"] >= 1


async def test_readiness_follows_the_gateway(service: ArchivePool, tmp_path: Path) -> None:
    async with told(service, tmp_path) as (server, bot, port):
        assert await get(port, "/readyz") == (200, "ready\n")
        before = await scrape(port)
        server.faults.error(500, "GET", "/gateway*", times=1000)
        await bot.on_shard_disconnect(0)
        assert await get(port, "/readyz") == (503, "gateway: not connected: shard 0\n")
        assert (await get(port, "/healthz"))[0] == 200
        server.faults.clear()
        server.gateway.drop()
        await server.happened("resume")
        async with asyncio.timeout(60):
            while (await get(port, "/readyz"))[0] != 200:
                pass
        now = await scrape(port)
        resumed = ("memcon_gateway_reconnects_total", "resumed", "0")
        assert now[resumed] == before.get(resumed, 0) + 1
        assert now["memcon_gateway_disconnects_total", "0"] >= 2
        bot.is_ending = True
        assert await get(port, "/readyz") == (503, "ending\n")


async def test_before_the_gateway_is_reached_it_lives_and_is_not_ready(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with told(service, tmp_path) as (_, bot, _):
        serving = Serving(service, bot.memory)
        async with endpoint(("127.0.0.1", 0), serving) as port:
            assert port is not None
            assert await get(port, "/readyz") == (503, "gateway: not connected\n")
            assert await get(port, "/healthz") == (200, "alive\n")
            assert ("memcon_gateway_connected", "0") not in await scrape(port)
            assert (await get(port, "/"))[0] == 404


async def test_a_slow_scrape_holds_nothing_up(
    service: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, begun = threading.Event(), threading.Event()

    def collect(_: object) -> Iterable[Metric]:
        begun.set()
        released.wait()
        return []

    async with told(service, tmp_path) as (server, _, port):
        monkeypatch.setattr(Live, "collect", collect)
        slow = asyncio.create_task(get(port, "/metrics"))
        await asyncio.to_thread(begun.wait)
        assert (await get(port, "/healthz"))[0] == 200
        assert (await ask(server)).v2
        assert not slow.done()
        released.set()
        assert (await slow)[0] == 200


async def test_a_port_that_is_taken_is_said_to_be(service: ArchivePool, tmp_path: Path) -> None:
    async with told(service, tmp_path) as (_, bot, port):
        serving = Serving(service, bot.memory, bot)
        with pytest.raises(UsageError, match=f"127.0.0.1:{port}: address already in use"):
            async with endpoint(("127.0.0.1", port), serving):
                pass
        with pytest.raises(UsageError, match=r"cannot be served at nowhere\.invalid:9400"):
            async with endpoint(("nowhere.invalid", 9400), serving):
                pass


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("127.0.0.1:9400", ("127.0.0.1", 9400)),
        ("[::1]:9400", ("::1", 9400)),
        ("localhost:0", ("localhost", 0)),
    ],
)
def test_an_address_is_a_host_and_a_port(words: str, address: tuple[str, int]) -> None:
    assert parse_address(words) == address


@pytest.mark.parametrize("words", ["", "9400", ":9400", "host:", "host:x", "host:70000", 9400])
def test_what_is_no_address_is_refused(words: object) -> None:
    with pytest.raises(UsageError, match="no address for metrics"):
        parse_address(words)


async def test_a_process_tells_of_itself_and_another_cannot_have_its_port(
    bundled_root: Path, cache: Path, memcon_process: Run, tmp_path: Path
) -> None:
    async with fake() as server:
        environment = {
            "MEMCON_DISCORD_TOKEN": server.token,
            "MEMCON_ARCHIVE": str(bundled_root),
            "MEMCON_CACHE": str(cache.parent),
            "MEMCON_STORE": f"sqlite:///{tmp_path / 'shared.sqlite'}",
        }
        log = tmp_path / "log"
        with log.open("wb") as sink:
            async with started(
                server,
                *("-m", "bot", "serve", "--sync", "--metrics", "127.0.0.1:0", "--shards", "1"),
                env=environment,
                stderr=sink,
            ):
                await ask(server)
                found = re.search(r'"address": "127.0.0.1:(\d+)"', log.read_text())
                assert found is not None
                port = int(found[1])
                known = await scrape(port)
                assert known["memcon_questions_total", "ask"] == 1
                assert known["memcon_verdicts_total", "ask", "answered"] == 1
                assert known["memcon_shards_info", "1", "0"] == 1
                assert known["process_resident_memory_bytes",] > 0
                second = await asyncio.to_thread(
                    memcon_process, "serve", "--metrics", f"127.0.0.1:{port}", env=environment
                )
                assert second.returncode == 2
                assert "address already in use" in second.stderr
                assert "Traceback" not in second.stderr
    assert (tmp_path / "shared.sqlite").exists()


def test_what_is_wrong_on_the_command_line_is_said_before_anything_is_opened(memcon: Run) -> None:
    for words, told in (
        (("--shards", "4/4"), "names shards that do not exist"),
        (("--metrics", "9400"), "no address for metrics"),
    ):
        done = memcon("serve", *words, env={"MEMCON_DISCORD_TOKEN": "x"})
        assert done.returncode == 2
        assert told in done.stderr
