"""HTML and XHTML as text: the words that a browser shows, in order.

Block elements are parted by blank lines and inline ones are not parted at all, as browsers show
them; a row of a table is a line, its cells parted by " | ". Scripts, styles, forms and hidden
elements are left out, and so are the marks of footnotes, which would stand inside quotations.
"""

import re
from dataclasses import dataclass
from html.entities import html5
from typing import TYPE_CHECKING

from corpus.documents import Page, Span, merge_spans
from corpus.errors import UnreadableSource
from corpus.readers.superscripts import CONTEXT, settle_lowered, settle_raised
from corpus.readers.text_flow import Flow, local_name, trim, walk, words_of
from corpus.structure.blocks import strip_span
from corpus.word_lists import read_sets

if TYPE_CHECKING:
    from collections.abc import Collection

    from lxml.etree import _Element

_KNOWN = read_sets(__file__)
_BLOCKS = _KNOWN["blocks"]
_UNSEEN = _KNOWN["unseen"]
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CELLS = frozenset({"td", "th"})
_STRUCK = frozenset({"del", "s", "strike"})
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0*)?\s*(?:;|!|$)"
    r"|font-size\s*:\s*0(?:\.0*)?\s*(?:[a-z%]{1,3}\s*)?(?:;|!|$)",
    re.IGNORECASE,
)
_STRUCK_STYLE = re.compile(r"text-decoration[a-z-]*\s*:[^;]*line-through", re.IGNORECASE)
_RAISED_STYLE = re.compile(
    r"vertical-align\s*:\s*(?:(?P<up>super|text-top)|(?P<down>sub|text-bottom))\b", re.IGNORECASE
)
_RAISED_CLASSES = frozenset({"sup", "super", "superscript"})
_LOWERED_CLASSES = frozenset({"sub", "subscript"})
# A drop cap, whose word continues after it.
_INITIAL = re.compile(r"drop-?cap|lettrine|initial|first-?letter|versal", re.IGNORECASE)
_INITIAL_STYLE = re.compile(r"float\s*:\s*left", re.IGNORECASE)
# Letters that may be words.
_LETTER_WORDS = frozenset("AIOEYUÀÈÉÓ")
# Readings set beside characters, and the brackets around them where they are not set so.
_READINGS = frozenset({"rp", "rt"})
_HIDDEN_CLASSES = _KNOWN["hidden_classes"]
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_NOTES = _KNOWN["notes"]
_NOTE_MARKS = frozenset({"doc-noteref", "noteref"})
_NOTE_MARK = re.compile(r"[\[(]?(?:\d{1,4}|[ivxlc]{1,7}|[a-z]|[*†‡§¶]{1,3})[\])]?", re.IGNORECASE)
# A cell with more breaks of line is no cell of a table but a column of the page.
_LINES = 3
_FURNITURE_ROLES = _KNOWN["furniture"]
_PAGE_BREAKS = frozenset({"doc-pagebreak", "pagebreak"})


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text of a page, and what its mark-up says is a heading, a footnote or a printed page."""

    text: str
    headings: tuple[Span, ...] = ()
    notes: tuple[Span, ...] = ()
    pages: tuple[Page, ...] = ()
    # Elements inside paragraphs without words in the text: hidden, struck out, marks.
    left_out: "tuple[_Element, ...]" = ()


def render(root: "_Element", leaving_out: "Collection[_Element]" = ()) -> Rendered:
    """Return the text of an element of HTML or XHTML, as lxml parses them, without some parts."""
    renderer = _Renderer(leaving_out, _find_notes(root))
    walk(root, renderer)
    return renderer.result()


def find_furniture(root: "_Element") -> "set[_Element]":
    """Return the elements that a page marks as other than content: menus, banners, asides."""
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
    """Parse an HTML page; raises UnreadableSource if it has no tree."""
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
    """Return whether a browser hides an element."""
    return (
        node.get("hidden") is not None
        or bool(_HIDDEN_STYLE.search(node.get("style") or ""))
        or not _HIDDEN_CLASSES.isdisjoint((node.get("class") or "").split())
    )


def is_struck(node: "_Element") -> bool:
    """Return whether an element holds words that the page retracts."""
    return local_name(node) in _STRUCK or bool(_STRUCK_STYLE.search(node.get("style") or ""))


class _Renderer:
    def __init__(self, leaving_out: "Collection[_Element]", note_marks: "Collection[str]") -> None:
        self._leaving_out = leaving_out
        self._note_marks = note_marks
        self._left_out: list[_Element] = []
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
            tuple(self._left_out),
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
        if self._is_settled(node, name, types):
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

    def _is_settled(self, node: "_Element", name: str, types: set[str]) -> bool:
        """Return whether to skip an element's inside; add the part of it that is text."""
        if not _PAGE_BREAKS.isdisjoint(types):
            self._begin_page(node)
        elif self._is_unseen(node, name) or _is_note_mark(node, name, types):
            if name in _READINGS or (name not in _UNSEEN and node not in self._leaving_out):
                self._left_out.append(node)
        elif is_struck(node):
            self._strike(node)
        elif (level := _level(node, name)) and not _has_blocks(node):
            self._shift(node, level)
        else:
            return False
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
        if _is_initial(node):
            # A letter that may be a word leaves it open whether another one begins.
            if words_of(node).strip().strip("“‘\"'«„") not in _LETTER_WORDS:
                self._flow.glue()
            elif name in _BLOCKS:
                self._flow.continue_line()

    def _strike(self, node: "_Element") -> None:
        """Skip an element that is struck out, but keep the space between its neighbours."""
        words = words_of(node)
        if words[:1].isspace() or words[-1:].isspace():
            self._flow.space()
        self._left_out.append(node)

    def _shift(self, node: "_Element", level: int) -> None:
        """Write raised or lowered words as running text."""
        words = trim(words_of(node))
        before = self._flow.before(CONTEXT)
        if level > 0:
            settled = settle_raised(before, words, _words_after(node), self._note_marks)
        else:
            settled = settle_lowered(before, words)
        if words and not settled:
            self._left_out.append(node)
        self._flow.write(settled)

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


def _level(node: "_Element", name: str) -> int:
    """Return 1 for words that are raised, -1 for those that are lowered, else 0."""
    if name in {"sup", "sub"}:
        return 1 if name == "sup" else -1
    if name not in {"span", "small", "font", "a", "i", "em", "b"}:
        return 0
    named = set((node.get("class") or "").lower().split())
    style = _RAISED_STYLE.search(node.get("style") or "")
    if not named.isdisjoint(_RAISED_CLASSES) or (style and style["up"]):
        return 1
    return -1 if not named.isdisjoint(_LOWERED_CLASSES) or style else 0


def _is_initial(node: "_Element") -> bool:
    """Return whether an element is a letter set large at the head of a paragraph."""
    named, style = node.get("class") or "", node.get("style") or ""
    if not (_INITIAL.search(named) or _INITIAL_STYLE.search(style)):
        return False
    letter = words_of(node).strip().lstrip("“‘\"'«„")
    return len(letter) == 1 and letter.isupper()


def _has_blocks(node: "_Element") -> bool:
    return any(local_name(each) in _BLOCKS or local_name(each) == "br" for each in node.iter("*"))


def _words_after(node: "_Element") -> str:
    """Return the start of the text that follows an element in its parent."""
    if node.tail:
        return node.tail
    following = node.getnext()
    return words_of(following)[:8] if following is not None else ""


def _find_notes(root: "_Element") -> frozenset[str]:
    """Return the raised marks with which paragraphs begin: those of notes."""
    return frozenset(
        trim(words_of(node)).strip("[]().") for node in root.iter("{*}sup") if _begins_block(node)
    )


def _begins_block(node: "_Element") -> bool:
    while local_name(node) not in _BLOCKS:
        parent = node.getparent()
        if parent is None or (parent.text or "").strip():
            return False
        for each in node.itersiblings(preceding=True):
            if words_of(each).strip() or (each.tail or "").strip():
                return False
        node = parent
    return True


def _types(node: "_Element") -> set[str]:
    """Return an element's role, or its type in books."""
    return set(f"{node.get('role') or ''} {node.get(_EPUB_TYPE) or ''}".lower().split())


def _is_line(row: "_Element") -> bool:
    """Return whether the cells of a row hold a line each, and are not there to lay out a page."""
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
