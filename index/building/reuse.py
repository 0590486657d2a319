"""Reuse of the generation in use by a new build."""

from collections.abc import Callable, Sequence
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from corpus.errors import ArchiveError, NoIndex
from index.retrieval.local_engine import read_manifest
from index.retrieval.segments import Segment
from index.storage.contents import PLACE, Contents, Places, open_contents
from index.storage.document_store import FileRecord
from index.storage.generation import REUSABLE, Manifest, current
from index.storage.reading_rules import ReadingRules
from index.text import analyzer


class Previous:
    """The parts of the generation in use that are valid under today's rules and encoder.

    Documents are reused if their file has the same bytes, terms and vectors if a passage has the
    same text.
    """

    def __init__(
        self,
        folder: Path | None,
        rules: ReadingRules,
        encoder: str,
        reasons: Sequence[str] = (),
    ) -> None:
        """Open the generation in `folder`, and compare its rules with `rules` and `encoder`.

        `reasons` say why an older generation is not used at all. Raises DamagedIndex.
        """
        self.manifest: Manifest | None = None
        self.contents: Contents | None = None
        self.segments: list[Segment] = []
        if folder is not None:
            manifest = self.manifest = read_manifest(folder, REUSABLE)
            contents = self.contents = open_contents(folder, manifest)
            self.segments = [
                Segment(contents.open_segment(number), entry, manifest.dimension)
                for number, entry in enumerate(contents.segments)
            ]
        self.rules = rules
        self.terms = bool(self.manifest and self.manifest.analyzer == analyzer.IDENTITY)
        self.vectors = bool(self.manifest and self.manifest.encoder == encoder)
        self.reasons = list(reasons)
        if self.manifest is None:
            return
        if self.is_old:
            self.reasons.append("the index is of an older format: all of it is written again")
        changed = rules.find_changed(self.manifest.reading)
        if changed is None:
            self.reasons.append("the rules of reading have changed: every file is read again")
        elif changed:
            self.reasons.append(f"read again by changed rules: all files of {', '.join(changed)}")
        if not self.terms:
            self.reasons.append("the analysis of words has changed: the index of words is new")
        if not self.vectors:
            self.reasons.append(
                f"the encoder was {self.manifest.encoder}, is {encoder}: every passage is encoded "
                "again"
            )

    @property
    def is_old(self) -> bool:
        """Whether the generation has no segments that another may share."""
        return bool(self.manifest and not self.manifest.segments)

    @property
    def is_whole(self) -> bool:
        """Whether the generation is one segment without dead documents."""
        entries = [segment.entry for segment in self.segments]
        return [entry.documents for entry in entries] == [len(self.places)]

    @property
    def files(self) -> Sequence[FileRecord]:
        """The records of its files."""
        return self.contents.files if self.contents else ()

    @cached_property
    def places(self) -> Places:
        """The places of its documents."""
        return self.contents.places if self.contents else np.empty(0, PLACE)

    def find_unchanged(self, record: FileRecord) -> int:
        """Return the number of a file with the same name, place and bytes, or -1.

        A file that was skipped in whole or in part is always read again.
        """
        if not (self.terms and self.vectors):
            return -1
        number = self._numbers.get(record.path)
        if number is None:
            return -1
        known = self.files[number]
        if known.problem or (known.name, known.sha256) != (record.name, record.sha256):
            return -1
        return number if known.reading and self._holds(known.reading) else -1

    def find(self, key: bytes) -> tuple[int, int] | None:
        """Return the segment and number of a passage with this key, or None."""
        for number, segment in enumerate(self.segments):
            found = segment.keys.find(key)
            if found is not None:
                return number, found
        return None

    def close(self) -> None:
        """Close the generation."""
        for segment in self.segments:
            segment.close()

    @cached_property
    def _holds(self) -> Callable[[str], bool]:
        """Whether the rules of a signature are today's; files share few signatures."""
        return cache(lambda reading: self.rules.find_changed(reading) == [])

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {record.path: place for place, record in enumerate(self.files)}


def open_previous(root: Path, rules: ReadingRules, encoder: str, *, force: bool) -> Previous:
    """Open the generation in use, or return an empty one with the reason."""
    if force:
        return Previous(None, rules, encoder)
    try:
        return Previous(current(root), rules, encoder)
    except NoIndex:
        return Previous(None, rules, encoder)
    except ArchiveError as error:
        return Previous(None, rules, encoder, (f"nothing is used again: {error.message}",))


def known_files(root: Path) -> dict[str, FileRecord]:
    """Return the files of the generation in use by their paths; none if it is unreadable."""
    try:
        folder = current(root)
        contents = open_contents(folder, read_manifest(folder, REUSABLE))
        return {record.path: record for record in contents.files}
    except ArchiveError:
        return {}
