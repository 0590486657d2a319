"""What the bot remembers: servers' settings, receipts of answers, conversations in threads.

Several processes may share it. Every question about a server is asked with that server's id, so
that one never sees another's. Calls are short, but touch a disk or a network: the event loop runs
them in `Memory.threads`. While the store is away, settings are those last known, new receipts wait
here to be written, and the rest raises StoreAway.
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
from bot.discord.store import CONNECTIONS, Store, StoreAway
from index.retrieval.filters import Filters
from index.understanding.conversation.understand import TURNS, Exchange, Understood

_log = logging.getLogger("memcon.discord")

# How long the buttons of a card, and a conversation in a thread, go on working, in seconds.
RECEIPT_LIFE = 90 * 86_400
CONVERSATION_LIFE = 7 * 86_400

# So many turns of a thread are kept: the private ones of several people may lie between.
_KEPT = 4 * TURNS
# So many receipts wait at most for a store that is away; the oldest are given up first.
_UNWRITTEN = 10_000
# What has expired is deleted in pieces: none holds other processes up for long.
_DELETED_AT_ONCE = 1_000

# Written once: to put statements together takes longer than SQLite takes to do them.
_KEEP_RECEIPT = sa.insert(tables.receipts)
_FIND_RECEIPT = sa.select(tables.receipts).where(
    tables.receipts.c.receipt_id == sa.bindparam("receipt_id"),
    tables.receipts.c.created >= sa.bindparam("oldest"),
)
_CHANGED_SETTINGS = (
    sa.select(tables.settings)
    .where(tables.settings.c.version > sa.bindparam("seen"))
    .order_by(tables.settings.c.version)
)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What a server's managers have chosen; no channels means every channel."""

    private: bool = False
    channels: tuple[int, ...] = ()
    collection: str | None = None


@dataclass(frozen=True, slots=True)
class CardState:
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
    """The store and its questions; safe to use from several threads."""

    def __init__(self, place: Path | str) -> None:
        """Open a SQLite file, or the database at an address, made ready where it is not.

        Raises UsageError for an address that is none, StoreUnusable where it cannot be opened.
        """
        self.store = Store(place)
        self.threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="memcon-store")
        self._lock = threading.Lock()
        self._settings: dict[int, ServerSettings] = {}
        self._seen = 0
        self._unwritten: OrderedDict[str, dict[str, Any]] = OrderedDict()
        with self.store.statement() as connection:
            self._read_settings(connection)

    def close(self) -> None:
        """Write what waits, if the store answers, and close it."""
        self.store.sever(0)
        self.threads.shutdown(wait=True)
        if self._unwritten:
            self.refresh()
        if self._unwritten:
            _log.warning("cards have lost their buttons", extra={"cards": len(self._unwritten)})
        self.store.close()

    @property
    def unwritten(self) -> int:
        """How many receipts wait for the store to be back."""
        return len(self._unwritten)

    def settings(self, guild_id: int | None) -> ServerSettings:
        """Return a server's settings, or the defaults, also for a direct message (None).

        They are held in memory: a reply is acknowledged by what they say, and at once.
        """
        return self._settings.get(guild_id or 0, ServerSettings())

    def change_settings(
        self, guild_id: int, change: Callable[[ServerSettings], ServerSettings]
    ) -> ServerSettings:
        """Change what the store has of a server's settings, and return what it has then."""
        table, number = tables.settings, tables.settings_version.c.number
        with self.store.transaction() as connection:
            # This row's lock comes first: whoever changes settings has read the change before.
            connection.execute(sa.update(tables.settings_version).values(number=number + 1))
            version = connection.execute(sa.select(number)).scalar_one()
            row = connection.execute(sa.select(table).where(table.c.guild_id == guild_id)).first()
            changed = change(_settings_of(row) if row else ServerSettings())
            values = {"guild_id": guild_id, "version": version, **asdict(changed)}
            connection.execute(self.store.upsert(table, values))
        with self._lock:
            self._settings[guild_id] = changed
        return changed

    def refresh(self) -> None:
        """Take up what other processes have changed, and write what the store was away for.

        Tells the log when the store goes away and when it is back.
        """
        lost = self.store.lost
        try:
            with self.store.probing() as connection:
                self._read_settings(connection)
                self._write_receipts(connection)
        except StoreAway:
            if lost is None:
                _log.warning("the store is away", extra={"reason": self.store.lost})
            return
        if lost is not None:
            _log.info("the store is back")

    def forget_expired(self) -> int:
        """Delete what has expired, and return how many rows that were."""
        now = time.time()
        return sum(
            self._delete(table, now - life)
            for table, life in (
                (tables.receipts, RECEIPT_LIFE),
                (tables.conversations, CONVERSATION_LIFE),
            )
        )

    def keep_receipt(
        self, kind: str, user_id: int, understood: Understood, filters: Filters, generation: str
    ) -> CardState:
        """Return a new receipt, kept for `RECEIPT_LIFE`."""
        receipt = CardState(secrets.token_hex(8), kind, user_id, understood, filters, generation)
        row = {**asdict(receipt), "created": time.time()}
        try:
            with self.store.statement() as connection:
                connection.execute(_KEEP_RECEIPT, row)
        except StoreAway:
            with self._lock:
                self._unwritten[receipt.receipt_id] = row
                while len(self._unwritten) > _UNWRITTEN:
                    self._unwritten.popitem(last=False)
        return receipt

    def receipt(self, receipt_id: str) -> CardState | None:
        """Return a receipt, or None where it is not known or has expired."""
        known = self._unwritten.get(receipt_id)
        if known is None:
            with self.store.statement() as connection:
                wanted = {"receipt_id": receipt_id, "oldest": time.time() - RECEIPT_LIFE}
                row = connection.execute(_FIND_RECEIPT, wanted).first()
            if row is None:
                return None
            known = dict(row._mapping)  # noqa: SLF001 - the public name of a row's mapping
        asked = known["understood"]
        return CardState(
            receipt_id,
            known["kind"],
            known["user_id"],
            Understood(
                asked["question"],
                asked["typed"],
                # Receipts of earlier versions have none.
                tuple((d, start, end) for d, start, end in asked.get("without", ())),
            ),
            Filters(**known["filters"]),
            known["generation"],
        )

    def turns(self, guild_id: int, channel_id: int, user_id: int) -> list[Exchange]:
        """Return the last turns of a conversation that somebody may know of, the last one last.

        They are those of everybody, and those that were answered to that person alone.
        """
        with self.store.statement() as connection:
            kept = connection.scalar(_kept_turns(guild_id, channel_id))
        return [
            Exchange.from_dict(known)
            for known in kept or ()
            if known.get("only") in {None, user_id}
        ][-TURNS:]

    def remember_turn(
        self, guild_id: int, channel_id: int, turn: Exchange, *, only: int | None = None
    ) -> None:
        """Keep a turn of a conversation, where it was private for one person `only`."""
        table, now = tables.conversations, time.time()
        values = {"channel_id": channel_id, "guild_id": guild_id, "turns": [], "created": now}
        with self.store.transaction() as connection:
            # There is a row to lock, whoever else begins the same conversation now.
            connection.execute(self.store.insert(table).values(values).on_conflict_do_nothing())
            kept = connection.scalar(_kept_turns(guild_id, channel_id).with_for_update())
            values["turns"] = [*(kept or ()), {**turn.to_dict(), "only": only}][-_KEPT:]
            connection.execute(self.store.upsert(table, values))

    def _read_settings(self, connection: sa.Connection) -> None:
        changed = connection.execute(_CHANGED_SETTINGS, {"seen": self._seen})
        with self._lock:
            for row in changed:
                self._settings[row.guild_id] = _settings_of(row)
                self._seen = row.version

    def _write_receipts(self, connection: sa.Connection) -> None:
        for receipt_id, row in list(self._unwritten.items()):
            # It may be there: the store went away before it said so.
            statement = self.store.insert(tables.receipts).values(row).on_conflict_do_nothing()
            connection.execute(statement)
            with self._lock:
                self._unwritten.pop(receipt_id, None)

    def _delete(self, table: sa.Table, before: float) -> int:
        (key,) = table.primary_key
        # What another process is deleting is left to it.
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
        with self.store.statement() as connection:
            return connection.execute(sa.delete(table).where(which)).rowcount


def _settings_of(row: sa.Row[Any]) -> ServerSettings:
    return ServerSettings(row.private, tuple(row.channels), row.collection)


def _kept_turns(guild_id: int, channel_id: int) -> sa.Select[Any]:
    table = tables.conversations
    return sa.select(table.c.turns).where(
        table.c.channel_id == channel_id,
        table.c.guild_id == guild_id,
        table.c.created >= time.time() - CONVERSATION_LIFE,
    )
