"""Readers that do what the libraries of real ones may do with a hostile file.

They are registered in the reading process alone, which imports this module.
"""

import os
import signal
import sys
from collections.abc import Iterator

from corpus.documents import Provenance
from corpus.errors import UnreadableSource
from corpus.readers import Part, Reading
from corpus.readers.formats import BY_SUFFIX, Format


def loop(data: bytes) -> Iterator[Reading]:
    yield Reading("Before the loop.", Provenance())
    while True:
        pass


def grow(data: bytes) -> Iterator[Reading]:
    held = []
    while True:
        held.append(bytes(1 << 20))
        yield from ()


def crash(data: bytes) -> Iterator[Reading]:
    yield from ()
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGSEGV)


def go_on(data: bytes) -> Iterator[Reading]:
    while True:
        yield Reading("Rice and wheat. " * 1000, Provenance())


def chatter(data: bytes) -> Iterator[Reading]:
    sys.__stdout__.write("not an answer") if sys.__stdout__ else None
    os.write(1, b"\0" * 100)
    os.write(2, b"a warning")
    yield Reading(f"Read {len(sys.stdin.read())} bytes of what was not meant for me.", Provenance())


def fail(data: bytes) -> Iterator[Reading]:
    yield Reading("Before the fault.", Provenance())
    raise KeyError("a part\nthat is missing")


def sink(data: bytes) -> Iterator[Reading]:
    yield from sink(data)


def refuse(data: bytes) -> Iterator[Reading]:
    yield from ()
    raise UnreadableSource("of no use")


def unpack(data: bytes) -> Iterator[Part | Reading]:
    """Yield the parts that the data names, a line each, and what the last line says."""
    for name in data.decode().split():
        yield Part(name, f"{name} was read.".encode)
    yield Reading("After all parts.", Provenance(), name="end")


sys.modules["corpus.readers.misbehaving"] = sys.modules[__name__]
BY_SUFFIX.update(
    {
        (name := f".{function.__name__}"): Format(name, (name,), "misbehaving", name[1:])
        for function in (loop, grow, crash, go_on, chatter, fail, sink, refuse, unpack)
    }
)
