"""Readers who ask without pause while the archive is built again and again."""

import multiprocessing
import shutil
import threading
from collections.abc import Callable, Collection
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path

import filelock
import pytest

from corpus.errors import ArchiveBusy, DamagedIndex
from index.building.build import roll_back
from index.retrieval.archive import Archive
from index.storage.generation import Manifest, current, generations
from tests.support.archives import local, segment_of
from tests.support.trials import Place, Stop, Trial, ask, check_whole, fake, numbers_said, run_build

BUILDS = 8


def read(root: Path, done: Callable[[], bool]) -> list[int]:
    """Ask until it is done, now of a new Archive and now of one for a while; return the answers."""
    answers: list[int] = []
    while not done():
        archive = Archive(root)
        try:
            for _ in range(1 + len(answers) % 5):
                (number,) = numbers_said(archive)
                listed = {path for _, path, _, _ in archive.list_documents()}
                assert len(listed) == archive.manifest.documents
                answers.append(number)
        finally:
            archive.close()
    return answers


def read_apart(root: Path, done: Event, out: Connection) -> None:
    fake(pytest.MonkeyPatch())
    try:
        out.send(read(root, done.is_set))
    except Exception as error:  # noqa: BLE001 - told to who waits for it
        out.send(repr(error))


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    fake(monkeypatch)
    trial = Trial(Place(tmp_path))
    trial.write()
    trial.place.build()
    return trial


def test_readers_in_threads_and_processes_see_whole_generations(trial: Trial) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.support.trials"])
    apart, here = context.Event(), threading.Event()
    root = trial.place.root
    inboxes, processes = [], []
    for _ in range(2):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=read_apart, args=(root, apart, theirs))
        process.start()
        theirs.close()
        inboxes.append(ours)
        processes.append(process)
    found: list[list[int] | str] = []

    def read_here() -> None:
        try:
            found.append(read(root, here.is_set))
        except Exception as error:  # noqa: BLE001 - told to who waits for it
            found.append(repr(error))

    threads = [threading.Thread(target=read_here) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(BUILDS):
        trial.write()
        trial.place.build()
    apart.set()
    here.set()
    for thread in threads:
        thread.join()
    found += [inbox.recv() for inbox in inboxes]
    for process in processes:
        process.join()
    assert len(found) == 4
    for answers in found:
        assert isinstance(answers, list), answers
        assert len(answers) > 3
        # Never back to an older index.
        assert answers == sorted(answers)
        assert set(answers) <= set(range(1, BUILDS + 2))
    assert len(set().union(*(set(answers) for answers in found))) > 3
    check_whole(trial.place, trial.number)


@pytest.mark.parametrize("moment", ["CURRENT was read", "half of it was opened"])
def test_an_index_that_is_removed_while_it_is_opened_gives_way_to_the_newest(
    moment: str, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Manifest.read
    opened: list[Path] = []

    def rebuild() -> None:
        monkeypatch.setattr(Manifest, "read", whole)
        for _ in range(4):
            trial.write()
            trial.place.build()

    def late(folder: Path, formats: Collection[int]) -> Manifest:
        opened.append(folder)
        if moment == "CURRENT was read":
            rebuild()
            return whole(folder, formats)
        manifest = whole(folder, formats)
        rebuild()
        return manifest

    monkeypatch.setattr(Manifest, "read", late)
    number = ask(trial.place.root)
    assert not opened[0].exists()
    assert number == trial.number


def test_a_reader_that_was_asleep_finds_the_newest(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_dir = Path.is_dir

    def late(path: Path) -> bool:
        if path.name == "000001":
            monkeypatch.setattr(Path, "is_dir", is_dir)
            for _ in range(4):
                trial.write()
                trial.place.build()
        return is_dir(path)

    monkeypatch.setattr(Path, "is_dir", late)
    assert current(trial.place.root).name == "000005"


def test_damage_is_no_race(trial: Trial) -> None:
    (segment_of(trial.place.root) / "vectors.bin").unlink()
    with pytest.raises(DamagedIndex, match=r"vectors\.bin"):
        Archive(trial.place.root)


def test_a_reader_goes_on_though_its_index_was_removed(trial: Trial) -> None:
    archive = Archive(trial.place.root)
    for _ in range(4):
        trial.write()
        trial.place.build()
    assert not local(archive).sealed.folder.exists()
    assert numbers_said(archive) == {1}
    assert len(list(archive.engine.texts())) == archive.manifest.documents
    archive.close()


def test_who_builds_is_named_and_who_died_building_is_forgotten(trial: Trial) -> None:
    assert run_build(trial.place).code == 0
    trial.write()
    # A build in this process while another holds the lock: the one that holds it is named.
    told = []

    class Second:
        """Tries to build as well while the first is at work."""

        def stage(self, name: str, total: int | None = None) -> None:  # noqa: ARG002 - a protocol's
            if name == "reading files":
                with pytest.raises(ArchiveBusy) as caught:
                    trial.place.build()
                told.append(str(caught.value))
                with pytest.raises(ArchiveBusy):
                    roll_back(trial.place.root)

        def advance(self, steps: int) -> None:
            pass

    trial.place.build(Second())
    (words,) = told
    assert "is being built by process " in words
    assert "wait until it is done" in words
    check_whole(trial.place, trial.number)
    assert trial.kill(stop=Stop("stage writing")).killed
    assert (trial.place.root / "builder.json").exists()
    trial.settle()


def test_who_is_not_known_is_another_process(trial: Trial) -> None:
    (trial.place.root / "builder.json").write_text("{")
    trial.write()
    lock = filelock.FileLock(trial.place.root / "build.lock", timeout=0)
    with lock, pytest.raises(ArchiveBusy, match="built by another process"):
        trial.place.build()


def test_rollback_goes_back_to_what_was_in_use_before(trial: Trial) -> None:
    root = trial.place.root
    for _ in range(2):
        trial.write()
        trial.place.build()
    assert ask(root) == 3
    roll_back(root)
    roll_back(root)
    assert (ask(root), current(root).name) == (1, "000001")
    trial.write()
    trial.place.build()
    # Of the two that were passed over, one is the first to go.
    assert ask(root) == 4
    assert [path.name for path in generations(root)] == ["000001", "000003", "000004"]
    roll_back(root)
    assert ask(root) == 1


def test_a_damaged_index_is_not_gone_back_to(trial: Trial) -> None:
    root = trial.place.root
    trial.write()
    trial.place.build()
    path = root / "segments" / "000001" / "weights.bin"
    data = bytearray(path.read_bytes())
    data[9] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedIndex):
        roll_back(root)
    assert ask(root) == 2


def test_without_current_the_newest_that_is_left_can_be_gone_back_to(trial: Trial) -> None:
    root = trial.place.root
    trial.write()
    trial.place.build()
    (root / "CURRENT").write_text("lost")
    roll_back(root)
    assert ask(root) == 2
    (root / "CURRENT").unlink()
    shutil.rmtree(root / "generations" / "000002")
    roll_back(root)
    assert ask(root) == 1
