"""What a reader yields."""

from collections.abc import Callable
from dataclasses import dataclass

from corpus.documents import Page, Provenance, Span, Turn


@dataclass(frozen=True, slots=True)
class Reading:
    """One document as read: its text, what its format says of it, and the structure it marks.

    `headings`, `turns`, `boilerplate` and `blocks` are None where the format marks none, so that
    they have to be recognised. `name` distinguishes documents of one file. `remarks` are for
    people, on how the document was read: a guess, damage, a key that was left out.
    """

    text: str
    provenance: Provenance
    headings: tuple[Span, ...] | None = None
    turns: tuple[Turn, ...] | None = None
    boilerplate: tuple[Span, ...] | None = None
    pages: tuple[Page, ...] = ()
    name: str = ""
    blocks: tuple[Span, ...] | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A part of a file that could not be read, such as a member of a ZIP archive, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """A file inside a file, such as an attachment, which its own reader reads.

    `load` returns its bytes, or raises UnreadableSource; it may be called until the next item is
    asked for, and need not be called at all. `name` has its path and suffix; without one, it is the
    file itself, uncompressed.
    """

    name: str
    load: Callable[[], bytes]
