"""Features of a sentence in relation to a question, for ranking sentences."""

import math
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from corpus.dates import bounds
from corpus.documents import Document, Span
from index.answering.voices import Voices, is_other_speaker
from index.retrieval.fusion import Features
from index.retrieval.hits import Hit
from index.retrieval.lexical import term_weights
from index.text.analyzer import analyze
from index.text.sentences import is_complete
from index.understanding.answer_types import KINDS, counts_term, defines_terms, has_type
from index.understanding.questions import LIGHT, Question

LEANING = re.compile(
    r"(?:He|She|They|It|This|That|These|Those|Such|His|Her|Their|Its|Both|But|However|Instead"
    r"|Nevertheless|Therefore|Thus|Hence|Then|So|Neither|Also|Here|There)\b"
)
PRONOUN = re.compile(
    r"^\W*(?:He|She|They|It|This|That|These|Those|His|Her|Their|Its)\b"
    r"|\b(?:he|she|they|it|his|her|their|its)\b"
)
# Terms with fewer letters are not compared by trigrams, and less similar ones do not count.
_LETTERS = 4
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a retrieved passage, its words and its terms in order.

    `place` is its number in the passage; `context` are the terms of the title, the section and the
    speaker's label.
    """

    hit: Hit
    document: Document
    place: int
    cosine: float
    context: frozenset[str]
    text: str = field(init=False)
    terms: list[str] = field(init=False)

    def __post_init__(self) -> None:
        """Read the sentence."""
        text = self.span.of(self.document.text)
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "terms", analyze(text))

    @property
    def span(self) -> Span:
        """The span of the sentence."""
        return self.hit.passage.sentences[self.place]


def share(weights: Mapping[str, float], held: AbstractSet[str]) -> float:
    """Return the share of the terms' weight that is `held`; 0 if all weigh 0."""
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in held) / total if total else 0.0


def describe_sentences(
    asked: Question,
    idf: Mapping[str, float],
    candidates: Sequence[Candidate],
    voices: Voices | None = None,
) -> Features:
    """Return each feature of n candidates (n); `idf` are the weights of the question's terms.

    `voices` is for a question that asks for a speaker's words. All features except `cosine` and
    `nearest` lie between -1 and 1:

    * `lexical`: rank-bm25's score over the candidates;
    * `coverage`: the share of the question's weight that sentence and context have;
    * `before`, `after`, `earlier`: what the sentence before, the one after, or all earlier ones of
      the passage would add; `leant`: `before`, for a sentence with a pronoun;
    * `pairs`: the share of the question's adjacent terms that are near each other in the sentence;
    * `alike`: the weight of words that occur in another form or spelling;
    * `cosine`, `nearest`: the scaled cosine, and that of the passage's best sentence;
    * `date`, `number` …: whether the sentence has an expected answer type;
    * `counted`, `defined`: whether it counts or defines what the question asks for;
    * `turn`, `author`, `report`, `anothers`: the voice, or whether the words are another's;
    * `dated`: 1 if the sentence is of the requested time, -1 if of another.
    """
    weights = {term: weight * idf[term] for term, weight in asked.weights.items()}
    words = _Words(weights, candidates)
    nearest = dict.fromkeys((each.hit.rank for each in candidates), 0.0)
    for each in candidates:
        nearest[each.hit.rank] = max(nearest[each.hit.rank], each.cosine)
    texts = [each.text for each in candidates]
    lengths = [len(each.terms) for each in candidates]
    terms = asked.weights.keys()
    columns: dict[str, Sequence[float] | NDArray[np.float64]] = {
        "lexical": _score_lexically(list(terms), candidates),
        **words.cover([bool(PRONOUN.search(text)) for text in texts]),
        "pairs": _score_pairs(asked.pairs, weights, candidates, words),
        "alike": words.score_alike(),
        "cosine": [each.cosine for each in candidates],
        "nearest": [nearest[each.hit.rank] for each in candidates],
        "passage": [each.hit.score for each in candidates],
        "rank": [1 / each.hit.rank for each in candidates],
        "complete": [is_complete(text) for text in texts],
        "opening": [each.place == 0 for each in candidates],
        "leaning": [bool(LEANING.match(text)) for text in texts],
        "length": [math.log(1 + length) / 4 for length in lengths],
        "short": [length < 4 for length in lengths],
        **{
            kind: [kind in asked.expected and has_type(kind, text, terms) for text in texts]
            for kind in KINDS
        },
        "counted": [bool(asked.counted) and counts_term(text, asked.counted) for text in texts],
        "defined": [bool(asked.defined) and defines_terms(text, asked.defined) for text in texts],
        **_find_voices(voices, candidates),
        "dated": [_dated(asked, each) for each in candidates],
    }
    return {name: np.asarray(values, np.float64) for name, values in columns.items()}


class _Words:
    """Which terms of the question n candidates have: tables (t × n) of booleans.

    All sums are over the terms in order, so that their last bits never depend on n.
    """

    def __init__(self, weights: Mapping[str, float], candidates: Sequence[Candidate]) -> None:
        self._weights, self._total = weights, sum(weights.values())
        self.sets = [frozenset(each.terms) for each in candidates]
        self.own = np.array([[term in held for held in self.sets] for term in weights], np.bool_)
        self.own = self.own.reshape(len(weights), len(candidates))
        contexts = [each.context for each in candidates]
        self.held = self.own | np.array(
            [[term in held for held in contexts] for term in weights], np.bool_
        ).reshape(self.own.shape)
        # Whether a candidate follows the one before it in the same passage.
        self._follows = np.array(
            [place > 0 and candidates[place - 1].hit is each.hit
             for place, each in enumerate(candidates)],
            np.bool_,
        )  # fmt: skip

    def cover(self, leans: Sequence[bool]) -> dict[str, NDArray[np.float64]]:
        """Return the features of what a sentence and those around it have."""
        own, held, follows = self.own, self.held, self._follows
        before, after, earlier = (np.zeros_like(own) for _ in range(3))
        before[:, 1:] = own[:, :-1] & follows[1:]
        after[:, :-1] = own[:, 1:] & follows[1:]
        for place in np.flatnonzero(follows).tolist():
            earlier[:, place] = earlier[:, place - 1] | own[:, place - 1]
        with_before = held | before
        shares = self._share(np.stack([held, with_before, held | after, earlier & ~with_before]))
        coverage = shares[0]
        return {
            "coverage": coverage,
            "before": shares[1] - coverage,
            "leant": (shares[1] - coverage) * np.array(leans, np.bool_),
            "earlier": shares[3],
            "after": shares[2] - coverage,
        }

    def score_alike(self) -> NDArray[np.float64]:
        """Return the share of the weight that other forms of missing terms have."""
        found, alike = np.zeros(len(self.sets)), self._find_alike()
        for (term, weight), held in zip(self._weights.items(), self.held, strict=True):
            likeness = alike.get(term)
            if likeness:
                best = [
                    max((much for other, much in likeness if other in own), default=0.0)
                    for own in self.sets
                ]
                found += np.where(held, 0.0, weight * np.array(best))
        return found / self._total if self._total else found

    def _find_alike(self) -> dict[str, list[tuple[str, float]]]:
        """Return, for terms of the question, the candidates' similar ones and the similarity."""
        by_initial: dict[str, list[str]] = {}
        for term in frozenset().union(*self.sets):
            if _has_letters(term):
                by_initial.setdefault(term[0], []).append(term)
        return {
            term: [
                (other, much)
                for other in by_initial.get(term[0], ())
                if other != term and (much := _likeness(term, other)) >= _ALIKE
            ]
            for term in self._weights
            if _has_letters(term) and term not in LIGHT
        }

    def _share(self, held: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the share of the terms' weight that is held (m × t × n) as m × n."""
        found = np.zeros((len(held), held.shape[2]))
        for place, weight in enumerate(self._weights.values()):
            found += weight * held[:, place]
        return found / self._total if self._total else found


def _score_lexically(terms: Sequence[str], candidates: Sequence[Candidate]) -> NDArray[np.float64]:
    """Return the candidates' scores as of `rank_bm25.BM25Plus`, scaled to 1 for the best."""
    scores = np.zeros(len(candidates))
    lengths = np.array([len(each.terms) for each in candidates])
    if not lengths.any():
        return scores
    for term in terms:
        counts = np.array([each.terms.count(term) for each in candidates], np.float64)
        having = int(np.count_nonzero(counts))
        if having:
            idf = math.log((len(candidates) + 1) / having)
            mean = int(lengths.sum()) / len(candidates)
            scores += idf * (1 + term_weights(counts, lengths, mean))
    scores -= scores.min()
    return scores / (scores.max() or 1.0)


def _score_pairs(
    pairs: Sequence[tuple[str, str]],
    weights: Mapping[str, float],
    candidates: Sequence[Candidate],
    words: _Words,
) -> list[float]:
    """Return the share of the pairs' weight whose terms are near each other in a sentence."""
    weighed = {pair: min(weights[term] for term in pair) for pair in pairs}
    total = sum(weighed.values())
    found = []
    for candidate, held in zip(candidates, words.sets, strict=True):
        possible = [pair for pair in weighed if pair[0] in held and pair[1] in held]
        near: set[tuple[str, str]] = set()
        if possible:
            terms = candidate.terms
            near = {*pairwise(terms), *zip(terms, terms[2:], strict=False)}
        part = sum(weighed[pair] for pair in possible if pair in near)
        found.append(part / total if total else 0.0)
    return found


def _find_voices(
    voices: Voices | None, candidates: Sequence[Candidate]
) -> dict[str, NDArray[np.float64]]:
    known = {name: np.zeros(len(candidates)) for name in ("turn", "author", "report", "anothers")}
    if voices is None:
        return known
    for place, candidate in enumerate(candidates):
        turn = candidate.hit.passage.turn
        voice = voices.of(candidate.document, turn, candidate.span)
        if voice is not None:
            known[voice.value][place] = 1.0
        elif is_other_speaker(voices, candidate.document, turn):
            known["anothers"][place] = 1.0
    return known


def _has_letters(term: str) -> bool:
    return len(term) >= _LETTERS and term.isascii() and term.isalpha()


@lru_cache(maxsize=50_000)
def _likeness(term: str, other: str) -> float:
    """Return Dice's coefficient of the runs of three letters of two terms, 0 to 1."""
    first, second = _trigrams(term), _trigrams(other)
    return 2 * len(first & second) / (len(first) + len(second))


@lru_cache(maxsize=50_000)
def _trigrams(term: str) -> frozenset[str]:
    bounded = f"#{term}#"
    return frozenset(bounded[place : place + 3] for place in range(len(term)))


def _dated(asked: Question, candidate: Candidate) -> float:
    """Return 1 if a sentence or its record is of the requested time, -1 if of another, else 0."""
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
