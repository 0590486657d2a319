"""A bounded thread pool that runs work on the newest generation of one archive."""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from bot.discord import metrics
from bot.discord.completion import read_names
from bot.services.rebuild import BuildOptions, rebuild
from corpus.errors import ArchiveBusy, MemconError
from index.answering.answer import answer
from index.building.build import Built
from index.encoding.crossencoder import CrossEncoder
from index.location import Location
from index.retrieval.archive import Archive
from index.storage.generation import Manifest
from index.timing import observed

_log = logging.getLogger("memcon.service")

T = TypeVar("T")

# Encoding uses every core: more workers would only wait for each other.
_WORKERS = 2
# The most questions that wait; the next one is refused.
_QUEUE = 400
# The longest wait for an answer, in seconds.
PATIENCE = 25.0
# Questions answered in a second, roughly, for the estimate in a busy reply.
_RATE = 20


class Busy(MemconError):
    """Too many questions wait; try again in `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"The archive is busy. Please try again in {seconds} s.")
        self.seconds = seconds


class RebuildProgress:
    """The progress of a build, written by its thread and read by the event loop."""

    def __init__(self) -> None:
        """Begin before the first stage."""
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


class ArchivePool:
    """Runs work on the archive in threads, and opens each new generation as it appears."""

    def __init__(self, location: Location, reranker: CrossEncoder | None = None) -> None:
        """Open the archive at a location; raises ArchiveError without a complete index."""
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
        self.names = read_names(self._archive)
        # Otherwise the first question would wait for the encoder.
        answer("warm up", self._archive)

    @property
    def archive(self) -> Archive:
        """The newest generation; the open one if a newer cannot be opened."""
        try:
            if self._location.newest() != self._archive.manifest.generation:
                with self._opening:
                    if self._location.newest() != self._archive.manifest.generation:
                        opened = self._location.open(self._reranker)
                        if opened.manifest.encoder == self._archive.manifest.encoder:
                            # Loaded already; two threads would each load it again.
                            opened.encoder = self._archive.encoder
                        answer("warm up", opened)
                        # Questions under way keep the old one, which closes with the last of them;
                        # others need not wait for the names.
                        self._archive = opened
                        self.names = read_names(opened)
                        metrics.generations.inc()
                        _log.info("opened", extra={"generation": opened.manifest.generation})
        except MemconError as error:
            _log.warning("cannot open the newest index", extra={"reason": str(error)})
        return self._archive

    @property
    def generation(self) -> str:
        """The name of the open generation; does not touch the disk."""
        return self._archive.manifest.generation

    @property
    def manifest(self) -> Manifest:
        """The manifest of the open generation."""
        return self._archive.manifest

    @property
    def is_open(self) -> bool:
        """Whether questions are accepted."""
        return self._open

    @property
    def waiting(self) -> int:
        """The number of questions that wait or are being answered."""
        return self._waiting

    @property
    def is_rebuilding(self) -> bool:
        """Whether this process is rebuilding the archive."""
        return self._rebuilding

    async def run(self, work: Callable[[Archive], T]) -> T:
        """Return `work(archive)`, run in a thread.

        Raises Busy if too many wait, and TimeoutError after `PATIENCE` seconds.
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

    async def rebuild(self, progress: RebuildProgress, more: Sequence[Path] = ()) -> Built:
        """Rebuild the archive from its sources, and `more`, while questions go on.

        Raises ArchiveBusy if a rebuild is running, and the errors of `bot.services.rebuild`.
        """
        if self._rebuilding:
            raise ArchiveBusy("The archive is being rebuilt already.")
        self._rebuilding = True
        # A thread of its own: a build must not take one from the questions.
        alone = ThreadPoolExecutor(1, thread_name_prefix="memcon-build")
        try:
            loop = asyncio.get_running_loop()
            built = await loop.run_in_executor(alone, self._build, progress, more)
        except BaseException:
            metrics.rebuilds.labels("failed").inc()
            raise
        else:
            metrics.rebuilds.labels("built" if built.changed else "unchanged").inc()
            return built
        finally:
            self._rebuilding = False
            # A shutdown during a build must not block the event loop.
            alone.shutdown(wait=False)

    def close(self) -> None:
        """Finish the work under way, and close the archive."""
        self._open = False
        self._pool.shutdown(wait=True)
        self._archive.close()

    def _build(self, progress: RebuildProgress, more: Sequence[Path]) -> Built:
        _step_back()
        manifest = self._archive.manifest
        options = BuildOptions(
            sources=list(dict.fromkeys([*map(Path, manifest.sources), *more])),
            model=manifest.encoder_name,
            ocr=bool(manifest.ocr),
            ocr_language=manifest.ocr,
        )
        built = rebuild(self._location, options, progress)
        # Open it now, so that "answers from now on" is true and the next question need not wait.
        _ = self.archive
        return built

    def _leave(self) -> None:
        self._waiting -= 1


def _step_back() -> None:
    """Lower this thread's priority: acknowledgements and heartbeats are due, answers can wait."""
    if sys.platform == "linux":
        # Elsewhere a priority is the process's, not the thread's.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)
