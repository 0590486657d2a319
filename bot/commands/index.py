"""The commands that build, show and roll back the index."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from bot import settings
from bot.commands.archives import build_index, find_archive
from bot.commands.options import archive_option, json_option
from bot.commands.output import print_json
from corpus.errors import UsageError


@click.group()
def index() -> None:
    """Build the index and show its state."""


@index.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, readable=False))
@click.option("--bundled", is_flag=True, help="Add the bundled collection to PATHS.")
@click.option("--model", metavar="NAME", help="A sentence-transformers model, by name or path.")
@click.option("--force", is_flag=True, help="Build even where nothing has changed.")
@click.option("--rehash", is_flag=True, help="Compare files by their bytes, not by size and time.")
@click.option("--merge", is_flag=True, help="Merge what updates have added into one segment.")
@click.option("--strict", is_flag=True, help="Fail at the first file that cannot be read.")
@click.option(
    "--ocr/--no-ocr",
    default=None,
    help="Read pages that are pictures with tesseract, now and in later builds.",
)
@click.option(
    "--ocr-language",
    metavar="NAMES",
    help="Their languages, as tesseract names them: eng, jpn, eng+jpn. [default: eng]",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "milvus"]),
    help="Where the index is searched from now on: in the archive's folder, or (experimental) on "
    "the Milvus server at --uri.",
)
@click.option("--name", metavar="NAME", help="The archive's name on Milvus. [default: memcon]")
@click.option(
    "--ray",
    metavar="CLUSTER",
    help="Experimental: read and encode on a Ray cluster: auto (the one that runs, else one of "
    "this machine), local, or HOST:PORT.",
)
@archive_option
def build(
    paths: tuple[Path, ...],
    bundled: bool,
    engine: str | None,
    name: str | None,
    archive: Path | None,
    **options: Any,
) -> None:
    """Build an index of the documents under PATHS.

    The archive then consists of these. Without PATHS the sources of the last build are read again;
    an archive that nobody named has the bundled collection if there was none. The old index answers
    until the new one is whole.
    Files that cannot be read are named with the reason, and the rest is indexed.
    Experimental: with --engine milvus the index is then published to a Milvus server, and searched
    there by every host that names its --uri. The archive remembers the address, but not the token,
    which comes from MEMCON_MILVUS_TOKEN or the settings file.
    """
    from bot.services.rebuild import refuse_unknown
    from corpus.ingest.sources import bundled_collection
    from index.location import remember

    location = find_archive(archive, name)
    sources = list(paths)
    if bundled:
        sources.insert(0, bundled_collection())
    if engine == "local":
        location = replace(location, milvus=None)
    elif engine and not location.milvus:
        raise UsageError(
            "--engine milvus needs an address.",
            "memcon index build --engine milvus --uri http://HOST:19530",
        )
    if not sources and not location.milvus and settings.load().names_archive(archive):
        refuse_unknown(location.root)
    build_index(location, sources, **options)
    if engine or location.milvus:
        remember(location)


@index.command()
@archive_option
@json_option
def status(archive: Path | None, as_json: bool) -> None:
    """Show the index's contents and sources, and what has changed since the build."""
    from bot.render.status import read_status, status_form, status_lines
    from bot.render.terminal import visible

    known = read_status(find_archive(archive))
    if as_json:
        print_json(status_form(known))
        return
    for line in status_lines(known):
        click.echo(visible(line))


@index.command()
@click.argument("generation", required=False)
@archive_option
def rollback(generation: str | None, archive: Path | None) -> None:
    """Use an older index again: GENERATION, or the one before the current.

    It is checked completely first. A running bot switches to it without a restart.
    """
    manifest = find_archive(archive).roll_back(generation)
    click.echo(f"index {manifest.generation} of {manifest.built} is in use")
