import json
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import CorpusError
from index.evaluating.questionnaires import (
    Item,
    find_questionnaires,
    read_questionnaire,
)

ROW: dict[str, Any] = {
    "id": "q1",
    "question": "Who lit the\tlamp?",
    "kind": "fact",
    "answerable": True,
    "doc_ids": ["Ledger"],
    "pattern": "Ogata Ren",
    "why": "the keeper",
}


def write(path: Path, *rows: Any) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return path


def test_a_questionnaire_is_read(tmp_path: Path) -> None:
    turns = ["Who lit the lamp?", "And who copied his ledger?"]
    path = write(tmp_path / "lamps.jsonl", ROW, {**ROW, "id": "q2", "turns": turns})
    known = read_questionnaire(path)
    assert known.name == "lamps"
    assert known.items[0] == Item(
        "q1", "Who lit the lamp?", "fact", True, ("ledger",), "Ogata Ren", ()
    )
    assert known.items[1].turns == tuple(turns)


@pytest.mark.parametrize(
    "row",
    [
        {key: value for key, value in ROW.items() if key != "pattern"},
        {**ROW, "question": " "},
        {**ROW, "pattern": "("},
        {**ROW, "doc_ids": [1]},
        ["q1"],
    ],
)
def test_what_is_no_question_is_said_with_its_line(row: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "lamps.jsonl", ROW, row)
    with pytest.raises(CorpusError, match="line 2"):
        read_questionnaire(path)


def test_ids_are_different(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="same id"):
        read_questionnaire(write(tmp_path / "lamps.jsonl", ROW, ROW))


def test_a_file_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no questions"):
        read_questionnaire(write(tmp_path / "lamps.jsonl"))
    with pytest.raises(CorpusError, match="cannot be read"):
        read_questionnaire(tmp_path / "none.jsonl")


def test_a_folder_has_its_files_unless_it_brings_documents(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no set"):
        find_questionnaires(tmp_path)
    b, a = write(tmp_path / "b.jsonl", ROW), write(tmp_path / "a.jsonl", ROW)
    assert find_questionnaires(tmp_path) == [a, b]
    assert find_questionnaires(b) == [b]
    write(tmp_path / "docs.jsonl", {})
    assert find_questionnaires(tmp_path) == []


def test_right_is_the_document_and_the_pattern_however_set() -> None:
    item = Item("q", "?", "fact", True, ("ledger",), "ogata ren")
    assert item.is_right("Ledger", "The keeper OGATA \n  Ren lit it.")
    assert not item.is_right("ledger", "The keeper lit it.")
    assert not item.is_right("copy", "The keeper Ogata Ren lit it.")
    assert Item("q", "?", "topic", True, ("ledger",), "").is_right("ledger", "Anything.")
    assert not Item("q", "?", "near", False, ("ledger",), "").is_right("ledger", "Anything.")
