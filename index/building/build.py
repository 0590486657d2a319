"""Building a generation: read, cut into passages, encode, write, check, swap in.

Only changed files are read and encoded; the rest is copied from the generation in use, which goes
on answering until the new one is complete.
"""

import datetime as dt
import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.authority.names import Authority, bundled_entries
from corpus.documents import Problem
from corpus.errors import DamagedIndex, NothingToIndex
from index.building.executor import LOCAL, Executor
from index.building.generation_writer import GenerationWriter
from index.building.lock import writing
from index.building.reuse import Previous, open_previous
from index.building.vector_journal import VectorJournal
from index.encoding.encoder import Encoder
from index.encoding.export import provide_model
from index.encoding.loading import load_encoder
from index.retrieval.local_engine import check_generation
from index.storage.checksummed import seal
from index.storage.generation import (
    Manifest,
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


def build_archive(
    root: Path,
    gathered: Inventory,
    *,
    model: str,
    cache: Path,
    progress: Progress,
    force: bool = False,
    executor: Executor = LOCAL,
) -> Built:
    """Build an index of the files and make it the archive's current one.

    Builds nothing if nothing has changed; `force` rebuilds everything. `cache` has exported models
    for all archives of this machine; `executor` reads and encodes.
    Raises NothingToIndex, ArchiveBusy, ArchiveUnwritable, ModelUnavailable, and UnreadableSource
    for the first problem of a strict inventory.
    """
    if not gathered.files:
        raise NothingToIndex(_nothing(gathered, gathered.problems))
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
        )
        previous = open_previous(root, work.rules, encoder.identity, force=force)
        try:
            old = previous.manifest
            same = old and (old.inventory, old.ocr) == (gathered.digest, gathered.ocr)
            if old and same and not (previous.reasons or (gathered.strict and old.skipped)):
                remove_journals(root)
                return Built(old, changed=False)
            if previous.engine:
                # A truncated B-tree would return fewer documents of a file.
                previous.engine.store.verify()
            return work.run(previous)
        except DamagedIndex as error:
            if previous.engine is None:
                raise
            reason = f"the index in use is damaged, nothing of it is used: {error.message}"
        finally:
            previous.close()
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

    def run(self, previous: Previous) -> Built:
        gathered, progress = self.gathered, self.progress
        name = next_name(self.root)
        journal_file, folder = journal_path(self.root, self.encoder), new_folder(self.root, name)
        authority = Authority([*bundled_entries(), *gathered.entries])
        with (
            VectorJournal(journal_file, self.encoder.settings.dimension) as journal,
            GenerationWriter(folder, previous, journal, authority) as writer,
        ):
            writer.read(gathered, progress, self.executor)
            if not writer.table.passages:
                raise NothingToIndex(_nothing(gathered, writer.problems))
            encoded = writer.encode(self.encoder, progress, self.executor)
            terms = writer.finish(progress)
        write_names(folder, authority.entries)
        progress.stage("checking the index")
        manifest = self._describe(name, folder, writer, terms)
        manifest.write(folder)
        check_generation(self.root, folder)
        progress.stage("putting it in use")
        publish(self.root, folder, manifest)
        remove_journals(self.root)
        return Built(manifest, True, writer.files_read, encoded, tuple(previous.reasons))

    def _describe(self, name: str, folder: Path, writer: GenerationWriter, terms: int) -> Manifest:
        settings = self.encoder.settings
        checksums = seal(folder)
        return Manifest(
            generation=name,
            built=dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            # Files that changed meanwhile must not count as unchanged later.
            inventory=self.gathered.digest if writer.is_unchanged else "",
            reading=writer.reading,
            analyzer=analyzer.IDENTITY,
            encoder=self.encoder.identity,
            encoder_name=self.names[0],
            model=self.names[1],
            agreement=settings.agreement,
            dimension=settings.dimension,
            files=writer.store.files,
            documents=writer.store.documents,
            passages=writer.table.passages,
            sentences=writer.table.sentences,
            terms=terms,
            date_from=writer.dates.first,
            date_to=writer.dates.last,
            sources=self.gathered.sources,
            skipped=sum(not problem.is_read for problem in writer.problems),
            size=sum(path.stat().st_size for path in folder.iterdir()),
            checksums=checksums,
            ocr=self.gathered.ocr,
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


def _nothing(gathered: Inventory, problems: Sequence[Problem]) -> str:
    where = ", ".join(gathered.sources) or "nowhere"
    reasons = "; ".join(f"{item.source}: {item.reason}" for item in problems[:3])
    return f"No document to index was found in {where}" + (f" ({reasons})." if reasons else ".")
