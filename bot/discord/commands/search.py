"""The commands /search and /source."""

from discord import app_commands
from discord.app_commands import locale_str as named

from bot.discord.commands.common import (
    Interaction,
    Name,
    QuestionText,
    Words,
    begin,
    limited,
    offer,
    server_settings,
    show_drawn,
)
from bot.discord.delivery import completing
from bot.discord.drawing import draw_document, draw_search
from index.retrieval.filters import Filters
from index.text.question_text import clean_question


@app_commands.command(name=named("search"), description=named("Rank the passages for some words"))
@app_commands.describe(
    query=named("The words to look for"), private=named("Show the answer to you alone")
)
@limited
async def search(
    interaction: Interaction, query: QuestionText, private: bool | None = None
) -> None:
    """Show ranked passages, page by page."""
    bot = interaction.client
    async with bot.under_way():
        words = clean_question(query)
        if await begin(interaction, private):
            filters = Filters(collection=server_settings(interaction).collection)
            drawn = await bot.pool.run(lambda archive: draw_search(words, filters, archive))
            await show_drawn(interaction, "search", drawn, filters)


@app_commands.command(name=named("source"), description=named("Read a document page by page"))
@app_commands.describe(
    document=named("The document"), around=named("Begin at the page with these words")
)
@limited
async def source(interaction: Interaction, document: Name, around: Words | None = None) -> None:
    """Show a document, from its beginning or from the words `around`."""
    bot = interaction.client
    async with bot.under_way():
        if await begin(interaction):
            words = around or ""
            drawn = await bot.pool.run(
                lambda archive: draw_document(document, archive, around=words)
            )
            await show_drawn(interaction, "source", drawn, Filters())


@source.autocomplete("document")
@completing
async def complete_document(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer documents by title and by id."""
    documents = interaction.client.pool.names.documents
    return offer(((title, doc_id) for doc_id, title in documents), typed)
