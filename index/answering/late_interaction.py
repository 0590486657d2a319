"""Late interaction: each word of a question with the word of a sentence that is nearest to it.

The vectors are those of the encoder's tokens, each text read by itself (Khattab and Zaharia,
"ColBERT", SIGIR 2020). One vector for a whole sentence blurs who did what; single words do not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from index.encoding.background import WORD
from index.encoding.cosine_scale import find_rows, match_words, relative
from index.encoding.encoder import Encoder
from index.text.analyzer import analyze
from index.understanding.questions import Question


@dataclass(frozen=True, slots=True)
class Similarity:
    """How near the words of a question come to those of a sentence, as nearness.

    `mean` is weighted by how much each word counts, `least` is of the word that is matched least.
    """

    mean: float
    least: float


class Interaction:
    """Compares one question with sentences."""

    def __init__(self, asked: Question, weights: Mapping[str, float], encoder: Encoder) -> None:
        """Read a question; `weights` are those of its terms."""
        self._encoder = encoder
        pieces, self._vectors = encoder.encode_tokens(asked.text)
        spans = [word.span() for word in WORD.finditer(asked.text)]
        heavy = [
            max((weights.get(term, 0.0) for term in analyze(asked.text[start:end])), default=0.0)
            for start, end in spans
        ]
        words = zip(heavy, find_rows(spans, pieces), strict=True)
        kept = [(weight, rows) for weight, rows in words if weight > 0 and rows]
        self._rows = [rows for _, rows in kept]
        self._weights = np.array([weight for weight, _ in kept])

    def match(self, sentence: str) -> Similarity:
        """Return how near the question's words come to those of a sentence; 0 where none counts."""
        _, others = self._encoder.encode_tokens(sentence)
        if not self._rows or not len(others):
            return Similarity(0.0, 0.0)
        worst, mean = match_words(self._rows, self._vectors, others)
        background = self._encoder.background
        average = float(self._weights @ mean / self._weights.sum())
        return Similarity(
            mean=relative(average, background.words),
            least=relative(float(worst.min()), background.word),
        )
