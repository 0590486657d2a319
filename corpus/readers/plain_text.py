"""Plain text in any encoding."""

import re
from collections.abc import Iterator

from corpus.documents import Provenance, overlaps_any
from corpus.errors import UnreadableSource
from corpus.readers.encodings.decoding import decode_text
from corpus.readers.reading import Reading
from corpus.structure.blocks import find_blocks
from corpus.structure.boilerplate import find_boilerplate
from corpus.structure.detection import find_headings
from corpus.structure.record_header import read_header

# Base64 of an e-mail: letters and digits, not words.
_BASE64 = re.compile(
    r"\s*+(?=[A-Za-z0-9+/]{40})(?=\S*\d)(?=\S*[a-z])(?=\S*[A-Z])"
    r"(?:[A-Za-z0-9+/]{40,}+\s*+)*+[A-Za-z0-9+/]*+={0,2}\s*+"
)


def read_text(data: bytes) -> Iterator[Reading]:
    """Yield the one document of a text file, with the provenance in a record's header.

    Where that names no title, the first heading is the title.

    Raises UnreadableSource for binary, empty or undecodable data.
    """
    decoded = decode_text(data)
    text = decoded.text
    if _BASE64.fullmatch(text):
        raise UnreadableSource("the file is encoded in base64 and has no words: decode it first")
    blocks = find_blocks(text)
    boilerplate = find_boilerplate(text, blocks)
    title = next(
        (
            span.of(text)
            for span in find_headings(text, blocks)
            if not overlaps_any(boilerplate, span)
        ),
        None,
    )
    known = read_header(text).filled_from(Provenance(title=title))
    yield Reading(text, known, remarks=decoded.remarks)
