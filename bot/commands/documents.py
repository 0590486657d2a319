"""The commands for one document: show, cite."""

import datetime as dt
from pathlib import Path

import click

from bot.commands.archives import open_archive
from bot.commands.browser import open_source
from bot.commands.naming import find_document
from bot.commands.options import archive_option, json_option
from bot.commands.output import print_json
from corpus.citations.cited import Cited
from corpus.citations.styles import STYLES
from corpus.dates import parse_bound
from corpus.documents import Span
from corpus.errors import UsageError

_volume_option = click.option(
    "--volume", "--collection", metavar="NAME", help="The volume in which DOC_ID is a number."
)


@click.command()
@click.argument("doc_id", nargs=-1, required=True)
@_volume_option
@click.option("--at", metavar="START-END", help="Show the surroundings of a quotation.")
@click.option("--open", "opens", is_flag=True, help="Open its address in the browser.")
@archive_option
@json_option
def show(
    doc_id: tuple[str, ...],
    volume: str | None,
    at: str | None,
    archive: Path | None,
    as_json: bool,
    opens: bool,
) -> None:
    """Show a document, or what stands around a quotation.

    DOC_ID is its name as in "corpus list", its web address, or its number in a volume:
    "frus1901 113", or 113 with --volume.
    """
    opened = open_archive(archive)
    document = find_document(opened, " ".join(doc_id), volume)
    span = _parse_span(at, len(document.text)) if at else None
    if as_json:
        from bot.render.json_form import document_form, searched_form

        print_json(
            {
                "schema": "memcon.document/1",
                **document_form(document, opened.related(document)),
                "searched": searched_form(opened.manifest),
            }
        )
    else:
        from bot.render.document import draw_document
        from bot.render.paging import print_paged

        print_paged(draw_document(document, span, opened.related(document)))
    if opens:
        open_source(document, span)


@click.command(name="cite")
@click.argument("doc_id", nargs=-1, required=True)
@_volume_option
@click.option("--at", metavar="START-END", help="Cite the words at this place.")
@click.option(
    "--style",
    type=click.Choice([*STYLES]),
    default="chicago",
    show_default=True,
    help="; ".join(f"{style.name}: {style.description}" for style in STYLES.values()) + ".",
)
@click.option(
    "--accessed",
    metavar="DATE",
    help="When you read it, such as 1993-09-27. [default: today for --at, else none]",
)
@archive_option
def cite_command(
    doc_id: tuple[str, ...],
    volume: str | None,
    at: str | None,
    style: str,
    accessed: str | None,
    archive: Path | None,
) -> None:
    """Cite a document, or with --at a quotation: its words, its page, the date of access.

    DOC_ID is as for "memcon show".
    """
    document = find_document(open_archive(archive), " ".join(doc_id), volume)
    span = _parse_span(at, len(document.text)) if at else None
    if accessed:
        accessed = parse_bound(accessed, last=False)
    elif span:
        accessed = dt.datetime.now().astimezone().date().isoformat()
    click.echo(STYLES[style].write([Cited.of(document, span, accessed)]))


def _parse_span(words: str, length: int) -> Span:
    start, _, end = words.partition("-")
    if not (
        words.isascii() and start.isdigit() and end.isdigit() and int(start) < int(end) <= length
    ):
        raise UsageError(f"{words!r} is no place in this document; places look like 120-345.")
    return Span(int(start), int(end))
