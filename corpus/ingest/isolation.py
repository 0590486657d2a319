"""Reads files in a separate process, which is killed when it takes too much time or memory.

Whatever a library does with a hostile file (loop, allocate gigabytes, crash), the file is reported
with the reason, and a fresh process reads the rest. One process reads file after file; it starts
when needed and ends after some idle time.
"""

import atexit
import contextlib
import io
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.documents import (
    Document,
    Enclosure,
    Page,
    Problem,
    Provenance,
    Redaction,
    Reference,
    Span,
    Structure,
    Turn,
)
from corpus.ingest.expansion import Begun, Opened, Place
from corpus.ingest.file_names import printable
from corpus.ingest.worker import Ended, Failed, in_words, receive, send

# How often the clock is checked, and how long a process may take to start and, idle, waits for
# another file, in seconds.
_TICK = 0.1
_PATIENCE = 20.0
# After this many files inside one file have ended the reader, the others are not tried.
_MAX_ENDS = 20
_CRASHED = "the reader crashed"
_CODE = (
    "import sys; sys.path.insert(0, {root!r}); "
    "from corpus.ingest.worker import serve; serve({memory})"
)


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """Limits for reading a file: `seconds` for each document or file inside it.

    `memory`, and `output`, the size of all its documents, are in bytes.
    """

    seconds: int = 60
    memory: int = 1 << 30
    output: int = 1 << 29


LIMITS = ReadingLimits()
# tesseract takes seconds for a page, and a whole scan is one document.
OCR_LIMITS = ReadingLimits(seconds=3600)


def read_isolated(
    opened: Opened, data: bytes, limits: ReadingLimits | None = None
) -> Generator[Document | Problem, None, Collection[str]]:
    """Yield the documents of a file, and a problem for each part that could not be read.

    Returns the formats of the file and of those inside it, by their suffixes.
    """
    limits = limits or (OCR_LIMITS if opened.ocr else LIMITS)
    label = opened.label
    after: Place = ()
    left = limits.output
    for _ in range(_MAX_ENDS):
        here = Begun((), "")
        process = _take(limits)
        try:
            process.ask((opened, after, limits.seconds), data)
            while not isinstance(item := process.answer(left), Ended | Failed):
                if isinstance(item, Begun):
                    here = item
                else:
                    left -= process.size
                    yield item
        finally:
            _give_back(process)
        if isinstance(item, Ended):
            return item.formats
        part = f": {printable(here.part)}" if here.part else ""
        yield Problem(f"{label}{part}", item.reason)
        if not here.place or left <= 0:
            return ()
        after = here.place
    yield Problem(label, f"files inside it ended the reader {_MAX_ENDS} times; the rest is left")
    return ()


class _Process:
    """A process that reads files, and a thread that kills it when it is late or idle for long."""

    def __init__(self, limits: ReadingLimits) -> None:
        self.limits = limits
        # The size of the last answer in bytes, and whether another file may be read.
        self.size, self.is_usable = 0, True
        root = str(Path(__file__).resolve().parents[2])
        code = _CODE.format(root=root, memory=limits.memory)
        # Not multiprocessing, which runs the caller's main module again or forks its threads.
        # -P: import nothing from the working directory.
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, this package
            [sys.executable, "-P", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._late = False
        # Until its first answer it also has the time that its start may take.
        self._start = _PATIENCE
        self._deadline = time.monotonic() + _PATIENCE
        self._ended = threading.Event()
        threading.Thread(target=self._watch, name="memcon-reading", daemon=True).start()

    @property
    def is_alive(self) -> bool:
        """Whether it is still running."""
        return self._process.poll() is None

    def ask(self, request: tuple[Any, ...], data: bytes) -> None:
        """Send a file to be read; if that fails, the answer says why."""
        self.is_usable = False
        self._deadline = time.monotonic() + self.limits.seconds + self._start
        # If the process is gone, there is no answer either.
        with contextlib.suppress(OSError):
            if self._process.stdin:
                send(self._process.stdin, pickle.dumps(request))
                send(self._process.stdin, data)
                self._process.stdin.flush()

    def answer(self, most: int) -> Any:
        """Return the next answer, of at most `most` bytes, or a Failed with the reason."""
        self._deadline = time.monotonic() + self.limits.seconds + self._start
        frame = None
        if self._process.stdout:
            try:
                frame = receive(self._process.stdout, most)
            except ValueError:
                return Failed(f"holds more than {in_words(self.limits.output)} of text")
        if frame is None:
            late = f"took longer than {self.limits.seconds} s"
            return Failed(late if self._late else _CRASHED)
        self._start = 0.0
        self.size = len(frame)
        try:
            item = load_answer(frame)
        except Exception:  # noqa: BLE001 - anything else is not an answer
            return Failed(_CRASHED)
        if isinstance(item, Ended):
            self.is_usable = not item.worn
            self._deadline = time.monotonic() + _PATIENCE
        return item

    def end(self) -> None:
        """Kill the process and wait for its end."""
        self.is_usable = False
        self._ended.set()
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()

    def _watch(self) -> None:
        while not self._ended.wait(_TICK):
            if time.monotonic() > self._deadline:
                if _discard(self):
                    self.end()
                    return
                self._late = True
                self._process.kill()
                return


def load_answer(frame: bytes) -> Any:
    """Return the answer in a frame; raises what `pickle` raises for anything else."""
    return _Answers(io.BytesIO(frame)).load()


class _Answers(pickle.Unpickler):
    """Loads answers and nothing else: a hostile file may control the process that sends them."""

    def find_class(self, module: str, name: str) -> Any:
        if (
            module in {"corpus.documents", "corpus.ingest.expansion", "corpus.ingest.worker"}
            and name in _KNOWN
        ):
            return _KNOWN[name]
        raise pickle.UnpicklingError(f"{module}.{name} is not an answer")


_KNOWN = {
    kind.__name__: kind
    for kind in (
        Begun, Document, Enclosure, Ended, Failed, Page, Problem, Provenance, Redaction, Reference,
        Span, Structure, Turn,
    )
}  # fmt: skip

# Processes waiting for another file.
_idle: list[_Process] = []
_lock = threading.Lock()


def _take(limits: ReadingLimits) -> _Process:
    with _lock:
        process = _idle.pop() if _idle else None
    if process and process.is_alive and process.limits == limits:
        return process
    if process:
        process.end()
    return _Process(limits)


def _give_back(process: _Process) -> None:
    """Keep a process for the next file; end one that is within a file, or one too many."""
    with _lock:
        keep = process.is_usable and not _idle
        if keep:
            _idle.append(process)
    if not keep:
        process.end()


def _discard(process: _Process) -> bool:
    """Remove a process from those waiting; return whether it was there."""
    with _lock:
        if process in _idle:
            _idle.remove(process)
            return True
    return False


@atexit.register
def _end_all() -> None:
    for process in [*_idle]:
        if _discard(process):
            process.end()
