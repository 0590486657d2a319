"""Web pages: those of archives that memcon knows, and the main content of any other."""

import codecs
import copy
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus.documents import Page, Provenance, Span
from corpus.errors import UnreadableSource
from corpus.readers import digital_archive, gpo, presidency
from corpus.readers.markup import Rendered, find_furniture, parse_html, render
from corpus.readers.reading import Reading
from corpus.readers.text import decode
from corpus.readers.webmetadata import read_metadata

if TYPE_CHECKING:
    from lxml.etree import _Element

_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.-]+)|<\?xml[^>]{0,100}encoding\s*=\s*["']([\w:.-]+)""",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 4096
_BLOCK = re.compile(r"[^\n]+(?:\n[^\n]+)*")
# A block as long as this is recognised in the extractor's text wherever it stands there.
_TELLING_CHARS = 25
_MOSTLY = 0.6


def read_html(data: bytes) -> Iterator[Reading]:
    """Yield the document of a web page.

    Raises UnreadableSource for what cannot be decoded, is no page, or has no main content.
    """
    yield from read_page(parse_html(decode_html(data)))


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
    import webencodings

    head = data[:_DECLARED_WITHIN]
    if head.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return decode(data)
    if head[:1] == b"<" and head[1:2] == b"\0":
        return decode(codecs.BOM_UTF16_LE + data)
    if head[:2] == b"\0<":
        return decode(codecs.BOM_UTF16_BE + data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    declared = _DECLARED.search(head)
    if text and (not text.isascii() or declared is None):
        return decode(data)
    label = (declared[1] or declared[2]).decode("ascii", "replace") if declared else ""
    encoding = webencodings.lookup(label)
    # What is no UTF-8, or no UTF-16, is neither, whatever it declares.
    if encoding is not None and not encoding.name.startswith(("utf-", "x-user", "replacement")):
        decoded, _ = webencodings.decode(data, encoding, errors="replace")
        return str(decoded).replace("\r\n", "\n").replace("\r", "\n")
    return decode(data)


def _read_article(root: "_Element", known: Provenance) -> Reading:
    rendered = render(root, find_furniture(root))
    kept = _choose_blocks(rendered, _extract(root))
    if not kept:
        raise UnreadableSource("the page has no main content")
    text, moved = _join(rendered.text, kept)
    return Reading(
        text=text,
        provenance=known,
        headings=tuple(_move(span, moved) for span in rendered.headings if _is_in(span, kept)),
        boilerplate=tuple(_move(span, moved) for span in rendered.notes if _is_in(span, kept))
        or None,
        pages=tuple(_place_pages(rendered.pages, moved)),
    )


def _extract(root: "_Element") -> str:
    """Return what the extractor takes for the main content, in words that may not be exact."""
    import logging

    import trafilatura

    # What it thinks of a page is not for whoever builds an archive.
    logging.getLogger("trafilatura").addHandler(logging.NullHandler())
    found = trafilatura.bare_extraction(
        copy.deepcopy(root), include_comments=False, include_tables=True, with_metadata=False
    )
    return (getattr(found, "text", None) or "") if found is not None else ""


def _choose_blocks(rendered: Rendered, extracted: str) -> list[Span]:
    """Return the blocks of a page that the extractor has in its text, in the page's order.

    The words are the page's own; the extractor only tells which of them are the content.
    """
    units = {unit for line in extracted.split("\n") if (unit := _squash(line))}
    whole = "\n".join(_squash(line) for line in extracted.split("\n"))
    long = [unit for unit in units if len(unit) >= _TELLING_CHARS]
    blocks = [Span(*match.span()) for match in _BLOCK.finditer(rendered.text)]
    chosen = [_is_extracted(block.of(rendered.text), units, long, whole) for block in blocks]
    # The extractor may lose the heading of what it finds, or run a line into the next one.
    headings = set(rendered.headings)
    for place in range(len(blocks) - 2, -1, -1):
        if chosen[place + 1] and not chosen[place]:
            words = _squash(blocks[place].of(rendered.text))
            opens = bool(words) and any(unit.startswith(words) for unit in long)
            chosen[place] = opens or blocks[place] in headings
    return [block for block, is_chosen in zip(blocks, chosen, strict=True) if is_chosen]


def _is_extracted(block: str, units: set[str], long: list[str], whole: str) -> bool:
    words = _squash(block)
    lines = [line for line in map(_squash, block.split("\n")) if line]
    return (
        words in units
        or bool(lines and all(line in units for line in lines))
        or (len(words) >= _TELLING_CHARS and words in whole)
        or bool(words and sum(len(unit) for unit in long if unit in words) >= _MOSTLY * len(words))
    )


def _squash(words: str) -> str:
    return "".join(char for char in words if char.isalnum())


def _join(text: str, kept: list[Span]) -> tuple[str, list[tuple[Span, int]]]:
    """Return the blocks as one text, and how far each has moved."""
    parts, moved, length = [], [], 0
    for span in kept:
        moved.append((span, length - span.start))
        parts.append(span.of(text))
        length += len(span) + 2
    return "\n\n".join(parts), moved


def _is_in(span: Span, kept: list[Span]) -> bool:
    return any(block.holds(span) for block in kept)


def _move(span: Span, moved: list[tuple[Span, int]]) -> Span:
    by = next(by for block, by in moved if block.holds(span))
    return Span(span.start + by, span.end + by)


def _place_pages(pages: tuple[Page, ...], moved: list[tuple[Span, int]]) -> Iterator[Page]:
    """Yield the pages where they begin in what is kept, at the next block where they fell out."""
    placed: dict[int, str] = {}
    for page in pages:
        for block, by in moved:
            if page.start < block.end:
                placed[max(page.start, block.start) + by] = page.label
                break
    return (Page(start, label) for start, label in sorted(placed.items()))
