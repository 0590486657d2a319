"""The lock of an archive: one process at a time writes to it."""

import datetime as dt
import json
import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from corpus.errors import ArchiveBusy, ArchiveUnwritable
from index.storage.generation import BUILDER, clear_leftovers, replace_file

_LOCK = "build.lock"


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Hold an archive's lock, and report the system's errors as ours.

    The operating system releases the lock when the process ends, however it ends.
    Raises ArchiveBusy if another process holds it, ArchiveUnwritable.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(root / _LOCK, timeout=0):
            known = {
                "process": os.getpid(),
                "host": socket.gethostname(),
                "since": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
            }
            clear_leftovers(root)
            try:
                replace_file(root / BUILDER, json.dumps(known))
                yield
            finally:
                clear_leftovers(root)
                (root / BUILDER).unlink(missing_ok=True)
    except filelock.Timeout:
        raise ArchiveBusy(
            f"The archive {root} is being built by {_holder(root)}; wait until it is done."
        ) from None
    except (OSError, sqlite3.DatabaseError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ArchiveUnwritable(
            f"The archive {root} cannot be written: {why}. The index in use goes on answering.",
            "memcon doctor",
        ) from error


def _holder(root: Path) -> str:
    try:
        known = json.loads((root / BUILDER).read_text("utf-8"))
        return f"process {known['process']} on {known['host']}, since {known['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def find_builder(root: Path) -> str | None:
    """Return a description of the process that is building the archive, or None."""
    try:
        with filelock.FileLock(root / _LOCK, timeout=0):
            return None
    except filelock.Timeout:
        return _holder(root)
    except OSError:
        return None
