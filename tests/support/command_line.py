"""The command line in this process, without its start of half a second, or in one of its own."""

import contextvars
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from bot import settings
from bot.cli import main
from bot.commands.archives import open_reranker
from tests.support.archives import Run


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


def run_process(
    words: Sequence[str], environment: Mapping[str, str], given: str = ""
) -> "CompletedProcess[str]":
    """Run memcon as users do, as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **environment},
        input=given,
    )


def runner(
    start: Callable[[Sequence[str], Mapping[str, str], str], "CompletedProcess[str]"],
    environment: Mapping[str, str],
) -> Run:
    """Return a function of words, archive, variables and input that calls `start`."""

    def run(
        *words: str,
        archive: Path | None = None,
        env: dict[str, str] | None = None,
        input: str = "",  # noqa: A002 - as subprocess.run has it
    ) -> Any:
        named = {"MEMCON_ARCHIVE": str(archive)} if archive else {}
        return start(words, {**environment, **named, **(env or {})}, input)

    return run


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
