"""What stands around a quotation in its paragraph."""

from bisect import bisect_left, bisect_right

from corpus.documents import Document, Span

_CHARS = 400


def find_surroundings(document: Document, span: Span) -> tuple[Span, Span]:
    """Return the text before and after a span in its paragraph, cut at a word; may be empty."""
    blocks, text = document.structure.blocks, document.text
    first = bisect_right(blocks, span.start, key=lambda block: block.end)
    last = bisect_left(blocks, span.end, key=lambda block: block.start) - 1
    start = min(blocks[first].start, span.start) if first < len(blocks) else span.start
    end = max(blocks[last].end, span.end) if last >= 0 else span.end
    if span.start - start > _CHARS:
        space = text.find(" ", span.start - _CHARS, span.start)
        start = space + 1 if space >= 0 else span.start
    if end - span.end > _CHARS:
        space = text.rfind(" ", span.end, span.end + _CHARS)
        end = space if space >= 0 else span.end
    return Span(start, span.start), Span(span.end, end)
