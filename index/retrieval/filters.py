"""Filters: conditions on the documents and speakers that a question is searched in."""

from dataclasses import dataclass

from corpus.dates import parse_bound
from corpus.errors import UsageError


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions that a passage must meet; None leaves one open.

    Dates are first and last days, ISO 8601. A document fits if its event or its own date may lie
    between them. `speaker` is part of a label such as "Prime Minister"; `person` is words of the
    name of a participant, author or recipient of a document.
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
        """Parse filters as a user typed them; raises UsageError for an invalid date."""
        first = parse_bound(date_from, last=False) if date_from else None
        last = parse_bound(date_to, last=True) if date_to else None
        if first and last and first > last:
            raise UsageError(f"The first date, {date_from}, is later than the last, {date_to}.")
        return cls(first, last, **{name: words or None for name, words in names.items()})

    @property
    def given(self) -> bool:
        """Whether any filter is set."""
        return self != Filters()
