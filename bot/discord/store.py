"""Where the bot's memory is kept: a SQLite file, or PostgreSQL for several hosts.

A store that does not answer must not keep a question waiting: once one call has found it away, the
next fail at once, until `Store.probing` finds it back.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import URL, make_url

from bot.discord.tables import METADATA
from corpus.errors import MemconError, UsageError

_SQLITE = "sqlite"
_POSTGRES = "postgresql"
_SCHEMES = {
    "sqlite": "sqlite+pysqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
# Connections of a process at most, and threads that use them: more would only take the processor
# from acknowledgements, and PostgreSQL allows 100 connections in all unless told otherwise.
CONNECTIONS = 2
# Seconds that a call may take, that a connection may take to be made, and that a migration waits
# for another process to be done with it.
CALL = 5.0
_CONNECT = 3
_MIGRATE = 60.0
# Any number that nobody else takes for a lock in the same database.
_LOCK = 0x6D656D636F6E
_MIGRATIONS = Path(__file__).with_name("migrations")
# alembic keeps what it works on in its module: one migration at a time in a process.
_MIGRATING = threading.Lock()

_AWAY = (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError)


class StoreUnusable(MemconError):
    """The store cannot be opened as the settings say."""


class StoreAway(MemconError):
    """The store does not answer now; the words are for who asked, the log has the reason."""

    def __init__(self) -> None:
        super().__init__(
            "What I remember of this server, its threads and older cards is out of reach at the "
            "moment. Questions outside threads are answered; please try the rest again in a minute."
        )


class Store:
    """The database and its connections; safe to use from several threads."""

    def __init__(self, place: Path | str) -> None:
        """Open a SQLite file, or the database at an address, and bring its tables up to date.

        Raises UsageError for an address that is none, StoreUnusable where it cannot be opened.
        """
        self._url = read_address(place)
        self._sockets: WeakSet[Any] = WeakSet()
        self._under_way: dict[int, float] = {}
        self._lost: str | None = None
        with self._explained():
            migrate(self._url)
            self._engine = _make_engine(self._url, CALL)
        self._plain = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        if self._url.get_backend_name() == _POSTGRES:
            event.listen(self._engine, "connect", lambda raw, _: self._sockets.add(raw))

    @property
    def name(self) -> str:
        """Where the store is, without a password."""
        return describe(self._url)

    @property
    def lost(self) -> str | None:
        """Why the store is away, or None while it answers."""
        return self._lost

    @contextmanager
    def statement(self) -> Iterator[sa.Connection]:
        """Give a connection for single statements, each a transaction; raises StoreAway."""
        if self._lost is not None:
            raise StoreAway
        with self._watched(), self._plain.connect() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Give a connection for statements that are done together or not; raises StoreAway."""
        if self._lost is not None:
            raise StoreAway
        with self._watched(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def probing(self) -> Iterator[sa.Connection]:
        """Give a connection as `statement` does, also while the store is away: it may be back."""
        with self._watched(), self._plain.connect() as connection:
            yield connection
        self._lost = None

    def upsert(self, table: sa.Table, values: dict[str, Any]) -> sa.Executable:
        """Return the statement that writes a row, in the place of one with the same key."""
        key = [column.name for column in table.primary_key]
        changed = {name: value for name, value in values.items() if name not in key}
        statement = self.insert(table).values(values)
        upsert: sa.Executable = statement.on_conflict_do_update(index_elements=key, set_=changed)
        return upsert

    def insert(self, table: sa.Table) -> Any:
        """Return the database's own INSERT, which can be told what to do about a row's double."""
        if self._url.get_backend_name() == _POSTGRES:
            from sqlalchemy.dialects import postgresql

            return postgresql.insert(table)
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)

    def sever(self, seconds: float = 2 * CALL) -> None:
        """End the connections of calls that have taken longer, whatever they wait for.

        A database that is stopped, and not ended, leaves its connections open: the network's own
        time-outs do not tell.
        """
        began = min(list(self._under_way.values()), default=None)
        if began is None or time.monotonic() - began < seconds:
            return
        for raw in list(self._sockets):
            with suppress(Exception), socket.socket(fileno=os.dup(raw.fileno())) as held:
                held.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        me = threading.get_ident()
        self._under_way[me] = time.monotonic()
        try:
            yield
        except _AWAY as error:
            self._lost = explain(error, self._url)
            raise StoreAway from None
        finally:
            self._under_way.pop(me, None)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except exc.SQLAlchemyError as error:
            reason = explain(error, self._url)
            raise StoreUnusable(f"The store {self.name} cannot be used: {reason}.") from None


def read_address(place: Path | str) -> URL:
    """Return the address of a store: of a SQLite file, or as it is written.

    Raises UsageError, which quotes none of it: it may hold a password.
    """
    if isinstance(place, Path):
        return URL.create(_SCHEMES[_SQLITE], database=str(place))
    try:
        url = make_url(place)
        scheme = _SCHEMES[url.drivername]
    except (exc.ArgumentError, KeyError, ValueError):
        raise UsageError(
            "The store of the bot's memory is postgresql+psycopg://USER:PASSWORD@HOST/DATABASE or "
            "sqlite:////FOLDER/discord.sqlite (MEMCON_STORE, or store under [discord] in the "
            "settings file)."
        ) from None
    if scheme.startswith(_POSTGRES):
        try:
            import psycopg  # noqa: F401
        except ImportError:
            raise UsageError(
                "A store in PostgreSQL needs psycopg.", "pip install 'memcon[postgres]'"
            ) from None
    elif not url.database or url.database == ":memory:":
        raise UsageError("A store in memory is forgotten at once: name a file for it.")
    return url.set(drivername=scheme)


def describe(url: URL) -> str:
    """Return where a store is, without user, password and options."""
    if url.get_backend_name() == _SQLITE:
        return url.database or ""
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{url.host or ''}{port}/{url.database or ''}"


def explain(error: Exception, url: URL) -> str:
    """Return an error of the database as one line that holds no password and no question."""
    cause = getattr(error, "orig", None) or error
    words = " ".join(str(cause).split()) or type(cause).__name__
    secrets = (url.password, url.query.get("password"), url.query.get("sslpassword"))
    for secret in secrets:
        if secret:
            words = words.replace(str(secret), "***")
    return words.rstrip(".")[:300]


def migrate(url: URL) -> None:
    """Bring the tables up to date; several processes may do so at once.

    Raises StoreUnusable for a store that a newer memcon has changed, and SQLAlchemy's errors.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    # A percent sign is the configuration's own escape.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    engine = _make_engine(url, _MIGRATE)
    try:
        with _MIGRATING, engine.begin() as connection:
            # SQLite has been locked by the beginning of the transaction.
            if url.get_backend_name() == _POSTGRES:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        if "Can't locate revision" not in str(error):
            raise
        raise StoreUnusable(
            f"The store {describe(url)} has been changed by a newer memcon; this one cannot read "
            "it.",
            "pip install --upgrade memcon",
        ) from None
    finally:
        engine.dispose()


def check(place: Path | str) -> str | None:
    """Return what a store holds, in words, without changing it; None where there is none yet.

    Raises UsageError and StoreUnusable as opening it does.
    """
    url = read_address(place)
    if url.get_backend_name() == _SQLITE and not Path(url.database or "").exists():
        return None
    engine = _make_engine(url, CALL)
    try:
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            known = set(sa.inspect(connection).get_table_names())
            counts = {
                table.name: connection.scalar(sa.select(sa.func.count()).select_from(table))
                for table in METADATA.sorted_tables
                if table.name in known
            }
    except exc.SQLAlchemyError as error:
        reason = explain(error, url)
        raise StoreUnusable(f"{describe(url)} cannot be used: {reason}.") from None
    finally:
        engine.dispose()
    if "receipts" not in counts:
        return f"{describe(url)}: empty; memcon serve makes its tables"
    return (
        f"{describe(url)}: settings of {counts.get('settings', 0):,} servers, "
        f"{counts['receipts']:,} cards, {counts.get('conversations', 0):,} conversations"
    )


def _make_engine(url: URL, patience: float) -> sa.Engine:
    """Return an engine whose calls take at most `patience` seconds."""
    sqlite = url.get_backend_name() == _SQLITE
    given: dict[str, Any] = {"timeout": patience} if sqlite else _connection_options(url, patience)
    engine = sa.create_engine(
        url,
        connect_args=given,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=patience,
        pool_recycle=1800,
        # A connection that was closed by the other side is replaced before it is used.
        pool_pre_ping=not sqlite,
        # What people asked has no place in an error.
        hide_parameters=True,
    )
    if sqlite:
        event.listen(engine, "connect", _prepare_file)
        event.listen(engine, "begin", _lock_file)
    return engine


def _connection_options(url: URL, patience: float) -> dict[str, Any]:
    milliseconds = round(patience * 1000)
    options = {
        "application_name": "memcon",
        "connect_timeout": _CONNECT,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": milliseconds,
        "options": f"-c statement_timeout={milliseconds}"
        f" -c idle_in_transaction_session_timeout={milliseconds}",
    }
    return {name: value for name, value in options.items() if name not in url.query}


def _prepare_file(raw: Any, _: object) -> None:
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute("PRAGMA synchronous = NORMAL")


def _lock_file(connection: sa.Connection) -> None:
    """Begin a transaction as a writer's: one that became so half-way could find it had to wait."""
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
