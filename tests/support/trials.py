"""Builds in processes of their own, cut off or refused at chosen steps, and what must hold then.

Every paper of a build carries the build's number, so that an answer made of two builds shows.
"""

import multiprocessing
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import index.building.build
import index.encoding.export
import index.retrieval.archive
from corpus.errors import ArchiveUnwritable
from index.answering.answer import answer
from index.building.build import Built, build_archive
from index.retrieval.archive import Archive
from index.retrieval.local_engine import check_generation
from index.storage.checksummed import seal
from index.storage.generation import KEPT, Manifest, generations
from index.storage.inventory import Progress, gather
from tests.support.archives import Silence
from tests.support.fake_encoder import FakeEncoder
from tests.support.sameness import show

QUESTION = "How many lamps did the survey count?"
# What a whole archive consists of; the lock stays, since removing it would let two in.
WHOLE = {"CURRENT", "sources.json", "build.lock", "generations", "segments", "models"}
# Puts a new generation in use.
SWITCH = "os.rename CURRENT.new"
_EVENTS = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree"}

# Called with what a build is about to do; may raise, or end the process.
Hook = Callable[[str], None]

NOON = 1_000_000_000


@dataclass(frozen=True)
class Place:
    """Where one archive, its papers and its exported models are.

    `ballast` is how many papers stay as they are but for one a build, so that segments are kept.
    """

    top: Path
    ballast: int = 0

    @property
    def root(self) -> Path:
        return self.top / "archive"

    @property
    def papers(self) -> Path:
        return self.top / "papers"

    @property
    def cache(self) -> Path:
        return self.top / "cache"

    def write_papers(self, number: int) -> None:
        """Write the papers of a build: some are new, some altered, some gone, some as before."""
        self.papers.mkdir(parents=True, exist_ok=True)
        for volume in range(8):
            path = self.papers / f"volume-{volume}.txt"
            path.unlink(missing_ok=True)
            if volume == 0 or (volume + number) % 4:
                path.write_text(
                    f"Survey {number}, volume {volume}\n\n"
                    + "".join(
                        f"The survey {number} counted {number * 1000 + volume * 10 + page} lamps. "
                        f"Its page {page} was written in the harbour of Hakodate.\n\n"
                        for page in range(4)
                    )
                )
        for name in ("salt", "wool"):
            path = self.papers / f"{name}.txt"
            if not path.exists():
                path.write_text(f"The clerk weighed the {name} twice. It was dear that year.\n")
        for log in range(self.ballast):
            path = self.papers / f"log-{log:02}.txt"
            if not path.exists() or log == number % self.ballast:
                edition = number if path.exists() else 0
                pages = (f"Log {log} of edition {edition} has a page {page}." for page in range(3))
                path.write_text("\n\n".join(pages))
        for path in self.papers.iterdir():
            # Of files as new as these a build does not keep the time: no two builds were alike.
            os.utime(path, (NOON, NOON + number))

    def build(self, progress: Progress | None = None, *, model: str = "fake") -> Built:
        progress = progress or Silence()
        found = gather([self.papers], progress)
        return build_archive(
            self.root, found, model=model, cache=self.cache, progress=progress, force=False
        )


def fake(patch: pytest.MonkeyPatch) -> None:
    """Put a fake encoder in the place of the real one, with the real installation of models.

    Nothing is forced to disk: that guards against a power cut, and no kill takes back what was
    written.
    """
    patch.setattr(os, "fsync", lambda _: None)
    patch.setattr(index.building.build, "load_encoder", FakeEncoder)
    patch.setattr(index.retrieval.archive, "load_encoder", FakeEncoder)
    patch.setattr(index.encoding.export, "_export_aside", _export)


def numbers_said(archive: Archive) -> set[int]:
    """Return the numbers of the builds that an answer is made of."""
    found = answer(QUESTION, archive)
    texts = [quote.text for quote in (*found.quotes, *found.leads)]
    return {int(number) for text in texts for number in re.findall(r"survey (\d+)", text)}


def ask(root: Path) -> int:
    """Ask an archive, and return of which build its answer is: of one, and it says which."""
    archive = Archive(root)
    try:
        (number,) = numbers_said(archive)
    finally:
        archive.close()
    return number


def check_whole(place: Place, number: int) -> None:
    """Check that an archive is that of a build, the same as from nothing, and nothing besides."""
    assert ask(place.root) == number
    assert {path.name for path in place.root.iterdir()} == WHOLE
    kept = [path.name for path in generations(place.root)]
    assert {path.name for path in (place.root / "generations").iterdir()} == set(kept)
    assert len(kept) <= KEPT
    for folder in generations(place.root):
        check_generation(place.root, folder)
    manifests = [Manifest.read(folder) for folder in generations(place.root)]
    used = {manifest.model for manifest in manifests}
    assert {path.name for path in (place.root / "models").iterdir()} == used
    needed = {name for manifest in manifests for name in manifest.segments}
    assert {path.name for path in (place.root / "segments").iterdir()} == needed
    check_like_new(place)


def check_like_new(place: Place) -> None:
    """Check that the index in use shows the same, bit by bit, as one built from nothing."""
    scratch = Place(place.top / "scratch", place.ballast)
    shutil.rmtree(scratch.top, ignore_errors=True)
    scratch.top.mkdir()
    scratch.papers.symlink_to(place.papers)
    try:
        build_archive(
            scratch.root,
            gather([place.papers], Silence()),
            model="fake",
            cache=place.cache,
            progress=Silence(),
        )
        assert show(place.root, [QUESTION]) == show(scratch.root, [QUESTION])
    finally:
        shutil.rmtree(scratch.top)


@dataclass(frozen=True)
class Stop:
    """The step at which a build is killed: so many steps after the `nth` that fits a pattern."""

    pattern: str
    nth: int = 1
    after: int = 0


@dataclass(frozen=True)
class Ended:
    """How a build in a process of its own ended, and the steps that it began."""

    code: int
    steps: tuple[str, ...]

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


def run_build(
    place: Place,
    *,
    stop: Stop | None = None,
    kill_after: float | None = None,
    model: str = "fake",
) -> Ended:
    """Build in a process of its own, killed at a step or after some seconds, or not at all."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    trace = place.top / "trace"
    trace.unlink(missing_ok=True)
    process = context.Process(target=_build_traced, args=(place, trace, stop, model))
    process.start()
    if kill_after is not None:
        while not trace.exists() and process.is_alive():
            time.sleep(0.001)
        time.sleep(kill_after)
        process.kill()
    process.join()
    code = process.exitcode
    process.close()
    assert code is not None
    return Ended(code, tuple(trace.read_text().splitlines()) if trace.exists() else ())


def _build_traced(place: Place, trace: Path, stop: Stop | None, model: str) -> None:
    """Build, writing down every step, and kill this very process at one of them."""
    patch = pytest.MonkeyPatch()
    fake(patch)
    out = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    fitting = left = 0

    def step(name: str) -> None:
        nonlocal fitting, left
        os.write(out, f"{name}\n".encode())
        if left:
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
        elif stop and re.search(stop.pattern, name):
            fitting += 1
            if fitting == stop.nth:
                left = stop.after
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)

    watch(place.root, step)
    place.build(Told(step), model=model)


def watch(root: Path, step: Hook) -> Callable[[], None]:
    """Call `step` before whatever this process does to files under `root`; return how to stop.

    What `step` raises is raised by what was about to be done.
    """
    patch = pytest.MonkeyPatch()
    whole_sync = os.fsync

    def notice(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            event = "write"
        path = os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes | Path) else ""
        # Within a folder that is being removed, names alone are given.
        if event == "os.remove" and "/" not in path:
            step(f"{event} {path}")
        elif path.startswith(str(root)):
            name = re.sub(r"\d{6}", "N", path[len(str(root)) + 1 :])
            step(f"{event} {name}")

    def sync(handle: Any) -> None:
        step("fsync")
        whole_sync(handle)

    def stop() -> None:
        _watchers.remove(notice)
        patch.undo()

    _add_hook()
    _watchers.append(notice)
    patch.setattr(os, "fsync", sync)
    return stop


_watchers: list[Callable[[str, tuple[Any, ...]], None]] = []


@cache
def _add_hook() -> None:
    """Call the watchers of each event; a hook stays for as long as the process lives."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if _watchers and event in _EVENTS:
            for notice in [*_watchers]:
                notice(event, arguments)

    sys.addaudithook(hook)


class Told:
    """Progress of which each word is a step."""

    def __init__(self, step: Hook) -> None:
        self._step, self._name = step, ""

    def stage(self, name: str, total: int | None = None) -> None:  # noqa: ARG002 - a protocol's
        self._name = name
        self._step(f"stage {name}")

    def advance(self, steps: int) -> None:  # noqa: ARG002 - a protocol's
        self._step(f"advance {self._name}")


def _export(name: str, folder: Path) -> None:
    """Stand in for the export of a model."""
    (folder / "model.onnx").write_bytes(np.arange(1000).tobytes())
    for file in ("encoder.json", "tokenizer.json"):
        (folder / file).write_text(name)
    seal(folder)


@dataclass
class Trial:
    """One archive that is built again and again, and killed at it."""

    place: Place
    number: int = 0

    def write(self) -> None:
        """Write the papers of the next build."""
        self.number += 1
        self.place.write_papers(self.number)

    def settle(self) -> None:
        """Write other papers, build, and check that the archive is whole and nothing is left."""
        self.write()
        self.place.build()
        check_whole(self.place, self.number)

    def kill(
        self, *, stop: Stop | None = None, kill_after: float | None = None, model: str = "fake"
    ) -> Ended:
        """Write other papers, have their build killed, and check that the archive answers."""
        before = ask(self.place.root) if (self.place.root / "CURRENT").exists() else None
        self.write()
        ended = run_build(self.place, stop=stop, kill_after=kill_after, model=model)
        assert ended.killed or ended.code == 0, (ended.code, stop)
        switches = [place for place, step in enumerate(ended.steps) if step == SWITCH]
        if switches and switches[0] < len(ended.steps) - 1:
            assert ask(self.place.root) == self.number
        elif before is not None:
            # Whoever is killed on the very point of it may have done it.
            assert ask(self.place.root) in ({before, self.number} if switches else {before})
        return ended


def try_build(place: Place) -> str | None:
    """Build, and return what was said where the archive could not be written."""
    try:
        place.build()
    except ArchiveUnwritable as error:
        return str(error)
    return None


def run_limited(place: Place, size: int) -> str | None:
    """Build in a process of its own that may write no file longer than `size` bytes."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_build_limited, args=(place, size, theirs))
    process.start()
    theirs.close()
    said: str | None = ours.recv()
    process.join()
    return said


def _build_limited(place: Place, size: int, out: Connection) -> None:
    import resource

    fake(pytest.MonkeyPatch())
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    said = try_build(place)
    out.send(said)


def fill_disk(top: Path, free: Sequence[int]) -> None:
    """Build on a disk that is full but for so many bytes, for each of these, and print how often.

    `top` is a small file system of its own.
    """
    fake(pytest.MonkeyPatch())
    trial = Trial(Place(top))
    for _ in range(3):
        trial.write()
        trial.place.build()
    refused = 0
    for size in free:
        before = trial.number
        trial.write()
        ballast = top / "ballast"
        space = os.statvfs(top)
        with ballast.open("wb") as file:
            file.write(bytes(max(0, space.f_bavail * space.f_bsize - size)))
        said = try_build(trial.place)
        assert said is None or "No space left" in said or "disk is full" in said, said
        refused += said is not None
        assert ask(trial.place.root) == (before if said else trial.number)
        ballast.unlink()
        trial.settle()
    sys.stdout.write(f"{refused}\n")
