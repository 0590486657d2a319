"""Draws the README's pictures from real answers: `make pictures`."""

import asyncio
import html
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from bot import settings
from bot.discord.buttons import card_view
from bot.discord.card_state import CardState
from bot.discord.delivery import make_embed
from bot.discord.drawing import draw_answer as draw_card_page
from bot.render.terminal import draw_answer
from bot.services.ask import ask
from corpus.errors import MemconError
from index.answering.answer import answer
from index.answering.receipts import make_receipt
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters

QUESTION = "How much was the trade deficit in 1993?"
ASKED_ON_DISCORD = "Who translated the records into English?"

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_WIDTH = 720

# The marks that the bot uses: a backslash and what it escapes, the guards of pings, and formats.
_MARKS = re.compile(
    r"\\(?P<escaped>[^a-zA-Z0-9\s])|\u200b"
    r"|\*\*(?P<b>(?:\\.|[^\\])+?)\*\*|_(?P<i>(?:\\.|[^\\])+?)_|~~(?P<s>(?:\\.|[^\\])+?)~~",
    re.DOTALL,
)

_PAGE = """<!doctype html>
<meta charset="utf-8">
<style>
html {{ background: #313338 }}
* {{ box-sizing: border-box; margin: 0 }}
body {{ width: {width}px; padding: 18px 20px 20px; background: #313338; color: #dbdee1;
  font: 16px/1.375 "Noto Sans", "Liberation Sans", Arial, sans-serif }}
.asked {{ margin: 0 0 5px 56px; color: #a5a9b0; font-size: 14px }}
.asked b {{ color: #c9cdfb; font-weight: 500 }}
.message {{ display: flex; gap: 16px }}
.face {{ flex: none; width: 40px; height: 40px; border-radius: 50%; background: #1565c0;
  color: #fff; font: 700 22px/40px "Liberation Serif", serif; text-align: center }}
.who {{ color: #f2f3f5; font-weight: 600 }}
.app {{ margin-left: 5px; padding: 1px 5px; border-radius: 4px; background: #5865f2; color: #fff;
  font-size: 11px; font-weight: 600; vertical-align: 2px }}
.card {{ width: 600px; margin-top: 6px; padding: 14px 16px 15px 14px; border-radius: 4px;
  border-left: 4px solid #{colour:06x}; background: #2b2d31 }}
.title {{ margin-bottom: 8px; color: #f2f3f5; font-weight: 600 }}
.description {{ font-size: 15px; white-space: pre-line; overflow-wrap: anywhere }}
.description b {{ color: #f2f3f5 }}
.footer {{ margin-top: 10px; color: #b5bac1; font-size: 12px }}
.buttons {{ display: flex; gap: 8px; margin-top: 8px }}
.button {{ padding: 6px 16px; border-radius: 4px; background: #4e5058; color: #fff;
  font-size: 14px; font-weight: 500; line-height: 20px }}
.disabled {{ opacity: .5 }}
</style>
<div class="asked"><b>reader</b> used <b>/ask</b></div>
<div class="message">
  <div class="face">m</div>
  <div>
    <span class="who">memcon</span><span class="app">APP</span>
    <div class="card">
      <div class="title">{title}</div>
      <div class="description">{description}</div>
      <div class="footer">{footer}</div>
    </div>
    <div class="buttons">{buttons}</div>
  </div>
</div>
<script>document.documentElement.dataset.height = document.body.offsetHeight</script>
"""


def draw_terminal(archive: Archive, target: Path) -> None:
    console = Console(record=True, width=96, highlight=False, markup=False, emoji=False)
    console.print(Text(f'$ memcon ask "{QUESTION}" -k 2\n'))
    given = answer(QUESTION, archive, limit=2)
    console.print(draw_answer(given, make_receipt(given, 2).receipt_id))
    target.write_text(console.export_svg(title="memcon"), "utf-8")


async def card_payload(archive: Archive) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what the bot sends for a question: the embed, and the rows of buttons."""
    drawn = draw_card_page(ask(ASKED_ON_DISCORD, archive))
    generation = archive.manifest.generation
    state = CardState("0" * 16, "ask", 0, drawn.understood, Filters(), generation, drawn.quoted)
    # A view wants an event loop around it.
    return dict(make_embed(drawn.card).to_dict()), card_view(state, drawn).to_components()


def draw_card(archive: Archive, target: Path) -> None:
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        print(f"no Chromium here: {target} stays as it is", file=sys.stderr)  # noqa: T201
        return
    embed, rows = asyncio.run(card_payload(archive))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = Path(folder) / "card.html"
        page.write_text(_page(embed, rows), "utf-8")
        shown = _browse(browser, folder, page, "--dump-dom")
        height = re.search(r'data-height="(\d+)"', shown)
        assert height, f"{browser} did not show the page"
        _browse(
            browser,
            folder,
            page,
            "--force-device-scale-factor=1.5",
            f"--window-size={_WIDTH},{height[1]}",
            f"--screenshot={target.resolve()}",
        )


def _browse(browser: str, folder: str, page: Path, *options: str) -> str:
    """Run the browser with a profile of its own and without the network."""
    quiet = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars
        --disable-background-networking --disable-component-update --disable-sync"""
    profile = f"--user-data-dir={folder}/profile"
    command = [browser, *quiet.split(), profile, *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def _page(embed: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    buttons = [
        f'<span class="button{" disabled" if button.get("disabled") else ""}">'
        f"{html.escape(button['label'])}{' ↗' if button.get('url') else ''}</span>"
        for row in rows
        for button in row["components"]
    ]
    return _PAGE.format(
        width=_WIDTH,
        colour=embed["color"],
        title=_formatted(embed["title"]),
        description=_formatted(embed["description"]),
        # A footer is shown as it is.
        footer=html.escape(embed["footer"]["text"]),
        buttons="".join(buttons),
    )


def _formatted(markdown: str) -> str:
    """Return the bot's markup as HTML."""
    shown, done = [], 0
    for match in _MARKS.finditer(markdown):
        shown.append(html.escape(markdown[done : match.start()]))
        if match["escaped"]:
            shown.append(html.escape(match["escaped"]))
        elif match.lastgroup:
            tag = match.lastgroup
            shown.append(f"<{tag}>{_formatted(match[tag])}</{tag}>")
        done = match.end()
    return "".join([*shown, html.escape(markdown[done:])])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.tools.pictures FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    try:
        opened = Archive(settings.load().archive_folder(None))
    except MemconError as error:
        sys.exit(f"memcon: {error}")
    draw_terminal(opened, folder / "answer.svg")
    draw_card(opened, folder / "card.png")
    opened.close()
