"""Pooling and dense layers: from token vectors to one unit vector.

The kinds of pooling are those of sentence-transformers, joined with "+".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import erf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Span

Vectors = NDArray[np.float32]


def _weigh(states: Vectors) -> Any:
    """Return the mean of token vectors, the n-th with weight n."""
    weights = np.arange(1, len(states) + 1, dtype=np.float32)[:, None]
    return (weights * states).sum(axis=0) / weights.sum()


POOLINGS: dict[str, Callable[[Vectors], Any]] = {
    "mean": lambda states: states.mean(axis=0),
    "cls": lambda states: states[0],
    "max": lambda states: states.max(axis=0),
    "lasttoken": lambda states: states[-1],
    "weightedmean": _weigh,
    "mean_sqrt_len_tokens": lambda states: states.sum(axis=0) / np.sqrt(len(states)),
}
ACTIVATIONS: dict[str, Callable[[Vectors], Any]] = {
    "Identity": lambda values: values,
    "Tanh": np.tanh,
    "ReLU": lambda values: np.maximum(values, 0),
    "Sigmoid": lambda values: 1 / (1 + np.exp(-values)),
    "GELU": lambda values: values * (1 + np.vectorize(erf)(values / np.sqrt(2))) / 2,
}


@dataclass(frozen=True, slots=True)
class Dense:
    """A layer after pooling: weights (m × n), bias (m), and the name of an activation."""

    weights: Vectors
    bias: Vectors
    activation: str


@dataclass(frozen=True, slots=True)
class Pooling:
    """The kinds of a model's pooling, and the layers after it."""

    kinds: str
    layers: tuple[Dense, ...] = ()

    def pool(self, states: Vectors) -> Vectors:
        """Return the unit vector (d) of a text from its token vectors (t × h)."""
        return self._finish(self.kinds, states)

    def pool_sentences(
        self,
        states: Vectors,
        offsets: Sequence[tuple[int, int]],
        sentences: Sequence[Span],
        passage: Vectors,
    ) -> Vectors:
        """Return the unit vectors (n × d) of the sentences of a passage.

        `offsets` are the tokens' characters; `sentences` are spans in the same offsets. A sentence
        beyond the model's input has the vector of its passage. The first token represents the whole
        text, so that "cls" becomes the mean for a sentence.
        """
        kinds = "+".join("mean" if kind == "cls" else kind for kind in self.kinds.split("+"))
        starts = np.array([start if end > start else -1 for start, end in offsets])
        vectors = np.empty((len(sentences), len(passage)), np.float32)
        for row, span in enumerate(sentences):
            inside = np.flatnonzero((starts >= span.start) & (starts < span.end))
            vectors[row] = self._finish(kinds, states[inside]) if len(inside) else passage
        return vectors

    def _finish(self, kinds: str, states: Vectors) -> Vectors:
        vector = np.concatenate([POOLINGS[kind](states) for kind in kinds.split("+")])
        for layer in self.layers:
            # Not a matrix product: its last bits may depend on the number of cores.
            product = np.einsum("mk,k->m", layer.weights, vector)
            vector = ACTIVATIONS[layer.activation](product + layer.bias)
        length = np.linalg.norm(vector)
        unit: Vectors = (vector / (length if length > 0 else 1.0)).astype(np.float32)
        return unit
