"""PAGE XML: the pages of a scan as Transkribus, eScriptorium and OCR-D give them."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus.readers.scans.lines import ScanBlock, ScanLine, ScanPage
from corpus.readers.superscripts import CONTEXT, settle_raised
from corpus.readers.text_flow import find_inside, local_name, trim

if TYPE_CHECKING:
    from lxml.etree import _Element

_HEADINGS = frozenset({"heading", "title"})
_FURNITURE = frozenset(
    """
    header footer page-number footnote footnote-continued endnote marginalia catch-word
    signature-mark caption credit toc-entry other-margin margin
    """.split()
)
_CUSTOM_TYPE = re.compile(r"structure\s*\{[^}]*type:\s*([\w-]+)")
_CUSTOM_INDEX = re.compile(r"readingOrder\s*\{[^}]*index:\s*(\d+)")
_CUSTOM_STYLE = re.compile(r"textStyle\s*\{([^}]*)\}")
_OFFSET = re.compile(r"offset:\s*(\d+)")
_LENGTH = re.compile(r"length:\s*(\d+)")
_POINT = re.compile(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)")


def read_pages(root: "_Element") -> Iterator[ScanPage]:
    """Yield the pages of a PAGE file."""
    pages = (node for node in root if local_name(node) == "page")
    for number, page in enumerate(pages, start=1):
        blocks = [block for region in _in_order(page) if (block := _read_region(region))]
        yield ScanPage(_label(page) or str(number), tuple(blocks))


def _label(page: "_Element") -> str | None:
    """Return the number that the page itself bears, where its region is marked."""
    for region in find_inside(page, "textregion"):
        if _type_of(region) == "page-number":
            words = " ".join(filter(None, (_text(line) for line in _lines(region))))
            match = re.search(r"\d{1,4}|\b[ivxlc]+\b", words, re.IGNORECASE)
            return match[0] if match else None
    return None


def _in_order(page: "_Element") -> list["_Element"]:
    """Return the regions as the file says that they are read, else as they stand in it."""
    regions = {
        node.get("id") or f"#{number}": node
        for number, node in enumerate(find_inside(page, "textregion"))
    }
    listed = [
        each.get("regionRef") or ""
        for order in page
        if local_name(order) == "readingorder"
        for each in _sorted_references(order)
    ]
    if not listed:
        places = [(_place_in_order(region), name) for name, region in regions.items()]
        known = sorted((place, name) for place, name in places if place is not None)
        listed = [name for _, name in known]
    return [regions[name] for name in dict.fromkeys([*listed, *regions]) if name in regions]


def _place_in_order(node: "_Element") -> int | None:
    match = _CUSTOM_INDEX.search(node.get("custom") or "")
    return int(match[1]) if match else None


def _sorted_references(node: "_Element") -> Iterator["_Element"]:
    children = [each for each in node if isinstance(each.tag, str)]
    children.sort(key=_index_of)
    for each in children:
        if each.get("regionRef"):
            yield each
        yield from _sorted_references(each)


def _index_of(node: "_Element") -> int:
    index = node.get("index") or ""
    return int(index) if index.isdecimal() else 0


def _type_of(region: "_Element") -> str:
    custom = _CUSTOM_TYPE.search(region.get("custom") or "")
    return (region.get("type") or (custom[1] if custom else "")).lower()


def _read_region(region: "_Element") -> ScanBlock | None:
    kind = _type_of(region)
    kind = "furniture" if kind in _FURNITURE else "heading" if kind in _HEADINGS else "text"
    lines = [ScanLine(text, *_place(line)) for line in _lines(region) if (text := _text(line))]
    if not lines:
        whole = _equivalent(region) or ""
        lines = [ScanLine(trim(line)) for line in whole.split("\n") if line.strip()]
    return ScanBlock(kind, tuple(lines)) if lines else None


def _lines(region: "_Element") -> list["_Element"]:
    lines = [each for each in region if local_name(each) == "textline"]
    places = [_place_in_order(line) for line in lines]
    if None in places:
        return lines
    return [lines[number] for number in sorted(range(len(lines)), key=lambda n: places[n] or 0)]


def _text(line: "_Element") -> str:
    text = _equivalent(line)
    if text is None:
        words = (_equivalent(each) for each in line if local_name(each) == "word")
        return trim(" ".join(filter(None, words)))
    return trim(_settle(text, line.get("custom") or ""))


def _settle(text: str, custom: str) -> str:
    """Return a line without words struck through, with raised words settled."""
    marked = []
    for match in _CUSTOM_STYLE.finditer(custom):
        offset, length = _OFFSET.search(match[1]), _LENGTH.search(match[1])
        if offset and length:
            start = int(offset[1])
            marked.append((start, start + int(length[1]), match[1].replace(" ", "")))
    for start, end, style in sorted(marked, reverse=True):
        if "strikethrough:true" in style:
            text = text[:start] + text[end:]
        elif "superscript:true" in style:
            before = text[max(0, start - CONTEXT) : start]
            text = text[:start] + settle_raised(before, text[start:end], text[end:]) + text[end:]
    return text


def _equivalent(node: "_Element") -> str | None:
    """Return the text of an element: the one that is ranked first of several readings."""
    found = [each for each in node if local_name(each) == "textequiv"]
    found.sort(key=_index_of)
    for each in found:
        for text in each:
            if local_name(text) == "unicode":
                return text.text or ""
    return None


def _place(line: "_Element") -> tuple[float | None, float | None, float | None]:
    """Return the left, upper and lower edge of a line, as its outline says."""
    for each in line:
        if local_name(each) != "coords":
            continue
        points = [(float(x), float(y)) for x, y in _POINT.findall(each.get("points") or "")]
        # In the first version each point is an element.
        points += [
            (float(point.get("x") or 0), float(point.get("y") or 0))
            for point in each
            if local_name(point) == "point"
        ]
        if points:
            xs, ys = [x for x, _ in points], [y for _, y in points]
            return min(xs), min(ys), max(ys)
    return None, None, None
