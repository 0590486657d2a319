from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.evaluating.calibration import (
    Bin,
    area_under_risk,
    calibration_error,
    find_bins,
    find_risks,
)

ANSWERED = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


def columns(rows: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([c for c, _ in rows]), np.array([r for _, r in rows], np.bool_)


def test_bins_and_their_error_are_as_by_hand() -> None:
    rows = [(0.0, False), (0.0625, True), (0.75, True), (0.7, False), (1.0, True)]
    confidence, right = columns(rows)
    assert find_bins(confidence, right) == [
        Bin(2, 0.03125, 1),
        Bin(2, 0.725, 1),
        Bin(1, 1.0, 1),
    ]
    # 2/5 of |0.03125 - 1/2|, 2/5 of |0.725 - 1/2|, 1/5 of nothing.
    assert calibration_error(confidence, right) == pytest.approx(0.4 * 0.46875 + 0.4 * 0.225)
    assert calibration_error(*columns([])) == 0.0


def test_risks_are_as_by_hand() -> None:
    confidence, right = columns([(0.2, False), (0.9, True), (0.6, False), (0.8, True)])
    coverages, risks = find_risks(confidence, right)
    assert coverages.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risks == pytest.approx([0, 0, 1 / 3, 1 / 2])
    assert area_under_risk(confidence, right) == pytest.approx((1 / 3 + 1 / 2) / 4)


def test_questions_of_equal_confidence_count_as_they_are_on_average() -> None:
    confidence, right = columns([(0.5, True), (0.5, False)])
    assert find_risks(confidence, right)[1].tolist() == [0.5, 0.5]


@given(ANSWERED, st.randoms(use_true_random=False))
def test_the_order_of_questions_does_not_matter(
    rows: list[tuple[float, bool]], dice: Random
) -> None:
    shuffled = dice.sample(rows, len(rows))
    for measure in (calibration_error, area_under_risk):
        assert measure(*columns(rows)) == pytest.approx(measure(*columns(shuffled)))


@given(ANSWERED)
def test_measures_keep_to_their_bounds(rows: list[tuple[float, bool]]) -> None:
    confidence, right = columns(rows)
    assert sum(each.count for each in find_bins(confidence, right)) == len(rows)
    assert 0 <= calibration_error(confidence, right) <= 1
    risks = find_risks(confidence, right)[1]
    assert risks[-1] == pytest.approx(float((~right).mean()))
    best = area_under_risk(right.astype(np.float64), right)
    assert -1e-12 <= best <= area_under_risk(confidence, right) + 1e-12
    assert area_under_risk(confidence, right) <= 1 + 1e-12


@given(st.integers(1, 40), st.integers(0, 40))
def test_confidence_that_is_the_share_of_right_answers_has_no_error(right: int, wrong: int) -> None:
    share = right / (right + wrong)
    rows = [(share, True)] * right + [(share, False)] * wrong
    assert calibration_error(*columns(rows)) == pytest.approx(0, abs=1e-9)
