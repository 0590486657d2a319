"""Archives to measure on, built by the product's own code, with vectors that nobody computed.

To encode a million passages takes hours. What is made here of them has generated vectors; the
encoder that questions go through is the real one.
"""

import shutil
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import index.building.build
from bot import settings
from index.building.build import Built, build_archive
from index.building.reuse import known_files
from index.encoding.encoder import DEFAULT_MODEL, Encoded, PassageText
from index.encoding.onnx_encoder import OnnxEncoder
from index.encoding.pooling import Vectors
from index.storage.inventory import gather
from tests.support.archives import Silence
from tests.tools.bench.data import changed_document, documents, vector_blocks


class GeneratedEncoder(OnnxEncoder):
    """The real encoder, with generated vectors for passages; counts the time that they take."""

    seconds = 0.0
    work = 0.0

    def encode_passages(
        self, passages: Iterable[PassageText], progress: Callable[[int], None] = lambda _: None
    ) -> Iterator[Encoded]:
        for passage in passages:
            begun, worked = time.perf_counter(), time.process_time()
            whole = self._vectors(zlib.crc32(passage.text.encode()), 1)[0]
            number = zlib.crc32(passage.text[-40:].encode())
            vectors = self._vectors(number, len(passage.sentences))
            type(self).seconds += time.perf_counter() - begun
            type(self).work += time.process_time() - worked
            yield Encoded(whole, vectors)
            progress(1)

    def _vectors(self, number: int, count: int) -> Vectors:
        known = _block()
        size = len(known)
        first, second = number % size, number // size % size
        rows = np.arange(count)
        mixed = known[(first + rows) % size] + known[(second + 7 * rows) % size]
        unit: Vectors = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
        return unit


@cache
def _block() -> Vectors:
    return next(vector_blocks(10_000))


@dataclass(frozen=True)
class Timed:
    """A build, and how long it took without the making of vectors, by the clock and in work.

    Work is the processor's time: on a machine that others use too it says more.
    """

    built: Built
    seconds: float
    work: float


def write_sources(folder: Path, size: int) -> None:
    """Write documents of about `size` passages, unless they are there."""
    whole = folder / ".whole"
    if whole.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in documents(size):
        (folder / name).write_text(text, "utf-8")
    whole.touch()


def change_sources(folder: Path, edition: int) -> int:
    """Change one document in a thousand, at least one, and return how many."""
    count = max(1, len(list(folder.glob("*.txt"))) // 1000)
    for number in range(count):
        name, text = changed_document(number, edition)
        (folder / name).write_text(text, "utf-8")
    return count


def build_timed(root: Path, sources: Path, *, force: bool = False, real: bool = False) -> Timed:
    """Build an archive of the sources, its files looked at included."""
    with pytest.MonkeyPatch.context() as patch:
        if not real:
            patch.setattr(index.building.build, "load_encoder", GeneratedEncoder)
        GeneratedEncoder.seconds = GeneratedEncoder.work = 0.0
        begun, worked = time.perf_counter(), time.process_time()
        built = build_archive(
            root,
            gather([sources], Silence(), {} if force else known_files(root)),
            model=DEFAULT_MODEL,
            cache=settings.load().cache_folder,
            progress=Silence(),
            force=force,
        )
        seconds, work = time.perf_counter() - begun, time.process_time() - worked
    return Timed(built, seconds - GeneratedEncoder.seconds, work - GeneratedEncoder.work)
