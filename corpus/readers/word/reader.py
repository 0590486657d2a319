"""Word documents (DOCX): the words as they stand, headings, tables, notes, and who wrote them.

Accepted and proposed insertions are read; deletions are not, nor are words that are struck through
or hidden. Word breaks pages as it prints them, so a document has no page numbers to cite. Its date
of creation is the file's, not the record's: it is left out.
"""

import io
import re
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from corpus.documents import Provenance, Span
from corpus.errors import UnreadableSource
from corpus.readers.reading import Reading
from corpus.readers.superscripts import CONTEXT, settle_lowered, settle_raised
from corpus.readers.word.package import normalise_package
from corpus.readers.word.styles import Styles

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from lxml.etree import _Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Words deleted, moved away or computed, and the reading beside a kanji.
_UNSEEN = frozenset({"del", "moveFrom", "delText", "instrText", "rt"})
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}
_NOTES = ("footnotes", "endnotes")
# What programs write where people have written nothing.
_NO_AUTHOR = frozenset({"", "python-docx", "unknown", "author", "user", "administrator", "admin"})
_NO_TITLE = re.compile(r"microsoft word\b.*|word document|document\d*|untitled", re.IGNORECASE)


def read_word(data: bytes) -> Iterator[Reading]:
    """Yield the document; its footnotes and endnotes stand at the end, and are not quoted.

    Raises UnreadableSource for a file that is damaged, encrypted, empty or not a Word document.
    """
    document = _open(data)
    flow = _Flow(Styles(document.styles.element))
    flow.take(document.element.body)
    text_end = flow.length
    for kind in _NOTES:
        flow.take_notes(document, kind)
    text = "\n\n".join(flow.parts)
    if not text.strip():
        raise UnreadableSource("the document has no text")
    boilerplate = None
    if flow.length > text_end:
        from corpus.documents import merge_spans
        from corpus.structure.blocks import find_blocks
        from corpus.structure.boilerplate import find_boilerplate

        notes = Span(text_end, len(text))
        boilerplate = merge_spans([*find_boilerplate(text, find_blocks(text)), notes])
    headings = tuple(flow.headings) or None
    yield Reading(text, _read_properties(document, flow, text), headings, boilerplate=boilerplate)


def _open(data: bytes) -> "WordDocument":
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

    try:
        document = docx.Document(io.BytesIO(normalise_package(data)))
    except XMLSyntaxError as error:
        raise UnreadableSource(f"the file is damaged: {error.msg}") from error
    except (KeyError, ValueError, PackageNotFoundError, AttributeError) as error:
        raise UnreadableSource("the file is damaged, or no Word document") from error
    if getattr(document.element, "body", None) is None:
        raise UnreadableSource("the file is damaged: its main part has no text")
    return document


class _Flow:
    """The paragraphs and rows of a document, one after another, a blank line between them."""

    def __init__(self, styles: Styles) -> None:
        self.parts: list[str] = []
        self.headings: list[Span] = []
        # Where the next part begins.
        self.length = 0
        self._styles = styles
        # A letter set large in a frame of its own, which the next paragraph goes on from.
        self._initial = ""

    def take(self, element: "_Element") -> None:
        """Add an element's content; iterative, as tables may be nested without limit."""
        waiting = [iter(element)]
        while waiting:
            child = next(waiting[-1], None)
            if child is None:
                waiting.pop()
                continue
            name = _name(child)
            if name == "p":
                self._take_paragraph(child)
                # Text boxes stand beside the paragraph that they hang on.
                for box in child.iter(f"{_W}txbxContent"):
                    if not any(parent.tag == _FALLBACK for parent in box.iterancestors()):
                        self.take(box)
            elif name == "tr":
                self.add(" | ".join(self._cell(cell) for cell in _cells(child)))
            elif name not in _UNSEEN:
                waiting.append(iter(child))

    def _take_paragraph(self, paragraph: "_Element") -> None:
        words = self._initial + self._words(paragraph)
        self._initial = ""
        frame = paragraph.find(f"{_W}pPr/{_W}framePr")
        if frame is not None and frame.get(f"{_W}dropCap") in {"drop", "margin"}:
            self._initial = words.strip()
        else:
            self.add(words, heading=self._is_heading(paragraph))

    def _words(self, paragraph: "_Element") -> str:
        return _settle(list(_pieces(paragraph, self._styles)))

    def _cell(self, cell: "_Element") -> str:
        """Return the words of a cell of a table, on one line."""
        paragraphs = (self._words(each).strip() for each in cell.iter(f"{_W}p"))
        return " ".join(" ".join(filter(None, paragraphs)).split("\n"))

    def add(self, words: str, *, heading: bool = False) -> None:
        """Add a paragraph, if it has any words."""
        words = words.strip()
        if not words.strip(" |"):
            return
        if heading and "\n" not in words:
            self.headings.append(Span(self.length, self.length + len(words)))
        self.parts.append(words)
        self.length += len(words) + 2

    def take_notes(self, document: "WordDocument", kind: str) -> None:
        """Add the footnotes or endnotes, each with its number."""
        from lxml import etree

        for relation in document.part.rels.values():
            if relation.is_external or not relation.reltype.endswith(f"/{kind}"):
                continue
            part = relation.target_part
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            try:
                root = etree.fromstring(part.blob, parser)
            except etree.XMLSyntaxError:
                continue
            for note in root:
                number = note.get(f"{_W}id") or ""
                if not note.get(f"{_W}type") and number.isdigit():
                    words = " ".join(self._words(each).strip() for each in note.iter(f"{_W}p"))
                    self.add(f"[{number}] {words.strip()}" if words.strip() else "")

    def _is_heading(self, paragraph: "_Element") -> bool:
        properties = paragraph.find(f"{_W}pPr")
        if properties is None:
            return False
        style = properties.find(f"{_W}pStyle")
        if style is not None and self._styles.is_heading(style.get(f"{_W}val") or ""):
            return True
        level = properties.find(f"{_W}outlineLvl")
        return level is not None and (level.get(f"{_W}val") or "9") < "9"


def _pieces(paragraph: "_Element", styles: Styles) -> Iterator[tuple[str, int]]:
    """Yield the words of a paragraph as its last reader would see them.

    With each comes 1 if raised, -1 if lowered, else 0.
    """
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    outer = style.get(f"{_W}val") or "" if style is not None else ""
    level = 0
    stack = [iter(paragraph)]
    levels = [0]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
            level = levels.pop()
            continue
        name = _name(child)
        if name == "t":
            yield child.text or "", level
        elif name == "br" and child.get(f"{_W}type") in {"page", "column"}:
            yield " ", 0
        elif name in _BREAKS:
            yield _BREAKS[name], 0
        elif name == "r":
            face = styles.face_of(child, outer)
            if not face.unseen and child.find(f"{_W}footnoteReference") is None:
                stack.append(iter(child))
                levels.append(level)
                level = face.level
        elif name not in _UNSEEN and name != "txbxContent" and child.tag != _FALLBACK:
            stack.append(iter(child))
            levels.append(level)


def _settle(pieces: list[tuple[str, int]]) -> str:
    runs = [
        ("".join(words for words, _ in group), level)
        for level, group in groupby((each for each in pieces if each[0]), key=lambda each: each[1])
    ]
    settled = ""
    for place, (words, level) in enumerate(runs):
        if not level:
            settled += words
            continue
        before = settled.rpartition("\n")[2][-CONTEXT:]
        after = runs[place + 1][0] if place + 1 < len(runs) else ""
        inner = settle_raised(before, words, after) if level > 0 else settle_lowered(before, words)
        lead, trail = words[:1].isspace() and before, words[-1:].isspace()
        settled += (
            (" " if lead else "") + inner + (" " if trail and not after[:1].isspace() else "")
        )
    return settled


def _cells(row: "_Element") -> Iterator["_Element"]:
    """Yield the cells of a row, also those that are fields to fill in."""
    for child in row:
        if _name(child) == "tc":
            yield child
        elif _name(child) == "sdt":
            yield from child.iterfind(f"{_W}sdtContent/{_W}tc")


def _name(element: "_Element") -> str:
    tag: Any = element.tag
    return tag.removeprefix(_W) if isinstance(tag, str) and tag.startswith(_W) else ""


def _read_properties(document: "WordDocument", flow: _Flow, text: str) -> Provenance:
    try:
        known = document.core_properties
        title, author = known.title.strip(), known.author.strip()
        subject, language = known.subject.strip(), known.language.strip()
    except (ValueError, AttributeError, KeyError):
        title = author = subject = language = ""
    if not title or _NO_TITLE.fullmatch(title):
        title = flow.headings[0].of(text) if flow.headings else ""
    names = [name.strip() for name in author.split(";")]
    return Provenance(
        title=title or None,
        creators=tuple(name for name in names if name.lower() not in _NO_AUTHOR),
        subject=subject or None,
        language=language or None,
    )
