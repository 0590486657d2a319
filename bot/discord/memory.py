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

# How long the buttons of a card, and a conversation in a thread, go on working, in seconds.
RECEIPT_LIFE = 90 * 86_400
CONVERSATION_LIFE = 7 * 86_400

_SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (
    guild_id INTEGER PRIMARY KEY, private INTEGER NOT NULL, channels TEXT NOT NULL, collection TEXT
);
CREATE TABLE IF NOT EXISTS receipts (
    receipt_id TEXT PRIMARY KEY, kind TEXT NOT NULL, user_id INTEGER NOT NULL,
    question TEXT NOT NULL, filters TEXT NOT NULL, generation TEXT NOT NULL, created REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS conversations (
    channel_id INTEGER PRIMARY KEY, guild_id INTEGER NOT NULL, question TEXT NOT NULL,
    created REAL NOT NULL
);
"""


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
    question: str
    filters: Filters
    generation: str


class Memory:
    """The file and its questions; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open the file `path`, made where it is not there, and forget what has expired."""
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)
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
        self, kind: str, user_id: int, question: str, filters: Filters, generation: str
    ) -> Receipt:
        """Return a new receipt, kept for `RECEIPT_LIFE`."""
        receipt = Receipt(secrets.token_hex(8), kind, user_id, question, filters, generation)
        self._execute(
            "INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?)",
            receipt.receipt_id,
            kind,
            user_id,
            question,
            json.dumps(asdict(filters)),
            generation,
            time.time(),
        )
        return receipt

    def receipt(self, receipt_id: str) -> Receipt | None:
        """Return a receipt, or None where it is not known or has expired."""
        row = self._execute(
            "SELECT kind, user_id, question, filters, generation FROM receipts"
            " WHERE receipt_id = ? AND created >= ?",
            receipt_id,
            time.time() - RECEIPT_LIFE,
        )
        if row is None:
            return None
        kind, user_id, question, filters, generation = row
        return Receipt(
            receipt_id, kind, user_id, question, Filters(**json.loads(filters)), generation
        )

    def last_question(self, guild_id: int, channel_id: int) -> str | None:
        """Return what was last asked in a conversation, or None."""
        row = self._execute(
            "SELECT question FROM conversations"
            " WHERE channel_id = ? AND guild_id = ? AND created >= ?",
            channel_id,
            guild_id,
            time.time() - CONVERSATION_LIFE,
        )
        return row[0] if row else None

    def remember_question(self, guild_id: int, channel_id: int, question: str) -> None:
        """Keep what was last asked in a conversation."""
        self._execute(
            "INSERT OR REPLACE INTO conversations VALUES (?, ?, ?, ?)",
            channel_id,
            guild_id,
            question,
            time.time(),
        )

    def _execute(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        with self._lock:
            row: tuple[Any, ...] | None = self._connection.execute(statement, values).fetchone()
            return row
