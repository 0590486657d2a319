"""Write the manual page from the command line's help: `make man`.

    python -m tests.tools.manual > memcon.1

The page has a section for each command, in roff with the man macros.
"""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import version

import click

from bot.cli import cli


def main() -> None:
    """Print the page."""
    sys.stdout.write(draw_manual())


def draw_manual() -> str:
    """Return the page in roff."""
    lines = [f'.TH MEMCON 1 "" "memcon {version("memcon")}" "User Commands"', ".SH NAME"]
    lines += ["memcon \\- ask questions of a historical archive"]
    for number, context in enumerate(
        walk(click.Context(cli, info_name="memcon", **cli.context_settings))
    ):
        usage = " ".join(context.command.collect_usage_pieces(context))
        lines += [".SH SYNOPSIS"] if not number else [f".SH {roff(context.command_path).upper()}"]
        lines += [f".B {roff(context.command_path)}", roff(usage)]
        lines += [".SH DESCRIPTION"] if not number else [".PP"]
        lines += paragraphs(context.command.help or "")
        for parameter in context.command.get_params(context):
            record = parameter.get_help_record(context)
            if record and record[1]:
                lines += [".TP", f".B {roff(record[0])}", roff(record[1])]
    lines += [".SH EXIT STATUS"]
    for code, meaning in (
        (0, "Answered, or done."),
        (1, "The archive does not say."),
        (2, "Wrong usage."),
        (3, "The archive, the index or the settings are at fault."),
    ):
        lines += [".TP", f".B {code}", meaning]
    return "\n".join(lines) + "\n"


def walk(context: click.Context) -> Iterator[click.Context]:
    """Yield the context of a command and of every command below it."""
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command and not command.hidden:
                yield from walk(click.Context(command, parent=context, info_name=name))


def paragraphs(text: str) -> Iterator[str]:
    """Yield a help text; a \\b line keeps the line breaks of its paragraph, as in click."""
    for number, part in enumerate(re.split(r"\n\s*\n", text.strip())):
        if number:
            yield ".PP"
        kept = part.startswith("\b")
        lines = [line.strip() for line in part.removeprefix("\b").strip().splitlines()]
        for line in lines:
            yield roff(line)
            if kept and line is not lines[-1]:
                yield ".br"


def roff(text: str) -> str:
    """Escape what roff would read as markup, and all that is not ASCII."""
    plain = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    plain = "".join(char if char.isascii() else f"\\[u{ord(char):04X}]" for char in plain)
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain


if __name__ == "__main__":
    main()
