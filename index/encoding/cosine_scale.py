"""Nearness: cosines on a scale that is the same for every model.

One model gives two unrelated texts a cosine of 0.05, another 0.7. So each is measured over texts of
known relation (`index.encoding.background`): a nearness of 0 is the mean of unrelated texts, 1 that
of questions and their answers. Weights and thresholds fitted on this scale hold for other models.

The scale goes above 1: a repetition of the question's words is nearer than most answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from index.encoding.pooling import Vectors

# Values beyond these come from too narrow a scale, not from the texts.
_FARTHEST, _NEAREST = -0.5, 5.0
# The least width of a scale.
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

    `word` is for the least matched word of a question, `words` for all on average, each with the
    nearest word of a sentence.
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

    A model that cannot distinguish related texts gets a scale as wide as its random variation,
    which must not look like nearness.
    """
    width = max(scale.related - scale.unrelated, scale.spread, _FINEST)
    near: Nearness = np.clip(
        (np.asarray(cosine, np.float64) - scale.unrelated) / width, _FARTHEST, _NEAREST
    )
    return float(near) if near.ndim == 0 else near


def find_rows(words: Sequence[Span], pieces: Sequence[Span]) -> list[list[int]]:
    """Return the numbers of each word's tokens; `pieces` are the tokens' offsets."""
    return [
        [row for row, (first, last) in enumerate(pieces) if first < end and last > start]
        for start, end in words
    ]


def match_words(
    words: Sequence[Sequence[int]], vectors: Vectors, others: Vectors
) -> tuple[Nearness, Nearness]:
    """Return the cosine of each word with the nearest words of another text, in two ways.

    `words` are the rows of each word's tokens in `vectors`; `others` are the vectors of the other
    text's tokens. The first array has the cosine of a word's worst token, the second their mean.
    """
    # Not a matrix product: it would wake threads that spin for longer than the answer takes, and
    # its last bits may depend on the number of cores.
    best = np.einsum("ik,jk->ij", vectors, others).max(axis=1).astype(np.float64)
    worst = np.array([best[list(rows)].min() for rows in words], np.float64)
    mean = np.array([best[list(rows)].mean() for rows in words], np.float64)
    return worst, mean
