"""What the buttons of a card do, over the wire: wider searches, judgements, further questions."""

from collections.abc import Iterator
from pathlib import Path

import discord
import pytest

from bot.discord import delivery
from bot.discord.database import DatabaseAway
from bot.discord.feedback import FILE, keep_feedback, list_feedback
from bot.discord.memory import ServerSettings
from bot.discord.pool import ArchivePool
from bot.discord.render.sources import usable
from index.answering.receipts import Quoted
from index.building.build import build_archive
from index.encoding.encoder import DEFAULT_MODEL
from index.evaluating.questionnaires import read_questionnaire
from index.location import Location
from index.storage.inventory import gather
from tests.bot.discord.fakediscord import FakeDiscord, Message
from tests.bot.discord.real_bot import QUESTION, ask, on_line, text_of
from tests.support.archives import Silence
from tests.support.pdf_maker import Words, make_pdf

TAX = "What was the herring tax of Brixwold raised to?"
RECORDS = {
    "old.md": (
        "---\ntitle: Annals\ncollection: annals\n---\nThe annals of Brixwold begin in 1702.\n"
    ),
    "herring.md": (
        "---\ntitle: Space\nurl: 'https://example.org/a b (c)'\n---\n"
        "The herring tax of Brixwold was raised to four pence in the winter.\n"
    ),
    "candle.md": (
        "---\ntitle: Bare host\nurl: 'http://archive:8000/doc/1'\n---\n"
        "The candle tax of Brixwold was raised to six pence in the winter.\n"
    ),
    "leather.md": (
        "---\ntitle: No host\nurl: 'https://'\n---\n"
        "The leather tax of Brixwold was raised to ten pence in the winter.\n"
    ),
}
LIGHT = ("The lantern of the north tower was", "lit by Tobias Wren at seven o'clock.")


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("papers")


@pytest.fixture(scope="module")
def pool(
    papers: Path, tmp_path_factory: pytest.TempPathFactory, cache: Path
) -> Iterator[ArchivePool]:
    root = tmp_path_factory.mktemp("archive")
    for name, text in RECORDS.items():
        (papers / name).write_text(text)
    page = [Words(72, 100 + 14 * number, text) for number, text in enumerate(LIGHT)]
    (papers / "light.pdf").write_bytes(
        make_pdf([[Words(72, 90, "These are the notes of the harbour master.")], page])
    )
    build_archive(
        root, gather([papers], Silence()), model=DEFAULT_MODEL, cache=cache, progress=Silence()
    )
    opened = ArchivePool(Location(root, cache))
    yield opened
    opened.close()


async def press(server: FakeDiscord, message: Message, label: str, **options: object) -> Message:
    return await (await server.click(message, label=label, **options)).response()  # type: ignore[arg-type]


def kept(server: FakeDiscord, message: Message) -> Message:
    return next(one for one in server.messages(server.channel) if one.id == message.id)


async def test_a_refusal_under_a_filter_is_searched_everywhere_by_who_asked(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        options = {"question": QUESTION, "from": "2001"}
        refused = await (await server.slash("ask", options)).response()
        assert "searched 0 of 41 documents" in text_of(refused)
        assert "only from 1 January 2001" in text_of(refused)
        other = server.add_user("other")
        own = await press(server, refused, "Search everything", user=other)
        assert own.ephemeral
        assert "Stephen Mercado" in text_of(own)
        assert "Stephen Mercado" not in text_of(kept(server, refused))
        wider = await press(server, refused, "Search everything")
        assert wider.id == refused.id
        assert "Stephen Mercado" in text_of(wider)
        assert "searched 41 documents" in text_of(wider)


async def test_not_it_is_kept_as_a_question_that_eval_reads(
    pool: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(pool, tmp_path) as (server, _):
        card = await ask(server, TAX)
        other = server.add_user("other")
        asked = await press(server, card, "Not it", user=other)
        assert asked.ephemeral
        assert "without your name" in text_of(asked)
        assert "Kept as “wrong date”" in text_of(
            await press(server, asked, "Wrong date", user=other)
        )
        text = (pool.root / FILE).read_text()
        assert other.id not in text
        assert other.name not in text
        (item,) = read_questionnaire(pool.root / FILE).items
        assert (item.question, item.kind, item.answerable) == (TAX, "wrong date", False)
        assert item.near_doc.endswith("herring")
        (row,) = list_feedback(pool.root, int(server.guild.id))
        assert row.question == TAX
        assert list_feedback(pool.root, 1) == []


async def test_the_last_judgement_of_a_user_on_a_card_counts(
    service: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "root", tmp_path)
    async with on_line(service, tmp_path) as (server, _):
        card, guild = await ask(server), int(server.guild.id)
        other = server.add_user("other")

        async def judge(reason: str, **options: object) -> list[str]:
            asked = await press(server, card, "Not it", **options)
            await press(server, asked, reason, **options)
            return [each.kind for each in list_feedback(tmp_path, guild)]

        assert await judge("Wrong date") == ["wrong date"]
        assert await judge("Wrong date", user=other) == ["wrong date"]
        assert await judge("Misquoted") == ["misquoted", "wrong date"]
        assert await judge("No answer") == ["no answer", "wrong date"]
        assert await judge("No answer", user=other) == ["no answer"]
        boss = server.add_user("boss", permissions=discord.Permissions.all().value)
        shown = await (await server.slash("manage feedback", {}, user=boss)).response()
        assert "**Answers judged wrong: 1** (1 no answer)" in text_of(shown)
        assert b"judges" not in shown.attachments[0].content
        assert len(read_questionnaire(tmp_path / FILE).items) == 1


def test_rows_that_somebody_edited_stay_the_same(tmp_path: Path) -> None:
    path = tmp_path / FILE
    keep_feedback(tmp_path, "no_answer", "Who was Finch?", [], 1, "a")
    own = path.read_text().replace('"answerable": false', '"answerable":   true')
    path.write_text(f"{own}no JSON at all")
    keep_feedback(tmp_path, "misquoted", "Who was Dray?", [], 1, "b")
    assert path.read_text().startswith(f"{own}no JSON at all\n")
    keep_feedback(tmp_path, "misquoted", "Who was Finch?", [], 1, "a")
    assert [each.answerable for each in list_feedback(tmp_path, 1)] == [False, False, True]


async def test_managers_list_what_was_judged_wrong_in_their_server(
    service: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "root", tmp_path)
    async with on_line(service, tmp_path) as (server, _):
        guild = int(server.guild.id)
        boss = server.add_user("boss", permissions=discord.Permissions.all().value)

        async def listed(**options: object) -> Message:
            return await (await server.slash("manage feedback", {}, **options)).response()  # type: ignore[arg-type]

        assert "No answer was judged wrong" in text_of(await listed(user=boss))
        for number in range(23):
            words = f"<@1> **Who** was {number}?"
            keep_feedback(tmp_path, "wrong_date", words, [], guild, str(number))
        keep_feedback(tmp_path, "misquoted", "Elsewhere?", [], guild + 1, "x")
        shown = await listed(user=boss)
        assert shown.ephemeral
        assert "**Answers judged wrong: 23** (23 wrong date)" in text_of(shown)
        assert "<@1>" not in text_of(shown)
        assert "Elsewhere" not in text_of(shown)
        seen = [text_of(shown)]
        for _ in range(2):
            shown = await press(server, shown, "Next", user=boss)
            seen.append(text_of(shown))
        assert all(f"was {number}?" in "".join(seen) for number in range(23))
        assert "page 3 of 3" in seen[-1]
        (file,) = shown.attachments
        read = tmp_path / "given.jsonl"
        read.write_bytes(file.content)
        items = read_questionnaire(read).items
        assert [item.question for item in items] == [f"<@1> **Who** was {n}?" for n in range(23)]
        # The rights are looked at again.
        boss.permissions = 0
        assert "Manage Server" in (await press(server, shown, "Previous", user=boss)).content


def test_feedback_is_kept_once_and_survives_edited_rows(tmp_path: Path) -> None:
    quoted = [Quoted("a", 1, 9, "0")]
    for _ in range(2):
        assert keep_feedback(tmp_path, "misquoted", "Who?", quoted, 7, "a")
    assert keep_feedback(tmp_path, "no_answer", "Who?", quoted, 7, "b")
    with (tmp_path / FILE).open("a") as file:
        file.write('not json\n{"id": 1}\n')
    assert [row.kind for row in list_feedback(tmp_path, 7)] == ["no answer", "misquoted"]


def test_a_full_file_of_feedback_takes_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.discord.feedback._MOST", 300)
    kept = [keep_feedback(tmp_path, "no_answer", f"Who was {n}?", [], 1, str(n)) for n in range(5)]
    assert kept[0]
    assert not kept[-1]


async def test_ask_further_answers_in_a_thread_on_the_card(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, bot):
        card = await ask(server)
        for words in ("And who published them?", "And when?"):
            opened = await server.click(card, label="Ask further")
            modal = await opened.modal()
            name = modal["components"][0]["component"]["custom_id"]
            told = await (await server.submit_modal(opened, {name: words})).response()
            assert told.ephemeral
            assert "Answered in <#" in told.content
            await bot._idle.wait()
        (thread,) = server.threads(server.channel)
        assert thread.name == "And who published them?"
        first, _ = server.messages(thread)
        assert "asked as: Who published the records?" in text_of(first)
        follow = await ask(server, "And who translated them?", channel=thread)
        assert "asked as: " in text_of(follow)


async def test_a_further_answer_stays_where_its_exchange_cannot_be_kept(
    service: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DatabaseAway

    async with on_line(service, tmp_path) as (server, bot):
        card = await ask(server)
        monkeypatch.setattr(bot.memory, "keep_exchange", fail)
        opened = await server.click(card, label="Ask further")
        sent = await server.submit_modal(opened, {"question": "And who published them?"})
        beside = await sent.followup()
        assert beside.ephemeral
        assert "What I remember of this server" in beside.content
        assert "Answered in <#" in (await sent.response()).content


async def test_a_further_question_on_a_deleted_card_keeps_to_the_default_collection(
    pool: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(pool, tmp_path) as (server, bot):
        card = await ask(server, TAX)
        bot.memory.forget_user(int(server.user.id))
        chosen = ServerSettings(collection="annals")
        bot.memory.change_settings(int(server.guild.id), lambda _: chosen)
        opened = await server.click(card, label="Ask further")
        await (await server.submit_modal(opened, {"question": TAX})).response()
        await bot._idle.wait()
        (thread,) = server.threads(server.channel)
        (answered,) = server.messages(thread)
        assert "four pence" not in text_of(answered)
        assert "only annals" in text_of(answered)
        assert f"of {len(RECORDS) + 1} documents" in text_of(answered)


async def test_a_further_question_is_answered_where_no_thread_can_be_made(
    service: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(service, tmp_path) as (server, _):
        card = await ask(server)
        server.faults.error(400, "POST", "/channels/*/threads", code=160006)
        opened = await server.click(card, label="Ask further")
        name = (await opened.modal())["components"][0]["component"]["custom_id"]
        sent = await server.submit_modal(opened, {name: "And who published them?"})
        below = await sent.followup(1)
        assert not below.ephemeral
        assert "Who published the records?" in text_of(below)
        hidden = await (
            await server.slash("ask", {"question": QUESTION, "private": True})
        ).response()
        opened = await server.click(hidden, label="Ask further")
        name = (await opened.modal())["components"][0]["component"]["custom_id"]
        own = await (await server.submit_modal(opened, {name: "And who?"})).response()
        assert own.ephemeral
        assert server.threads(server.channel) == []


async def test_addresses_that_discord_refuses_cost_no_answer(
    pool: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(pool, tmp_path) as (server, _):
        card = await ask(server, TAX)
        assert "(https://example.org/a%20b%20%28c%29)" in text_of(card)
        for question in (TAX.replace("herring", "candle"), TAX.replace("herring", "leather")):
            answered = await ask(server, question)
            assert " pence in the winter" in text_of(answered).replace("**", "")
            first = await press(server, answered, "Read")
            assert {"Whole document", "Cite"} == {b["label"] for b in first.buttons}


async def test_a_card_that_discord_refuses_is_sent_once_more_without_buttons(
    pool: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_line(pool, tmp_path) as (server, _):
        monkeypatch.setattr(delivery, "_QUICK", 50.0)
        server.faults.error(400, "POST", "/interactions/*", code=50035)
        answered = await ask(server, TAX)
        assert "four pence" in text_of(answered)
        assert answered.buttons == []
        monkeypatch.setattr(delivery, "_QUICK", 0.0)
        server.faults.error(400, "PATCH", "/webhooks/*", code=50035)
        answered = await ask(server, TAX)
        assert "four pence" in text_of(answered)
        assert answered.buttons == []


async def test_a_slow_answer_is_acknowledged_first_and_a_quick_one_is_not(
    pool: ArchivePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_line(pool, tmp_path) as (server, _):
        # A reply of its own: nothing is edited.
        monkeypatch.setattr(delivery, "_QUICK", 50.0)
        quick = await ask(server, TAX)
        assert quick.revision == 0
        monkeypatch.setattr(delivery, "_QUICK", 0.0)
        slow = await ask(server, TAX)
        assert slow.revision > 0
        assert text_of(quick) == text_of(slow)


async def test_a_page_of_a_pdf_is_shown_as_a_picture(
    pool: ArchivePool, papers: Path, tmp_path: Path
) -> None:
    async with on_line(pool, tmp_path) as (server, _):
        card = await ask(server, "Who lit the lantern of the north tower?")
        passage = await press(server, card, "Read")
        shown = await (await server.click(passage, label="Page as a picture")).response(20)
        (picture,) = shown.attachments
        assert picture.content.startswith(b"\x89PNG")
        assert "page 2" in text_of(shown)
        back = await press(server, shown, "Passage")
        assert not back.attachments
        moved = (papers / "light.pdf").rename(papers / "moved")
        gone = await press(server, back, "Page as a picture")
        moved.rename(papers / "light.pdf")
        assert gone.ephemeral
        assert "no longer where it was read" in gone.content


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://example.org/a b", "https://example.org/a%20b"),
        ("https://example.org/a(b)%20%", "https://example.org/a%28b%29%20%25"),
        ("HTTPS://Example.ORG/x?y=1&z=ü#p", "https://example.org/x?y=1&z=%C3%BC#p"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://example.org:8443/x", "https://example.org:8443/x"),
        ("http://archive:8000/doc", None),
        ("http://10.0.0.7/doc", None),
        ("https://user@example.org/", None),
        ("https://", None),
        ("https://[::1/", None),
        ("https://example.org:port/", None),
        ("ftp://example.org/x", None),
        ("https://example.org/" + "x" * 500, None),
        (None, None),
    ],
)
def test_addresses_are_checked_and_encoded(address: str | None, expected: str | None) -> None:
    assert usable(address) == expected


async def test_documents_are_offered_by_the_words_of_their_texts(
    pool: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(pool, tmp_path) as (server, _):
        typed = await server.autocomplete(
            "read", {"document": "space herring pence"}, focused="document"
        )
        (offered,) = await typed.choices()
        assert offered["name"].startswith("Space")
        for words in (offered["value"], "space herring pence"):
            shown = await (await server.slash("read", {"document": words})).response()
            assert "four pence in the winter" in text_of(shown)
        nothing = await server.autocomplete(
            "read", {"document": "space candle pence"}, focused="document"
        )
        assert await nothing.choices() == []
