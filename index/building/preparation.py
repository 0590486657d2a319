"""Preparing documents for the index: speakers, passages and terms."""

import hashlib
import json
from bisect import bisect_left
from dataclasses import dataclass

from corpus.authority.names import Authority
from corpus.documents import Document, Span
from corpus.letters import find_invisible, strip_invisible
from index.encoding.encoder import PassageText
from index.text.analyzer import analyze
from index.text.passages import Passage, context_of, make_passages


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document ready for the index: its speakers named, and cut into passages.

    `persons` are those who take part in it; `texts` the encoder's input for each passage, packed by
    `pack_text`; `terms` those of each passage, None if not extracted yet.
    """

    document: Document
    persons: tuple[str, ...]
    passages: tuple[Passage, ...]
    texts: tuple[str, ...]
    terms: tuple[tuple[str, ...], ...] | None = None


def prepare(document: Document, authority: Authority) -> Prepared:
    """Prepare a document for the index; its terms are extracted when needed."""
    document = authority.name_speakers(document)
    passages = tuple(make_passages(document))
    return Prepared(
        document,
        authority.persons_of(document),
        passages,
        tuple(pack_text(passage_text(document, passage)) for passage in passages),
    )


def find_terms(document: Document, passage: Passage) -> list[str]:
    """Return the terms that a passage is indexed under."""
    return analyze(f"{context_of(document, passage)}\n{passage.span.of(document.text)}")


def pack_text(passage: PassageText) -> str:
    """Return the encoder's input for a passage as one line."""
    spans = [(span.start, span.end) for span in passage.sentences]
    return json.dumps([passage.context, passage.text, spans])


def unpack_text(packed: str) -> PassageText:
    """Reverse `pack_text`."""
    context, text, spans = json.loads(packed)
    return PassageText(context, text, tuple(Span(*pair) for pair in spans))


def passage_key(packed: str) -> bytes:
    """Return the hash of the encoder's input for a passage, 16 bytes."""
    return hashlib.blake2b(packed.encode(), digest_size=16).digest()


def passage_text(document: Document, passage: Passage) -> PassageText:
    """Return the encoder's input for a passage: its text without invisible characters."""
    start, text = passage.span.start, passage.span.of(document.text)
    sentences = tuple(Span(span.start - start, span.end - start) for span in passage.sentences)
    gone = [place for span in find_invisible(text) for place in range(*span)]
    if gone:
        left = set(gone)
        text = "".join(char for place, char in enumerate(text) if place not in left)
        sentences = tuple(
            Span(span.start - bisect_left(gone, span.start), span.end - bisect_left(gone, span.end))
            for span in sentences
        )
    return PassageText(strip_invisible(context_of(document, passage)), text, sentences)
