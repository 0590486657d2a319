"""A store that goes away and comes back: questions go on, the rest says what is wrong."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import discord
import pytest

from bot.discord import database as database_module
from bot.discord import upkeep
from bot.discord.database import DatabaseAway
from bot.discord.memory import Memory, ServerSettings
from bot.discord.pool import ArchivePool
from bot.discord.upkeep import keep_up
from index.retrieval.filters import Filters
from index.understanding.conversation.exchange import Exchange
from index.understanding.conversation.rewriting import RewrittenQuestion
from tests.bot.discord.real_bot import QUESTION, ask, on_line, text_of
from tests.support.postgres import Line, Postgres

PRIVATE = ServerSettings(private=True)


@pytest.fixture
def line(postgres: Postgres) -> Iterator[Line]:
    made = Line(postgres.port)
    yield made
    made.cut()


@pytest.fixture
def address(postgres: Postgres, line: Line) -> str:
    return postgres.address(postgres.create_database(), line.port)


@pytest.fixture
def memory(address: str) -> Iterator[Memory]:
    opened = Memory(address)
    yield opened
    opened.close()


def keep(memory: Memory) -> str:
    asked = RewrittenQuestion("Who?", "Who?")
    return memory.keep_card("ask", 5, asked, Filters(), "000001").card_id


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread brings about, which has no event for it."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def test_what_is_known_goes_on_and_the_rest_says_what_is_wrong(
    memory: Memory, line: Line, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    memory.change_settings(1, lambda _: PRIVATE)
    before = keep(memory)
    line.cut()
    memory.refresh()
    reason = memory.database.lost
    assert reason
    assert memory.settings(1) == PRIVATE
    meanwhile = keep(memory)
    assert memory.unwritten == 1
    assert memory.card(meanwhile)
    with pytest.raises(DatabaseAway, match="please try the rest again"):
        memory.card(before)
    with pytest.raises(DatabaseAway):
        memory.change_settings(1, lambda _: ServerSettings())
    with pytest.raises(DatabaseAway):
        memory.exchanges(1, 2, 5)
    with pytest.raises(DatabaseAway):
        memory.keep_exchange(1, 2, Exchange("Who?"), 5)
    memory.refresh()
    line.mend()
    memory.refresh()
    assert memory.database.lost is None
    assert memory.unwritten == 0
    assert memory.card(before)
    other = Memory(address)
    assert other.card(meanwhile)
    other.close()
    told = [record.getMessage() for record in caplog.records if "store" in record.getMessage()]
    assert told == ["the store is away", "the store is back"]
    assert [vars(one)["reason"] for one in caplog.records if "reason" in vars(one)] == [reason]
    assert "Who?" not in caplog.text + reason


def test_a_connection_that_the_server_ended_is_replaced(
    memory: Memory, postgres: Postgres, address: str
) -> None:
    receipt = keep(memory)
    with postgres.connect() as other:
        ended = other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            (address.rsplit("/", 1)[1],),
        )
        assert ended.fetchall()
    assert memory.card(receipt)
    assert memory.database.lost is None


def test_a_call_that_hears_nothing_is_ended(memory: Memory, line: Line) -> None:
    receipt = keep(memory)
    line.hold()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(memory.card, receipt)
        while not memory.database._under_way:
            time.sleep(0.01)
        assert not waiting.done()
        memory.database.sever(60)
        assert not waiting.done()
        while not waiting.done():
            memory.database.sever(0)
            time.sleep(0.05)
        with pytest.raises(DatabaseAway):
            waiting.result()
    # The next does not wait.
    with pytest.raises(DatabaseAway):
        memory.card(receipt)
    line.mend()
    memory.refresh()
    assert memory.card(receipt)


def test_a_lock_is_not_waited_for_without_end(
    postgres: Postgres, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "CALL", 0.5)
    memory = Memory(address)
    with postgres.connect(address.rsplit("/", 1)[1]) as other, other.transaction():
        other.execute("LOCK TABLE conversations")
        with pytest.raises(DatabaseAway):
            memory.exchanges(1, 2, 3)
        assert "statement timeout" in str(memory.database.lost)
    memory.refresh()
    assert memory.exchanges(1, 2, 3) == []
    memory.close()


def test_receipts_that_wait_are_not_more_than_fit(
    memory: Memory, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.discord.memory._UNWRITTEN", 2)
    line.cut()
    kept = [keep(memory) for _ in range(3)]
    assert memory.unwritten == 2
    assert memory.card(kept[2])
    with pytest.raises(DatabaseAway):
        memory.card(kept[0])
    line.mend()


def test_what_waits_is_written_at_the_end(address: str, line: Line) -> None:
    memory = Memory(address)
    line.cut()
    receipt = keep(memory)
    line.mend()
    memory.close()
    again = Memory(address)
    assert again.card(receipt)
    again.close()


async def test_the_bot_goes_on_answering(
    service: ArchivePool,
    tmp_path: Path,
    address: str,
    line: Line,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(upkeep, "REFRESH", 0.05)
    async with on_line(service, tmp_path, store=address) as (server, bot):
        keeping = asyncio.create_task(keep_up(bot.memory, bot.pool.root))
        manager = server.add_user("manager", permissions=discord.Permissions.all().value)
        opened = await server.slash("ask", {"question": QUESTION, "thread": True})
        await opened.response()
        await server.happened("THREAD_CREATE")
        thread = server.threads(server.channel)[0]
        panel = await (await server.slash("manage settings", {}, user=manager)).response()
        chosen = await server.select(panel, "memcon:manage:privacy", "private", user=manager)
        await chosen.response()
        old = await ask(server)
        await bot._idle.wait()

        line.cut()
        await until(lambda: bot.memory.database.lost is not None)
        answered = await ask(server)
        assert answered.ephemeral
        assert "Stephen Mercado" in text_of(answered)
        read = await (await server.click(answered, label="Read")).response()
        assert "Whole document" in text_of(read)
        told = await (await server.click(old, label="Cite")).response()
        assert "out of reach" in told.content
        assert "127.0.0.1" not in told.content
        told = await ask(server, "And who published them?", channel=thread)
        assert "out of reach" in told.content
        changed = await server.select(panel, "memcon:manage:privacy", "public", user=manager)
        assert "out of reach" in (await changed.response()).content

        line.mend()
        await until(lambda: bot.memory.database.lost is None and not bot.memory.unwritten)
        follow = await ask(server, "And who published them?", channel=thread)
        assert "asked as: Who published" in text_of(follow)
        cited = await (await server.click(answered, label="Cite")).response()
        assert "**Chicago, full note**" in text_of(cited)
        keeping.cancel()


async def test_a_change_by_another_process_is_seen_beside_the_questions(
    service: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "REFRESH", 0.05)
    async with on_line(service, tmp_path) as (server, bot):
        keeping = asyncio.create_task(keep_up(bot.memory, bot.pool.root))
        assert not (await ask(server)).ephemeral
        other = Memory(tmp_path / "discord.sqlite")
        other.change_settings(int(server.guild.id), lambda _: PRIVATE)
        other.close()
        await until(lambda: bot.memory.settings(int(server.guild.id)).private)
        assert (await ask(server)).ephemeral
        keeping.cancel()
