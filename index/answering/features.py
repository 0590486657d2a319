"""Features of a sentence in relation to a question, for ranking sentences."""

import math
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from rank_bm25 import BM25Plus

from corpus.dates import bounds
from corpus.documents import Document, Span
from index.answering.voices import Voices, is_other_speaker
from index.retrieval.hits import Hit
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


@dataclass(frozen=True)
class Candidate:
    """A sentence of a retrieved passage; `place` is its number there.

    `context` are the terms of the title, the section and the speaker's label.
    """

    hit: Hit
    document: Document
    place: int
    cosine: float
    context: frozenset[str]

    @property
    def span(self) -> Span:
        """The span of the sentence."""
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
    """Return the share of the terms' weight that is `held`; 0 if all weigh 0."""
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in held) / total if total else 0.0


def describe_sentences(
    asked: Question,
    idf: Mapping[str, float],
    candidates: Sequence[Candidate],
    voices: Voices | None = None,
) -> list[dict[str, float]]:
    """Return the features of each candidate; `idf` are the weights of the question's terms.

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
    lexical = _lexical(asked, candidates)
    pairs = {pair: min(weights[term] for term in pair) for pair in asked.pairs}
    alike = _find_alike(weights, candidates)
    earlier = _find_earlier(candidates)
    nearest = dict.fromkeys((each.hit.rank for each in candidates), 0.0)
    for each in candidates:
        nearest[each.hit.rank] = max(nearest[each.hit.rank], each.cosine)
    return [
        {
            "lexical": lexical[place],
            **_cover(pairs, weights, candidates, place, earlier[place]),
            "alike": _score_alike(weights, alike, candidate),
            "cosine": candidate.cosine,
            "nearest": nearest[candidate.hit.rank],
            "passage": candidate.hit.score,
            "rank": 1 / candidate.hit.rank,
            "complete": float(is_complete(candidate.text)),
            "opening": float(candidate.place == 0),
            "leaning": float(bool(LEANING.match(candidate.text))),
            "length": math.log(1 + len(candidate.terms)) / 4,
            "short": float(len(candidate.terms) < 4),
            **{
                kind: float(
                    kind in asked.expected and has_type(kind, candidate.text, asked.weights.keys())
                )
                for kind in KINDS
            },
            "counted": float(bool(asked.counted) and counts_term(candidate.text, asked.counted)),
            "defined": float(defines_terms(candidate.text, asked.defined)),
            **_voice(voices, candidate),
            "dated": _dated(asked, candidate),
        }
        for place, candidate in enumerate(candidates)
    ]


def _lexical(asked: Question, candidates: Sequence[Candidate]) -> list[float]:
    """Return rank-bm25's scores of the candidates, scaled to 1 for the best."""
    # The library divides by the mean length, which is 0 if no sentence has a term.
    if not any(candidate.terms for candidate in candidates):
        return [0.0] * len(candidates)
    scores = BM25Plus([candidate.terms for candidate in candidates]).get_scores([*asked.weights])
    scores = scores - scores.min()
    return [float(score) for score in scores / (scores.max() or 1.0)]


def _cover(
    pairs: Mapping[tuple[str, str], float],
    weights: Mapping[str, float],
    candidates: Sequence[Candidate],
    place: int,
    earlier: AbstractSet[str],
) -> dict[str, float]:
    candidate = candidates[place]
    held = candidate.held
    coverage = share(weights, held)

    def beside(other: int) -> list[str]:
        if not 0 <= other < len(candidates) or candidates[other].hit is not candidate.hit:
            return []
        return candidates[other].terms

    with_before = held.union(beside(place - 1))
    before = share(weights, with_before) - coverage
    terms = candidate.terms
    near = {*pairwise(terms), *zip(terms, terms[2:], strict=False)}
    total = sum(pairs.values())
    return {
        "coverage": coverage,
        "before": before,
        "leant": before * bool(PRONOUN.search(candidate.text)),
        "earlier": share(weights, earlier - with_before),
        "after": share(weights, held.union(beside(place + 1))) - coverage,
        "pairs": sum(pairs[pair] for pair in pairs if pair in near) / total if total else 0.0,
    }


def _find_earlier(candidates: Sequence[Candidate]) -> list[frozenset[str]]:
    """Return for each candidate the terms of earlier ones in its passage."""
    found: list[frozenset[str]] = []
    for place, candidate in enumerate(candidates):
        last = candidates[place - 1]
        follows = place > 0 and last.hit is candidate.hit
        found.append(found[-1].union(last.terms) if follows else frozenset())
    return found


def _find_alike(
    weights: Mapping[str, float], candidates: Sequence[Candidate]
) -> dict[str, dict[str, float]]:
    """Return, for terms of the question, the candidates' similar terms and their similarity."""
    by_initial: dict[str, list[str]] = {}
    for term in {term for candidate in candidates for term in candidate.terms}:
        if _has_letters(term):
            by_initial.setdefault(term[0], []).append(term)
    alike: dict[str, dict[str, float]] = {}
    for term in weights:
        if _has_letters(term) and term not in LIGHT:
            likeness = {other: _likeness(term, other) for other in by_initial.get(term[0], ())}
            alike[term] = {other: much for other, much in likeness.items() if much >= _ALIKE}
    return alike


def _score_alike(
    weights: Mapping[str, float], alike: Mapping[str, Mapping[str, float]], candidate: Candidate
) -> float:
    terms, total = set(candidate.terms), sum(weights.values())
    found = sum(
        weights[term] * max((much for other, much in known.items() if other in terms), default=0.0)
        for term, known in alike.items()
        if term not in candidate.held
    )
    return found / total if total else 0.0


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


def _voice(voices: Voices | None, candidate: Candidate) -> dict[str, float]:
    known = dict.fromkeys(("turn", "author", "report", "anothers"), 0.0)
    if voices is not None:
        turn = candidate.hit.passage.turn
        voice = voices.of(candidate.document, turn, candidate.span)
        if voice is not None:
            known[voice.value] = 1.0
        elif is_other_speaker(voices, candidate.document, turn):
            known["anothers"] = 1.0
    return known


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
