"""Fitting the weights in `weights.json` on sets with judgements.

Sentences are fitted so that among all candidates of a question the answering ones are the most
likely (conditional logit). Confidence is a logistic regression on questions with and without an
answer (`index.evaluating.cases`). The few weights of passages were chosen by hand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.answering.quotations import PASSAGES, rank_sentences
from index.evaluating.cases import Case, group_of
from index.evaluating.judged_sets import Judged
from index.evaluating.reranker_fitting import LEFT_OUT, RIGHT
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters

# Evidence against an answer; all other speaks for one.
AGAINST = frozenset(
    """
    missing worst rarest lost negation contrast opposed untyped lacks open untimely
    asks_date asks_number asks_person asks_reason
    """.split()
)
# The strength of the penalty on large weights, of features scaled alike.
_FLATTEN = 10.0
_ROUNDED = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """A question's candidate sentences (n × features), and which of them answer it (n).

    `weight` is relative to other questions.
    """

    model: str
    group: str
    names: tuple[str, ...]
    features: NDArray[np.float64]
    right: NDArray[np.bool_]
    weight: float = 1.0


def find_choices(archive: Archive, queries: Sequence[Judged]) -> Iterator[Choice]:
    """Yield the choice of each question whose answer is among its candidates."""
    for judged in queries:
        if not judged.answers:
            continue
        query = archive.parse_query(judged.text)
        ranked = rank_sentences(query, archive.search(query, Filters(), PASSAGES), archive)
        found = (judged.overlaps(each.document.doc_id, each.span) for each in ranked.candidates)
        right = np.array([*found], np.bool_)
        if not right.any():
            continue
        names = tuple(ranked.features)
        table = np.stack([*ranked.features.values()], axis=1)
        model = "read" if query.is_read else "unread"
        yield Choice(model, group_of(judged), names, table, right)


def fit_choices(choices: Sequence[Choice]) -> dict[str, float]:
    """Return the weights under which the answering sentences are the most likely."""
    from scipy.optimize import minimize

    names = choices[0].names
    table = np.concatenate([choice.features for choice in choices])
    right = np.concatenate([choice.right for choice in choices]).astype(np.float64)
    sizes = np.array([len(choice.right) for choice in choices])
    starts = np.cumsum(sizes) - sizes
    owner = np.repeat(np.arange(len(sizes)), sizes)
    count = np.array([choice.weight for choice in choices])
    count *= len(count) / count.sum()
    scale = table.std(axis=0)
    varies = scale > 1e-9
    table = (table - table.mean(axis=0)) / np.where(varies, scale, 1.0)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = table @ weights
        odds = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        every = np.add.reduceat(odds, starts)
        good = np.add.reduceat(odds * right, starts) + 1e-12
        slope = table.T @ (count[owner] * (odds / every[owner] - odds * right / good[owner]))
        penalty = _FLATTEN * weights
        cost = -(count * np.log(good / every)).sum() + penalty @ weights / 2
        return float(cost), slope + penalty

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x
    fitted = np.where(varies, found / np.where(varies, scale, 1.0), 0.0)
    return {name: round(float(w), _ROUNDED) for name, w in zip(names, fitted, strict=True)}


def fit_cases(cases: Sequence[Case], names: Sequence[str]) -> dict[str, float]:
    """Return the weights of the named evidence, and the intercept, of a logistic regression.

    The sign of each weight is fixed (`AGAINST`), so that a set of one kind of document cannot
    reverse it. Cases are weighted by `LEFT_OUT`, `RIGHT` and their own weights.
    """
    from scipy.optimize import minimize

    table = np.array([[case.evidence[name] for name in names] for case in cases])
    truth = np.array([case.right for case in cases], np.float64)
    count = np.array(
        [case.weight * (LEFT_OUT if case.kind == "left out" else 1.0) for case in cases]
    )
    count[truth > 0] *= RIGHT / (1 - RIGHT) * (count @ (1 - truth)) / (count @ truth)
    count *= len(cases) / count.sum()
    mean, scale = table.mean(axis=0), table.std(axis=0)
    varies = scale > 1e-9
    scale = np.where(varies, scale, 1.0)
    table = np.column_stack([np.ones(len(cases)), (table - mean) / scale])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total = table @ weights
        penalty = np.concatenate([[0.0], weights[1:] * _FLATTEN])
        cost = count @ (np.logaddexp(0, total) - truth * total) + penalty @ weights / 2
        return float(cost), table.T @ (count * (1 / (1 + np.exp(-total)) - truth)) + penalty

    bounds: list[tuple[float | None, float | None]] = [(None, None)]
    bounds += [(None, 0.0) if name in AGAINST else (0.0, None) for name in names]
    found = minimize(loss, np.zeros(len(bounds)), jac=True, method="L-BFGS-B", bounds=bounds).x
    slopes = np.where(varies, found[1:] / scale, 0.0)
    return {
        "intercept": round(float(found[0] - slopes @ mean), _ROUNDED),
        **{name: round(float(w), _ROUNDED) for name, w in zip(names, slopes, strict=True)},
    }
