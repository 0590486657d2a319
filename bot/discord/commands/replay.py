"""The command /replay."""

import re
from datetime import UTC, datetime
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str as named

from bot.discord.commands.common import Interaction, begin, limited, show_drawn
from bot.discord.drawing import Drawn
from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.render.replay import replay_card
from bot.discord.translations import phrases_for
from bot.services.ask import QuotationChanged, find_quoted, replay
from corpus.documents import Document, Span
from corpus.errors import UsageError
from index.answering.receipts import Quoted, Reranked, find_receipt
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.understanding.conversation.rewriting import RewrittenQuestion

MALFORMED = (
    "A receipt is twelve digits and letters from a to f; it stands at the end of an answer's card."
)
UNKNOWN = (
    "I have no receipt of this name for you. You can replay your own answers, and public ones in "
    "the channel where they were given, for 90 days."
)
RERANKED = (
    "This receipt cannot be replayed: its answer was reread by a model that I do not use now, or "
    "the other way round, and would be another."
)

# With the word before it, as on a card.
_RECEIPT = re.compile(r"(?:receipt\s+)?([0-9a-f]{12})", re.IGNORECASE)


class ReceiptName(app_commands.Transformer):
    """A receipt's name, which is checked before the interaction is acknowledged."""

    @property
    def max_value(self) -> int:
        """The longest text that is accepted."""
        return 40

    async def transform(self, interaction: discord.Interaction[Any], value: str, /) -> str:  # noqa: ARG002
        """Return the name; raises UsageError for anything else."""
        known = _RECEIPT.fullmatch(value.strip())
        if known is None:
            raise UsageError(MALFORMED)
        return known[1].lower()


@app_commands.command(
    name=named("replay"), description=named("Answer a receipt's question again and compare")
)
@app_commands.rename(receipt_id="receipt")
@app_commands.describe(receipt_id=named("The receipt at the end of an answer"))
@limited
async def replay_receipt(
    interaction: Interaction, receipt_id: app_commands.Transform[str, ReceiptName]
) -> None:
    """Show privately what a receipt proves, to who asked or sees its public card."""
    bot = interaction.client
    async with bot.under_way():
        if not await begin(interaction, True):
            return
        user_id, channels = interaction.user.id, _seen_channels(interaction)
        # Whether a receipt is unknown or somebody else's is not said.
        when = await bot.remember(
            lambda memory: memory.when_answered(receipt_id, user_id, channels)
        )
        if when is None:
            raise UsageError(UNKNOWN)
        tr = phrases_for(interaction.locale)
        drawn = await bot.pool.run(lambda archive: draw_replay(receipt_id, when, archive, tr))
        await show_drawn(interaction, "replay", drawn, Filters())


def _seen_channels(interaction: Interaction) -> list[int]:
    """Return the channels that the user sees for certain: this one, and a public thread's own."""
    channel = interaction.channel
    seen = [interaction.channel_id or 0]
    if isinstance(channel, discord.Thread) and not channel.is_private():
        seen.append(channel.parent_id)
    return seen


def draw_replay(receipt_id: str, when: float, archive: Archive, tr: Phrases = ENGLISH) -> Drawn:
    """Draw a receipt, given at a time in seconds since 1970, whose question is answered again.

    Raises UsageError for a receipt that the archive has not kept, and for one whose answer another
    reranker than the archive's, or none, has reread.
    """
    try:
        receipt = find_receipt(archive.root, receipt_id)
    except UsageError:
        raise UsageError(UNKNOWN) from None
    settings = archive.reranker.settings if archive.reranker else None
    if receipt.reranker != Reranked.of(settings):
        raise UsageError(RERANKED)
    again = replay(receipt, archive).replay
    day = datetime.fromtimestamp(when, UTC).date().isoformat()
    card = replay_card(again, [_find(each, archive) for each in receipt.quotes], day, tr)
    return Drawn(card, RewrittenQuestion(receipt.question, receipt.question), receipt.quotes)


def _find(quoted: Quoted, archive: Archive) -> tuple[Document, Span] | None:
    try:
        return find_quoted(quoted, archive)
    except QuotationChanged:
        return None
