"""The command /verify and the menu Verify this quotation."""

import discord
from discord import app_commands
from discord.app_commands import locale_str as named

from bot.discord import cards, metrics
from bot.discord.commands.common import Interaction, begin, limited
from bot.discord.delivery import show
from index.verifying.verification import verify as verify_quotation

_Quotation = app_commands.Range[str, 1, 4000]
_Name = app_commands.Range[str, 1, 200]


@app_commands.command(
    name=named("verify"), description=named("Check whether a quotation stands in the archive")
)
@app_commands.describe(
    quotation=named("The words to check"),
    attributed_to=named("Who is said to have said or written them"),
)
@limited
async def verify(
    interaction: Interaction, quotation: _Quotation, attributed_to: _Name | None = None
) -> None:
    """Check a quotation: found, altered, somebody else's, or not in the archive."""
    await _verify(interaction, quotation, attributed_to)


@app_commands.context_menu(name=named("Verify this quotation"))
@limited
async def verify_message(interaction: Interaction, message: discord.Message) -> None:
    """Check the words of a message."""
    await _verify(interaction, message.content)


async def _verify(
    interaction: Interaction, quotation: str, attributed_to: str | None = None
) -> None:
    async with interaction.client.under_way():
        if await begin(interaction, True):
            found = await interaction.client.pool.run(
                lambda archive: verify_quotation(quotation, archive, attributed_to)
            )
            metrics.verdicts.labels("verify", str(found.finding)).inc()
            await show(interaction, cards.verification_card(found))
