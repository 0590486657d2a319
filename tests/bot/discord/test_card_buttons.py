"""The buttons of a card belong to the quotation that it shows, whatever the archive has become."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.discord.pool import ArchivePool
from index.answering.verdict import Level
from index.building.build import build_archive, roll_back
from index.encoding.encoder import DEFAULT_MODEL
from index.location import Location
from index.storage.inventory import gather
from tests.bot.discord.fakediscord import FakeDiscord, Message
from tests.bot.discord.real_bot import ask, on_line, text_of
from tests.support.archives import Silence

TOLL = "What was the toll of the bridge of Quarmby raised to?"
OLDER = """---
title: Letter on the toll
creators: [Edith Marl]
document_date: 1868-03-02
---
The toll of the bridge at Quarmby was raised to two pence in the spring, as I hear from the miller.
"""
NEWER = """---
title: Notice of the toll
creators: [Tobias Wren]
document_date: 1903-06-11
---
The toll of the bridge of Quarmby was raised to eleven pence.
"""


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "letter.md").write_text(OLDER)
    (folder / "lamps.md").write_text("The lamps of Quarmby are lit by nine o'clock in winter.\n")
    return folder


@pytest.fixture
def pool(tmp_path: Path, papers: Path, cache: Path) -> Iterator[ArchivePool]:
    root = tmp_path / "archive"
    build_archive(
        root, gather([papers], Silence()), model=DEFAULT_MODEL, cache=cache, progress=Silence()
    )
    opened = ArchivePool(Location(root, cache))
    yield opened
    opened.close()


async def rebuild(server: FakeDiscord) -> None:
    interaction = await server.slash("archive rebuild", {}, user=server.owner)
    message = await interaction.response()
    while "Rebuilding" in message.content:
        message = await interaction.updated()
    assert "is built" in message.content


async def press(server: FakeDiscord, message: Message, label: str) -> Message:
    return await (await server.click(message, label=label)).response()


async def check_buttons(server: FakeDiscord, card: Message) -> None:
    """Check that *Cite* and *Read* are about the letter."""
    cited = await press(server, card, "Cite")
    assert "Edith Marl" in text_of(cited)
    menu = next(one for one in cited.every_component if one["type"] == 3)
    for option in menu["options"]:
        chosen = await server.select(cited, menu["custom_id"], option["value"])
        (file,) = (await chosen.response()).attachments
        assert "Marl" in file.content.decode()
        assert "Wren" not in file.content.decode()
    around = text_of(await press(server, card, "Read"))
    assert "two pence" in around
    assert "eleven" not in around


async def test_cite_and_read_keep_to_the_card_after_a_rebuild_and_a_rollback(
    pool: ArchivePool, papers: Path, tmp_path: Path
) -> None:
    async with on_line(pool, tmp_path) as (server, bot):
        card = await ask(server, TOLL)
        assert "two pence" in text_of(card)
        (papers / "a-notice.md").write_text(NEWER)
        await rebuild(server)
        newer = await ask(server, TOLL)
        # The buttons would be about the notice if the question were answered again.
        assert "eleven pence" in text_of(newer)
        await check_buttons(server, card)
        roll_back(pool.root)
        await check_buttons(server, card)
        gone = await press(server, newer, "Cite")
        assert "no longer in the archive" in gone.content
        bot.level = Level.STRICT
        await check_buttons(server, card)


async def test_a_quotation_that_is_gone_or_changed_is_said_to_be(
    pool: ArchivePool, papers: Path, tmp_path: Path
) -> None:
    async with on_line(pool, tmp_path) as (server, _):
        card = await ask(server, TOLL)
        (papers / "letter.md").write_text(OLDER.replace("two pence", "six pence"))
        await rebuild(server)
        for label in ("Cite", "Read"):
            told = await press(server, card, label)
            assert "The document has changed" in told.content
            assert not told.attachments
            assert not told.v2
        (papers / "letter.md").unlink()
        await rebuild(server)
        for label in ("Cite", "Read"):
            assert "no longer in the archive" in (await press(server, card, label)).content


async def test_pages_of_another_search_are_not_shown_on_a_card(
    pool: ArchivePool, papers: Path, tmp_path: Path
) -> None:
    for number in range(8):
        (papers / f"note-{number}.md").write_text(
            f"The ferry of Quarmby sank in {1900 + number}.\n"
        )
    async with on_line(pool, tmp_path) as (server, _):
        await rebuild(server)
        card = await (await server.slash("search", {"query": "ferry of Quarmby"})).response()
        shown = text_of(card)
        (papers / "note-3.md").unlink()
        await rebuild(server)
        told = await press(server, card, "Next")
        assert told.ephemeral
        assert "has changed since this card was made" in told.content
        (kept,) = [one for one in server.messages(server.channel) if one.id == card.id]
        assert text_of(kept) == shown


async def test_cards_of_an_earlier_version_answer_their_buttons(
    pool: ArchivePool, tmp_path: Path
) -> None:
    async with on_line(pool, tmp_path) as (server, _):
        card = await ask(server, TOLL)
        card_id = card.buttons[0]["custom_id"].split(":")[2]
        stored = server._stored(card, server.user)
        old = [{"type": 2, "style": 2, "label": name, "custom_id": f"memcon:{name}:{card_id}:0"}
               for name in ("prev", "next", "context", "cite")]  # fmt: skip
        old.append({**old[0], "label": "order", "custom_id": "memcon:manage:order"})
        for number, each in enumerate(old):
            each["id"] = number + 2
        stored.payload.update(
            flags=0,
            embeds=[{"title": "x"}],
            components=[{"type": 1, "id": 1, "components": old}],
        )
        message = stored.view()
        for label in ("prev", "next", "order"):
            assert "too old" in (await press(server, message, label)).content
        assert "two pence" in text_of(await press(server, message, "context"))
        assert "Edith Marl" in text_of(await press(server, message, "cite"))
