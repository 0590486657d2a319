"""Sources for builds on a cluster: slow ones that write down who reads them, and hostile ones."""

import os
import signal
import time
from collections.abc import Collection, Generator
from dataclasses import dataclass
from pathlib import Path

from corpus.documents import Document, Problem
from corpus.ingest import isolation
from corpus.ingest.expansion import Opened
from corpus.ingest.isolation import ReadingLimits, read_isolated

ROOT = str(Path(__file__).resolve().parents[2])
# Readers that misbehave are not sent along: only these tests have them.
_CODE = """\
import sys; sys.path.insert(0, {root!r}); sys.argv = ["misbehaving"]
import tests.support.misbehaving_reader
from corpus.ingest.worker import serve; serve({memory})
"""


Contents = Generator[Document | Problem, None, Collection[str]]


@dataclass(frozen=True)
class Paper:
    """A source in memory, read as a file of its name would be."""

    name: str
    text: str

    @property
    def label(self) -> str:
        return f"/in/{self.name}"

    def state(self) -> tuple[int, int]:
        return len(self.text), 0

    def fetch(self) -> bytes:
        return self.text.encode()

    def read(self, data: bytes) -> Contents:
        return (yield from read_isolated(Opened(self.name, self.label), data))


@dataclass(frozen=True)
class SlowPaper(Paper):
    """Takes a while, and writes down when a process begins with it and when it is done."""

    trace: str
    seconds: float

    def read(self, data: bytes) -> Contents:
        self._note("begun")
        time.sleep(self.seconds)
        formats = yield from super().read(data)
        self._note("done")
        return formats

    def _note(self, what: str) -> None:
        # In one write, which the system appends as a whole.
        handle = os.open(self.trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(handle, f"{os.getpid()} {what} {self.name}\n".encode())
        os.close(handle)


@dataclass(frozen=True)
class HostilePaper(Paper):
    """Does to its reader what its suffix says."""

    def read(self, data: bytes) -> Contents:
        isolation._end_all()
        whole, isolation._CODE = isolation._CODE, _CODE.replace("{root!r}", repr(ROOT))
        try:
            limits = ReadingLimits(seconds=1 if self.name.endswith("loop") else 30, memory=1 << 28)
            return (yield from read_isolated(Opened(self.name, self.label), data, limits))
        finally:
            isolation._CODE = whole
            isolation._end_all()


@dataclass(frozen=True)
class DeadlyPaper(SlowPaper):
    """Ends whatever process reads it, but for one."""

    spared: int

    def read(self, data: bytes) -> Contents:
        self._note("begun")
        if os.getpid() != self.spared:
            os.kill(os.getpid(), signal.SIGKILL)
        formats = yield from Paper.read(self, data)
        self._note("done")
        return formats
