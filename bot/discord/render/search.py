"""The card of ranked passages."""

from collections.abc import Sequence

from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.render.answer import describe_filters, searched
from bot.discord.render.layout import (
    BLUE,
    YELLOW,
    Button,
    Card,
    Part,
    Row,
    Section,
    Text,
    small,
    turn_pages,
)
from bot.discord.render.sources import fit, quote_words, source_line, whose_lines
from bot.discord.text import length
from corpus.documents import Document
from index.retrieval.filters import Filters
from index.retrieval.hits import Hit
from index.storage.generation import Manifest

HITS_A_PAGE = 5
# Room for the words of a hit: less where the sources, together, take more than their own.
_HIT_ROOM, _SHORT_HIT_ROOM = 280, 120
_SOURCES_ROOM = 1600


def search_card(  # noqa: PLR0913, PLR0917 - all that a page of a search shows
    query: str,
    terms: Sequence[str],
    hits: Sequence[tuple[Hit, Document]],
    page: int,
    total: int,
    manifest: Manifest,
    filters: Filters,
    count: int | None = None,
    asked_as: str = "",
    tr: Phrases = ENGLISH,
) -> Card:
    """Make a page of ranked passages; `hits` are those of the page, of `total` in all.

    `count` is the number of documents that the filters leave; `asked_as` is the query as
    understood, if that is not as typed.
    """
    head = [small(f"**{fit(query, 120)}**")]
    if asked_as:
        head.append(small(tr("asked as: {words}", words=fit(asked_as, 120))))
    if filters.given:
        head.append(small(fit(describe_filters(filters, tr), 120)))
    parts: list[Part] = [Text("\n".join(head))]
    if not hits:
        parts.append(Text(tr("**No passage fits.**")))
    sources = [
        "\n".join(
            [
                f"**{hit.rank}.** {source_line(document, hit.passage.span, tr)}",
                *whose_lines(document, hit.passage.turn, 90, tr, span=hit.passage.span),
            ]
        )
        for hit, document in hits
    ]
    is_long = sum(map(length, sources)) > _SOURCES_ROOM
    for offset, ((hit, document), source) in enumerate(zip(hits, sources, strict=True)):
        words = hit.passage.span.of(document.text)
        place = page * HITS_A_PAGE + offset
        parts += [
            Text(quote_words(words, terms, _SHORT_HIT_ROOM if is_long else _HIT_ROOM)),
            Section(source, Button(tr("Read"), "read", place)),
        ]
    turning = turn_pages("page", None, page, -(-total // HITS_A_PAGE), tr)
    if turning:
        parts.append(Row(turning))
    if not hits and filters.given:
        parts.append(Row((Button(tr("Search everything"), "widen", primary=True),)))
    many = tr("{count} passages", count=total)
    parts.append(Text(small(f"{many} · {searched(manifest, filters, count, tr)}")))
    return Card(tuple(parts), BLUE if hits else YELLOW)
