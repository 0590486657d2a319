"""The command line.

stdout carries the result alone; progress and messages go to stderr. Exit codes: 0 answered or
done, 1 the archive does not say, 2 wrong usage, 3 the archive or index is at fault.
"""

import io
import sys
from typing import NoReturn

import click

from bot import settings
from bot.commands import (
    ask,
    corpus,
    doctor,
    documents,
    evaluate,
    history,
    index,
    mcp,
    rerank,
    schema,
    serve,
    verify,
)
from bot.commands.output import AT_FAULT, INTERRUPTED, WRONG_USAGE, say
from bot.render.hints import addressed
from corpus.errors import MemconError, UnknownDocument, UsageError

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=_CONTEXT)
@click.version_option(package_name="memcon", prog_name="memcon")
def cli() -> None:
    """Ask questions of a historical archive.

    An answer is one to three verbatim quotations, each with its source, or an honest "the archive
    does not say". The first question builds an index of the bundled collection on the US-Japan
    summits of 1993 and 1994; "memcon index build FOLDER" makes one of your own documents.
    """


for _command in (
    *(ask.ask, ask.chat, ask.search, documents.show, documents.cite_command),
    *(verify.verify_command, ask.replay_command, history.history, index.index, corpus.corpus),
    *(evaluate.evaluate, rerank.rerank, doctor.doctor, serve.serve, serve.discord, mcp.mcp),
    schema.schema,
):
    cli.add_command(_command)


def main() -> NoReturn:
    """Run the command line; errors become one line on stderr and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal may not show every character. A closed stream is None.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        cli.main(prog_name="memcon", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _fail("stopped", INTERRUPTED)
    except MemconError as error:
        usage = isinstance(error, (UsageError, UnknownDocument))
        error.mend = addressed(error.mend) if error.mend else None
        _fail(str(error), WRONG_USAGE if usage else AT_FAULT)
    except Exception as error:  # users never see a traceback
        if settings.wants_traceback():
            raise
        _fail(_describe(error), AT_FAULT)
    sys.exit(0)


def _describe(error: Exception) -> str:
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror or error}{where}"
    return f"unexpected {type(error).__name__}: {error}. MEMCON_DEBUG=1 shows where it came from."


def _fail(message: str, code: int) -> NoReturn:
    say(message)
    sys.exit(code)
