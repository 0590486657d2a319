"""From readings to documents."""

from dataclasses import replace

from corpus.documents import Document, Provenance, hash_text
from corpus.languages import detect_language
from corpus.readers.reading import Reading
from corpus.structure.detection import find_structure


def make_document(doc_id: str, source: str, reading: Reading) -> Document:
    """Return the document of a reading, with its structure found and its text hashed."""
    return Document(
        doc_id=doc_id,
        text=reading.text,
        provenance=_complete(reading.provenance, reading.text),
        structure=find_structure(
            reading.text,
            reading.headings,
            reading.turns,
            reading.boilerplate,
            reading.pages,
            reading.blocks,
        ),
        source=source,
        sha256=hash_text(reading.text),
    )


def _complete(provenance: Provenance, text: str) -> Provenance:
    """Add the language of the text, and to the people those of the record described."""
    people = dict.fromkeys([*provenance.people, *provenance.record.people])
    language = provenance.language or detect_language(text)
    return replace(provenance, people=tuple(people), language=language)
