"""Nearness: what a cosine means, on a scale that is the same for every model.

One model gives two unrelated texts a cosine of 0.05, another of 0.7. So each is measured over texts
whose relation is known (`index.encoding.background`), and a cosine is expressed by where it lies:
0 is as near as unrelated texts are on average, 1 as near as a question and what answers it.
Weights and thresholds that are fitted on this scale hold for other models too.

The scale goes on above 1: what repeats the question's own words is nearer than most answers.
"""

from collections.abc import Iterable, Sequence
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

    The last is of the word of a question that is matched least, with the nearest word of a text.
    """

    passage: Scale
    sentence: Scale
    word: Scale


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


def match_least(
    words: Iterable[Span], pieces: Sequence[Span], vectors: Vectors, others: Vectors
) -> float | None:
    """Return the cosine of the word that is matched least with what it is nearest to.

    `pieces` are where the tokens of a text stand and `vectors` what they are; a word is matched as
    far as its worst piece is. `others` are the vectors of another text's tokens. None where no
    word has a piece, or the other text has none.
    """
    if not len(vectors) or not len(others):
        return None
    best = (vectors @ others.T).max(axis=1)
    matched = [
        min(found)
        for start, end in words
        if (
            found := [
                float(near)
                for (first, last), near in zip(pieces, best, strict=True)
                if first < end and last > start
            ]
        )
    ]
    return min(matched, default=None)
