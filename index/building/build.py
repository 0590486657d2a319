"""Building a generation: read, cut into passages, encode, write aside, check, swap in.

Only what has changed is read and encoded; everything else is copied from the generation in use,
which goes on answering until the new one is whole.
"""

import datetime as dt
import hashlib
import json
import os
import shutil
import socket
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock

from corpus.authority.names import Authority, bundled_entries
from corpus.documents import Problem
from corpus.errors import ArchiveBusy, ArchiveUnwritable, DamagedIndex, NothingToIndex
from index.building.executor import LOCAL, Executor
from index.building.generation_writer import GenerationWriter
from index.building.reuse import Previous, open_previous
from index.building.vector_journal import VectorJournal
from index.encoding.encoder import Encoder
from index.encoding.export import provide_model
from index.milvus.address import Cluster, Published
from index.milvus.connection import check_reachable
from index.retrieval.local_engine import check_generation
from index.storage.checksummed import seal
from index.storage.generation import (
    BUILDER,
    Manifest,
    aside,
    clear_leftovers,
    generations,
    next_name,
    previous_name,
    publish,
    switch,
    write_builder,
)
from index.storage.inventory import Gathered, Progress
from index.storage.reading_rules import ReadingRules
from index.text import analyzer
from index.understanding.names import write_names

_LOCK = "build.lock"


@dataclass(frozen=True, slots=True)
class Built:
    """What a build came to; `changed` is False where the index was up to date already.

    `read` counts the files and `encoded` the passages that were new or changed; `reasons` say why
    what was built before could not be used again.
    """

    manifest: Manifest
    changed: bool
    read: int = 0
    encoded: int = 0
    reasons: tuple[str, ...] = ()


def build_archive(
    root: Path,
    gathered: Gathered,
    *,
    model: str,
    cache: Path,
    progress: Progress,
    force: bool = False,
    executor: Executor = LOCAL,
) -> Built:
    """Build an index of the files and make it the archive's current one.

    Nothing is built where nothing has changed; `force` builds everything from nothing. `cache`
    keeps exported models for all archives of this machine; `executor` reads and encodes.
    Raises NothingToIndex, ArchiveBusy, ArchiveUnwritable, ModelUnavailable, and UnreadableSource
    for the first problem of files that were gathered strictly.
    """
    if not gathered.files:
        raise NothingToIndex(_nothing(gathered, gathered.problems))
    with _writing(root):
        exported = provide_model(model, root / "models", cache, progress.stage)
        encoder = Encoder(exported)
        work = _Work(
            root,
            gathered,
            encoder,
            (model, exported.name),
            ReadingRules(gathered.entries, gathered.ocr),
            progress,
            executor,
        )
        previous = open_previous(root, work.rules, encoder.settings.identity, force=force)
        try:
            old = previous.manifest
            same = old and (old.inventory, old.ocr) == (gathered.inventory, gathered.ocr)
            if old and same and not (previous.reasons or (gathered.strict and old.skipped)):
                forget_vectors(root)
                return Built(old, changed=False)
            if previous.engine:
                # Its trees are walked to find what a file held: one that was cut finds less.
                previous.engine.store.verify()
            return work.run(previous)
        except DamagedIndex as error:
            if previous.engine is None:
                raise
            reason = f"the index in use is damaged, nothing of it is used: {error.message}"
        finally:
            previous.close()
        return work.run(Previous(None, work.rules, encoder.settings.identity, (reason,)))


@dataclass(frozen=True, slots=True)
class _Work:
    """All that one build is told; `names` are the model's as it was asked for, and its folder's."""

    root: Path
    gathered: Gathered
    encoder: Encoder
    names: tuple[str, str]
    rules: ReadingRules
    progress: Progress
    executor: Executor

    def run(self, previous: Previous) -> Built:
        """Build a generation aside, check it, and put it in use."""
        gathered, progress = self.gathered, self.progress
        name = next_name(self.root)
        journal = journal_of(self.root, self.encoder)
        folder = aside(self.root, name)
        authority = Authority([*bundled_entries(), *gathered.entries])
        with (
            VectorJournal(journal, self.encoder.settings.dimension) as kept,
            GenerationWriter(folder, previous, kept, authority) as writer,
        ):
            writer.read(gathered, progress, self.executor)
            if not writer.passages:
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
        forget_vectors(self.root)
        return Built(manifest, True, writer.read_anew, encoded, tuple(previous.reasons))

    def _describe(self, name: str, folder: Path, writer: GenerationWriter, terms: int) -> Manifest:
        settings = self.encoder.settings
        checksums = seal(folder)
        return Manifest(
            generation=name,
            built=dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            # What has changed while it was read is no inventory to compare with.
            inventory=self.gathered.inventory if writer.as_gathered else "",
            reading=writer.reading,
            analyzer=analyzer.IDENTITY,
            encoder=settings.identity,
            encoder_name=self.names[0],
            model=self.names[1],
            agreement=settings.agreement,
            dimension=settings.dimension,
            files=writer.files,
            documents=writer.documents,
            passages=writer.passages,
            sentences=writer.sentences,
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
    """Put an older generation back in use, the one before the current unless named, once checked.

    Raises UsageError where it is not there, DamagedIndex where it is damaged, ArchiveBusy.
    """
    with _writing(root):
        name = generation or previous_name(root)
        folder = root / "generations" / name
        if folder in generations(root):
            check_generation(root, folder)
        switch(root, name)
        return Manifest.read(folder)


def publish_archive(
    root: Path, cluster: Cluster, progress: Progress, *, force: bool = False
) -> Published:
    """Publish the current generation to a cluster, as the one writer of the archive.

    Raises EngineUnavailable, ArchiveBusy and DamagedIndex.
    """
    check_reachable(cluster)
    # It needs packages that an archive on this machine does without.
    from index.milvus.publishing import publish

    with _writing(root):
        return publish(root, cluster, progress, force=force)


def find_builder(root: Path) -> str | None:
    """Return who is building the archive, or None where nobody is."""
    try:
        with filelock.FileLock(root / _LOCK, timeout=0):
            return None
    except filelock.Timeout:
        return _holder(root)
    except OSError:
        return None


def journal_of(root: Path, encoder: Encoder) -> Path:
    """Return where the vectors of an unfinished build with this encoder are kept."""
    identity = hashlib.sha256(encoder.settings.identity.encode()).hexdigest()
    return root / "encoding" / f"{identity[:16]}.bin"


def forget_vectors(root: Path) -> None:
    """Remove the vectors of unfinished builds, once an index in use has all that is wanted."""
    shutil.rmtree(root / "encoding", ignore_errors=True)


@contextmanager
def _writing(root: Path) -> Iterator[None]:
    """Be the one writer of an archive, and turn what the system says into a clear error.

    The lock is the system's own: it goes with the process that holds it, however that ends.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(root / _LOCK, timeout=0):
            known = {
                "process": os.getpid(),
                "host": socket.gethostname(),
                "since": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
            }
            clear_leftovers(root)
            try:
                write_builder(root, json.dumps(known))
                yield
            finally:
                clear_leftovers(root)
                (root / BUILDER).unlink(missing_ok=True)
    except filelock.Timeout:
        raise ArchiveBusy(
            f"The archive {root} is being built by {_holder(root)}; wait until it is done."
        ) from None
    except (OSError, sqlite3.DatabaseError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise ArchiveUnwritable(
            f"The archive {root} cannot be written: {why}. The index in use goes on answering.",
            "memcon doctor",
        ) from error


def _holder(root: Path) -> str:
    """Say who is building."""
    try:
        known = json.loads((root / BUILDER).read_text("utf-8"))
        return f"process {known['process']} on {known['host']}, since {known['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def _nothing(gathered: Gathered, problems: Sequence[Problem]) -> str:
    where = ", ".join(gathered.sources) or "nowhere"
    reasons = "; ".join(f"{item.source}: {item.reason}" for item in problems[:3])
    return f"No document to index was found in {where}" + (f" ({reasons})." if reasons else ".")
