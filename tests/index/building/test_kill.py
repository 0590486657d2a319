"""A build that is killed at any step: the old index answers, the next build leaves nothing."""

import os
import random
import re
from pathlib import Path

import pytest

from index.storage.generation import Manifest, current
from tests.support.trials import NOON, SWITCH, Place, Stop, Trial, check_whole, fake, run_build

STEPS = {
    "looking at files": Stop("advance looking at files", nth=3),
    "taking the lock": Stop(r"os.rename builder\.json\.new", after=1),
    "reading files": Stop("advance reading files", nth=5),
    "journal of vectors": Stop("advance encoding passages", nth=4),
    "writing postings": Stop(r"write segments/\.new-N-read/weights\.bin"),
    "writing vectors": Stop(r"write segments/\.new-N-read/sentence_vectors\.bin"),
    "merging": Stop("advance merging", nth=3),
    "writing merged postings": Stop(r"write segments/\.new-N/weights\.bin"),
    "checking": Stop("stage checking the index", after=9),
    "before the segment is renamed": Stop("os.rename segments/.new-N"),
    "after the segment is renamed": Stop("os.rename segments/.new-N", after=1),
    "writing which documents there are": Stop(r"write generations/\.new-N/places\.bin", after=1),
    "opening it": Stop(r"open .*\.new-N/manifest\.json", after=9),
    "syncing": Stop("fsync", nth=9),
    "before the generation is renamed": Stop("os.rename generations/.new-N"),
    "after the generation is renamed": Stop("os.rename generations/.new-N", after=1),
    "before sources.json": Stop(r"os.rename sources\.json"),
    "between sources.json and CURRENT": Stop(r"os.rename sources\.json", after=1),
    "before CURRENT": Stop(SWITCH),
    "after CURRENT": Stop(SWITCH, after=1),
    "removing the journal": Stop("shutil.rmtree encoding", after=2),
    "before an old index is removed": Stop("os.rename generations/N"),
    "after it is out of sight": Stop("os.rename generations/N", after=1),
    "half-way through its removal": Stop("shutil.rmtree generations/.old-N", after=9),
    "before an old segment is removed": Stop("os.rename segments/N"),
    "half-way through the removal of that": Stop("shutil.rmtree segments/.old-N", after=9),
    "letting go of the lock": Stop(r"os.remove builder\.json$"),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_build_killed_at_a_step_harms_nothing(step: str, trial: Trial) -> None:
    ended = trial.kill(stop=STEPS[step])
    assert ended.killed
    assert re.search(STEPS[step].pattern, "\n".join(ended.steps))
    # The papers stay as they are: what is left of the killed build must not pass for a whole one.
    trial.place.build()
    check_whole(trial.place, trial.number)


@pytest.mark.parametrize("seed", range(3))
def test_builds_killed_one_after_another_at_any_moment_harm_nothing(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch)
    trial = Trial(Place(tmp_path, ballast=40))
    for _ in range(2):
        trial.write()
        trial.place.build()
    assert len(Manifest.read(current(trial.place.root)).segments) > 1
    chance = random.Random(seed)
    for _ in range(4):
        trial.kill(kill_after=chance.uniform(0, 0.15))
    trial.settle()


@pytest.mark.parametrize(
    "stop",
    [
        Stop("advance encoding passages", nth=2),
        Stop("os.rename generations/.new-N", after=1),
        Stop(r"os.rename sources\.json", after=1),
        Stop(SWITCH, after=1),
    ],
    ids=str,
)
def test_a_first_build_may_be_killed_too(
    stop: Stop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(monkeypatch)
    trial = Trial(Place(tmp_path))
    for _ in range(2):
        assert trial.kill(stop=stop).killed
    trial.settle()


@pytest.mark.parametrize(
    "stop",
    [
        Stop(r"write models/\.new-.*/model\.onnx"),
        Stop(r"os.rename models/\.new-"),
        Stop(r"os.rename models/\.new-", after=1),
        Stop("advance encoding passages", nth=3),
    ],
    ids=str,
)
def test_a_change_of_the_encoder_may_be_killed(stop: Stop, trial: Trial) -> None:
    assert trial.kill(stop=stop, model="other").killed
    trial.settle()
    assert sorted(path.name[:4] for path in trial.place.cache.iterdir()) == ["fake", "othe"]


def test_an_export_that_was_cut_off_is_cleared_away_once_nobody_can_be_at_it(trial: Trial) -> None:
    left = trial.place.cache / ".new-cut"
    left.mkdir()
    trial.place.build(model="second")
    assert left.exists()
    os.utime(left, (0, 0))
    trial.place.build(model="third")
    assert not left.exists()


def test_a_killed_build_leaves_its_vectors_for_the_next(trial: Trial) -> None:
    trial.write()
    log = "\n\n".join(f"Entry {number}. " + "The wind was fair. " * 44 for number in range(120))
    path = trial.place.papers / "log.txt"
    path.write_text(log)
    # The time of a file as new as this is not kept: on a slow machine only one build would keep it.
    os.utime(path, (NOON, NOON))
    assert run_build(trial.place, stop=Stop("advance encoding passages", nth=100)).killed
    built = trial.place.build()
    # The last records may not have reached the disk.
    assert 20 < built.encoded < 100
    assert not (trial.place.root / "encoding").exists()
    check_whole(trial.place, trial.number)


def test_an_index_that_was_never_in_use_is_none_to_go_back_to(trial: Trial) -> None:
    before = current(trial.place.root).name
    for _ in range(4):
        assert trial.kill(stop=Stop(r"os.rename sources\.json", after=1)).killed
    assert current(trial.place.root).name == before
    trial.settle()
    kept = sorted(path.name for path in (trial.place.root / "generations").iterdir())
    assert kept == [f"{int(before) + step:06}" for step in (-1, 0, 1)]
