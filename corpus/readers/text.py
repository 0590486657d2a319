"""Plain text, in whatever encoding it was saved."""

import codecs
import re
from collections.abc import Iterator

from corpus.blocks import find_blocks
from corpus.boilerplate import find_boilerplate
from corpus.documents import Provenance, overlaps_any
from corpus.errors import UnreadableSource
from corpus.readers.reading import Reading
from corpus.recordheader import read_header
from corpus.structure import find_headings

_HEAD_BYTES = 4096
# How many bytes of a kind may be of another one.
_FEW = 0.2
# What an e-mail calls its attachments' encoding: letters and digits, and no word.
_BASE64 = re.compile(
    r"\s*+(?=[A-Za-z0-9+/]{40})(?=\S*\d)(?=\S*[a-z])(?=\S*[A-Z])"
    r"(?:[A-Za-z0-9+/]{40,}+\s*+)*+[A-Za-z0-9+/]*+={0,2}\s*+"
)
# UTF-32 before UTF-16: the little-endian mark of the one begins with that of the other.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(data: bytes) -> Iterator[Reading]:
    """Yield the one document of a text file, with what the header of a record says of it.

    Where that names no title, the first heading is the title.

    Raises UnreadableSource for binary, empty or undecodable data.
    """
    text = decode(data)
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
    yield Reading(text, read_header(text).filled_from(Provenance(title=title)))


def decode(data: bytes) -> str:
    """Return the text that `data` encodes, its lines parted by line feeds.

    A byte-order mark decides; then UTF-8; then the likeliest encoding of the bytes.
    Raises UnreadableSource for binary, empty or undecodable data.
    """
    text = _decode(data).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise UnreadableSource("the file is empty")
    if "\0" in text:
        raise UnreadableSource("the file is binary, not text")
    return text


def _decode(data: bytes) -> str:
    if encoding := _find_wide(data):
        return data.decode(encoding)
    try:
        for mark, encoding in _MARKS:
            if data.startswith(mark):
                return data.decode(encoding)
        return data.decode("utf-8")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        if b"\0" in data:
            raise UnreadableSource("the file is binary, not text") from None
        guesses = from_bytes(data)
        best = guesses.best()
        if best:
            # Of guesses equally good, the one that is commonest by far.
            score = (best.chaos, -best.coherence)
            western = (guess for guess in guesses if guess.encoding == "cp1252")
            best = next((g for g in western if (g.chaos, -g.coherence) <= score), best)
        if best is None:
            raise UnreadableSource("the file's encoding is not known") from None
        return str(best)


def _find_wide(data: bytes) -> str | None:
    """Return the encoding of two or four bytes a character that has no mark, if it is one.

    Every other byte of Western text in UTF-16 is null, and three of four in UTF-32.
    """
    head = data[:_HEAD_BYTES]
    if (
        not head
        or any(data.startswith(mark) for mark, _ in _MARKS)
        or head.count(0) * 3 < len(head)
    ):
        return None
    for width, encoding in ((4, "utf-32-le"), (4, "utf-32-be"), (2, "utf-16-le"), (2, "utf-16-be")):
        places = [head[place::width].count(0) * width / len(head) for place in range(width)]
        last = 0 if encoding.endswith("le") else width - 1
        null = [share for place, share in enumerate(places) if place != last]
        if len(data) % width or places[last] > _FEW or min(null) < 1 - _FEW:
            continue
        try:
            words = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(char.isprintable() or char.isspace() for char in words[:_HEAD_BYTES]):
            return encoding
    return None
