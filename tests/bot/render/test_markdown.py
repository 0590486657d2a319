import io
from pathlib import Path

from markdown_it import MarkdownIt

from bot.render.markdown import MarkdownExport
from index.answering.answer import answer
from tests.support.archives import build, document

ADDRESS = "https://ports.test/harbour"
FIRST = "How many lamps does the harbour need?"


def test_a_session_has_a_footnote_for_each_quotation(tmp_path: Path, cache: Path) -> None:
    archive = build(
        tmp_path / "archive",
        cache,
        document(
            "The harbour needs 40 new *lamps* [by spring].\n", title="Lamps_1871", url=ADDRESS
        ),
    )
    file = io.StringIO()
    export = MarkdownExport(file)
    given = answer(FIRST, archive)
    export.add(FIRST, given, "0123456789ab")
    export.add("And the harbour lamps?", given, "ba9876543210")
    archive.close()
    lines = file.getvalue().splitlines()
    assert lines[0] == f"## {FIRST}"
    assert r"> “The harbour needs 40 new \*lamps\* \[by spring\].”[^1]" in lines
    assert "## And the harbour lamps?" in lines
    assert f"*Asked as: {FIRST}*" in lines
    notes = [line for line in lines if line.startswith("[^")]
    assert [note[:5] for note in notes] == ["[^1]:", "[^2]:"]
    assert r"Lamps\_1871" in notes[0]
    # The address once, and at the very words.
    assert notes[0].count(ADDRESS) == 1
    assert f"<{ADDRESS}#:~:text=" in notes[0]
    assert lines[-2].endswith("receipt ba9876543210")


def test_what_is_quoted_is_no_markup(tmp_path: Path, cache: Path) -> None:
    words = "The # harbour <b>needs</b> `40` new _lamps_ | $5 ~each~ @dusk ^now^."
    archive = build(tmp_path / "archive", cache, document(f"{words}\n"))
    file = io.StringIO()
    MarkdownExport(file).add(FIRST, answer(FIRST, archive), "0123456789ab")
    archive.close()
    text = file.getvalue().replace("[^1]", "")
    quoted = MarkdownIt().parse(text)
    inside = [token.content for token in quoted if token.type == "inline"]
    shown = MarkdownIt().renderInline(inside[1]).replace("&lt;", "<").replace("&gt;", ">")
    assert shown == f"“{words}”"


def test_a_refusal_says_so(tmp_path: Path, cache: Path) -> None:
    archive = build(tmp_path / "archive", cache, document("The ferry was late in May.\n"))
    file = io.StringIO()
    question = "Who painted the cathedral ceiling?"
    MarkdownExport(file).add(question, answer(question, archive), "0123456789ab")
    archive.close()
    assert "[^1]" not in file.getvalue() or "Leads, not answers:" in file.getvalue()
    assert "does not say." in file.getvalue() or "no answer that I am sure of." in file.getvalue()
