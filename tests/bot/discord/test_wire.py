"""Every command, button, menu and completion of the real bot, over the wire."""

import asyncio
from dataclasses import fields, replace
from pathlib import Path

import discord
import pytest

from bot.discord.commands import add_commands
from bot.discord.memory import Memory
from bot.discord.pool import ArchivePool
from bot.discord.render.layout import GREEN, GREY, YELLOW
from bot.discord.run import sync_commands
from corpus.errors import UsageError
from index.building.build import build_archive
from index.encoding.encoder import DEFAULT_MODEL
from index.location import Location
from index.retrieval.filters import Filters
from index.storage.inventory import gather
from tests.bot.discord.fakediscord import (
    Clock,
    Interaction,
    Message,
    RefusedError,
    hasty,
    redirected,
)
from tests.bot.discord.real_bot import QUESTION, TestBot, ask, on_line, text_of
from tests.support.archives import Silence
from tests.support.discord import fake, running, started


async def test_a_question_is_answered_with_a_card(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, _):
        message = await ask(server)
        shown = text_of(message)
        assert QUESTION in shown
        assert "“Stephen Mercado **translated** the Foreign Ministry **records**" in shown
        assert "a finding aid written for memcon" in shown
        assert "[How the Japanese records" in shown
        assert "word for word · confidence" in shown
        assert "searched 41 documents · receipt" in shown
        labels = [button["label"] for button in message.buttons]
        assert labels == ["Read"] * 3 + ["Cite", "Ask further", "Not it"]
        assert message.components[0]["accent_color"] == GREEN
        assert not message.ephemeral


async def test_what_the_archive_does_not_say_has_a_card_of_its_own(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        message = await ask(server, "Who won the 1993 World Series?")
        assert "**The archive does not say.**" in text_of(message)
        assert "nearest" not in text_of(message)
        assert message.buttons == []
        assert message.components[0]["accent_color"] == YELLOW


async def test_read_shows_the_passage_and_the_whole_document(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        card = await ask(server)
        other = server.add_user("other")
        passage = await (await server.click(card, label="Read", user=other)).response()
        assert passage.ephemeral
        assert "**Stephen Mercado translated" in text_of(passage)
        assert "about: Fintan Hoey" in text_of(passage)
        assert {"Whole document", "Cite", "Source"} == {b["label"] for b in passage.buttons}
        whole = await (await server.click(passage, label="Whole document", user=other)).response()
        assert whole.id == passage.id
        assert "page 1 of " in text_of(whole)
        back = await (await server.click(whole, label="Passage", user=other)).response()
        assert text_of(back) == text_of(passage)


async def test_cite_shows_chicago_and_gives_files_on_choice(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        card = await ask(server)
        cited = await (await server.click(card, label="Cite")).response()
        assert cited.ephemeral
        assert text_of(cited).count("**Chicago, full note**") == 3
        menu = next(one for one in cited.every_component if one["type"] == 3)
        for style, name, begins in (
            ("ris", "citation.ris", "TY  - "),
            ("bibtex", "citation.bib", "@"),
            ("csl-json", "citation.json", "["),
        ):
            chosen = await (await server.select(cited, menu["custom_id"], style)).response()
            (file,) = chosen.attachments
            assert file.filename == name
            assert file.content.decode().startswith(begins)
        assert file.content.decode().count('"id"') == 3


async def test_anybody_turns_pages_but_only_who_asked_changes_the_card(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        found = await (await server.slash("search", {"query": "Super 301"})).response()
        shown = text_of(found)
        other = server.add_user("other")
        own = await (await server.click(found, label="Next", user=other)).response()
        assert own.ephemeral
        assert "**6.** " in text_of(own)
        on = await (await server.click(own, label="Previous", user=other)).response()
        assert on.id == own.id
        assert "**1.** " in text_of(on)
        (kept,) = [one for one in server.messages(server.channel) if one.id == found.id]
        assert text_of(kept) == shown
        turned = await (await server.click(found, label="Next")).response()
        assert turned.id == found.id
        assert "**6.** " in text_of(turned)


async def test_buttons_work_after_a_restart_and_fail_politely_when_old(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with fake() as server:
        memory = Memory(tmp_path / "discord.sqlite")
        first = TestBot(service, memory)
        add_commands(first)
        async with running(server, first):
            message = await ask(server)
            opened = await server.click(message, label="Ask further")
            name = (await opened.modal())["components"][0]["component"]["custom_id"]
        memory.close()
        memory = Memory(tmp_path / "discord.sqlite")
        second = TestBot(service, memory)
        add_commands(second)
        async with running(server, second):
            further = await server.submit_modal(opened, {name: "And who published them?"})
            assert "Answered in <#" in (await further.response()).content
            (thread,) = server.threads(server.channel)
            (answered,) = server.messages(thread)
            assert "asked as: Who published the records?" in text_of(answered)
            cited = await (await server.click(message, label="Cite")).response()
            assert "**Short note**" in text_of(cited)
            await second._idle.wait()
        memory.close()
        memory = Memory(tmp_path / "other.sqlite")
        third = TestBot(service, memory)
        add_commands(third)
        async with running(server, third):
            old = await (await server.click(message, label="Cite")).response()
            assert "too old" in old.content
        memory.close()


async def test_every_other_command(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        found = await (await server.slash("search", {"query": "Super 301"})).response()
        assert "**1.** " in text_of(found)
        more = await (await server.click(found, label="Next")).response()
        assert "**6.** " in text_of(more)

        name = "us-japan-1993-94/cable-5514"
        document_page = await (await server.slash("read", {"document": name})).response()
        assert bot.pool.archive.document(name).title in text_of(document_page)
        assert {"Cite", "Source"} >= {button["label"] for button in document_page.buttons}
        gone = await (await server.slash("read", {"document": "nowhere"})).response()
        assert "No document" in gone.content

        stored = bot.pool.archive.document(name).text
        sentence = stored[stored.index("Cable") : stored.index(".", stored.index("Cable") + 40) + 1]
        verified = await (await server.slash("verify", {"quotation": sentence})).response()
        assert "letter for letter" in text_of(verified)
        absent = await (
            await server.slash("verify", {"quotation": "The zebra ate eleven violet harmonicas."})
        ).response()
        assert "Not in the archive" in text_of(absent)

        about = await (await server.slash("about", {})).response()
        assert "**Documents:** 41" in text_of(about)
        status = await (await server.slash("archive status", {})).response()
        assert "index 000001" in text_of(status)


async def test_a_search_is_narrowed_and_finds_nothing_where_nothing_fits(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):

        async def find(**options: str) -> str:
            return text_of(await (await server.slash("search", options)).response())

        narrowed = await find(query="trade", kind="abstract", **{"from": "1993-09"})
        assert "-# only from 1 September 1993, only kind “abstract”" in narrowed
        assert "searched 41 documents" not in narrowed
        assert "**1.** " in narrowed
        assert "**No passage fits.**" in await find(query="quilted penguins")
        late = await (await server.slash("search", {"query": "trade", "to": "soon"})).response()
        assert late.ephemeral
        assert "is not a date" in late.content


async def test_a_document_is_read_by_its_words_privately_unless_it_is_to_be_shown(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, bot):

        async def read(command: str = "read", **options: str | bool) -> Message:
            return await (await server.slash(command, options)).response()

        name = "us-japan-1993-94/cable-5514"
        title = bot.pool.archive.document(name).title
        for typed in (name, "5514 cable", "no. 5514"):
            shown = await read(document=typed)
            assert shown.ephemeral
            assert title in text_of(shown)
        assert not (await read(document=name, public=True)).ephemeral
        several = await read(document="cable")
        assert "“cable” may be " in several.content
        old = await read("source", document=name)
        assert old.ephemeral
        assert text_of(old).endswith("-# `/source` is now `/read`.")
        assert title in text_of(old)
        bot.memory.change_settings(int(server.guild.id), lambda known: replace(known, forced=True))
        assert (await read(document=name, public=True)).ephemeral


async def test_a_misspelt_question_says_how_it_was_asked(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        message = await ask(server, "Who transalted the recrods into English?")
        assert "asked as: Who translated the records into English?" in text_of(message)
        assert "Stephen Mercado" in text_of(message)
        found = await (await server.slash("search", {"query": "semiconducters"})).response()
        assert "-# asked as: semiconductors\n" in text_of(found)


async def test_menus_on_messages(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, _):
        written = await server.write(QUESTION)
        asked = await (await server.context_menu("Ask the archive", written)).response()
        assert asked.ephemeral
        assert "Stephen Mercado" in text_of(asked)
        empty = await server.write("x")
        checked = await (await server.context_menu("Verify this quotation", empty)).response()
        assert checked.content


async def test_completion_is_offered_from_memory(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, _):
        offered = await (
            await server.autocomplete("read", {"document": "cable"}, focused="document")
        ).choices()
        assert 0 < len(offered) <= 25
        assert all("cable" in (c["name"] + c["value"]).lower() for c in offered)
        assert len({choice["name"] for choice in offered}) == len(offered)
        collections = await (
            await server.autocomplete(
                "ask", {"question": "x", "collection": ""}, focused="collection"
            )
        ).choices()
        assert {choice["value"] for choice in collections} == {"us-japan-1993-94", "all"}
        for option, typed, expected in (
            ("kind", "abs", ["abstract"]),
            ("person", "morihiro", ["Hosokawa Morihiro"]),
            ("language", "", ["en"]),
        ):
            named = await (
                await server.autocomplete("search", {"query": "x", option: typed}, focused=option)
            ).choices()
            assert [choice["value"] for choice in named] == expected


async def test_a_thread_remembers_what_was_asked(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        interaction = await server.slash("ask", {"question": QUESTION, "thread": True})
        await interaction.response()
        await server.happened("THREAD_CREATE")
        thread = server.threads(server.channel)[0]
        assert thread.name == QUESTION
        follow = await ask(server, "And who published them?", channel=thread)
        assert "**And who published them?**\n" in text_of(follow)
        assert "asked as: Who published the records?" in text_of(follow)
        # A turn is kept once its answer is shown, sooner than anybody reads it.
        await bot._idle.wait()
        alone = await ask(server, "When did the Uruguay Round begin?", channel=thread)
        assert "asked as" not in text_of(alone)
        await bot._idle.wait()
        unknown = await ask(server, "And the Congress of Vienna?", channel=thread)
        assert "asked as: When did the Congress of Vienna begin?" in text_of(unknown)


async def test_a_thread_goes_on_after_a_restart_and_its_cards_stay_as_asked(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with fake() as server:
        memory = Memory(tmp_path / "discord.sqlite")
        first = TestBot(service, memory)
        add_commands(first)
        async with running(server, first):
            interaction = await server.slash(
                "ask", {"question": "Did Hosokawa invite Clinton to Japan?", "thread": True}
            )
            await interaction.response()
            await server.happened("THREAD_CREATE")
            thread = server.threads(server.channel)[0]
        memory.close()
        memory = Memory(tmp_path / "discord.sqlite")
        second = TestBot(service, memory)
        add_commands(second)
        async with running(server, second):
            follow = await ask(server, "What did he reply?", channel=thread)
            assert "asked as: What did Clinton reply" in text_of(follow)
            assert "**What did he reply?**" in text_of(follow)
            read = await (await server.click(follow, label="Read")).response()
            assert "Whole document" in text_of(read)
        memory.close()


async def test_what_was_asked_privately_in_a_thread_is_known_to_nobody_else(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        interaction = await server.slash("ask", {"question": QUESTION, "thread": True})
        await interaction.response()
        await server.happened("THREAD_CREATE")
        thread = server.threads(server.channel)[0]
        hidden = await server.slash(
            "ask", {"question": "When did Hosokawa resign?", "private": True}, channel=thread
        )
        await hidden.response()
        await bot._idle.wait()
        follow = await (
            await server.slash("ask", {"question": "And Gore?", "private": True}, channel=thread)
        ).response()
        assert "asked as: When did Gore resign" in text_of(follow)
        await bot._idle.wait()
        # A public follow-up would tell everybody what was asked privately.
        shown = await ask(server, "And Miyazawa?", channel=thread)
        assert "resign" not in text_of(shown)
        await bot._idle.wait()
        other = server.add_user("other")
        seen = await (
            await server.slash("ask", {"question": "And why?"}, channel=thread, user=other)
        ).response()
        assert "Hosokawa resign" not in text_of(seen)
        await bot._idle.wait()
        own = await ask(server, "And Clinton?", channel=thread)
        assert "Hosokawa" not in text_of(own).split("asked as:")[1].split("\n")[0]


async def test_settings_are_a_servers_own(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, _):
        manager = server.add_user("manager", permissions=discord.Permissions.all().value)
        panel = await (await server.slash("manage settings", {}, user=manager)).response()
        chosen = await server.select(panel, "memcon:manage:privacy", "private", user=manager)
        assert "private by default" in (await chosen.response()).content
        assert (await ask(server)).ephemeral
        elsewhere = server.add_guild("Elsewhere")
        channel = server.add_channel(elsewhere, "general")
        assert not (await ask(server, guild=elsewhere, channel=channel)).ephemeral


async def test_the_owner_alone_rebuilds(tmp_path: Path, cache: Path) -> None:
    root = tmp_path / "archive"
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "bridge.txt").write_text("The bridge of Brixwold was opened in 1901.\n")
    build_archive(
        root, gather([papers], Silence()), model=DEFAULT_MODEL, cache=cache, progress=Silence()
    )
    own = ArchivePool(Location(root, cache))
    async with on_line(own, tmp_path) as (server, _):
        manager = server.add_user("manager", permissions=discord.Permissions.all().value)
        refused = await (await server.slash("archive rebuild", {}, user=manager)).response()
        assert refused.ephemeral
        assert refused.content == "Only the owner of this bot may do that."
        (papers / "ferry.txt").write_text("The ferry of Brixwold sank in 1902.\n")
        interaction = await server.slash("archive rebuild", {}, user=server.owner)
        message = await interaction.response()
        while "Rebuilding" in message.content:
            message = await interaction.updated()
        assert "Index 000002 is built" in message.content
        answer = await ask(server, "When did the ferry sink?")
        assert "1902" in text_of(answer)
    own.close()


async def test_it_works_in_direct_messages_and_where_only_a_user_installed_it(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        direct = await server.slash("ask", {"question": QUESTION}, guild=None)
        assert "Stephen Mercado" in text_of(await direct.response())
        user = server.add_user("traveller", installed=True)
        foreign = server.add_guild("Foreign", installed=False)
        channel = server.add_channel(foreign, "general")
        away = await server.slash(
            "ask", {"question": QUESTION}, user=user, guild=foreign, channel=channel
        )
        assert "Stephen Mercado" in text_of(await away.response())


async def test_hostile_questions_do_not_ping_or_break_the_card(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        for question in (
            "@everyone <@1> **bold** [x](https://example.org)",
            "\u202e" + "#" * 900,
            "🍣",
        ):
            message = await ask(server, question)
            assert "The archive does not say." in text_of(message)
            assert "<@1>" not in text_of(message)
            assert "@everyone" not in text_of(message)


async def test_faults_of_the_network_are_survived(service: ArchivePool, tmp_path: Path) -> None:
    with hasty():
        async with on_line(service, tmp_path) as (server, _):
            server.faults.error(503, "POST", "/interactions/*", times=1)
            assert "Stephen Mercado" in text_of(await ask(server))
            server.faults.error(500, "POST", "/interactions/*", times=1, after=True)
            assert "Stephen Mercado" in text_of(await ask(server))
            server.faults.drop("POST", "/interactions/*", times=1)
            assert "Stephen Mercado" in text_of(await ask(server))
            server.faults.drop("PATCH", "/webhooks/*", times=2)
            assert "Stephen Mercado" in text_of(await ask(server))
            server.faults.rate_limit("PATCH", "/webhooks/*", retry_after=0.01, times=1, via=False)
            assert "Stephen Mercado" in text_of(await ask(server))


async def test_a_dropped_connection_is_resumed(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, _):
        await ask(server)
        await server.gateway.send_reconnect()
        await server.happened("resume")
        assert "Stephen Mercado" in text_of(await ask(server))


async def test_many_at_once_are_all_answered(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, _):
        people = [server.add_user(f"reader{number}") for number in range(60)]

        async def one(number: int) -> Interaction:
            interaction = await server.slash("ask", {"question": QUESTION}, user=people[number])
            await interaction.response(60)
            return interaction

        done = await asyncio.gather(*(one(number) for number in range(60)))
        assert all("Stephen Mercado" in text_of(i.messages[-1]) for i in done)


async def test_a_person_in_a_hurry_is_told_to_wait(service: ArchivePool, tmp_path: Path) -> None:
    # However long the machine takes, they ask within a moment.
    async with on_line(service, tmp_path, clock=Clock(frozen=True)) as (server, _):
        replies = [await ask(server) for _ in range(9)]
        assert "Please try again in" in replies[-1].content


async def test_the_process_starts_serves_and_ends_on_sigterm(
    bundled_root: Path, cache: Path
) -> None:
    async with fake() as server:
        environment = {
            "MEMCON_DISCORD_TOKEN": server.token,
            "MEMCON_ARCHIVE": str(bundled_root),
            "MEMCON_CACHE": str(cache.parent),
        }
        async with started(
            server, "-m", "bot", "serve", "--sync", env=environment, stderr=asyncio.subprocess.PIPE
        ) as process:
            assert "Stephen Mercado" in text_of(await ask(server))
        assert process.returncode == 0
        assert process.stderr is not None
        logged = (await process.stderr.read()).decode()
        assert server.token not in logged
        assert QUESTION not in logged
        assert '"event": "commands synced"' in logged
        with pytest.raises(RefusedError):
            await server.slash("no-such-command", {})


async def test_commands_are_given_to_discord_without_an_archive() -> None:
    async with fake() as server:
        with redirected(server.url):
            given = await asyncio.to_thread(sync_commands, server.token)
            with pytest.raises(UsageError, match="refuses the token"):
                await asyncio.to_thread(sync_commands, "a.b.c")
        assert given == len(server.commands()) == 14
        assert all(command["name_localizations"]["ja"] for command in server.commands())
    assert server.violations == []


async def test_commands_are_declared_for_servers_and_users_in_two_languages(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        commands = {command["name"]: command for command in server.commands()}
        assert set(commands) == {
            *("ask", "search", "read", "source", "verify", "about", "archive"),
            *("help", "privacy", "manage", "bibliography", "replay"),
            *("Ask the archive", "Verify this quotation"),
        }
        for name, command in commands.items():
            assert command["name_localizations"]["ja"], name
            if name != "manage":
                assert command["integration_types"] == [0, 1]
                assert command["contexts"] == [0, 1, 2]
        assert commands["manage"]["contexts"] == [0]
        assert commands["manage"]["default_member_permissions"] == "32"
        for option in (*commands["ask"]["options"], *commands["read"]["options"]):
            assert option["name_localizations"]["ja"]
            assert option["description_localizations"]["ja"]
            assert option["type"] != 3 or option["max_length"] <= 1000
        narrowing = {each.name.removeprefix("date_") for each in fields(Filters)}
        for name in ("ask", "search"):
            assert narrowing < {option["name"] for option in commands[name]["options"]}


async def test_a_withheld_record_has_a_card_of_its_own(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        message = await ask(server, "What did Clinton and Hosokawa say about North Korea?")
        assert "**What was asked for was withheld.**" in text_of(message)
        assert message.components[0]["accent_color"] == GREY
