"""Web pages: those of archives that memcon knows, and the main content of any other."""

import codecs
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from corpus.documents import Page, Provenance, Span
from corpus.errors import UnreadableSource
from corpus.readers.encodings.decoding import (
    Decoded,
    decode_as_declared,
    decode_text,
    is_nearly_utf8,
)
from corpus.readers.encodings.names import find_codec
from corpus.readers.html import digital_archive, gpo, presidency
from corpus.readers.html.main_content import find_content
from corpus.readers.html.markup import find_furniture, parse_html, render
from corpus.readers.html.metadata import read_metadata
from corpus.readers.reading import Reading

if TYPE_CHECKING:
    from lxml.etree import _Element

_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.-]+)|<\?xml[^>]{0,100}encoding\s*=\s*["']([\w:.-]+)""",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 4096


def read_html(data: bytes) -> Iterator[Reading]:
    """Yield the document of a web page.

    Raises UnreadableSource for what cannot be decoded, is no page, or has no main content.
    """
    decoded = decode_page(data)
    for reading in read_page(parse_html(decoded.text)):
        yield replace(reading, remarks=(*decoded.remarks, *reading.remarks))


def read_page(root: "_Element") -> Iterator[Reading]:
    """Yield the document of a web page that has been parsed; raises UnreadableSource."""
    known = read_metadata(root)
    for read in (digital_archive.read_record, presidency.read_paper, gpo.read_compilation):
        reading = read(root, known)
        if reading is not None:
            yield reading
            return
    yield _read_article(root, known)


def decode_html(data: bytes) -> str:
    """Return the text that the bytes of a page encode.

    A byte-order mark decides; then what can only be UTF-8 or UTF-16; then what the page declares,
    with the encodings that browsers take for the names; then the likeliest.
    Raises UnreadableSource.
    """
    return decode_page(data).text


def decode_page(data: bytes) -> Decoded:  # noqa: PLR0911 - a rule after another
    """Return the text of a page as `decode_html` does, with remarks."""
    head = data[:_DECLARED_WITHIN]
    if head.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return decode_text(data)
    if head[:1] == b"<" and head[1:2] == b"\0":
        return decode_text(codecs.BOM_UTF16_LE + data)
    if head[:2] == b"\0<":
        return decode_text(codecs.BOM_UTF16_BE + data)
    declared = _DECLARED.search(head)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        if is_nearly_utf8(data):
            return decode_text(data)
    else:
        if not text.isascii() or declared is None:
            return decode_text(data)
    label = (declared[1] or declared[2]).decode("ascii", "replace") if declared else ""
    codec = find_codec(label)
    # Bytes that are not valid UTF-8 or UTF-16 are neither, whatever they declare.
    if codec is not None and not codec.startswith("utf-"):
        return decode_as_declared(data, codec)
    return decode_text(data)


def _read_article(root: "_Element", known: Provenance) -> Reading:
    rendered = render(root, find_furniture(root))
    kept = find_content(root, rendered)
    if not kept:
        raise UnreadableSource("the page has no main content")
    excerpt = _Excerpt(rendered.text, kept)
    return Reading(
        text=excerpt.text,
        provenance=known,
        headings=excerpt.move(rendered.headings),
        boilerplate=excerpt.move(rendered.notes) or None,
        pages=excerpt.move_pages(rendered.pages),
    )


class _Excerpt:
    """A text of some blocks of another one, with the place of each."""

    def __init__(self, text: str, blocks: Sequence[Span]) -> None:
        self.text = "\n\n".join(block.of(text) for block in blocks)
        self._ends = [block.end for block in blocks]
        self._moved: list[tuple[Span, int]] = []
        length = 0
        for block in blocks:
            self._moved.append((block, length - block.start))
            length += len(block) + 2

    def move(self, spans: Iterable[Span]) -> tuple[Span, ...]:
        """Return the new places of the spans that lie in the blocks."""
        moved = []
        for span in spans:
            for block, by in self._after(span.start):
                if block.holds(span):
                    moved.append(Span(span.start + by, span.end + by))
        return tuple(moved)

    def move_pages(self, pages: Iterable[Page]) -> tuple[Page, ...]:
        """Return the new starts of pages: at the next block if theirs is gone."""
        placed: dict[int, str] = {}
        for page in pages:
            for block, by in self._after(page.start):
                placed[max(page.start, block.start) + by] = page.label
        return tuple(Page(start, label) for start, label in sorted(placed.items()))

    def _after(self, start: int) -> list[tuple[Span, int]]:
        """Return the block that a place lies in or before, if there is one."""
        place = bisect_right(self._ends, start)
        return self._moved[place : place + 1]
