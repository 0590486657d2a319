"""The commands /about, /archive status, and for the bot's owners /archive rebuild and add."""

import asyncio
import re
import secrets
from typing import Any, Self

import discord
from discord import app_commands
from discord.app_commands import locale_str as named

from bot.discord import cards
from bot.discord.commands.common import (
    Interaction,
    begin,
    handled,
    limited,
    owners_only,
    require_owner,
)
from bot.discord.delivery import acknowledge, persist, say, show
from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.rebuilds import rebuild as rebuild_archive
from bot.discord.render.sources import date_in_words
from bot.discord.text import clip, escape
from bot.discord.translations import phrases_for
from bot.services.uploads import (
    FOLDER,
    MAX_BYTES,
    Upload,
    keep_upload,
    make_clause,
    read_upload,
    safe_name,
    too_large,
)
from corpus.documents import Document
from corpus.errors import UsageError

# The most files that wait to be added, and documents of a file that are shown.
_MOST_OFFERED = 5
_MOST_SHOWN = 3


@app_commands.command(
    name=named("about"),
    description=named("What this archive holds, and how to read a citation"),
)
@limited
async def about(interaction: Interaction) -> None:
    """Show the archive's contents."""
    async with interaction.client.under_way():
        if await begin(interaction):
            tr = phrases_for(interaction.locale)
            card = await interaction.client.pool.run(
                lambda archive: cards.about_card(
                    archive.manifest,
                    archive.engine.values("collection"),
                    archive.engine.values("kind"),
                    tr,
                )
            )
            await show(interaction, card)


archive = app_commands.Group(name=named("archive"), description=named("The archive's state"))


@archive.command(name=named("status"), description=named("Which state of the archive answers"))
@limited
async def status(interaction: Interaction) -> None:
    """Show which generation answers."""
    async with interaction.client.under_way():
        if await begin(interaction):
            tr = phrases_for(interaction.locale)
            card = await interaction.client.pool.run(
                lambda archive: cards.status_card(archive.manifest, tr)
            )
            await show(interaction, card)


@archive.command(
    name=named("rebuild"), description=named("Rebuild the index (only the owner of the bot)")
)
@owners_only
async def rebuild(interaction: Interaction) -> None:
    """Rebuild the index while questions go on."""
    async with interaction.client.under_way():
        if await acknowledge(interaction, ephemeral=True):
            await rebuild_archive(interaction.client, interaction)


@archive.command(name=named("add"), description=named("Add a document (only the owner of the bot)"))
@app_commands.describe(file=named("The file; it is shown before it is added"))
@owners_only
async def add(interaction: Interaction, file: discord.Attachment) -> None:
    """Read a file in isolation, and show what would be added."""
    bot = interaction.client
    async with bot.under_way():
        if file.size > MAX_BYTES:
            raise too_large()
        if not await acknowledge(interaction, ephemeral=True):
            return
        try:
            data = await persist(file.read)
        except (discord.NotFound, discord.Forbidden):
            raise UsageError("Discord no longer has this file. Please attach it again.") from None
        name = safe_name(file.filename)
        upload = await asyncio.to_thread(read_upload, name, data)
        offer_id = secrets.token_hex(4)
        bot.offered[offer_id] = (name, data)
        while len(bot.offered) > _MOST_OFFERED:
            del bot.offered[next(iter(bot.offered))]
        replaces = (bot.pool.root / FOLDER / name).exists()
        tr = phrases_for(interaction.locale)
        words = describe_upload(name, upload, tr, replaces=replaces)
        view = discord.ui.View(timeout=None)
        view.add_item(OfferButton(offer_id, "take", tr))
        view.add_item(OfferButton(offer_id, "leave", tr))
        view.stop()
        await say(interaction, words, view=view)


class OfferButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"memcon:add:(?P<offer>[0-9a-f]{8}):(?P<action>take|leave)",
):
    """Adds an offered file to the archive, or leaves it."""

    def __init__(self, offer_id: str, action: str, tr: Phrases = ENGLISH) -> None:
        """Make the button for an action."""
        takes = action == "take"
        super().__init__(
            discord.ui.Button(
                label=tr("Add and rebuild" if takes else "Do not add"),
                custom_id=f"memcon:add:{offer_id}:{action}",
                style=discord.ButtonStyle.success if takes else discord.ButtonStyle.secondary,
            )
        )
        self.offer_id, self.action = offer_id, action

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - the library's own signature
        item: discord.ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],
    ) -> Self:
        """Make the pressed button from its custom_id."""
        return cls(match["offer"], match["action"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Add the file and rebuild, or forget it."""
        async with handled(interaction):
            require_owner(interaction)
            if not await acknowledge(interaction, thinking=False):
                return
            offered = interaction.client.offered.pop(self.offer_id, None)
            if offered is None:
                raise UsageError("This file is no longer at hand. Please add it again.")
            tr = phrases_for(interaction.locale)
            if self.action == "leave":
                await say(interaction, tr("The file was not added."))
                return
            await say(interaction, tr("Rebuilding: reading the file."))
            await _add(interaction, *offered)


async def _add(interaction: Interaction, name: str, data: bytes) -> None:
    """Keep a file and rebuild; a file that breaks the build is not kept."""
    root = interaction.client.pool.root
    folder = await asyncio.to_thread(keep_upload, root, name, data)
    try:
        await rebuild_archive(interaction.client, interaction, (folder,))
    except Exception:
        (folder / name).unlink(missing_ok=True)
        raise


def describe_upload(name: str, upload: Upload, tr: Phrases = ENGLISH, *, replaces: bool) -> str:
    """Describe a file that would be added, within the length of a message."""
    count, problems = len(upload.documents), len(upload.problems)
    heading = tr(
        "**{name}** reads as {count:,} documents:",
        name=escape(name),
        count=count,
    )
    lines = [heading, *(_describe_document(each, tr) for each in upload.documents[:_MOST_SHOWN])]
    if count > _MOST_SHOWN:
        lines.append(tr("and {count:,} more", count=count - _MOST_SHOWN))
    if problems:
        reason = escape(clip(make_clause(upload.problems[0].reason), 150))
        lines.append(
            tr("{count:,} parts cannot be read, the first: {reason}", count=problems, reason=reason)
        )
    if replaces:
        lines.append(tr("It replaces the file of this name that was added before."))
    return "\n".join(lines)


def _describe_document(document: Document, tr: Phrases) -> str:
    known = document.provenance
    date = known.document_date or known.event_date
    details = [
        escape(clip(document.title, 120)),
        escape(clip(", ".join(known.creators), 100)) if known.creators else tr("author not known"),
        tr.date(date, date_in_words) if date else tr("date not known"),
        tr("{count:,} characters", count=len(document.text)),
    ]
    return f"- {' · '.join(details)}\n> {escape(clip(document.text, 220))}"
