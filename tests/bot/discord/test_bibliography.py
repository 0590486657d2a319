"""What was cited in a channel or thread, as a list and as files, over the wire."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.discord.commands.bibliography import find_sources
from bot.discord.memory import ServerSettings
from bot.discord.pool import ArchivePool
from bot.discord.render.bibliography import bibliography_card
from bot.discord.text import LIMITS, length
from corpus.citations.cited import Cited
from index.answering.receipts import Quoted
from index.building.build import build_archive
from index.encoding.encoder import DEFAULT_MODEL
from index.location import Location
from index.storage.inventory import gather
from tests.bot.discord.fakediscord import FakeDiscord, Message
from tests.bot.discord.real_bot import QUESTION, ask, on_line, text_of
from tests.support.archives import Silence

RESIGNED = "When did Hosokawa resign?"


async def listed(server: FakeDiscord, **options: object) -> Message:
    sent = await server.slash("bibliography", {}, **options)  # type: ignore[arg-type]
    return await sent.response()


def numbered(message: Message) -> list[str]:
    return re.findall(r"^\d+\\?\. (.+)$", text_of(message), re.MULTILINE)


async def test_a_thread_lists_what_it_was_opened_on_and_what_followed(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        elsewhere = server.add_channel(server.guild, "elsewhere")
        await ask(server, "What is Super 301?", channel=elsewhere)
        opened = await server.slash("ask", {"question": QUESTION, "thread": True})
        first = await opened.response()
        await server.happened("THREAD_CREATE")
        (thread,) = server.threads(server.channel)
        await bot._idle.wait()
        alone = await listed(server, channel=thread)
        await ask(server, RESIGNED, channel=thread)
        await ask(server, RESIGNED, channel=thread)
        await bot._idle.wait()
        both = await listed(server, channel=thread)
        assert not both.ephemeral
        # What the opening card cites comes first; nothing is listed twice.
        sources = numbered(both)
        assert sources[: len(numbered(alone))] == numbered(alone)
        assert len(sources) == len(set(sources)) > len(numbered(alone)) > 0
        cited = await (await server.click(first, label="Cite")).response()
        assert all(note[:40] in text_of(cited) for note in numbered(alone))
        assert {file.filename for file in both.attachments} == {
            "bibliography.bib",
            "bibliography.ris",
        }
        for file in both.attachments:
            entries = re.findall("^(?:@|TY  - )", file.content.decode(), re.MULTILINE)
            assert len(entries) == len(sources)
        there = await listed(server)
        assert numbered(there) == numbered(alone)
        server.faults.error(403, "GET", "/channels/*/messages/*", code=50001)
        without = await listed(server, channel=thread)
        assert "the sources" not in text_of(without)
        assert "cannot be read; its sources are missing" in text_of(without)


async def test_an_answer_of_ask_further_is_the_threads_or_the_channels(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        card = await ask(server)

        async def ask_further(words: str) -> None:
            opened = await server.click(card, label="Ask further")
            name = (await opened.modal())["components"][0]["component"]["custom_id"]
            await (await server.submit_modal(opened, {name: words})).response()
            await bot._idle.wait()

        before = numbered(await listed(server))
        server.faults.error(400, "POST", "/channels/*/threads", code=160006)
        await ask_further(RESIGNED)
        after = numbered(await listed(server))
        assert after[: len(before)] == before
        assert len(after) > len(before)
        await ask_further("When did the Uruguay Round begin?")
        assert numbered(await listed(server)) == after
        (thread,) = server.threads(server.channel)
        inside = numbered(await listed(server, channel=thread))
        assert inside[: len(before)] == before
        assert not set(inside[len(before) :]) <= set(after)


async def test_private_answers_are_listed_privately_to_who_asked(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        hidden = await server.slash("ask", {"question": RESIGNED, "private": True})
        await hidden.response()
        nothing = await listed(server)
        assert "No answer here has quoted anything yet" in nothing.content
        await ask(server)
        public = numbered(await listed(server))
        own = await (await server.slash("bibliography", {"private": True})).response()
        assert own.ephemeral
        assert "your private ones" in text_of(own)
        assert len(numbered(own)) > len(public) > 0
        other = server.add_user("other")
        theirs = await server.slash("bibliography", {"private": True}, user=other)
        assert set(numbered(await theirs.response())) == set(public)
        forced = ServerSettings(private=True, forced=True)
        bot.memory.change_settings(int(server.guild.id), lambda _: forced)
        assert (await listed(server)).ephemeral


async def test_a_refusal_searched_everywhere_for_oneself_is_private(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        refused = await server.slash("ask", {"question": QUESTION, "from": "2001"})
        card = await refused.response()
        other = server.add_user("other")
        own = await server.click(card, label="Search everything", user=other)
        assert (await own.response()).ephemeral
        # The leads of a refusal are no citations.
        assert "No answer here" in (await listed(server)).content
        theirs = await server.slash("bibliography", {"private": True}, user=other)
        assert numbered(await theirs.response())
        await (await server.click(card, label="Search everything")).response()
        assert numbered(await listed(server))


async def test_where_only_a_user_brought_the_bot_the_list_is_their_own(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        foreign = server.add_guild("Foreign", installed=False)
        people = [server.add_user(name, installed=True) for name in ("one", "two")]
        for user, question in zip(people, (QUESTION, RESIGNED), strict=True):
            await ask(server, question, user=user, guild=foreign)
        options = {"private": False}
        public = await server.slash("bibliography", options, user=people[0], guild=foreign)
        assert "No answer here" in (await public.response()).content
        own = [
            await (await server.slash("bibliography", {}, user=user, guild=foreign)).response()
            for user in people
        ]
        assert all(one.ephemeral for one in own)
        assert numbered(own[0])
        assert not set(numbered(own[0])) & set(numbered(own[1]))


async def test_direct_messages_have_a_list_too(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, _):
        await ask(server, guild=None)
        assert numbered(await listed(server, guild=None))
        stranger = server.add_user("stranger", installed=True)
        assert "No answer here" in (await listed(server, guild=None, user=stranger)).content


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[ArchivePool]:
    papers, root = tmp_path_factory.mktemp("papers"), tmp_path_factory.mktemp("archive")
    for name in ("oats", "barley"):
        (papers / f"{name}.txt").write_text(f"The {name} of Brixwold were sold in 1901.\n")
    gathered = gather([papers], Silence())
    build_archive(root, gathered, model=DEFAULT_MODEL, cache=cache, progress=Silence())
    opened = ArchivePool(Location(root, cache))
    yield opened
    opened.close()


async def test_what_is_gone_or_changed_since_is_named(pool: ArchivePool, tmp_path: Path) -> None:
    async with on_line(pool, tmp_path) as (server, bot):
        asker = int(server.user.id)
        documents = [doc_id for doc_id, *_ in pool.archive.list_documents()]
        text = pool.archive.document(documents[0]).text
        known = await ask(server, "When were the oats of Brixwold sold?")
        assert known.buttons
        lost = (
            Quoted("old/minutes", 0, 9, "0" * 64),
            Quoted(documents[0], 0, len(text), "0" * 64),
        )
        cited = [(each, 0.0) for each in lost]
        sources, remarks = find_sources(cited, pool.archive)
        assert sources == []
        assert "old/minutes: The document of this quotation is no longer in" in remarks[0]
        assert f"{documents[0]}: The document has changed" in remarks[1]
        assert bot.memory.kept(asker).cards == 1


def test_a_long_list_fits_the_card_and_is_whole_in_the_file(pool: ArchivePool) -> None:
    document = pool.archive.document(next(doc_id for doc_id, *_ in pool.archive.list_documents()))
    sources = [Cited(document)] * 400
    remarks = [f"old/{number}: gone" for number in range(9)]
    card, files = bibliography_card(sources, remarks, private=False)
    assert sum(map(length, card.texts)) <= LIMITS.card
    assert card.components <= LIMITS.components
    assert re.search(r"and \d+ more in bibliography\.txt", card.texts[1])
    whole = dict(files)["bibliography.txt"].decode().splitlines()
    assert whole[399].startswith("400. ")
    assert whole[-1] == remarks[-1]
    # The same entry is written once.
    assert dict(files)["bibliography.bib"].count(b"@") == 1
