import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from index.retrieval.archive import Archive
from tests.support.archives import Run

Ask = Callable[..., dict[str, Any]]


def test_an_answer_quotes_the_stored_text_and_cites_it(ask_json: Ask, bundled: Archive) -> None:
    answer = ask_json("Who translated the records into English?")
    assert answer["schema"] == "memcon.answer/1"
    assert answer["verdict"] == "answered"
    assert 0.45 <= answer["confidence"] <= 1
    assert 1 <= len(answer["quotes"]) <= 3
    assert "Stephen Mercado" in answer["quotes"][0]["text"]
    for quote in answer["quotes"]:
        stored = bundled.document(quote["doc_id"]).text
        assert quote["text"] == stored[quote["start"] : quote["end"]]
        before, after = quote["context"]["before"], quote["context"]["after"]
        assert stored[: quote["start"]].endswith(before)
        assert stored[quote["end"] :].startswith(after)
        assert quote["citation"]["note"].startswith("memcon, “")
        url = quote["citation"]["url"]
        assert url is None or url.startswith("https://")
        assert quote["citation"]["csl"]["id"] == quote["doc_id"]
    assert answer["searched"]["documents"] == bundled.manifest.documents
    assert answer["searched"]["generation"] == bundled.manifest.generation


def test_what_the_archive_does_not_say_is_said_so(memcon: Run) -> None:
    done = memcon("ask", "Who won the 1993 World Series?")
    assert done.returncode == 1
    assert done.stdout.startswith("The archive does not say.")
    assert "searched" in done.stdout


def test_leads_are_no_quotes(ask_json: Ask) -> None:
    answer = ask_json("What did Reagan and Nakasone discuss in Williamsburg?")
    assert answer["verdict"] == "not_found"
    assert answer["quotes"] == []
    assert len(answer["leads"]) <= 3


def test_the_same_question_gives_the_same_bytes(memcon_process: Run) -> None:
    question = "What are the three pillars of the relationship?"
    forms = (memcon_process("ask", question, "--json").stdout for _ in range(2))
    once, again = map(json.loads, forms)
    assert once.pop("timing_ms")["total"] > 0
    assert again.pop("timing_ms")["total"] > 0
    assert json.dumps(once) == json.dumps(again)
    assert memcon_process("ask", question).stdout == memcon_process("ask", question).stdout


@pytest.mark.parametrize(
    ("question", "code", "said"),
    [
        ("", 2, "The question is empty."),
        ("   \n\t ", 2, "The question is empty."),
        ("\x01\x02\x1b", 2, "The question is empty."),
        ("why " * 2500, 2, "more than 2,000"),
        ("🍣🏔️", 1, None),
        ("細川総理は何を言いましたか。", 1, None),
        ("犬は何を言いましたか。", 1, None),
        ("\x1b[31mWho translated the records\x07 into English?", 0, None),
        ("--", 1, None),
        ("?!…", 1, None),
        ("a" * 1999, 1, None),
        ("'; DROP TABLE documents; --", 1, None),
        ("100%_[]{}()<b>", 1, None),
    ],
)
def test_odd_questions_get_a_clear_reply(
    memcon: Run, question: str, code: int, said: str | None
) -> None:
    done = memcon("ask", "--", question)
    assert done.returncode == code, done.stderr
    if said is None:
        assert done.stdout.strip()
    else:
        assert said in done.stderr
        assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stdout


def test_a_question_is_read_from_standard_input(memcon_process: Run) -> None:
    done = memcon_process("ask", input="Who translated the records into English?\n")
    assert done.returncode == 0
    assert "Stephen Mercado" in done.stdout


def test_nothing_on_standard_input_is_wrong_usage(memcon: Run) -> None:
    done = memcon("ask")
    assert done.returncode == 2
    assert "The question is empty." in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("ask", "x", "--from", "yesterday"),
        ("ask", "x", "--from", "1994", "--to", "1993"),
        ("ask", "x", "-k", "0"),
        ("nonsense",),
        ("ask", "x", "--nonsense"),
        ("show", "no-such-document"),
        ("cite", "no-such-document"),
        ("show", "us-japan-1993-94/cable-5514", "--at", "9-3"),
        ("cite", "us-japan-1993-94/cable-5514", "--style", "mla"),
        ("eval", "/no/such/folder"),
    ],
)
def test_wrong_usage_ends_with_2_and_no_traceback(memcon: Run, words: tuple[str, ...]) -> None:
    done = memcon(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_filters_narrow_what_is_searched(ask_json: Ask, memcon: Run) -> None:
    question = "What was said about Russia?"
    answer = ask_json(question, "--from", "1993-09", "--to", "1993-09")
    assert answer["quotes"] or answer["leads"]
    searched = memcon(
        "search", question, "--from", "1993-09", "--to", "1993-09", "--json", "-k", "50"
    )
    dates = {
        row["doc_id"]: row["provenance"].get("about", {}).get("event_date")
        for row in json.loads(memcon("corpus", "list", "--json").stdout)["documents"]
    }
    hits = json.loads(searched.stdout)["hits"]
    assert hits
    for hit in hits:
        date = dates[hit["doc_id"]]
        assert date is None or date.startswith("1993-09")
    assert memcon("ask", question, "--from", "2001").returncode == 1
    unknown = memcon("search", question, "--collection", "nowhere")
    assert unknown.returncode == 2
    assert "It has: us-japan-1993-94." in unknown.stderr
    assert memcon("search", question, "--kind", "abstract").returncode == 0


def test_search_ranks_and_explains(memcon: Run) -> None:
    found = json.loads(memcon("search", "Super 301", "--json", "-k", "4").stdout)
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3, 4]
    scores = [hit["score"] for hit in found["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert "Super 301" in found["hits"][0]["text"]
    shown = memcon("search", "Super 301", "--explain").stdout
    assert "BM25+" in shown
    assert "cosine" in shown


def test_show_and_cite_a_document(memcon: Run, bundled: Archive) -> None:
    name = "us-japan-1993-94/cable-5514"
    stored = bundled.document(name)
    assert json.loads(memcon("show", name, "--json").stdout)["text"] == stored.text
    shown = memcon("show", name)
    assert stored.text.splitlines()[-1] in shown.stdout
    near = memcon("show", name, "--at", "10-20")
    assert len(near.stdout) < len(shown.stdout)
    assert memcon("cite", name, "--style", "short").stdout == (
        "memcon abstract about Hatano to Foreign Minister, cable no. 5514.\n"
    )
    assert "Cable No. 5514" in memcon("cite", name).stdout
    item = json.loads(memcon("cite", name, "--style", "csl-json").stdout)[0]
    assert item["id"] == name
    assert item["genre"] == "memcon abstract"


def test_every_document_is_listed_shown_and_cited(bundled: Archive, memcon: Run) -> None:
    listed = json.loads(memcon("corpus", "list", "--json").stdout)
    assert len(listed["documents"]) == bundled.manifest.documents
    assert listed["problems"] == []
    plain = memcon("corpus", "list").stdout
    for row in listed["documents"]:
        assert row["passages"] >= 1
        assert row["doc_id"] in plain


def test_chat_answers_one_question_after_another(memcon: Run) -> None:
    done = memcon(
        "chat",
        input="Who translated the records into English?\n\nWho won the 1993 World Series?\nquit\n",
    )
    assert done.returncode == 0
    assert "Stephen Mercado" in done.stdout
    assert "The archive does not say." in done.stdout
    assert done.stdout.count("confidence") == 2


def test_chat_understands_a_question_that_leans_on_the_last(memcon: Run) -> None:
    done = memcon(
        "chat",
        input="Did Hosokawa invite Clinton to Japan?\nWhat did he reply?\n"
        "When did the Uruguay Round begin?\nquit\n",
    )
    assert done.returncode == 0
    told = [line for line in done.stdout.splitlines() if line.startswith("asked as:")]
    assert told == ["asked as: What did Clinton reply? (also looking for “Hosokawa invite Japan”)"]
    receipts = re.findall(r"receipt (\w{12})", done.stdout)
    assert len(receipts) == 3
    again = memcon("replay", receipts[1])
    assert again.returncode == 0, again.stdout
    assert "? What did Clinton reply (Hosokawa invite Japan)?" in again.stdout


def test_chat_answers_a_line_of_json_to_each_question(memcon: Run) -> None:
    done = memcon(
        "chat",
        "--json",
        input="Did Hosokawa invite Clinton to Japan?\n\nWhat did he reply?\nquit\nWho?\n",
    )
    assert done.returncode == 0
    assert done.stderr == ""
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["schema"] == second["schema"] == "memcon.answer/1"
    assert (first["question"], first["asked_as"]) == ("Did Hosokawa invite Clinton to Japan?", None)
    assert second["question"] == "What did he reply?"
    assert second["asked_as"] == "What did Clinton reply (Hosokawa invite Japan)?"
    assert json.loads(memcon("ask", first["question"], "--json").stdout)["asked_as"] is None


def test_a_misspelt_question_is_answered_and_says_how_it_was_asked(memcon: Run) -> None:
    typed = "Who transalted the recrods into English?"
    asked = "Who translated the records into English?"
    done = memcon("ask", typed)
    assert done.returncode == 0
    assert done.stdout.startswith(f"asked as: {asked}\n")
    assert "Stephen Mercado" in done.stdout
    told = json.loads(memcon("ask", typed, "--json").stdout)
    assert (told["question"], told["asked_as"]) == (typed, asked)
    plain = json.loads(memcon("ask", asked, "--json").stdout)
    assert (plain["question"], plain["asked_as"]) == (asked, None)
    assert plain["quotes"] == told["quotes"]
    found = memcon("search", "semiconducters")
    assert found.stdout.startswith("asked as: semiconductors\n")
    listed = json.loads(memcon("search", "semiconducters", "--json").stdout)
    assert (listed["query"], listed["asked_as"]) == ("semiconducters", "semiconductors")


def test_a_misspelt_question_may_lean_on_the_last(memcon: Run) -> None:
    done = memcon(
        "chat", input="Did Hosakawa invite Clinton to Japan?\nWhat did he repply?\nquit\n"
    )
    told = [line for line in done.stdout.splitlines() if line.startswith("asked as:")]
    assert told == [
        "asked as: Did Hosokawa invite Clinton to Japan?",
        "asked as: What did Clinton reply? (also looking for “Hosokawa invite Japan”)",
    ]


def test_a_question_of_its_own_has_no_memory(memcon: Run) -> None:
    memcon("ask", "Did Hosokawa invite Clinton to Japan?")
    assert "asked as" not in memcon("ask", "What did he reply?").stdout


def test_the_first_question_builds_the_bundled_index(memcon: Run, tmp_path: Path) -> None:
    # An archive that nobody named.
    place = {"MEMCON_ARCHIVE": "", "XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    done = memcon("ask", "Who translated the records into English?", env=place)
    assert done.returncode == 0
    assert "building one of the bundled collection" in done.stderr
    assert "Stephen Mercado" in done.stdout
    assert "building" not in done.stdout


def test_an_archive_of_ones_own(memcon: Run, tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "harbour.txt").write_text(
        "The Harbour\n\nThe harbour of Brixwold was dredged in 1871 by the town council.\n"
    )
    (papers / "notes.md").write_text(
        "---\ntitle: Light\ndate: 1872-05\n---\n\nThe *lighthouse* was lit in May 1872.\n"
    )
    (papers / "broken.md").write_text("---\ntitle: [\n---\n\nThe inn was sold.\n")
    (papers / "sheet.xyz").write_bytes(b"\0\1")
    archive = tmp_path / "archive"
    built = memcon("index", "build", str(papers), archive=archive)
    assert built.returncode == 0
    assert "3 documents" in built.stderr
    assert "broken.md: front matter: left out title: not valid YAML (line 2)" in built.stderr
    assert "sheet.xyz" in built.stderr
    answer = json.loads(
        memcon("ask", "When was the lighthouse lit?", "--json", archive=archive).stdout
    )
    assert answer["quotes"][0]["text"] == "The lighthouse was lit in May 1872."
    assert answer["quotes"][0]["doc_id"] == "notes"
    listed = json.loads(memcon("corpus", "list", "--json", archive=archive).stdout)
    assert [Path(each["source"]).name for each in listed["problems"]] == ["sheet.xyz"]
    assert [Path(each["source"]).name for each in listed["remarks"]] == ["broken.md"]
    again = memcon("index", "build", archive=archive)
    assert "is up to date" in again.stderr
    (papers / "notes.md").unlink()
    assert "2 documents" in memcon("index", "build", archive=archive).stderr
    gone = json.loads(
        memcon("ask", "When was the lighthouse lit?", "--json", archive=archive).stdout
    )
    assert "notes" not in {quote["doc_id"] for quote in gone["quotes"] + gone["leads"]}


def test_status_tells_what_was_built(memcon: Run, bundled: Archive, tmp_path: Path) -> None:
    status = json.loads(memcon("index", "status", "--json").stdout)
    assert status["generation"] == bundled.manifest.generation
    assert status["passages"] == bundled.manifest.passages
    assert "encoder" in memcon("index", "status").stdout
    none = memcon("index", "status", archive=tmp_path / "none")
    assert none.returncode == 3
    assert "Try: memcon index build" in none.stderr


def test_a_damaged_index_is_named_with_its_mend(memcon: Run, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "a.txt").write_text("The bridge was opened in 1901.\n")
    assert memcon("index", "build", str(papers), archive=archive).returncode == 0
    postings = next(archive.glob("segments/*/weights.bin"))
    postings.write_bytes(postings.read_bytes()[:-4])
    done = memcon("ask", "When was the bridge opened?", archive=archive)
    assert done.returncode == 3
    assert "memcon index build --force" in done.stderr
    assert done.stdout == ""
    assert memcon("index", "build", "--force", archive=archive).returncode == 0
    assert memcon("ask", "When was the bridge opened?", archive=archive).returncode == 0


def test_nothing_to_index_ends_with_3(memcon: Run, tmp_path: Path) -> None:
    done = memcon("index", "build", str(tmp_path / "nowhere"), archive=tmp_path / "archive")
    assert done.returncode == 3
    assert "no such file or folder" in done.stderr


def test_every_command_has_help(memcon: Run) -> None:
    commands = "|ask|chat|search|show|cite|eval|index|index build|index status|corpus|corpus list"
    for command in commands.split("|"):
        done = memcon(*command.split(), "--help")
        assert done.returncode == 0
        assert "Usage: memcon" in done.stdout


def test_a_question_loads_neither_torch_nor_the_model_library(bundled_root: Path) -> None:
    script = (
        "import sys\n"
        "from bot.cli import cli\n"
        "try:\n"
        f"    cli(['ask', 'Who translated the records?', '--archive', {str(bundled_root)!r}])\n"
        "except SystemExit as done:\n"
        "    assert done.code == 0, done.code\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'sklearn', 'scipy', 'pandas'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr.strip() == "[]"


def test_a_damaged_archive_is_mended_from_its_own_documents(memcon: Run, tmp_path: Path) -> None:
    archive, papers = tmp_path / "archive", tmp_path / "papers"
    papers.mkdir()
    (papers / "a.txt").write_text("The bridge of Brixwold was opened in 1901.\n")
    assert memcon("index", "build", str(papers), archive=archive).returncode == 0
    for damage in ("CURRENT", "generations/*/manifest.json", "models"):
        for path in archive.glob(damage):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        done = memcon("ask", "When was the bridge opened?", archive=archive)
        assert done.returncode == 3, damage
        assert "memcon index build" in done.stderr
        assert memcon("index", "build", "--force", archive=archive).returncode == 0
        answer = memcon("ask", "When was the bridge opened?", archive=archive)
        assert answer.returncode == 0
        assert "1901" in answer.stdout


def test_an_archive_without_a_name_is_refused(memcon_process: Run) -> None:
    done = memcon_process("ask", "Who?", "--archive", "")
    assert done.returncode == 2
    assert "no name" in done.stderr


def test_an_unwritable_place_is_a_fault_and_no_traceback(
    memcon_process: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    done = memcon_process("ask", "Who?", archive=tmp_path / "file" / "archive")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_an_answer_can_be_replayed_by_its_receipt(memcon: Run) -> None:
    question = "Who translated the records into English?"
    given = json.loads(memcon("ask", question, "--json").stdout)
    receipt = given["receipt"]
    assert receipt in memcon("ask", question).stdout
    done = memcon("replay", receipt)
    assert done.returncode == 0
    assert done.stdout.startswith(f"The same answer as in receipt {receipt}.")
    form = json.loads(memcon("replay", receipt, "--json").stdout)
    assert (form["schema"], form["same"], form["changes"]) == ("memcon.replay/1", True, [])
    assert form["now"]["quotes"] == given["quotes"]
    unknown = memcon("replay", "000000000000")
    assert unknown.returncode == 2
    assert "has no receipt" in unknown.stderr


def test_a_level_says_how_sure_an_answer_must_be(memcon: Run, tmp_path: Path) -> None:
    question = "Who translated the records into English?"
    sure = json.loads(memcon("ask", question, "--json").stdout)["confidence"]
    strict = json.loads(memcon("ask", question, "--level", "strict", "--json").stdout)
    assert strict["confidence"] == sure
    settings = tmp_path / "settings.toml"
    settings.write_text('[answers]\nlevel = "strict"\n')
    same = memcon("ask", question, "--json", env={"MEMCON_SETTINGS": str(settings)})
    assert json.loads(same.stdout)["receipt"] == strict["receipt"]
    settings.write_text('[answers]\nlevel = "sure"\n')
    wrong = memcon("ask", question, env={"MEMCON_SETTINGS": str(settings)})
    assert wrong.returncode == 2
    assert "one of strict, balanced, eager" in wrong.stderr
