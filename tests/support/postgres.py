"""A PostgreSQL of the tests' own, from the system's package, and a line to it that can be cut."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.ports import reserved_port

_USERS = ("postgres", "nobody")
_NAME = "archivist"


def find_programs() -> Path | None:
    """Return the folder with initdb and postgres, or None where they are not installed."""
    named = shutil.which("pg_config")
    folders = [Path(found).parent for found in [shutil.which("postgres")] if found]
    if named:
        told = subprocess.run([named, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(told.stdout.strip()))
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    whole = (each for each in folders if all((each / n).exists() for n in ("initdb", "postgres")))
    return next(whole, None)


class Postgres:
    """A running server on a port of 127.0.0.1, which asks for a password."""

    def __init__(self, port: int, password: str) -> None:
        self.port, self.password = port, password

    def address(self, database: str, port: int | None = None) -> str:
        """Return a database's address as the settings have it."""
        place = f"127.0.0.1:{port or self.port}/{database}"
        return f"postgresql+psycopg://{_NAME}:{self.password}@{place}"

    def create_database(self) -> str:
        """Make an empty database and return its name."""
        name = f"memory_{secrets.token_hex(4)}"
        with closing(self.connect()) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return name

    def connect(self, database: str = "postgres") -> "psycopg.Connection[Any]":
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=_NAME,
            password=self.password,
            dbname=database,
            autocommit=True,
        )


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Start a server, and end it with the block; skips the test where it is not installed."""
    programs = find_programs()
    if programs is None:
        pytest.skip("needs PostgreSQL: initdb and postgres, as in Debian's package postgresql")
    # It refuses to run as root.
    user = _other_user() if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="memcon-pg-"))
    password = secrets.token_urlsafe(12)
    pwfile = folder / "password"
    pwfile.write_text(password)
    if user:
        for path in (folder, pwfile):
            shutil.chown(path, user)
    how: dict[str, Any] = {"cwd": folder, "env": {**os.environ, "LC_ALL": "C.UTF-8"}, "user": user}
    try:
        made = subprocess.run(
            [
                *(programs / "initdb", "--pgdata", folder / "data", "--username", _NAME),
                *("--pwfile", pwfile, "--auth", "scram-sha-256", "--encoding", "UTF8"),
                *("--no-locale", "--no-sync"),
            ],
            capture_output=True,
            text=True,
            check=False,
            **how,
        )
        assert made.returncode == 0, made.stderr
        with reserved_port() as port:
            server = subprocess.Popen(
                [
                    *(programs / "postgres", "-D", folder / "data", "-p", str(port)),
                    *("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"),
                    *("-c", f"unix_socket_directories={folder}"),
                ],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                **how,
            )
            try:
                started = Postgres(port, password)
                _wait_for(started, server)
                yield started
            finally:
                server.terminate()
                try:
                    server.wait(20)
                except subprocess.TimeoutExpired:
                    server.kill()
                    server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _other_user() -> str:
    for name in _USERS:
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    pytest.skip("PostgreSQL does not run as root, and there is neither postgres nor nobody here")


def _wait_for(server: Postgres, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        assert process.poll() is None, "PostgreSQL ended"
        with suppress(psycopg.OperationalError), closing(server.connect()):
            return
        time.sleep(0.1)
    pytest.fail("PostgreSQL does not answer")


class Line:
    """A relay to a server, which can be cut, so that all is refused, or held, so that all waits."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._flowing = threading.Event()
        self._flowing.set()
        self._open: list[socket.socket] = []
        # Kept while it is cut, too.
        kept = ExitStack()
        self.port = kept.enter_context(reserved_port())
        weakref.finalize(self, kept.close)
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._accept()

    def cut(self) -> None:
        """Refuse new connections, and end those that there are."""
        # A thread that waits in accept() would keep the port.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._flowing.set()
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._open.clear()

    def hold(self) -> None:
        """Pass nothing on, while connections stay open."""
        self._flowing.clear()

    def mend(self) -> None:
        """Let everything through again."""
        self._flowing.set()
        if self._listener.fileno() == -1:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._accept()

    def _accept(self) -> None:
        threading.Thread(target=self._take, args=(self._listener,), daemon=True).start()

    def _take(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                self._open += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self._flowing.wait()
                sink.sendall(data)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
