"""The bot does what it should, seen through the fake Discord."""

from pathlib import Path
from typing import Any

import discord
import pytest

from tests.bot.discord.fakediscord import Clock, RefusedError, Upload, hasty
from tests.bot.discord.small_bot import SmallBot
from tests.support.discord import fake, running, started
from tests.support.paths import ROOT


async def test_ask_defers_and_edits() -> None:
    async with fake() as server, running(server, SmallBot()):
        asked = await server.slash("ask", {"question": "Rice?"}, locale="ja")
        assert await asked.acknowledged() < 3000
        answer = await asked.response()
        assert answer.content == "Found it"
        assert answer.embeds[0]["description"] == "anybody in ja"
        assert [one["label"] for one in answer.buttons] == ["Page 2"]
        assert not answer.ephemeral
        private = await server.slash("ask", {"question": "Rice?", "private": True})
        assert (await private.response()).ephemeral
        assert server.unanswered == []
        assert [one.id for one in server.messages()] == [answer.id]


async def test_buttons_survive_a_restart() -> None:
    async with fake() as server:
        async with running(server, SmallBot()):
            answer = await (await server.slash("ask", {"question": "Rice?"})).response()
        async with running(server, SmallBot()):
            clicked = await server.click(answer, "page:2")
            page = await clicked.response()
            assert (page.id, page.content) == (answer.id, "This is page 2")
            again = await server.click(page, label="Page 3")
            assert (await again.response()).content == "This is page 3"
        assert server.violations == []


async def test_autocomplete() -> None:
    async with fake() as server, running(server, SmallBot()):
        typed = await server.autocomplete("ask", {"speaker": "kuri"}, focused="speaker")
        assert await typed.choices() == [
            {"name": "Kuriyama Takakazu", "value": "Kuriyama Takakazu"}
        ]


async def test_modal() -> None:
    async with fake() as server, running(server, SmallBot()):
        opened = await server.slash("note")
        assert (await opened.modal())["title"] == "A note"
        sent = await server.submit_modal(opened, {"subject": "Rice", "body": "Prices"})
        answer = await sent.response()
        assert (answer.content, answer.ephemeral) == ("Rice: Prices", True)
        with pytest.raises(RefusedError):
            await server.submit_modal(opened, {"subject": "x" * 21})


async def test_context_menus() -> None:
    async with fake() as server, running(server, SmallBot()):
        bob = server.add_user("bob")
        said = await server.write("Rice is life", user=bob)
        quoted = await (await server.context_menu("Quote this", said)).response()
        assert (quoted.content, quoted.ephemeral) == ("> Rice is life", True)
        named = await (await server.context_menu("Who is it", bob)).response()
        assert named.content == "bob"


async def test_files_both_ways() -> None:
    async with fake() as server, running(server, SmallBot()):
        answer = await (await server.slash("export")).response()
        (file,) = answer.attachments
        assert (file.filename, file.content.decode()) == ("quotes.txt", "引用")
        assert file.description == "All quotes"
        upload = Upload("a.txt", b"12345", "text/plain")
        added = await (await server.slash("corpus add", {"file": upload})).response()
        assert added.content == "a.txt: 5 bytes"


async def test_layout() -> None:
    async with fake() as server, running(server, SmallBot()):
        answer = await (await server.slash("card", {"text": "Rice"})).response()
        assert answer.v2
        assert answer.text.splitlines() == ["## Rice", "Read on", "Source", "Page 1"]
        wrong = await server.slash("card", {"text": "x" * 3995})
        refusal = await wrong.refused()
        assert "_errors" in refusal.body()["errors"]["components"]


async def test_threads() -> None:
    async with fake() as server, running(server, SmallBot()):
        used = await server.slash("discuss", {"name": "Rice"})
        await used.response()
        await server.happened("THREAD_CREATE")
        (thread,) = server.threads()
        assert thread.name == "Rice"


async def test_select() -> None:
    async with fake() as server, running(server, SmallBot()):
        answer = await (await server.slash("choose")).response()
        chosen = await (await server.select(answer, "kind", "cables")).response()
        assert (chosen.content, chosen.components) == ("cables", ())
        with pytest.raises(RefusedError):
            await server.select(answer, "kind", "cables")


async def test_other_places() -> None:
    async with fake() as server, running(server, SmallBot()) as bot:
        direct = await server.slash("ask", {"question": "Rice?"}, guild=None)
        assert direct.payload["context"] == 1
        assert (await direct.response()).content == "Found it"
        visitor = server.add_user("visitor", installed=True)
        abroad = server.add_guild("Elsewhere", installed=False)
        asked = await server.slash("ask", {"question": "Rice?"}, user=visitor, guild=abroad)
        assert asked.payload["authorizing_integration_owners"] == {"1": visitor.id}
        page = await (await server.click(await asked.response(), "page:2", user=visitor)).response()
        assert page.content == "This is page 2"
        group = server.add_group(visitor, server.user)
        among = await server.slash("ask", {"question": "Rice?"}, user=visitor, channel=group)
        assert (await among.response()).content == "Found it"
        with pytest.raises(RefusedError):
            await server.slash("ask", {"question": "Rice?"}, guild=abroad)
        many = await server.slash("follow", {"times": 7}, user=visitor, guild=abroad)
        assert (await many.refused()).code == 40094
        assert len(many.messages) == 6
        assert bot.get_guild(int(abroad.id)) is None


async def test_first_followup_takes_the_reply() -> None:
    async with fake() as server, running(server, SmallBot()):
        used = await server.slash("follow", {"times": 2})
        second = await used.followup()
        assert (second.content, second.ephemeral) == ("number 1", False)
        first = await used.response()
        assert (first.content, first.ephemeral) == ("number 0", True)


async def test_the_client_refuses_wrong_options() -> None:
    async with fake() as server, running(server, SmallBot()):
        wrong: list[tuple[str, dict[str, Any]]] = [
            ("unknown", {}),
            ("ask", {}),
            ("ask", {"question": "ab"}),
            ("ask", {"question": 3}),
            ("ask", {"question": "Rice?", "other": "x"}),
            ("corpus", {}),
            ("corpus remove", {}),
        ]
        for name, options in wrong:
            with pytest.raises(RefusedError):
                await server.slash(name, options)


async def test_three_seconds() -> None:
    async with fake(clock=Clock()) as server, running(server, SmallBot()) as bot:
        used = await server.slash("late")
        assert server.unanswered == [used]
        server.clock.advance(3.1)
        bot.gate.set()
        assert (await used.refused()).code == 10062
        assert server.unanswered == [used]


async def test_fifteen_minutes() -> None:
    async with fake() as server, running(server, SmallBot()) as bot:
        used = await server.slash("slow")
        await used.acknowledged()
        server.clock.advance(15 * 60)
        bot.gate.set()
        assert (await used.refused()).code == 50027


async def test_double_acknowledgement() -> None:
    async with fake() as server, running(server, SmallBot()):
        used = await server.slash("twice")
        assert (await used.response()).content == "once"
        assert (await used.refused()).code == 40060


async def test_limits_of_a_reply() -> None:
    async with fake() as server, running(server, SmallBot()):
        for options, path in (
            ({"size": 2001}, ("data", "content")),
            ({"size": 1, "title": 257}, ("data", "embeds", "0", "title")),
        ):
            refusal = await (await server.slash("say", options)).refused()
            assert refusal.code == 50035
            node = refusal.body()["errors"]
            for key in path:
                node = node[key]
            assert node["_errors"][0]["code"] == "BASE_TYPE_MAX_LENGTH"
        empty = await server.slash("say", {"size": 0})
        assert (await empty.refused()).code == 50006
        # The long content also breaks Discord's own description, and nothing else does.
        assert {one.path.rpartition("/")[2] for one in server.violations} <= {"callback"}
        server.violations.clear()


async def test_rate_limits_and_errors() -> None:
    async with fake() as server, running(server, SmallBot()):
        limited = server.faults.rate_limit("PATCH", "/webhooks/*", retry_after=0.01, times=2)
        asked = await server.slash("ask", {"question": "Rice?"})
        assert (await asked.response()).content == "Found it"
        assert limited.hits == 2
        server.faults.rate_limit("PATCH", "/webhooks/*", via=False)
        asked = await server.slash("ask", {"question": "Rice?"})
        await asked.acknowledged()
        await server.happened("429")
        server.faults.error(403, "POST", "/interactions/*", after=True, code=50001)
        asked = await server.slash("ask", {"question": "Rice?"})
        # Discord has processed it, and the bot believes it has not.
        await asked.acknowledged()
        server.faults.drop("POST", "/interactions/*")
        lost = await server.slash("ask", {"question": "Rice?"})
        await server.happened("cut")
        assert server.unanswered == [lost]
        server.faults.latency(0.02, "POST", "/interactions/*")
        asked = await server.slash("ask", {"question": "Rice?"})
        assert await asked.acknowledged() >= 20


async def test_server_errors() -> None:
    async with fake() as server, running(server, SmallBot()):
        with hasty():
            failed = server.faults.error(502, "PATCH", "/webhooks/*", times=2)
            asked = await server.slash("ask", {"question": "Rice?"})
            assert (await asked.response()).content == "Found it"
            assert failed.hits == 2
            # Discord has processed the callback: the retry is a second acknowledgement.
            server.faults.error(500, "POST", "/interactions/*", after=True)
            asked = await server.slash("ask", {"question": "Rice?"})
            assert (await asked.refused()).code == 40060
            server.faults.flaky(0.4, seed=3, statuses=(500, 502))
            for _ in range(5):
                asked = await server.slash("ask", {"question": "Rice?"})
                assert (await asked.response()).content == "Found it"
            assert server.faults.random_hits > 0


async def test_reconnect_and_resume() -> None:
    async with fake() as server, running(server, SmallBot()):

        async def works() -> None:
            asked = await server.slash("ask", {"question": "Rice?"})
            assert (await asked.response()).content == "Found it"

        await server.gateway.send_reconnect()
        await server.happened("resume", 1)
        await works()
        server.gateway.drop()
        await server.happened("disconnect", 2)
        # Sent while the bot is away, and replayed.
        asked = await server.slash("ask", {"question": "Rice?"})
        await server.happened("resume", 2)
        assert (await asked.response()).content == "Found it"
        await server.gateway.close(4000)
        await server.happened("resume", 3)
        await server.gateway.send_invalid_session(resumable=True)
        await server.happened("resume", 4)
        await works()
        await server.gateway.send_invalid_session(resumable=False)
        await server.happened("identify", 2)
        await works()
        server.gateway.drop(forget=True)
        await server.happened("invalid session")
        await server.happened("identify", 3)
        await works()


async def test_a_zombie_connection_is_closed() -> None:
    async with (
        fake(heartbeat_interval=0.1, heartbeat_patience=0.1) as server,
        running(server, SmallBot()) as bot,
    ):
        bot.ws._keep_alive.stop()  # type: ignore[union-attr]
        await server.happened("close 4009")
        await server.happened("invalid session")
        await server.happened("identify", 2)


async def test_heartbeats() -> None:
    async with fake(heartbeat_interval=0.05) as server, running(server, SmallBot()) as bot:
        await server.happened("heartbeat", 4)
        assert all(abs(one.late) < 0.5 for one in server.heartbeats)
        assert bot.latency < 1


async def test_wrong_token() -> None:
    async with fake() as server:
        with pytest.raises(discord.LoginFailure):
            async with running(server, SmallBot(), "wrong"):
                pass


async def test_a_bot_of_its_own_process() -> None:
    module = "tests.bot.discord.small_bot"
    async with fake() as server, started(server, "-m", module, env={"TOKEN": server.token}):
        asked = await server.slash("ask", {"question": "Rice?"})
        assert (await asked.response()).content == "Found it"


async def test_a_script_of_its_own_process() -> None:
    script = str(ROOT / "tests/bot/discord/small_bot.py")
    async with fake() as server, started(server, script, env={"TOKEN": server.token}):
        asked = await server.slash("ask", {"question": "Rice?"})
        assert (await asked.response()).content == "Found it"


async def test_a_process_that_cannot_start(tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text("raise SystemExit(3)")
    async with fake() as server:
        with pytest.raises(AssertionError, match="ended with 3"):
            async with started(server, str(script)):
                pass
