"""From readings to documents."""

from collections.abc import Sequence
from dataclasses import replace

from corpus.documents import Document, Provenance, Span, hash_text
from corpus.languages import detect_language
from corpus.readers.reading import Reading
from corpus.structure.detection import find_structure
from corpus.structure.enclosures import find_enclosures


def make_document(doc_id: str, source: str, reading: Reading) -> Document:
    """Return the document of a reading, with its structure found and its text hashed."""
    structure = find_structure(
        reading.text,
        reading.headings,
        reading.turns,
        reading.boilerplate,
        reading.pages,
        reading.blocks,
    )
    return Document(
        doc_id=doc_id,
        text=reading.text,
        provenance=_complete(reading.provenance, reading.text, structure.blocks),
        structure=structure,
        source=source,
        sha256=hash_text(reading.text),
    )


def _complete(provenance: Provenance, text: str, blocks: Sequence[Span]) -> Provenance:
    """Add the language, enclosures that no format marks, and the people of the record described."""
    people = dict.fromkeys([*provenance.people, *provenance.record.people])
    language = provenance.language or detect_language(text)
    enclosures = provenance.enclosures
    if not (enclosures or provenance.is_own):
        enclosures = find_enclosures(text, blocks)
    return replace(provenance, people=tuple(people), language=language, enclosures=enclosures)
