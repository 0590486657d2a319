"""Choose the English words of a Japanese question: those that occur together in passages.

The alternatives of a word count as one word when passages are ranked (Pirkola, "The Effects of
Query Structure and Dictionary Setups in Dictionary-Based Cross-Language Information Retrieval",
SIGIR 1998); the passages with most of the question then decide between them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from index.encoding.encoder import Encoder
from index.retrieval.dense import quantize
from index.retrieval.engine import AnyEngine
from index.text.analyzer import analyze
from index.understanding.japanese.dictionary import Gloss
from index.understanding.japanese.fixed_words import QuestionToken
from index.understanding.japanese.translation import Draft
from index.understanding.japanese.word_order import write

# Each rank in a dictionary, and each further word, makes an alternative this much less likely.
_BY_RANK = 0.88
_BY_WORD = 0.75
# Less likely alternatives are dropped.
_LEAST = 0.3
# How many passages decide, and how much the better ones count for more.
_PASSAGES = 40
_SHARPNESS = 4
# The weight of a word that none of them has.
_UNSUPPORTED = 0.25


@dataclass(frozen=True, slots=True)
class _Alternative:
    words: str
    terms: tuple[str, ...]
    prior: float


def choose_words(drafted: Draft, engine: AnyEngine, encoder: Encoder) -> dict[int, str]:
    """Return the English words of each token that has any, by its place."""
    engine.prefetch(" ".join(each.words for token in drafted.tokens for each in token.alternatives))
    groups = {
        place: alternatives
        for place, token in enumerate(drafted.tokens)
        if (alternatives := _rank_alternatives(token, engine))
    }
    chosen = {place: known[0].words for place, known in groups.items()}
    for place, token in enumerate(drafted.tokens):
        if token.alternatives and place not in chosen:
            chosen[place] = token.alternatives[0].words
    open_groups = {place: known for place, known in groups.items() if len(known) > 1}
    if not open_groups:
        return chosen
    support = _support(groups, engine, encoder, write(drafted, chosen).text)
    for place, known in open_groups.items():
        best = max(support.get((place, each.words), 0.0) for each in known) or 1.0
        # `max` takes the first of equals: the better one in the dictionary.
        chosen[place] = max(
            known,
            key=lambda each: (
                each.prior * (_UNSUPPORTED + support.get((place, each.words), 0.0) / best)
            ),
        ).words
    return chosen


def _rank_alternatives(token: QuestionToken, engine: AnyEngine) -> list[_Alternative]:
    """Return the alternatives of a token that occur in the archive, best first."""
    if token.kind == "asking":
        return []
    found: dict[tuple[str, ...], _Alternative] = {}
    for gloss in token.alternatives:
        terms = tuple(dict.fromkeys(analyze(gloss.words)))
        if terms and terms not in found and all(engine.frequency(term) for term in terms):
            prior = _prior(gloss, token)
            if prior >= _LEAST or gloss.rank == 0:
                found[terms] = _Alternative(gloss.words, terms, prior)
    return sorted(found.values(), key=lambda each: -each.prior)


def _prior(gloss: Gloss, token: QuestionToken) -> float:
    # The dictionary of names does not rank readings.
    if token.kind == "name":
        return 1.0
    # The words of an explanation occur by chance more often than a single word.
    return float(_BY_RANK**gloss.rank * _BY_WORD ** gloss.words.count(" "))


def _support(
    groups: Mapping[int, list[_Alternative]], engine: AnyEngine, encoder: Encoder, plain: str
) -> dict[tuple[int, str], float]:
    """Return the support of the nearest passages for each alternative."""
    weights: dict[str, float] = {}
    for known in groups.values():
        for each in known:
            for term in each.terms:
                share = each.prior / len(each.terms)
                weights[term] = max(weights.get(term, 0.0), share)
    numbers, _ = engine.rank_by_terms(weights, 4 * _PASSAGES)
    vector = quantize(encoder.encode_query(plain))
    near, _ = engine.rank_by_vector(vector, _PASSAGES)
    terms = list(weights)
    candidates = engine.features_for(np.union1d(numbers, near), terms, vector)
    places = {term: place for place, term in enumerate(terms)}
    has = candidates.term_weights > 0
    # One value for each passage: each word's best alternative, weighted by its rarest term.
    total = np.zeros(has.shape[1])
    present: dict[tuple[int, str], np.ndarray] = {}
    most = 0.0
    for place, known in groups.items():
        best = np.zeros(has.shape[1])
        weight = max(min(candidates.idf[places[t]] for t in each.terms) for each in known)
        for each in known:
            here = np.all([has[places[t]] for t in each.terms], axis=0)
            present[place, each.words] = here
            best = np.maximum(best, each.prior * here)
        total += weight * best
        most += weight
    score = total / (most or 1.0) + 0.5 * np.maximum(0.0, candidates.sentence_cosines)
    order = np.argsort(-score, kind="stable")[:_PASSAGES]
    strength = (score[order] / (score[order].max(initial=0.0) or 1.0)) ** _SHARPNESS
    passages = max(1, engine.manifest.passages)
    # Discount frequent words, which occur by chance.
    usual = {
        (place, each.words): min(engine.frequency(term) for term in each.terms) / passages
        for place, known in groups.items()
        for each in known
    }
    return {
        key: float(here[order] @ strength) / math.sqrt(usual[key] + 1 / _PASSAGES)
        for key, here in present.items()
    }
