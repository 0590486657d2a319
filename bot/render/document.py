"""A whole document on a terminal: provenance, text, and related documents."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.render.terminal import stylize, visible
from corpus.authority.attribution import describe_details, describe_source
from corpus.authority.relations import Related
from corpus.dates import in_words
from corpus.documents import Document, Provenance, Redaction, Reference, Span
from corpus.languages import name_language
from corpus.word_lists import read_lists

_ROWS: dict[str, str] = read_lists(__file__)
_DATES = {"event_date", "document_date", "received_date", "publication_date"}


def draw_document(document: Document, at: Span | None, related: Sequence[Related]) -> Group:
    """Draw a document with headings, boilerplate and redactions styled; `at` marks words."""
    parts: list[RenderableType] = [Text(visible(document.title), style="bold underline")]
    source = " · ".join(
        (describe_source(document.provenance), *describe_details(document.provenance))
    )
    parts.append(Text(visible(source[:1].upper() + source[1:]), style="italic"))
    parts += [draw_provenance(document.provenance), *_draw_related(related), Text()]
    structure = document.structure
    blocks = structure.blocks
    if at:
        near = [place for place, block in enumerate(blocks) if block.overlaps(at)]
        if near:
            blocks = blocks[max(0, near[0] - 2) : near[-1] + 3]
    for block in blocks:
        words = Text(visible(block.of(document.text)))
        if block in structure.headings:
            words.stylize("bold green")
        if any(area.overlaps(block) for area in structure.boilerplate):
            words.stylize("dim")
        for redaction in structure.redactions:
            if redaction.span.overlaps(block):
                stylize(words, "reverse", redaction.span, block)
        if at and at.overlaps(block):
            stylize(words, "bold black on yellow", at, block)
        parts += [words, Text()]
    if at is None:
        parts += _draw_redactions(document)
    return Group(*parts)


def draw_provenance(provenance: Provenance) -> RenderableType:
    """Draw the known fields of a provenance, a line each."""
    table = Table.grid(padding=(0, 2))
    for name, words in _rows(provenance):
        table.add_row(Text(name, style="dim"), Text(visible(words)))
    if provenance.about is None:
        return table
    record = Text("about the record", style="dim")
    record.append(f" {visible(provenance.about.title or '')}".rstrip(), style="not dim")
    return Group(
        table, record, Padding(draw_provenance(provenance.about), (0, 0, 0, 4), expand=False)
    )


def _rows(provenance: Provenance) -> Iterator[tuple[str, str]]:
    for name, shown in _ROWS.items():
        value = getattr(provenance, name)
        if not value:
            continue
        if name in _DATES:
            yield shown, in_words(value)
        elif name == "language":
            yield shown, name_language(value)
        elif isinstance(value, tuple):
            yield shown, "; ".join(_plain(item) for item in value)
        else:
            yield shown, value
        if name == "language":
            yield from _translation(provenance)
    if not provenance.language:
        yield from _translation(provenance)


def _translation(provenance: Provenance) -> Iterator[tuple[str, str]]:
    original, translator = provenance.original_language, provenance.translator
    words = [f"from {name_language(original)}"] if original else []
    words += [f"by {translator}"] if translator else []
    if words:
        yield "translated", " ".join(words)


def _plain(item: str | Reference) -> str:
    if isinstance(item, Reference):
        return f"{item.title} {item.url}" if item.url else item.title
    return item


def _draw_related(related: Sequence[Related]) -> Iterator[RenderableType]:
    if related:
        yield Text("belongs with", style="dim")
        table = Table.grid(padding=(0, 2))
        for each in related:
            table.add_row(
                Text(f"    {each.relation}", style="dim"),
                Text(visible(each.title)),
                Text(f"memcon show {each.doc_id}", style="dim"),
            )
        yield table


def _draw_redactions(document: Document) -> Iterator[RenderableType]:
    withheld = [each for each in document.structure.redactions if each.kind == "redaction"]
    if withheld:
        yield Text(f"withheld: {len(withheld)}", style="dim")
        lines = (
            Padding(_redaction(each, document), (0, 0, 0, 4), expand=False) for each in withheld
        )
        yield Group(*lines)


def _redaction(redaction: Redaction, document: Document) -> Text:
    span = redaction.span
    line = Text(f"{span.start}-{span.end}  ", style="dim")
    line.append(visible(span.of(document.text)), style="not dim")
    if redaction.reason:
        line.append(f"  reason: {visible(redaction.reason)}")
    return line
