import json
import os
import pty
import re
import sys
from pathlib import Path

import pytest

from index.answering.receipts import list_receipts
from tests.support.archives import Run

QUESTION = "Who translated the records into English?"


def run_on_terminal(words: list[str], environment: dict[str, str]) -> str:
    """Return what a process writes onto a terminal of its own, of 24 lines."""
    child, terminal = pty.fork()
    if child == 0:
        command = [sys.executable, "-m", "bot", *words]
        os.execve(sys.executable, command, environment)  # noqa: S606 - our own command
    shown = b""
    while True:
        try:
            read = os.read(terminal, 65536)
        except OSError:
            break
        if not read:
            break
        shown += read
    os.waitpid(child, 0)
    os.close(terminal)
    return shown.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_long_output_goes_through_the_pager_of_a_terminal_only(
    memcon: Run, bundled_root: Path, cache: Path
) -> None:
    environment = {
        **os.environ,
        "MEMCON_ARCHIVE": str(bundled_root),
        "MEMCON_CACHE": str(cache.parent),
        "PAGER": "tr a-z A-Z",
        "TERM": "xterm",
        "LINES": "24",
        "COLUMNS": "80",
    }
    name = "us-japan-1993-94/cable-5517"
    assert name.upper() in run_on_terminal(["corpus", "list"], environment)
    assert name in memcon("corpus", "list", env={"PAGER": "tr a-z A-Z"}).stdout


def test_filters_of_the_listing_are_those_of_a_question(memcon: Run) -> None:
    done = memcon("corpus", "list", "--kind", "background", "--person", "Hoso Kawa", "--json")
    assert done.returncode == 2
    listed = json.loads(memcon("corpus", "list", "--kind", "background", "--json").stdout)
    kinds = {each["provenance"]["kind"] for each in listed["documents"]}
    assert kinds == {"background"}
    none = memcon("corpus", "list", "--from", "2030")
    assert none.returncode == 1
    assert "no document fits" in none.stderr


def test_history_lists_answers_newest_first(memcon: Run, tmp_path: Path) -> None:
    source = tmp_path / "papers"
    source.mkdir()
    (source / "a.txt").write_text("The harbour needs 40 new lamps by the spring.\n", "utf-8")
    archive = tmp_path / "archive"
    memcon("index", "build", str(source), archive=archive)
    none = memcon("history", archive=archive)
    assert (none.returncode, none.stdout) == (1, "")
    for question in ("How many lamps does the harbour need?", "Who lit the harbour lamps?"):
        memcon("ask", question, archive=archive)
    listed = memcon("history", archive=archive).stdout.splitlines()
    assert len(listed) == 3
    assert "Who lit the harbour lamps?" in listed[1]
    form = json.loads(memcon("history", "--json", "-k", "1", archive=archive).stdout)
    assert form["schema"] == "memcon.history/1"
    (newest,) = form["receipts"]
    assert newest["question"] == "Who lit the harbour lamps?"
    assert memcon("replay", newest["receipt"], archive=archive).returncode == 0
    assert [each.question for each in list_receipts(archive, 5)][1].startswith("How many")


def test_an_answer_as_markdown_and_a_session_as_a_file(memcon: Run, tmp_path: Path) -> None:
    shown = memcon("ask", QUESTION, "--format", "markdown")
    assert shown.returncode == 0
    assert shown.stdout.startswith(f"## {QUESTION}\n\n> “")
    assert "\n[^1]: " in shown.stdout
    file = tmp_path / "session.md"
    asked = f"help\n{QUESTION}\nWho won the 1993 World Series?\n"
    done = memcon("chat", "--export", str(file), input=asked)
    assert done.returncode == 0
    assert '"help" shows this' in done.stderr
    assert f"? {QUESTION}\n" in done.stdout
    written = file.read_text("utf-8")
    assert written.startswith('---\nbibliography: "session.json"\n')
    assert shown.stdout.splitlines()[0] in written
    assert "## Who won the 1993 World Series?" in written
    keys = re.findall(r"^\[\^\d+\]: \[@([^,\]]+)", written, re.MULTILINE)
    sources = json.loads(file.with_suffix(".json").read_text("utf-8"))
    assert [item["id"] for item in sources] == list(dict.fromkeys(keys)) != []
    again = memcon("chat", "--export", str(file), input="x\n")
    assert again.returncode == 2
    assert file.read_text("utf-8") == written
    other = memcon("chat", "--export", str(file.with_suffix(".markdown")), input="x\n")
    assert other.returncode == 2
    assert "session.json is there already" in other.stderr


def test_the_sources_of_an_answer_are_a_file_for_programs(memcon: Run) -> None:
    done = memcon("ask", QUESTION, "--format", "csl-json")
    assert (done.returncode, done.stderr) == (0, "")
    sources = json.loads(done.stdout)
    assert "Stephen Mercado" in sources[0]["annote"]
    entries = memcon("ask", QUESTION, "--format", "bibtex").stdout
    keys = re.findall(r"^@misc\{(.*),$", entries, re.MULTILINE)
    assert keys == [item["id"] for item in sources]
    refused = memcon("ask", "Who won the 1993 World Series?", "--format", "csl-json")
    assert (refused.returncode, refused.stdout) == (1, "[]\n")
    assert "does not say" in refused.stderr


def test_a_source_is_opened_in_the_browser(memcon_process: Run) -> None:
    browser = {"BROWSER": "echo opened %s"}
    shown = memcon_process(
        "show", "NUMERICAL-TARGETS", "--volume", "us-japan-1993-94", "--open", env=browser
    )
    assert shown.returncode == 0, shown.stderr
    assert "opened https://" in shown.stdout
