"""Systems that are compared: each in a process of its own, asked in turns.

What else goes on in the machine then slows all of them alike, the memory of each is its own, and
libraries that cannot live in one process do not meet.
"""

import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.tools.bench.table import NOT_RUN, Table, amount, times

# A system: prepares itself in a folder, and returns what answers the query of a number with the
# numbers of passages, best first. It must be a function at the top of a module.
Answerer = Callable[[int], Sequence[int]]
System = Callable[[Path, int], Answerer]

# So many queries are asked of one system before it is the next one's turn.
_TURN = 10
ROUNDS = 3


@dataclass
class Measured:
    """What a system came to: `seconds` to prepare, MB of memory, ms for each query.

    `own` is the memory that is not of mapped files, which the system takes back when it needs it.
    `failed` is the reason where it could not be measured.
    """

    seconds: float = 0.0
    memory: float = 0.0
    own: float = 0.0
    times: list[float] = field(default_factory=list)
    found: dict[int, list[int]] = field(default_factory=dict)
    failed: str = ""

    def at(self, share: float) -> float:
        """Return the time that a share of the queries do not exceed, in ms."""
        ordered = sorted(self.times)
        place = min(len(ordered) - 1, int(share * len(ordered)))
        return ordered[place] if ordered else float("nan")


def compare(
    table: Table,
    systems: Callable[[int], Mapping[str, System | None]],
    folder: Path,
    sizes: Sequence[int],
    queries: int,
    more: Callable[[Measured, Mapping[str, Measured]], Sequence[str]],
    *,
    repeat: bool = True,
) -> tuple[Table, dict[str, dict[int, float]]]:
    """Measure the systems of each size; return the table and each system's median in ms by size.

    A system that is None would take too long. The first is the one that the others' times are
    compared with. `more` gives a row's last three cells; `repeat` is as in `compete`.
    """
    rows: list[list[str]] = []
    curves: dict[str, dict[int, float]] = {}
    failed: list[str] = []
    for size in sizes:
        known = systems(size)
        running = {name: system for name, system in known.items() if system}
        measured = compete(running, folder, size, queries, repeat=repeat)
        failed += failures(measured)
        median = next(iter(measured.values())).at(0.5)
        for name in known:
            each = measured.get(name)
            if each is None or each.failed:
                rows.append([f"{size:,}", name, each.failed if each else NOT_RUN, *[""] * 5])
                continue
            curves.setdefault(name, {})[size] = each.at(0.5)
            speed = (amount(each.at(0.5)), amount(each.at(0.99)), times(each.at(0.5) / median))
            rows.append([f"{size:,}", name, *speed, *more(each, measured)])
    return replace(table, rows=rows, failures=failed), curves


def compete(
    systems: Mapping[str, System], folder: Path, size: int, queries: int, *, repeat: bool = True
) -> dict[str, Measured]:
    """Measure all systems on the passages of one size.

    Each of `ROUNDS` has as many `queries`: the same ones, or others unless they `repeat`.
    """
    context = multiprocessing.get_context("spawn")
    measured = {name: Measured() for name in systems}
    running = {}
    for name, system in systems.items():
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, system, folder, size), daemon=True)
        process.start()
        theirs.close()
        running[name] = (process, ours)
        # One after the other: nobody's preparation is slowed by another's.
        _tell(name, size)
        reply = _receive(ours, measured[name])
        if reply is None:
            process.join()
            del running[name]
        else:
            measured[name].seconds = reply
    for turn in range(ROUNDS):
        for start in range(0, queries, _TURN):
            numbers = [
                number + (0 if repeat else turn * queries)
                for number in range(start, min(start + _TURN, queries))
            ]
            for name, (_, connection) in running.items():
                connection.send(numbers)
                reply = _receive(connection, measured[name])
                if reply is None:
                    continue
                times, found = reply
                measured[name].found.update(zip(numbers, found, strict=True))
                if turn:
                    # The first round warms caches, and compiles what is compiled when it is met.
                    measured[name].times += times
    for name, (process, connection) in running.items():
        connection.send(None)
        reply = _receive(connection, measured[name])
        if reply is not None:
            measured[name].memory, measured[name].own = reply
        process.join()
    return measured


def failures(measured: Mapping[str, Measured]) -> list[str]:
    """Return what kept systems from being measured."""
    return [f"{name}: {each.failed}" for name, each in measured.items() if each.failed]


def resident() -> tuple[float, float]:
    """Return the memory that is this process's share in MB, with mapped files and without.

    Pages that several processes have count for each by its part. 0 where the system does not say.
    """
    try:
        lines = Path("/proc/self/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0.0, 0.0
    known = {words[0]: int(words[1]) / 1024 for line in lines[1:] if (words := line.split())}
    return known.get("Pss:", 0.0), known.get("Pss_Anon:", 0.0)


def shared(found: Mapping[int, Sequence[int]], wanted: Mapping[int, Sequence[int]]) -> float:
    """Return which share of the wanted passages is among those found, over all queries."""
    parts = [
        len(set(found.get(number, ())) & set(right)) / len(right)
        for number, right in wanted.items()
        if len(right)
    ]
    return sum(parts) / len(parts) if parts else float("nan")


def _serve(connection: Connection, system: System, folder: Path, size: int) -> None:
    # LanceDB's library writes a note for each search.
    os.environ["LANCE_LOG"] = os.environ["RUST_LOG"] = "error"
    try:
        begun = time.perf_counter()
        answer = system(folder, size)
        connection.send(time.perf_counter() - begun)
        while (numbers := connection.recv()) is not None:
            times, found = [], []
            for number in numbers:
                begun = time.perf_counter()
                best = answer(number)
                times.append((time.perf_counter() - begun) * 1000)
                found.append([int(place) for place in best])
            connection.send((times, found))
        connection.send(resident())
    except Exception as error:  # noqa: BLE001 - whatever a library raises is the result
        traceback.print_exc()
        connection.send(error)


def _receive(connection: Connection, measured: Measured) -> Any:
    try:
        reply = connection.recv()
    except EOFError:
        reply = RuntimeError("the process ended")
    if isinstance(reply, Exception):
        measured.failed = measured.failed or f"{type(reply).__name__}: {reply}".splitlines()[0]
        return None
    return reply


def _tell(name: str, size: int) -> None:
    sys.stderr.write(f"  {name}, {size:,} passages\n")
