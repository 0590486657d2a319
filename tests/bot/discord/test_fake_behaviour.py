"""More of what the fake Discord does: gateway replay, edits, permissions, latency, frozen time."""

from typing import Any

import aiohttp
import pytest

from tests.bot.discord.fakediscord import Clock, NoAnswerError, RefusedError
from tests.bot.discord.raw_bot import ASK, V2, button, error_at, raw, row, text
from tests.support.discord import OPENAPI, fake


async def test_edits_are_awaited_one_by_one() -> None:
    async with raw() as bot:
        used = await bot.server.slash("ask")
        await bot.call(
            "POST",
            f"/interactions/{used.id}/{used.token}/callback",
            {"type": 4, "data": {"content": "0", "components": [row(button(disabled=True))]}},
        )
        first = await used.response()
        webhook = f"/webhooks/{used.payload['application_id']}/{used.token}/messages/@original"
        await bot.call("PATCH", webhook, {"content": "1"})
        assert (await used.updated()).content == "1"
        assert first.content == "0"
        with pytest.raises(NoAnswerError):
            await used.updated(timeout=0.01)
        with pytest.raises(RefusedError):
            await bot.server.click(first, "b0")
        # A message with content does not turn into one of components without emptying it.
        wrong = await bot.call("PATCH", webhook, {"flags": V2, "components": [text()]})
        assert error_at(wrong, "content")
        turned = {"flags": V2, "components": [text()], "content": None}
        assert (await bot.call("PATCH", webhook, turned))["flags"] == V2
        # Once set, the flag stays.
        assert error_at(await bot.call("PATCH", webhook, {"content": "a"}), "content")
        assert used.ack_ms < 3000


async def test_ephemeral_messages_are_private() -> None:
    async with raw() as bot:
        used = await bot.server.slash("ask")
        data = {"content": "a", "flags": 64, "components": [row(button())]}
        await bot.call(
            "POST", f"/interactions/{used.id}/{used.token}/callback", {"type": 4, "data": data}
        )
        message = await used.response()
        assert bot.server.messages() == []
        with pytest.raises(RefusedError):
            await bot.server.click(message, "b0", user=bot.server.add_user("bob"))
        clicked = await bot.server.click(message, "b0")
        assert clicked.payload["message"]["flags"] == 64
        await bot.call("POST", f"/interactions/{clicked.id}/{clicked.token}/callback", {"type": 6})
        await clicked.acknowledged()
        with pytest.raises(NoAnswerError):
            await clicked.response(timeout=0.01)


async def test_frozen_time_and_the_limit_of_three_seconds() -> None:
    async with raw(clock=Clock(frozen=True)) as bot:
        for seconds, status in ((3.0, 204), (3.001, 404)):
            used = await bot.server.slash("ask")
            bot.server.clock.advance(seconds)
            await bot.call("POST", f"/interactions/{used.id}/{used.token}/callback", {"type": 5})
            assert bot.status == status


async def test_private_by_force_where_external_apps_may_not_speak() -> None:
    async with raw() as bot:
        visitor = bot.server.add_user("visitor", installed=True)
        abroad = bot.server.add_guild("Elsewhere", installed=False)
        abroad.external_apps = False
        used = await bot.server.slash("ask", user=visitor, guild=abroad)
        await bot.call(
            "POST",
            f"/interactions/{used.id}/{used.token}/callback",
            {"type": 4, "data": {"content": "a"}},
        )
        assert (await used.response()).ephemeral


async def test_a_connection_cut_after_processing() -> None:
    async with raw() as bot:
        used = await bot.server.slash("ask")
        fault = bot.server.faults.drop("POST", "/interactions/*", after=True)
        with pytest.raises(aiohttp.ClientError):
            await bot.call("POST", f"/interactions/{used.id}/{used.token}/callback", {"type": 5})
        assert fault.hits == 1
        assert used.is_acknowledged
        assert bot.server.requests[-1].status == 0


async def test_nothing_is_offered_without_a_bot() -> None:
    async with fake() as server:
        with pytest.raises(RefusedError):
            await server.slash("ask")


async def test_replay_in_order() -> None:
    async with raw() as bot:
        server = bot.server
        server.gateway.drop()
        await server.happened("disconnect")
        (session,) = server.gateway.sessions
        sent = [await server.slash("ask") for _ in range(3)]
        socket = await bot.session.ws_connect(f"{server.url}/gateway")
        await socket.receive_json()
        resume: dict[str, Any] = {"token": server.token, "session_id": session.id, "seq": 2}
        await socket.send_json({"op": 6, "d": resume})
        seen = [await socket.receive_json() for _ in range(4)]
        assert [one["s"] for one in seen] == [3, 4, 5, 6]
        assert [one["d"].get("id") for one in seen[:3]] == [one.id for one in sent]
        assert seen[3]["t"] == "RESUMED"
        await socket.close()


@pytest.mark.skipif(not OPENAPI.exists(), reason="Discord's own description is not here")
async def test_violations_are_collected() -> None:
    async with raw() as bot:
        before = len(bot.server.violations)
        await bot.commands({**ASK, "options": [{"type": 3, "name": 5, "description": "a"}]})
        found = bot.server.violations[before:]
        assert [one.where for one in found] == ["0/options/0/name"]
