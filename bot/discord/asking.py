"""Ask the archive for a user, and keep the card: shared by commands and messages."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import discord
from discord import app_commands

from bot.discord import metrics
from bot.discord.card_state import CARD_LIFE, CardState
from bot.discord.client import Bot
from bot.discord.database import DatabaseAway
from bot.discord.drawing import Drawn, draw_answer, draw_search
from bot.discord.errors import ANSWERS_IN, NotAllowed, report
from bot.discord.memory import CardContext, Memory
from bot.discord.messages import plain
from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.translations import phrases_for
from bot.services.ask import ask
from index.answering.verdict import Level
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.text.question_text import clean_question
from index.understanding.conversation.exchange import TURNS, Exchange

_log = logging.getLogger("memcon.discord")

# The most questions of a user in this many seconds.
_QUESTIONS, _SECONDS = 8, 20.0
_counts: dict[int, app_commands.Cooldown] = {}
# Above this number of users, those who have been idle are no longer counted.
_MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, where, and in which language; `guild_id` is None in direct messages.

    With `private` only they see the answer.
    """

    user_id: int
    guild_id: int | None
    channel_id: int
    private: bool = False
    tr: Phrases = ENGLISH

    @classmethod
    def of(cls, interaction: discord.Interaction[Bot], *, private: bool) -> "Asker":
        """Return who sent an interaction, and whether the answer counts as private.

        It does in a server without the bot: Discord may hide replies there.
        """
        guild_id = interaction.guild_id
        hidden = private or (guild_id is not None and not interaction.is_guild_integration())
        tr = phrases_for(interaction.locale)
        return cls(interaction.user.id, guild_id, interaction.channel_id or 0, hidden, tr)


def count_question(user_id: int) -> None:
    """Count a command, message or button that works for a user.

    Raises CommandOnCooldown for too many.
    """
    if len(_counts) >= _MOST_COUNTED:
        for idle in [user for user, each in _counts.items() if each.get_tokens() == _QUESTIONS]:
            del _counts[idle]
    counted = _counts.setdefault(user_id, app_commands.Cooldown(_QUESTIONS, _SECONDS))
    wait = counted.update_rate_limit()
    if wait:
        raise app_commands.CommandOnCooldown(counted, wait)


def check_channel(interaction: discord.Interaction[Bot]) -> None:
    """Raise NotAllowed in a channel where the bot does not answer."""
    settings = interaction.client.memory.settings(interaction.guild_id)
    parent = getattr(interaction.channel, "parent_id", None)
    if not settings.allows(interaction.channel_id, parent):
        names = ", ".join(f"<#{channel}>" for channel in settings.channels)
        raise NotAllowed(phrases_for(interaction.locale)(ANSWERS_IN, channels=names))


def read_question(bot: Bot, text: str) -> str:
    """Return the question in a user's text; raises UsageError for an empty or too long one."""
    question = clean_question(plain(text))
    if bot.log_questions:
        _log.info("question", extra={"question": question})
    return question


async def answer_question(
    bot: Bot,
    question: str,
    asker: Asker,
    filters: Filters,
    exchanges: Sequence[Exchange] = (),
) -> tuple[CardState, Drawn]:
    """Answer a question that may follow up on earlier exchanges, and keep the card's state."""

    def work(archive: Archive) -> tuple[Drawn, str]:
        reply = ask(
            question,
            archive,
            exchanges,
            filters=filters,
            level=bot.level,
            receipt_life=CARD_LIFE,
        )
        return draw_answer(reply, asker.tr), reply.receipt.receipt_id

    drawn, receipt_id = await bot.pool.run(work)
    if drawn.exchange:
        metrics.verdicts.labels("ask", drawn.exchange.verdict).inc()
    return await keep_card(bot, "ask", asker, drawn, filters, receipt_id, exchanges), drawn


async def ask_again(
    bot: Bot, asker: Asker, state: CardState, filters: Filters, level: Level
) -> tuple[CardState, Drawn]:
    """Ask a card's question with other filters or at another level, and keep the new card."""

    def work(archive: Archive) -> tuple[Drawn, str | None]:
        if state.kind == "search":
            return draw_search(state.question, filters, archive, tr=asker.tr), None
        reply = ask(state.understood, archive, filters=filters, level=level, receipt_life=CARD_LIFE)
        return draw_answer(reply, asker.tr), reply.receipt.receipt_id

    drawn, receipt_id = await bot.pool.run(work)
    return await keep_card(bot, state.kind, asker, drawn, filters, receipt_id), drawn


async def keep_card(
    bot: Bot,
    kind: str,
    asker: Asker,
    drawn: Drawn,
    filters: Filters,
    receipt_id: str | None = None,
    exchanges: Sequence[Exchange] = (),
) -> CardState:
    """Keep a card's state, with the earlier exchanges that a follow-up may refer to."""
    exchange = drawn.exchange
    context = CardContext(
        (*exchanges, exchange)[-TURNS:] if exchange else (),
        asker.guild_id,
        exchange.verdict if exchange else None,
        receipt_id,
        asker.channel_id,
        asker.private,
    )
    return await bot.remember(
        lambda memory: memory.keep_card(
            kind,
            asker.user_id,
            drawn.understood,
            filters,
            bot.pool.generation,
            drawn.quoted,
            context,
        )
    )


async def keep_exchanges(
    interaction: discord.Interaction[Bot],
    place: int,
    exchanges: Iterable[Exchange],
    *,
    private: bool,
) -> None:
    """Keep exchanges of a conversation; a failure is reported beside the answer."""
    guild_id, user_id = interaction.guild_id or 0, interaction.user.id

    def keep(memory: Memory) -> None:
        for exchange in exchanges:
            memory.keep_exchange(guild_id, place, exchange, user_id, private=private)

    try:
        await interaction.client.remember(keep)
    except DatabaseAway as error:
        await report(interaction, error, aside=True)
