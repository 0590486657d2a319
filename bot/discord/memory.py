"""The bot's memory: servers' settings, the states of cards, conversations in threads.

Several processes may share it. Every query about a server has that server's id, so that no server
sees another's data. Calls are short, but touch a disk or a network: the event loop runs them in
`Memory.threads`. While the database is away, the last known settings hold, new cards wait here to
be written, and the rest raises DatabaseAway.
"""

import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.discord import tables
from bot.discord.card_state import CardState
from bot.discord.database import CONNECTIONS, Database, DatabaseAway
from index.answering.receipts import Quoted
from index.retrieval.filters import Filters
from index.understanding.conversation.exchange import TURNS, Exchange
from index.understanding.conversation.rewriting import RewrittenQuestion

_log = logging.getLogger("memcon.discord")

# How long a card's buttons and a thread's conversation work, in seconds.
CARD_LIFE = 90 * 86_400
CONVERSATION_LIFE = 7 * 86_400

# The exchanges kept of a thread: private ones of several people may lie between.
_KEPT = 4 * TURNS
# The most cards that wait while the database is away; the oldest are dropped first.
_UNWRITTEN = 10_000
# Expired rows are deleted in batches, so that other processes wait only briefly.
_DELETED_AT_ONCE = 1_000

# Made once: making a statement takes longer than SQLite takes to run it.
_KEEP_CARD = sa.insert(tables.cards)
_FIND_CARD = sa.select(tables.cards).where(
    tables.cards.c.card_id == sa.bindparam("card_id"),
    tables.cards.c.created >= sa.bindparam("oldest"),
)
_CHANGED_SETTINGS = (
    sa.select(tables.settings)
    .where(tables.settings.c.version > sa.bindparam("seen"))
    .order_by(tables.settings.c.version)
)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The choices of a server's managers; no channels means every channel."""

    private: bool = False
    channels: tuple[int, ...] = ()
    collection: str | None = None


class Memory:
    """The database and its queries; safe to use from several threads."""

    def __init__(self, place: Path | str) -> None:
        """Open a SQLite file, or the database at an address, and bring its tables up to date.

        Raises UsageError for a malformed address, DatabaseUnusable if it cannot be opened.
        """
        self.database = Database(place)
        self.threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="memcon-database")
        self._lock = threading.Lock()
        self._settings: dict[int, ServerSettings] = {}
        self._seen = 0
        self._unwritten: OrderedDict[str, dict[str, Any]] = OrderedDict()
        with self.database.statement() as connection:
            self._read_settings(connection)

    def close(self) -> None:
        """Write the waiting cards if the database answers, and close it."""
        self.database.sever(0)
        self.threads.shutdown(wait=True)
        if self._unwritten:
            self.refresh()
        if self._unwritten:
            _log.warning("cards have lost their buttons", extra={"cards": len(self._unwritten)})
        self.database.close()

    @property
    def unwritten(self) -> int:
        """How many cards wait for the database."""
        return len(self._unwritten)

    def settings(self, guild_id: int | None) -> ServerSettings:
        """Return a server's settings; the defaults for a direct message (None).

        They are held in memory, since an acknowledgement depends on them and cannot wait.
        """
        return self._settings.get(guild_id or 0, ServerSettings())

    def change_settings(
        self, guild_id: int, change: Callable[[ServerSettings], ServerSettings]
    ) -> ServerSettings:
        """Apply a change to the stored settings of a server, and return the result."""
        table, number = tables.settings, tables.settings_version.c.number
        with self.database.transaction() as connection:
            # The lock on this row orders the changes of all processes.
            connection.execute(sa.update(tables.settings_version).values(number=number + 1))
            version = connection.execute(sa.select(number)).scalar_one()
            row = connection.execute(sa.select(table).where(table.c.guild_id == guild_id)).first()
            changed = change(_settings_of(row) if row else ServerSettings())
            values = {"guild_id": guild_id, "version": version, **asdict(changed)}
            connection.execute(self.database.upsert(table, values))
        with self._lock:
            self._settings[guild_id] = changed
        return changed

    def refresh(self) -> None:
        """Read the changes of other processes, and write the waiting cards.

        Logs when the database goes away and when it is back.
        """
        lost = self.database.lost
        try:
            with self.database.probing() as connection:
                self._read_settings(connection)
                self._write_cards(connection)
        except DatabaseAway:
            if lost is None:
                _log.warning("the store is away", extra={"reason": self.database.lost})
            return
        if lost is not None:
            _log.info("the store is back")

    def delete_expired(self) -> int:
        """Delete expired rows, and return their number."""
        now = time.time()
        return sum(
            self._delete(table, now - life)
            for table, life in (
                (tables.cards, CARD_LIFE),
                (tables.conversations, CONVERSATION_LIFE),
            )
        )

    def keep_card(
        self,
        kind: str,
        user_id: int,
        understood: RewrittenQuestion,
        filters: Filters,
        generation: str,
        quoted: tuple[Quoted, ...] = (),
    ) -> CardState:
        """Return the state of a new card, kept for `CARD_LIFE`."""
        card_id = secrets.token_hex(8)
        state = CardState(card_id, kind, user_id, understood, filters, generation, quoted)
        row = {**asdict(state), "created": time.time()}
        try:
            with self.database.statement() as connection:
                connection.execute(_KEEP_CARD, row)
        except DatabaseAway:
            with self._lock:
                self._unwritten[card_id] = row
                while len(self._unwritten) > _UNWRITTEN:
                    self._unwritten.popitem(last=False)
        return state

    def card(self, card_id: str) -> CardState | None:
        """Return the state of a card; None if it is unknown or has expired."""
        known = self._unwritten.get(card_id)
        if known is None:
            with self.database.statement() as connection:
                wanted = {"card_id": card_id, "oldest": time.time() - CARD_LIFE}
                row = connection.execute(_FIND_CARD, wanted).first()
            if row is None:
                return None
            known = dict(row._mapping)  # noqa: SLF001 - the public name of a row's mapping
        asked, quoted = known["understood"], known["quoted"]
        return CardState(
            card_id,
            known["kind"],
            known["user_id"],
            RewrittenQuestion(
                asked["question"],
                asked["typed"],
                # Cards of earlier versions have none.
                tuple((d, start, end) for d, start, end in asked.get("without", ())),
            ),
            Filters(**known["filters"]),
            known["generation"],
            None if quoted is None else tuple(Quoted(**each) for each in quoted),
        )

    def exchanges(self, guild_id: int, channel_id: int, user_id: int) -> list[Exchange]:
        """Return the last exchanges of a conversation that a user may see, the last one last.

        These are the public ones, and the user's private ones.
        """
        with self.database.statement() as connection:
            kept = connection.scalar(_kept_exchanges(guild_id, channel_id))
        return [
            Exchange.from_dict(known)
            for known in kept or ()
            if known.get("only") in {None, user_id}
        ][-TURNS:]

    def keep_exchange(
        self, guild_id: int, channel_id: int, exchange: Exchange, *, only: int | None = None
    ) -> None:
        """Keep an exchange of a conversation; a private one is for the user `only`."""
        table, now = tables.conversations, time.time()
        values = {"channel_id": channel_id, "guild_id": guild_id, "turns": [], "created": now}
        with self.database.transaction() as connection:
            # Makes sure of a row to lock, even if another process begins the conversation now.
            connection.execute(self.database.insert(table).values(values).on_conflict_do_nothing())
            kept = connection.scalar(_kept_exchanges(guild_id, channel_id).with_for_update())
            values["turns"] = [*(kept or ()), {**exchange.to_dict(), "only": only}][-_KEPT:]
            connection.execute(self.database.upsert(table, values))

    def _read_settings(self, connection: sa.Connection) -> None:
        changed = connection.execute(_CHANGED_SETTINGS, {"seen": self._seen})
        with self._lock:
            for row in changed:
                self._settings[row.guild_id] = _settings_of(row)
                self._seen = row.version

    def _write_cards(self, connection: sa.Connection) -> None:
        for card_id, row in list(self._unwritten.items()):
            # It may be written already: the database may have gone away before it replied.
            statement = self.database.insert(tables.cards).values(row).on_conflict_do_nothing()
            connection.execute(statement)
            with self._lock:
                self._unwritten.pop(card_id, None)

    def _delete(self, table: sa.Table, before: float) -> int:
        (key,) = table.primary_key
        # Skips rows that another process is deleting.
        some = (
            sa.select(key)
            .where(table.c.created < before)
            .limit(_DELETED_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        deleted = 0
        for count in iter(lambda: self._delete_some(table, key.in_(some)), 0):
            deleted += count
        return deleted

    def _delete_some(self, table: sa.Table, which: sa.ColumnElement[bool]) -> int:
        with self.database.statement() as connection:
            return connection.execute(sa.delete(table).where(which)).rowcount


def _settings_of(row: sa.Row[Any]) -> ServerSettings:
    return ServerSettings(row.private, tuple(row.channels), row.collection)


def _kept_exchanges(guild_id: int, channel_id: int) -> sa.Select[Any]:
    table = tables.conversations
    return sa.select(table.c.turns).where(
        table.c.channel_id == channel_id,
        table.c.guild_id == guild_id,
        table.c.created >= time.time() - CONVERSATION_LIFE,
    )
