"""The process that reads files for another one, so that a hostile file can hurt no other.

It takes requests on standard input and answers on standard output, both in frames: a length of
eight bytes, then that many bytes. `corpus/ingest/isolation.py` is the other side.
"""

import os
import pickle
import signal
from dataclasses import dataclass
from typing import IO, BinaryIO

from corpus.documents import Problem
from corpus.errors import UnreadableSource
from corpus.ingest.expansion import Expansion

_LENGTH = 8
# A process that has kept this share of its memory gets no other file: what libraries hold on to
# must not count against the next one.
_WORN = 0.5


@dataclass(frozen=True, slots=True)
class Ended:
    """Reports that a file has been read, as which `formats`, by their suffixes.

    `worn` means that the process should not read another.
    """

    worn: bool
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """Reports that the process gives up, and why."""

    reason: str


def serve(memory: int) -> None:
    """Answer requests until there are no more; reading may take `memory` bytes."""
    requests, answers = _take_streams()
    # The process that started this one handles interruptions.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    before = _limit_memory(memory)
    while (request := receive(requests)) is not None:
        opened, after, seconds = pickle.loads(request)  # noqa: S301 - from who started this process
        try:
            data = receive(requests)
            if data is None:
                return
            expansion = Expansion(opened, after)
            _read(answers, expansion, data, opened.label, seconds)
            del data
        except MemoryError:
            _answer(answers, Failed(f"needs more than {in_words(memory)} of memory"))
            return
        formats = tuple(sorted(expansion.formats))
        _answer(answers, Ended(_measure() - before > _WORN * memory, formats))


def in_words(size: int) -> str:
    """Return a size of memory in words: "1 GB", "512 MB"."""
    return f"{size >> 30} GB" if size >= 1 << 30 else f"{size >> 20} MB"


def send(stream: IO[bytes], frame: bytes) -> None:
    """Write a frame to the stream, without flushing it."""
    stream.write(len(frame).to_bytes(_LENGTH, "big"))
    stream.write(frame)


def receive(stream: IO[bytes], most: int | None = None) -> bytes | None:
    """Return the next frame, or None at the end; raises ValueError if longer than `most`."""
    head = stream.read(_LENGTH)
    if len(head) < _LENGTH:
        return None
    size = int.from_bytes(head, "big")
    if most is not None and size > most:
        raise ValueError("a frame is too long")
    frame = stream.read(size)
    return frame if len(frame) == size else None


def _read(answers: BinaryIO, expansion: Expansion, data: bytes, label: str, seconds: int) -> None:
    _limit_time(seconds)
    try:
        for item in expansion.read(data):
            # At once: the next one may end this process.
            _answer(answers, item)
            _limit_time(seconds)
    except UnreadableSource as error:
        _answer(answers, Problem(label, error.message))


def _answer(answers: BinaryIO, item: object) -> None:
    send(answers, pickle.dumps(item))
    answers.flush()


def _take_streams() -> tuple[BinaryIO, BinaryIO]:
    """Return the streams of requests and answers, out of reach of libraries that print."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    return requests, answers


def _limit_memory(memory: int) -> int:
    """Limit this process to `memory` bytes more than it has now, if the system can.

    Returns what it has now.
    """
    now = _measure()
    try:
        import resource
    except ImportError:
        return now
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (now + memory, resource.RLIM_INFINITY))
    return now


def _measure() -> int:
    """Return the size of this process's address space in bytes; 0 if not known.

    That is what the limit counts. Its peak would include what its parent had.
    """
    try:
        with open("/proc/self/statm", "rb") as status:  # noqa: PTH123 - a question of microseconds
            return int(status.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _limit_time(seconds: int) -> None:
    """End this process after some more seconds of work, in case nothing else is left to."""
    try:
        import resource
    except ImportError:
        return
    spent = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(spent.ru_utime + spent.ru_stime) + 2 * seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
