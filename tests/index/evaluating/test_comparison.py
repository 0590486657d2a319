import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.errors import CorpusError, UsageError
from index.evaluating import comparison
from index.evaluating.calibration import area_under_risk, calibration_error
from index.evaluating.comparison import Comparison, Difference, compare_runs
from index.evaluating.evaluation import MEASURES, Evaluation, Outcome
from index.evaluating.runs import read_run, write_run


def outcome(number: int, quoted: float | None, confidence: float) -> Outcome:
    return Outcome(
        query_id=f"q{number}",
        question=f"Which lamp is number {number}?",
        answerable=quoted is not None,
        verdict="answered",
        confidence=confidence,
        right=bool(quoted),
        measures={**dict.fromkeys(MEASURES, quoted), "hit@1": None},
        documents=("ledger", "copy"),
        quotes=(("ledger", 3, 40), ("copy", 0, 12)),
        milliseconds=12.5,
    )


def run(quoted: Sequence[float | None], name: str = "lamps", seed: int = 1) -> Evaluation:
    dice = np.random.default_rng(seed)
    outcomes = (outcome(n, value, float(dice.random())) for n, value in enumerate(quoted))
    return Evaluation(name, "f00d", None, tuple(outcomes))


def differences(a: Evaluation, b: Evaluation) -> dict[str, Difference]:
    (compared,) = compare_runs([a], [b])
    return {each.measure: each for each in compared.differences}


@pytest.fixture(autouse=True)
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Throw the dice less often than for people."""
    monkeypatch.setattr(comparison, "_LESS_OFTEN", 299)


def pairs_in_order(right: NDArray[np.bool_], confidence: NDArray[np.float64]) -> float:
    """Return the area under ROC by its definition, half a pair for equal confidence."""
    gaps = confidence[right][:, None] - confidence[~right][None, :]
    return float(((gaps > 0) + (gaps == 0) / 2).mean())


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    evaluations = [
        replace(run([1.0, 0.0, None]), reranker="a model"),
        run([0.5, None], "ランプ"),
    ]
    write_run(evaluations, tmp_path / "run.jsonl")
    assert read_run(tmp_path / "run.jsonl") == evaluations
    lines = (tmp_path / "run.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 5
    assert json.loads(lines[0])["schema"] == "memcon.run/1"


@pytest.mark.parametrize(
    "words", ["", "\n", "{", "[1]", '{"schema": "memcon.run/1"}', '{"query_id": "q"}', "\udcff"]
)
def test_what_is_no_run_is_refused(words: str, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(words.encode("utf-8", "surrogateescape"))
    with pytest.raises(CorpusError):
        read_run(path)
    with pytest.raises(CorpusError, match="cannot be read"):
        read_run(tmp_path / "none.jsonl")


def test_a_run_of_another_schema_is_refused(tmp_path: Path) -> None:
    write_run([run([1.0])], tmp_path / "run.jsonl")
    row = json.loads((tmp_path / "run.jsonl").read_text("utf-8"))
    (tmp_path / "run.jsonl").write_text(json.dumps({**row, "schema": "memcon.run/9"}))
    with pytest.raises(CorpusError, match="line 1"):
        read_run(tmp_path / "run.jsonl")


def test_a_run_does_not_differ_from_itself() -> None:
    values = [1.0, 0.0] * 20 + [None] * 10
    for each in differences(run(values), run(values)).values():
        assert each.difference == 0.0
        assert each.p == 1.0
        assert each.interval == (0.0, 0.0)


def test_a_plain_difference_is_significant_and_a_small_one_is_not() -> None:
    worse = [0.0] * 30 + [1.0] * 20 + [None] * 10
    better = [1.0] * 50 + [None] * 10
    found = differences(run(worse), run(better))
    quoted = found["quote@1"]
    assert (quoted.queries, quoted.a, quoted.b, quoted.difference) == (50, 0.4, 1.0, 0.6)
    # No turn of the signs of thirty differences but one in a billion is as far from nothing.
    assert quoted.p <= 0.001
    assert quoted.interval is not None
    low, high = quoted.interval
    assert 0.4 < low < 0.6 < high < 0.8
    assert "hit@1" not in found
    one_less = [1.0] * 49 + [0.0] + [None] * 10
    small = differences(run(better), run(one_less))["quote@1"]
    # One question alone: every turn is as far, to one side or the other.
    assert small.p > 0.9
    assert small.difference == pytest.approx(-0.02)
    assert small.interval is not None
    assert small.interval[1] == 0.0


def test_few_questions_are_tested_exactly() -> None:
    found = differences(run([0.0] * 5), run([1.0] * 5))["quote@3"]
    # Two of the 32 turns of five signs are as far: all up, and all down.
    assert found.p == pytest.approx(2 / 32)


def test_measures_of_all_questions_are_compared_too() -> None:
    values = [1.0] * 40 + [None] * 40
    chance = run(values)
    # Surer of what is right, and of nothing else.
    knowing = replace(
        chance,
        outcomes=tuple(
            replace(each, confidence=0.5 + each.confidence / 4 if each.right else 0.1)
            for each in chance.outcomes
        ),
    )
    found = differences(chance, knowing)
    confidence = np.array([each.confidence for each in chance.outcomes])
    right = np.array([each.right for each in chance.outcomes])
    assert found["aurc"].a == area_under_risk(confidence, right)
    assert found["calibration_error"].a == calibration_error(confidence, right)
    assert found["abstention_auroc"].a == pytest.approx(pairs_in_order(right, confidence))
    assert found["abstention_auroc"].b == 1.0
    for measure in ("aurc", "abstention_auroc"):
        assert found[measure].p < 0.01
        interval = found[measure].interval
        assert interval is not None
        assert interval[0] * interval[1] > 0


def test_the_same_comparison_gives_the_same_figures() -> None:
    a, b = run([1.0, 0.0, 0.5, None] * 15), run([0.5, 0.0, 1.0, None] * 15, seed=2)
    assert differences(a, b) == differences(a, b)


def test_the_order_of_questions_in_a_file_does_not_matter() -> None:
    a, b = run([1.0, 0.0, 0.5, None]), run([0.5, 0.5, 1.0, None], seed=2)
    turned = replace(b, outcomes=tuple(reversed(b.outcomes)))
    assert differences(a, turned) == differences(a, b)


def test_sets_are_compared_by_their_names() -> None:
    lamps, salt = run([1.0, 0.0]), run([0.0, 0.0], "salt")
    compared = compare_runs([lamps, salt], [salt, lamps])
    assert [each.name for each in compared] == ["lamps", "salt"]
    assert isinstance(compared[0], Comparison)
    assert {each.difference for found in compared for each in found.differences} == {0.0}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ([run([1.0, 0.0], "salt")], "different sets: lamps and salt"),
        ([run([1.0, 0.0]), run([1.0], "salt")], "different sets"),
        ([run([1.0])], "different questions of lamps"),
        ([replace(run([1.0, 0.0]), fingerprint="beef")], "changed between the two runs"),
        ([run([1.0, 0.0]), run([1.0, 0.0])], "more than once"),
    ],
)
def test_what_cannot_be_compared_is_refused(other: list[Evaluation], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        compare_runs([run([1.0, 0.0])], other)
