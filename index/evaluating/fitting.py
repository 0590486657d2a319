"""Fitting the weights: from sets with judgements to the numbers in `weights.json`.

Sentences are fitted so that among all candidates of a question the answering ones are the most
likely (conditional logit). Confidence is a logistic regression on questions with an answer, those
that the set has none for, and answerable ones asked again with the answering documents left out.
The weights of passages are few and were chosen by hand; they are not fitted here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.answering.features import describe_sentences
from index.answering.quotations import PASSAGES, find_candidates, select_quotes
from index.answering.verdict import kind_of, weigh
from index.evaluating.sets import Judged
from index.retrieval.archive import Archive, Query
from index.retrieval.search import Filters

# Features that no set of articles can teach: whose words, and of when. Their weights are set.
SET_WEIGHTS = {"speaker": 1.5, "dated": 0.7}
# Evidence against an answer; all other speaks for one.
AGAINST = frozenset({"missing", "worst", "rarest", "negation", "contrast", "untyped"})
# The strength of the penalty on large weights, of features scaled alike.
_FLATTEN = 10.0
_ROUNDED = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """A question's candidate sentences (n × features), and which of them answer it (n)."""

    model: str
    group: str
    names: tuple[str, ...]
    features: NDArray[np.float64]
    right: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Case:
    """The evidence for a question's best quotation, and whether the archive answers it."""

    model: str
    group: str
    query_id: str
    evidence: Mapping[str, float]
    answerable: bool


def find_choices(archive: Archive, queries: Sequence[Judged]) -> Iterator[Choice]:
    """Yield the choice of each question whose answer is among its candidates."""
    for judged in queries:
        if not judged.answers:
            continue
        query = archive.ask(judged.text)
        candidates = find_candidates(query, archive.search(query, Filters(), PASSAGES), archive)
        right = np.array(
            [
                any(
                    each.document.doc_id == doc_id and each.span.overlaps(span)
                    for doc_id, span in judged.answers
                )
                for each in candidates
            ],
            np.bool_,
        )
        if not right.any():
            continue
        idf = {term: archive.engine.idf(term) for term in query.asked.weights}
        described = describe_sentences(query.asked, idf, candidates)
        names = tuple(name for name in described[0] if name not in SET_WEIGHTS)
        table = np.array([[values[name] for name in names] for values in described])
        model = "read" if query.is_read else "unread"
        yield Choice(model, group_of(judged), names, table, right)


def find_cases(archive: Archive, queries: Sequence[Judged]) -> Iterator[Case]:
    """Yield the cases for confidence; it leans on the sentence weights that are in use."""
    makes_own = all(judged.answerable for judged in queries)
    for judged in queries:
        query = archive.ask(judged.text)
        case = _make_case(archive, query, judged, judged.answerable, frozenset())
        if case:
            yield case
        if makes_own:
            without = _make_case(archive, query, judged, False, frozenset(judged.doc_ids))
            if without:
                yield without


def _make_case(
    archive: Archive, query: Query, judged: Judged, answerable: bool, left_out: frozenset[str]
) -> Case | None:
    hits = archive.search(query, Filters(), PASSAGES + 10 * len(left_out))
    hits = [hit for hit in hits if hit.passage.doc_id not in left_out]
    quotes = select_quotes(query, hits, archive, 1)
    if not quotes:
        return None
    evidence = weigh(query, quotes[0], archive)
    return Case(kind_of(query), group_of(judged), judged.query_id, evidence, answerable)


def group_of(judged: Judged) -> str:
    """Return what a question is about, so that held-out parts share no article."""
    return judged.doc_ids[0].rsplit("/", 1)[0] if judged.doc_ids else judged.query_id


def fit_choices(choices: Sequence[Choice]) -> dict[str, float]:
    """Return the weights under which the answering sentences are the most likely."""
    from scipy.optimize import minimize

    names = choices[0].names
    table = np.concatenate([choice.features for choice in choices])
    right = np.concatenate([choice.right for choice in choices]).astype(np.float64)
    sizes = np.array([len(choice.right) for choice in choices])
    starts = np.cumsum(sizes) - sizes
    owner = np.repeat(np.arange(len(sizes)), sizes)
    scale = table.std(axis=0)
    varies = scale > 1e-9
    table = (table - table.mean(axis=0)) / np.where(varies, scale, 1.0)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = table @ weights
        odds = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        every = np.add.reduceat(odds, starts)
        good = np.add.reduceat(odds * right, starts) + 1e-12
        slope = table.T @ (odds / every[owner] - odds * right / good[owner])
        penalty = _FLATTEN * weights
        return float(-np.log(good / every).sum() + penalty @ weights / 2), slope + penalty

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x
    fitted = np.where(varies, found / np.where(varies, scale, 1.0), 0.0)
    return {name: round(float(w), _ROUNDED) for name, w in zip(names, fitted, strict=True)}


def fit_cases(cases: Sequence[Case]) -> dict[str, float]:
    """Return the weights of evidence, and the intercept, of a logistic regression.

    Evidence may count only the way it is meant to (`AGAINST`), which a set of one kind of document
    cannot bend: what it says holds for others too.
    """
    from scipy.optimize import minimize

    names = [*cases[0].evidence]
    table = np.array([[case.evidence[name] for name in names] for case in cases])
    truth = np.array([case.answerable for case in cases], np.float64)
    mean, scale = table.mean(axis=0), table.std(axis=0)
    varies = scale > 1e-9
    scale = np.where(varies, scale, 1.0)
    table = np.column_stack([np.ones(len(cases)), (table - mean) / scale])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total = table @ weights
        penalty = np.concatenate([[0.0], weights[1:] * _FLATTEN])
        cost = np.logaddexp(0, total).sum() - truth @ total + penalty @ weights / 2
        return float(cost), table.T @ (1 / (1 + np.exp(-total)) - truth) + penalty

    bounds: list[tuple[float | None, float | None]] = [(None, None)]
    bounds += [(None, 0.0) if name in AGAINST else (0.0, None) for name in names]
    found = minimize(loss, np.zeros(len(bounds)), jac=True, method="L-BFGS-B", bounds=bounds).x
    slopes = np.where(varies, found[1:] / scale, 0.0)
    return {
        "intercept": round(float(found[0] - slopes @ mean), _ROUNDED),
        **{name: round(float(w), _ROUNDED) for name, w in zip(names, slopes, strict=True)},
    }
