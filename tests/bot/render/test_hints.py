import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.render import hints
from bot.render.hints import addressed, choose
from tests.support.archives import Run


@pytest.fixture
def chosen() -> Iterator[None]:
    choose(Path("my archive"))
    yield
    choose(None)


def test_commands_mean_the_archive_that_was_chosen(chosen: None) -> None:
    assert addressed("memcon index build") == "memcon index build --archive 'my archive'"
    assert addressed("pip install x") == "pip install x"
    choose(None)
    assert addressed("memcon index build") == "memcon index build"


def test_what_an_answer_says_to_type_shows_the_same_archive(
    memcon: Run, bundled_root: Path
) -> None:
    option = ("--archive", str(bundled_root))
    asked = memcon("ask", "Who translated the records into English?", *option)
    hints = [line.strip() for line in asked.stdout.splitlines() if "memcon show" in line]
    assert hints
    assert all(hint.endswith(f" --archive {bundled_root}") for hint in hints)
    refused = memcon("show", "no-such-document", *option)
    assert f"memcon corpus list --archive {bundled_root}" in refused.stderr


def test_a_refusal_says_what_to_type_to_find_more(memcon: Run) -> None:
    question = "Who translated the Foreign Ministry's records into English?"
    refused = memcon("ask", question, "--from", "2030", "--language", "en")
    assert refused.returncode == 1
    assert refused.stdout.startswith("The archive does not say.")
    assert "Without --from there is an answer:" in refused.stdout
    line = next(line for line in refused.stdout.splitlines() if "memcon ask" in line)
    words = shlex.split(line)
    assert words[0] == "memcon"
    assert "--from" not in words
    assert words[-1] == question
    assert memcon(*words[1:]).returncode == 0
    told = json.loads(memcon("ask", words[-1], "--from", "2030", "--json").stdout)
    assert told["refusal"] == "silent"
    (hint,) = told["hints"]
    assert (hint["level"], hint["without"], hint["finds"]) == (None, ["from"], "answer")
    assert shlex.split(hint["command"])[-1] == words[-1]


def test_an_archive_that_is_not_there_is_not_made_by_asking(memcon: Run, tmp_path: Path) -> None:
    asked = memcon("ask", "Who?", "--archive", str(tmp_path / "mistyped"))
    assert asked.returncode == 3
    assert "There is no archive" in asked.stderr
    assert not (tmp_path / "mistyped").exists()


@pytest.mark.parametrize("place", [".", "inside"])
def test_an_archive_among_its_own_documents_does_not_read_itself(
    memcon: Run, tmp_path: Path, place: str
) -> None:
    (tmp_path / "a.txt").write_text("The ferry was late in May 1871.\n", "utf-8")
    for _ in range(2):
        built = memcon("index", "build", str(tmp_path), archive=tmp_path / place)
        assert "1 document" in built.stderr
        assert "0 files skipped" in built.stderr


def test_nothing_is_reported_to_the_makers_of_libraries(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    kept = {key: os.environ[key] for key in ("PATH",) if key in os.environ}
    code = "import index.encoding.encoder, onnxruntime; onnxruntime.SessionOptions()"
    subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, **home},
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_answer_tells_what_was_searched_alone(memcon: Run) -> None:
    asked = memcon("ask", "What was said about Russia?", "--from", "1993-09", "--to", "1993-09")
    foot = " ".join(asked.stdout.split())
    assert ", only from 1993-09-01, to 1993-09-30 · receipt" in foot.replace(" ·  ", " · ")


def test_a_misspelled_table_of_the_settings_is_an_error(memcon: Run, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[answrs]\nlevel = "strict"\n', "utf-8")
    asked = memcon("ask", "Who?", env={"MEMCON_SETTINGS": str(settings)})
    assert asked.returncode == 2
    assert "[answrs]" in asked.stderr
    assert "[answers]" in asked.stderr


def test_a_japanese_question_names_the_dictionary_that_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert hints.advise_dictionary("灯台守は誰ですか。") is None
    monkeypatch.setattr(hints, "open_dictionary", lambda: None)
    advice = hints.advise_dictionary("灯台守は誰ですか。")
    assert advice is not None
    assert "pip install 'memcon[japanese]'" in advice
    assert hints.advise_dictionary("Who kept the lamp?") is None
