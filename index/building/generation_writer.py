"""Writing a generation: what is new goes into a segment, and what is unchanged stays in others."""

from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.authority.names import Authority
from corpus.documents import Problem
from corpus.errors import NothingToIndex
from index.building.draft import Draft, make_draft
from index.building.executor import Executor
from index.building.file_reader import FileReader
from index.building.merging import choose, is_ascending, merge
from index.building.reuse import Previous
from index.building.segment_writer import SegmentWriter
from index.building.statistics import (
    count_gone,
    count_sentences,
    count_terms,
    find_days,
    passage_counts,
)
from index.building.vector_journal import VectorJournal
from index.encoding.encoder import Encoder
from index.retrieval.local_engine import check_segment
from index.retrieval.segments import Segment
from index.storage.checksummed import Sealed
from index.storage.contents import NONE_GONE, Gone, Places, SegmentEntry, write_contents
from index.storage.generation import SEGMENTS, new_folder, publish_segment
from index.storage.inventory import Inventory, Progress

# Which documents of a generation.
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Written:
    """The counts of a generation that was written.

    `read` counts the files that were read, `encoded` the passages that were encoded; `is_complete`
    is whether every file was as the inventory has it.
    """

    segments: tuple[SegmentEntry, ...]
    files: int
    documents: int
    passages: int
    sentences: int
    terms: int
    days: tuple[str | None, str | None]
    reading: str
    skipped: int
    read: int
    encoded: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class GenerationWriter:
    """Writes a generation into `folder`, and its new segment under `name` into place.

    `authority` has the names of speakers.
    """

    root: Path
    folder: Path
    name: str
    previous: Previous
    authority: Authority
    progress: Progress

    def write(
        self,
        gathered: Inventory,
        encoder: Encoder,
        journal: VectorJournal,
        executor: Executor,
        *,
        merge_all: bool = False,
    ) -> Written:
        """Read and encode what is new, and write; with `merge_all`, everything into one segment.

        Raises NothingToIndex, and UnreadableSource for the first problem of a strict inventory.
        """
        previous = self.previous
        reader = FileReader(gathered, previous, self.authority)
        with ExitStack() as opened:
            encoded, read = self._read(reader, encoder, journal, executor)
            segments = [*previous.segments, *read]
            for segment in read:
                opened.callback(segment.close)
            draft = make_draft(reader, previous)
            taken, files, problems = reader.finish()
            passages = int(passage_counts(draft.places, segments).sum())
            if not passages:
                raise NothingToIndex(nothing_found(gathered, problems))
            new = draft.places[draft.places["segment"] == len(previous.segments)]
            sentences = count_sentences(new, segments) - count_sentences(draft.removed, segments)
            if previous.manifest:
                sentences += previous.manifest.sentences
            days = find_days(draft.places, segments)
            moved = self._choose(draft, segments, merge_all=merge_all)
            built = self._merge(draft, moved, segments) if moved.any() else None
            if built:
                opened.callback(built.close)
            elif len(new):
                moved = draft.places["segment"] == len(previous.segments)
                built = read[0]
            if built and moved.all():
                terms = built.entry.terms
            else:
                terms = self._count_terms(draft, segments)
            if built:
                self.progress.stage("checking the index")
                check_segment(built)
        if built:
            publish_segment(self.root, built.sealed.folder, self.name)
        places, entries, gone = self._settle(draft.places, moved, built)
        # Files that were not taken in have no number.
        places["file"] = np.searchsorted(taken, places["file"])
        write_contents(self.folder, entries, places, gone, files, problems)
        readings = {record.reading or "" for record in files}
        return Written(
            segments=tuple(entries),
            files=len(files),
            documents=len(places),
            passages=passages,
            sentences=sentences,
            terms=terms,
            days=days,
            reading=" ".join(sorted({each for reading in readings for each in reading.split()})),
            skipped=sum(not problem.is_read for problem in problems),
            read=reader.files_read,
            encoded=encoded,
            is_complete=reader.is_unchanged,
        )

    def _count_terms(self, draft: Draft, segments: Sequence[Segment]) -> int:
        """Return the number of different terms."""
        manifest, contents = self.previous.manifest, self.previous.contents
        before, gone = (manifest.terms, contents.gone) if manifest and contents else (0, ())
        return count_terms(before, gone, draft.places, draft.removed, segments)

    def _merge(self, draft: Draft, moved: Mask, segments: Sequence[Segment]) -> Segment:
        """Write the moved documents as one segment."""
        folder = new_folder(self.root, self.name, SEGMENTS)
        order = np.cumsum(moved) - 1
        renamed = {int(order[place]): name for place, name in draft.renamed.items()}
        arguments = (draft.places[moved], renamed, self.authority, self.progress)
        entry = merge(folder, self.name, segments, *arguments)
        return Segment(Sealed(folder, entry.checksums), entry, segments[0].dimension)

    def _settle(
        self, places: Places, moved: Mask, built: Segment | None
    ) -> tuple[Places, list[SegmentEntry], list[Gone]]:
        """Return the places of documents in the segments that remain and in `built`."""
        entries: list[SegmentEntry] = []
        gone: list[Gone] = []
        settled = places.copy()
        for number, segment in enumerate(self.previous.segments):
            held = (places["segment"] == number) & ~moved
            if held.any():
                entry, dead = self._keep(number, segment, places["document"][held])
                settled["segment"][held] = len(entries)
                entries.append(entry)
                gone.append(dead)
        if built:
            settled["segment"][moved] = len(entries)
            settled["document"][moved] = np.arange(moved.sum())
            entries.append(built.entry)
            gone.append(NONE_GONE)
        return settled, entries, gone

    def _read(
        self, reader: FileReader, encoder: Encoder, journal: VectorJournal, executor: Executor
    ) -> tuple[int, list[Segment]]:
        """Read changed files into a segment; returns the number of passages that were encoded."""
        if reader.is_idle:
            reader.read(None, self.progress, executor)
            return 0, []
        folder = new_folder(self.root, f"{self.name}-read", SEGMENTS)
        with SegmentWriter(folder, self.previous.segments) as writer:
            reader.read(writer, self.progress, executor)
            if not writer.documents:
                return 0, []
            encoded = writer.encode(journal, encoder, self.progress, executor)
            self.progress.stage("writing the index")
            entry = writer.finish(self.name, journal)
        sealed = Sealed(folder, entry.checksums)
        return encoded, [Segment(sealed, entry, encoder.settings.dimension)]

    def _choose(self, draft: Draft, segments: Sequence[Segment], *, merge_all: bool) -> Mask:
        """Return which documents are written again, as one segment; none if all can stay."""
        places, old = draft.places, len(self.previous.segments)
        passages = passage_counts(places, segments)
        live = [int(passages[places["segment"] == number].sum()) for number in range(len(segments))]
        stored = [segment.entry.passages for segment in segments]
        everything = range(old) if merge_all or self.previous.is_old else ()
        unordered = [number for number in range(old) if not is_ascending(places, number)]
        chosen = choose(live[:old], stored[:old], sum(live[old:]), {*everything, *unordered})
        moved = np.isin(places["segment"], [*chosen])
        moved[[*draft.renamed]] = True
        new = places["segment"] == old
        if moved.any() or new.sum() < sum(segment.entry.documents for segment in segments[old:]):
            moved |= new
        return moved

    def _keep(
        self, number: int, segment: Segment, documents: NDArray[np.int32]
    ) -> tuple[SegmentEntry, Gone]:
        """Return the entry of a segment with these documents, and the terms of the others."""
        before = self.previous.places
        live = before["document"][before["segment"] == number]
        dead = np.setdiff1d(live, documents, assume_unique=True)
        gone = self.previous.contents.gone[number] if self.previous.contents else NONE_GONE
        if not len(dead):
            return segment.entry, gone
        gone, words = count_gone(segment, dead, gone)
        entry = segment.entry
        return replace(entry, length=entry.length - words, gone=len(gone.terms)), gone


def nothing_found(gathered: Inventory, problems: Collection[Problem]) -> str:
    """Return the message for an inventory without any document."""
    where = ", ".join(gathered.sources) or "nowhere"
    reasons = "; ".join(f"{item.source}: {item.reason}" for item in [*problems][:3])
    return f"No document to index was found in {where}" + (f" ({reasons})." if reasons else ".")
