"""Nearness: what a cosine means, on a scale that is the same for every model.

One model gives two unrelated texts a cosine of 0.05, another of 0.7. So each is measured over texts
whose relation is known (`index.encoding.background`), and a cosine is expressed by where it lies:
0 is as near as unrelated texts are on average, 1 as near as a question and what answers it.
Weights and thresholds that are fitted on this scale hold for other models too.

The scale goes on above 1: what repeats the question's own words is nearer than most answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from index.encoding.pooling import Vectors

# What lies farther out comes of a scale that is too narrow, not of what the texts say.
_FARTHEST, _NEAREST = -0.5, 5.0
# The least distance of unrelated and related texts that a scale may have.
_FINEST = 0.01

Span = tuple[int, int]
Nearness = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """The mean cosine of unrelated texts, its standard deviation, and the mean of related ones."""

    unrelated: float
    spread: float
    related: float


@dataclass(frozen=True, slots=True)
class Background:
    """A model's cosines of questions with passages, with sentences, and with single words.

    `word` is of the word of a question that is matched least, `words` of all on average, each with
    the nearest word of a sentence.
    """

    passage: Scale
    sentence: Scale
    word: Scale
    words: Scale


@overload
def relative(cosine: float, scale: Scale) -> float: ...
@overload
def relative(cosine: Vectors, scale: Scale) -> Nearness: ...
def relative(cosine: float | Vectors, scale: Scale) -> float | Nearness:
    """Return cosines as nearness: 0 for unrelated texts, 1 for related ones.

    A model that does not tell related texts apart has a scale as wide as its chance differences,
    which are not to look like nearness.
    """
    width = max(scale.related - scale.unrelated, scale.spread, _FINEST)
    near: Nearness = np.clip(
        (np.asarray(cosine, np.float64) - scale.unrelated) / width, _FARTHEST, _NEAREST
    )
    return float(near) if near.ndim == 0 else near


def find_rows(words: Sequence[Span], pieces: Sequence[Span]) -> list[list[int]]:
    """Return for each word of a text the numbers of the tokens that it is made of.

    `pieces` are where the tokens stand.
    """
    return [
        [row for row, (first, last) in enumerate(pieces) if first < end and last > start]
        for start, end in words
    ]


def match_words(
    words: Sequence[Sequence[int]], vectors: Vectors, others: Vectors
) -> tuple[Nearness, Nearness]:
    """Return the cosine of each word with what it is nearest to in another text, in two ways.

    `words` are the rows of each word's tokens in `vectors`; `others` are the vectors of the other
    text's tokens. The first array has the cosine of a word's worst token, the second their mean.
    """
    best = (vectors @ others.T).max(axis=1).astype(np.float64)
    worst = np.array([best[list(rows)].min() for rows in words], np.float64)
    mean = np.array([best[list(rows)].mean() for rows in words], np.float64)
    return worst, mean
