"""The command /search."""

from discord import app_commands
from discord.app_commands import locale_str as named

from bot.discord.commands.common import Interaction, QuestionText, begin, limited, show_drawn
from bot.discord.commands.filtering import choose_filters, filter_options
from bot.discord.drawing import draw_search
from bot.discord.messages import plain
from bot.discord.translations import phrases_for
from index.text.question_text import clean_question


@app_commands.command(name=named("search"), description=named("Rank the passages for some words"))
@app_commands.describe(
    query=named("The words to look for"), private=named("Show the answer to you alone")
)
@filter_options
@limited
async def search(
    interaction: Interaction,
    /,
    query: QuestionText,
    private: bool | None = None,
    **filters: str | None,
) -> None:
    """Show ranked passages, page by page."""
    bot = interaction.client
    async with bot.under_way():
        words, chosen = clean_question(plain(query)), choose_filters(interaction, filters)
        if await begin(interaction, private):
            tr = phrases_for(interaction.locale)
            drawn = await bot.pool.run(lambda archive: draw_search(words, chosen, archive, tr=tr))
            await show_drawn(interaction, "search", drawn, chosen)
