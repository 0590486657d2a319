"""The bot's database: a SQLite file, or PostgreSQL for several hosts.

A database that does not answer must not delay questions: after one failed call, the next fail at
once until `Database.probing` succeeds.
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
# The most connections of a process, and threads that use them: more would take the processor from
# acknowledgements, and PostgreSQL allows 100 connections in all by default.
CONNECTIONS = 2
# Time limits in seconds: of a call, of making a connection, and of a migration's wait for another
# process.
CALL = 5.0
_CONNECT = 3
_MIGRATE = 60.0
# Any number that no other program locks in the same database.
_LOCK = 0x6D656D636F6E
_MIGRATIONS = Path(__file__).with_name("migrations")
# alembic keeps its state in its module: one migration at a time in a process.
_MIGRATING = threading.Lock()

_AWAY = (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError)


class DatabaseUnusable(MemconError):
    """The database cannot be opened as the settings say."""


class DatabaseAway(MemconError):
    """The database does not answer now. The message is for the user; the log has the reason."""

    def __init__(self) -> None:
        super().__init__(
            "What I remember of this server, its threads and older cards is out of reach at the "
            "moment. Questions outside threads are answered; please try the rest again in a minute."
        )


class Database:
    """The database and its connections; safe to use from several threads."""

    def __init__(self, place: Path | str) -> None:
        """Open a SQLite file, or the database at an address, and bring its tables up to date.

        Raises UsageError for a malformed address, DatabaseUnusable if it cannot be opened.
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
        """The address, without a password."""
        return describe(self._url)

    @property
    def lost(self) -> str | None:
        """Why the database is away; None while it answers."""
        return self._lost

    @contextmanager
    def statement(self) -> Iterator[sa.Connection]:
        """Yield a connection for single statements, each a transaction; raises DatabaseAway."""
        if self._lost is not None:
            raise DatabaseAway
        with self._watched(), self._plain.connect() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Yield a connection for one transaction; raises DatabaseAway."""
        if self._lost is not None:
            raise DatabaseAway
        with self._watched(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def probing(self) -> Iterator[sa.Connection]:
        """Yield a connection as `statement` does, also while the database counts as away."""
        with self._watched(), self._plain.connect() as connection:
            yield connection
        self._lost = None

    def upsert(self, table: sa.Table, values: dict[str, Any]) -> sa.Executable:
        """Make the statement that writes a row, replacing one with the same key."""
        key = [column.name for column in table.primary_key]
        changed = {name: value for name, value in values.items() if name not in key}
        statement = self.insert(table).values(values)
        upsert: sa.Executable = statement.on_conflict_do_update(index_elements=key, set_=changed)
        return upsert

    def insert(self, table: sa.Table) -> Any:
        """Make the database's own INSERT, which has ON CONFLICT."""
        if self._url.get_backend_name() == _POSTGRES:
            from sqlalchemy.dialects import postgresql

            return postgresql.insert(table)
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)

    def sever(self, seconds: float = 2 * CALL) -> None:
        """End the connections of calls that have taken longer.

        A suspended database leaves its connections open, and the network's own time-outs miss it.
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
            raise DatabaseAway from None
        finally:
            self._under_way.pop(me, None)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except exc.SQLAlchemyError as error:
            reason = explain(error, self._url)
            raise DatabaseUnusable(f"The store {self.name} cannot be used: {reason}.") from None


def read_address(place: Path | str) -> URL:
    """Parse the address of a database, or make that of a SQLite file.

    Raises UsageError, which does not quote the address: it may hold a password.
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
    """Return an address without user, password and options."""
    if url.get_backend_name() == _SQLITE:
        return url.database or ""
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{url.host or ''}{port}/{url.database or ''}"


def explain(error: Exception, url: URL) -> str:
    """Return a database error as one line, without passwords and questions."""
    cause = getattr(error, "orig", None) or error
    words = " ".join(str(cause).split()) or type(cause).__name__
    secrets = (url.password, url.query.get("password"), url.query.get("sslpassword"))
    for secret in secrets:
        if secret:
            words = words.replace(str(secret), "***")
    return words.rstrip(".")[:300]


def migrate(url: URL) -> None:
    """Bring the tables up to date; several processes may do so at once.

    Raises DatabaseUnusable if a newer memcon has changed them, and SQLAlchemy's errors.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    # The configuration's escape character is the percent sign.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    engine = _make_engine(url, _MIGRATE)
    try:
        with _MIGRATING, engine.begin() as connection:
            # In SQLite, the transaction has locked the file.
            if url.get_backend_name() == _POSTGRES:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        if "Can't locate revision" not in str(error):
            raise
        raise DatabaseUnusable(
            f"The store {describe(url)} has been changed by a newer memcon; this one cannot read "
            "it.",
            "pip install --upgrade memcon",
        ) from None
    finally:
        engine.dispose()


def describe_contents(place: Path | str) -> str | None:
    """Describe a database's contents without changing it; None for a file that does not exist.

    Raises UsageError and DatabaseUnusable as opening it does.
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
        raise DatabaseUnusable(f"{describe(url)} cannot be used: {reason}.") from None
    finally:
        engine.dispose()
    # Earlier versions had another name for cards.
    if "settings" not in counts:
        return f"{describe(url)}: empty; memcon serve makes its tables"
    return (
        f"{describe(url)}: settings of {counts['settings']:,} servers, "
        f"{counts.get('cards', 0):,} cards, {counts.get('conversations', 0):,} conversations"
    )


def _make_engine(url: URL, patience: float) -> sa.Engine:
    """Make an engine whose calls take at most `patience` seconds."""
    sqlite = url.get_backend_name() == _SQLITE
    given: dict[str, Any] = {"timeout": patience} if sqlite else _connection_options(url, patience)
    engine = sa.create_engine(
        url,
        connect_args=given,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=patience,
        pool_recycle=1800,
        # A connection that the other side closed is replaced before use.
        pool_pre_ping=not sqlite,
        # Errors must not show questions.
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
    """Begin every transaction as a writer: upgrading a reader half-way may fail."""
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
