"""The command line in this process: as `python -m bot`, without its start of half a second."""

import contextvars
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from subprocess import CompletedProcess

import pytest

from bot import settings
from bot.cli import main
from bot.commands.archives import open_reranker


def run_command(
    words: Sequence[str], environment: Mapping[str, str], given: str = ""
) -> "CompletedProcess[str]":
    """Run memcon with these words and variables; `given` is its standard input."""
    out, err = _Stream(), _Stream()
    with pytest.MonkeyPatch.context() as patch, _fresh_settings():
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["memcon", *words])
        patch.setattr(sys, "stdin", _Stream(given))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        # What a command sets for itself, such as the archive that its hints name, ends with it.
        code = contextvars.copy_context().run(_run_main)
    return CompletedProcess(words, code, out.written(), err.written())


class _Stream(io.TextIOWrapper):
    """A stream of a process, not a terminal."""

    def __init__(self, given: str = "") -> None:
        self._bytes = io.BytesIO(given.encode())
        super().__init__(self._bytes, "utf-8")

    def written(self) -> str:
        self.flush()
        return self._bytes.getvalue().decode()


def _run_main() -> int:
    try:
        main()
    except SystemExit as done:
        return int(done.code or 0)


@contextmanager
def _fresh_settings() -> Iterator[None]:
    """Let the command read its settings and its reranker, and the next one its own."""
    known = (settings.load, open_reranker)
    for each in known:
        each.cache_clear()
    try:
        yield
    finally:
        for each in known:
            each.cache_clear()
