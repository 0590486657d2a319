"""A disk that is full or fails: one clear error, the old index answers, the next build is whole."""

import errno
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.errors import ArchiveUnwritable
from index.building.build import roll_back
from index.storage.generation import current
from tests.support.trials import (
    Trial,
    ask,
    check_whole,
    run_limited,
    try_build,
    watch,
)

# The vectors that were made before are kept for the next build.
FOLDERS = {"generations", "segments", "models", "encoding"}
WRITING = ("write", "os.mkdir", "os.rename", "fsync")


def failing(trial: Trial, number: int, fails: Callable[[int, int], OSError | None]) -> str | None:
    """Build while writing fails where `fails`, told the count and `number`, gives an error."""
    count = 0

    def step(name: str) -> None:
        nonlocal count
        if name.startswith(WRITING):
            count += 1
            error = fails(count, number)
            if error:
                raise error

    stop = watch(trial.place.root, step)
    try:
        return try_build(trial.place)
    finally:
        stop()


def once(count: int, number: int) -> OSError | None:
    return OSError(errno.EIO, "Input/output error") if count == number else None


def for_good(count: int, number: int) -> OSError | None:
    return OSError(errno.ENOSPC, "No space left on device") if count >= number else None


@pytest.mark.parametrize("number", range(1, 97, 8))
@pytest.mark.parametrize("fails", [once, for_good])
def test_writing_that_fails_is_one_clear_error(
    fails: Callable[[int, int], OSError | None], number: int, trial: Trial
) -> None:
    before = trial.number
    trial.write()
    said = failing(trial, number, fails)
    if said is None:
        # Only clearing away was left to do, or a retry did it.
        assert ask(trial.place.root) == trial.number
    else:
        assert "cannot be written" in said
        assert "Try: memcon doctor" in said
        assert ask(trial.place.root) in {before, trial.number}
        left = {path.name for path in trial.place.root.iterdir()}
        if fails is once:
            assert left <= {"CURRENT", "sources.json", "build.lock", *FOLDERS}
    trial.place.build()
    check_whole(trial.place, trial.number)


@pytest.mark.parametrize("size", [0, 60, 400, 1000, 1500, 3000, 8000, 20_000])
def test_a_file_that_grows_too_long_is_one_clear_error(size: int, trial: Trial) -> None:
    pytest.importorskip("resource")
    before = trial.number
    trial.write()
    said = run_limited(trial.place, size)
    assert said is not None
    assert "cannot be written" in said
    assert "Try: memcon doctor" in said
    assert ask(trial.place.root) == before
    left = {path.name for path in trial.place.root.iterdir()}
    assert left <= {"CURRENT", "sources.json", "build.lock", *FOLDERS}
    kept = {path.name for path in (trial.place.root / "generations").iterdir()}
    assert len(kept) == 3
    trial.place.build()
    check_whole(trial.place, trial.number)


def test_a_disk_that_is_really_full_is_one_clear_error(tmp_path: Path) -> None:
    """Build in a small file system of its own, where the system lets one be made."""
    sizes = [0, 4096, 30_000, 60_000, 100_000, 140_000, 170_000, 200_000, 8_000_000]
    mount = f"mount -t tmpfs -o size=16m tmpfs {tmp_path}"
    if (
        not shutil.which("unshare")
        or subprocess.run(
            ["unshare", "-rm", "sh", "-c", mount], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("needs a file system of its own")
    script = (
        "import sys; from pathlib import Path; from tests.support.trials import fill_disk; "
        f"fill_disk(Path(sys.argv[1]), {sizes})"
    )
    done = subprocess.run(
        [
            *("unshare", "-rm", "sh", "-c", f'{mount} && exec "$@"', "sh"),
            *(sys.executable, "-c", script, str(tmp_path)),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    assert len(sizes) // 2 <= int(done.stdout) < len(sizes)


def test_an_archive_that_may_not_be_written_says_so(trial: Trial) -> None:
    (trial.place.root / "build.lock").unlink()
    (trial.place.root / "build.lock").mkdir()
    trial.write()
    said = try_build(trial.place)
    assert said is not None
    assert "cannot be written" in said


def test_a_rollback_that_cannot_be_written_leaves_all_as_it_was(trial: Trial) -> None:
    before = current(trial.place.root).name

    def step(name: str) -> None:
        if name.startswith("os.rename CURRENT"):
            raise OSError(errno.ENOSPC, "No space left on device")

    stop = watch(trial.place.root, step)
    try:
        with pytest.raises(ArchiveUnwritable, match="No space left"):
            roll_back(trial.place.root)
    finally:
        stop()
    assert current(trial.place.root).name == before
    check_whole(trial.place, trial.number)
    assert int(roll_back(trial.place.root).generation) == int(before) - 1
