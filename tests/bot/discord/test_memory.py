"""What the bot remembers of conversations, and of files that an earlier version wrote."""

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.discord.memory import CONVERSATION_LIFE, Memory
from index.retrieval.search import Filters
from index.understanding.conversation import TURNS, Turn, Understood

# The tables as they were before conversations had turns.
_EARLIER = """
CREATE TABLE receipts (
    receipt_id TEXT PRIMARY KEY, kind TEXT NOT NULL, user_id INTEGER NOT NULL,
    question TEXT NOT NULL, filters TEXT NOT NULL, generation TEXT NOT NULL, created REAL NOT NULL
);
CREATE TABLE conversations (
    channel_id INTEGER PRIMARY KEY, guild_id INTEGER NOT NULL, question TEXT NOT NULL,
    created REAL NOT NULL
);
"""


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    opened = Memory(tmp_path / "discord.sqlite")
    yield opened
    opened.close()


def test_the_last_turns_are_kept_in_order(memory: Memory) -> None:
    for number in range(TURNS + 2):
        memory.remember_turn(1, 2, Turn(f"question {number}", "answered", ("d",)))
    kept = memory.turns(1, 2, 9)
    assert [turn.question for turn in kept] == [f"question {n}" for n in range(2, TURNS + 2)]
    assert kept[-1].doc_ids == ("d",)
    assert memory.turns(7, 2, 9) == []
    assert memory.turns(1, 3, 9) == []


def test_a_private_turn_is_known_to_one_person_alone(memory: Memory) -> None:
    memory.remember_turn(1, 2, Turn("open"))
    memory.remember_turn(1, 2, Turn("private"), only=5)
    assert [turn.question for turn in memory.turns(1, 2, 5)] == ["open", "private"]
    assert [turn.question for turn in memory.turns(1, 2, 6)] == ["open"]


def test_a_conversation_is_forgotten_after_a_week(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.remember_turn(1, 2, Turn("open"))
    late = time.time() + CONVERSATION_LIFE + 1
    monkeypatch.setattr(time, "time", lambda: late)
    assert memory.turns(1, 2, 5) == []


def test_a_receipt_has_the_question_as_typed_and_as_asked(memory: Memory) -> None:
    understood = Understood("When did Gore come?", "And Gore?", ("a", "b"))
    kept = memory.keep_receipt("ask", 5, understood, Filters(), "000001")
    assert memory.receipt(kept.receipt_id) == kept
    assert kept.question == "When did Gore come?"


def test_a_file_of_an_earlier_version_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "discord.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(_EARLIER)
    now = time.time()
    connection.execute("INSERT INTO conversations VALUES (2, 1, 'Who \"won\"?', ?)", (now,))
    connection.execute(
        "INSERT INTO receipts VALUES ('r', 'ask', 5, 'Who?', ?, '000001', ?)",
        (json.dumps({}), now),
    )
    connection.commit()
    connection.close()
    for _ in range(2):
        memory = Memory(path)
        assert memory.turns(1, 2, 5) == [Turn('Who "won"?')]
        receipt = memory.receipt("r")
        assert receipt is not None
        assert receipt.understood == Understood("Who?", "Who?")
        memory.close()
