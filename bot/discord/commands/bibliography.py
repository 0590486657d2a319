"""The command /bibliography."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import discord
from discord import app_commands
from discord.app_commands import locale_str as named

from bot.discord.asking import Asker
from bot.discord.commands.common import Interaction, begin, limited, server_settings
from bot.discord.delivery import say, show
from bot.discord.messages import card_id_of
from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.render.bibliography import NO_OPENER, NOTHING, bibliography_card
from bot.discord.translations import phrases_for
from bot.services.ask import QuotationChanged, find_quoted
from corpus.citations.cited import Cited
from index.answering.receipts import Quoted
from index.retrieval.archive import Archive


@app_commands.command(
    name=named("bibliography"),
    description=named("List what was cited in this channel or thread, with files"),
)
@app_commands.describe(private=named("Show the answer to you alone"))
@limited
async def bibliography(interaction: Interaction, private: bool | None = None) -> None:
    """List the sources of a channel's answers; a private list has the user's private ones too."""
    bot = interaction.client
    async with bot.under_way():
        if private is None and _counts_as_private(interaction):
            private = True
        if not await begin(interaction, private):
            return
        hidden = server_settings(interaction).is_hidden(private)
        user_id = interaction.user.id if hidden else None
        guild_id, channel_id = interaction.guild_id, interaction.channel_id or 0
        tr = phrases_for(interaction.locale)
        opener, remarks = await _find_opener(interaction)
        cited = await bot.remember(
            lambda memory: memory.citations(guild_id, channel_id, user_id, opener)
        )
        if not cited:
            await say(interaction, "\n".join([tr(NOTHING), *remarks]))
            return

        def work(archive: Archive) -> tuple[list[Cited], list[str]]:
            return find_sources(cited, archive, tr)

        sources, lost = await bot.pool.run(work)
        card, files = bibliography_card(
            sources, [*remarks, *lost], tr, private=hidden, direct=guild_id is None
        )
        await show(interaction, card, files=files)


def _counts_as_private(interaction: Interaction) -> bool:
    """Whether every answer counts as private here, so that a public list would be empty."""
    return Asker.of(interaction, private=False).private


def find_sources(
    cited: Sequence[tuple[Quoted, float]], archive: Archive, tr: Phrases = ENGLISH
) -> tuple[list[Cited], list[str]]:
    """Return the records that were quoted, each once and in order, and remarks on those lost.

    `cited` has the time of each quotation, in seconds since 1970.
    """
    sources: dict[object, Cited] = {}
    lost: dict[str, None] = {}
    for quoted, when in cited:
        try:
            document, span = find_quoted(quoted, archive)
        except QuotationChanged as error:
            lost[f"{quoted.doc_id}: {tr.known(error.message)}"] = None
            continue
        day = datetime.fromtimestamp(when, UTC).date().isoformat()
        # The words of an enclosure are of its own record.
        record = replace(Cited.of(document, span, day), span=None)
        sources.setdefault((quoted.doc_id, record.provenance), record)
    return list(sources.values()), list(lost)


async def _find_opener(interaction: Interaction) -> tuple[str | None, list[str]]:
    """Return the card that a thread was opened on, and a remark if that cannot be read."""
    thread = interaction.channel
    if (
        not isinstance(thread, discord.Thread)
        or not interaction.is_guild_integration()
        or isinstance(thread.parent, discord.ForumChannel)
    ):
        return None, []
    # A thread has the id of its message.
    parent = interaction.client.get_partial_messageable(thread.parent_id)
    try:
        message = await parent.fetch_message(thread.id)
    except discord.NotFound:
        return None, []
    except (discord.HTTPException, OSError):
        return None, [phrases_for(interaction.locale)(NO_OPENER)]
    return card_id_of(message), []
