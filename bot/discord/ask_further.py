"""Ask further: a modal for the next question, and its answer in a thread."""

import re
from dataclasses import replace
from typing import Any

import discord

from bot.discord.asking import (
    Asker,
    answer_question,
    check_channel,
    keep_exchanges,
    read_question,
)
from bot.discord.card_state import too_old
from bot.discord.client import Bot
from bot.discord.delivery import (
    THREAD_THERE_ALREADY,
    acknowledge,
    persist,
    post,
    say,
    show,
    show_aside,
)
from bot.discord.errors import report
from bot.discord.phrases import Phrases
from bot.discord.text import LIMITS, clip
from bot.discord.views import card_view
from index.retrieval.filters import Filters

Interaction = discord.Interaction[Bot]

_LONGEST = 1000
_MODAL_ID = re.compile(r"memcon:further:([0-9a-f]{16})")


def make_modal(card_id: str, tr: Phrases) -> discord.ui.Modal:
    """Make the modal that takes a question on a card.

    Its custom_id names the card, so that it can be submitted after a restart.
    """
    modal = discord.ui.Modal(title=tr("Ask further"), custom_id=f"memcon:further:{card_id}")
    question: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id="question", style=discord.TextStyle.paragraph, max_length=_LONGEST
    )
    modal.add_item(discord.ui.Label(text=tr("Your question"), component=question))
    # The library need not keep it.
    modal.stop()
    return modal


async def submit(interaction: Interaction) -> None:
    """Answer a submitted modal in a thread on its card, or else where the card is."""
    async with interaction.client.under_way():
        try:
            await _answer(interaction.client, interaction)
        except Exception as error:  # noqa: BLE001 - the one handler decides what is said
            await report(interaction, error)


async def _answer(bot: Bot, interaction: Interaction) -> None:
    data: dict[str, Any] = dict(interaction.data or {})
    named = _MODAL_ID.fullmatch(data["custom_id"])
    if named is None:
        raise too_old()
    card_id, card = named[1], interaction.message
    (words,) = (each["component"]["value"] for each in data["components"])
    check_channel(interaction)
    settings = bot.memory.settings(interaction.guild_id)
    private = settings.forced or (card is not None and card.flags.ephemeral)
    in_thread = isinstance(interaction.channel, discord.Thread)
    opens = card is not None and not private and not in_thread and _may_open(interaction)
    # With a thread, the reply itself only names it.
    if not await acknowledge(interaction, ephemeral=private or opens):
        return
    question = read_question(bot, words)
    state = await bot.remember(lambda memory: memory.card(card_id))
    asker = Asker.of(interaction, private=private)
    if opens and card:
        # A thread has the id of its message.
        asker = replace(asker, channel_id=card.id)
    guild_id = interaction.guild_id or 0
    known = []
    place = interaction.channel_id if in_thread else card.id if opens and card else None
    if place:
        known = await bot.remember(
            lambda memory: memory.exchanges(
                guild_id, place, interaction.user.id if private else None
            )
        )
    earlier = known or await bot.remember(lambda memory: memory.card_exchanges(card_id))
    filters = state.filters if state else Filters(collection=settings.collection)
    kept, drawn = await answer_question(bot, question, asker, filters, earlier)
    view = card_view(kept, drawn)
    thread = await _open_thread(interaction, card, question) if opens and card else None
    if thread is not None:
        await post(thread, drawn.card, view)
        await say(interaction, asker.tr("Answered in {thread}.", thread=thread.mention))
    elif opens:
        channel_id = interaction.channel_id or 0
        await bot.remember(lambda memory: memory.move_card(kept.card_id, channel_id))
        words = asker.tr("I could not open a thread here. The answer is below.")
        await say(interaction, words)
        await show_aside(interaction, view, private=False)
    else:
        await show(interaction, drawn.card, view=view)
    if place and (thread or in_thread) and drawn.exchange:
        new = [*([] if known else earlier), drawn.exchange]
        await keep_exchanges(interaction, place, new, private=private)


def _may_open(interaction: Interaction) -> bool:
    permissions = interaction.app_permissions
    return (
        interaction.guild is not None
        and isinstance(interaction.channel, discord.TextChannel)
        and permissions.create_public_threads
        and permissions.send_messages_in_threads
    )


async def _open_thread(
    interaction: Interaction, card: discord.Message, question: str
) -> discord.Thread | None:
    """Open a thread on a card, or find the one that it has; None if Discord refuses."""
    try:
        return await persist(lambda: card.create_thread(name=clip(question, LIMITS.thread_name)))
    except discord.HTTPException as error:
        if error.code != THREAD_THERE_ALREADY or interaction.guild is None:
            return None
    try:
        # A thread has the id of its message.
        found = await interaction.guild.fetch_channel(card.id)
    except discord.HTTPException:
        return None
    return found if isinstance(found, discord.Thread) else None
