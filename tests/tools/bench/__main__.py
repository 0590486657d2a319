"""`make bench`: measure memcon beside other systems, print tables and add them to a report.

ONLY names subjects, SIZES numbers of passages, FOLDER keeps the data for the next run:

    make bench ONLY=lexical,dense SIZES=1000,10000

The report is bench-DATE.md; each table of a day is appended to it, with the machine's load.
"""

import argparse
import datetime as dt
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from tests.tools.bench.table import Table

SIZES = (1_000, 10_000, 100_000, 1_000_000)
PICTURE = Path("bot/pictures/bench.png")
Curves = dict[str, dict[int, float]]


def _discord(_folder: Path, _sizes: Sequence[int]) -> tuple[Table, Curves]:
    from tests.tools.bench.discord import measure

    return measure(), {}


def _completing(_folder: Path, sizes: Sequence[int]) -> tuple[Table, Curves]:
    from tests.tools.bench.completing import measure

    return measure(sizes), {}


def _lexical(folder: Path, sizes: Sequence[int]) -> tuple[Table, Curves]:
    from tests.tools.bench.lexical import measure

    return measure(folder, sizes)


def _dense(folder: Path, sizes: Sequence[int]) -> tuple[Table, Curves]:
    from tests.tools.bench.dense import measure

    return measure(folder, sizes)


def _warm(folder: Path, sizes: Sequence[int]) -> tuple[Table, Curves]:
    from tests.tools.bench.asking import measure_warm

    return measure_warm(folder, sizes)


def _cold(folder: Path, sizes: Sequence[int]) -> tuple[Table, Curves]:
    from tests.tools.bench.asking import measure_cold

    return measure_cold(folder, sizes)


def _building(folder: Path, sizes: Sequence[int]) -> tuple[Table, Curves]:
    from tests.tools.bench.building import measure_building

    return measure_building(folder, sizes)


def _encoding(folder: Path, _sizes: Sequence[int]) -> tuple[Table, Curves]:
    from tests.tools.bench.building import measure_encoding

    return measure_encoding(folder), {}


# Each imports what it measures in its turn: some of the libraries cannot share a process.
SUBJECTS: dict[str, Callable[[Path, Sequence[int]], tuple[Table, Curves]]] = {
    "lexical": _lexical,
    "dense": _dense,
    "warm": _warm,
    "cold": _cold,
    "building": _building,
    "encoding": _encoding,
    "discord": _discord,
    "completing": _completing,
}
_DRAWN = ("lexical", "dense", "warm", "cold", "building")


def main() -> int:
    """Measure the chosen subjects; return 1 if a part of one could not be measured."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--only", default="", help=f"subjects, of {', '.join(SUBJECTS)}")
    parser.add_argument("--sizes", default="", help="numbers of passages")
    parser.add_argument("--folder", default="", help="keeps the data for the next run")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    parser.add_argument("--report", type=Path, default=Path(f"bench-{today}.md"))
    chosen = parser.parse_args()
    subjects = chosen.only.split(",") if chosen.only else list(SUBJECTS)
    sizes = [int(size) for size in chosen.sizes.split(",")] if chosen.sizes else SIZES
    if unknown := [name for name in subjects if name not in SUBJECTS]:
        parser.error(f"no subject {', '.join(unknown)}; there are {', '.join(SUBJECTS)}")
    if not chosen.folder:
        with tempfile.TemporaryDirectory(prefix="memcon-bench-") as passing:
            return measure(subjects, sizes, Path(passing), chosen.picture, chosen.report)
    folder = Path(chosen.folder)
    folder.mkdir(parents=True, exist_ok=True)
    return measure(subjects, sizes, folder, chosen.picture, chosen.report)


def measure(
    subjects: Sequence[str], sizes: Sequence[int], folder: Path, picture: Path, report: Path
) -> int:
    """Print the table of each subject, add it to the report, and draw the picture."""
    whole = True
    if not report.exists():
        cores = f"{os.cpu_count()} cores"
        system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
        title = f"# memcon {version('memcon')}, {report.stem}"
        report.write_text(f"{title}\n\n{system}, {cores}.\n\n", "utf-8")
    for name in subjects:
        sys.stderr.write(f"measuring: {name}\n")
        table, curves = SUBJECTS[name](folder, sizes)
        whole &= table.whole
        load = f"{os.getloadavg()[0]:.1f} processes on {os.cpu_count()} cores"
        section = f"{table}\nMachine load at the end: {load}.\n\n"
        sys.stdout.write(section)
        sys.stdout.flush()
        with report.open("a", encoding="utf-8") as file:
            file.write(section)
        if curves:
            _remember(folder, name, table.title, curves)
    drawn = [path for name in SUBJECTS if (path := folder / f"curves-{name}.json").exists()]
    # A picture of some subjects would overwrite one of all.
    if len(drawn) == len(_DRAWN) or (drawn and picture != PICTURE):
        from tests.tools.bench.plot import draw

        panels = dict(json.loads(path.read_text("utf-8")) for path in drawn)
        draw(panels, picture)
    return 0 if whole else 1


def _remember(folder: Path, name: str, title: str, curves: Curves) -> None:
    """Keep what is drawn, so that subjects may be measured in several runs."""
    (folder / f"curves-{name}.json").write_text(json.dumps([title, curves]), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
