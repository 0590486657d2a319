"""The command /ask, the menu Ask the archive, and the threads of follow-up questions."""

import logging

import aiohttp
import discord
from discord import app_commands
from discord.app_commands import locale_str as named

from bot.discord.asking import Asker, answer_question, keep_exchanges, read_question
from bot.discord.client import Bot
from bot.discord.commands.common import (
    Interaction,
    QuestionText,
    begin,
    limited,
    server_settings,
)
from bot.discord.commands.filtering import choose_filters, filter_options
from bot.discord.delivery import LacksPermission, open_thread, show
from bot.discord.errors import report
from bot.discord.messages import card_id_of, texts_of
from bot.discord.text import LIMITS, clip
from bot.discord.views import card_view
from corpus.errors import MemconError, UsageError
from index.understanding.conversation.exchange import Exchange

_log = logging.getLogger("memcon.discord")


class NoThread(MemconError):
    """Discord opened no thread on an answer."""

    def __init__(self) -> None:
        super().__init__(
            "No thread can be opened here; the answer stays. To follow up, reply to it and "
            "mention me."
        )


@app_commands.command(name=named("ask"), description=named("Ask the archive a question"))
@app_commands.describe(
    question=named("The question, as you would ask an archivist"),
    private=named("Show the answer to you alone"),
    thread=named("Answer in a new thread, where more questions can follow"),
)
@filter_options
@limited
async def ask(
    interaction: Interaction,
    /,
    question: QuestionText,
    private: bool | None = None,
    thread: bool = False,
    **filters: str | None,
) -> None:
    """Answer a question as a card."""
    await _ask(interaction, question, filters, private=private, thread=thread)


@app_commands.context_menu(name=named("Ask the archive"))
@limited
async def ask_about_message(interaction: Interaction, message: discord.Message) -> None:
    """Answer the question in a message or of a card, privately."""
    question = await _find_question(interaction.client, message)
    await _ask(interaction, question, {}, private=True, thread=False)


async def _find_question(bot: Bot, message: discord.Message) -> str:
    """Return the question that a message asks; raises UsageError for a card without one."""
    texts = texts_of(message)
    card_id = card_id_of(message)
    if card_id is None:
        return message.content or " ".join(texts)
    card = await bot.remember(lambda memory: memory.card(card_id))
    if card is None:
        # A card begins with its question.
        return next(iter(texts), "").partition("\n")[0]
    if card.kind not in {"ask", "search"}:
        raise UsageError("This card asks no question. Please ask with /ask.")
    return card.question


async def _ask(
    interaction: Interaction,
    typed: str,
    options: dict[str, str | None],
    *,
    private: bool | None,
    thread: bool,
) -> None:
    """Answer a question as a card, with `thread` in a new thread."""
    bot = interaction.client
    async with bot.under_way():
        # Whatever is wrong with the options is said before anything is shown.
        filters = choose_filters(interaction, options)
        question = read_question(bot, typed)
        guild_id, channel_id = interaction.guild_id, interaction.channel_id or 0
        hidden = server_settings(interaction).is_hidden(private)
        in_thread = isinstance(interaction.channel, discord.Thread)
        if thread:
            _check_thread(interaction, hidden=hidden, in_thread=in_thread)
        if not await begin(interaction, private):
            return
        asker = Asker.of(interaction, private=hidden)
        exchanges: list[Exchange] = []
        if in_thread and guild_id:
            exchanges = await bot.remember(
                lambda memory: memory.exchanges(
                    guild_id, channel_id, asker.user_id if hidden else None
                )
            )
        state, drawn = await answer_question(bot, question, asker, filters, exchanges)
        message = await show(interaction, drawn.card, view=card_view(state, drawn))
        if drawn.exchange is None:
            return
        if in_thread:
            await keep_exchanges(interaction, channel_id, [drawn.exchange], private=hidden)
        if thread:
            name = clip(question, LIMITS.thread_name)
            await _open_thread(interaction, message, name, drawn.exchange)


def _check_thread(interaction: Interaction, *, hidden: bool, in_thread: bool) -> None:
    if hidden:
        raise UsageError(
            "A private answer has no thread: leave out one of the options, or ask with "
            "private: False where this server allows it."
        )
    if not interaction.is_guild_integration() or in_thread:
        raise UsageError("A thread can be opened only in a channel of a server with this bot.")


async def _open_thread(
    interaction: Interaction, message: discord.InteractionMessage, name: str, exchange: Exchange
) -> None:
    """Open a thread on an answer, whose exchange is the context of the next question.

    A refusal is reported beside the answer.
    """
    # Discord gives a thread the id of its message, so the exchange can be kept before it opens.
    await keep_exchanges(interaction, message.id, [exchange], private=False)
    try:
        await open_thread(message, name)
    except LacksPermission as error:
        await report(interaction, error, aside=True)
    except (discord.HTTPException, aiohttp.ClientError, OSError, ValueError) as error:
        _log.info("no thread was opened", extra={"reason": str(error)})
        await report(interaction, NoThread(), aside=True)
