"""Kill builds, some hundreds of times, at every step and at any moment: `make soak`.

After each kill the archive must answer from one whole index; after each build that follows it must
show the same, bit by bit, as one from nothing, with nothing left behind. Most papers stay as they
are, so that builds keep segments, drop documents and merge. Ends with an error at the first that
does not hold.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.support.trials import SWITCH, Ended, Place, Stop, Trial, ask, fake, run_build

# Every fourth build changes the encoder, so that its installation is killed as well.
_CHANGE = 4
# Papers that stay as they are.
_BALLAST = 60


def main() -> None:
    """Kill as many builds as are asked for, and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    patch = pytest.MonkeyPatch()
    fake(patch)
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Place(Path(folder), _BALLAST))
        for _ in range(3):
            trial.settle()
        trial.write()
        started = time.perf_counter()
        steps = len(run_build(trial.place).steps)
        seconds = time.perf_counter() - started
        _soak(trial, asked.kills, steps, seconds, chance)
    patch.undo()


def _soak(trial: Trial, wanted: int, steps: int, seconds: float, chance: random.Random) -> None:
    started = time.perf_counter()
    kills = at_steps = finished = builds = in_a_row = 0
    answered: Counter[str] = Counter()
    stages: Counter[str] = Counter()
    reached = []
    ruined = False
    while kills < wanted:
        before = ask(trial.place.root)
        model = "other" if kills % _CHANGE == 1 else "fake"
        by_step = chance.random() < 0.6
        if by_step:
            # Walks through all steps, however many kills are asked for.
            nth = 1 + (at_steps * steps // max(1, wanted * 6 // 10)) % steps
            ended = trial.kill(stop=Stop("", nth=nth), model=model)
        else:
            ended = trial.kill(kill_after=chance.uniform(0, seconds / 2), model=model)
        if ended.killed:
            kills += 1
            in_a_row += ruined
            ruined = True
            at_steps += by_step
            reached.append(len(ended.steps))
            stages[_stage(ended)] += 1
            answered["old" if ask(trial.place.root) == before else "new"] += 1
        else:
            finished += 1
            ruined = False
        # Half of the kills meet the ruins of another.
        if chance.random() < 0.5:
            trial.settle()
            builds += 1
            ruined = False
        _tell(f"\r{kills} of {wanted} kills, {builds} builds after them")
    trial.settle()
    _tell("\r\033[K")
    lines = {
        "kills": f"{kills}, {at_steps} of them at chosen steps, the others at any moment",
        "where": f"{len(set(reached))} different places, of the {steps} steps of a build",
        "in a row": f"{in_a_row} on top of what another killed build had left",
        "too late": f"{finished} builds were done before their kill",
        "answers": f"{answered['old']} from the old index, {answered['new']} from the new",
        "next builds": f"{builds + 1}, each the same as from nothing, with nothing left behind",
        "took": f"{time.perf_counter() - started:.0f} s",
        **{f"  {stage}": str(count) for stage, count in stages.most_common()},
    }
    for name, words in lines.items():
        sys.stdout.write(f"{name:<44} {words}\n")


def _stage(ended: Ended) -> str:
    """Return the stage of a build in which it was killed."""
    if SWITCH in ended.steps[:-1]:
        return "clearing up after the new index is in use"
    names = [step for step in ended.steps if step.startswith("stage ")]
    return names[-1].removeprefix("stage ") if names else "starting"


def _tell(words: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(words)


if __name__ == "__main__":
    main()
