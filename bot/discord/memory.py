"""What the bot remembers: servers' settings, receipts of answers, conversations in threads.

One SQLite file. Every question about a server is asked with that server's id, so that one never
sees another's. Calls are short, but touch the disk: the event loop runs them in a thread.
"""

import json
import secrets
import sqlite3
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.retrieval.search import Filters
from index.understanding.conversation import TURNS, Turn, Understood

# How long the buttons of a card, and a conversation in a thread, go on working, in seconds.
RECEIPT_LIFE = 90 * 86_400
CONVERSATION_LIFE = 7 * 86_400

_SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (
    guild_id INTEGER PRIMARY KEY, private INTEGER NOT NULL, channels TEXT NOT NULL, collection TEXT
);
CREATE TABLE IF NOT EXISTS receipts (
    receipt_id TEXT PRIMARY KEY, kind TEXT NOT NULL, user_id INTEGER NOT NULL,
    question TEXT NOT NULL, filters TEXT NOT NULL, generation TEXT NOT NULL, created REAL NOT NULL,
    understood TEXT
);
CREATE TABLE IF NOT EXISTS conversations (
    channel_id INTEGER PRIMARY KEY, guild_id INTEGER NOT NULL, turns TEXT NOT NULL,
    created REAL NOT NULL
);
"""
# What a file of an earlier version lacks: the column that shows it, and how it comes to have it.
_CHANGES = {
    ("receipts", "understood"): "ALTER TABLE receipts ADD COLUMN understood TEXT",
    ("conversations", "turns"): (
        "ALTER TABLE conversations RENAME COLUMN question TO turns;"
        "UPDATE conversations SET turns = json_array(json_object('question', turns));"
    ),
}
# So many turns of a thread are kept: the private ones of several people may lie between.
_KEPT = 4 * TURNS


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What a server's managers have chosen; no channels means every channel."""

    private: bool = False
    channels: tuple[int, ...] = ()
    collection: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a card can be made from again: what was asked of which archive, by whom."""

    receipt_id: str
    kind: str
    user_id: int
    understood: Understood
    filters: Filters
    generation: str

    @property
    def question(self) -> str:
        """The question as it is asked."""
        return self.understood.question


class Memory:
    """The file and its questions; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open the file `path`, made where it is not there, and forget what has expired."""
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)
        for (table, column), change in _CHANGES.items():
            known = self._connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
            if (column,) not in known.fetchall():
                self._connection.executescript(change)
        self._settings = {
            guild_id: ServerSettings(bool(private), tuple(json.loads(channels)), collection)
            for guild_id, private, channels, collection in self._connection.execute(
                "SELECT guild_id, private, channels, collection FROM settings"
            )
        }
        self._execute("DELETE FROM receipts WHERE created < ?", time.time() - RECEIPT_LIFE)
        self._execute(
            "DELETE FROM conversations WHERE created < ?", time.time() - CONVERSATION_LIFE
        )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def settings(self, guild_id: int | None) -> ServerSettings:
        """Return a server's settings, or the defaults, also for a direct message (None).

        They are held in memory: a reply is acknowledged by what they say, and at once.
        """
        return self._settings.get(guild_id or 0, ServerSettings())

    def change_settings(self, guild_id: int, settings: ServerSettings) -> None:
        """Keep a server's settings."""
        self._settings[guild_id] = settings
        self._execute(
            "INSERT OR REPLACE INTO settings VALUES (?, ?, ?, ?)",
            guild_id,
            settings.private,
            json.dumps(settings.channels),
            settings.collection,
        )

    def keep_receipt(
        self, kind: str, user_id: int, understood: Understood, filters: Filters, generation: str
    ) -> Receipt:
        """Return a new receipt, kept for `RECEIPT_LIFE`."""
        receipt = Receipt(secrets.token_hex(8), kind, user_id, understood, filters, generation)
        self._execute(
            "INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            receipt.receipt_id,
            kind,
            user_id,
            understood.question,
            json.dumps(asdict(filters)),
            generation,
            time.time(),
            json.dumps({"typed": understood.typed, "doc_ids": understood.doc_ids}),
        )
        return receipt

    def receipt(self, receipt_id: str) -> Receipt | None:
        """Return a receipt, or None where it is not known or has expired."""
        row = self._execute(
            "SELECT kind, user_id, question, filters, generation, understood FROM receipts"
            " WHERE receipt_id = ? AND created >= ?",
            receipt_id,
            time.time() - RECEIPT_LIFE,
        )
        if row is None:
            return None
        kind, user_id, question, filters, generation, known = row
        leaning = json.loads(known) if known else {"typed": question, "doc_ids": []}
        understood = Understood(question, leaning["typed"], tuple(leaning["doc_ids"]))
        return Receipt(
            receipt_id, kind, user_id, understood, Filters(**json.loads(filters)), generation
        )

    def turns(self, guild_id: int, channel_id: int, user_id: int) -> list[Turn]:
        """Return the last turns of a conversation that somebody may know of, the last one last.

        They are those of everybody, and those that were answered to that person alone.
        """
        return [
            Turn.from_dict(known)
            for known in self._known_turns(guild_id, channel_id)
            if known.get("only") in {None, user_id}
        ][-TURNS:]

    def remember_turn(
        self, guild_id: int, channel_id: int, turn: Turn, *, only: int | None = None
    ) -> None:
        """Keep a turn of a conversation, where it was private for one person `only`."""
        known = [*self._known_turns(guild_id, channel_id), {**turn.to_dict(), "only": only}]
        self._execute(
            "INSERT OR REPLACE INTO conversations VALUES (?, ?, ?, ?)",
            channel_id,
            guild_id,
            json.dumps(known[-_KEPT:]),
            time.time(),
        )

    def _known_turns(self, guild_id: int, channel_id: int) -> list[dict[str, Any]]:
        row = self._execute(
            "SELECT turns FROM conversations"
            " WHERE channel_id = ? AND guild_id = ? AND created >= ?",
            channel_id,
            guild_id,
            time.time() - CONVERSATION_LIFE,
        )
        return json.loads(row[0]) if row else []

    def _execute(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        with self._lock:
            row: tuple[Any, ...] | None = self._connection.execute(statement, values).fetchone()
            return row
