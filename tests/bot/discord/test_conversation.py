"""Mentions, direct messages, replies, forums, /help and the welcome, over the wire."""

from pathlib import Path

import discord
import pytest

from bot.discord import asking, commands, conversation
from bot.discord.client import Bot
from bot.discord.help import WELCOME
from bot.discord.memory import ServerSettings
from bot.discord.phrases import japanese
from bot.discord.pool import ArchivePool
from tests.bot.discord.fakediscord import Channel, Clock, FakeDiscord, Message, hasty
from tests.bot.discord.fakediscord import permissions as bits
from tests.bot.discord.fakediscord.world import FORUM
from tests.bot.discord.real_bot import QUESTION, on_line, text_of


async def replied(server: FakeDiscord, message: Message) -> Message:
    """Wait until the bot has replied to a message, and return its last reply."""
    while True:
        posted = server.events.count("POST message")
        found = [
            one
            for one in own(server, message.channel)
            if one.payload.get("message_reference", {}).get("message_id") == message.id
        ]
        if found:
            return found[-1]
        await server.happened("POST message", posted + 1)


async def settled(server: FakeDiscord, bot: Bot, shown: int) -> None:
    """Wait until the bot has taken in a message, and is done with it."""
    await server.happened("message shown", shown)
    # A later event is handled after it.
    await (await server.slash("archive status", {})).response()
    await bot._idle.wait()


def own(server: FakeDiscord, channel: Channel | None = None) -> list[Message]:
    every = server.messages(channel)
    return [one for one in every if one.payload["author"]["id"] == server.bot.id]


async def test_a_mention_is_answered_with_the_same_card_as_ask(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        card = await (await server.slash("ask", {"question": QUESTION})).response()
        message = await server.write(f"{server.bot.mention} {QUESTION}")
        reply = await replied(server, message)
        assert text_of(reply) == text_of(card)
        assert [each["label"] for each in reply.buttons] == [each["label"] for each in card.buttons]
        assert reply.payload["mentions"] == []
        cited = await (await server.click(reply, label="Cite")).response()
        assert "**Chicago, full note**" in text_of(cited)


async def test_no_other_message_is_read(
    service: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        seen: list[str] = []
        converse = conversation.converse

        async def listen(client: Bot, message: discord.Message) -> None:
            seen.append(message.content)
            await converse(client, message)

        monkeypatch.setattr(commands, "converse", listen)
        await server.write(QUESTION)
        await server.write(f"@everyone {QUESTION}")
        await server.happened("message hidden", 2)
        await (await server.slash("archive status", {})).response()
        await bot._idle.wait()
        assert seen[:2] == ["", ""]
        assert len(own(server)) == 1


async def test_a_reply_to_a_card_is_a_follow_up(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        question = "When did Hosokawa resign?"
        card = await (await server.slash("ask", {"question": question})).response()
        follow = await server.write("And Miyazawa?", reply_to=card)
        reply = await replied(server, follow)
        assert "asked as: When did Miyazawa resign" in text_of(reply)
        # What a reply without quotations is about is kept once it is sent.
        await bot._idle.wait()
        # The chain goes on, for anybody.
        other = server.add_user("other")
        again = await server.write(
            f"{server.bot.mention} And Clinton?", reply_to=reply, ping=False, user=other
        )
        assert "asked as: When did Clinton resign" in text_of(await replied(server, again))
        # Without a mention it is a conversation between people.
        shown = server.events.count("message hidden")
        silent = await server.write("And Gore?", reply_to=card, ping=False)
        await server.happened("message hidden", shown + 1)
        await (await server.slash("archive status", {})).response()
        await bot._idle.wait()
        answered = [
            one.payload.get("message_reference", {}).get("message_id") for one in own(server)
        ]
        assert silent.id not in answered


async def test_a_direct_message_is_a_question_and_may_follow_up(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        first = await server.write("What did Hosokawa say about Russia?", guild=None)
        assert "Russia" in text_of(await replied(server, first))
        then = await server.write("And Clinton?", guild=None)
        assert "asked as: What did Clinton say about Russia" in text_of(await replied(server, then))
        stranger = server.add_user("stranger")
        theirs = await server.write("And Clinton?", guild=None, user=stranger)
        assert "Russia" not in text_of(await replied(server, theirs)).split("\n\n")[0]


async def test_a_server_may_switch_mentions_off(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        guild = int(server.guild.id)
        bot.memory.change_settings(guild, lambda _: ServerSettings(mentions=False))
        await server.write(f"{server.bot.mention} {QUESTION}")
        await settled(server, bot, 1)
        assert len(own(server)) == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (ServerSettings(forced=True), "please use /ask"),
        (ServerSettings(private=True), "please use /ask"),
        (ServerSettings(channels=(12,)), "I answer in <#12>"),
    ],
)
async def test_a_mention_keeps_to_the_settings(
    service: ArchivePool, tmp_path: Path, settings: ServerSettings, said: str
) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        bot.memory.change_settings(int(server.guild.id), lambda _: settings)
        reply = await replied(server, await server.write(f"{server.bot.mention} {QUESTION}"))
        assert said in reply.content
        assert not reply.embeds


async def test_the_first_message_of_a_post_is_answered_where_a_manager_lets_it(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        guild = server.add_guild("Forums", installed=False)
        forum = server.add_channel(guild, "questions", kind=FORUM)
        await server.install(guild)
        words = f"{server.bot.mention} {QUESTION}"
        await server.post(forum, "Who was it?", words)
        await settled(server, bot, 1)
        post = server.threads(forum)[0]
        assert own(server, post) == []
        # Later messages of the post are mentions as any.
        later = await server.write(words, channel=post)
        assert "Stephen Mercado" in text_of(await replied(server, later))
        bot.memory.change_settings(int(guild.id), lambda _: ServerSettings(forum=True))
        opened = await server.post(forum, "Once more", words)
        assert "Stephen Mercado" in text_of(await replied(server, opened))


async def test_a_bare_mention_and_help_show_examples_that_are_answered(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        shown = await (await server.slash("help", {})).response()
        assert shown.ephemeral
        examples = [
            line.removeprefix("- ")
            for line in shown.content.split("For example:")[1].split("\n\n")[0].splitlines()
            if line
        ]
        assert 1 <= len(examples) <= 3
        for example in examples:
            answered = await (await server.slash("ask", {"question": example})).response()
            assert "The archive does not say" not in text_of(answered)
            assert "no answer" not in text_of(answered)
        bare = await replied(server, await server.write(server.bot.mention))
        assert bare.content == shown.content


async def test_a_bot_that_is_installed_says_hello_where_it_may(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        # Servers that come before are those that the bot was in already.
        await bot.wait_until_ready()
        guild = server.add_guild("New", installed=False)
        guild.system_channel = guild.channels[0]
        await server.install(guild)
        await server.happened("POST message")
        assert "Thank you for adding me" in own(server, guild.channels[0])[0].content
        other = server.add_guild("Nihon", installed=False, locale="ja")
        other.system_channel = other.channels[0]
        await server.install(other)
        await server.happened("POST message", 2)
        assert own(server, other.channels[0])[0].content == japanese()(WELCOME)
        mute = server.add_guild("Mute", installed=False)
        mute.system_channel = mute.channels[0]
        mute.app_permissions &= ~bits.SEND_MESSAGES
        plain = server.add_guild("Plain", installed=False)
        await server.install(mute)
        await server.install(plain)
        await (await server.slash("archive status", {}, guild=plain)).response()
        await bot._idle.wait()
        assert own(server, mute.channels[0]) == []
        assert not [one for one in server.requests if one.status >= 400]


async def test_a_removed_bot_forgets_the_server(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        guild = int(server.guild.id)
        bot.memory.change_settings(guild, lambda _: ServerSettings(private=True))
        card = await (await server.slash("ask", {"question": QUESTION})).response()
        assert bot.memory.count_use(guild, 0)
        await server.uninstall(server.guild)
        await (await server.slash("archive status", {}, guild=None)).response()
        await bot._idle.wait()
        assert bot.memory.settings(guild) == ServerSettings()
        assert bot.memory.count_use(guild, 0) == {}
        assert card.buttons


async def test_messages_are_answered_once_in_spite_of_faults(
    service: ArchivePool, tmp_path: Path
) -> None:
    with hasty():
        async with on_line(service, tmp_path) as (server, bot):
            server.faults.error(500, "POST", "/channels/*/messages", times=2, after=True)
            message = await server.write(f"{server.bot.mention} {QUESTION}")
            await replied(server, message)
            await bot._idle.wait()
            assert len(own(server)) == 1


async def test_without_the_permission_to_reply_the_answer_comes_plain(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        server.guild.app_permissions &= ~bits.READ_MESSAGE_HISTORY
        await server.write(f"{server.bot.mention} {QUESTION}")
        await server.happened("POST message", 2)
        await bot._idle.wait()
        assert "Stephen Mercado" in text_of(own(server)[0])
        # Where the bot may not write at all it stays silent.
        server.guild.app_permissions &= ~bits.SEND_MESSAGES
        await server.write(f"{server.bot.mention} {QUESTION}")
        await server.happened("POST message", 3)
        await bot._idle.wait()
        assert len(own(server)) == 1


async def test_somebody_in_a_hurry_is_asked_once_to_wait(
    service: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_QUESTIONS", 1)
    monkeypatch.setattr(asking, "_SECONDS", 3600.0)
    async with on_line(service, tmp_path) as (server, bot):
        user = server.add_user("flood")
        for number in range(1, 7):
            await server.write(f"{server.bot.mention} trade?", user=user)
            await settled(server, bot, number)
        replies = [one for one in own(server) if one.payload.get("message_reference")]
        assert ["That was quick" in text_of(one) for one in replies] == [False, True]


async def test_a_hurry_and_errors_are_said_and_nobody_is_pinged(
    service: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However long the machine takes, all is written within a moment.
    async with on_line(service, tmp_path, clock=Clock(frozen=True)) as (server, _):
        long = await replied(server, await server.write(f"{server.bot.mention} {'word ' * 500}"))
        assert "characters, more than" in long.content
        for _ in range(7):
            await server.write(f"{server.bot.mention} trade?")
        last = await server.write(f"{server.bot.mention} <@1> @everyone trade?")
        assert "That was quick" in (await replied(server, last)).content
        assert all(one.payload["mentions"] == [] for one in own(server))

        async def fail(*_: object) -> None:
            raise RuntimeError("/srv/memcon/secret")

        monkeypatch.setattr(conversation, "answer_question", fail)
        broken = await server.write(
            f"{server.bot.mention} trade?", user=server.add_user("newcomer")
        )
        told = (await replied(server, broken)).content
        assert "reference" in told
        assert "secret" not in told
