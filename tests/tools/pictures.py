"""Draws the README's pictures from real answers: `make pictures`."""

import asyncio
import html
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from bot import settings
from bot.discord.drawing import draw_answer as draw_reply
from bot.discord.drawing import draw_verification
from bot.discord.phrases import japanese
from bot.discord.render.layout import Card
from bot.discord.render.reading import PICTURE, picture_card
from bot.discord.views import make_view
from bot.render.terminal import draw_answer
from bot.services.ask import ask
from corpus.documents import Page, Span
from corpus.ingest.sources import bundled_collection
from corpus.readers.pdf.picture import draw_page
from index.answering.answer import answer
from index.answering.receipts import make_receipt
from index.building.build import build_archive
from index.encoding.encoder import DEFAULT_MODEL
from index.retrieval.archive import Archive
from index.storage.inventory import gather
from index.verifying.verification import verify
from tests.support.archives import Silence
from tests.support.pdf_maker import Words, make_pdf

QUESTION = "How much was the trade deficit in 1993?"
# The cards that are drawn: the name of the picture, and the question.
ASKED = {
    "card": "Who translated the records into English?",
    "card-refusal": "Who wrote the text of the security treaty for Japan in 1951?",
    "card-withheld": "What did Clinton and Hosokawa say about North Korea?",
}
ASKED_IN_JAPANESE = "細川はなぜ数値目標を受け入れなかったのか"
VERIFIED = "Stephen Mercado translated the Foreign Ministry records from Japanese into French"

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_PHONE, _DESKTOP = 390, 720

# The marks that the bot uses: links, a backslash and what it escapes, the guards of pings, formats.
_MARKS = re.compile(
    r"\\(?P<escaped>[^a-zA-Z0-9\s])|\u200b|\[(?P<a>(?:\\.|[^\]\\])+)\]\((?P<url>\S+?)\)"
    r"|\*\*(?P<b>(?:\\.|[^\\])+?)\*\*|_(?P<i>(?:\\.|[^\\])+?)_|~~(?P<s>(?:\\.|[^\\])+?)~~",
    re.DOTALL,
)

_PAGE = """<!doctype html>
<meta charset="utf-8">
<style>
html {{ background: #313338 }}
* {{ box-sizing: border-box; margin: 0 }}
body {{ width: {width}px; padding: 16px; background: #313338; color: #dbdee1;
  font: 16px/1.375 "Noto Sans", "Liberation Sans", Arial, sans-serif }}
.message {{ display: flex; gap: 12px }}
.message > div:last-child {{ min-width: 0; flex: 1 }}
.face {{ flex: none; width: 40px; height: 40px; border-radius: 50%; background: #1565c0;
  color: #fff; font: 700 22px/40px "Liberation Serif", serif; text-align: center }}
.who {{ color: #f2f3f5; font-weight: 600 }}
.app {{ margin-left: 5px; padding: 1px 5px; border-radius: 4px; background: #5865f2; color: #fff;
  font-size: 11px; font-weight: 600; vertical-align: 2px }}
.card {{ max-width: 600px; margin-top: 6px; padding: 14px 16px; border-radius: 8px;
  border: 1px solid #3f4147; border-left: 4px solid #{colour:06x}; background: #2b2d31;
  display: flex; flex-direction: column; gap: 9px; overflow-wrap: anywhere }}
.text b {{ color: #f2f3f5 }}
.text a {{ color: #00a8fc }}
.small {{ color: #b5bac1; font-size: 13px }}
.big {{ color: #f2f3f5; font-size: 20px; font-weight: 700 }}
.section {{ display: flex; gap: 12px; align-items: flex-start }}
.section .text {{ flex: 1; min-width: 0 }}
.row {{ display: flex; flex-wrap: wrap; gap: 8px }}
.button {{ flex: none; padding: 6px 14px; border-radius: 8px; background: #4e5058; color: #fff;
  font-size: 14px; font-weight: 500; line-height: 20px }}
.primary {{ background: #5865f2 }}
.disabled {{ opacity: .5 }}
img {{ max-width: 100%; border-radius: 8px }}
hr {{ width: 100%; border: 0; border-top: 1px solid #3f4147 }}
</style>
<div class="message">
  <div class="face">m</div>
  <div>
    <span class="who">memcon</span><span class="app">APP</span>
    <div class="card">{parts}</div>
  </div>
</div>
"""


def draw_terminal(archive: Archive, target: Path) -> None:
    console = Console(record=True, width=96, highlight=False, markup=False, emoji=False)
    console.print(Text(f'$ memcon ask "{QUESTION}" -k 2\n'))
    given = answer(QUESTION, archive, limit=2)
    console.print(draw_answer(given, make_receipt(given, 2).receipt_id))
    target.write_text(console.export_svg(title="memcon"), "utf-8")


def make_cards(archive: Archive) -> dict[str, tuple[Card, bytes]]:
    """Return the cards to draw by their names, each with the picture that it shows, if any."""
    cards = {name: (draw_reply(ask(words, archive)).card, b"") for name, words in ASKED.items()}
    cards["card-japanese"] = (draw_reply(ask(ASKED_IN_JAPANESE, archive), japanese()).card, b"")
    cards["card-verify"] = (draw_verification(verify(VERIFIED, archive)).card, b"")
    cards["card-page"] = make_page_card(archive)
    return cards


def make_page_card(archive: Archive) -> tuple[Card, bytes]:
    """Draw a page of a PDF that is made of a document's beginning."""
    quote = ask(ASKED["card"], archive).answer.quotes[0]
    lines = textwrap.wrap(" ".join(quote.document.text.split()), 78)[:30]
    pdf = make_pdf(
        [[Words(72, 90 + 17 * n, text, 11) for n, text in enumerate(lines)]], font="Times-Roman"
    )
    quoted = " ".join(quote.text.split())
    begin = " ".join(lines).index(quoted)
    words = "\n".join(lines)[begin : begin + len(quoted)]
    structure = replace(quote.document.structure, pages=(Page(0, "1"),))
    document = replace(quote.document, structure=structure)
    return picture_card(document, Span(0, 1), 0, "1"), draw_page(pdf, 1, words)


async def lay_out(card: Card) -> Any:
    """Return what the bot sends of a card."""
    # A view wants an event loop around it.
    return make_view(card, "0" * 16).to_components()[0]  # type: ignore[no-untyped-call]


def draw_cards(archive: Archive, folder: Path) -> None:
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        print("no Chromium here: the cards stay as they are", file=sys.stderr)  # noqa: T201
        return
    for name, (card, picture) in make_cards(archive).items():
        payload = asyncio.run(lay_out(card))
        for width, suffix in ((_DESKTOP, ""), (_PHONE, "-phone")):
            _draw(browser, payload, picture, width, folder / f"{name}{suffix}.png")


def _draw(browser: str, payload: Any, picture: bytes, width: int, target: Path) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = Path(folder) / "card.html"
        (Path(folder) / PICTURE).write_bytes(picture)
        parts = "".join(map(_part, payload["components"]))
        page.write_text(
            _PAGE.format(width=width, colour=payload["accent_color"], parts=parts), "utf-8"
        )
        # A browser's window is never as narrow as a phone: the picture is cut instead.
        scale, window = "--force-device-scale-factor=1.5", f"--window-size={max(width, 500)},2400"
        _browse(browser, folder, page, scale, window, f"--screenshot={target.resolve()}")
    _crop(target, int(width * 1.5))


def _crop(target: Path, width: int) -> None:
    """Cut a picture to a width and to what is shown."""
    from PIL import Image, ImageChops

    with Image.open(target) as opened:
        image = opened.convert("RGB").crop((0, 0, width, opened.height))
    empty = Image.new("RGB", image.size, image.getpixel((0, 0)))
    shown = ImageChops.difference(image, empty).getbbox()
    assert shown, "the browser did not show the page"
    image = image.crop((0, 0, width, shown[3] + 24))
    image.quantize(128, dither=Image.Dither.NONE).save(target, optimize=True)


def _browse(browser: str, folder: str, page: Path, *options: str) -> None:
    """Run the browser with a profile of its own and without the network."""
    quiet = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars
        --disable-background-networking --disable-component-update --disable-sync"""
    profile = f"--user-data-dir={folder}/profile"
    command = [browser, *quiet.split(), profile, *options, page.as_uri()]
    subprocess.run(command, capture_output=True, check=True, timeout=120)


def _part(part: dict[str, Any]) -> str:
    """Return a component as HTML."""
    match part["type"]:
        case 10:
            return f'<div class="text">{"".join(map(_line, part["content"].splitlines()))}</div>'
        case 9:
            words = "".join(map(_part, part["components"]))
            return f'<div class="section">{words}{_button(part["accessory"])}</div>'
        case 1:
            return f'<div class="row">{"".join(map(_button, part["components"]))}</div>'
        case 12:
            return f'<img src="{PICTURE}">'
        case _:
            return "<hr>"


def _button(button: dict[str, Any]) -> str:
    kind = " primary" if button["style"] == 1 else ""
    kind += " disabled" if button.get("disabled") else ""
    arrow = " ↗" if button.get("url") else ""
    return f'<span class="button{kind}">{html.escape(button["label"])}{arrow}</span>'


def _line(words: str) -> str:
    for mark, kind in (("-# ", "small"), ("## ", "big")):
        if words.startswith(mark):
            return f'<div class="{kind}">{_formatted(words.removeprefix(mark))}</div>'
    return f"<div>{_formatted(words)}</div>"


def _formatted(markdown: str) -> str:
    """Return the bot's markup as HTML."""
    shown, done = [], 0
    for match in _MARKS.finditer(markdown):
        shown.append(html.escape(markdown[done : match.start()]))
        if match["escaped"]:
            shown.append(html.escape(match["escaped"]))
        elif match["a"]:
            shown.append(f"<a>{_formatted(match['a'])}</a>")
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
    with tempfile.TemporaryDirectory() as scratch:
        # An archive of its own: the user's has other documents, or an index of another version.
        root = Path(scratch) / "archive"
        build_archive(
            root,
            gather([bundled_collection()], Silence()),
            model=DEFAULT_MODEL,
            cache=settings.load().cache_folder,
            progress=Silence(),
        )
        opened = Archive(root)
        draw_terminal(opened, folder / "answer.svg")
        draw_cards(opened, folder)
        opened.close()
