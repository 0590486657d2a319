"""Progress of long work, on stderr: a bar on a terminal, a line a stage elsewhere."""

import sys
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
            size = f" ({total:,} passages)" if total else ""
            print(f"memcon: {name}{size}", file=sys.stderr)  # noqa: T201 - stderr is this module's job

    def advance(self, steps: int) -> None:
        """Move the bar of the current stage."""
        for task in self._bars.task_ids:
            self._bars.advance(task, steps)
