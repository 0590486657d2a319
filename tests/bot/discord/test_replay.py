"""What a receipt proves, told to who may know, over the wire."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.discord.memory import CardContext
from bot.discord.pool import ArchivePool
from bot.discord.render.replay import replay_card
from bot.discord.render.sources import date_in_words
from bot.discord.text import LIMITS, length
from index.answering.receipts import (
    Replay,
    Reranked,
    delete_receipts,
    find_receipt,
    keep_receipt,
)
from index.retrieval.filters import Filters
from index.understanding.conversation.rewriting import RewrittenQuestion
from tests.bot.discord.fakediscord import FakeDiscord, Message
from tests.bot.discord.real_bot import QUESTION, ask, on_line, text_of


async def replay(server: FakeDiscord, receipt: str, **options: object) -> Message:
    sent = await server.slash("replay", {"receipt": receipt}, **options)  # type: ignore[arg-type]
    return await sent.response()


def receipt_of(message: Message) -> str:
    return text_of(message).rsplit("receipt ", 1)[1][:12]


async def test_a_receipt_is_replayed_privately_and_its_words_are_read(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        receipt = receipt_of(await ask(server))
        shown = await replay(server, f" Receipt {receipt.upper()} ")
        assert shown.ephemeral
        assert f"The same answer as in receipt {receipt}" in text_of(shown)
        assert QUESTION in text_of(shown)
        today = date_in_words(datetime.now(UTC).date().isoformat())
        yesterday = date_in_words((datetime.now(UTC) - timedelta(1)).date().isoformat())
        said = {f"-# Answered on {day}." for day in (today, yesterday)}
        assert said & {*text_of(shown).splitlines()}
        read = await (await server.click(shown, label="Read")).response()
        assert "Stephen Mercado translated" in text_of(read)


async def test_a_receipt_is_for_who_asked_and_for_who_sees_its_public_card(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        public = receipt_of(await ask(server))
        hidden = await server.slash(
            "ask", {"question": "When did Hosokawa resign?", "private": True}
        )
        private = receipt_of(await hidden.response())
        other = server.add_user("other")
        assert "The same answer" in text_of(await replay(server, public, user=other))
        unknown = (await replay(server, "0" * 12, user=other)).content
        assert "no receipt of this name for you" in unknown
        # Nobody learns that it exists.
        elsewhere = server.add_channel(server.guild, "elsewhere")
        for receipt, options in (
            (private, {"user": other}),
            (public, {"user": other, "channel": elsewhere}),
            (public, {"user": other, "guild": None}),
        ):
            assert (await replay(server, receipt, **options)).content == unknown
        for where in ({}, {"channel": elsewhere}, {"guild": None}):
            assert "The same answer" in text_of(await replay(server, private, **where))
        # What is deleted proves nothing any more.
        bot.memory.forget_user(int(server.user.id))
        assert (await replay(server, public, user=other)).content == unknown


async def test_the_thread_of_an_answer_has_its_receipt(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        opened = await server.slash("ask", {"question": QUESTION, "thread": True})
        receipt = receipt_of(await opened.response())
        await server.happened("THREAD_CREATE")
        await bot._idle.wait()
        (thread,) = server.threads(server.channel)
        other = server.add_user("other")
        shown = await replay(server, receipt, user=other, channel=thread)
        assert "The same answer" in text_of(shown)


@pytest.mark.parametrize(
    "words",
    ["7e65", "0" * 13, "@everyone <@1> [x](https://e.example)", "'; --", "\u202e\U0001f363" * 9],
)
async def test_what_is_no_receipt_is_refused_without_being_repeated(
    service: ArchivePool, tmp_path: Path, words: str
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        told = await replay(server, words)
        assert told.ephemeral
        assert told.content.startswith("A receipt is twelve digits and letters")
        assert words not in told.content


async def test_reranked_and_lost_receipts_are_refused(service: ArchivePool, tmp_path: Path) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        root, user_id = service.root, int(server.user.id)
        receipt = find_receipt(root, receipt_of(await ask(server)))
        reranked = replace(receipt, reranker=Reranked("/srv/models/own", "0" * 64), kept_as="")
        keep_receipt(root, reranked, 600.0)
        context = CardContext(receipt_id=reranked.receipt_id)
        asked = RewrittenQuestion("?", "?")
        bot.memory.keep_card("ask", user_id, asked, Filters(), "1", (), context)
        told = await replay(server, reranked.receipt_id)
        assert "reread by a model that I do not use now" in told.content
        assert "/srv" not in told.content
        delete_receipts(root, [reranked.receipt_id])
        assert "no receipt of this name" in (await replay(server, reranked.receipt_id)).content


def test_what_has_changed_fits_the_card(service: ArchivePool) -> None:
    from bot.services.ask import ask as answer

    reply = answer(QUESTION, service.archive, receipt_life=600.0)
    changes = tuple(f"Quotation {n} (**x** {'long ' * 200}): gone." for n in range(40))
    once = Replay(reply.receipt, reply.answer, changes)
    card = replay_card(once, [None] * len(reply.receipt.quotes), "1993-07-09")
    assert sum(map(length, card.texts)) <= LIMITS.card
    assert "Not the answer of receipt" in card.texts[1]
    assert "**x**" not in card.texts[1]
    assert "and 32 more changes" in card.texts[1]
    assert card.texts[2].endswith("no longer there, word for word")
