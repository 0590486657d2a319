"""Timing the stages of an answer, for an observer."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Receives the name of a finished stage and its seconds.
Observer = Callable[[str, float], None]

_observer: ContextVar[Observer | None] = ContextVar("observer", default=None)


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Report the stages of this thread or task in the block to `observer`."""
    before = _observer.set(observer)
    try:
        yield
    finally:
        _observer.reset(before)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Mark a block, or as a decorator a function, as a stage."""
    observer = _observer.get()
    if observer is None:
        yield
        return
    began = time.perf_counter()
    try:
        yield
    finally:
        observer(name, time.perf_counter() - began)
