"""What texts and mails are read as, from their bytes to what is answered and verified."""

import json
import os
from pathlib import Path

import pytest

from tests.support.archives import Run

MAIL = """From: Orla Brandt <orla@brixwold.test>
To: Ivo Keel <ivo@keel.test>
Subject: Pier
Date: Tue, 3 Nov 1998 09:15:00 +0000
Content-Type: text/plain; charset=utf-8

I think the pier can wait until the spring of the year.

Von: Ivo Keel <ivo@keel.test>
Gesendet: Montag, 2. November 1998 09:15
An: Orla Brandt
Betreff: Pier

The pier needs new planks because the storm tore out the old ones.
"""
PAPERS = {
    "pier.eml": MAIL,
    "keeper.txt": "The light\u00adhouse of Mar\u200bstead was lit by its keeper in 1804.\n",
    "warden.txt": "The report says that the har¬\nbourmaster of the quay was ill.\n",
    "ferry.txt": "Captain Łukasiewicz told the board that the ferry at Ærøskøbing leaks.\n",
    "tolls.md": "---\ntitle: Tolls: a history\nnumber: 0412\n---\nThe toll house burnt in 1777.\n",
    "rule.md": "---\n\nThe well ran dry in 1640.\n\n---\n\nIt was filled in.\n",
    "letter to Mr. Vane": "The inn at the quay was sold to the brewer in 1822.\n",
}


@pytest.fixture(scope="module")
def archive(memcon: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("readings")
    papers = top / "papers"
    papers.mkdir()
    for name, text in PAPERS.items():
        (papers / name).write_text(text, "utf-8")
    (papers / "spoiled.txt").write_bytes("The crème was “sour” on \udcff Sunday.".encode(
        "utf-8", "surrogateescape"))  # fmt: skip
    built = memcon("index", "build", str(papers), archive=top / "archive")
    assert built.returncode == 0, built.stderr
    assert "0 files skipped" in built.stderr
    assert "tolls.md: front matter: left out title: not valid YAML (line 2)" in built.stderr
    assert "spoiled.txt: 1 character is damaged, and read as “\ufffd”" in built.stderr
    return top / "archive"


def test_what_was_odd_is_listed_apart_from_what_was_skipped(memcon: Run, archive: Path) -> None:
    listing = json.loads(memcon("corpus", "list", "--json", archive=archive).stdout)
    assert listing["problems"] == []
    assert sorted(Path(each["source"]).name for each in listing["remarks"]) == [
        "spoiled.txt",
        "tolls.md",
    ]
    assert (
        "read 1: front matter: left out title" in memcon("corpus", "list", archive=archive).stdout
    )


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("When was the lighthouse of Marstead lit?", "1804"),
        ("What did Lukasiewicz say about the ferry?", "leaks"),
        ("What did Łukasiewicz say about the fer\u00adry?", "leaks"),
        ("When did the toll house burn?", "1777"),
        ("When did the well run dry?", "1640"),
        ("To whom was the inn at the quay sold?", "brewer"),
    ],
)
def test_a_question_finds_words_however_they_are_written(
    memcon: Run, archive: Path, question: str, words: str
) -> None:
    answer = json.loads(memcon("ask", question, "--json", archive=archive).stdout)
    assert answer["verdict"] == "answered"
    assert words in answer["quotes"][0]["text"]


@pytest.mark.parametrize("phrase", ["harbourmaster of the quay", "lighthouse of Marstead"])
def test_a_phrase_is_found_across_what_cannot_be_seen(
    memcon: Run, archive: Path, phrase: str
) -> None:
    assert memcon("search", f'"{phrase}"', archive=archive).returncode == 0


@pytest.mark.parametrize(
    ("name", "attribution"), [("Orla Brandt", None), ("Ivo Keel", True), ("Ada Vane", None)]
)
def test_what_a_mail_quotes_is_not_its_senders(
    memcon: Run, archive: Path, name: str, attribution: bool | None
) -> None:
    words = "The pier needs new planks because the storm tore out the old ones."
    done = memcon("verify", words, "--attributed-to", name, "--json", archive=archive)
    found = json.loads(done.stdout)
    assert (found["finding"], found["attribution"]) == ("exact", attribution)
    answer = json.loads(memcon("ask", "Why does the pier need new planks?", "--json",
                               archive=archive).stdout)  # fmt: skip
    assert all("planks" not in quote["text"] for quote in answer["quotes"] + answer["leads"])


def test_what_the_sender_wrote_is_the_senders(memcon: Run, archive: Path) -> None:
    words = "I think the pier can wait until the spring"
    done = memcon("verify", words, "--attributed-to", "Orla Brandt", "--json", archive=archive)
    assert json.loads(done.stdout)["attribution"] is True


@pytest.mark.parametrize("command", ["show", "cite", "replay"])
def test_a_name_that_is_no_text_is_unknown_and_no_damage(
    memcon: Run, archive: Path, command: str
) -> None:
    done = memcon(command, os.fsdecode(b"caf\xe9"), archive=archive)
    assert done.returncode == 2
    assert "damaged" not in done.stderr
    assert "unexpected" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [("ask", "Why?"), ("search", "rice"), ("show", "x"), ("cite", "x"), ("verify", "the rice"),
     ("corpus", "list")],
)  # fmt: skip
def test_a_named_archive_without_an_index_answers_from_nothing_else(
    memcon: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    papers, archive = tmp_path / "papers", tmp_path / "archive"
    papers.mkdir()
    (papers / "core").write_bytes(b"\0\1\2\3")
    assert memcon("index", "build", str(papers), archive=archive).returncode == 3
    done = memcon(*words, archive=archive)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"{archive} has no index yet. Try: memcon index build FOLDER" in done.stderr
    again = memcon("index", "build", archive=archive)
    assert again.returncode == 2
    assert "name the folder of its documents" in again.stderr


def test_what_is_added_to_a_named_archive_is_all_that_it_has(memcon: Run, tmp_path: Path) -> None:
    paper = tmp_path / "a.txt"
    paper.write_text("The bridge of Alder was opened in 1901.\n")
    added = memcon("corpus", "add", str(paper), archive=tmp_path / "archive")
    assert ": 1 document," in added.stderr
