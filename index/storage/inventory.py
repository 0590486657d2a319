"""The source files of an archive: as they are now, and what has changed since a build."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from corpus.authority.names import FILE_NAME as AUTHORITY
from corpus.authority.names import Entry, read_authority
from corpus.documents import Document, Problem
from corpus.errors import UnreadableSource
from corpus.ingest.sources import find_files
from index.storage.document_store import FileRecord
from index.storage.generation import own_files

# A file modified this shortly before it was read may have changed again with the same time: file
# systems count time in steps of up to two seconds. In nanoseconds.
_STEP = 2_000_000_000
_NO_TIME = -1


class Progress(Protocol):
    """Receives build progress."""

    def stage(self, name: str, total: int | None = None) -> None:
        """Report that a stage begins, and its number of steps if known."""

    def advance(self, steps: int) -> None:
        """Report that steps of the stage are done."""


class Files(Protocol):
    """Keeps the records of the files that an archive was made from."""

    def files(self) -> Iterator[tuple[int, FileRecord]]:
        """Yield the number and record of each file."""


class Source(Protocol):
    """A source of documents, such as a file."""

    @property
    def name(self) -> str:
        """Its name within its collection."""

    @property
    def label(self) -> str:
        """Its path or address."""

    def state(self) -> tuple[int, int]:
        """Return its size in bytes and modification time in nanoseconds."""

    def fetch(self) -> bytes:
        """Return its bytes; raises UnreadableSource."""

    def read(self, data: bytes) -> Generator[Document | Problem, None, Collection[str] | None]:
        """Yield the documents in its bytes, and a problem for each part that cannot be read.

        Returns the formats that it was read as, None if no reader was used. Raises UnreadableSource
        if nothing can be read.
        """


@dataclass(frozen=True)
class Inventory:
    """The files of an archive as they are now, the paths searched for them, and what was skipped.

    `entries` are the persons and subjects of the archive's own authority files; `ocr` the languages
    in which to read pictures of pages, None for not at all. If `strict`, the first problem is an
    error.
    """

    files: tuple[tuple[Source, FileRecord], ...]
    sources: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    entries: tuple[Entry, ...] = ()
    ocr: str | None = None
    strict: bool = False

    @cached_property
    def digest(self) -> str:
        """The hash of all this except times: the same if nothing has changed."""
        known = [
            self.sources,
            [(record.name, record.path, record.sha256) for _, record in self.files],
            [(problem.source, problem.reason) for problem in self.problems],
            repr(self.entries),
        ]
        return hashlib.sha256(json.dumps(known).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Changes:
    """Numbers of files added, altered and removed since a build."""

    added: int = 0
    altered: int = 0
    removed: int = 0

    def __bool__(self) -> bool:
        """Return whether anything has changed."""
        return bool(self.added or self.altered or self.removed)

    def __str__(self) -> str:
        counts = {"added": self.added, "altered": self.altered, "removed": self.removed}
        return ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "none"


def gather(
    paths: Sequence[Path],
    progress: Progress,
    known: Mapping[str, FileRecord] | None = None,
    *,
    ocr: str | None = None,
    strict: bool = False,
) -> Inventory:
    """List every file under `paths`, in the order of their names.

    `known` are the records of an earlier build by path: a file of the same size and time counts as
    unchanged and is not read. `ocr` are the languages in which to read pictures of pages, None for
    not at all. If `strict`, raises UnreadableSource for the first problem.
    """
    progress.stage("looking at files")
    # Files are known by absolute paths: the working directory may differ next time.
    paths = [path.resolve() for path in paths]
    found: list[Source] = []
    problems = []
    for item in find_files(paths, own_files):
        if isinstance(item, Problem):
            problems.append(item)
        else:
            found.append(replace(item, ocr=ocr) if ocr else item)
    sources = tuple(map(str, paths))
    found.sort(key=lambda source: source.name)
    if any(one.name == other.name for one, other in pairwise(found)):
        found.sort(key=lambda source: (source.name, source.label))
    entries = _entries(paths, problems)
    gathered = survey(found, sources, problems, progress, known)
    if strict:
        for problem in problems:
            raise refuse(problem)
    return replace(gathered, entries=entries, ocr=ocr, strict=strict)


def refuse(problem: Problem) -> UnreadableSource:
    """Return a problem as the error that ends a strict build."""
    return UnreadableSource(
        f"{problem.source}: {problem.reason}. With --strict, nothing is indexed then.",
        "memcon index build",
    )


def _entries(paths: Sequence[Path], problems: list[Problem]) -> tuple[Entry, ...]:
    """Read the authority files at the top of the folders."""
    found: list[Entry] = []
    for path in (folder / AUTHORITY for folder in paths):
        try:
            found += read_authority(path.read_text("utf-8"), str(path))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, UnicodeDecodeError, UnreadableSource) as error:
            problems.append(Problem(str(path), str(error)))
    return tuple(found)


def survey(
    found: Sequence[Source],
    sources: tuple[str, ...],
    problems: list[Problem],
    progress: Progress,
    known: Mapping[str, FileRecord] | None = None,
) -> Inventory:
    """Return the sources with the hash of each; those that cannot be read become problems."""
    files = []
    for source in found:
        try:
            state = source.state()
            before = known.get(source.label) if known else None
            if before and (before.name, before.size, before.modified) == (source.name, *state):
                files.append((source, replace(before, problem=None) if before.problem else before))
            else:
                files.append((source, make_record(source, source.fetch(), state)))
        except UnreadableSource as error:
            problems.append(Problem(source.label, error.message))
        progress.advance(1)
    return Inventory(tuple(files), sources, tuple(problems))


def make_record(
    source: Source, data: bytes, state: tuple[int, int], problem: str | None = None
) -> FileRecord:
    """Return the record of a source, given its state just before its bytes were read."""
    size, modified = state
    if modified > time.time_ns() - _STEP:
        modified = _NO_TIME
    sha256 = hashlib.sha256(data).hexdigest()
    return FileRecord(source.name, source.label, size, modified, sha256, problem)


def find_changes(store: Files, sources: Sequence[str]) -> Changes:
    """Count the changes in the source files since they were read."""
    return count_changes(list_changes(store, sources))


def count_changes(changes: Iterable[tuple[str, str]]) -> Changes:
    """Count the changes of each kind."""
    counted = Counter(change for change, _ in changes)
    return Changes(counted["added"], counted["altered"], counted["removed"])


def list_changes(store: Files, sources: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield "added", "altered" or "removed" and the path, for each file that has changed.

    A file of the same size and time counts as unchanged; any other is compared by its bytes.
    """
    known = {record.path: record for _, record in store.files()}
    for item in find_files([Path(source) for source in sources], own_files):
        if isinstance(item, Problem):
            continue
        record = known.pop(item.label, None)
        try:
            if record is None:
                item.fetch()
                yield "added", item.label
            elif (
                item.state() != (record.size, record.modified)
                and hashlib.sha256(item.fetch()).hexdigest() != record.sha256
            ):
                yield "altered", item.label
        except UnreadableSource:
            # A file that was unreadable before is not a change.
            if record is not None:
                yield "altered", item.label
    for path in known:
        yield "removed", path
