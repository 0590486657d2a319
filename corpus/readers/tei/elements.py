"""Elements of TEI: where they stand, and their words without the notes among them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus.readers.text_flow import local_name, trim

if TYPE_CHECKING:
    from lxml.etree import _Element


def is_remark(node: "_Element") -> bool:
    """Return whether a note is printed as a line of the document: a file number, "[Telegram]"."""
    return local_name(node) == "note" and node.get("rend") == "inline"


def is_note(node: "_Element") -> bool:
    """Return whether an element is printed beside the text or at its foot."""
    name = local_name(node)
    if name == "note":
        return node.get("rend") != "inline"
    return name == "seg" and node.get("type") == "margin"


def is_enclosure(node: "_Element") -> bool:
    """Return whether an element is a record that a document encloses, or a set of them."""
    name = local_name(node)
    return name == "attachment" or (
        name == "div"
        and node.get("type") == "document"
        and any(
            local_name(each) == "attachment"
            or (local_name(each) == "div" and each.get("type") == "document")
            for each in node.iterancestors()
        )
    )


def is_block_quotation(node: "_Element") -> bool:
    """Return whether an element is a text of somebody's that a document quotes as a block."""
    return local_name(node) in {"quote", "q"} and node.get("rend") == "blockquote"


def own_elements(div: "_Element") -> Iterator["_Element"]:
    """Yield the elements of a document itself, without those of what it encloses and of notes."""
    pending = list(reversed([each for each in div if isinstance(each.tag, str)]))
    while pending:
        node = pending.pop()
        if local_name(node) in {"attachment", "div"}:
            continue
        yield node
        if not is_note(node):
            pending += reversed([each for each in node if isinstance(each.tag, str)])


def own_words(node: "_Element") -> str:
    """Return the words of an element on one line, without those of the notes in it."""
    return trim(_collect(node))


def own_lines(node: "_Element") -> list[str]:
    """Return the lines of an element that are not empty, without the notes in it."""
    lines = (trim(line) for line in _collect(node, "\v").split("\v"))
    return [line for line in lines if line]


def trim_points(words: str) -> str:
    """Return words without the points and brackets around them, but with that of "D. C."."""
    bare = words.strip(" ,[]*")
    return bare[:-1] if bare.endswith(".") and bare[-3:-1].isalpha() else bare


def _collect(node: "_Element", line_break: str = " ") -> str:
    words = node.text or ""
    for each in node:
        if local_name(each) == "lb":
            words += line_break
        elif isinstance(each.tag, str) and not is_note(each):
            words += _collect(each, line_break)
        words += each.tail or ""
    return words
