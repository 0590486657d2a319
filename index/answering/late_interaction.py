"""Late interaction: match each word of a question to the nearest word of a sentence.

The encoder's token vectors are compared (Khattab and Zaharia, "ColBERT", SIGIR 2020). One vector
for a whole sentence blurs who did what; vectors of words do not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from index.encoding.background import WORD
from index.encoding.cosine_scale import find_rows, match_words, relative
from index.encoding.encoder import Encoder
from index.text.analyzer import analyze
from index.timing import stage
from index.understanding.questions import Question


@dataclass(frozen=True, slots=True)
class Similarity:
    """The similarity of a question's words to those of a sentence, as scaled cosines.

    `mean` is weighted by the words' weights; `least` is that of the worst match.
    """

    mean: float
    least: float


class Interaction:
    """Compares one question with sentences."""

    def __init__(self, asked: Question, weights: Mapping[str, float], encoder: Encoder) -> None:
        """Encode a question; `weights` are those of its terms."""
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
        """Return the similarity to a sentence; 0 if no word has a weight."""
        with stage("encoding"):
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
