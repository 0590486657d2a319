"""Draws the README's pictures from real answers: `make pictures`."""

import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot import settings
from bot.terminal import draw_answer
from index.answer import answer
from index.archive import Archive

QUESTION = "How much was the trade deficit in 1993?"


def draw_terminal(archive: Archive, target: Path) -> None:
    console = Console(record=True, width=96, highlight=False, markup=False, emoji=False)
    console.print(Text(f'$ memcon ask "{QUESTION}" -k 2\n'))
    console.print(draw_answer(answer(QUESTION, archive, limit=2)))
    target.write_text(console.export_svg(title="memcon"), "utf-8")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    draw_terminal(Archive(settings.archive_folder(None)), folder / "answer.svg")
