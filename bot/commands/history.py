"""The command history: the answers that the archive has given."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from bot.commands.archives import find_archive
from bot.commands.options import archive_option, json_option
from bot.commands.output import NOT_FOUND, print_json, say


@click.command()
@click.option(
    "-k",
    "limit",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    help="At most this many answers.",
)
@archive_option
@json_option
def history(limit: int, archive: Path | None, as_json: bool) -> None:
    """List the answers that the archive has given, newest first.

    "memcon replay RECEIPT" answers one of them again. Exit code 1: there is none.
    """
    from index.answering.receipts import list_receipts

    receipts = list_receipts(find_archive(archive).root, limit)
    if as_json:
        forms = [{"receipt": each.receipt_id, **asdict(each)} for each in receipts]
        for form in forms:
            del form["kept_as"]
        print_json({"schema": "memcon.history/1", "receipts": forms})
    elif receipts:
        from bot.render.history import draw_history
        from bot.render.paging import print_paged

        print_paged(draw_history(receipts))
    else:
        say("this archive has given no answers yet.")
    sys.exit(0 if receipts else NOT_FOUND)
