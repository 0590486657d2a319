"""The command doctor."""

import sys
from pathlib import Path

import click

from bot.commands.archives import find_archive
from bot.commands.options import archive_option
from bot.commands.output import AT_FAULT
from bot.render.hints import addressed


@click.command()
@archive_option
def doctor(archive: Path | None) -> None:
    """Find faults of this installation, and show the command that mends each.

    It checks the packages, the encoder, every byte of every index that is kept, the free disk,
    and whether the documents have changed since the build. A missing Discord token is reported, but
    is no fault. Exit code 3: something is at fault.
    """
    from bot.discord.doctor import examine_discord
    from bot.services.doctor import examine

    location = find_archive(archive)
    at_fault = False
    for finding in (*examine(location), *examine_discord(location.root)):
        click.echo(f"{'ok ' if finding.well else '!! '} {finding.name}: {finding.words}")
        if finding.mend:
            click.echo(f"    try: {addressed(finding.mend)}")
        at_fault |= not finding.well and not finding.name.startswith("discord")
    sys.exit(AT_FAULT if at_fault else 0)
