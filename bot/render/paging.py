"""Long results go through a pager on a terminal."""

import click
from rich.console import RenderableType
from rich.pager import Pager

from bot.render.terminal import make_console


class _ClickPager(Pager):
    """The pager of click: $PAGER or less, and none where stdin or stdout is no terminal."""

    def show(self, content: str) -> None:
        """Show text with its styles."""
        click.echo_via_pager(content)


def print_paged(drawn: RenderableType) -> None:
    """Print on stdout; on a terminal, through a pager if it is longer than the screen."""
    console = make_console()
    if console.is_terminal and len(console.render_lines(drawn, pad=False)) >= console.height:
        # Old pagers show the escapes of hyperlinks.
        with console.pager(_ClickPager(), styles=True, links=False):
            console.print(drawn)
    else:
        console.print(drawn)
