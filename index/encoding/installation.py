"""Installing exported models: once a machine, by a process of their own, whole or not there."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from logging import ERROR, getLogger
from pathlib import Path

import onnxruntime

from corpus.errors import DamagedIndex
from index.storage.checksummed import Sealed, sync

# After so many seconds a folder that is being filled is taken for one that was cut off.
_ABANDONED = 24 * 60 * 60


def is_whole(folder: Path) -> bool:
    """Tell whether a folder holds an export with nothing missing or altered."""
    try:
        Sealed(folder).verify_all()
    except DamagedIndex:
        return False
    return True


def install(
    folder: Path, fill: Callable[[Path], object], will_do: Callable[[Path], bool] = is_whole
) -> None:
    """Fill a folder aside and rename it into place: whole, or not there.

    One that is there already stays where it `will_do`.
    """
    import tempfile
    import time

    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(".new-*"):
        # Filling one takes minutes: this one was cut off, and nobody else is at work on it.
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _ABANDONED:
                shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent) as aside:
        target = Path(aside) / folder.name
        target.mkdir()
        fill(target)
        sync(target)
        try:
            target.rename(folder)
        except OSError:
            if not folder.exists():
                raise
            # Somebody else finished the same work first, or one that will not do is in the way.
            if not will_do(folder):
                shutil.rmtree(folder)
                target.rename(folder)
    sync(folder.parent, deep=False)


def run_aside(module: str, *words: str) -> str | None:
    """Run a module of memcon in a process of its own: torch's gigabyte of memory goes with it.

    Returns the last line of what it said where it failed, else None.
    """
    import subprocess
    import sys

    # Not multiprocessing: its children run the caller's own script again.
    done = subprocess.run(  # noqa: S603 - this very program
        [sys.executable, "-m", module, *words], capture_output=True, text=True, check=False
    )
    if not done.returncode:
        return None
    return (done.stderr.strip().splitlines() or ["no reason given"])[-1]


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep the model libraries' notes to their own developers, and their progress, from people."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from transformers.utils import logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        logger = getLogger("sentence_transformers")
        level = logger.level
        logger.setLevel(ERROR)
        try:
            yield
        finally:
            logger.setLevel(level)


def optimize_graph(graph: Path, target: Path) -> None:
    """Write a graph as onnxruntime optimises it for any machine."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def find_inputs(graph: Path) -> set[str]:
    """Return the names of what a graph reads."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    return {item.name for item in session.get_inputs()}


def slug(name: str, state: str = "") -> str:
    """Return a folder name for a model's name or path, different for different ones.

    `state` stands for what is in a local folder.
    """
    plain = "".join(char if char.isalnum() or char in "-." else "-" for char in Path(name).name)
    return f"{plain}-{hashlib.sha256((name + state).encode()).hexdigest()[:8]}"


def state_of(folder: Path) -> str:
    """Return what changes when a file of a local model does: names, sizes and times."""
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            with suppress(OSError):
                status = path.stat()
                found.append(f"{path.relative_to(folder)} {status.st_size} {status.st_mtime_ns}")
    return "\n".join(sorted(found))


def hash_export(folder: Path, names: Sequence[str]) -> str:
    """Return the SHA-256 of those of the files of an export that are there."""
    paths = [folder / name for name in names]
    hashes = [f"{path.name} {hash_file(path)}\n" for path in paths if path.exists()]
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
