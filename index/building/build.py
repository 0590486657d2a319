"""Building a generation: read, cut into passages, encode, write, check, swap in.

Only changed files are read and encoded, into a new segment; all else stays in the segments that it
is in. The generation in use goes on answering until the new one is complete.
"""

import datetime as dt
import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from corpus.authority.names import Authority, bundled_entries
from corpus.errors import DamagedIndex, NothingToIndex
from index.building.executor import LOCAL, Executor
from index.building.generation_writer import GenerationWriter, Written, nothing_found
from index.building.lock import writing
from index.building.reuse import Previous, open_previous
from index.building.vector_journal import VectorJournal
from index.encoding.encoder import Encoder
from index.encoding.export import provide_model
from index.encoding.loading import load_encoder
from index.retrieval.local_engine import LocalEngine, check_counts, check_generation
from index.storage.checksummed import seal
from index.storage.generation import (
    SEGMENTS,
    Manifest,
    clear_leftovers,
    generations,
    new_folder,
    next_name,
    previous_name,
    publish,
    switch,
)
from index.storage.inventory import Inventory, Progress
from index.storage.reading_rules import ReadingRules
from index.text import analyzer
from index.understanding.names import write_names


@dataclass(frozen=True, slots=True)
class Built:
    """The result of a build; `changed` is False if the index was up to date.

    `read` counts new or changed files, `encoded` such passages; `reasons` say why parts of the
    generation in use could not be copied.
    """

    manifest: Manifest
    changed: bool
    read: int = 0
    encoded: int = 0
    reasons: tuple[str, ...] = ()


def build_archive(  # noqa: PLR0913 - options by name
    root: Path,
    gathered: Inventory,
    *,
    model: str,
    cache: Path,
    progress: Progress,
    force: bool = False,
    merge_all: bool = False,
    executor: Executor = LOCAL,
) -> Built:
    """Build an index of the files and make it the archive's current one.

    Builds nothing if nothing has changed; `force` rebuilds everything, `merge_all` merges all
    segments into one. `cache` has exported models for all archives of this machine; `executor`
    reads and encodes.
    Raises NothingToIndex, ArchiveBusy, ArchiveUnwritable, ModelUnavailable, and UnreadableSource
    for the first problem of a strict inventory.
    """
    if not gathered.files:
        raise NothingToIndex(nothing_found(gathered, gathered.problems))
    with writing(root):
        exported = provide_model(model, root / "models", cache, progress.stage)
        encoder = load_encoder(exported)
        work = _Build(
            root,
            gathered,
            encoder,
            (model, exported.name),
            ReadingRules(gathered.entries, gathered.ocr),
            progress,
            executor,
            merge_all,
        )
        previous = open_previous(root, work.rules, encoder.identity, force=force)
        try:
            old = previous.manifest
            same = old and (old.inventory, old.ocr) == (gathered.digest, gathered.ocr)
            again = previous.reasons or (gathered.strict and old and old.skipped)
            if old and same and not (again or (merge_all and not previous.is_whole)):
                remove_journals(root)
                return Built(old, changed=False)
            return work.run(previous)
        except DamagedIndex as error:
            if previous.manifest is None:
                raise
            reason = f"the index in use is damaged, nothing of it is used: {error.message}"
        finally:
            previous.close()
        clear_leftovers(root)
        return work.run(Previous(None, work.rules, encoder.identity, (reason,)))


@dataclass(frozen=True, slots=True)
class _Build:
    """One build; `names` are the model's name as given, and that of its folder."""

    root: Path
    gathered: Inventory
    encoder: Encoder
    names: tuple[str, str]
    rules: ReadingRules
    progress: Progress
    executor: Executor
    merge_all: bool

    def run(self, previous: Previous) -> Built:
        gathered, progress = self.gathered, self.progress
        name = next_name(self.root)
        journal_file, folder = journal_path(self.root, self.encoder), new_folder(self.root, name)
        authority = Authority([*bundled_entries(), *gathered.entries])
        writer = GenerationWriter(self.root, folder, name, previous, authority, progress)
        with VectorJournal(journal_file, self.encoder.settings.dimension) as journal:
            written = writer.write(
                gathered, self.encoder, journal, self.executor, merge_all=self.merge_all
            )
        write_names(folder, authority.entries)
        manifest = self._describe(name, folder, written)
        manifest.write(folder)
        engine = LocalEngine(self.root, folder)
        try:
            check_counts(engine)
        finally:
            engine.close()
        progress.stage("putting it in use")
        publish(self.root, folder, manifest)
        remove_journals(self.root)
        return Built(manifest, True, written.read, written.encoded, tuple(previous.reasons))

    def _describe(self, name: str, folder: Path, written: Written) -> Manifest:
        settings, segments = self.encoder.settings, written.segments
        checksums = seal(folder)
        folders = [folder, *(self.root / SEGMENTS / segment.name for segment in segments)]
        return Manifest(
            generation=name,
            built=dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            # Files that changed meanwhile must not count as unchanged later.
            inventory=self.gathered.digest if written.is_complete else "",
            reading=written.reading,
            analyzer=analyzer.IDENTITY,
            encoder=self.encoder.identity,
            encoder_name=self.names[0],
            model=self.names[1],
            agreement=settings.agreement,
            dimension=settings.dimension,
            files=written.files,
            documents=written.documents,
            passages=written.passages,
            sentences=written.sentences,
            terms=written.terms,
            date_from=written.days[0],
            date_to=written.days[1],
            sources=self.gathered.sources,
            skipped=written.skipped,
            size=sum(path.stat().st_size for each in folders for path in each.iterdir()),
            checksums=checksums,
            ocr=self.gathered.ocr,
            segments=tuple(segment.name for segment in segments),
        )


def roll_back(root: Path, generation: str | None = None) -> Manifest:
    """Check an older generation and put it back in use, by default the one before the current.

    Raises UsageError if it does not exist, DamagedIndex if it is damaged, ArchiveBusy.
    """
    with writing(root):
        name = generation or previous_name(root)
        folder = root / "generations" / name
        if folder in generations(root):
            check_generation(root, folder)
        switch(root, name)
        return Manifest.read(folder)


def journal_path(root: Path, encoder: Encoder) -> Path:
    """Return the path of the journal of unfinished builds with this encoder."""
    identity = hashlib.sha256(encoder.identity.encode()).hexdigest()
    return root / "encoding" / f"{identity[:16]}.bin"


def remove_journals(root: Path) -> None:
    """Remove the journals of unfinished builds."""
    shutil.rmtree(root / "encoding", ignore_errors=True)
