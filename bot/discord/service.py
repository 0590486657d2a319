"""Questions off the event loop: a bounded pool over the newest generation of one archive."""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from bot.discord import metrics
from corpus.errors import ArchiveBusy, MemconError
from index.answering.answer import answer
from index.building.build import Built, build_archive
from index.building.reuse import known_files
from index.encoding.crossencoder import CrossEncoder
from index.location import Location
from index.retrieval.archive import Archive
from index.storage.generation import Manifest
from index.storage.inventory import gather
from index.timing import observed

_log = logging.getLogger("memcon.service")

T = TypeVar("T")

# Encoding uses every core by itself: more workers than this only wait for each other.
_WORKERS = 2
# Questions that wait at most; the next one is told to come back.
_QUEUE = 400
# How long a person waits at most, in seconds.
PATIENCE = 25.0
# About how many questions are answered in a second, for the estimate of a busy reply.
_RATE = 20


class Busy(MemconError):
    """Too many questions wait already; `seconds` says when to come back."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"The archive is busy. Please try again in {seconds} s.")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Names:
    """What autocompletion offers, held in memory."""

    documents: tuple[tuple[str, str], ...]
    collections: tuple[str, ...]
    speakers: tuple[str, ...]


class RebuildProgress:
    """The newest word on a running build, written by its thread and read by the event loop."""

    def __init__(self) -> None:
        """Begin with nothing to say."""
        self._stage, self._done, self._total = "starting", 0, 0

    def stage(self, name: str, total: int | None = None) -> None:
        """Begin a stage of `total` steps."""
        self._stage, self._done, self._total = name, 0, total or 0

    def advance(self, steps: int) -> None:
        """Count steps of the stage."""
        self._done += steps

    def __str__(self) -> str:
        if self._total:
            return f"{self._stage}: {self._done:,} of {self._total:,}"
        return f"{self._stage}: {self._done:,}" if self._done else self._stage


class ArchiveService:
    """Runs work on the archive in threads, and takes up each new generation as it appears."""

    def __init__(self, location: Location, reranker: CrossEncoder | None = None) -> None:
        """Open the archive at a location; raises ArchiveError where it has no whole index.

        A `reranker` reads the best passages of every answer again.
        """
        self.root = location.root
        self._location = location
        self._reranker = reranker
        self._pool = ThreadPoolExecutor(
            _WORKERS, thread_name_prefix="memcon", initializer=_step_back
        )
        self._opening = threading.Lock()
        self._waiting = 0
        self._rebuilding = False
        self._open = True
        self._archive = location.open(reranker)
        self.names = _read_names(self._archive)
        # The first question would pay for loading the encoder.
        answer("warm up", self._archive)

    @property
    def archive(self) -> Archive:
        """The newest generation; the one at hand where a newer cannot be opened."""
        try:
            if self._location.newest() != self._archive.manifest.generation:
                with self._opening:
                    if self._location.newest() != self._archive.manifest.generation:
                        opened = self._location.open(self._reranker)
                        if opened.manifest.encoder == self._archive.manifest.encoder:
                            # Loaded already, where two threads would each load it once more.
                            opened.encoder = self._archive.encoder
                        answer("warm up", opened)
                        # Questions under way keep the old one; it closes with the last of them.
                        self._archive, self.names = opened, _read_names(opened)
                        metrics.generations.inc()
                        _log.info("opened", extra={"generation": opened.manifest.generation})
        except MemconError as error:
            _log.warning("cannot open the newest index", extra={"reason": str(error)})
        return self._archive

    @property
    def generation(self) -> str:
        """The name of the generation that answers now, without a look at the disk."""
        return self._archive.manifest.generation

    @property
    def manifest(self) -> Manifest:
        """What the generation that answers now says of itself."""
        return self._archive.manifest

    @property
    def is_open(self) -> bool:
        """Whether questions are taken."""
        return self._open

    @property
    def waiting(self) -> int:
        """How many questions wait, or are being answered."""
        return self._waiting

    @property
    def is_rebuilding(self) -> bool:
        """Whether this process is building the archive anew."""
        return self._rebuilding

    async def run(self, work: Callable[[Archive], T]) -> T:
        """Return `work(archive)`, done in a thread.

        Raises Busy where too many wait, and TimeoutError after `PATIENCE` seconds.
        """
        if self._waiting >= _QUEUE:
            metrics.refusals.inc()
            raise Busy(1 + self._waiting // _RATE)
        self._waiting += 1
        asked = perf_counter()

        def begin() -> T:
            metrics.observe("queue", perf_counter() - asked)
            with observed(metrics.observe):
                return work(self.archive)

        future = asyncio.get_running_loop().run_in_executor(self._pool, begin)
        future.add_done_callback(lambda _: self._leave())
        async with asyncio.timeout(PATIENCE):
            return await future

    async def rebuild(self, progress: RebuildProgress) -> Built:
        """Build the archive anew from the sources of its last build, beside the questions.

        Raises ArchiveBusy where a build is running already, and what building raises.
        """
        if self._rebuilding:
            raise ArchiveBusy("The archive is being rebuilt already.")
        self._rebuilding = True
        # A thread of its own: a build must not take a place from the questions.
        alone = ThreadPoolExecutor(1, thread_name_prefix="memcon-build")
        try:
            loop = asyncio.get_running_loop()
            built = await loop.run_in_executor(alone, self._build, progress)
        except BaseException:
            metrics.rebuilds.labels("failed").inc()
            raise
        else:
            metrics.rebuilds.labels("built" if built.changed else "unchanged").inc()
            return built
        finally:
            self._rebuilding = False
            # An end of the bot that comes before the build's must not stop the event loop for it.
            alone.shutdown(wait=False)

    def close(self) -> None:
        """Finish what is under way, and let go of the threads."""
        self._open = False
        self._pool.shutdown(wait=True)
        self._archive.close()

    def _build(self, progress: RebuildProgress) -> Built:
        _step_back()
        manifest, location = self._archive.manifest, self._location
        sources = [Path(source) for source in manifest.sources]
        built = build_archive(
            self.root,
            gather(sources, progress, known_files(self.root), ocr=manifest.ocr),
            model=manifest.encoder_name,
            cache=location.cache,
            progress=progress,
        )
        published = location.publish(progress)
        if published:
            built = replace(built, manifest=published.manifest, changed=published.changed)
        # Opened here, so that the next question need not, and "answers from now on" is true.
        _ = self.archive
        return built

    def _leave(self) -> None:
        self._waiting -= 1


def _step_back() -> None:
    """Let the event loop go first: acknowledgements and heartbeats are due, answers can wait."""
    if sys.platform == "linux":
        # Elsewhere priorities are a process's, not a thread's.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)


def _read_names(archive: Archive) -> Names:
    documents = tuple(
        (doc_id, provenance.title or doc_id)
        for doc_id, _, provenance, _ in archive.list_documents()
    )
    return Names(
        documents,
        tuple(archive.engine.values("collection")),
        tuple(archive.engine.values("speaker")),
    )
