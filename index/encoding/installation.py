"""Installing exported models: once per machine, in a process of their own, atomically."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from logging import ERROR, getLogger
from pathlib import Path

import onnxruntime
from tokenizers import Tokenizer

from corpus.errors import DamagedIndex, ModelUnavailable
from index.storage.checksummed import Sealed, sync

# The age in seconds of an unfinished folder after which its export counts as dead.
_ABANDONED = 24 * 60 * 60
# The inputs of a graph that reads a text alone.
_INPUTS = {"input_ids", "attention_mask", "token_type_ids", "position_ids"}


def is_whole(folder: Path) -> bool:
    """Return whether a folder has a complete, unaltered export."""
    try:
        Sealed(folder).verify_all()
    except DamagedIndex:
        return False
    return True


def install(
    folder: Path, fill: Callable[[Path], object], will_do: Callable[[Path], bool] = is_whole
) -> None:
    """Fill a temporary folder and rename it into place.

    An existing one stays if it `will_do`.
    """
    import tempfile
    import time

    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(".new-*"):
        # Filling takes minutes: this one is dead.
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
            # Another process was first, or an unsuitable folder is in the way.
            if not will_do(folder):
                shutil.rmtree(folder)
                target.rename(folder)
    sync(folder.parent, deep=False)


def run_aside(module: str, *words: str) -> str | None:
    """Run a module of memcon in a process of its own, which frees torch's gigabyte of memory.

    Returns the last line of its stderr if it failed, else None.
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
    """Silence the model libraries' warnings and progress bars."""
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


def save_tokenizer(work: Path, folder: Path) -> None:
    """Copy an exported tokenizer without the model's limits, which loading sets."""
    tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    # Without line breaks the file loads faster.
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)


def find_problem(work: Path) -> str | None:
    """Return why an export in `work` cannot be run without its model's own code, or None."""
    if not (work / "tokenizer.json").is_file():
        return "has no tokenizer that runs without its own code"
    odd = _find_inputs(work / "onnx" / "model.onnx") - _INPUTS
    return f"reads more than a text: {', '.join(sorted(odd))}" if odd else None


def run_export(export: Callable[[str, Path], object]) -> None:
    """Export the model named on the command line into the folder named there."""
    import sys

    try:
        export(sys.argv[1], Path(sys.argv[2]))
    except ModelUnavailable as unavailable:
        sys.exit(unavailable.message)


def optimize_graph(graph: Path, target: Path) -> None:
    """Write a graph with onnxruntime's machine-independent optimisations."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def _find_inputs(graph: Path) -> set[str]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    return {item.name for item in session.get_inputs()}


def slug(name: str, state: str = "") -> str:
    """Return a folder name for a model's name or path, unique to it.

    `state` identifies the content of a local folder.
    """
    plain = "".join(char if char.isalnum() or char in "-." else "-" for char in Path(name).name)
    return f"{plain}-{hashlib.sha256((name + state).encode()).hexdigest()[:8]}"


def state_of(folder: Path) -> str:
    """Return the names, sizes and times of a local model's files."""
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            with suppress(OSError):
                status = path.stat()
                found.append(f"{path.relative_to(folder)} {status.st_size} {status.st_mtime_ns}")
    return "\n".join(sorted(found))


def hash_export(folder: Path, names: Sequence[str]) -> str:
    """Return the SHA-256 of the existing files of an export."""
    paths = [folder / name for name in names]
    hashes = [f"{path.name} {hash_file(path)}\n" for path in paths if path.exists()]
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
