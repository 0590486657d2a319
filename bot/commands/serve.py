"""The commands that run and set up the Discord bot: serve, discord sync."""

from pathlib import Path

import click

from bot import settings
from bot.commands.archives import find_archive, open_archive, open_reranker
from bot.commands.options import archive_option


@click.command()
@click.option(
    "--sync",
    is_flag=True,
    help="Register the commands with Discord first (once is enough, in one of several processes).",
)
@click.option(
    "--shards",
    metavar="SHARDS",
    help="The shards of this process: 0-3/16 and 2/16 are some of 16, 16 is all of them. "
    "[default: all, as many as Discord recommends]",
)
@click.option(
    "--metrics",
    metavar="HOST:PORT",
    help="Serve metrics and health here: /metrics, /healthz, /readyz. [default: nowhere]",
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
    from index.answering.verdict import Level

    location = find_archive(archive)
    known = settings.load()
    chosen, address = shards or known.discord.shards, metrics or known.discord.metrics
    options = ServeOptions(
        known.discord_token(),
        known.discord_store(location.root),
        level=Level(known.answers.level),
        sync=sync,
        log_questions=known.discord.log_questions,
        shards=None if chosen is None else Shards.parse(chosen),
        metrics=None if address is None else parse_address(address),
        reranker=open_reranker(known.answers.rerank) if known.answers.rerank else None,
        owners=known.discord.owner_ids(),
    )
    open_archive(archive).close()
    run(location, options)


@click.group()
def discord() -> None:
    """Set up the Discord bot."""


@discord.command(name="sync")
def sync_command() -> None:
    """Register the commands with Discord: after installation and after each new version."""
    from bot.discord.run import sync_commands

    click.echo(f"{sync_commands(settings.load().discord_token())} commands given to Discord")
