import numpy as np
import pytest

from corpus.documents import Span
from index.answering.verdict import estimate
from index.evaluating.cases import Case
from index.evaluating.judged_sets import Judged
from index.evaluating.reranker_fitting import RIGHT
from index.retrieval.archive import Archive
from index.weights import weights
from tests.support.invented import LEDGER
from tests.tools.fitting import (
    AGAINST,
    Choice,
    find_choices,
    fit_cases,
    fit_choices,
)


def test_the_sentence_that_answers_becomes_the_most_likely() -> None:
    chance = np.random.default_rng(4)
    choices = []
    for _ in range(60):
        table = chance.uniform(0, 1, (8, 3))
        table[:, 2] = 0.5
        # The first feature tells which sentence answers, the second nothing, the third is constant.
        right = table[:, 0] == table[:, 0].max()
        choices.append(Choice("read", "g", ("tells", "noise", "still"), table, right))
    fitted = fit_choices(choices)
    assert fitted["tells"] > 5 * abs(fitted["noise"])
    assert fitted["still"] == 0.0
    row = [fitted[name] for name in choices[0].names]
    found = [each.right[np.argmax(each.features @ row)] for each in choices]
    assert np.mean(found) > 0.9


def test_evidence_counts_only_the_way_it_is_meant_to() -> None:
    chance = np.random.default_rng(5)
    cases = []
    for number in range(200):
        truth = bool(number % 3)
        # In this set the evidence against an answer goes along with answers.
        known = {"coverage": chance.normal(truth), "missing": chance.normal(truth)}
        cases.append(Case("question", "own", ("g",), str(number), known, truth, right=truth))
    fitted = fit_cases(cases, ["coverage", "missing"])
    assert "missing" in AGAINST
    assert fitted["coverage"] > 0 == fitted["missing"]
    assert fit_cases(cases, ["coverage"]).keys() == {"intercept", "coverage"}


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_confidence_takes_archives_to_answer_the_same_share(share: float) -> None:
    chance = np.random.default_rng(6)
    cases = []
    for number in range(400):
        truth = number < 400 * share
        known = {"coverage": chance.normal(truth)}
        cases.append(Case("question", "own", ("g",), str(number), known, truth, right=truth))
    fitted = fit_cases(cases, ["coverage"])
    believed = {
        truth: np.mean([estimate(c.evidence, fitted) for c in cases if c.answerable == truth])
        for truth in (True, False)
    }
    mean = RIGHT * believed[True] + (1 - RIGHT) * believed[False]
    assert mean == pytest.approx(RIGHT, abs=0.02)


def test_choices_are_made_of_a_set(records: Archive) -> None:
    start = LEDGER.index("The ledger was found")
    judged = [
        Judged(
            "q1",
            "Where was the ledger found?",
            True,
            ("ledger",),
            (("ledger", Span(start, start + 10)),),
        )
    ]
    (choice,) = find_choices(records, judged)
    assert choice.features.shape == (len(choice.right), len(choice.names))
    assert choice.right.sum() == 1
    assert set(choice.names) == set(weights("sentences", "read"))


def test_the_shipped_weights_are_of_known_features() -> None:
    assert weights("sentences", "read").keys() == weights("sentences", "unread").keys()
    for kind in ("question", "topic", "unread"):
        for name, weight in weights("confidence", kind).items():
            assert name == "intercept" or (weight <= 0 if name in AGAINST else weight >= 0)
    levels = weights("confidence", "levels")
    assert 1 > levels["strict"] > levels["balanced"] > levels["eager"] > 0
