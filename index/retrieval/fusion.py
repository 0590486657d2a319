"""The fusion of rankings: a weighted sum of features of the candidates.

Candidates are the best passages of the lexical and the dense ranking. Features do not depend on the
size of the archive nor on the model, so that one set of weights serves all; the first four lie
between 0 and 1:

* lexical: the BM25 score, as a share of the limit for a passage full of every term;
* coverage: the share of the question's term weight that the passage has;
* document: as lexical, of all candidates of the passage's document taken together;
* near: as lexical, of the better of the passages before and after it in its document;
* cosine: of the passage's vector with the question's, as nearness (`index.encoding.cosine_scale`);
* sentence: the same of its best sentence.

Weighted sums of normalised scores did better than reciprocal rank fusion on every development set:
ranks forget how far apart two passages are. Bruch, Gai and Ingber, "An Analysis of Fusion Functions
for Hybrid Retrieval", TOIS 2023.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.encoding.cosine_scale import Background, relative
from index.retrieval.lexical import K1
from index.weights import weights

Features = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The scores of n passages for a question of t terms.

    `term_weights` (t × n) are the postings' weights, `beside` (2 × t × n) those of the passages
    before and after in the same document, `idf` (t) those of the terms. `cosines` and
    `sentence_cosines` (n) are those of the passages, and of the best sentence of each.
    """

    numbers: NDArray[np.int64]
    documents: NDArray[np.int32]
    term_weights: NDArray[np.float32]
    beside: NDArray[np.float32]
    idf: NDArray[np.float64]
    cosines: NDArray[np.float32]
    sentence_cosines: NDArray[np.float32]


def describe(
    candidates: Candidates, asked: NDArray[np.float64], background: Background
) -> Features:
    """Return each candidate's features, n values each.

    `asked` are the weights of terms; `background` is the scale of the encoder's cosines.
    """
    held = candidates.term_weights.astype(np.float64)
    most = float(asked @ candidates.idf) or 1.0
    together = np.zeros_like(held)
    _, owner = np.unique(candidates.documents, return_inverse=True)
    np.maximum.at(together.T, owner, held.T)
    return {
        "lexical": asked @ held / (most * (K1 + 1)),
        "coverage": (asked * candidates.idf) @ (held > 0) / most,
        "document": (asked @ together / (most * (K1 + 1)))[owner],
        "near": (asked @ candidates.beside.astype(np.float64)).max(axis=0) / (most * (K1 + 1)),
        "cosine": relative(candidates.cosines, background.passage),
        "sentence": relative(candidates.sentence_cosines, background.sentence),
    }


def blend(features: Features, kind: str) -> NDArray[np.float64]:
    """Return the weighted sum of features for a kind of question."""
    known = weights("passages", kind)
    total: NDArray[np.float64] = np.sum(
        [known[name] * values for name, values in features.items()], axis=0
    )
    return total
