"""What is asked of the index and what it gives back: queries, filters and hits."""

import re
import unicodedata
from dataclasses import dataclass

from corpus.dates import parse_bound
from corpus.errors import UsageError
from corpus.letters import strip_invisible
from index.text.passages import Passage

MAX_QUESTION_CHARS = 2000
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


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
    passage's place in the index. `score` is a weighted sum of `features`, and `relevance` what a
    reranker gave the passage, None where none has read it.
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


def clean_question(words: str) -> str:
    """Return a question on one line, without control characters and sequences of a terminal.

    Raises UsageError for an empty one and for one that is too long to be a question.
    """
    # A terminal's colours may come along with what was copied from it.
    seen = strip_invisible(_ESCAPES.sub("", words))
    kept = (" " if char.isspace() else char for char in seen)
    cleaned = "".join(char for char in kept if unicodedata.category(char) not in {"Cc", "Cs"})
    question = " ".join(cleaned.split())
    if not question:
        raise UsageError("The question is empty.", 'memcon ask "Who translated the records?"')
    if len(question) > MAX_QUESTION_CHARS:
        raise UsageError(
            f"The question has {len(question):,} characters, more than {MAX_QUESTION_CHARS:,}."
        )
    return question
