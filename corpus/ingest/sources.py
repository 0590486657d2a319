"""From files to documents: walk, read, name; what cannot be read is reported and skipped."""

import json
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.authority.names import FILE_NAME as AUTHORITY
from corpus.documents import Document, Problem, Provenance, hash_text
from corpus.errors import UnreadableSource
from corpus.ingest.recognition import HEAD_BYTES, may_be_readable, recognise
from corpus.readers import Reading

# A file larger than this is no document of an archive but a dump or an accident.
MAX_FILE_BYTES = 256 * 1024 * 1024

# What stands for a byte of a name that cannot be decoded.
_NO_CHARACTER = re.compile("[\ud800-\udfff]")

BUNDLED = "us-japan-1993-94"
# The file that says where the files of a folder were downloaded from.
DOWNLOADS = "downloads.json"
# What tells that a folder is an archive, and what is in it then that is no document of anybody's.
_ARCHIVE = {"build.lock", "generations"}
_ARCHIVES_OWN = _ARCHIVE | {
    *("CURRENT", "builder.json", "encoding", "models", "downloads", "sources.json", "engine.json"),
    *("receipts.sqlite", "discord.sqlite", "discord.sqlite-shm", "discord.sqlite-wal"),
}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: where it is, and its name within the folder that was asked for.

    `url` is the address that it was downloaded from. `ocr` are the languages in which pictures of
    pages are read, if they are.
    """

    path: str | Path
    name: str
    url: str | None = None
    ocr: str | None = None

    @property
    def label(self) -> str:
        """Where it is, or comes from, in a form that any terminal or database takes."""
        return self.url or printable(self.path)

    def state(self) -> tuple[int, int]:
        """Return its size in bytes and when it was modified, in nanoseconds.

        Raises UnreadableSource.
        """
        try:
            status = os.stat(self.path)  # noqa: PTH116 - a path as the system knows it
        except OSError as error:
            raise UnreadableSource(error.strerror or "the file cannot be read") from error
        return status.st_size, status.st_mtime_ns

    def fetch(self) -> bytes:
        """Return its bytes; raises UnreadableSource where they cannot be had or are of no use."""
        try:
            # Not to wait for whoever writes into a pipe, should the file be one by now.
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

    def read(self, data: bytes) -> Iterator[Document | Problem]:
        """Yield the documents that its bytes hold, and what of them could not be read and why."""
        # A question reads no file.
        from corpus.ingest.expansion import Opened
        from corpus.ingest.isolation import read_isolated

        yield from read_isolated(Opened(self.name, self.label, self.url, self.ocr), data)


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _too_large(size: int) -> UnreadableSource:
    return UnreadableSource(f"the file is too large ({size >> 20} MB)")


class DocIds:
    """Gives every document of an archive a name of its own."""

    def __init__(self) -> None:
        """Begin with no name taken."""
        self._taken: dict[str, str] = {}

    def take(self, doc_id: str, sha256: str) -> str | None:
        """Return the name for a document of this text; None where the archive has it already.

        Two texts of one name, from two folders, are told apart by their hash.
        """
        if self._taken.get(doc_id, sha256) != sha256:
            doc_id = f"{doc_id}-{sha256[:8]}"
        if doc_id in self._taken:
            return None
        self._taken[doc_id] = sha256
        return doc_id


def bundled_collection() -> Path:
    """Return the folder of the collection that ships with memcon."""
    return Path(__file__).parents[1] / "collections" / BUNDLED


def find_files(paths: Sequence[Path]) -> Iterator[SourceFile | Problem]:
    """Yield the files under `paths` in a stable order; what is not there or no file is a problem.

    Hidden files and folders are passed over, and so are a folder's own authority file and what
    memcon keeps in an archive. Links are
    followed to files inside the folder alone.
    """
    for path in paths:
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield SourceFile(path, _storable(path.name))
        else:
            yield Problem(
                printable(path), "no such file or folder" if not path.exists() else "not a file"
            )


def _walk(folder: Path) -> Iterator[SourceFile | Problem]:
    """Yield the files of a folder in the order of their names within it, holding few of them."""
    prefix = f"{folder.name}/" if folder == bundled_collection() else ""
    inside = os.path.realpath(folder)
    own = {AUTHORITY, DOWNLOADS}
    addresses = _addresses(folder)
    open_folders: list[Iterator[tuple[str, os.DirEntry[str]] | Problem]] = [_list(folder, "")]
    while open_folders:
        item = next(open_folders[-1], None)
        if item is None:
            open_folders.pop()
        elif isinstance(item, Problem):
            yield item
        elif not item[0].startswith(".") and item[0] not in own:
            name, entry = item
            if entry.is_dir(follow_symlinks=False):
                open_folders.append(_list(entry.path, name))
            elif problem := _find_fault(entry, inside):
                yield Problem(printable(entry.path), problem)
            else:
                yield SourceFile(entry.path, prefix + _storable(name), addresses.get(entry.name))


def _list(folder: str | Path, name: str) -> Iterator[tuple[str, os.DirEntry[str]] | Problem]:
    """Yield what is in a folder, with its path from the top, in the order of those paths."""
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if not entry.name.startswith(".")]
        if {entry.name for entry in found} >= _ARCHIVE:
            found = [entry for entry in found if entry.name not in _ARCHIVES_OWN]
    except OSError as error:
        yield Problem(printable(folder), error.strerror or "the folder cannot be read")
        return
    # "a-b" comes before "a/b".
    found.sort(key=lambda e: f"{e.name}/" if e.is_dir(follow_symlinks=False) else e.name)
    for entry in found:
        yield f"{name}/{entry.name}" if name else entry.name, entry


def _find_fault(entry: os.DirEntry[str], inside: str) -> str | None:
    """Return why something in a folder is no file to be read, or None."""
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
    """Return where the files of a folder of downloads came from, by their names."""
    try:
        known = json.loads((folder / DOWNLOADS).read_text("utf-8"))
        return {item["file"]: item["url"] for item in known}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def make_document(doc_id: str, source: str, reading: Reading) -> Document:
    """Return the document that a reading makes: its structure found, its text hashed."""
    # A question needs none of what finds structure, and it takes a while to load.
    from corpus.structure.detection import find_structure

    return Document(
        doc_id=doc_id,
        text=reading.text,
        provenance=_complete(reading.provenance, reading.text),
        structure=find_structure(
            reading.text,
            reading.headings,
            reading.turns,
            reading.boilerplate,
            reading.pages,
            reading.blocks,
        ),
        source=source,
        sha256=hash_text(reading.text),
    )


def _complete(provenance: Provenance, text: str) -> Provenance:
    """Return the provenance with the people it names in other places, and the text's language."""
    from corpus.languages import detect_language

    record = provenance.record
    named = dict.fromkeys([*provenance.people, *record.people])
    return replace(
        provenance,
        people=tuple(named),
        language=provenance.language or detect_language(text),
    )


def printable(path: str | Path) -> str:
    """Return a path in a form that any terminal or database takes, other bytes as "%E9"."""
    return _NO_CHARACTER.sub(lambda match: f"%{ord(match[0]) & 0xFF:02X}", str(path))


def plain(words: str) -> str:
    """Return words fit for one line of a terminal, and for a name that people type."""
    return "".join(char if char.isprintable() and char != " " else "_" for char in words)


def _storable(name: str) -> str:
    # Bytes that cannot be decoded come as surrogates, which no database takes.
    return _NO_CHARACTER.sub("_", name)
