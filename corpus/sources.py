"""From files to documents: walk, read, name; what cannot be read is reported and skipped."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.authority import FILE_NAME as AUTHORITY
from corpus.documents import Document, Problem, Provenance, hash_text
from corpus.errors import UnreadableSource
from corpus.readers import READERS, Reading, Skipped, find_reader, is_readable

# A text file larger than this is no document of an archive but a dump or an accident.
MAX_FILE_BYTES = 64 * 1024 * 1024

BUNDLED = "us-japan-1993-94"
# The file that says where the files of a folder were downloaded from.
DOWNLOADS = "downloads.json"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: where it is, and its name within the folder that was asked for.

    `url` is the address that it was downloaded from.
    """

    path: Path
    name: str
    url: str | None = None

    @property
    def label(self) -> str:
        """Where it is, or comes from, in a form that any terminal or database takes."""
        return self.url or _printable(self.path)

    def state(self) -> tuple[int, int]:
        """Return its size in bytes and when it was modified, in nanoseconds.

        Raises UnreadableSource.
        """
        try:
            status = self.path.stat()
        except OSError as error:
            raise UnreadableSource(error.strerror or "the file cannot be read") from error
        return status.st_size, status.st_mtime_ns

    def fetch(self) -> bytes:
        """Return its bytes; raises UnreadableSource where they cannot be had or are of no use."""
        if not is_readable(self.name):
            known = ", ".join(sorted(READERS))
            raise UnreadableSource(f"memcon does not read this kind of file (it reads {known})")
        size, _ = self.state()
        if size > MAX_FILE_BYTES:
            raise UnreadableSource(f"the file is too large ({size // 2**20} MB)")
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise UnreadableSource(error.strerror or "the file cannot be read") from error

    def read(self, data: bytes) -> Iterator[Document | Problem]:
        """Yield the documents that its bytes hold, and what of them could not be read.

        Raises UnreadableSource where the reader cannot make sense of them.
        """
        reader = find_reader(self.name)
        if reader is not None:
            for reading in reader(data):
                if isinstance(reading, Skipped):
                    yield Problem(f"{self.label}: {_printable(reading.name)}", reading.reason)
                    continue
                name = _name(self.name) + (f"/{_plain(reading.name)}" if reading.name else "")
                document = make_document(name, self.label, reading)
                if self.url and not document.provenance.url:
                    provenance = replace(document.provenance, url=self.url)
                    document = replace(document, provenance=provenance)
                yield document


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
    return Path(__file__).parent / "collections" / BUNDLED


def find_files(paths: Sequence[Path]) -> Iterator[SourceFile | Problem]:
    """Yield the files under `paths` in a stable order; what is not there or no file is a problem.

    Hidden files and folders are passed over, and so are links that lead out of a folder and a
    folder's own authority file.
    """
    for path in paths:
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield SourceFile(path, path.name)
        else:
            yield Problem(
                _printable(path), "no such file or folder" if not path.exists() else "not a file"
            )


def _walk(folder: Path) -> Iterator[SourceFile | Problem]:
    prefix = f"{folder.name}/" if folder == bundled_collection() else ""
    inside = folder.resolve()
    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(root) / name for name in names if not name.startswith(".")]
    addresses = _addresses(folder)
    for path in sorted(found):
        if path in {folder / AUTHORITY, folder / DOWNLOADS}:
            continue
        name = prefix + path.relative_to(folder).as_posix()
        if not Path(os.path.realpath(path)).is_relative_to(inside):
            yield Problem(_printable(path), "a link that leads out of the folder")
        elif path.is_file():
            yield SourceFile(path, name, addresses.get(path.name))
        else:
            yield Problem(_printable(path), "not a file")


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
    from corpus.structure import find_structure

    return Document(
        doc_id=doc_id,
        text=reading.text,
        provenance=_complete(reading.provenance, reading.text),
        structure=find_structure(
            reading.text, reading.headings, reading.turns, reading.boilerplate, reading.pages
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


def _printable(path: Path | str) -> str:
    return str(path).encode("utf-8", "replace").decode()


def _name(name: str) -> str:
    """Return the doc_id of a file: its name without its suffix, fit for one line of a terminal."""
    return _plain(name.rsplit(".", 1)[0])


def _plain(words: str) -> str:
    # Undecodable bytes in a name come as surrogates, which no terminal or database takes.
    return "".join(char if char.isprintable() and char != " " else "_" for char in words)
