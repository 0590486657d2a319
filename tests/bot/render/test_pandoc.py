"""Exported sessions, read by Pandoc."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.render.markdown import MarkdownExport
from bot.render.terminal import visible
from corpus.citations.styles import cite
from corpus.documents import Document, Page, Span
from tests.support.archives import document

pytestmark = pytest.mark.skipif(shutil.which("pandoc") is None, reason="needs the program pandoc")

MARKS = [
    "*", "**x**", "_a_", "`x`", "[a](b)", "![a](b)", "[^1]", "^[x]", "@key", "[@key]", "$x_1^2$",
    "{", "}", "{.x}", "\\", "\\textbf{x}", "\\(x\\)", "---", "--", "...", "....", "'", '"', "it's",
    "a'b'c", '"so"', "“so”", "‘so’", "‘Abd", "%", "# x", "> x", "- x", "+ x", "1. x", "(a) x",
    "2) x", "| x", "~~x~~", "~x~", "^x^", "&amp;", "&", "<!-- x -->", "Mr. Finch", "Ph.D. e.g. pp.",
    "a.\tb", "https://port.test/a_b", "<https://port.test>", "日本語", "細川護熙、首相",
    ":smile:", "\u00a0", "\u200b", "x\\", "\\\\", "* * *", "=", "a  b",
]  # fmt: skip
marks = st.lists(st.sampled_from(MARKS), min_size=1, max_size=4).map(" ".join)
words = marks | marks.map(lambda each: each.replace(" ", ""))
anything = words | st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
# Processors of CSL-JSON read tags as markup, and may set straight quotation marks as curly ones.
tags = words.map(lambda each: each.translate(str.maketrans("<>'\"“”‘’", "()------")))


def text_of(node: Any) -> str:
    """Return the text of a node of Pandoc's tree; any markup shows by its name."""
    if isinstance(node, list):
        return "".join(map(text_of, node))
    kind, inside = node["t"], node.get("c")
    if kind == "Quoted":
        left, right = "‘’" if inside[0]["t"] == "SingleQuote" else "“”"
        return left + text_of(inside[1]) + right
    if kind in _PLAIN:
        return _PLAIN[kind](inside)
    return f"<{kind}>"


_PLAIN: dict[str, Callable[[Any], str]] = {
    "Str": str,
    "Space": lambda _: " ",
    "SoftBreak": lambda _: " ",
    "Note": lambda _: "",
    "Span": lambda inside: text_of(inside[1]),
    "Cite": lambda inside: text_of(inside[1]),
    "Para": text_of,
    "Plain": text_of,
}


def find(kind: str, node: Any) -> Iterator[Any]:
    """Yield the contents of all nodes of a kind."""
    if isinstance(node, dict) and node.get("t") == kind:
        yield node.get("c")
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from find(kind, each)


def shown(said: str) -> str:
    return " ".join(visible(said).split())


def export(folder: Path, cases: list[tuple[str, str, Document]]) -> Any:
    """Export a session of a question, a quotation and its document each; return Pandoc's tree."""
    searched = SimpleNamespace(
        documents=1, passages=1, date_from=None, generation="000001", built="2026-01-01T00:00:00Z"
    )
    # A name that Markdown would change.
    file = folder / "it's *a* session.md"
    with file.open("x", encoding="utf-8") as opened:
        writer = MarkdownExport(opened, file.with_suffix(".json"))
        for question, quoted, made in cases:
            span = Span(0, len(made.text))
            quote = SimpleNamespace(document=made, span=span, text=quoted, turn=None)
            answer: Any = SimpleNamespace(
                question=question, quotes=(quote,), leads=(), speaker="", searched=searched
            )
            writer.add(question, answer, "0123456789ab")
    done = subprocess.run(
        ["pandoc", "--citeproc", "--to", "json", file.name],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return json.loads(done.stdout)["blocks"]


def collect() -> list[tuple[str, str, Document]]:
    """Draw many cases, so that Pandoc starts only once."""
    cases: list[tuple[str, str, Document]] = []

    @settings(max_examples=40, phases=[Phase.generate], suppress_health_check=[*HealthCheck])
    @given(anything, anything, tags, st.sampled_from(["1", "iv", "*3*", "A-3"]))
    def draw(question: str, quoted: str, title: str, page: str) -> None:
        if shown(question) and shown(quoted):
            made = document(
                quoted,
                f"port/{len(cases)} é",
                title=f"Tides {len(cases)} {title} end",
                language="ja",
                url=f"https://port.test/{len(cases)}",
            )
            pages = (Page(0, page),)
            made = replace(made, structure=replace(made.structure, pages=pages))
            # Sentences neither begin nor end with spaces.
            cases.append((question, quoted.strip(), made))

    draw()
    return cases


def test_pandoc_reads_verbatim_what_was_quoted_and_finds_its_sources(tmp_path: Path) -> None:
    cases = collect()
    assert len(cases) > 30
    blocks = export(tmp_path, cases)
    headings = [text_of(inside[2]) for inside in find("Header", blocks)]
    assert headings == [*(shown(question) for question, _, _ in cases), "Sources"]
    quotations = [text_of(inside) for inside in find("BlockQuote", blocks)]
    assert quotations == [shown(f"“{quoted}”") for _, quoted, _ in cases]
    notes = [text_of(b["c"]) for b in blocks if b["t"] == "Para" and b["c"][0]["t"] == "Emph"]
    cited = [each["citationId"] for (each,), _ in find("Cite", blocks)]
    (sources,) = (inside[1] for inside in find("Div", blocks) if inside[0][0] == "refs")
    entries = {entry["c"][0][0]: text_of(entry["c"][1]) for entry in sources}
    assert sorted(entries) == sorted(f"ref-{key}" for key in cited)
    for note, key, (_, _, made) in zip(notes, cited, cases, strict=True):
        before, _, _ = cite(made, Span(0, len(made.text))).note.rpartition("https:")
        assert note == f"<Emph> · {shown(before)} <Link>."
        assert shown(made.title) in shown(entries[f"ref-{key}"])


def test_pages_are_locators(tmp_path: Path) -> None:
    made = document("The lamp was lit.", title="Tides", container="Papers", number="7")
    made = replace(made, structure=replace(made.structure, pages=(Page(0, "31"),)))
    blocks = export(tmp_path, [("Who lit it?", made.text, made)])
    (note,) = find("Note", blocks)
    assert text_of(note).endswith(" n.d., 31, doc. 7)")
