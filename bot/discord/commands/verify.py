"""The command /verify and the menu Verify this quotation."""

from collections.abc import Iterable
from contextlib import suppress

import discord
from discord import app_commands
from discord.app_commands import locale_str as named

from bot.discord import metrics
from bot.discord.commands.common import Interaction, Name, begin, limited, show_drawn
from bot.discord.drawing import draw_verification, draw_verifications
from bot.discord.messages import card_id_of, find_quotations, plain, texts_of
from bot.discord.translations import phrases_for
from bot.services.ask import QuotationChanged, find_quoted
from corpus.errors import UsageError
from index.answering.receipts import Quoted
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.verifying.verification import MAX_QUOTATION_CHARS, Finding, Verification
from index.verifying.verification import verify as verify_quotation

_Quotation = app_commands.Range[str, 1, 4000]
# The most quotations of a message that are checked.
_MOST = 5


@app_commands.command(
    name=named("verify"), description=named("Check whether a quotation stands in the archive")
)
@app_commands.describe(
    quotation=named("The words to check"),
    attributed_to=named("Who is said to have said or written them"),
)
@limited
async def verify(
    interaction: Interaction, quotation: _Quotation, attributed_to: Name | None = None
) -> None:
    """Check a quotation: found, altered, somebody else's, or not in the archive."""
    await _verify(interaction, [quotation], (), attributed_to)


@app_commands.context_menu(name=named("Verify this quotation"))
@limited
async def verify_message(interaction: Interaction, message: discord.Message) -> None:
    """Check the quotations of a message: its own, a card's, or those that it forwards."""
    card_id = card_id_of(message)
    card = None
    if card_id is not None:
        card = await interaction.client.remember(lambda memory: memory.card(card_id))
    texts, quoted = texts_of(message), (card.quoted or ()) if card else ()
    if not (quoted or any(map(plain, texts))):
        raise UsageError("This message has no words to verify.")
    await _verify(interaction, texts, quoted)


async def _verify(
    interaction: Interaction,
    texts: list[str],
    quoted: Iterable[Quoted],
    attributed_to: str | None = None,
) -> None:
    async with interaction.client.under_way():
        if not await begin(interaction, True):
            return

        def work(archive: Archive) -> tuple[list[Verification], int]:
            known = _stored_words(quoted, archive)
            if known:
                found = [verify_quotation(each, archive) for each in known[:_MOST]]
                return found, len(known) - len(found)
            return verify_texts(texts, archive, attributed_to)

        found, more = await interaction.client.pool.run(work)
        for each in found:
            metrics.verdicts.labels("verify", str(each.finding)).inc()
        tr = phrases_for(interaction.locale)
        drawn = (
            draw_verification(found[0], tr)
            if len(found) == 1
            else draw_verifications(found, more, tr)
        )
        await show_drawn(interaction, "verify", drawn, Filters())


def verify_texts(
    texts: list[str], archive: Archive, attributed_to: str | None = None
) -> tuple[list[Verification], int]:
    """Verify the quotations in texts of Discord: a whole text, or else each that it quotes.

    Returns at most `_MOST` verifications, and how many quotations are left. Raises UsageError if
    there is nothing to verify.
    """
    for text in texts:
        # What is quoted may have marks that Discord takes for its markup.
        for whole in dict.fromkeys((text.strip(), plain(text))):
            if len(whole) <= MAX_QUOTATION_CHARS and len(whole.split()) > 1:
                verified = verify_quotation(whole, archive, attributed_to)
                if verified.finding.is_found or verified.finding is Finding.MISATTRIBUTED:
                    return [verified], 0
    quotations = list(dict.fromkeys(each for text in texts for each in find_quotations(text)))
    if not quotations:
        quotations = [plain("\n".join(texts))]
    usable = [each for each in quotations if len(each.split()) > 1]
    if not usable:
        raise UsageError("A quotation to verify has two words or more.")
    found = [verify_quotation(each, archive, attributed_to) for each in usable[:_MOST]]
    return found, len(usable) - len(found)


def _stored_words(quoted: Iterable[Quoted], archive: Archive) -> list[str]:
    """Return the words of a card's quotations that still stand in the archive."""
    words = []
    for each in dict.fromkeys(quoted):
        # The other side's record may have no words that come near.
        with suppress(QuotationChanged):
            document, span = find_quoted(each, archive)
            if span:
                words.append(span.of(document.text))
    return words
