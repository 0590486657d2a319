"""Fit the weights of sentences and of confidence anew, and say how they do on held-out parts.

    python -m tests.fit SET...

Each SET is a folder as `memcon eval` reads it. The parts are articles: no question of one is held
out while another of it is fitted; a single volume is parted by its questions.
"""

import json
import sys
import zlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from bot.settings import cache_folder
from index.answering.verdict import estimate
from index.evaluating.calibration import calibration_error
from index.evaluating.fitting import (
    SET_WEIGHTS,
    Case,
    Choice,
    find_cases,
    find_choices,
    fit_cases,
    fit_choices,
)
from index.evaluating.sets import Judged, open_set, read_queries
from index.retrieval.archive import Archive
from index.weights import PATH, weights
from tests.conftest import Silence

PARTS = 4
Sets = Sequence[tuple[Archive, list[Judged]]]


def fit_sentences(sets: Sets, known: dict[str, Any]) -> None:
    """Fit the sentence models into `known`; with all sets, and for the report without a part."""
    choices: dict[str, list[Choice]] = defaultdict(list)
    for archive, queries in sets:
        for choice in find_choices(archive, queries):
            choices[choice.model].append(choice)
    for model, found in choices.items():
        right = 0
        for part in range(PARTS):
            fitted = fit_choices([choice for choice in found if part_of(choice.group) != part])
            for choice in found:
                if part_of(choice.group) == part:
                    scores = choice.features @ [fitted[name] for name in choice.names]
                    right += bool(choice.right[np.argmax(scores)])
        say(f"sentences/{model}: {len(found)} questions, the best right {right / len(found):.3f}")
        known["sentences"][model] = {**fit_choices(found), **SET_WEIGHTS}


def fit_confidence(sets: Sets, known: dict[str, Any]) -> None:
    """Fit the models of confidence into `known`, likewise."""
    cases: dict[str, list[Case]] = defaultdict(list)
    for archive, queries in sets:
        for case in find_cases(archive, queries):
            cases[case.model].append(case)
    for model, found in cases.items():
        several = len({case.group for case in found}) >= PARTS
        parts = [part_of(case.group if several else case.query_id) for case in found]
        confidence = np.zeros(len(found))
        for part in range(PARTS):
            fitted = fit_cases([c for c, own in zip(found, parts, strict=True) if own != part])
            for place, case in enumerate(found):
                if parts[place] == part:
                    confidence[place] = estimate(case.evidence, fitted)
        truth = np.array([case.answerable for case in found])
        say(
            f"confidence/{model}: {len(found)} questions, "
            f"AUROC {roc_auc_score(truth, confidence):.3f}, "
            f"calibration error {calibration_error(confidence, truth):.3f}"
        )
        known["confidence"][model] = fit_cases(found)


def part_of(group: str) -> int:
    return zlib.crc32(group.encode()) % PARTS


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main(folders: Sequence[Path]) -> None:
    sets = [(open_set(each, cache_folder(), Silence()), read_queries(each)) for each in folders]
    known = json.loads(PATH.read_text("utf-8"))
    for fit in (fit_sentences, fit_confidence):
        fit(sets, known)
        PATH.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
        # Confidence leans on the sentences that the new weights choose.
        weights.cache_clear()


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
