"""The bot under load and in trouble: nobody is left without an answer, or told twice."""

import asyncio
import logging
import random
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.discord import asking, delivery
from bot.discord import pool as pool_module
from bot.discord.pool import ArchivePool
from bot.discord.run import _JsonLines
from index.building.build import build_archive
from index.encoding.encoder import DEFAULT_MODEL
from index.location import Location
from index.storage.inventory import gather
from tests.bot.discord.fakediscord import Interaction, components, hasty
from tests.bot.discord.real_bot import QUESTION, ask, on_line, text_of
from tests.support.archives import Run, Silence

IN_FLIGHT = 80


async def test_all_are_answered_while_requests_fail_at_random(
    service: ArchivePool, tmp_path: Path
) -> None:
    chance = random.Random(1)
    async with on_line(service, tmp_path) as (server, _):
        card = await ask(server)
        people = [server.add_user(f"reader{number}") for number in range(IN_FLIGHT)]
        server.faults.flaky(0.2, seed=1)

        def send(number: int) -> Coroutine[Any, Any, Interaction]:
            user, words = people[number], f"{chance.choice(('trade', 'cable', 'tax'))} {number}"
            kinds: tuple[Callable[[], Coroutine[Any, Any, Interaction]], ...] = (
                lambda: server.slash("ask", {"question": words}, user=user),
                lambda: server.slash("search", {"query": words}, user=user),
                lambda: server.slash("read", {"document": "nowhere"}, user=user),
                lambda: server.autocomplete(
                    "read", {"document": "c"}, focused="document", user=user
                ),
                lambda: server.click(card, label=chance.choice(("Cite", "Read")), user=user),
            )
            return kinds[number % len(kinds)]()

        async def one(number: int) -> None:
            interaction = await send(number)
            if interaction.kind == 4:
                assert await interaction.choices()
            else:
                message = await interaction.response(30)
                assert message.text

        await asyncio.gather(*(one(number) for number in range(IN_FLIGHT)))
        assert server.faults.random_hits > IN_FLIGHT // 10
        assert server.unanswered == []
        # A failed request was never processed: nothing is acknowledged twice.
        assert [error for one in server.interactions for error in one.refusals] == []


@pytest.mark.parametrize("resumable", [True, False])
async def test_an_invalid_session_is_replaced(
    resumable: bool, service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        event, before = (
            ("resume", 0) if resumable else ("identify", server.events.count("identify"))
        )
        await server.gateway.send_invalid_session(resumable=resumable)
        await server.happened(event, before + 1)
        assert "Stephen Mercado" in text_of(await ask(server))


async def test_a_cut_socket_is_resumed_and_what_was_missed_is_answered(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        server.gateway.drop()
        await server.happened("disconnect")
        await server.happened("resume")
        assert "Stephen Mercado" in text_of(await ask(server))


async def test_a_rate_limit_is_waited_out(
    service: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        for method, pattern in (("POST", "/interactions/*"), ("PATCH", "/webhooks/*")):
            if method == "PATCH":
                # No answer is quick now: each is acknowledged, then edited.
                monkeypatch.setattr(delivery, "_QUICK", 0.0)
            fault = server.faults.rate_limit(method, pattern, retry_after=0.2, is_global=True)
            assert "Stephen Mercado" in text_of(await ask(server))
            assert fault.hits == 1
            refused, again = [
                one
                for one in server.requests
                if one.method == method and one.path[:4] == pattern[:4]
            ][-2:]
            assert refused.status == 429
            assert again.at - refused.at >= 0.2


async def test_an_acknowledgement_whose_reply_was_lost_is_not_an_error(
    service: ArchivePool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        server.faults.error(500, "POST", "/interactions/*", after=True)
        interaction = await server.slash("read", {"document": "nowhere"})
        # The error is the reply, and is not sent a third time.
        assert "No document" in (await interaction.response()).content
        await interaction.refused()
        assert [error.code for error in interaction.refusals] == [40060]
        server.faults.error(500, "POST", "/interactions/*", after=True)
        completed = await server.autocomplete("read", {"document": "cable"}, focused="document")
        assert await completed.choices()
        refused = await completed.refused()
        assert refused.code == 40060
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_completions_survive_failures_in_a_row(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, _):
        server.faults.error(503, "POST", "/interactions/*", times=4)
        server.faults.drop("POST", "/interactions/*", times=4)
        completed = await server.autocomplete("ask", {"question": "x"}, focused="speaker")
        assert await completed.choices() is not None
        assert server.events.count("503") == server.events.count("cut") == 4


async def test_every_completion_is_sent_again(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, _):
        found: list[tuple[str, str]] = []

        def look(name: str, options: list[dict[str, Any]]) -> None:
            for option in options:
                if option.get("autocomplete"):
                    found.append((name, option["name"]))
                look(f"{name} {option['name']}", option.get("options", []))

        for command in server.commands():
            look(command["name"], command.get("options", []))
        assert len(found) >= 4
        boss = server.add_user("boss", permissions=discord.Permissions.all().value)
        for name, option in found:
            fault = server.faults.error(503, "POST", "/interactions/*")
            completed = await server.autocomplete(name, {}, focused=option, user=boss)
            assert await completed.choices() is not None
            assert fault.hits == 1


async def test_no_message_can_ping_anybody(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        card = await ask(server)
        await (await server.slash("help", {})).response()
        other = server.add_user("other")
        await (await server.click(card, label="Read", user=other)).response()
        await server.write(f"{server.bot.mention} {QUESTION}")
        await server.happened("POST message")
        boss = server.add_user("boss", permissions=discord.Permissions.all().value)
        await (await server.slash("manage settings", {}, user=boss)).response()
        thread = await server.slash("ask", {"question": QUESTION, "thread": True, "private": True})
        await thread.response()
        await bot._idle.wait()
        sent = [
            data
            for each in server.requests
            if each.method in {"POST", "PATCH"} and isinstance(each.body, dict)
            for data in (each.body, each.body.get("data") or {})
            if "content" in data or "components" in data
        ]
        assert len(sent) >= 6
        assert all(data["allowed_mentions"]["parse"] == [] for data in sent)


async def test_a_slow_answer_is_given_up_and_said_so(
    service: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr(pool_module, "PATIENCE", 0.05)
    monkeypatch.setattr(asking, "draw_answer", lambda *_: released.wait())
    async with on_line(service, tmp_path) as (server, _):
        try:
            assert "took too long" in (await ask(server)).content
            # Completions need no thread, and do not wait for one.
            completed = await server.autocomplete("ask", {"question": "x"}, focused="collection")
            assert await completed.choices()
        finally:
            released.set()


async def test_one_too_many_is_told_when_to_come_back(
    service: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "_QUEUE", 0)
    async with on_line(service, tmp_path) as (server, _):
        assert "busy. Please try again in" in (await ask(server)).content


async def test_an_unexpected_error_has_a_reference_in_the_log(
    service: ArchivePool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(asking, "draw_answer", fail)
    async with on_line(service, tmp_path) as (server, _):
        interaction = await server.slash("ask", {"question": QUESTION})
        said = (await interaction.response()).content
        records = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert len(records) == 1
        line = _JsonLines().format(records[0])
        reference = said.rstrip(".").split()[-1]
        assert len(reference) == 8
        assert reference in line
        assert "a fault of ours" in line
        assert "Traceback" in line
        for secret in (QUESTION, interaction.token, server.token):
            assert secret not in line
            assert secret not in caplog.text


async def test_an_index_that_another_process_built_is_taken_up(
    tmp_path: Path, cache: Path, memcon_process: Run
) -> None:
    root, papers = tmp_path / "archive", tmp_path / "papers"
    papers.mkdir()
    (papers / "bridge.txt").write_text("The bridge of Brixwold was opened in 1901.\n")
    build_archive(
        root, gather([papers], Silence()), model=DEFAULT_MODEL, cache=cache, progress=Silence()
    )
    own = ArchivePool(Location(root, cache))
    async with on_line(own, tmp_path) as (server, bot):
        question = "When did the ferry of Brixwold sink?"
        assert "1902" not in text_of(await ask(server, question))
        (papers / "ferry.txt").write_text("The ferry of Brixwold sank in 1902.\n")
        built = await asyncio.to_thread(memcon_process, "index", "build", archive=root)
        assert built.returncode == 0, built.stderr
        answer = await ask(server, question)
        assert "1902" in text_of(answer)
        assert "searched 2 documents" in text_of(answer)
        assert bot.pool.generation == "000002"
        offered = await server.autocomplete("read", {"document": "ferry"}, focused="document")
        assert len(await offered.choices()) == 1
    own.close()


async def test_what_has_expired_is_left_alone(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path, all_answered=False) as (server, bot):
        fault = server.faults.error(404, "POST", "/interactions/*", code=10062)
        interaction = await server.slash("ask", {"question": QUESTION})
        await server.happened("404")
        await bot._idle.wait()
        assert fault.hits == 1
        sent = [one for one in server.requests if interaction.token in one.path]
        assert [one.status for one in sent] == [404]


async def test_without_the_permission_for_threads_the_answer_stays(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        server.faults.error(403, "POST", "/channels/*/threads", code=50013)
        interaction = await server.slash("ask", {"question": QUESTION, "thread": True})
        told = await interaction.followup(1)
        assert told.ephemeral
        assert "Create Public Threads" in told.content
        assert "Stephen Mercado" in text_of(interaction.messages[0])


async def test_a_thread_whose_opening_was_not_heard_of_is_used(
    service: ArchivePool, tmp_path: Path
) -> None:
    with hasty():
        async with on_line(service, tmp_path) as (server, bot):
            server.faults.error(500, "POST", "/channels/*/threads", after=True)
            interaction = await server.slash("ask", {"question": QUESTION, "thread": True})
            await interaction.response()
            await server.happened("400")
            await bot._idle.wait()
            assert "Stephen Mercado" in text_of(interaction.messages[0])
            thread = server.threads(server.channel)[0]
            follow = await ask(server, "And who published them?", channel=thread)
            assert "asked as: Who published the records?" in text_of(follow)


async def test_a_button_of_another_version_is_answered(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        message = await ask(server)
        stored = server._stored(message, server.user)
        next(components.walk(stored.payload["components"][0]["components"][2:]))["accessory"][
            "custom_id"
        ] = "memcon:older:1"
        pressed = await server.click(stored.view(), "memcon:older:1")
        told = await pressed.response()
        assert told.ephemeral
        assert "too old" in told.content
