"""The answers that an archive has given, a line each."""

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from bot.render.terminal import visible
from index.answering.receipts import Receipt


def draw_history(receipts: Iterable[Receipt]) -> Table:
    """Draw receipts with their verdicts, numbers of quotations or leads, and questions."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("receipt", "verdict", "quotes", "index"):
        table.add_column(column, no_wrap=True, justify="right" if column == "quotes" else "left")
    table.add_column("question", overflow="fold")
    for each in receipts:
        table.add_row(
            each.receipt_id,
            each.verdict.replace("_", " "),
            str(len(each.quotes)),
            each.generation,
            Text(visible(each.question)),
        )
    return table
