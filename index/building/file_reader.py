"""Reading the files of an inventory: changed ones are read, the others kept."""

from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from operator import itemgetter

from corpus.authority.names import Authority
from corpus.documents import Document, Problem
from corpus.ingest.sources import DocIds
from index.building.doc_ids import NewDocument
from index.building.executor import Executor, FileReading
from index.building.preparation import Prepared, prepare
from index.building.reuse import Previous
from index.building.segment_writer import SegmentWriter
from index.storage.document_store import FileRecord
from index.storage.inventory import Inventory, Progress, refuse


class FileReader:
    """Takes in the files of an inventory; call `read`, then `finish`."""

    def __init__(self, gathered: Inventory, previous: Previous, authority: Authority) -> None:
        """Compare the files with those of `previous`; `authority` has the names of speakers."""
        self._gathered, self._previous, self._authority = gathered, previous, authority
        # The number that each file had, or -1 for one that must be read.
        self.kept = [previous.find_unchanged(record) for _, record in gathered.files]
        self._records: list[FileRecord | None] = []
        self._problems: defaultdict[int, list[tuple[int, Problem]]] = defaultdict(list)
        self._ids = DocIds()
        # The documents that were read, and their names among themselves.
        self.new: list[NewDocument] = []
        self.names: list[str] = []
        self.files_read = 0
        # Whether every file is as the inventory has it.
        self.is_unchanged = True

    @property
    def is_idle(self) -> bool:
        """Whether there is no file to read."""
        return -1 not in self.kept

    def read(self, writer: SegmentWriter | None, progress: Progress, executor: Executor) -> None:
        """Read every changed file, and add its documents to `writer`."""
        files = list(zip(self._gathered.files, self.kept, strict=True))
        progress.stage("reading files", len(files))
        changed = (source for (source, _), number in files if number < 0)
        with closing(executor.read(changed, self._authority)) as readings:
            for (_, gathered), number in files:
                if number >= 0:
                    reading = self._previous.files[number].reading
                    same = (gathered.problem, gathered.reading) == (None, reading)
                    record = gathered if same else replace(gathered, problem=None, reading=reading)
                    self._records.append(record)
                elif writer is not None:
                    self._take_in(next(readings), gathered, writer)
                progress.advance(1)

    def drop(self, file: int, place: int, problem: Problem) -> None:
        """Report a document that the archive has already; `place` is its place in the file."""
        self._problems[file].append((place, problem))

    def finish(self) -> tuple[list[int], list[FileRecord], list[Problem]]:
        """Return the files taken in, by their places in the inventory, their records, and problems.

        The record of a file with a problem has it: such a file is read again by the next build.
        """
        problems = list(self._gathered.problems)
        taken, records = [], []
        for place, record in enumerate(self._records):
            found = [
                problem for _, problem in sorted(self._problems.get(place, ()), key=itemgetter(0))
            ]
            problems += found
            if record is not None:
                taken.append(place)
                records.append(replace(record, problem=found[-1].reason) if found else record)
        return taken, records, problems

    def _take_in(self, reading: FileReading, gathered: FileRecord, writer: SegmentWriter) -> None:
        """Add a file that was read, with its readable documents."""
        file, unread = len(self._records), None
        for place, item in enumerate(reading.items):
            if isinstance(item, Problem):
                self._problems[file].append((place, item))
                # A remark on a document that was read, or a duplicate, does not count as unread.
                unread = unread or (None if item.is_read else item)
            else:
                self._add(item, file, place, writer)
        if unread and self._gathered.strict:
            raise refuse(unread)
        if reading.record is None:
            # It was readable when the inventory was taken.
            self.is_unchanged = False
            self._records.append(None)
            return
        self.is_unchanged &= reading.record.sha256 == gathered.sha256
        signature = self._previous.rules.sign(reading.items.formats)
        self._records.append(replace(reading.record, reading=signature))
        self.files_read += 1

    def _add(self, item: Document | Prepared, file: int, place: int, writer: SegmentWriter) -> None:
        document = item.document if isinstance(item, Prepared) else item
        name = self._ids.take(document.doc_id, document.sha256)
        if name is None:
            self.drop(file, place, same_as(document.source, document.doc_id))
            return
        prepared = item if isinstance(item, Prepared) else prepare(item, self._authority)
        writer.add(prepared, name, self._previous)
        self.names.append(name)
        self.new.append(NewDocument(file, place, document.doc_id, document.sha256, document.source))


def same_as(source: str, own_id: str) -> Problem:
    """Return the problem of a document that the archive has already."""
    return Problem(source, f"the same as {own_id}")
