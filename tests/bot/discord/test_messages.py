"""The words of messages: Discord's markup removed, quotations found, over the wire too."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.discord.messages import find_quotations, plain
from bot.discord.pool import ArchivePool
from corpus.documents import Span, hash_text
from index.answering.receipts import Quoted
from index.building.build import build_archive
from index.encoding.encoder import DEFAULT_MODEL
from index.location import Location
from index.storage.inventory import gather
from tests.bot.discord.fakediscord import FakeDiscord, Message
from tests.bot.discord.real_bot import ask, on_line, text_of
from tests.support.archives import Silence

QUOTATION = "The weir at Harrowick was mended by the monks before the frost"
OTHER = "no barge passed it until the spring of 1807"
TEXT = f"""---
title: Weir
creators: [Ada Fenn]
document_date: 1807-01-11
---
{QUOTATION}. The miller wrote that {OTHER}, and he wrote it twice.
"""


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("**The** *weir* at __Harrowick__", "The weir at Harrowick"),
        ("***The weir*** ~~at~~ ||Harrowick||", "The weir at Harrowick"),
        ("`The weir` at\n```text\nHarrowick\n```", "The weir at\nHarrowick"),
        ("> The weir\n> at Harrowick", "The weir\nat Harrowick"),
        ("# The weir\n-# at Harrowick", "The weir\nat Harrowick"),
        ("<@12> The weir <:carp:99> at <#5>Harrowick<a:x:1> <t:1:R>", "The weir at Harrowick"),
        (
            "[The weir](https://example.org/a) at <https://example.org>",
            "The weir at https://example.org",
        ),
        (r"The \*weir\* at 5\. Harrowick", "The *weir* at 5. Harrowick"),
        ("</ask:12> @everyone the weir", "the weir"),
        # No markup: it stays.
        ("2 * 3 * 4 and file_name_one and a_b", "2 * 3 * 4 and file_name_one and a_b"),
        ("five <baskets> and -rice", "five <baskets> and -rice"),
        ("a*b", "a*b"),
    ],
)
def test_markup_is_removed_and_the_rest_stays(typed: str, shown: str) -> None:
    assert plain(typed) == shown


@pytest.mark.parametrize(
    ("typed", "quoted"),
    [
        (
            "He wrote “the weir was mended” and «no barge has passed».",
            ["the weir was mended", "no barge has passed"],
        ),
        ('He wrote "the **weir** was mended", she "did not"', ["the weir was mended"]),
        (
            "> the weir was mended\nis that so?\n> no barge passed",
            ["the weir was mended", "no barge passed"],
        ),
        ("See:\n>>> the weir\nwas mended", ["the weir\nwas mended"]),
        ("nothing is quoted", []),
    ],
)
def test_quotations_are_found(typed: str, quoted: list[str]) -> None:
    assert find_quotations(typed) == quoted


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[ArchivePool]:
    folder = tmp_path_factory.mktemp("weir")
    (folder / "papers").mkdir()
    (folder / "papers" / "weir.md").write_text(TEXT)
    root = folder / "archive"
    gathered = gather([folder / "papers"], Silence())
    build_archive(root, gathered, model=DEFAULT_MODEL, cache=cache, progress=Silence())
    opened = ArchivePool(Location(root, cache))
    yield opened
    opened.close()


async def verify(server: FakeDiscord, message: Message) -> Message:
    found = await (await server.context_menu("Verify this quotation", message)).response()
    assert found.ephemeral
    return found


@pytest.mark.parametrize(
    "typed",
    [
        f"> {QUOTATION}",
        f"**{QUOTATION}**",
        f"`{QUOTATION}`",
        f"||{QUOTATION}||",
        f"<@1> {QUOTATION}",
        f"<:carp:99> The *weir* at __Harrowick__ {QUOTATION[21:]}",
        f"Is it so that “{QUOTATION}”, as Fenn says?",
        f">>> {QUOTATION}",
        f"[{QUOTATION}](https://example.org/weir)",
    ],
)
async def test_the_words_of_a_message_are_verified_not_its_markup(
    pool: ArchivePool, tmp_path: Path, typed: str
) -> None:
    async with on_line(pool, tmp_path) as (server, _):
        found = await verify(server, await server.write(typed))
        assert "letter for letter" in text_of(found)
        pasted = await server.slash("verify", {"quotation": typed})
        assert "letter for letter" in text_of(await pasted.response())


async def test_each_quotation_of_a_message_is_verified(pool: ArchivePool, tmp_path: Path) -> None:
    async with on_line(pool, tmp_path) as (server, _):
        typed = f"“{QUOTATION}”, and “{OTHER}”, but “the weir was sold to the bishop”."
        found = await verify(server, await server.write(typed))
        lines = text_of(found).splitlines()
        assert lines[0].startswith("**1.** “")
        assert lines[1].startswith("Word for word in the archive · Ada Fenn")
        assert text_of(found).count("Word for word in the archive · ") == 2
        reads = [each for each in found.buttons if each["label"] == "Read"]
        assert len(reads) >= 2
        read = await (await server.click(found, custom_id=reads[1]["custom_id"])).response()
        assert OTHER in text_of(read).replace("**", "")
        cited = await (await server.click(found, label="Cite")).response()
        assert "Ada Fenn" in text_of(cited)
        many = " ".join(f"“the {number} weirs of Harrowick”" for number in range(40))
        found = await verify(server, await server.write(many))
        assert "\nNot checked: 35 more.\n" in text_of(found)


async def test_a_card_and_a_forwarded_message_are_verified(
    pool: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(pool, tmp_path) as (server, _):
        card = await ask(server, "Who mended the weir at Harrowick?")
        assert "letter for letter" in text_of(await verify(server, card))
        forwarded = await server.forward(await server.write(f"> **{QUOTATION}**"))
        assert "letter for letter" in text_of(await verify(server, forwarded))
        twice = await server.forward(card)
        assert "letter for letter" in text_of(await verify(server, twice))
        asked = await server.context_menu(
            "Ask the archive", await server.forward(await server.write("Who **mended** the weir?"))
        )
        assert "monks" in text_of(await asked.response()).replace("**", "")


async def test_of_a_cards_quotations_the_empty_are_left_out_and_the_rest_counted(
    pool: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_line(pool, tmp_path) as (server, bot):
        card = await ask(server, "Who mended the weir at Harrowick?")
        state = bot.memory.card(card.buttons[0]["custom_id"].split(":")[2])
        assert state
        assert state.quoted
        own = state.quoted[0]
        text = pool.archive.document(own.doc_id).text
        # As where the other side's record has no words that come near.
        spans = [Span(0, 0), *(Span(own.start, own.end - n) for n in range(7))]
        quoted = tuple(
            Quoted(own.doc_id, each.start, each.end, hash_text(each.of(text))) for each in spans
        )
        monkeypatch.setattr(bot.memory, "card", lambda _: replace(state, quoted=quoted[:2]))
        assert "letter for letter" in text_of(await verify(server, card))
        monkeypatch.setattr(bot.memory, "card", lambda _: replace(state, quoted=quoted))
        assert "\nNot checked: 2 more.\n" in text_of(await verify(server, card))


async def test_the_question_of_a_card_is_asked_not_its_words(
    pool: ArchivePool, tmp_path: Path
) -> None:
    question = "Who mended the weir at Harrowick?"
    async with on_line(pool, tmp_path) as (server, bot):
        card = await ask(server, question)
        for _ in range(2):
            again = await (await server.context_menu("Ask the archive", card)).response()
            assert again.ephemeral
            assert text_of(again).splitlines()[0] == f"-# **{question}**"
            assert "asked as" not in text_of(again)
            bot.memory.forget_user(int(server.user.id))
        opened = await (await server.slash("read", {"document": "weir"})).response()
        told = await (await server.context_menu("Ask the archive", opened)).response()
        assert told.content == "This card asks no question. Please ask with /ask."


async def test_a_message_without_words_is_said_to_have_none(
    pool: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(pool, tmp_path) as (server, _):
        told = await verify(server, await server.write("<@1> <:carp:99>"))
        assert told.content == "This message has no words to verify."
        told = await verify(server, await server.write("weir"))
        assert told.content == "A quotation to verify has two words or more."
