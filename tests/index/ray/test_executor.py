"""Builds on a real Ray cluster of several nodes on this machine, and what is done to them."""

import functools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.authority.names import Authority
from corpus.errors import ClusterUnavailable, UsageError
from index.building.build import Built, build_archive
from index.building.executor import LOCAL, Executor
from index.building.preparation import Prepared
from index.building.vector_journal import VectorJournal
from index.encoding.encoder import DEFAULT_MODEL
from index.ray import executor as cluster
from index.ray.executor import RayExecutor
from index.ray.work_units import EncodingKit, known_versions
from index.retrieval.archive import Archive
from index.storage.generation import Manifest, current
from index.storage.inventory import Inventory, Source, gather, survey
from tests.support import papers
from tests.support.archives import Run, Silence
from tests.support.papers import DeadlyPaper, HostilePaper, Paper, SlowPaper
from tests.support.sameness import show

pytest.importorskip("ray", reason="needs memcon[ray]")

STORE = 128 << 20
# A passage has some eighty words, and a paper some passages.
SENTENCE = "The keeper of light {} wrote in line {} that the lamp of the harbour burned all night. "
NOON = 1_000_000_000
_HEALTH = {
    "health_check_initial_delay_ms": 1000,
    "health_check_period_ms": 500,
    "health_check_timeout_ms": 2000,
}


def text_of(number: int, lines: int = 30) -> str:
    paragraphs = (range(line, min(line + 10, lines)) for line in range(0, lines, 10))
    return f"Report {number}\n\n" + "\n\n".join(
        "".join(SENTENCE.format(number, line) for line in paragraph) for paragraph in paragraphs
    )


class Nodes:
    """A cluster whose nodes have one processor each; the first is the one that builds join."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self.cluster = Cluster()
        # Whether nodes are alive is asked more often than by default, which takes half a minute.
        self.add(_system_config=_HEALTH)
        self.add()
        self.address: str = self.cluster.address

    def add(self, **more: Any) -> Any:
        return self.cluster.add_node(
            num_cpus=1, object_store_memory=STORE, include_dashboard=False, **more
        )

    def workers(self, nodes: Sequence[Any] = ()) -> dict[int, str]:
        """Return the processes of nodes, of all unless some are named, and what they do."""
        raylets = {
            node.all_processes["raylet"][0].process.pid
            for node in nodes or self.cluster.list_all_nodes()
        }
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if parent in raylets:
                    found[int(folder.name)] = (folder / "cmdline").read_text().strip("\0")
            except (OSError, ValueError):
                continue
        return found


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    patch = pytest.MonkeyPatch()
    # Its nodes listen on this machine alone, and end with these tests.
    patch.setenv("RAY_AUTH_MODE", "disabled")
    patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    # The process that asks a cluster how it is takes seconds of work, and more where others work.
    patch.setattr(cluster, "_PATIENCE", 120.0)
    patch.setattr(cluster, "_knock", functools.cache(cluster._knock))
    import ray

    ray.cloudpickle.register_pickle_by_value(papers)
    made = Nodes()
    yield made
    made.cluster.shutdown()
    ray.cloudpickle.unregister_pickle_by_value(papers)
    patch.undo()


@pytest.fixture
def executor(nodes: Nodes) -> Iterator[RayExecutor]:
    with RayExecutor(nodes.address) as executor:
        yield executor


@pytest.fixture
def small_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_FILES", 2)
    monkeypatch.setattr(cluster, "_PASSAGES", 4)


Make = Callable[..., Built]


@pytest.fixture
def make(tmp_path: Path, cache: Path) -> Make:
    """Return a function that builds an archive of this name."""

    def build(name: str, gathered: Inventory, executor: Executor = LOCAL) -> Built:
        return build_archive(
            tmp_path / name,
            gathered,
            model=DEFAULT_MODEL,
            cache=cache,
            progress=Silence(),
            executor=executor,
        )

    return build


def collect(found: Sequence[Source]) -> Inventory:
    return survey(sorted(found, key=lambda paper: paper.name), ("test",), [], Silence())


def same(one: Manifest, other: Manifest) -> bool:
    """Tell whether two generations have the same bytes and say the same of themselves."""
    return replace(one, generation="", built="") == replace(other, generation="", built="")


def write_mixed(folder: Path) -> None:
    """Write files of several kinds, some of them broken, some there twice."""
    for number in range(20):
        (folder / f"{number:02}.txt").write_text(text_of(number, 3 * number))
    (folder / "copies").mkdir()
    (folder / "copies" / "05.txt").write_text(text_of(5, 15))
    (folder / "copies" / "06.txt").write_text(text_of(66))
    (folder / "talks.md").write_text(
        "---\ntitle: Talks on Salt\ndate: 1994-02-11\n---\n\n"
        "(Prime Minister) The dues on salt are too high.\n\n(President) They were halved in May.\n"
    )
    (folder / "page.html").write_text(
        "<html><head><title>Tides</title></head><body><article><h1>Tides</h1><p>"
        + "The tide of Hakodate was measured twice a day by the clerk. " * 12
        + "</p></article></body></html>"
    )
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 4)
    (folder / "broken.docx").write_bytes(b"PK\x03\x04 no archive")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    with zipfile.ZipFile(folder / "papers.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner/a.txt", text_of(70))
        archive.writestr("inner/broken.pdf", b"%PDF-1.4 nothing")
        archive.writestr("inner/b.txt", text_of(71))
    for path in folder.rglob("*"):
        os.utime(path, (NOON, NOON))


def test_a_mixed_folder_gives_the_same_bytes_as_locally(
    tmp_path: Path, make: Make, executor: RayExecutor, small_units: None
) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    write_mixed(folder)
    # The same name twice, of the same text and of another.
    folders = [folder, folder / "copies"]
    here = make("here", gather(folders, Silence()))
    there = make("there", gather(folders, Silence()), executor)
    archive = Archive(tmp_path / "there")
    skipped = {Path(problem.source).name for problem in archive.engine.problems()}
    archive.close()
    assert skipped >= {"broken.pdf", "broken.docx", "empty.txt", "picture.png", "05.txt"}
    assert there.manifest.checksums == here.manifest.checksums
    assert same(there.manifest, here.manifest)
    assert (there.read, there.encoded) == (here.read, here.encoded)
    assert executor.units > 20
    assert executor.lost == 0


def test_a_build_with_nothing_to_read_joins_no_cluster(tmp_path: Path, make: Make) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(text_of(number))
    make("here", gather([folder], Silence()))
    # Nobody answers there, and nobody is asked.
    with RayExecutor("127.0.0.1:1") as nowhere:
        assert not make("here", gather([folder], Silence()), nowhere).changed
        (folder / "1.txt").unlink()
        assert make("here", gather([folder], Silence()), nowhere).changed
        assert (nowhere.units, nowhere.task) == (0, None)
        (folder / "3.txt").write_text(text_of(3))
        with pytest.raises(ClusterUnavailable, match=r"No Ray cluster answers at 127.0.0.1:1: "):
            make("here", gather([folder], Silence()), nowhere)
    assert Manifest.read(current(tmp_path / "here")).documents == 2


def test_hostile_files_are_reported_as_locally_and_not_read_again(
    make: Make, executor: RayExecutor, small_units: None
) -> None:
    found = [HostilePaper(f"hostile.{kind}", "x") for kind in ("crash", "grow", "loop", "sink")]
    gathered = collect([*found, *(Paper(f"{n}.txt", text_of(n)) for n in range(4))])
    here = make("here", gathered)
    there = make("there", gathered, executor)
    assert same(there.manifest, here.manifest)
    assert there.manifest.skipped == 4
    assert executor.lost == 0


@pytest.mark.usefixtures("small_units")
def test_no_more_is_read_ahead_than_the_processors_need(executor: RayExecutor) -> None:
    fetched = []

    def endless() -> Iterator[Source]:
        for number in range(10_000):
            fetched.append(number)
            yield Paper(f"{number}.txt", "The lamp was lit.\n")

    with closing(executor.read(endless(), Authority([]))) as readings:
        for number in range(30):
            reading = next(readings)
            assert [type(item) for item in reading.items] == [Prepared]
            # Two processors, three units of two files each, and a unit that waits to be sent.
            assert len(fetched) <= number + 2 * (2 * 3 + 2)


class Trace:
    """What slow papers have written down."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def lines(self) -> list[tuple[int, str, str]]:
        words = [line.split() for line in self.path.read_text().splitlines()]
        return [(int(process), what, name) for process, what, name in words]

    def running(self) -> dict[int, str]:
        """Return the processes that are reading a paper, and which."""
        found: dict[int, str] = {}
        for process, what, name in self.lines() if self.path.exists() else ():
            if what == "begun":
                found[process] = name
            else:
                found.pop(process, None)
        return found

    def count(self, what: str) -> Counter[str]:
        return Counter(name for _, told, name in self.lines() if told == what)


@pytest.fixture
def trace(tmp_path: Path) -> Trace:
    return Trace(tmp_path / "trace")


def slow_papers(trace: Trace) -> list[SlowPaper]:
    return [SlowPaper(f"{n:02}.txt", text_of(n), str(trace.path), 0.1) for n in range(20)]


@contextmanager
def stopped(process: int) -> Iterator[None]:
    """Have a process do nothing for a while."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)


def meanwhile(strike: Callable[[], str | None]) -> tuple[threading.Thread, list[str]]:
    """Try to strike until it tells what was hit, in a thread of its own."""
    hit: list[str] = []

    def watch() -> None:
        deadline = time.monotonic() + 60
        while not hit and time.monotonic() < deadline:
            if told := strike():
                hit.append(told)
            time.sleep(0.005)

    thread = threading.Thread(target=watch)
    thread.start()
    return thread, hit


@pytest.mark.usefixtures("small_units")
def test_workers_that_are_killed_at_work_lose_nothing(
    make: Make,
    nodes: Nodes,
    executor: RayExecutor,
    trace: Trace,
    capfd: pytest.CaptureFixture[str],
) -> None:
    found = slow_papers(trace)
    here = make("here", collect([Paper(paper.name, paper.text) for paper in found]))

    def kill_reader() -> str | None:
        for process, name in trace.running().items():
            if name > "03" and process in nodes.workers():
                with stopped(process):
                    # Nothing that it does now can come between.
                    if trace.running().get(process) == name:
                        os.kill(process, signal.SIGKILL)
                        return name
        return None

    def kill_encoder() -> str | None:
        for process, title in nodes.workers().items():
            if "memcon encoding" in title:
                with stopped(process):
                    if nodes.workers().get(process) == title:
                        os.kill(process, signal.SIGKILL)
                        return title
        return None

    strikes = [meanwhile(kill_reader), meanwhile(kill_encoder)]
    there = make("there", collect(found), executor)
    for thread, _ in strikes:
        thread.join()
    (_, read), (_, encoded) = strikes
    assert (len(read), len(encoded)) == (1, 1)
    assert executor.lost == 2
    # Ray's own words on stdout would be taken for a result.
    assert capfd.readouterr() == ("", "")
    assert same(there.manifest, here.manifest)
    # The paper that was being read was begun again, and every one is in the index once.
    begun, done = trace.count("begun"), trace.count("done")
    assert begun[read[0]] == 2
    assert begun.total() - done.total() == 1
    assert done.keys() == {paper.name for paper in found}
    assert there.manifest.documents == len(found)


@pytest.mark.usefixtures("small_units")
def test_a_node_that_is_lost_at_work_loses_nothing(
    make: Make, nodes: Nodes, executor: RayExecutor, trace: Trace
) -> None:
    found = slow_papers(trace)
    here = make("here", collect([Paper(paper.name, paper.text) for paper in found]))
    third = nodes.add()

    def remove() -> str | None:
        there = nodes.workers([third])
        for process, name in trace.running().items():
            if process in there and len(trace.lines()) > 16:
                with stopped(process):
                    if trace.running().get(process) == name:
                        nodes.cluster.remove_node(third, allow_graceful=False)
                        os.kill(process, signal.SIGKILL)
                        return name
        return None

    thread, hit = meanwhile(remove)
    there = make("there", collect(found), executor)
    thread.join()
    assert len(hit) == 1
    assert executor.lost >= 1
    assert same(there.manifest, here.manifest)
    begun, done = trace.count("begun"), trace.count("done")
    assert begun[hit[0]] >= 2
    assert done.keys() == {paper.name for paper in found}
    assert there.manifest.documents == len(found)


@pytest.mark.usefixtures("small_units")
def test_what_ends_every_worker_is_done_here_in_the_end(
    make: Make, executor: RayExecutor, trace: Trace
) -> None:
    deadly = DeadlyPaper("deadly.txt", text_of(9), str(trace.path), 0, os.getpid())
    gathered = collect([deadly, *(Paper(f"{n}.txt", text_of(n)) for n in range(4))])
    here = make("here", gathered)
    trace.path.unlink()
    there = make("there", gathered, executor)
    assert same(there.manifest, here.manifest)
    assert (executor.lost, executor.taken_back) == (3, 1)
    assert [process for process, what, _ in trace.lines() if what == "done"] == [os.getpid()]
    assert trace.count("begun").total() == 4


DRIVER = """\
import sys
from pathlib import Path
import ray
from index.ray import executor as cluster
from tests.index.ray import test_executor as tests
from tests.support import papers
from tests.support.archives import Silence
cluster._PASSAGES = 2
root, cache, address = sys.argv[1:]
found = [papers.Paper(f"{n:02}.txt", tests.text_of(n)) for n in range(30)]
ray.cloudpickle.register_pickle_by_value(papers)
with cluster.RayExecutor(address) as executor:
    tests.build_archive(
        Path(root), tests.collect(found), model=tests.DEFAULT_MODEL, cache=Path(cache),
        progress=Silence(), executor=executor,
    )
"""


def test_a_build_whose_own_process_was_killed_goes_on_from_what_it_had(
    tmp_path: Path, make: Make, nodes: Nodes, executor: RayExecutor, cache: Path
) -> None:
    found = [Paper(f"{n:02}.txt", text_of(n)) for n in range(30)]
    here = make("here", collect(found))
    first = make("there", collect(found[:2])).manifest
    root = tmp_path / "there"
    command = [sys.executable, "-c", DRIVER, str(root), str(cache), nodes.address]
    with subprocess.Popen(command, cwd=papers.ROOT) as driver:
        while driver.poll() is None:
            journals = [path.stat().st_size for path in (root / "encoding").glob("*.bin")]
            if journals and journals[0] > 1 << 15:
                driver.kill()
                break
            time.sleep(0.005)
    assert driver.returncode == -signal.SIGKILL
    assert Manifest.read(current(root)) == first
    (journal,) = (root / "encoding").glob("*.bin")
    with VectorJournal(journal, first.dimension) as kept:
        went_on_from = len(kept)
    there = make("there", collect(found), executor)
    assert show(root) == show(tmp_path / "here")
    assert went_on_from > 0
    assert there.encoded == here.encoded - first.passages - went_on_from > 0


def test_a_worker_with_other_versions_does_nothing(
    make: Make, executor: RayExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {**known_versions(), "memcon": "other", "lxml": "0.0.1"}
    monkeypatch.setattr(cluster, "known_versions", lambda: wanted)
    with pytest.raises(ClusterUnavailable, match=r"lxml is [\d.]+ and not 0\.0\.1"):
        make("there", collect([Paper("a.txt", text_of(1))]), executor)


def test_a_worker_whose_vectors_are_others_does_nothing(
    make: Make, executor: RayExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = EncodingKit.pack

    def turn(encoder: Any) -> EncodingKit:
        kit = pack(encoder)
        return replace(kit, probes=np.roll(kit.probes, 1, axis=1))

    monkeypatch.setattr(EncodingKit, "pack", turn)
    with pytest.raises(ClusterUnavailable, match="gives other vectors: their cosine"):
        make("there", collect([Paper("a.txt", text_of(1))]), executor)


def test_an_address_where_something_else_listens_is_no_cluster(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_PATIENCE", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with (
            RayExecutor(address) as nowhere,
            pytest.raises(ClusterUnavailable, match="what answers there is none"),
        ):
            make("there", collect([Paper("a.txt", text_of(1))]), nowhere)


@pytest.mark.parametrize("address", ["nonsense", "host:", ":6379", "host:port"])
def test_what_is_no_address_is_wrong_usage(address: str, make: Make) -> None:
    with RayExecutor(address) as nowhere, pytest.raises(UsageError, match="HOST:PORT"):
        make("there", collect([Paper("a.txt", text_of(1))]), nowhere)


def test_without_ray_the_command_that_installs_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    with pytest.raises(ClusterUnavailable, match=r"pip install 'memcon\[ray\]'"):
        RayExecutor("auto")


def test_the_command_line_builds_on_a_cluster_and_says_no_more_than_locally(
    tmp_path: Path, memcon_process: Run, nodes: Nodes
) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(text_of(number))
        os.utime(folder / f"{number}.txt", (NOON, NOON))
    told = []
    for archive, words in (("here", ()), ("there", ("--ray", "auto"))):
        done = memcon_process(
            *("index", "build", str(folder), *words),
            archive=tmp_path / archive,
            env={"RAY_ADDRESS": nodes.address},
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        told.append([line.partition(" built in ")[0] for line in done.stderr.splitlines()])
    assert told[0] == told[1]
    here, there = (Manifest.read(current(tmp_path / name)) for name in ("here", "there"))
    assert there.checksums == here.checksums


def test_a_cluster_of_this_machine_ends_with_the_build(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    gathered = collect([Paper(f"{n}.txt", text_of(n)) for n in range(3)])
    here = make("here", gathered)
    handler = signal.getsignal(signal.SIGTERM)
    with RayExecutor("local", store=STORE) as executor:
        there = make("there", gathered, executor)
        import ray

        (node,) = ray.nodes()
        assert node["Alive"]
        process = ray._private.worker._global_node.all_processes["raylet"][0].process
    assert process.poll() is not None
    assert same(there.manifest, here.manifest)
    assert signal.getsignal(signal.SIGTERM) == handler
