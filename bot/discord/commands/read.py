"""The command /read, and its earlier name /source."""

from contextlib import suppress
from dataclasses import replace

from discord import app_commands
from discord.app_commands import locale_str as named

from bot.discord.commands.common import Interaction, Name, Words, begin, limited, show_drawn
from bot.discord.commands.filtering import offer
from bot.discord.completion import Completion, find_by_text, split_value
from bot.discord.delivery import completing
from bot.discord.drawing import Drawn, draw_document
from bot.discord.render.layout import Text, small
from bot.discord.render.reading import page_of
from bot.discord.translations import phrases_for
from corpus.errors import MemconError, UnknownDocument, UsageError
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters

RENAMED = "`/source` is now `/read`."
AMBIGUOUS = "“{typed}” may be {rows}. Choose a row that is offered while you type."
UNKNOWN = "No document “{typed}” is in the archive. Choose a row that is offered while you type."
# The most rows that are named.
_NAMED = 4


@app_commands.command(name=named("read"), description=named("Read a document page by page"))
@app_commands.describe(
    document=named("Words of its title, sender or recipient, its number or its date"),
    around=named("Begin at the page with these words"),
    public=named("Show it to everybody here"),
)
@limited
async def read(
    interaction: Interaction, document: Name, around: Words | None = None, public: bool = False
) -> None:
    """Show a document, from its beginning or from the words `around`; privately by default."""
    await _read(interaction, document, around, public=public)


@app_commands.command(name=named("source"), description=named("The earlier name of /read"))
@app_commands.describe(
    document=named("Words of its title, sender or recipient, its number or its date"),
    around=named("Begin at the page with these words"),
)
@limited
async def source(interaction: Interaction, document: Name, around: Words | None = None) -> None:
    """Show a document as /read does, and say that the command has another name."""
    await _read(interaction, document, around, renamed=True)


@read.autocomplete("document")
@source.autocomplete("document")
@completing
async def complete_document(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer documents by words, number and date; without any, by the words of their texts."""
    pool = interaction.client.pool
    known = pool.names.documents
    offered = offer(known, typed)
    if not offered and typed.strip():
        # A busy archive offers nothing.
        with suppress(MemconError, TimeoutError):
            rows = await pool.run(lambda archive: find_by_text(typed, archive, known))
            found = known.choices_of(rows)
            offered = [app_commands.Choice(name=label, value=value) for label, value in found]
    return offered


async def _read(
    interaction: Interaction,
    typed: str,
    around: str | None,
    *,
    public: bool = False,
    renamed: bool = False,
) -> None:
    bot = interaction.client
    async with bot.under_way():
        if not await begin(interaction, not public):
            return
        tr = phrases_for(interaction.locale)

        def work(archive: Archive) -> Drawn:
            doc_id, start = find_document(typed, archive, bot.pool.names.documents)
            page = page_of(archive.document(doc_id), start)
            return draw_document(doc_id, archive, page, around=around or "", tr=tr)

        drawn = await bot.pool.run(work)
        if renamed:
            card = replace(drawn.card, parts=(*drawn.card.parts, Text(small(tr(RENAMED)))))
            drawn = replace(drawn, card=card)
        await show_drawn(interaction, "source", drawn, Filters())


def find_document(typed: str, archive: Archive, known: Completion) -> tuple[str, int]:
    """Return the document that was typed, or the only one with these words, and where it opens.

    Raises UsageError where several documents have them, UnknownDocument where none has.
    """
    with suppress(UnknownDocument):
        return archive.document(typed).doc_id, 0
    if typed in known.values:
        rows = [known.values.index(typed)]
        count = 1
    else:
        count, rows = known.find(typed)
    if not count:
        rows = find_by_text(typed, archive, known)
        count = len(rows)
    if not count:
        raise UnknownDocument(UNKNOWN.format(typed=typed))
    places = [split_value(known.values[row]) for row in rows]
    if count > len(rows) or len({doc_id for doc_id, _ in places}) > 1:
        named_rows = "; ".join(known.labels[row] for row in rows[:_NAMED])
        more = "; …" if count > _NAMED else ""
        raise UsageError(AMBIGUOUS.format(typed=typed, rows=f"{named_rows}{more}"))
    return places[0][0], places[0][1] or 0
