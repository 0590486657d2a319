"""The commands /about, /archive status and /archive rebuild."""

import asyncio

from discord import app_commands
from discord.app_commands import locale_str as named

from bot.discord import cards
from bot.discord.commands.common import Interaction, begin, require_manager
from bot.discord.delivery import acknowledge, say, show
from bot.discord.pool import RebuildProgress

# The time between edits that show a rebuild's progress, in seconds.
_PROGRESS_EVERY = 2.0


@app_commands.command(
    name=named("about"),
    description=named("What this archive holds, and how to read a citation"),
)
async def about(interaction: Interaction) -> None:
    """Show the archive's contents."""
    async with interaction.client.under_way():
        if await begin(interaction):
            card = await interaction.client.pool.run(
                lambda archive: cards.about_card(
                    archive.manifest,
                    archive.engine.values("collection"),
                    archive.engine.values("kind"),
                )
            )
            await show(interaction, card)


archive = app_commands.Group(name=named("archive"), description=named("The archive's state"))


@archive.command(name=named("status"), description=named("Which state of the archive answers"))
async def status(interaction: Interaction) -> None:
    """Show which generation answers."""
    async with interaction.client.under_way():
        if await begin(interaction):
            card = await interaction.client.pool.run(
                lambda archive: cards.status_card(archive.manifest)
            )
            await show(interaction, card)


@archive.command(name=named("rebuild"), description=named("Rebuild the index (managers only)"))
async def rebuild(interaction: Interaction) -> None:
    """Rebuild the index while questions go on."""
    async with interaction.client.under_way():
        if await acknowledge(interaction, ephemeral=True):
            await require_manager(interaction)
            await _rebuild(interaction)


async def _rebuild(interaction: Interaction) -> None:
    """Rebuild, and edit the reply to show the progress while Discord takes edits."""
    progress = RebuildProgress()
    work = asyncio.create_task(interaction.client.pool.rebuild(progress))
    shown = ""
    while not work.done():
        if str(progress) != shown and not interaction.is_expired():
            shown = str(progress)
            await say(interaction, f"Rebuilding: {shown}. Questions go on meanwhile.")
        await asyncio.wait([work], timeout=_PROGRESS_EVERY)
    built = await work
    manifest = built.manifest
    done = "is built and answers from now on" if built.changed else "was up to date already"
    if not interaction.is_expired():
        await say(
            interaction,
            f"Index {manifest.generation} {done}: {manifest.documents:,} documents, "
            f"{manifest.passages:,} passages, {manifest.skipped:,} files skipped.",
        )
