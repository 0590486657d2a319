"""Pages read by OCR, with the place of each line: ALTO and PAGE XML.

Lines are joined to paragraphs, and words broken at the ends of lines to words. What is printed
around the text follows at the end, page by page, as boilerplate.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from corpus.documents import Page, Provenance, Span, merge_spans
from corpus.errors import UnreadableSource
from corpus.readers.reading import Reading
from corpus.readers.scans.alto import read_alto
from corpus.readers.scans.lines import ScanBlock, ScanPage, goes_on, join_paragraphs, join_words
from corpus.readers.scans.page_xml import read_pages
from corpus.readers.text_flow import local_name
from corpus.structure.blocks import find_blocks
from corpus.structure.boilerplate import find_boilerplate

if TYPE_CHECKING:
    from lxml.etree import _Element


def read_scan(root: "_Element") -> Iterator[Reading]:
    """Yield the document of an ALTO or a PAGE file; raises UnreadableSource where none has text."""
    pages = list(read_alto(root) if local_name(root) == "alto" else read_pages(root))
    if not any(page.blocks for page in pages):
        raise UnreadableSource("no text was recognised on its pages")
    yield _compose(pages)


class _Text:
    """Assembles a text from paragraphs."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.headings: list[Span] = []
        self.length = 0
        # Whether the last part is a paragraph that may go on in the next region.
        self._is_open = False

    def take(self, block: ScanBlock) -> int:
        """Add a region, and return where its words begin."""
        begin: int | None = None
        for words in join_paragraphs(block.lines):
            start = self._add(words, first=begin is None, kind=block.kind)
            begin = start if begin is None else begin
        self._is_open = block.kind == "text"
        return self.length if begin is None else begin

    def _add(self, words: str, *, first: bool, kind: str) -> int:
        if first and self._is_open and kind == "text" and goes_on(self.parts[-1], words):
            joined = join_words(self.parts[-1], words)
            self.length += len(joined) - len(self.parts[-1])
            self.parts[-1] = joined
            return self.length - len(words)
        start = self.length + 2 if self.parts else 0
        self.parts.append(words)
        self.length = start + len(words)
        if kind == "heading":
            self.headings.append(Span(start, self.length))
        return start


def _compose(pages: Sequence[ScanPage]) -> Reading:
    text = _Text()
    marks: list[Page] = []
    around: list[str] = []
    for page in pages:
        starts = []
        for block in page.blocks:
            if block.kind == "furniture":
                around += join_paragraphs(block.lines)
            else:
                starts.append(text.take(block))
        # A page without words begins where the next one does.
        marks.append(Page(starts[0] if starts else text.length, page.label))
    whole = "\n\n".join([*text.parts, *around])
    found = [*find_boilerplate(whole, find_blocks(whole))]
    if around:
        found.append(Span(len(whole) - len("\n\n".join(around)), len(whole)))
    return Reading(
        text=whole,
        provenance=Provenance(extraction="OCR"),
        headings=tuple(text.headings) or None,
        boilerplate=merge_spans(found),
        pages=tuple(marks),
    )
