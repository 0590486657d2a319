"""Experimental: reading and encoding on the nodes of a Ray cluster, in work units.

The only module that imports Ray. A build is cut into units of some files or passages, a limited
number of them under way. A unit that is lost with a worker or node is sent again, and after a few
losses done in this process. Memcon's code, the files and the model are sent along: nodes need Ray
and memcon's libraries in the same versions, but no shared files.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from corpus.authority.names import Authority
from corpus.documents import Problem
from corpus.errors import ClusterUnavailable, UsageError
from index.building.executor import FileReading, Items, fetch, replay
from index.encoding.encoder import Encoder, PassageText
from index.encoding.sessions import cores
from index.ray.work_units import EncodingKit, ReadingKit, known_versions
from index.retrieval.dense import Codes
from index.storage.document_store import FileRecord
from index.storage.inventory import Source

AUTO, LOCAL = "auto", "local"
# The most files of a unit of reading, and the bytes from which on it is full.
_FILES, _FILE_BYTES = 16, 1 << 20
# The passages of a unit of encoding: about half a second.
_PASSAGES = 32
# The most units under way or waiting per processor, and the most bytes of files in all.
_AHEAD, _BYTES = 3, 256 << 20
# Losses after which a unit is done in this process: the unit itself may kill workers.
_LOSSES = 3
# Seconds to wait for an address to answer, and for a cluster to have a processor.
_PATIENCE, _STARVING = 15.0, 60.0
# Seconds between requests for a cluster's resources.
_TICK = 5.0
# The object store of a cluster on this machine, in bytes; more goes to disk.
_STORE = 1 << 30
# Without these, Ray reports its use to its makers, and prints irrelevant warnings.
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


_AGAIN = "The index in use is unchanged; the next build continues with the vectors encoded so far."


@dataclass(slots=True)
class _Unit:
    """A work unit under way: its local data, the work sent, its bytes, and its pending answer."""

    ours: Any
    sent: Any
    size: int
    answer: Any
    losses: int = 0


class RayExecutor(AbstractContextManager["RayExecutor"]):
    """Reads and encodes on a Ray cluster, which is joined when there is work.

    A context manager: at the end it leaves the cluster, or stops one that it started. `units`
    counts the units sent, `lost` those lost with a worker or node and sent again, `taken_back`
    those done in this process.
    """

    def __init__(self, address: str, *, store: int = _STORE) -> None:
        """Prepare to work on the cluster at `address`.

        "auto" is the one that runs on this machine, or else "local": one that is started for this
        build, with `store` bytes for files and results. Raises ClusterUnavailable if Ray
        is not installed.
        """
        if find_spec("ray") is None:
            raise ClusterUnavailable(
                "Ray is not installed, which --ray needs.", "pip install 'memcon[ray]'"
            )
        self._address, self._store = address, store
        self.task: Any = None
        self.units = self.lost = self.taken_back = 0

    def __exit__(self, *_: object) -> None:
        if self.task is not None:
            import ray

            self.task = None
            ray.shutdown()

    def read(
        self, sources: Iterable[Source], authority: Authority
    ) -> Generator[FileReading, None, None]:
        """Yield the reading of each source, in order; raises ClusterUnavailable."""
        kit = ReadingKit(known_versions(), authority.entries)
        for records, results in self._run(kit, _cut_files(sources), "reading", ordered=True):
            found = iter(results)
            for record in records:
                if isinstance(record, Problem):
                    yield FileReading(None, Items(replay([record])))
                else:
                    yield FileReading(record, Items(replay(*next(found))))

    def encode(
        self, passages: Iterable[tuple[bytes, PassageText]], encoder: Encoder
    ) -> Generator[tuple[bytes, Codes], None, None]:
        """Yield the vectors of each passage, as they arrive; raises ClusterUnavailable."""
        rest = iter(passages)
        units = ((None, unit, 0) for unit in iter(lambda: list(islice(rest, _PASSAGES)), []))
        kit = EncodingKit.pack(encoder)
        for _, results in self._run(kit, units, "encoding", ordered=False):
            yield from results

    def _run(
        self,
        kit: ReadingKit | EncodingKit,
        units: Iterator[tuple[Any, Any, int]],
        name: str,
        *,
        ordered: bool,
    ) -> Iterator[tuple[Any, Any]]:
        """Yield each unit's local data and result, in order if `ordered`."""
        unit = next(units, None)
        if unit is None:
            return
        self._join()
        lane = _Lane(self, kit, name)
        while unit or lane.under_way:
            while unit and lane.has_room:
                lane.send(*unit)
                unit = next(units, None)
            yield from lane.take(ordered=ordered)

    def _join(self) -> None:
        if self.task is not None:
            return
        for name, value in _QUIET.items():
            os.environ.setdefault(name, value)
        import ray
        from ray._private import worker

        # Ray prints failures of workers on stdout, whatever its log settings.
        worker.print_to_stdstream = lambda *_, **__: None

        if self._address not in {AUTO, LOCAL}:
            _knock(self._address)
        known: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        own = {
            "num_cpus": cores(),
            "object_store_memory": self._store,
            "include_dashboard": False,
        }
        with _keep_signals(), _copy_code() as code, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            known["runtime_env"] = {"working_dir": str(code)}
            try:
                try:
                    here = own if self._address == LOCAL else {}
                    ray.init(address=self._address, **here, **known)
                except ConnectionError:
                    if self._address != AUTO:
                        raise
                    ray.init(address=LOCAL, **own, **known)
            except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
                ray.shutdown()
                words = " ".join(str(error).split())
                raise ClusterUnavailable(
                    f"The Ray cluster {self._address!r} cannot be joined: {words}"
                ) from error
        # This process itself repeats lost units, and counts the losses.
        remote = ray.remote(num_cpus=1, max_retries=0, scheduling_strategy="SPREAD")
        self.task = remote(_do)


class _Lane:
    """Work units of one kind: sends, awaits and repeats them."""

    def __init__(self, executor: RayExecutor, kit: ReadingKit | EncodingKit, name: str) -> None:
        self._executor, self._kit = executor, kit
        self._task = executor.task.options(name=f"memcon {name}")
        self.under_way: deque[_Unit] = deque()
        self._processors, self._counted = 0, -_TICK
        with self._errors():
            import ray

            self._kits = [ray.put(kit)]

    @property
    def has_room(self) -> bool:
        """Whether another unit may be sent."""
        return (
            len(self.under_way) < _AHEAD * max(2, self._count_processors())
            and sum(unit.size for unit in self.under_way) < _BYTES
        )

    def send(self, ours: Any, work: Any, size: int) -> None:
        """Send a unit of `size` bytes; `ours` is its local data."""
        import ray

        with self._errors():
            sent = ray.put(work)
            self.under_way.append(_Unit(ours, sent, size, self._task.remote(self._kits, sent)))
        self._executor.units += 1

    def take(self, *, ordered: bool) -> Iterator[tuple[Any, Any]]:
        """Yield finished units: the first of all, or any."""
        wanted = [self.under_way[0]] if ordered else [*self.under_way]
        ready = self._wait([unit.answer for unit in wanted])
        for unit in wanted:
            if unit.answer in ready and (result := self._collect(unit)) is not None:
                self.under_way.remove(unit)
                yield unit.ours, result

    def _wait(self, answers: list[Any]) -> set[Any]:
        """Wait for answers; returns at least one."""
        import ray

        fed = time.monotonic()
        while True:
            with self._errors():
                ready, _ = ray.wait(answers, timeout=_TICK)
                if ready:
                    return {*ready, *ray.wait(answers, num_returns=len(answers), timeout=0)[0]}
            if self._count_processors():
                fed = time.monotonic()
            elif time.monotonic() - fed > _STARVING:
                raise ClusterUnavailable(
                    f"The Ray cluster has had no processor for {_STARVING:.0f} s. {_AGAIN}"
                )

    def _collect(self, unit: _Unit) -> Any:
        """Return a unit's result, or None if it was lost and sent again."""
        import ray

        with self._errors():
            try:
                return ray.get(unit.answer)
            except ray.exceptions.RayTaskError:
                raise
            except ray.exceptions.RayError as error:
                unit.losses += 1
                self._executor.lost += 1
                if unit.losses < _LOSSES:
                    unit.answer = self._task.remote(self._kits, unit.sent)
                    return None
                if isinstance(error, ray.exceptions.RuntimeEnvSetupError):
                    raise
            work = ray.get(unit.sent)
        self._executor.taken_back += 1
        return self._do_here(work)

    @cached_property
    def _do_here(self) -> Callable[[Any], Any]:
        return self._kit.open()

    def _count_processors(self) -> int:
        """Return the number of the cluster's processors, which changes as nodes come and go."""
        import ray

        if time.monotonic() - self._counted > _TICK:
            with self._errors():
                self._processors = int(ray.cluster_resources().get("CPU", 0))
            self._counted = time.monotonic()
        return self._processors

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Translate errors of Ray, and raise those of a unit as they are."""
        import ray

        try:
            yield
        except ray.exceptions.RayTaskError as error:
            cause = error.cause
            if isinstance(cause, ImportError | OSError) or cause is None:
                raise ClusterUnavailable(
                    f"A worker of the Ray cluster cannot run memcon: {cause or error}"
                ) from error
            cause.add_note(str(error))
            raise cause from None
        except (OSError, RuntimeError, ray.exceptions.RayError) as error:
            words = " ".join(str(error).split())
            raise ClusterUnavailable(f"The Ray cluster has failed: {words}. {_AGAIN}") from error


@lru_cache(maxsize=2)
def _open(kit: Any) -> Callable[[Any], Any]:
    """Return a worker's function for units of a kind, opened once."""
    import ray

    opened: Callable[[Any], Any] = ray.get(kit).open()
    return opened


def _do(kits: list[Any], unit: Any) -> Any:
    """Do a unit, on a worker; a list keeps Ray from fetching the kit for each."""
    return _open(kits[0])(unit)


def _cut_files(
    sources: Iterable[Source],
) -> Iterator[tuple[list[FileRecord | Problem], list[tuple[Source, bytes]], int]]:
    """Yield records of some files, the readable ones, and their size in bytes."""
    records: list[FileRecord | Problem] = []
    files: list[tuple[Source, bytes]] = []
    size = 0
    for source in sources:
        record, data = fetch(source)
        records.append(record)
        if not isinstance(record, Problem):
            files.append((source, data))
            size += len(data)
        if len(records) == _FILES or size >= _FILE_BYTES:
            yield records, files, size
            records, files, size = [], [], 0
    if records:
        yield records, files, size


@contextmanager
def _copy_code() -> Iterator[Path]:
    """Provide a folder with memcon's code alone, for workers to run."""
    top = Path(__file__).parents[2]
    with tempfile.TemporaryDirectory(prefix="memcon-") as folder:
        for package in ("corpus", "index"):
            unwanted = shutil.ignore_patterns("__pycache__", "collections")
            shutil.copytree(top / package, Path(folder, package), ignore=unwanted)
        yield Path(folder)


@contextmanager
def _keep_signals() -> Iterator[None]:
    """Restore the handler of SIGTERM, which Ray replaces."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _knock(address: str) -> None:
    """Check that a cluster answers at an address; Ray itself would wait for many minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError(f"{address!r} is no Ray cluster; one is called auto, local or HOST:PORT.")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE).close()
        if address.startswith("ray://"):
            # Ray's client has a time-out of its own.
            return
        check = [sys.executable, "-m", "ray.scripts.scripts", "health-check", "--address", address]
        # Joining shows whether the cluster admits this process.
        subprocess.run(check, check=False, capture_output=True, timeout=_PATIENCE)  # noqa: S603
    except (OSError, OverflowError, subprocess.TimeoutExpired) as error:
        why = str(error) if isinstance(error, OSError) else "what answers there is none"
        raise ClusterUnavailable(f"No Ray cluster answers at {address}: {why}.") from error
