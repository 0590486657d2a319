"""Exit codes, messages and JSON output."""

import json
import sys
from typing import Any

import click

NOT_FOUND = 1
WRONG_USAGE = 2
AT_FAULT = 3
INTERRUPTED = 130


def say(message: str) -> None:
    """Write a message to stderr; stdout is for results."""
    from bot.render.terminal import visible

    sys.stderr.write(f"memcon: {visible(message)}\n")


def print_json(value: Any, *, on_a_line: bool = False) -> None:
    """Print a JSON value on stdout, indented or on one line."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=None if on_a_line else 2))
