"""Earlier exchanges of a conversation: a question and what answered it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

# How many of the last exchanges a follow-up may refer to.
TURNS = 3

# A stretch of a document: its doc_id, start and end.
Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class EarlierQuote:
    """A quotation that answered an earlier question.

    `about` are its speaker and the dates of its record.
    """

    doc_id: str
    start: int
    end: int
    text: str
    about: str = ""

    @property
    def place(self) -> Place:
        """Where the quotation stands."""
        return self.doc_id, self.start, self.end


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question, already rewritten to stand alone, and its outcome.

    `verdict` is "answered", "redacted" or "not_found". `people` and `dates` are those that the best
    of the `quotes` names and the question does not, in order.
    """

    question: str
    verdict: str = "not_found"
    quotes: tuple[EarlierQuote, ...] = ()
    people: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()

    @property
    def is_answered(self) -> bool:
        """Whether the archive answered it."""
        return self.verdict == "answered"

    def to_dict(self) -> dict[str, Any]:
        """Return the exchange as a JSON object."""
        return asdict(self)

    @classmethod
    def from_dict(cls, known: Mapping[str, Any]) -> "Exchange":
        """Read the form that `to_dict` writes."""
        return msgspec.convert(known, cls)
