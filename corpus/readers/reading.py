"""What a reader gives back."""

from dataclasses import dataclass

from corpus.documents import Provenance, Span


@dataclass(frozen=True, slots=True)
class Reading:
    """One document as read: its text, what its format says of it, and the headings it marks.

    `headings` is None where the format marks none, so that they have to be recognised.
    """

    text: str
    provenance: Provenance
    headings: tuple[Span, ...] | None = None
