"""Commands that memcon tells people to type: they mean the archive that was asked."""

import shlex
from contextvars import ContextVar
from pathlib import Path

_chosen: ContextVar[Path | None] = ContextVar("chosen", default=None)


def choose(archive: Path | None) -> None:
    """Take note of the archive that a command was given; None, the one that all of them take."""
    _chosen.set(archive)


def addressed(command: str) -> str:
    """Return a command of memcon with the archive that was chosen, as it is to be typed."""
    archive = _chosen.get()
    if archive is None or not command.startswith("memcon "):
        return command
    return f"{command} --archive {shlex.quote(str(archive))}"
