"""What is known of a sentence in relation to a question: the features by which it is chosen."""

import math
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from rank_bm25 import BM25Plus

from corpus.dates import bounds
from corpus.documents import Document, Span
from index.retrieval.search import Hit
from index.text.analyzer import analyze
from index.text.sentences import is_complete
from index.understanding.expectations import KINDS, holds
from index.understanding.questions import LIGHT, Question

LEANING = re.compile(
    r"(?:He|She|They|It|This|That|These|Those|Such|His|Her|Their|Its|Both|But|However|Instead"
    r"|Nevertheless|Therefore|Thus|Hence|Then|So|Neither|Also|Here|There)\b"
)
# So many letters in common are one word in two forms that the stems tell apart: invade, invasion.
_ROOT = 5


@dataclass(frozen=True)
class Candidate:
    """A sentence of a passage that was found: which one, its terms, its cosine.

    `context` are the terms of the title, the section and the speaker's label.
    """

    hit: Hit
    document: Document
    place: int
    cosine: float
    context: frozenset[str]

    @property
    def span(self) -> Span:
        """Where the sentence stands."""
        return self.hit.passage.sentences[self.place]

    @cached_property
    def text(self) -> str:
        """The words of the sentence."""
        return self.span.of(self.document.text)

    @cached_property
    def terms(self) -> list[str]:
        """The terms of the sentence, in order."""
        return analyze(self.text)

    @cached_property
    def held(self) -> frozenset[str]:
        """The terms of the sentence and its context."""
        return self.context.union(self.terms)


def share(weights: Mapping[str, float], held: AbstractSet[str]) -> float:
    """Return the share of the weight of terms that is among those `held`; 0 where all weigh 0."""
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in held) / total if total else 0.0


def describe_sentences(
    asked: Question, idf: Mapping[str, float], candidates: Sequence[Candidate]
) -> list[dict[str, float]]:
    """Return the features of each candidate; `idf` are the weights of the question's terms.

    All lie between -1 and 1. `lexical` is rank-bm25's score over the candidates; `coverage` the
    share of the question's weight that sentence and context have, `before` and `after` what the
    sentence on that side would add; `pairs` the share of neighbouring terms of the question that
    are near each other in the sentence; `root` the weight of words that only share a root;
    `date`, `number` … tell whether an expected kind of thing is there; `speaker` and `dated`
    whether words are of the person and of the time asked for (1), or of another (-1).
    """
    weights = {term: weight * idf[term] for term, weight in asked.weights.items()}
    lexical = _lexical(asked, candidates)
    return [
        {
            "lexical": lexical[place],
            **_cover(asked, weights, candidates, place),
            "cosine": max(0.0, float(candidate.cosine)),
            "passage": candidate.hit.score,
            "rank": 1 / candidate.hit.rank,
            "complete": float(is_complete(candidate.text)),
            "opening": float(candidate.place == 0),
            "leaning": float(bool(LEANING.match(candidate.text))),
            "length": math.log(1 + len(candidate.terms)) / 4,
            "short": float(len(candidate.terms) < 4),
            **{
                kind: float(
                    kind in asked.expected and holds(kind, candidate.text, asked.weights.keys())
                )
                for kind in KINDS
            },
            "speaker": _spoken(asked, candidate),
            "dated": _dated(asked, candidate),
        }
        for place, candidate in enumerate(candidates)
    ]


def _lexical(asked: Question, candidates: Sequence[Candidate]) -> list[float]:
    """Return rank-bm25's scores of the candidate sentences, from 0 to 1 for the best of them."""
    # The library divides by the mean length, which is 0 where no sentence has a term.
    if not any(candidate.terms for candidate in candidates):
        return [0.0] * len(candidates)
    scores = BM25Plus([candidate.terms for candidate in candidates]).get_scores([*asked.weights])
    scores = scores - scores.min()
    return [float(score) for score in scores / (scores.max() or 1.0)]


def _cover(
    asked: Question, weights: Mapping[str, float], candidates: Sequence[Candidate], place: int
) -> dict[str, float]:
    candidate = candidates[place]
    held = candidate.held
    coverage = share(weights, held)

    def added(other: int) -> float:
        if not 0 <= other < len(candidates) or candidates[other].hit is not candidate.hit:
            return 0.0
        return share(weights, held.union(candidates[other].terms)) - coverage

    pairs = {pair: min(weights[term] for term in pair) for pair in asked.pairs}
    terms = candidate.terms
    near = {(terms[i], terms[j]) for j in range(len(terms)) for i in (j - 1, j - 2) if i >= 0}
    total = sum(pairs.values())
    roots = {term[:_ROOT] for term in terms if len(term) >= _ROOT}
    rooted = {
        term
        for term in weights
        if len(term) >= _ROOT and term not in held and term not in LIGHT and term[:_ROOT] in roots
    }
    return {
        "coverage": coverage,
        "before": added(place - 1),
        "after": added(place + 1),
        "pairs": sum(pairs[pair] for pair in pairs if pair in near) / total if total else 0.0,
        "root": share(weights, rooted),
    }


def _spoken(asked: Question, candidate: Candidate) -> float:
    """Tell whether a sentence is attributed to the person asked for, or to somebody else."""
    if not asked.speaker:
        return 0.0
    turn = candidate.hit.passage.turn
    if turn is not None:
        return 1.0 if asked.speaker & set(analyze(turn.speaker)) else -1.0
    return 1.0 if asked.speaker & set(candidate.terms) else 0.0


def _dated(asked: Question, candidate: Candidate) -> float:
    """Tell whether a sentence, or its record, is of the time asked for, or of another."""
    if not asked.dates:
        return 0.0
    year = {date[:4] for date in asked.dates}
    if year & set(candidate.terms):
        return 1.0
    record = candidate.document.provenance.record
    known = [bounds(date) for date in (record.event_date, record.document_date) if date]
    if not known:
        return 0.0
    asked_for = [bounds(date) for date in asked.dates]
    meets = any(
        first <= last_asked and first_asked <= last
        for first, last in known
        for first_asked, last_asked in asked_for
    )
    return 1.0 if meets else -1.0


def score_sentences(
    features: Sequence[Mapping[str, float]], weights: Mapping[str, float]
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return the weighted sum of each sentence's features."""
    return np.array(
        [sum(weight * values[name] for name, weight in weights.items()) for values in features]
    )
