"""What is asked of the index and what it gives back: queries, filters, hits, and their fusion."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.dates import parse_bound
from corpus.errors import UsageError
from index.passages import Passage

MAX_QUESTION_CHARS = 2000

# Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank
# Learning Methods", SIGIR 2009. Their constant of 60 suits rankings of a thousand; on question sets
# over archives of this size a steeper one, with the dense ranking at half weight, does better.
RRF_K = 5
DENSE_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Filters:
    """What a passage must be for a question to search it; None leaves it open.

    Dates are first and last days, ISO 8601. A document fits when its event or its own date may lie
    between them. `speaker` is part of a label such as "Prime Minister"; `person` is words of the
    name of somebody who takes part in, wrote or received a document.
    """

    date_from: str | None = None
    date_to: str | None = None
    speaker: str | None = None
    collection: str | None = None
    kind: str | None = None
    person: str | None = None
    classification: str | None = None
    language: str | None = None

    @classmethod
    def parse(
        cls, *, date_from: str | None = None, date_to: str | None = None, **names: str | None
    ) -> "Filters":
        """Return the filters that a person typed; raises UsageError for what is no date."""
        first = parse_bound(date_from, last=False) if date_from else None
        last = parse_bound(date_to, last=True) if date_to else None
        if first and last and first > last:
            raise UsageError(f"--from {date_from} lies after --to {date_to}.")
        return cls(first, last, **{name: words or None for name, words in names.items()})

    @property
    def given(self) -> bool:
        """Tell whether any filter is set."""
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Hit:
    """A ranked passage, and where its score came from.

    Ranks count from 1 and are None where a ranking does not have the passage. `number` is the
    passage's place in the index.
    """

    passage: Passage
    number: int
    rank: int
    score: float
    lexical_rank: int | None
    lexical_score: float
    dense_rank: int | None
    cosine: float


def clean_question(words: str) -> str:
    """Return a question on one line, without control characters.

    Raises UsageError for an empty one and for one that is too long to be a question.
    """
    kept = (" " if char.isspace() else char for char in words)
    cleaned = "".join(char for char in kept if unicodedata.category(char) not in {"Cc", "Cs"})
    question = " ".join(cleaned.split())
    if not question:
        raise UsageError("The question is empty.", 'memcon ask "Who translated the records?"')
    if len(question) > MAX_QUESTION_CHARS:
        raise UsageError(
            f"The question has {len(question):,} characters, more than {MAX_QUESTION_CHARS:,}."
        )
    return question


def fuse(
    rankings: Sequence[tuple[float, Sequence[int]]], k: int = RRF_K
) -> list[tuple[int, float]]:
    """Return passage numbers with their fused scores, best first, ties by number.

    Each ranking is a weight and passage numbers, best first. The score is the sum of
    weight / (k + rank) over the rankings that have the passage (reciprocal rank fusion).
    """
    scores: dict[int, float] = {}
    for weight, ranking in rankings:
        for rank, number in enumerate(ranking, start=1):
            scores[number] = scores.get(number, 0.0) + weight / (k + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
