"""The command /ask, the menu Ask the archive, and the threads of follow-up questions."""

import logging
from dataclasses import replace

import discord
from discord import app_commands
from discord.app_commands import locale_str as named

from bot.discord.commands.common import (
    EVERY_COLLECTION,
    Interaction,
    QuestionText,
    begin,
    complete_collection,
    limited,
    offer,
    server_settings,
    show_drawn,
)
from bot.discord.database import DatabaseAway
from bot.discord.delivery import LacksPermission, open_thread
from bot.discord.drawing import Drawn, draw_answer
from bot.discord.errors import report
from bot.discord.text import LIMITS, clip
from bot.services.ask import ask as ask_archive
from corpus.errors import UsageError
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.text.question_text import clean_question
from index.understanding.conversation.exchange import Exchange

_log = logging.getLogger("memcon.discord")


@app_commands.command(name=named("ask"), description=named("Ask the archive a question"))
@app_commands.rename(date_from=named("from"), date_to=named("to"))
@app_commands.describe(
    question=named("The question, as you would ask an archivist"),
    date_from=named("From this date on, such as 1993-09"),
    date_to=named("Up to the end of this date"),
    speaker=named("Only what is attributed to this speaker"),
    collection=named("Only this collection"),
    private=named("Show the answer to you alone"),
    thread=named("Answer in a new thread, where more questions can follow"),
)
@app_commands.autocomplete(collection=complete_collection)
@limited
async def ask(  # noqa: PLR0913, PLR0917 - each is an option that Discord shows
    interaction: Interaction,
    question: QuestionText,
    date_from: str | None = None,
    date_to: str | None = None,
    speaker: str | None = None,
    collection: str | None = None,
    private: bool | None = None,
    thread: bool = False,
) -> None:
    """Answer a question as a card."""
    filters = {
        "date_from": date_from,
        "date_to": date_to,
        "speaker": speaker,
        "collection": collection,
    }
    await _ask(interaction, question, filters, private=private, thread=thread)


@ask.autocomplete("speaker")
async def complete_speaker(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the labels of speakers."""
    return offer(((name, name) for name in interaction.client.pool.names.speakers), typed)


@app_commands.context_menu(name=named("Ask the archive"))
@limited
async def ask_about_message(interaction: Interaction, message: discord.Message) -> None:
    """Answer the question in a message, privately."""
    question = message.content or " ".join(embed.description or "" for embed in message.embeds)
    await _ask(interaction, question, {}, private=True, thread=False)


async def _ask(
    interaction: Interaction,
    question: str,
    filters: dict[str, str | None],
    *,
    private: bool | None,
    thread: bool,
) -> None:
    """Answer a question as a card, with `thread` in a new thread."""
    bot = interaction.client
    async with bot.under_way():
        if not await begin(interaction, False if thread else private):
            return
        in_thread = isinstance(interaction.channel, discord.Thread)
        if thread and (interaction.guild is None or in_thread):
            raise UsageError("A thread can be opened only in a channel of a server with this bot.")
        asked = clean_question(question)
        if bot.log_questions:
            _log.info("question", extra={"question": asked})
        chosen = _choose_filters(interaction, filters)
        guild_id, channel_id = interaction.guild_id, interaction.channel_id
        exchanges: list[Exchange] = []
        if in_thread and guild_id and channel_id:
            exchanges = await bot.remember(
                lambda memory: memory.exchanges(guild_id, channel_id, interaction.user.id)
            )

        def draw(archive: Archive) -> Drawn:
            reply = ask_archive(asked, archive, exchanges, filters=chosen, level=bot.level)
            return draw_answer(reply)

        drawn = await bot.pool.run(draw)
        message = await show_drawn(interaction, "ask", drawn, chosen)
        if drawn.exchange is None:
            return
        if in_thread and channel_id:
            hidden = server_settings(interaction).private if private is None else private
            only = interaction.user.id if hidden else None
            await _keep_exchange(interaction, channel_id, drawn.exchange, only)
        if thread:
            name = clip(asked, LIMITS.thread_name)
            await _open_thread(interaction, message, name, drawn.exchange)


def _choose_filters(interaction: Interaction, options: dict[str, str | None]) -> Filters:
    """Return the filters of a question, with the server's default collection."""
    chosen = Filters.parse(**options)
    if chosen.collection == EVERY_COLLECTION:
        return replace(chosen, collection=None)
    if chosen.collection is None:
        return replace(chosen, collection=server_settings(interaction).collection)
    return chosen


async def _open_thread(
    interaction: Interaction, message: discord.InteractionMessage, name: str, exchange: Exchange
) -> None:
    """Open a thread on an answer, whose exchange is the context of the next question."""
    # Discord gives a thread the id of its message, so the exchange can be kept before it opens.
    await _keep_exchange(interaction, message.id, exchange)
    try:
        await open_thread(message, name)
    except LacksPermission as error:
        # The answer stays.
        await report(interaction, error, aside=True)


async def _keep_exchange(
    interaction: Interaction, channel_id: int, exchange: Exchange, only: int | None = None
) -> None:
    """Keep an exchange; a failure is reported beside the answer."""
    guild_id = interaction.guild_id or 0
    try:
        await interaction.client.remember(
            lambda memory: memory.keep_exchange(guild_id, channel_id, exchange, only=only)
        )
    except DatabaseAway as error:
        await report(interaction, error, aside=True)
