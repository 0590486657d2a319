"""Comparing two runs over the same questions: differences and their significance.

Every question is in both runs, so differences are paired. The p-value is that of a
randomisation test, which exchanges the two outcomes of a question at random: Smucker, Allan and
Carterette, "A Comparison of Statistical Significance Tests for Information Retrieval Evaluation",
CIKM 2007. The interval is the bootstrap's, over questions: Efron and Tibshirani, "An Introduction
to the Bootstrap", 1993. Each measure is tested by itself.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import UsageError
from index.evaluating.calibration import area_under_risk, area_under_roc, calibration_error
from index.evaluating.evaluation import MEASURES, Evaluation, Outcome
from index.evaluating.questionnaire_runs import ASKED

# The seed, and the numbers of resamples: fewer for measures computed from all questions each time.
_SEED = 1993
_OFTEN, _LESS_OFTEN = 9_999, 1_999
# The most numbers of resampled questions in memory.
_BATCH_NUMBERS = 4_000_000

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure in two runs: the difference is b - a, with its 95% interval and p-value.

    The interval is None if too few questions have the measure.
    """

    measure: str
    queries: int
    a: float
    b: float
    interval: tuple[float, float] | None
    p: float

    @property
    def difference(self) -> float:
        """The second run's value less the first's."""
        return self.b - self.a


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences of two runs on one set."""

    name: str
    queries: int
    differences: tuple[Difference, ...]


def compare_runs(a: Sequence[Evaluation], b: Sequence[Evaluation]) -> list[Comparison]:
    """Compare two runs, set by set.

    Raises UsageError if they differ in sets, questions, judgements or documents.
    """
    names = [evaluation.name for evaluation in a]
    others = {evaluation.name: evaluation for evaluation in b}
    if len(set(names)) < len(names) or len(others) < len(b):
        raise UsageError("A run with the same set more than once cannot be compared.")
    if sorted(names) != sorted(others):
        raise UsageError(
            f"The runs are of different sets: {', '.join(sorted(names))} and "
            f"{', '.join(sorted(others))}."
        )
    return [_compare(each, others[each.name]) for each in a]


def _compare(a: Evaluation, b: Evaluation) -> Comparison:
    known = {outcome.query_id: outcome for outcome in b.outcomes}
    if len(a.outcomes) != len(b.outcomes) or any(o.query_id not in known for o in a.outcomes):
        raise UsageError(f"The runs asked different questions of {a.name}.")
    if a.fingerprint != b.fingerprint:
        raise UsageError(
            f"The questions, judgements or documents of {a.name} changed between the two runs."
        )
    pairs = [(outcome, known[outcome.query_id]) for outcome in a.outcomes]
    names = [name for name in (*MEASURES, *ASKED) if name in a.outcomes[0].measures]
    found = [_compare_means(name, pairs) for name in names]
    # Only in a questionnaire does `right` mean the first quotation.
    wholes = {k: v for k, v in _WHOLES.items() if k != "first_auroc" or "first" in names}
    found += [_compare_wholes(name, measure, pairs) for name, measure in wholes.items()]
    return Comparison(a.name, len(pairs), tuple(each for each in found if each))


def _compare_means(name: str, pairs: Sequence[tuple[Outcome, Outcome]]) -> Difference | None:
    from scipy.stats import bootstrap, permutation_test

    known = [
        (first, second)
        for first, second in ((a.measures[name], b.measures[name]) for a, b in pairs)
        if first is not None and second is not None
    ]
    if not known:
        return None
    values = np.array(known)
    differences = values[:, 1] - values[:, 0]
    how: dict[str, Any] = {
        "vectorized": True,
        "batch": max(1, _BATCH_NUMBERS // len(differences)),
        "n_resamples": _OFTEN,
    }
    # A single pair is as likely in either order.
    p, interval = 1.0, None
    if len(differences) > 1:
        # With one sample, the test flips signs, which exchanges the two outcomes of a question.
        tested = permutation_test(
            (differences,), np.mean, permutation_type="samples", rng=_SEED, **how
        )
        p = float(tested.pvalue)
        interval = _interval(
            bootstrap((differences,), np.mean, method="percentile", rng=_SEED, **how)
        )
    a, b = values.mean(axis=0)
    return Difference(name, len(known), float(a), float(b), interval, p)


def _compare_wholes(
    name: str,
    measure: Callable[[Numbers], float | None],
    pairs: Sequence[tuple[Outcome, Outcome]],
) -> Difference | None:
    """Compare a measure of all questions together; rows of a table are resampled."""
    from scipy.stats import DegenerateDataWarning, bootstrap, permutation_test

    both = [[_row(outcome) for outcome in run] for run in zip(*pairs, strict=True)]
    table = np.array([*both[0], *both[1]])
    count = len(pairs)
    own, others = np.arange(count), np.arange(count, 2 * count)
    a, b = measure(table[own]), measure(table[others])
    if a is None or b is None:
        return None

    def differ(first: Numbers, second: Numbers) -> float:
        values = [measure(table[rows.astype(int)]) for rows in (first, second)]
        return np.nan if None in values else float(values[1] or 0.0) - float(values[0] or 0.0)

    how: dict[str, Any] = {"vectorized": False, "n_resamples": _LESS_OFTEN, "rng": _SEED}
    tested = permutation_test((own, others), differ, permutation_type="samples", **how)
    interval = None
    if count > 1:
        with warnings.catch_warnings():
            # A resample of few questions may lack a class: then there is no interval.
            warnings.simplefilter("ignore", DegenerateDataWarning)
            drawn = bootstrap((own, others), differ, paired=True, method="percentile", **how)
        interval = _interval(drawn)
    return Difference(name, count, a, b, interval, float(tested.pvalue))


def _row(outcome: Outcome) -> tuple[float, float, float]:
    return outcome.confidence, float(outcome.right), float(outcome.answerable)


# Functions of rows of confidence, right and answerable.
_WHOLES: dict[str, Callable[[Numbers], float | None]] = {
    "abstention_auroc": lambda rows: area_under_roc(rows[:, 0], rows[:, 2]),
    "first_auroc": lambda rows: area_under_roc(rows[:, 0], rows[:, 1]),
    "calibration_error": lambda rows: calibration_error(rows[:, 0], rows[:, 1] > 0),
    "aurc": lambda rows: area_under_risk(rows[:, 0], rows[:, 1] > 0),
}


def _interval(found: Any) -> tuple[float, float] | None:
    low, high = map(float, found.confidence_interval)
    return None if np.isnan(low) or np.isnan(high) else (low, high)
