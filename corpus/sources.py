"""From files to documents: walk, read, name; what cannot be read is reported and skipped."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.documents import Document, Problem, Provenance, hash_text
from corpus.errors import UnreadableSource
from corpus.readers import READERS, Reading, find_reader
from corpus.structure import find_structure

# A text file larger than this is no document of an archive but a dump or an accident.
MAX_FILE_BYTES = 64 * 1024 * 1024

BUNDLED = "us-japan-1993-94"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: where it is, and its name within the folder that was asked for."""

    path: Path
    name: str


def bundled_collection() -> Path:
    """Return the folder of the collection that ships with memcon."""
    return Path(__file__).parent / "collections" / BUNDLED


def find_files(paths: Sequence[Path]) -> Iterator[SourceFile | Problem]:
    """Yield the files under `paths` in a stable order; what is not there or no file is a problem.

    Hidden files and folders are passed over, and so are links that lead out of a folder.
    """
    for path in paths:
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield SourceFile(path, path.name)
        else:
            yield Problem(
                str(path), "no such file or folder" if not path.exists() else "not a file"
            )


def _walk(folder: Path) -> Iterator[SourceFile | Problem]:
    prefix = f"{folder.name}/" if folder == bundled_collection() else ""
    inside = folder.resolve()
    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(root) / name for name in names if not name.startswith(".")]
    for path in sorted(found):
        name = prefix + path.relative_to(folder).as_posix()
        if not Path(os.path.realpath(path)).is_relative_to(inside):
            yield Problem(str(path), "a link that leads out of the folder")
        elif path.is_file():
            yield SourceFile(path, name)
        else:
            yield Problem(str(path), "not a file")


def read_sources(paths: Sequence[Path], problems: list[Problem]) -> Iterator[Document]:
    """Yield every document under `paths`; what cannot be read is appended to `problems`."""
    taken: dict[str, str] = {}
    for file in find_files(paths):
        if isinstance(file, Problem):
            problems.append(replace(file, source=_printable(file.source)))
            continue
        try:
            for document in read_file(file):
                doc_id = document.doc_id
                if taken.get(doc_id, document.sha256) != document.sha256:
                    # The same name from two folders: told apart by the text, in any order.
                    doc_id = f"{doc_id}-{document.sha256[:8]}"
                if doc_id in taken:
                    problems.append(
                        Problem(_printable(file.path), f"the same as {document.doc_id}")
                    )
                    continue
                taken[doc_id] = document.sha256
                yield replace(document, doc_id=doc_id)
        except UnreadableSource as error:
            problems.append(Problem(_printable(file.path), error.message))


def read_file(file: SourceFile) -> Iterator[Document]:
    """Yield the documents that one file holds.

    Raises UnreadableSource where there is no reader for it, or the reader cannot make sense of it.
    """
    reader = find_reader(file.name)
    if reader is None:
        known = ", ".join(sorted(READERS))
        raise UnreadableSource(f"memcon does not read this kind of file (it reads {known})")
    try:
        size = file.path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise UnreadableSource(f"the file is too large ({size // 2**20} MB)")
        data = file.path.read_bytes()
    except OSError as error:
        raise UnreadableSource(error.strerror or "the file cannot be read") from error
    for reading in reader(data):
        yield make_document(_name(file.name), _printable(file.path), reading)


def make_document(doc_id: str, source: str, reading: Reading) -> Document:
    """Return the document that a reading makes: its structure found, its text hashed."""
    return Document(
        doc_id=doc_id,
        text=reading.text,
        provenance=_complete(reading.provenance),
        structure=find_structure(reading.text, reading.headings),
        source=source,
        sha256=hash_text(reading.text),
    )


def _complete(provenance: Provenance) -> Provenance:
    """Return the provenance with the people it names in other places among its people."""
    record = provenance.record
    named = dict.fromkeys([*provenance.people, *record.people])
    return replace(provenance, people=tuple(named))


def _printable(path: Path | str) -> str:
    return str(path).encode("utf-8", "replace").decode()


def _name(name: str) -> str:
    """Return the doc_id of a file: its name without its suffix, fit for one line of a terminal."""
    stem = name.rsplit(".", 1)[0]
    # Undecodable bytes in a name come as surrogates, which no terminal or database takes.
    return "".join(char if char.isprintable() and char != " " else "_" for char in stem)
