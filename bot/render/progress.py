"""Progress of long work on stderr: a bar on a terminal, otherwise a line every half minute."""

import math
import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

# Without a bar, a stage writes a line this often, in seconds.
_EVERY = 30.0
# No estimate is made before this many seconds, and this share of the steps.
_LEAST_SECONDS, _LEAST_SHARE = 5.0, 0.03
# Later steps are often slower: an estimate that is too long shrinks, one too short stands still.
_RESERVE = 1.2


def estimate_seconds(
    elapsed: float, done: int, total: int, before: float | None = None
) -> float | None:
    """Return how many seconds a stage still takes; never more than `before`, the last estimate.

    None while too little is done for an estimate.
    """
    if elapsed < _LEAST_SECONDS or done < max(1, _LEAST_SHARE * total):
        return before
    left = _RESERVE * elapsed / done * max(0, total - done)
    return left if before is None else min(left, before)


def describe_seconds(seconds: float | None) -> str:
    """Return an estimate in words, rounded up; empty for None."""
    if seconds is None:
        return ""
    minutes = math.ceil(seconds / 60)
    if minutes <= 1:
        return "less than a minute left"
    if minutes <= 90:
        return f"about {minutes} minutes left"
    return f"about {math.ceil(minutes / 60)} hours left"


class TerminalProgress:
    """Shows the stages of a build; used as a context manager."""

    def __init__(self) -> None:
        """Prepare to write on stderr."""
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[left]}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._live = sys.stderr.isatty()
        self._name, self._done, self._total = "", 0, 0
        self._began = self._reported = 0.0
        self._left: float | None = None

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
        self._name, self._done, self._total, self._left = name, 0, total or 0, None
        self._began = self._reported = time.monotonic()
        if self._live:
            for task in self._bars.task_ids:
                self._bars.remove_task(task)
            self._bars.add_task(name, total=total, left="")
        else:
            self._line(f"{name} ({total:,})" if total else name)

    def advance(self, steps: int) -> None:
        """Count steps of the current stage."""
        self._done += steps
        now = time.monotonic()
        if self._total:
            self._left = estimate_seconds(now - self._began, self._done, self._total, self._left)
        left = describe_seconds(self._left)
        for task in self._bars.task_ids:
            self._bars.update(task, advance=steps, left=left)
        if not self._live and self._total and now - self._reported >= _EVERY:
            self._reported = now
            self._line(
                f"{self._name}: {self._done:,} of {self._total:,}{', ' if left else ''}{left}"
            )

    def _line(self, words: str) -> None:
        print(f"memcon: {words}", file=sys.stderr)  # noqa: T201 - stderr is this module's job
