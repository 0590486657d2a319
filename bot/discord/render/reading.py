"""The private cards of Read: a passage, a document page by page, a page as a picture."""

from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.render.layout import (
    Button,
    Card,
    Line,
    Link,
    Part,
    Picture,
    Row,
    Section,
    Text,
    small,
    turn_pages,
)
from bot.discord.render.sources import (
    fit,
    name_source,
    open_address,
    quote_words,
    source_line,
    whose_lines,
)
from bot.discord.text import escape, mark, pages
from corpus.citations.styles import cite
from corpus.documents import Document, Span, Turn
from index.answering.context import find_surroundings

# Room for a passage and for a page; the source and the other side's record need the rest.
_PASSAGE_ROOM = 2200
_PAGE_ROOM = 2800
# The name of the attached picture.
PICTURE = "page.png"


def passage_card(
    document: Document,
    span: Span,
    place: int,
    other: tuple[Document, Span, int] | None = None,
    tr: Phrases = ENGLISH,
) -> Card:
    """Make the card of a quotation in its paragraph, with the quotation in bold.

    `place` is the quotation's among those of its card; `other` is the other side's record of the
    same meeting, with its nearest words and its place there; an empty span stands for none.
    """
    before, after = find_surroundings(document, span)
    around = Span(before.start, after.end)
    marked = Span(span.start - around.start, span.end - around.start)
    words = around.of(document.text)
    # What stands before is short, so that the quotation begins in the first part.
    part, *rest = pages(words, _PASSAGE_ROOM, reserve=8) or [Span(0, 0)]
    bold = Span(marked.start, min(marked.end, part.end))
    text = mark(part.of(words), [bold] if len(bold) > 0 else [], keep_lines=True)
    lead, more = "… " if _cut(document, around.start) else "", " …" if rest else ""
    turn = next((turn for turn in document.structure.turns if turn.span.holds(span)), None)
    head = [f"**{source_line(document, span, tr)}**"]
    head += whose_lines(document, turn, 200, tr, span=span)
    parts: list[Part] = [
        Text("\n".join(head)),
        Text(f"{lead}{text}{more}"),
        Text(small(fit(cite(document, span).note, 400))),
    ]
    if other:
        parts += _other_side(*other, tr)
    buttons: list[Button | Link] = [Button(tr("Whole document"), "document", place)]
    if document.source.lower().endswith(".pdf"):
        buttons.append(Button(tr("Page as a picture"), "picture", place))
    buttons.append(Button(tr("Cite"), "cite", place))
    parts.append(Row((*buttons, *_open(document, span, tr))))
    return Card(tuple(parts))


def document_pages(document: Document) -> list[Span]:
    """Divide a document into the pages of its cards."""
    return pages(document.text, _PAGE_ROOM, reserve=8) or [Span(0, 0)]


def document_card(
    document: Document,
    page: int,
    place: int | None = None,
    span: Span | None = None,
    tr: Phrases = ENGLISH,
) -> Card:
    """Make the card of a page of a document, with `span` in bold.

    `place` is the quotation that it was opened from, None for a document of its own card. A page
    past the end is the last one.
    """
    parts_of_text = document_pages(document)
    page = max(0, min(page, len(parts_of_text) - 1))
    part = parts_of_text[page]
    bold = []
    if span and span.overlaps(part):
        bold = [
            Span(max(span.start, part.start) - part.start, min(span.end, part.end) - part.start)
        ]
    words = mark(part.of(document.text), bold, keep_lines=True).strip() or "–"
    head = [f"**{source_line(document, tr=tr)}**"]
    if page == 0:
        head += whose_lines(document, None, 200, tr)
    if place is None:
        buttons = turn_pages("page", None, page, len(parts_of_text), tr)
        buttons += (Button(tr("Cite"), "cite"),)
    else:
        buttons = turn_pages("document", place, page, len(parts_of_text), tr)
        buttons += (
            Button(tr("Passage"), "passage", place),
            Button(tr("Cite"), "cite", place),
        )
    number = tr("page {page} of {pages}", page=page + 1, pages=len(parts_of_text))
    foot = f"{number} · {escape(document.doc_id[:150])}"
    return Card(
        (
            Text("\n".join(head)),
            Text(words),
            Row((*buttons, *_open(document, span, tr))),
            Text(small(foot)),
        )
    )


def page_of(document: Document, place: int) -> int:
    """Find the page of a document's cards that has a place of its text."""
    parts = document_pages(document)
    return next((page for page, part in enumerate(parts) if place < part.end), len(parts) - 1)


def picture_card(
    document: Document, span: Span, place: int, label: str, tr: Phrases = ENGLISH
) -> Card:
    """Make the card of a page as a picture, which is attached as `PICTURE`."""
    label = fit(label, 20)
    what = small(tr("page {label}, the quoted words marked", label=label))
    description = tr("page {label} of {source}", label=label, source=name_source(document, tr))
    return Card(
        (
            Text(f"**{source_line(document, span, tr)}**\n{what}"),
            Picture(PICTURE, description),
            Row(
                (
                    Button(tr("Passage"), "passage", place),
                    Button(tr("Whole document"), "document", place),
                )
            ),
        )
    )


def _other_side(document: Document, span: Span, place: int, tr: Phrases) -> list[Part]:
    """Show the other side's record of a meeting, with the words that come nearest."""
    heading = tr("The other side's record:")
    lines = [f"**{heading}** {source_line(document, span, tr)}"]
    turn: Turn | None = None
    if len(span):
        turn = next((turn for turn in document.structure.turns if turn.span.holds(span)), None)
        lines.append(quote_words(span.of(document.text), (), 280))
    else:
        lines.append(tr("No sentence comes near these words."))
    lines += whose_lines(document, turn, 160, tr, span=span or None)
    return [Line(), Section("\n".join(lines), Button(tr("Read"), "read", place))]


def _open(document: Document, span: Span | None, tr: Phrases) -> tuple[Link, ...]:
    address = open_address(document, span)
    return (Link(tr("Source"), address),) if address else ()


def _cut(document: Document, start: int) -> bool:
    """Return whether a place lies inside a paragraph."""
    return any(block.start < start < block.end for block in document.structure.blocks)
