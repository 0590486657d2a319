"""The command verify."""

import sys
from pathlib import Path

import click

from bot.commands.archives import open_archive
from bot.commands.options import archive_option, json_option
from bot.commands.output import NOT_FOUND, print_json
from corpus.errors import UsageError


@click.command(name="verify")
@click.argument("quotation", required=False)
@click.option(
    "--attributed-to",
    metavar="NAME",
    help="The person, or the document, that the words are attributed to.",
)
@archive_option
@json_option
def verify_command(
    quotation: str | None, attributed_to: str | None, archive: Path | None, as_json: bool
) -> None:
    """Check whether the archive has a QUOTATION word for word.

    It is found exactly, in other typography, or with misread letters in text that was read from a
    scan. Otherwise it was altered, spliced from several places, is not by NAME, or is not in the
    archive: exit code 1. Without QUOTATION, it is read from standard input.
    """
    if quotation is None:
        if sys.stdin.isatty():
            raise UsageError("There is no quotation.", 'memcon verify "the words as quoted"')
        quotation = sys.stdin.read()
    from index.verifying.verification import clean_quotation, verify

    words = clean_quotation(quotation)
    verification = verify(words, open_archive(archive), attributed_to)
    if as_json:
        from bot.render.json_form import verification_form

        print_json(verification_form(verification))
    else:
        from bot.render.terminal import draw_verification, make_console

        make_console().print(draw_verification(verification))
    sys.exit(0 if verification.finding.is_found else NOT_FOUND)
