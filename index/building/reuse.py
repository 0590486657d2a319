"""Reuse of the generation in use by a new build."""

from collections.abc import Callable, Sequence
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ArchiveError, NoIndex
from index.retrieval.local_engine import LocalEngine
from index.storage.document_store import FileRecord, StoredDocument
from index.storage.generation import REUSABLE, Manifest
from index.storage.reading_rules import ReadingRules
from index.text import analyzer


class Previous:
    """The parts of the generation in use that are valid under today's rules and encoder.

    Documents are reused if their file has the same bytes, terms and vectors if a passage has the
    same text.
    """

    def __init__(
        self,
        engine: LocalEngine | None,
        rules: ReadingRules,
        encoder: str,
        reasons: Sequence[str] = (),
    ) -> None:
        """Compare the rules of an opened generation with `rules` and `encoder`.

        `reasons` say why an older generation is not used at all.
        """
        self.engine, self.rules = engine, rules
        manifest = engine.manifest if engine else None
        changed = rules.find_changed(manifest.reading) if manifest else []
        self.terms = bool(manifest and manifest.analyzer == analyzer.IDENTITY)
        self.vectors = bool(manifest and manifest.encoder == encoder)
        self.reasons = list(reasons)
        if changed is None:
            self.reasons.append("the rules of reading have changed: every file is read again")
        elif changed:
            self.reasons.append(f"read again by changed rules: all files of {', '.join(changed)}")
        if manifest and not self.terms:
            self.reasons.append("the analysis of words has changed: the index of words is new")
        if manifest and not self.vectors:
            self.reasons.append(
                f"the encoder was {manifest.encoder}, is {encoder}: every passage is encoded again"
            )

    @property
    def manifest(self) -> Manifest | None:
        """The generation's manifest, if there is one."""
        return self.engine.manifest if self.engine else None

    def find_unchanged(self, record: FileRecord) -> int:
        """Return the number of a file with the same name, place and bytes, or -1.

        A file that was skipped in whole or in part is always read again.
        """
        if self.engine is None or not (self.terms and self.vectors):
            return -1
        number, known = self._files.get((record.name, record.path), (-1, None))
        if known is None or known.problem or known.sha256 != record.sha256:
            return -1
        return number if known.reading and self._holds(known.reading) else -1

    def reading_of(self, record: FileRecord) -> str | None:
        """Return the signature of the rules by which this file was read."""
        return self._files[record.name, record.path][1].reading

    def documents_of(self, number: int) -> list[StoredDocument]:
        """Return the documents of the file with this number."""
        return self.engine.store.documents_of(number) if self.engine else []

    def find(self, key: bytes) -> int:
        """Return the number of a passage with this key, or -1."""
        if self.engine is None:
            return -1
        heads, order = self._keys
        wanted = np.frombuffer(key[:8], np.uint64)[0]
        place = int(np.searchsorted(heads, wanted))
        while place < len(heads) and heads[place] == wanted:
            number = int(order[place])
            if self.engine.table.rows[number : number + 1]["key"][0].tobytes() == key:
                return number
            place += 1
        return -1

    def close(self) -> None:
        """Close the generation."""
        if self.engine:
            self.engine.close()

    @cached_property
    def _holds(self) -> Callable[[str], bool]:
        """Whether the rules of a signature are today's; files share few signatures."""
        return cache(lambda reading: self.rules.find_changed(reading) == [])

    @cached_property
    def _files(self) -> dict[tuple[str, str], tuple[int, FileRecord]]:
        if self.engine is None:
            return {}
        files = self.engine.store.files()
        return {(record.name, record.path): (number, record) for number, record in files}

    @cached_property
    def _keys(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """The first halves of all keys, sorted, and their passages."""
        if self.engine is None:
            return np.empty(0, np.uint64), np.empty(0, np.int64)
        rows = self.engine.table.rows[:]
        heads = np.ascontiguousarray(rows["key"]).view(np.uint64)[::2]
        order = np.argsort(heads, kind="stable")
        return heads[order], order


def open_previous(root: Path, rules: ReadingRules, encoder: str, *, force: bool) -> Previous:
    """Open the generation in use, or return an empty one with the reason."""
    if force:
        return Previous(None, rules, encoder)
    try:
        return Previous(LocalEngine(root, formats=REUSABLE), rules, encoder)
    except NoIndex:
        return Previous(None, rules, encoder)
    except ArchiveError as error:
        return Previous(None, rules, encoder, (f"nothing is used again: {error.message}",))


def known_files(root: Path) -> dict[str, FileRecord]:
    """Return the files of the generation in use by their paths; none if it is unreadable."""
    try:
        engine = LocalEngine(root, formats=REUSABLE)
    except ArchiveError:
        return {}
    try:
        return {record.path: record for _, record in engine.store.files()}
    except ArchiveError:
        return {}
    finally:
        engine.close()
