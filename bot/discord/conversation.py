"""Answer messages: mentions of the bot, replies to its cards, direct messages, posts in forums.

Discord sends the content of these alone, since the bot has no privileged intent; every other
message arrives empty, and is ignored.
"""

import asyncio
import logging
from time import monotonic, perf_counter

import aiohttp
import discord
from discord import app_commands

from bot.discord import metrics
from bot.discord.asking import (
    Asker,
    answer_question,
    count_question,
    read_question,
)
from bot.discord.client import Bot
from bot.discord.database import DatabaseAway
from bot.discord.delivery import persist
from bot.discord.errors import ANSWERS_IN, describe
from bot.discord.help import write_help
from bot.discord.memory import ServerSettings
from bot.discord.messages import card_id_of, plain, texts_of
from bot.discord.translations import phrases_for_message
from bot.discord.views import card_view, make_view
from index.retrieval.filters import Filters
from index.understanding.conversation.exchange import Exchange

_log = logging.getLogger("memcon.discord")

# After this time, in seconds, the channel shows that the bot is typing.
_TYPING_AFTER = 0.7
_ANSWERED = frozenset({discord.MessageType.default, discord.MessageType.reply})
# Discord's error code for a reply without the permission Read Message History.
_CANNOT_REPLY = 160002
# Until when a user in a hurry, who was asked to wait, is not asked again.
_asked_to_wait: dict[int, float] = {}
# Above this number of users, those whose time has passed are forgotten.
_MOST_WAITING = 1_000


async def converse(bot: Bot, message: discord.Message) -> None:
    """Answer a message that is addressed to the bot; ignore any other."""
    settings = bot.memory.settings(message.guild.id if message.guild else None)
    if not _is_addressed(bot, message, settings):
        return
    command = "mention" if message.guild else "direct message"
    metrics.questions.labels(command).inc()
    began = perf_counter()
    async with bot.under_way():
        try:
            await _while_typing(message, asyncio.create_task(_answer(bot, message, settings)))
            metrics.observe_reply(command, perf_counter() - began)
        except Exception as error:  # noqa: BLE001 - the one place that decides what is said
            await _report(message, error)


def _is_addressed(bot: Bot, message: discord.Message, settings: ServerSettings) -> bool:
    if message.author.bot or message.type not in _ANSWERED:
        return False
    if message.guild is None:
        return True
    if not settings.mentions or bot.user not in message.mentions:
        return False
    parent = getattr(message.channel, "parent", None)
    begins_post = isinstance(parent, discord.ForumChannel) and message.id == message.channel.id
    return settings.forum or not begins_post


async def _answer(bot: Bot, message: discord.Message, settings: ServerSettings) -> None:
    channel, guild_id = message.channel, message.guild.id if message.guild else None
    count_question(message.author.id)
    tr = phrases_for_message(message)
    if not settings.allows(channel.id, getattr(channel, "parent_id", None)):
        names = ", ".join(f"<#{each}>" for each in settings.channels)
        await _reply(message, content=tr(ANSWERS_IN, channels=names))
        return
    if settings.is_hidden(None):
        # A message can be answered only before everybody.
        words = tr("In this server my answers are private: please use /ask.")
        await _reply(message, content=words)
        return
    text = message.content or " ".join(texts_of(message))
    if not plain(text):
        await _reply(message, content=await write_help(bot, tr))
        return
    question = read_question(bot, text)
    asker = Asker(message.author.id, guild_id, channel.id, tr=tr)
    filters = Filters(collection=settings.collection)
    exchanges = await _earlier(bot, message, asker)
    state, drawn = await answer_question(bot, question, asker, filters, exchanges)
    exchange = drawn.exchange
    if exchange is not None and _is_conversation(message):
        await _keep(bot, asker, asker.channel_id, exchange)
    try:
        sent = await _reply(message, view=card_view(state, drawn))
    except discord.HTTPException as error:
        if error.status != 400:
            raise
        # Once more without what Discord may have refused.
        sent = await _reply(message, view=make_view(drawn.card.without_buttons()))
    if exchange is not None and not drawn.quoted:
        # A card without buttons does not name itself to a follow-up.
        await _keep(bot, asker, sent.id, exchange)


async def _keep(bot: Bot, asker: Asker, place: int, exchange: Exchange) -> None:
    """Keep an exchange as the context of a conversation in a channel, or below a message."""
    try:
        await bot.remember(
            lambda memory: memory.keep_exchange(asker.guild_id or 0, place, exchange, asker.user_id)
        )
    except DatabaseAway:
        _log.info("a conversation goes on without its last exchange")


async def _earlier(bot: Bot, message: discord.Message, asker: Asker) -> list[Exchange]:
    """Return the exchanges that a question may refer to: the card's, else the conversation's."""
    replied = message.reference and message.reference.resolved
    card_id = card_id_of(replied) if isinstance(replied, discord.Message) else None
    try:
        if card_id is not None:
            known = await bot.remember(lambda memory: memory.card_exchanges(card_id))
            if known:
                return known
        place = asker.channel_id if _is_conversation(message) else None
        if place is None and isinstance(replied, discord.Message):
            place = replied.id
        if place is not None:
            return await bot.remember(lambda memory: memory.exchanges(asker.guild_id or 0, place))
    except DatabaseAway:
        # Better an answer without the context than none.
        return []
    return []


def _is_conversation(message: discord.Message) -> bool:
    return message.guild is None or isinstance(message.channel, discord.Thread)


async def _while_typing(message: discord.Message, work: "asyncio.Task[None]") -> None:
    """Wait for work, and show that the bot is typing if it takes long."""
    done, _ = await asyncio.wait({work}, timeout=_TYPING_AFTER)
    if not done:
        try:
            await message.channel.typing()
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            _log.info("typing could not be shown")
    await work


async def _reply(
    message: discord.Message,
    *,
    content: str | None = None,
    view: discord.ui.LayoutView | None = None,
) -> discord.Message:
    """Reply to a message, once even if Discord's response to an earlier try was lost."""
    reference: discord.MessageReference | None = message.to_reference(fail_if_not_exists=False)

    async def send() -> discord.Message:
        return await message.channel.send(
            content,
            view=view or discord.utils.MISSING,  # type: ignore[arg-type]
            nonce=message.id,
            reference=reference,  # type: ignore[arg-type]
            mention_author=False,
        )

    try:
        return await persist(send)
    except discord.HTTPException as error:
        if error.code != _CANNOT_REPLY:
            raise
        reference = None
        return await persist(send)


async def _report(message: discord.Message, error: Exception) -> None:
    if isinstance(error, discord.Forbidden | discord.NotFound):
        _log.info("a message could not be answered", extra={"code": error.code})
        return
    if isinstance(error, app_commands.CommandOnCooldown) and _is_asked(
        message.author.id, error.retry_after
    ):
        return
    try:
        await _reply(message, content=describe(error, phrases_for_message(message)))
    except (discord.HTTPException, aiohttp.ClientError, OSError) as failure:
        _log.warning("an error could not be reported", extra={"reason": type(failure).__name__})


def _is_asked(user_id: int, seconds: float) -> bool:
    """Whether a user was asked to wait already; if not, note that they are, for `seconds`."""
    now = monotonic()
    if _asked_to_wait.get(user_id, 0.0) > now:
        return True
    if len(_asked_to_wait) >= _MOST_WAITING:
        for user in [user for user, until in _asked_to_wait.items() if until <= now]:
            del _asked_to_wait[user]
    _asked_to_wait[user_id] = now + seconds
    return False
