"""ALTO XML: the pages of a scan as the libraries' OCR gives them, any of its versions."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus.readers.scans.lines import ScanBlock, ScanLine, ScanPage
from corpus.readers.superscripts import CONTEXT, settle_lowered, settle_raised
from corpus.readers.text_flow import find_inside, local_name, trim

if TYPE_CHECKING:
    from lxml.etree import _Element

# The margins of a page, where running heads and page numbers stand.
_MARGINS = frozenset({"topmargin", "bottommargin", "leftmargin", "rightmargin"})
_HEADINGS = ("heading", "headline", "title")
_FURNITURE = ("header", "footer", "page", "footnote", "margin", "catch", "signature", "running",
              "advert", "stamp")  # fmt: skip


def read_alto(root: "_Element") -> Iterator[ScanPage]:
    """Yield the pages of an ALTO file."""
    labels = {
        tag.get("ID") or "": (tag.get("LABEL") or tag.get("TYPE") or "").lower()
        for tags in root
        if local_name(tags) == "tags"
        for tag in tags
        if isinstance(tag.tag, str)
    }
    for number, page in enumerate(find_inside(root, "page"), start=1):
        label = page.get("PRINTED_IMG_NR") or page.get("PHYSICAL_IMG_NR") or str(number)
        yield ScanPage(trim(label), tuple(_in_order(page, _blocks(page, labels))))


def _blocks(page: "_Element", labels: dict[str, str]) -> Iterator[tuple["_Element", ScanBlock]]:
    for node in find_inside(page, "textblock"):
        lines = tuple(
            line
            for each in node
            if local_name(each) == "textline" and (line := _read_line(each)) is not None
        )
        if lines:
            yield node, ScanBlock(_kind_of(node, labels), lines)


def _in_order(
    page: "_Element", blocks: Iterator[tuple["_Element", ScanBlock]]
) -> Iterator[ScanBlock]:
    """Yield the blocks as the file says that they are read, else as they stand in it."""
    found = {node.get("ID") or f"#{number}": block for number, (node, block) in enumerate(blocks)}
    order = [
        each.get("REF") or ""
        for reading in find_inside(page, "readingorder")
        for each in find_inside(reading, "elementref")
    ]
    for name in dict.fromkeys([*order, *found]):
        if name in found:
            yield found[name]


def _kind_of(block: "_Element", labels: dict[str, str]) -> str:
    if any(local_name(each) in _MARGINS for each in block.iterancestors()):
        return "furniture"
    named = [labels.get(name, "") for name in (block.get("TAGREFS") or "").split()]
    composed = (each for each in block.iterancestors() if local_name(each) == "composedblock")
    named += [(each.get("TYPE") or "").lower() for each in (block, *composed)]
    # "page-number" and "running title" are no headings.
    if any(word in name for name in named for word in _FURNITURE):
        return "furniture"
    return "heading" if any(word in name for name in named for word in _HEADINGS) else "text"


def _read_line(line: "_Element") -> ScanLine | None:
    words, broken = "", False
    parts = [each for each in line if local_name(each) in {"string", "hyp"}]
    for place, each in enumerate(parts):
        following = parts[place + 1] if place + 1 < len(parts) else None
        content = trim(each.get("CONTENT") or "")
        if local_name(each) == "hyp":
            broken = following is None
            continue
        if not content:
            continue
        style = (each.get("STYLE") or "").lower()
        after = f" {following.get('CONTENT') or ''}" if following is not None else ""
        if words and "superscript" in style:
            words += settle_raised(words[-CONTEXT:], content, after)
        elif words and "subscript" in style:
            words += settle_lowered(words[-CONTEXT:], content)
        else:
            words += f" {content}" if words else content
        if following is None or local_name(following) == "hyp":
            words, broken = _mend(each, words)
    if not words.strip():
        return None
    left, top = _number(line, "HPOS"), _number(line, "VPOS")
    height = _number(line, "HEIGHT")
    bottom = top + height if top is not None and height is not None else None
    return ScanLine(words.strip(), left, top, bottom, broken)


def _mend(word: "_Element", words: str) -> tuple[str, bool]:
    """Return a line with its last word as it goes on in the next line, and whether it does."""
    if word.get("SUBS_TYPE") != "HypPart1":
        return words, False
    own = trim(word.get("CONTENT") or "")
    bare = own.rstrip("-\u2010\u00ad¬")
    # The hyphen may be the word's own.
    kept = (word.get("SUBS_CONTENT") or "").startswith(f"{bare}-")
    return words[: len(words) - len(own)] + bare + ("-" if kept else ""), True


def _number(node: "_Element", name: str) -> float | None:
    try:
        return float(node.get(name) or "")
    except ValueError:
        return None
