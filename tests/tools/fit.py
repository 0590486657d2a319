"""Fit the weights of sentences and of confidence, and say how they do on held-out parts.

    python -m tests.tools.fit [--confidence] SET... [--model M]
        [--archive DIR... [--questions FILE...]]

Each SET is a folder as `memcon eval` reads it, each FILE a questionnaire that is asked of the
archives, beside the questions that ship for training. `--confidence` leaves the weights of
sentences as they are. The parts are articles or volumes: no question of one is held out while
another of it is fitted; a single volume is parted by its questions. Articles with many questions
are asked in archives of their own as well, and in some of a few articles, so that confidence means
the same in small ones.

Archives should be encoded by a model that has not learnt their questions: its cosines look better
than they are where it has.
"""

import argparse
import json
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot import settings
from index.answering.verdict import Level, estimate
from index.encoding.encoder import DEFAULT_MODEL
from index.evaluating.calibration import area_under_roc, calibration_error
from index.evaluating.cases import Case, find_cases, group_of
from index.evaluating.judged_sets import Judged, open_set, read_queries
from index.evaluating.questionnaires import read_questionnaire
from index.retrieval.archive import Archive
from index.weights import PATH, read_weights, weights
from tests.support.archives import Silence
from tests.tools.fitting import Choice, find_choices, fit_cases, fit_choices
from tests.tools.judgements import judge_items
from tests.tools.train.rows import read_own

PARTS = 8
# The evidence that each model of confidence weighs. Headings have no words that match one by one.
_ALL = """
score margin cosine coverage pairs passage missing worst rarest lost names words numbers matched
aligned voiced open timely untimely known agreed nearest counted asks_date asks_number asks_person
asks_reason negation contrast opposed typed untyped lacks
""".split()
_NO_HEADING = {"matched", "aligned", "voiced", "open", "agreed", "nearest", "counted"}
WEIGHED = {
    "question": _ALL,
    "unread": [*weights("confidence", "unread")],
    "topic": [name for name in weights("confidence", "topic") if name not in _NO_HEADING],
}
# An article with so many questions is an archive of its own; so many of them are asked there.
MANY = 100
ASKED = 150
# So many questions are asked of a small archive that is not about them.
FOREIGN = 40
# An archive of a few articles has two with questions, and so many others.
OTHERS = 8
# More questions than this of a set make confidence no better.
ENOUGH = 1200
# How much the questions of sets count beside those of archives: sentences all together, cases of
# confidence each. What holds for many articles holds for archives too.
GENERAL = 2.0
Sets = Sequence[tuple[Archive, list[Judged]]]


def fit_sentences(sets: Sets, archives: Sets, known: dict[str, Any]) -> None:
    """Fit the sentence models into `known`; with all sets, and for the report without a part."""
    choices: dict[str, list[Choice]] = defaultdict(list)
    for each in (sets, archives):
        found = [choice for archive, queries in each for choice in find_choices(archive, queries)]
        share = GENERAL if each is sets and archives else 1.0
        for choice in found:
            choices[choice.model].append(replace(choice, weight=share / len(found)))
    for model, found in choices.items():
        right = 0
        part_of = make_parts(choice.group for choice in found)
        for part in range(PARTS):
            fitted = fit_choices([choice for choice in found if part_of[choice.group] != part])
            for choice in found:
                if part_of[choice.group] == part:
                    scores = choice.features @ [fitted[name] for name in choice.names]
                    right += bool(choice.right[np.argmax(scores)])
        say(f"sentences/{model}: {len(found)} questions, the best right {right / len(found):.3f}")
        # A language that the model does not read is taught by sets in it alone.
        if model == "read" or not archives:
            known["sentences"][model] = fit_choices(found)


def fit_confidence(
    folders: Sequence[Path], sets: Sets, archives: Sets, known: dict[str, Any], model: str
) -> None:
    """Fit the models of confidence into `known`, likewise."""
    cases: dict[str, list[Case]] = defaultdict(list)
    tested: dict[str, list[bool]] = defaultdict(list)
    for folder, (archive, queries) in zip(folders, sets, strict=True):
        misses = any(not judged.answerable for judged in queries)
        for case in find_cases(archive, sample(queries, ENOUGH)):
            cases[case.model].append(replace(case, weight=GENERAL))
            # What people wrote is the test; of a set with answers alone, what lacks its documents.
            tested[case.model].append(
                case.kind == "own" or (not misses and case.kind == "left out")
            )
        for small, own, foreign in open_small(folder, queries, model):
            for case in find_cases(small, own, foreign):
                cases[case.model].append(replace(case, weight=GENERAL))
                tested[case.model].append(False)
    for archive, queries in archives:
        for case in find_cases(archive, sample(queries, ENOUGH)):
            cases[case.model].append(case)
            tested[case.model].append(case.kind == "own")
    for name, found in cases.items():
        if name == "unread" and archives:
            continue
        names = [each for each in found[0].evidence if each in WEIGHED[name]]
        confidence, truth = hold_out(found, tested[name], names)
        told = tell(confidence, truth)
        say(f"confidence/{name}: {len(found)} cases; {len(truth)} held out: {told}")
        known["confidence"][name] = fit_cases(found, names)


def hold_out(
    cases: Sequence[Case], tested: Sequence[bool], names: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the confidence in tested cases, fitted without their parts, and the truth."""
    groups = [[*case.groups] for case in cases]
    if len({each[0] for each in groups}) < PARTS:
        groups = [[case.query_id] for case in cases]
    part_of = make_parts(group for each in groups for group in each)
    parts = [[part_of[group] for group in each] for each in groups]
    confidence = np.full(len(cases), np.nan)
    for part in range(PARTS):
        kept = [case for case, held in zip(cases, parts, strict=True) if part not in held]
        fitted = fit_cases(kept, names)
        for place, case in enumerate(cases):
            if tested[place] and parts[place][0] == part:
                confidence[place] = estimate(case.evidence, fitted)
    truth = np.array([case.right for case in cases])
    chosen = np.array(tested)
    return confidence[chosen], truth[chosen]


def open_small(
    folder: Path, queries: Sequence[Judged], model: str
) -> Iterator[tuple[Archive, list[Judged], list[Judged]]]:
    """Yield small archives of a set's articles, with questions about them and about others."""
    counted = Counter(group_of(judged) for judged in queries)
    large = sorted(group for group, times in counted.items() if times >= MANY)
    if len(large) < PARTS:
        return
    lines: dict[str, list[str]] = defaultdict(list)
    for line in (folder / "docs.jsonl").read_text("utf-8").splitlines():
        lines[json.loads(line)["doc_id"].rsplit("/", 1)[0]].append(line)
    others = sorted(lines.keys() - counted.keys(), key=shuffled)
    for number, groups in enumerate([*([each] for each in large), *pairs_of(large)]):
        beside = others[number * OTHERS :][:OTHERS] if len(groups) > 1 else []
        part = settings.load().cache_folder.parent / "parts" / f"{folder.resolve().name}-{number}"
        part.mkdir(parents=True, exist_ok=True)
        held = [line for group in (*groups, *beside) for line in lines[group]]
        (part / "docs.jsonl").write_text("".join(f"{line}\n" for line in held), "utf-8")
        archive = open_set(part, settings.load().cache_folder, Silence(), model=model)
        own = sample([each for each in queries if group_of(each) in groups], ASKED)
        elsewhere = [each for each in queries if each.answerable and group_of(each) not in groups]
        yield archive, own, sample(elsewhere, FOREIGN)
        archive.close()


def pairs_of(groups: Sequence[str]) -> list[list[str]]:
    return [[*groups[first : first + 2]] for first in range(0, len(groups) - 1, 2)]


def sample(queries: Sequence[Judged], size: int) -> list[Judged]:
    """Return some of the questions, in their order, always the same."""
    chosen = {each.query_id for each in sorted(queries, key=lambda q: shuffled(q.query_id))[:size]}
    return [each for each in queries if each.query_id in chosen]


def shuffled(name: str) -> int:
    return zlib.crc32(name.encode())


def make_parts(groups: Iterable[str]) -> dict[str, int]:
    """Return which part each group is in."""
    return {group: place % PARTS for place, group in enumerate(sorted(set(groups), key=shuffled))}


def tell(confidence: NDArray[np.float64], truth: NDArray[np.bool_]) -> str:
    """Return what is to be said of a model: order, calibration, and each level's cost."""
    words = [
        f"AUROC {area_under_roc(confidence, truth) or 0:.3f}",
        f"calibration error {calibration_error(confidence, truth):.3f}",
    ]
    for level in Level:
        said = confidence >= level.threshold
        precision = truth[said].mean() if said.any() else float("nan")
        words.append(f"{level} {precision:.2f}/{said[truth].mean():.2f}")
    return ", ".join(words)


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.fit")
    parser.add_argument("--confidence", action="store_true", help="fit confidence alone")
    parser.add_argument("--archive", nargs="*", type=Path, default=[], metavar="DIR")
    parser.add_argument("--questions", nargs="*", type=Path, default=[], metavar="FILE")
    parser.add_argument("--model", default=DEFAULT_MODEL, help="encodes the documents of SETs")
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET")
    given = parser.parse_args()
    sets = [
        (
            open_set(each, settings.load().cache_folder, Silence(), model=given.model),
            read_queries(each),
        )
        for each in given.sets
    ]
    archives = []
    for root in given.archive:
        archive = Archive(root)
        asked = [read_questionnaire(path) for path in given.questions]
        judged = [each for questionnaire in asked for each in judge_items(questionnaire, archive)]
        archives.append((archive, [*judged, *read_own(archive)[0]]))
    known = json.loads(PATH.read_text("utf-8"))
    if not given.confidence:
        fit_sentences(sets, archives, known)
        save(known, given.model)
    fit_confidence(given.sets, sets, archives, known, given.model)
    save(known, given.model)


def save(known: dict[str, Any], model: str) -> None:
    PATH.write_text(json.dumps({**known, "encoder": model}, indent=1) + "\n", "utf-8")
    # The fit of confidence uses the sentences that the new weights choose.
    read_weights.cache_clear()


if __name__ == "__main__":
    main()
