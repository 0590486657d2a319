"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bot import settings
from bot.render.hints import choose

URI = "memcon.uri"

# Options that narrow a search by the names of filters: option, metavar, help.
_FILTERS = {
    "date_from": ("--from", "DATE", "From 1993, 1993-09 or 1993-09-27."),
    "date_to": ("--to", "DATE", "Up to the end of this date."),
    "speaker": (
        "--speaker",
        "NAME",
        'Only what is attributed to a speaker: "Prime Minister", "Hosokawa".',
    ),
    "collection": ("--collection", "NAME", "Only one collection."),
    "kind": ("--kind", "KIND", "Only one kind of document, such as cable or abstract."),
    "person": (
        "--person",
        "NAME",
        "Only documents that this person takes part in, wrote or received.",
    ),
    "classification": ("--classification", "MARK", "Only documents with this marking."),
    "language": ("--language", "CODE", "Only one language, such as en or ja."),
}

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
level_option = click.option(
    "--level",
    type=click.Choice(settings.LEVELS),
    default=lambda: settings.load().answers.level,
    help="How sure memcon must be before it answers. [default: balanced, or as in settings.toml]",
)


def archive_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose the archive."""
    for option in (
        click.option(
            "--uri",
            metavar="URI",
            expose_value=False,
            callback=lambda context, _option, value: context.meta.update({URI: value}),
            help="Experimental: the Milvus server with the index. [default: $MEMCON_MILVUS_URI]",
        ),
        click.option(
            "--archive",
            type=click.Path(file_okay=False, readable=False),
            callback=lambda _context, _option, value: _parse_folder(value),
            help="The archive's folder. [default: $MEMCON_ARCHIVE, or one in your data directory]",
        ),
    ):
        command = option(command)
    return command


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that narrow a search."""
    for name, (option, metavar, words) in reversed(_FILTERS.items()):
        command = click.option(option, name, metavar=metavar, help=words)(command)
    return command


def limit_option(things: str, *, default: int, most: int) -> Callable[..., Any]:
    """Return the option -k, the maximum number of results."""
    return click.option(
        "-k",
        "limit",
        type=click.IntRange(1, most),
        default=default,
        show_default=True,
        help=f"The maximum number of {things}.",
    )


def rerank_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose a reranker, or none."""
    option = click.option(
        "--rerank",
        metavar="MODEL",
        default=lambda: settings.load().answers.rerank,
        help="A sentence-transformers CrossEncoder, by name or folder, that reads the best "
        "passages and sentences again and orders them. [default: none, or as in settings.toml]",
    )
    never = click.option(
        "--no-rerank", "rerank", flag_value="", help="Ignore the reranker of settings.toml."
    )
    return option(never(command))


def _parse_folder(name: str | None) -> Path | None:
    """Return the named folder; an empty name would mean the working directory."""
    if name == "":
        raise click.BadParameter("the archive's folder has no name")
    chosen = None if name is None else Path(name)
    choose(chosen, settings.load().answers)
    return chosen
