"""What is cited: a document, one that it encloses, or the words quoted from either."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.authority.parts import part_at
from corpus.dates import in_words
from corpus.documents import Document, Provenance, Span

# Names that Pandoc and BibTeX take as a citation key.
_SIMPLE = re.compile(r"\w+(?:[-./+]\w+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cited:
    """A document to cite, or the words in its `span`.

    `document` has the provenance of the record that the words belong to. If that is an enclosure,
    `enclosed_in` names the record around it: "enclosed in Orme to Quillan, November 3, 1871".
    `accessed` is the day on which somebody read the words, as an ISO date. `extent` is the place of
    the enclosure in the document's text, None for the document. `quoted` lists the spans whose
    words an entry for programs repeats; by default, that is `span`.
    """

    document: Document
    span: Span | None = None
    accessed: str | None = None
    enclosed_in: str | None = None
    extent: Span | None = None
    quoted: tuple[Span, ...] = ()

    @classmethod
    def of(
        cls, document: Document, span: Span | None = None, accessed: str | None = None
    ) -> "Cited":
        """Return the citable form of a document, or of the record that the span belongs to."""
        part = part_at(document, span) if span else None
        if span is None or part is None or not (part.is_enclosed and part.span.holds(span)):
            return cls(document, span, accessed)
        record, around = part.provenance, part.enclosed_in
        if record.title is None and (record.creators or record.recipients):
            record = replace(record, title=part.name)
        elif record.title is None and around:
            record = replace(record, title=f"Enclosure {around.removeprefix('enclosed ')}")
            around = None
        return cls(replace(document, provenance=record), span, accessed, around, part.span)

    @property
    def key(self) -> str:
        """The citation key: the document's name, with a hash if Pandoc or BibTeX cannot take it.

        Enclosures append where they start. Different records have different keys.
        """
        name = key = self.document.doc_id
        if not _SIMPLE.fullmatch(name):
            readable = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
            hashed = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
            key = f"{readable}-{hashed[:8]}".strip("-")
        return f"{key}:{self.extent.start}" if self.extent else key

    @property
    def provenance(self) -> Provenance:
        """The provenance of the record that is cited."""
        return self.document.provenance

    @property
    def words(self) -> str | None:
        """The words quoted, on one line; None for a document."""
        return " ".join(self.span.of(self.document.text).split()) if self.span else None

    @property
    def quotations(self) -> list[str]:
        """The words quoted, each with its place: “The lamp was lit.” (doc. 12, p. 3)."""
        spans = self.quoted or filter(None, [self.span])
        quoted = [replace(self, span=span) for span in spans]
        places = (f" ({each.locator})" if each.locator else "" for each in quoted)
        return [f"“{each.words}”{place}" for each, place in zip(quoted, places, strict=True)]

    @property
    def pages(self) -> tuple[str, ...]:
        """The labels of the first and last page: of the words, or of a document in a volume."""
        if self.span is None and self.provenance.container is None:
            return ()
        whole = self.extent or Span(0, len(self.document.text))
        return self.document.structure.pages_of(self.span or whole)

    @property
    def locator(self) -> str | None:
        """Where the words stand: "doc. 12", "p. 3", "doc. 12, pp. 3–4"; None where unknown."""
        return locate(self.provenance, self.pages if self.span else ())

    @property
    def file_name(self) -> str:
        """The name of the file that the document was read from, without its folder."""
        return self.document.source.replace("\\", "/").rsplit("/", 1)[-1]

    @property
    def address(self) -> str | None:
        """The address of the document, or of the record that it is about."""
        return self.provenance.url or self.provenance.record.url

    @property
    def access(self) -> str | None:
        """The date of access in words, for what has an address: "accessed May 3, 2024"."""
        return f"accessed {in_words(self.accessed)}" if self.accessed and self.address else None


def locate(record: Provenance, pages: Sequence[str] = ()) -> str | None:
    """Return a place in words: the number of a document in a volume, and pages; None for none."""
    number = f"doc. {record.number}" if record.container and record.number else None
    return ", ".join(filter(None, [number, name_pages(pages)])) or None


def name_pages(pages: Sequence[str]) -> str | None:
    """Return the first and last page in words: "p. 3", "pp. 3–4"; None for none."""
    if len(pages) > 1:
        return f"pp. {pages[0]}–{pages[-1]}"
    return f"p. {pages[0]}" if pages else None
