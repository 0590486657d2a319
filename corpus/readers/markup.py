"""HTML and XHTML as text: what a reader of the page sees, in its order.

Block elements are parted by blank lines and inline ones are not parted at all, as browsers show
them; a row of a table is a line, its cells parted by " | ". Scripts, styles, forms and hidden
elements are left out, and so are the marks of footnotes, which would stand inside quotations.
"""

import re
from dataclasses import dataclass
from html.entities import html5
from typing import TYPE_CHECKING

from corpus.blocks import strip_span
from corpus.documents import Page, Span, merge_spans
from corpus.errors import UnreadableSource
from corpus.readers.flow import Flow, local_name, trim, walk, words_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from lxml.etree import _Element

_BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details dir div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav
    ol p pre section summary table tbody td tfoot th thead tr ul
    """.split()
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CELLS = frozenset({"td", "th"})
# What shows no words of the page, or none but those of a control.
_UNSEEN = frozenset(
    """
    applet area audio base button canvas col colgroup datalist embed frame frameset head iframe
    img input link map meta noembed noframes noscript object optgroup option param progress rp rt
    script select source style svg template textarea title track video
    """.split()
)
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE
)
# Names by which the common style sheets call words that are for screen readers alone.
_HIDDEN_CLASSES = frozenset(
    "visually-hidden visuallyhidden sr-only screen-reader-text element-invisible".split()
)
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_NOTES = frozenset("doc-footnote doc-endnote doc-endnotes footnote footnotes endnote endnotes "
                   "rearnote rearnotes".split())  # fmt: skip
_NOTE_MARKS = frozenset({"doc-noteref", "noteref"})
_NOTE_MARK = re.compile(r"[\[(]?(?:\d{1,4}|[ivxlc]{1,7}|[a-z]|[*†‡§¶]{1,3})[\])]?", re.IGNORECASE)
# A cell with more breaks of line is no cell of a table but a column of the page.
_LINES = 3
_FURNITURE_ROLES = frozenset("banner complementary contentinfo dialog navigation search".split())
_PAGE_BREAKS = frozenset({"doc-pagebreak", "pagebreak"})


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text of a page, and what its mark-up says is a heading, a footnote or a printed page."""

    text: str
    headings: tuple[Span, ...] = ()
    notes: tuple[Span, ...] = ()
    pages: tuple[Page, ...] = ()


def render(root: "_Element", leaving_out: "Collection[_Element]" = ()) -> Rendered:
    """Return the text of an element of HTML or XHTML, as lxml parses them, without some parts."""
    renderer = _Renderer(leaving_out)
    walk(root, renderer)
    return renderer.result()


def find_furniture(root: "_Element") -> "set[_Element]":
    """Return the elements by which a page says what is no content: menus, banners, asides."""
    return {
        node
        for node in root.iter("*")
        if (node.get("role") or "").lower() in _FURNITURE_ROLES
        or local_name(node) == "nav"
        or (local_name(node) == "aside" and not _types(node) & _NOTES)
        or (
            local_name(node) in {"header", "footer"}
            and not any(local_name(each) in {"article", "main"} for each in node.iterancestors())
        )
    }


def parse_html(text: str) -> "_Element":
    """Return the tree of an HTML page; raises UnreadableSource where there is none."""
    from lxml import etree, html

    # A page of this size is no attack by itself; the parser's own limits would cut it off in
    # silence. It takes bytes, since a declaration of another encoding in a string is an error.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True)
    # Characters that XML forbids end lxml's strings.
    plain = text.replace("\0", "")
    try:
        root = html.document_fromstring(plain.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise UnreadableSource("the page is empty or no HTML") from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise UnreadableSource("the page is nested too deeply")
    return root


def is_hidden(node: "_Element") -> bool:
    """Tell whether an element is one that a browser does not show."""
    return (
        node.get("hidden") is not None
        or bool(_HIDDEN_STYLE.search(node.get("style") or ""))
        or not _HIDDEN_CLASSES.isdisjoint((node.get("class") or "").split())
    )


class _Renderer:
    def __init__(self, leaving_out: "Collection[_Element]" = ()) -> None:
        self._leaving_out = leaving_out
        self._flow = Flow()
        self._headings: list[Span] = []
        self._notes: list[Span] = []
        self._pages: list[Page] = []
        # Where each open heading or footnote began.
        self._begun: list[tuple[_Element, int]] = []
        # The row whose cells are one line, and the element whose line breaks count.
        self._row: _Element | None = None
        self._lines: _Element | None = None

    def result(self) -> Rendered:
        text = self._flow.text
        headings = (strip_span(text, span) for span in self._headings)
        return Rendered(
            text,
            tuple(sorted(span for span in headings if len(span))),
            merge_spans(span for each in self._notes if len(span := strip_span(text, each))),
            tuple(
                Page(strip_span(text, Span(page.start, len(text))).start, page.label)
                for page in self._pages
                if page.start < len(text)
            ),
        )

    def write(self, words: str | None) -> None:
        if words and self._lines is not None:
            self._flow.write_lines(words)
        else:
            self._flow.write(words)

    def open(self, node: "_Element") -> bool:
        name = local_name(node)
        if not name:
            self.write(_entity(node))
            return False
        if name == "br":
            self._break_line()
            return False
        types = _types(node)
        if not _PAGE_BREAKS.isdisjoint(types):
            self._begin_page(node)
            return False
        if self._is_unseen(node, name) or _is_note_mark(node, name, types):
            return False
        if name == "tr" and self._row is None and _is_line(node):
            self._flow.end_block()
            self._row = node
        elif name in _CELLS and self._row is not None:
            self._part_cells(node)
        elif name in _BLOCKS:
            self._end_block()
        if name in _HEADINGS or not _NOTES.isdisjoint(types):
            self._begun.append((node, self._flow.here))
        if name == "pre" and self._lines is None:
            self._lines = node
        return True

    def _is_unseen(self, node: "_Element", name: str) -> bool:
        return name in _UNSEEN or is_hidden(node) or node in self._leaving_out

    def close(self, node: "_Element") -> None:
        name = local_name(node)
        if self._begun and self._begun[-1][0] is node:
            span = Span(self._begun.pop()[1], self._flow.here)
            # Only a heading that is a block of its own is one to the text.
            if name not in _HEADINGS:
                self._notes.append(span)
            elif self._row is None:
                self._headings.append(span)
        if node is self._lines:
            self._lines = None
        if node is self._row:
            self._row = None
        if name in _BLOCKS:
            self._end_block()

    def _end_block(self) -> None:
        if self._row is None:
            self._flow.end_block()
        else:
            self._flow.space()

    def _break_line(self) -> None:
        if self._row is not None:
            self._flow.space()
        elif self._flow.opens_line:
            # An empty line is how old pages part their paragraphs.
            self._flow.end_block()
        else:
            self._flow.end_line()

    def _part_cells(self, cell: "_Element") -> None:
        if any(local_name(before) in _CELLS for before in cell.itersiblings(preceding=True)):
            self._flow.space()
            self._flow.write("| ")

    def _begin_page(self, node: "_Element") -> None:
        label = node.get("aria-label") or node.get("title") or words_of(node)
        label = re.sub(r"^page\s+", "", trim(label), flags=re.IGNORECASE).rstrip(".")
        if label:
            self._pages.append(Page(self._flow.here, label))


def _types(node: "_Element") -> set[str]:
    """Return what an element is said to be, by its role or by the type that books give it."""
    return set(f"{node.get('role') or ''} {node.get(_EPUB_TYPE) or ''}".lower().split())


def _is_line(row: "_Element") -> bool:
    """Tell whether the cells of a row hold a line each, and are not there to lay out a page."""
    cells = [cell for cell in row if local_name(cell) in _CELLS]
    if len(cells) < 2 or not any(words_of(cell).strip() for cell in cells):
        return False
    for cell in cells:
        blocks = breaks = 0
        for inside in cell.iterdescendants():
            name = local_name(inside)
            blocks += name in _BLOCKS
            breaks += name == "br"
            if blocks > 1 or breaks > _LINES or name in {"table", "ul", "ol"} or name in _HEADINGS:
                return False
    return True


def _is_note_mark(node: "_Element", name: str, types: set[str]) -> bool:
    if not _NOTE_MARKS.isdisjoint(types):
        return True
    if name not in {"sup", "a"}:
        return False
    # Either may stand in the other; what is raised and leads to a place on the page is a mark.
    links = [node] if name == "a" else [each for each in node if local_name(each) == "a"]
    raised = name == "sup" or (len(node) == 1 and local_name(node[0]) == "sup")
    return (
        raised
        and any("#" in (link.get("href") or "") for link in links)
        and bool(_NOTE_MARK.fullmatch(words_of(node).strip()))
    )


def _entity(node: "_Element") -> str | None:
    """Return the character that a named entity of HTML means; XHTML leaves it to the reader."""
    name = getattr(node, "name", None)
    return html5.get(f"{name};") if isinstance(name, str) else None
