"""Finds the files to read, and reads them; a file that cannot be read is reported and skipped."""

import json
import os
import stat
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.authority.names import FILE_NAME as AUTHORITY
from corpus.documents import Document, Problem
from corpus.errors import UnreadableSource
from corpus.ingest.file_names import printable, storable
from corpus.ingest.recognition import HEAD_BYTES, may_be_readable, recognise

# A larger file is a dump or an accident, not a document.
MAX_FILE_BYTES = 256 * 1024 * 1024

BUNDLED = "us-japan-1993-94"
# Lists the addresses that the files of a folder were downloaded from.
DOWNLOADS = "downloads.json"

# Takes the names in a folder and returns those to leave out.
LeaveOut = Callable[[Collection[str]], Collection[str]]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: its path, and its name within the folder that was given.

    `url` is the address that it was downloaded from; `ocr` the languages in which to read pictures
    of pages, None for not at all.
    """

    path: str | Path
    name: str
    url: str | None = None
    ocr: str | None = None

    @property
    def label(self) -> str:
        """Its address or path, in a form that any terminal or database takes."""
        return self.url or printable(self.path)

    def state(self) -> tuple[int, int]:
        """Return its size in bytes and modification time in nanoseconds.

        Raises UnreadableSource.
        """
        try:
            status = os.stat(self.path)  # noqa: PTH116 - a path as the system knows it
        except OSError as error:
            raise UnreadableSource(error.strerror or "the file cannot be read") from error
        return status.st_size, status.st_mtime_ns

    def fetch(self) -> bytes:
        """Return its bytes; raises UnreadableSource, also for a kind that memcon does not read."""
        try:
            # Do not wait for a writer if the file has become a pipe.
            with open(self.path, "rb", opener=_open_at_once) as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise UnreadableSource("not a file")
                head = file.read(HEAD_BYTES)
                if not may_be_readable(self.name, head):
                    recognise(self.name, head)
                if status.st_size > MAX_FILE_BYTES:
                    raise _too_large(status.st_size)
                data = head + file.read(MAX_FILE_BYTES + 1 - len(head))
        except OSError as error:
            raise UnreadableSource(error.strerror or "the file cannot be read") from error
        if len(data) > MAX_FILE_BYTES:
            raise _too_large(len(data))
        return data

    def read(self, data: bytes) -> Generator[Document | Problem, None, Collection[str]]:
        """Yield the documents in its bytes, and a problem for each part that cannot be read.

        Returns the formats that it was read as, by their suffixes.
        """
        # Slow to import, and a question reads no file.
        from corpus.ingest.expansion import Opened
        from corpus.ingest.isolation import read_isolated

        return (yield from read_isolated(Opened(self.name, self.label, self.url, self.ocr), data))


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _too_large(size: int) -> UnreadableSource:
    return UnreadableSource(f"the file is too large ({size >> 20} MB)")


class DocIds:
    """Gives each document of an archive a unique name."""

    def __init__(self) -> None:
        """Start with no name taken."""
        self._taken: dict[str, str] = {}

    @staticmethod
    def names(doc_id: str, sha256: str) -> tuple[str, str]:
        """Return the names that a document with this text may get."""
        return doc_id, f"{doc_id}-{sha256[:8]}"

    def take(self, doc_id: str, sha256: str) -> str | None:
        """Return the name for a document with this text; None if the archive has it already.

        A different text of the same name, from another folder, has its hash added.
        """
        own, with_hash = self.names(doc_id, sha256)
        doc_id = own if self._taken.get(own, sha256) == sha256 else with_hash
        if doc_id in self._taken:
            return None
        self._taken[doc_id] = sha256
        return doc_id


def bundled_collection() -> Path:
    """Return the folder of the bundled collection."""
    return Path(__file__).parents[1] / "collections" / BUNDLED


def find_files(
    paths: Sequence[Path], leave_out: LeaveOut = lambda _: ()
) -> Iterator[SourceFile | Problem]:
    """Yield the files under `paths` in a stable order; anything else there is a problem.

    Hidden files and folders, a folder's own authority file and what `leave_out` names are passed
    over. Links are followed only to files inside the folder.
    """
    for path in paths:
        if path.is_dir():
            yield from _walk(path, leave_out)
        elif path.is_file():
            yield SourceFile(path, storable(path.name))
        else:
            yield Problem(
                printable(path), "no such file or folder" if not path.exists() else "not a file"
            )


def _walk(folder: Path, leave_out: LeaveOut) -> Iterator[SourceFile | Problem]:
    """Yield the files of a folder in the order of their names within it, keeping few in memory."""
    prefix = f"{folder.name}/" if folder == bundled_collection() else ""
    inside = os.path.realpath(folder)
    addresses = _addresses(folder)
    open_folders = [_list(folder, "", leave_out)]
    while open_folders:
        item = next(open_folders[-1], None)
        if item is None:
            open_folders.pop()
        elif isinstance(item, Problem):
            yield item
        elif item[0] not in {AUTHORITY, DOWNLOADS}:
            name, entry = item
            if entry.is_dir(follow_symlinks=False):
                open_folders.append(_list(entry.path, name, leave_out))
            elif problem := _find_fault(entry, inside):
                yield Problem(printable(entry.path), problem)
            else:
                yield SourceFile(entry.path, prefix + storable(name), addresses.get(entry.name))


def _list(
    folder: str | Path, name: str, leave_out: LeaveOut
) -> Iterator[tuple[str, os.DirEntry[str]] | Problem]:
    """Yield the entries of a folder with their paths from the top, in the order of those paths."""
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        yield Problem(printable(folder), error.strerror or "the folder cannot be read")
        return
    unwanted = leave_out({entry.name for entry in found})
    found = [entry for entry in found if entry.name not in unwanted]
    # "a-b" comes before "a/b".
    found.sort(key=lambda e: f"{e.name}/" if e.is_dir(follow_symlinks=False) else e.name)
    for entry in found:
        yield f"{name}/{entry.name}" if name else entry.name, entry


def _find_fault(entry: os.DirEntry[str], inside: str) -> str | None:
    """Return why an entry of a folder is not a file to read, or None."""
    try:
        if entry.is_symlink():
            target = os.path.realpath(entry.path)
            if os.path.commonpath([target, inside]) != inside:
                return "a link that leads out of the folder"
            if os.path.isdir(target):  # noqa: PTH112 - a path as the system knows it
                return "a link to a folder, which is not followed"
        return None if entry.is_file() else "not a file"
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or "the file cannot be read"


def _addresses(folder: Path) -> dict[str, str]:
    """Return the addresses that the files of a folder were downloaded from, by their names."""
    try:
        known = json.loads((folder / DOWNLOADS).read_text("utf-8"))
        return {item["file"]: item["url"] for item in known}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
