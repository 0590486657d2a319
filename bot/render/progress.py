"""Progress of long work, on stderr: a bar on a terminal, elsewhere a line now and then."""

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

# How often a stage tells how far it is, where no bar can be drawn, in seconds.
_EVERY = 30.0


class TerminalProgress:
    """Shows the stages of a build; used as a context manager."""

    def __init__(self) -> None:
        """Prepare to write on stderr."""
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._live = sys.stderr.isatty()
        self._name, self._done, self._total = "", 0, 0
        self._began = self._told = 0.0

    def __enter__(self) -> Self:
        """Start drawing."""
        if self._live:
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop drawing."""
        self._bars.stop()

    def stage(self, name: str, total: int | None = None) -> None:
        """Begin a stage of `total` steps."""
        if self._live:
            for task in self._bars.task_ids:
                self._bars.remove_task(task)
            self._bars.add_task(name, total=total)
        else:
            self._line(f"{name} ({total:,})" if total else name)
            self._name, self._done, self._total = name, 0, total or 0
            self._began = self._told = time.monotonic()

    def advance(self, steps: int) -> None:
        """Move the bar of the current stage."""
        for task in self._bars.task_ids:
            self._bars.advance(task, steps)
        self._done += steps
        now = time.monotonic()
        if not self._live and self._total and now - self._told >= _EVERY:
            self._told = now
            minutes = (now - self._began) / self._done * (self._total - self._done) / 60
            left = f"about {minutes:.0f} min left" if minutes >= 1 else "less than a minute left"
            self._line(f"{self._name}: {self._done:,} of {self._total:,}, {left}")

    def _line(self, words: str) -> None:
        print(f"memcon: {words}", file=sys.stderr)  # noqa: T201 - stderr is this module's job
