"""The documents of an archive as a table, and the sources that were skipped or odd."""

from collections.abc import Iterable, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from bot.render.problems import group_problems, name_outcome
from bot.render.terminal import visible
from corpus.documents import Problem, Provenance

# From this width on, a terminal has room for the kinds.
_WIDE = 80

Listed = tuple[str, str, Provenance, int]


class _Documents:
    """A row for each document; on a terminal with fewer columns, and long titles cut."""

    def __init__(self, documents: Sequence[Listed]) -> None:
        self._documents = documents

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table."""
        cut = console.is_terminal
        table = Table(box=None, pad_edge=False, header_style="dim", expand=cut)
        # The name is what other commands take: it is never cut.
        table.add_column("document", overflow="fold", max_width=options.max_width // 2)
        table.add_column("date", no_wrap=True, min_width=10)
        has_kind = not cut or options.max_width >= _WIDE
        if has_kind:
            table.add_column("kind", no_wrap=cut, max_width=16 if cut else None)
        if not cut:
            table.add_column("passages", justify="right")
        table.add_column("title", no_wrap=cut, ratio=1 if cut else None, min_width=12)
        for doc_id, _, known, passages in self._documents:
            table.add_row(
                *(doc_id, known.date or ""),
                *([known.kind or ""] if has_kind else []),
                *([] if cut else [str(passages)]),
                Text(visible(known.title or "")),
            )
        yield table


def draw_listing(
    documents: Sequence[Listed], problems: Sequence[Problem], origins: Iterable[str] = ()
) -> Group:
    """Draw documents, problems by reason, and lines about where the documents come from."""
    lines: list[RenderableType] = []
    for reason, found in group_problems(problems):
        same = all(problem.reason == reason for problem in found)
        outcome = name_outcome(found[0])
        lines.append(Text(f"{outcome} {len(found):,}: {visible(reason)}", style="yellow"))
        for problem in found:
            why = "" if same else f": {visible(problem.reason)}"
            lines.append(Text(f"  {visible(problem.source)}{why}", style="yellow"))
    lines += [Text(visible(line)) for line in origins]
    return Group(_Documents(documents), *lines)
