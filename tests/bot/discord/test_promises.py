"""What users are promised: privacy, refusals, settings, rebuilds and additions, over the wire."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import discord
import pytest

from bot.discord import asking, rebuilds
from bot.discord.memory import ServerSettings
from bot.discord.pool import ArchivePool
from bot.services.uploads import safe_name
from corpus.errors import ArchiveUnwritable, UsageError
from index.answering.receipts import find_receipt
from index.building.build import build_archive
from index.encoding.encoder import DEFAULT_MODEL
from index.location import Location
from index.storage.inventory import gather
from tests.bot.discord.fakediscord import Clock, FakeDiscord, Interaction, Message, Upload
from tests.bot.discord.real_bot import QUESTION, ask, on_line, text_of
from tests.support.archives import Silence

LINK = "[Your prize](https://evil.example/x) <@1>"


@pytest.fixture
def pool(tmp_path: Path, cache: Path) -> Iterator[ArchivePool]:
    papers, root = tmp_path / "papers", tmp_path / "archive"
    papers.mkdir()
    (papers / "bridge.txt").write_text("The bridge of Brixwold was opened in 1901.\n")
    gathered = gather([papers], Silence())
    build_archive(root, gathered, model=DEFAULT_MODEL, cache=cache, progress=Silence())
    opened = ArchivePool(Location(root, cache))
    yield opened
    opened.close()


async def finished(interaction: Interaction) -> Message:
    message = await interaction.response()
    while "Rebuilding" in message.content or "reads as" in message.content:
        message = await interaction.updated()
    return message


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        (ServerSettings(), {"private": True}),
        (ServerSettings(private=True), {}),
        (ServerSettings(forced=True), {"private": False}),
    ],
)
async def test_a_private_question_with_a_thread_is_refused_before_anything_is_shown(
    service: ArchivePool, tmp_path: Path, settings: ServerSettings, options: dict[str, bool]
) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        bot.memory.change_settings(int(server.guild.id), lambda _: settings)
        told = await ask_with(server, thread=True, **options)
        assert told.ephemeral
        assert "A private answer has no thread" in told.content
        assert server.messages() == []
        assert server.threads() == []


async def ask_with(server: FakeDiscord, **options: str | bool) -> Message:
    interaction = await server.slash("ask", {"question": QUESTION, **options})
    return await interaction.response()


async def test_always_private_is_always_private(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        forced = ServerSettings(private=True, forced=True)
        bot.memory.change_settings(int(server.guild.id), lambda _: forced)
        assert (await ask_with(server, private=False)).ephemeral
        assert server.messages() == []


@pytest.mark.parametrize(("status", "code"), [(400, 50024), (400, 160006), (403, 50001)])
async def test_a_thread_that_cannot_be_made_leaves_the_answer(
    service: ArchivePool, tmp_path: Path, status: int, code: int
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        server.faults.error(status, "POST", "/channels/*/threads", code=code, message="No.")
        interaction = await server.slash("ask", {"question": QUESTION, "thread": True})
        assert "Stephen Mercado" in text_of(await interaction.response())
        told = await interaction.followup()
        assert told.ephemeral
        assert "thread" in told.content
        assert "Stephen Mercado" in text_of(server.messages()[0])


async def test_a_thread_where_the_bot_is_not_installed_is_refused_before_anything_is_shown(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        user = server.add_user("visitor", installed=True)
        foreign = server.add_guild("Foreign", installed=False)
        options: dict[str, str | bool] = {"question": QUESTION, "thread": True}
        for guild in (foreign, None):
            refused = await server.slash("ask", options, user=user, guild=guild)
            told = await refused.response()
            assert told.ephemeral
            assert "only in a channel of a server with this bot" in told.content


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("read", {"document": LINK}),
        ("ask", {"question": "Rice?", "from": LINK[:40]}),
        ("ask", {"question": "Rice?", "from": "1994", "to": "1993"}),
        ("ask", {"question": "Rice?", "speaker": LINK}),
        ("ask", {"question": "Rice?", "collection": LINK}),
    ],
)
async def test_refusals_of_input_are_private_short_and_escaped(
    service: ArchivePool, tmp_path: Path, command: str, options: dict[str, str]
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        told = await (await server.slash(command, dict(options))).response()
        if told.embeds:
            # A filter that nothing fits may be answered with a card.
            assert "](https" not in text_of(told)
            return
        assert told.ephemeral
        assert server.messages() == []
        assert len(told.content) <= 700
        assert "](https" not in told.content
        assert "<@1>" not in told.content
        assert "--" not in told.content


async def test_an_error_while_the_acknowledgement_is_under_way_leaves_nothing_public(
    service: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.discord.delivery._QUICK", 0.0)
    async with on_line(service, tmp_path) as (server, bot):
        server.faults.latency(0.4, "POST", "/interactions/*")
        interaction = await server.slash("read", {"document": "nowhere"})
        assert (await interaction.response()).ephemeral
        await bot._idle.wait()
        assert interaction.refusals == []
        assert server.messages() == []


async def test_options_have_a_maximum_length(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, _):
        options = [
            (command["name"], option)
            for command in server.commands()
            for option in command.get("options", [])
        ]
        inner = [(name, each) for name, option in options for each in option.get("options", [])]
        for name, option in options + inner:
            if option["type"] == 3:
                assert option["max_length"] <= 4000, (name, option["name"])


async def test_no_path_of_the_host_is_shown(
    service: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise ArchiveUnwritable("The disk of /srv/archive is full.")

    async with on_line(service, tmp_path) as (server, bot):
        monkeypatch.setattr(bot.pool, "_build", full)
        told = await finished(await server.slash("archive rebuild", {}, user=server.owner))
        assert "reference" in told.content
        assert "/srv" not in told.content

        def unknown(*_: object) -> None:
            raise UsageError("The archive /srv/archive has no index yet.")

        monkeypatch.setattr(bot.pool, "_build", unknown)
        told = await finished(await server.slash("archive rebuild", {}, user=server.owner))
        assert "/srv" not in told.content


async def test_those_named_in_the_settings_rebuild_too(pool: ArchivePool, tmp_path: Path) -> None:
    async with on_line(pool, tmp_path) as (server, bot):
        named = server.add_user("archivist")
        bot.owners = frozenset({int(named.id)})
        told = await finished(await server.slash("archive rebuild", {}, user=named, guild=None))
        assert "was up to date already" in told.content


async def test_a_rebuild_reports_whatever_the_clock_of_the_host(
    pool: ArchivePool, tmp_path: Path
) -> None:
    # Discord's clock, by which interactions are numbered.
    behind = Clock()
    behind.advance(-1200)
    async with on_line(pool, tmp_path, clock=behind) as (server, _):
        told = await finished(await server.slash("archive rebuild", {}, user=server.owner))
        assert "was up to date already" in told.content


async def test_a_rebuild_that_a_restart_ended_is_said_to_be(
    pool: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilds, "SILENCE", 0.0)
    monkeypatch.setattr(rebuilds, "LOOK_EVERY", 0.05)
    async with on_line(pool, tmp_path) as (server, bot):
        interaction = await server.slash("help", {}, user=server.owner)
        await interaction.response()
        # What a process that has ended left behind.
        bot.memory.touch_rebuild(interaction.token)
        told = await interaction.updated()
        assert "restarted during this rebuild. Index 000001 answers now" in told.content


async def test_a_document_is_shown_and_then_added(pool: ArchivePool, tmp_path: Path) -> None:
    text = b"---\ntitle: Ferry\n---\nThe ferry of Brixwold sank in 1902.\n"
    async with on_line(pool, tmp_path) as (server, _):
        file = Upload("ferry(1).md", text, "text/markdown")
        refused = await server.slash("archive add", {"file": file})
        assert "Only the owner" in (await refused.response()).content
        for label, said in (("Do not add", "not added"), ("Add and rebuild", "is built")):
            offered = await server.slash("archive add", {"file": file}, user=server.owner)
            shown = await offered.response()
            assert "reads as 1 document" in shown.content
            assert "The ferry of Brixwold sank" in shown.content
            pressed = await server.click(shown, label=label, user=server.owner)
            assert said in (await finished(pressed)).content
        assert "1902" in text_of(await ask(server, "When did the ferry of Brixwold sink?"))
        assert (pool.root / "uploads" / "ferry-1-.md").read_bytes() == text
        empty = Upload("x.pdf", b"no PDF at all", "application/pdf")
        bad = await server.slash("archive add", {"file": empty}, user=server.owner)
        assert "cannot be read" in (await bad.response()).content


async def test_an_attachment_that_discord_no_longer_has_is_said_to_be_gone(
    service: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = discord.Attachment.read

    async def read_deleted(attachment: discord.Attachment) -> bytes:
        attachment.url = attachment.url.replace("/ephemeral/", "/ephemeral/0")
        return await read(attachment)

    monkeypatch.setattr(discord.Attachment, "read", read_deleted)
    async with on_line(service, tmp_path) as (server, _):
        file = Upload("ferry.md", b"The ferry of Brixwold sank.", "text/markdown")
        told = await (
            await server.slash("archive add", {"file": file}, user=server.owner)
        ).response()
        assert told.ephemeral
        assert told.content == "Discord no longer has this file. Please attach it again."


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\ferry.md", "ferry.md"),
        (".htaccess", "htaccess"),
        ("...", "file"),
        ("渡" * 300 + ".md", "渡" * 57 + ".md"),
    ],
)
def test_the_name_of_an_added_file_fits_its_folder(name: str, kept: str) -> None:
    assert safe_name(name) == kept


async def test_what_is_kept_is_shown_and_deleted(pool: ArchivePool, tmp_path: Path) -> None:
    async with on_line(pool, tmp_path) as (server, bot):
        card = await ask(server, "When was the bridge of Brixwold opened?")
        receipt_id = text_of(card).rsplit("receipt ", 1)[1]
        assert find_receipt(pool.root, receipt_id)
        shown = await (await server.slash("privacy", {})).response()
        assert shown.ephemeral
        assert "1 card, the first of " in shown.content
        await (await server.click(shown, label="Delete mine")).response()
        assert bot.memory.kept(int(server.user.id)).cards == 0
        nothing = await (await server.slash("privacy", {})).response()
        assert nothing.content.startswith("Nothing is kept about you.")
        assert nothing.buttons == []
        with pytest.raises(UsageError):
            find_receipt(pool.root, receipt_id)
        old = await (await server.click(card, label="Cite")).response()
        assert "too old" in old.content


async def test_a_manager_sets_what_a_member_may_not(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        guild = server.add_guild("Managed", installed=False)
        general, other = guild.channels[0], server.add_channel(guild, "other")
        await server.install(guild)
        boss = server.add_user("boss", permissions=discord.Permissions.all().value)
        panel = await (await server.slash("manage settings", {}, user=boss, guild=guild)).response()
        assert panel.ephemeral

        def settings() -> ServerSettings:
            return bot.memory.settings(int(guild.id))

        async def choose(name: str, *values: object) -> None:
            chosen = await server.select(panel, f"memcon:manage:{name}", *values, user=boss)  # type: ignore[arg-type]
            await chosen.response()

        await choose("channels", general, other)
        assert settings().channels == tuple(sorted((int(general.id), int(other.id))))
        await choose("privacy", "forced")
        assert (settings().private, settings().forced) == (True, True)
        await choose("messages", "forum")
        assert (settings().mentions, settings().forum) == (False, True)
        await server.delete_channel(other)
        await (await server.slash("archive status", {}, guild=None)).response()
        # The event of the deletion arrives when it does.
        async with asyncio.timeout(60):
            while settings().channels != (int(general.id),):  # noqa: ASYNC110 - no event of ours
                await asyncio.sleep(0.01)
        boss.permissions = 0
        stale = await server.select(panel, "memcon:manage:privacy", "public", user=boss)
        assert "Manage Server" in (await stale.response()).content
        assert settings().forced
        boss.permissions = discord.Permissions.all().value
        await (await server.click(panel, label="Reset", user=boss)).response()
        assert settings() == ServerSettings()


async def test_use_is_shown_as_figures(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, _):
        await ask(server)
        await ask(server, "Who won the 1993 World Series?")
        await (await server.slash("search", {"query": "trade"})).response()
        boss = server.add_user("boss", permissions=discord.Permissions.all().value)
        shown = await (await server.slash("manage use", {}, user=boss)).response()
        assert "7 days:** 2 questions, 1 answered, 0 withheld, 1 without an answer" in shown.content
        assert "1 search, 0 documents opened" in shown.content
        assert server.user.name not in shown.content


async def test_buttons_keep_to_the_settings_of_the_server(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        guild = int(server.guild.id)
        refused = await ask_with(server, **{"from": "2001"})
        card = await ask_with(server)

        async def ask_further() -> Message:
            opened = await server.click(card, label="Ask further")
            submitted = await server.submit_modal(opened, {"question": "And who published them?"})
            return await submitted.response()

        bot.memory.change_settings(guild, lambda _: ServerSettings(forced=True))
        wider = await (await server.click(refused, label="Search everything")).response()
        assert wider.ephemeral
        assert "Stephen Mercado" in text_of(wider)
        assert "Stephen Mercado" not in text_of(server.messages()[0])
        further = await ask_further()
        assert further.ephemeral
        assert "Answered in" not in text_of(further)
        assert not server.threads()
        opened = await server.click(card, label="Ask further")
        await opened.modal()
        bot.memory.change_settings(guild, lambda _: ServerSettings(channels=(12,)))
        for used in (
            await server.click(refused, label="Search everything"),
            await server.click(card, label="Ask further"),
            await server.submit_modal(opened, {"question": "And who published them?"}),
        ):
            told = await used.response()
            assert told.ephemeral
            assert told.content == "In this server I answer in <#12>."
        assert not server.threads()


async def test_commands_messages_and_buttons_count_together(
    service: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_QUESTIONS", 3)
    monkeypatch.setattr(asking, "_SECONDS", 3600.0)
    async with on_line(service, tmp_path) as (server, bot):
        user = server.add_user("quick")
        refused = await (
            await server.slash("ask", {"question": QUESTION, "from": "2001"}, user=user)
        ).response()
        await server.write(f"{server.bot.mention} {QUESTION}", user=user)
        await server.happened("POST message")
        await bot._idle.wait()
        wider = await server.click(refused, label="Search everything", user=user)
        shown = await wider.response()
        assert "Stephen Mercado" in text_of(shown)
        for label in ("Ask further", "Read"):
            told = await (await server.click(shown, label=label, user=user)).response()
            assert told.ephemeral
            assert told.content.startswith("That was quick") == (label == "Ask further")
