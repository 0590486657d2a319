"""The commands of who keeps the archive: index, corpus, doctor, serve, discord."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from bot import settings
from bot.commands.session import (
    AT_FAULT,
    Thoroughness,
    archive_option,
    build_index,
    find_archive,
    json_option,
    open_archive,
    open_reranker,
    print_json,
    refuse_unknown,
)
from bot.render.hints import addressed
from corpus.errors import UsageError


@click.group()
def index() -> None:
    """Build the index and see how it is."""


@index.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, readable=False))
@click.option("--bundled", is_flag=True, help="Take the bundled collection as well as PATHS.")
@click.option("--model", metavar="NAME", help="A sentence-transformers model, by name or path.")
@click.option("--force", is_flag=True, help="Build even where nothing has changed.")
@click.option("--rehash", is_flag=True, help="Compare files by their bytes, not by size and time.")
@click.option("--strict", is_flag=True, help="Fail at the first file that cannot be read.")
@click.option(
    "--ocr/--no-ocr",
    default=None,
    help="Read pages that are pictures, by tesseract, now and in later builds.",
)
@click.option(
    "--ocr-language",
    metavar="NAMES",
    help="What language they are in, as tesseract calls it: eng, jpn, eng+jpn. [default: eng]",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "milvus"]),
    help="Where the index is searched from now on: in the archive's folder, or on --uri.",
)
@click.option("--name", metavar="NAME", help="What the archive is called there. [default: memcon]")
@click.option(
    "--ray",
    metavar="CLUSTER",
    help="Read and encode on a Ray cluster: auto (the one that runs, else one of this machine), "
    "local, or HOST:PORT.",
)
@archive_option
def build(
    paths: tuple[Path, ...],
    bundled: bool,
    model: str | None,
    engine: str | None,
    name: str | None,
    archive: Path | None,
    **how: Any,
) -> None:
    """Build an index of the documents under PATHS.

    The archive then consists of these. Without PATHS the sources of the last build are read again;
    an archive that nobody named has the bundled collection if there was none. The old index answers
    until the new one is whole.
    Files that cannot be read are named with the reason, and the rest is indexed.
    With --engine milvus the index is then published to a Milvus cluster, and searched there by
    every host that is told its --uri; the archive remembers it, but not the token, which comes
    from MEMCON_MILVUS_TOKEN or the settings file.
    """
    from corpus.ingest.sources import bundled_collection
    from index.location import remember

    location = find_archive(archive, name)
    sources = list(paths)
    if bundled:
        sources.insert(0, bundled_collection())
    if engine == "local":
        location = replace(location, cluster=None)
    elif engine and not location.cluster:
        raise UsageError(
            "Which cluster is meant?", "memcon index build --engine milvus --uri http://HOST:19530"
        )
    if not sources and not location.cluster and settings.load().names_archive(archive):
        refuse_unknown(location.root)
    build_index(location, sources, model=model, how=Thoroughness(**how))
    if engine or location.cluster:
        remember(location.root, location.cluster)


@index.command()
@archive_option
@json_option
def status(archive: Path | None, as_json: bool) -> None:
    """Show what the index holds, what it was built from, and what has changed since."""
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
    """Put an older index back in use: GENERATION, or the one before the current.

    It is checked as a whole first. A running bot takes it up without a restart.
    """
    from index import location
    from index.building.build import roll_back

    place = find_archive(archive)
    if place.cluster:
        manifest = location.roll_back(place.cluster, generation)
    else:
        manifest = roll_back(place.root, generation)
    click.echo(f"index {manifest.generation} of {manifest.built} is in use")


@click.command()
@archive_option
def doctor(archive: Path | None) -> None:
    """Say what is wrong with this installation, and the command that mends it.

    It checks the packages, the encoder, every byte of every index that is kept, the free disk,
    and whether the documents have changed since. A missing Discord token is told, but is nothing
    wrong where no bot is run. Exit code 3: something is at fault.
    """
    from bot.doctor import examine

    at_fault = False
    for finding in examine(find_archive(archive), settings.load()):
        click.echo(f"{'ok ' if finding.well else '!! '} {finding.name}: {finding.words}")
        if finding.mend:
            click.echo(f"    try: {addressed(finding.mend)}")
        at_fault |= not finding.well and not finding.name.startswith("discord")
    sys.exit(AT_FAULT if at_fault else 0)


@click.command()
@click.option(
    "--sync",
    is_flag=True,
    help="Give Discord the commands first (once is enough, in one process of several).",
)
@click.option(
    "--shards",
    metavar="SHARDS",
    help="Which shards this process has: 0-3/16 and 2/16 are some of 16, 16 is all of them. "
    "[default: all, as many as Discord says]",
)
@click.option(
    "--metrics",
    metavar="HOST:PORT",
    help="Tell metrics and health here: /metrics, /healthz, /readyz. [default: nowhere]",
)
@archive_option
def serve(sync: bool, shards: str | None, metrics: str | None, archive: Path | None) -> None:
    """Run the Discord bot until Ctrl-C.

    The token comes from MEMCON_DISCORD_TOKEN or the settings file, never from the command line.
    Several processes may share the work: each has its --shards, and all have one store
    (MEMCON_STORE, or store under [discord] in the settings file).
    """
    from bot.discord.endpoint import parse_address
    from bot.discord.run import ServeOptions
    from bot.discord.run import serve as run
    from bot.discord.shards import Shards

    location = find_archive(archive)
    known = settings.load()
    rerank = known.answers.rerank
    chosen, address = shards or known.discord.shards, metrics or known.discord.metrics
    options = ServeOptions(
        known.discord_token(),
        known.discord_store(location.root),
        sync=sync,
        log_questions=known.discord.log_questions,
        shards=None if chosen is None else Shards.parse(chosen),
        metrics=None if address is None else parse_address(address),
        reranker=open_reranker(rerank) if rerank else None,
    )
    open_archive(archive).close()
    run(location, options)


@click.group()
def discord() -> None:
    """Set up the Discord side."""


@discord.command(name="sync")
@archive_option
def sync_command(archive: Path | None) -> None:
    """Give Discord the commands: after the first installation and after each new version."""
    from bot.discord.run import sync_commands

    known = settings.load()
    token = known.discord_token()
    open_archive(archive).close()
    location = find_archive(archive)
    given = sync_commands(location, token, known.discord_store(location.root))
    click.echo(f"{given} commands given to Discord")
