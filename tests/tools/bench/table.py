"""Figures as a person reads them: tables in Markdown."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

NOT_RUN = "not run: would take too long"


@dataclass(frozen=True)
class Table:
    """A table with its title; `failures` are what went wrong while it was made."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    failures: Sequence[str] = ()

    @property
    def whole(self) -> bool:
        """Tell whether everything could be measured."""
        return not self.failures

    def __str__(self) -> str:
        lines = [self.headings, ["---"] * len(self.headings), *self.rows]
        drawn = "".join(f"| {' | '.join(line)} |\n" for line in lines)
        return f"### {self.title}\n\n{drawn}" + "".join(f"\n{each}\n" for each in self.failures)


def amount(value: float) -> str:
    """Return a figure with as many digits as it deserves."""
    if math.isnan(value):
        return "–"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 3
    return f"{value:,.{digits}f}"


def times(ratio: float) -> str:
    """Return a ratio as "12 times"."""
    return f"{amount(ratio)} times" if not math.isnan(ratio) else "–"
