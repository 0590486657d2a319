import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.render.document import draw_document
from bot.render.terminal import draw_answer, visible
from corpus.documents import Span
from index.answering.answer import answer
from tests.support.archives import build, document

RECORD = document(
    "Talks at Brixwold\n\n"
    "(Mayor) The harbour needs 40 new lamps by the spring of 1872.\n"
    "(Engineer) Work begins in March. [TN: two lines blacked out]\n\n"
    "Read more\n",
    doc_id="talks",
    title="Talks at Brixwold",
    kind="record of conversation",
    event_date="1871-11-03",
)


def draw(thing: object, *, terminal: bool, width: int = 100) -> str:
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=terminal, width=width, highlight=False, markup=False, emoji=False
    )
    console.print(thing)
    return out.getvalue()


def test_an_answer_as_plain_text(tmp_path: Path, cache: Path) -> None:
    archive = build(tmp_path / "archive", cache, RECORD)
    shown = draw(
        draw_answer(
            answer("How many lamps does the harbour need?", archive),
            "0123456789ab",
            archive.changes(),
        ),
        terminal=False,
        width=200,
    )
    lines = shown.splitlines()
    assert lines[0] == "“The harbour needs 40 new lamps by the spring of 1872.”"
    assert lines[1] == "    Attributed to “Mayor” in a record of conversation"
    assert lines[2] == (
        "    1. “Talks at Brixwold,” record of conversation, November 3, 1871, file talks.txt."
    )
    assert lines[3] == "    memcon show talks --at 27-80"
    assert lines[-2].startswith("answered · confidence 0.")
    assert "searched 1 document, 2 passages, 1871-11-03 to 1871-11-03" in lines[-2]
    # Documents held in memory have no file: to the archive it has been removed.
    assert lines[-1] == "the files have changed since (1 removed): memcon index build"


def test_matched_words_stand_out_on_a_terminal(tmp_path: Path, cache: Path) -> None:
    archive = build(tmp_path / "archive", cache, RECORD)
    shown = draw(
        draw_answer(
            answer("How many lamps does the harbour need?", archive),
            "0123456789ab",
            archive.changes(),
        ),
        terminal=True,
    )
    assert "\x1b[1;30;43mharbour\x1b[0m" in shown
    assert "\x1b[1;30;43mlamps\x1b[0m" in shown


def test_a_document_shows_what_was_found_in_it() -> None:
    shown = draw(draw_document(RECORD, Span(27, 80), ()), terminal=True, width=200)
    assert "\x1b[7m[TN: two lines blacked out]\x1b[0m" in shown
    assert "\x1b[2mRead more\x1b[0m" in draw(draw_document(RECORD, None, ()), terminal=True)


@pytest.mark.parametrize("char", ["\x1b", "\x07", "\x00", "\x9b", "\u202e", "\u2066", "\ud800"])
def test_what_could_move_the_cursor_is_shown_as_a_mark(char: str) -> None:
    assert visible(f"a{char}b") == "a\ufffdb"


@given(st.text())
def test_visible_keeps_every_other_character(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert all(a == b or b in "\ufffd " for a, b in zip(text, shown, strict=True))
    assert shown.isprintable() or any(not char.isprintable() for char in text)


def test_on_a_terminal_an_answer_is_short_and_links_to_the_words(
    tmp_path: Path, cache: Path
) -> None:
    address = "https://ports.test/talks"
    texts = [
        f"The harbour at {town} needs {n} new lamps by the spring of 1872.\n"
        for n, town in enumerate(("Brixwold", "Tarnby", "Ostrava"), start=40)
    ]
    records = [
        document(
            text, f"d{n}", title=f"Talks {n}", url=f"{address}/{n}", document_date="1871-11-03"
        )
        for n, text in enumerate(texts)
    ]
    archive = build(tmp_path / "archive", cache, *records)
    given = draw_answer(answer("How many lamps does the harbour need?", archive), "0123456789ab")
    shown = draw(given, terminal=True)
    archive.close()
    assert len(shown.splitlines()) <= 20
    assert "\x1b]8;id=" in shown
    # The address is in the hyperlink alone.
    links = re.sub(r"\x1b\]8;[^\x1b]*\x1b\\", "", shown)
    assert address not in links
    assert shown.count(f"{address}/0#:~:text=") == 1
    assert "November 3, 1871" in links
    piped = draw(given, terminal=False, width=500)
    assert "\x1b" not in piped
    assert f"    {address}/0#:~:text=" in piped


def test_only_the_web_is_linked(tmp_path: Path, cache: Path) -> None:
    text = "The harbour needs 40 new lamps by the spring of 1872.\n"
    archive = build(tmp_path / "archive", cache, document(text, url="javascript:alert(1)"))
    given = answer("How many lamps does the harbour need?", archive)
    shown = draw(draw_answer(given, "0123456789ab"), terminal=True)
    archive.close()
    assert "\x1b]8;" not in shown
