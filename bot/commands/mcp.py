"""The command mcp: the archive for AI assistants."""

from pathlib import Path

import click

from bot import settings
from bot.commands.archives import find_archive, open_archive
from bot.commands.options import archive_option
from corpus.errors import UsageError


@click.command()
@click.option(
    "--http",
    "address",
    metavar="HOST:PORT",
    help="Serve streamable HTTP at http://HOST:PORT/mcp. [default: stdio]",
)
@archive_option
def mcp(address: str | None, archive: Path | None) -> None:
    """Serve the archive to AI assistants over the Model Context Protocol, until Ctrl-C.

    Read-only: ask, search, read, verify, cite, list_documents, and documents as resources. Every
    quotation has its document, place, hash and address. It needs the extra: pip install
    "memcon[mcp]". HTTP has no login: keep to 127.0.0.1, or put a proxy with one in front.
    """
    try:
        from bot.mcp.server import make_server
    except ModuleNotFoundError as error:
        raise UsageError("The MCP server is not installed.", 'pip install "memcon[mcp]"') from error
    from index.answering.verdict import Level

    # Builds the bundled collection where there is no archive yet.
    open_archive(archive).close()
    server = make_server(find_archive(archive), Level(settings.load().answers.level))
    if address is None:
        server.run("stdio")
        return
    host, _, port = address.rpartition(":")
    if not (host and port.isdecimal() and int(port) < 65536):
        raise UsageError(f"{address} is no address: it looks like 127.0.0.1:8765.")
    server.run("streamable-http", host=host, port=int(port), stateless_http=True)
