"""The text of an element of TEI: blocks, headings, printed pages, speeches; notes kept apart.

Notes follow the text under a heading of their own and are boilerplate, as are file numbers,
remarks, datelines and signatures: nothing is quoted from them, and no mark of a note stands inside
a quotation. What the encoding says is missing reads "[6 words missing]".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.documents import Page, Span, Turn, merge_spans
from corpus.readers.tei.elements import is_block_quotation, is_enclosure, is_note, is_remark
from corpus.readers.text_flow import Flow, local_name, trim, walk, words_of
from corpus.structure.blocks import strip_span
from corpus.word_lists import read_sets

if TYPE_CHECKING:
    from lxml.etree import _Element

NOTES_HEADING = "Notes"
_BARE_NUMBER = re.compile(r"[\s\[(]*\d{0,3}[\s\])*†‡.]*")
_KNOWN = read_sets(__file__)
_BLOCKS, _DIVISIONS = _KNOWN["blocks"], _KNOWN["divisions"]
_QUOTED, _UNREAD, _ORIGINAL = _KNOWN["quoted"], _KNOWN["unread"], _KNOWN["original"]
_RUNNING, _PROSE, _FORMALITIES = _KNOWN["running"], _KNOWN["prose"], _KNOWN["formalities"]
_FORMAL_CHARS = 300
_HEADING_CHARS = 120
_LETTERS = re.compile(r"[^\W\d_]{2}")
_UNSAID = {"illegible": "illegible", "omitted": "omitted", "editorial": "omitted"}


@dataclass(frozen=True, slots=True)
class TeiText:
    """The text of an element, and what its encoding says of it.

    `paragraphs` are those of prose, in order; `enclosures` the elements of enclosed records and of
    block quotations with their spans, in the order in which they begin, outer ones first.
    """

    text: str
    headings: tuple[Span, ...]
    boilerplate: tuple[Span, ...]
    turns: tuple[Turn, ...]
    pages: tuple[Page, ...]
    paragraphs: tuple[Span, ...]
    enclosures: "tuple[tuple[_Element, Span], ...]" = ()


def render_tei(root: "_Element", page: str | None = None, *, keep_lines: bool = True) -> TeiText:
    """Return the text of an element of TEI that begins on a page of this label.

    `keep_lines` tells whether line breaks inside paragraphs belong to the text (addresses), and
    not just to the page that was transcribed.
    """
    renderer = _Renderer(page, keep_lines=keep_lines)
    walk(root, renderer)
    return renderer.result()


class _Renderer:
    def __init__(self, page: str | None, *, keep_lines: bool) -> None:
        self._flow = self._body = Flow()
        self._keep_lines = keep_lines
        self._outer: list[Flow] = []
        self._notes: list[str] = []
        self._pages = [Page(0, page)] if page else []
        self._headings: list[Span] = []
        self._remarks: list[Span] = []
        self._paragraphs: list[Span] = []
        self._enclosures: list[tuple[_Element, Span]] = []
        self._turns: list[tuple[Span, str]] = []
        self._speaker: tuple[str, int] | None = None
        self._begun: list[tuple[_Element, int]] = []
        self._row: _Element | None = None

    def result(self) -> TeiText:
        flow, end = self._body, self._body.here
        flow.end_block()
        if self._notes:
            flow.write(NOTES_HEADING)
        for note in self._notes:
            flow.end_block()
            flow.write_lines(note)
        text = flow.text
        found = [*self._remarks, Span(end, len(text))] if self._notes else self._remarks
        turns = [(strip_span(text, span), label) for span, label in self._turns]
        return TeiText(
            text=text,
            headings=tuple(sorted(_strip(text, self._headings))),
            boilerplate=merge_spans(_strip(text, found)),
            turns=tuple(Turn(span, label) for span, label in sorted(turns) if len(span)),
            pages=tuple(_place_pages(text, self._pages, end)),
            paragraphs=tuple(sorted(_strip(text, self._paragraphs))),
            enclosures=tuple(
                sorted(
                    (
                        (node, stripped)
                        for node, span in reversed(self._enclosures)
                        if len(stripped := strip_span(text, span))
                    ),
                    key=lambda found: (found[1].start, -found[1].end),
                )
            ),
        )

    def write(self, words: str | None) -> None:
        self._flow.write(words)

    def open(self, node: "_Element") -> bool:
        name = local_name(node)
        if not name or name in _UNREAD or _is_second(node) or _is_struck(node, name):
            return False
        if name in {"pb", "lb", "gap", "space"}:
            self._take_mark(node, name)
            return False
        if is_note(node):
            self._begin_note(node.get("n"))
            return True
        if name == "row" and self._row is None:
            if not words_of(node).strip():
                return False
            self._flow.end_block()
            self._row = node
        else:
            self._part(node, name)
        self._begun.append((node, self._flow.here))
        return True

    def _part(self, node: "_Element", name: str) -> None:
        """Write what parts an element from the words before it."""
        if name == "cell" and node.getprevious() is not None and self._row is not None:
            self._flow.space()
            self._flow.write("| ")
        elif name == "signed":
            if not _stands_in_brackets(node):
                self._flow.end_line()
        elif _is_label(node) or self._is_block(node, name):
            self._end_block()

    def _begin_note(self, number: str | None) -> None:
        self._outer.append(self._flow)
        self._flow = Flow()
        if number:
            self._flow.write(f"{number}." if number[-1].isalnum() else number)
            self._flow.continue_line()

    def close(self, node: "_Element") -> None:
        name = local_name(node)
        if is_note(node):
            note, self._flow = self._flow.text, self._outer.pop()
            # A number alone is no note.
            if not _BARE_NUMBER.fullmatch(words_of(node)):
                self._notes.append(note)
            return
        span = Span(self._begun.pop()[1], self._flow.here)
        if self._flow is self._body and self._row is None:
            self._keep(node, name, span)
        if node is self._row:
            self._row = None
            self._flow.end_block()
        elif name == "signed":
            # A full stop after the name belongs to it.
            if not (node.tail or "").strip():
                self._flow.end_line()
        elif _is_label(node):
            self._flow.continue_line()
        elif self._is_block(node, name):
            self._end_block()

    def _keep(self, node: "_Element", name: str, span: Span) -> None:
        """Note what the words of an element are, now that they are written."""
        if is_remark(node):
            heads = self._remarks if not _heads_enclosure(node) else self._headings
            heads.append(span)
        elif name in _FORMALITIES and len(span) <= _FORMAL_CHARS:
            self._remarks.append(span)
        elif name == "head" and local_name(node.getparent()) in _DIVISIONS:
            self._headings.append(span)
        elif name in _PROSE:
            # Lines set off in the middle of the page head what stands below them.
            centred = (node.get("rend") or "").startswith(("center", "sectiontitle"))
            headed = centred and 0 < len(span) <= _HEADING_CHARS and _LETTERS.search(words_of(node))
            (self._headings if headed else self._paragraphs).append(span)
        elif is_enclosure(node) or is_block_quotation(node):
            self._enclosures.append((node, span))
        elif name == "u":
            self._turns.append((span, (node.get("who") or "").lstrip("#")))
        elif name == "speaker":
            # The speaker's words begin where the name ends.
            self._speaker = trim(words_of(node)).rstrip(".:"), span.end
        elif name == "sp" and self._speaker is not None:
            label, start = self._speaker
            self._turns.append((Span(start, span.end), label))
            self._speaker = None

    def _is_block(self, node: "_Element", name: str) -> bool:
        if name in _QUOTED:
            inside = any(local_name(each) in _BLOCKS for each in node)
            return inside or node.get("rend") == "blockquote"
        return name in _BLOCKS or is_remark(node)

    def _take_mark(self, node: "_Element", name: str) -> None:
        if name == "pb":
            if node.get("n"):
                self._pages.append(Page(self._body.here, trim(node.get("n") or "")))
        elif name == "lb":
            if node.get("break") != "no":
                self._break_line(node)
        elif name == "gap":
            self._flow.space()
            self._flow.write(_describe_gap(node))
            self._flow.space()
        else:
            self._flow.space()

    def _break_line(self, node: "_Element") -> None:
        around = {local_name(each) for each in node.iterancestors()}
        running = around & _RUNNING or (not self._keep_lines and around & _PROSE)
        if running or self._row is not None:
            self._flow.space()
        else:
            self._flow.end_line()

    def _end_block(self) -> None:
        if self._row is None:
            self._flow.end_block()
        else:
            self._flow.space()


def _stands_in_brackets(node: "_Element") -> bool:
    """Return whether a bracket opens right before an element: "[Francis]"."""
    previous, parent = node.getprevious(), node.getparent()
    before = previous.tail if previous is not None else parent.text if parent is not None else None
    return (before or "").rstrip().endswith(("[", "("))


def _is_struck(node: "_Element", name: str) -> bool:
    return name == "hi" and "strike" in (node.get("rend") or "").lower()


def _is_label(node: "_Element") -> bool:
    """Return whether an element is what an item of a list begins with: "1.", "(a)"."""
    return local_name(node) == "label" and local_name(node.getparent()) == "list"


def _is_second(node: "_Element") -> bool:
    """Return whether an element is one more form of words that another one gives."""
    parent = node.getparent()
    if parent is None or local_name(parent) not in {"app", "choice"}:
        return False
    forms = [each for each in parent if local_name(each)]
    return node is not next((each for each in forms if local_name(each) in _ORIGINAL), forms[0])


def _heads_enclosure(remark: "_Element") -> bool:
    """Return whether a remark such as "[Inclosure 1.]" is all that names what it stands above."""
    parent = remark.getparent()
    if parent is None or local_name(parent) != "attachment":
        return False
    heads = (each for each in parent.iter() if local_name(each) == "head")
    return not any(words_of(head).strip() for head in heads)


def _describe_gap(gap: "_Element") -> str:
    reason = _UNSAID.get((gap.get("reason") or "").lower(), "missing")
    extent = gap.get("extent") or " ".join(filter(None, [gap.get("quantity"), gap.get("unit")]))
    return f"[{extent or 'text'} {reason}]"


def _strip(text: str, spans: list[Span]) -> Iterator[Span]:
    return (span for each in spans if len(span := strip_span(text, each)))


def _place_pages(text: str, pages: list[Page], end: int) -> Iterator[Page]:
    """Yield where each page begins: at its first word, the last of those that begin there."""
    placed: dict[int, str] = {}
    for page in pages:
        start = strip_span(text, Span(page.start, end)).start
        if start < end:
            placed[start] = page.label
    return (Page(start, label) for start, label in placed.items())
