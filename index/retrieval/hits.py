"""Hits: ranked passages with their scores."""

from dataclasses import dataclass

from index.text.passages import Passage


@dataclass(frozen=True, slots=True)
class Hit:
    """A ranked passage, and where its score comes from.

    `number` is the passage's place in the index. Ranks count from 1; one is None if that ranking
    lacks the passage. `score` is a weighted sum of `features`; `relevance` is the reranker's score,
    None if no reranker read the passage.
    """

    passage: Passage
    number: int
    rank: int
    score: float
    lexical_rank: int | None
    lexical_score: float
    dense_rank: int | None
    cosine: float
    features: dict[str, float]
    relevance: float | None = None
