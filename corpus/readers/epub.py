"""E-books (EPUB): one document for each chapter of the table of contents, cited in its book.

Where a book gives the pages of its printed edition, they are its pages.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING
from urllib.parse import unquote
from zipfile import ZipFile

from corpus.dates import find_date, parse_date
from corpus.documents import Page, Provenance, Span, merge_spans
from corpus.errors import UnreadableSource
from corpus.readers.encodings.decoding import decode
from corpus.readers.html.markup import Rendered, parse_html, render
from corpus.readers.reading import Reading, Skipped
from corpus.readers.text_flow import local_name
from corpus.readers.zip_safety import MAX_MEMBER_BYTES, open_zip, read_member
from corpus.structure.blocks import find_blocks, strip_span
from corpus.structure.boilerplate import find_boilerplate

if TYPE_CHECKING:
    from lxml.etree import _Element

_DC = "{http://purl.org/dc/elements/1.1/}"
_NCX = "{http://www.daisy.org/z3986/2005/ncx/}"
_OPS_TYPE = "{http://www.idpf.org/2007/ops}type"
_TEXTS = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})
# Begins the label of a chapter mark, among the labels of pages.
_MARK = "memcon-chapter-"
_OPF_EVENT = "{http://www.idpf.org/2007/opf}event"
_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?(?![\d/.])")
_YEAR = re.compile(r"(?<![\d.])1[4-9]\d\d|20\d\d(?![\d.])")
# Programs write an earlier year, such as 0101, for an unknown one.
_FIRST_YEAR = "1400"
# Dates of the file do not count as publication dates.
_FILE_EVENTS = frozenset({"modification", "modified", "conversion", "creation", "ops-publication"})


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of the table of contents: its words, and the file and place it leads to."""

    title: str
    file: str
    place: str


def read_epub(data: bytes) -> Iterator[Reading | Skipped]:
    """Yield the chapters of a book in reading order.

    Raises UnreadableSource for a file that is damaged, encrypted or not a book.
    """
    with open_zip(data) as archive:
        if sum(member.file_size for member in archive.infolist()) > 2 * MAX_MEMBER_BYTES:
            raise UnreadableSource("the file is too large unpacked")
        path, package = _open_package(archive)
        spine = _read_spine(package, path)
        locked = _find_locked(archive)
        book = _read_metadata(package)
        contents = _read_contents(archive, package, path)
        chapters = _Chapters(book, contents)
        for file in spine:
            if file in locked:
                yield Skipped(file, "is encrypted (DRM)")
                continue
            try:
                page = _parse_page(read_member(archive, file))
            except UnreadableSource as error:
                # Pages that are pictures have no words.
                if not error.message.startswith("the file is empty"):
                    yield Skipped(file, error.message)
                continue
            chapters.take(file, page)
    readings = chapters.finish()
    if not readings and not locked:
        raise UnreadableSource("the book has no text")
    yield from readings


def _open_package(archive: ZipFile) -> tuple[str, "_Element"]:
    container = _parse(read_member(archive, "META-INF/container.xml"))
    for file in container.iter("{*}rootfile"):
        path = unquote(file.get("full-path") or "")
        return path, _parse(read_member(archive, path))
    raise UnreadableSource("the file is damaged: it does not say where the book is")


def _parse(data: bytes) -> "_Element":
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableSource(f"the file is damaged ({error})") from error
    if root is None:
        raise UnreadableSource("the file is damaged: a part of it is no XML")
    return root


def _parse_page(data: bytes) -> "_Element":
    """Return the tree of a chapter, in XHTML or nearly; raises UnreadableSource."""
    from lxml import etree

    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return parse_html(decode(data))
    return root if local_name(root) == "html" else parse_html(decode(data))


def _read_manifest(package: "_Element", path: str) -> dict[str, tuple[str, "_Element"]]:
    """Return the path and the entry of every file of the book, by its id."""
    return {
        item.get("id") or "": (_join(path, item.get("href") or ""), item)
        for item in package.iter("{*}item")
    }


def _read_spine(package: "_Element", path: str) -> list[str]:
    """Return the paths of the texts in reading order, without the table of contents."""
    manifest = _read_manifest(package, path)
    found = []
    for reference in package.iter("{*}itemref"):
        file, item = manifest.get(reference.get("idref") or "", ("", None))
        if item is None or "nav" in (item.get("properties") or "").split():
            continue
        if (item.get("media-type") or "") in _TEXTS:
            found.append(file)
    if not found:
        raise UnreadableSource("the file is damaged: it does not say what the book consists of")
    return list(dict.fromkeys(found))


def _find_locked(archive: ZipFile) -> frozenset[str]:
    """Return the encrypted files of a book, except fonts, which often are."""
    if "META-INF/encryption.xml" not in archive.namelist():
        return frozenset()
    root = _parse(read_member(archive, "META-INF/encryption.xml"))
    return frozenset(
        unquote(reference.get("URI") or "") for reference in root.iter("{*}CipherReference")
    )


def _read_metadata(package: "_Element") -> Provenance:
    def words(name: str) -> list[str]:
        found = ("".join(map(str, element.itertext())) for element in package.iter(f"{_DC}{name}"))
        return [" ".join(each.split()) for each in found if each.strip()]

    date = next(filter(None, map(_read_date, _dates(package))), None)
    links = [each for each in [*words("identifier"), *words("source")] if each.startswith("http")]
    return Provenance(
        title=next(iter(words("title")), None),
        creators=tuple(words("creator")),
        publisher=next(iter(words("publisher")), None),
        language=next(iter(words("language")), None),
        publication_date=date,
        url=next(iter(links), None),
    )


def _dates(package: "_Element") -> list[str]:
    """Return the publication dates that a book states, the likeliest first."""
    said: list[tuple[bool, int, str]] = []
    for element in package.iter(f"{_DC}date"):
        event = (element.get(_OPF_EVENT) or element.get("event") or "").lower()
        if event not in _FILE_EVENTS:
            said.append((not event.endswith("publication"), len(said), element.text or ""))
    for meta in package.iter("{*}meta"):
        if meta.get("property") in {"dcterms:issued", "dcterms:date", "dcterms:created"}:
            said.append((True, len(said), meta.text or ""))
    return [words for _, _, words in sorted(said)]


def _read_date(words: str) -> str | None:
    """Return the date in some words if it can be that of a book, or None."""
    plain = " ".join(words.split())
    match = _DATE.match(plain)
    date = None
    # If month or day are not valid, the year still counts.
    for each in dict.fromkeys([match[0], match[0][:7], match[0][:4]] if match else []):
        try:
            date = parse_date(each, "date")
        except UnreadableSource:
            continue
        break
    if date is None:
        found, year = find_date(plain), _YEAR.search(plain)
        date = found[0] if found else year[0] if year else None
    return date if date and date >= _FIRST_YEAR else None


def _read_contents(archive: ZipFile, package: "_Element", path: str) -> list[_Entry]:
    """Return the top entries of the table of contents: EPUB 3's, or else EPUB 2's."""
    manifest = _read_manifest(package, path)
    navs = [file for file, item in manifest.values() if "nav" in (item.get("properties") or "")]
    ncxs = [file for file, item in manifest.values() if "ncx" in (item.get("media-type") or "")]
    for read, files in ((_read_nav, navs), (_read_ncx, ncxs)):
        for file in files:
            try:
                entries = read(_parse(read_member(archive, file)), file)
            except UnreadableSource:
                continue
            if entries:
                return entries
    return []


def _read_nav(root: "_Element", path: str) -> list[_Entry]:
    for nav in root.iter("{*}nav"):
        if (nav.get(_OPS_TYPE) or "toc") == "toc":
            points = (
                (item, _entry("".join(map(str, link.itertext())), link.get("href"), path))
                for item in nav.iter("{*}li")
                for link in item.findall("{*}a")
            )
            return _choose(points)
    return []


def _read_ncx(root: "_Element", path: str) -> list[_Entry]:
    points = (
        (point, _entry(point.findtext(f"{_NCX}navLabel/{_NCX}text") or "", link.get("src"), path))
        for point in root.iter(f"{_NCX}navPoint")
        for link in point.findall(f"{_NCX}content")
    )
    return _choose(points)


def _choose(points: "Iterator[tuple[_Element, _Entry]]") -> list[_Entry]:
    """Return the entries that are chapters: those at the top, and below in files of their own."""
    chosen = []
    known: dict[_Element, _Entry] = {}
    for element, entry in points:
        known[element] = entry
        above = (known[each] for each in element.iterancestors() if each in known)
        if entry.title and entry.file != getattr(next(above, None), "file", None):
            chosen.append(entry)
    return chosen


def _entry(title: str, link: str | None, path: str) -> _Entry:
    file, _, place = (link or "").partition("#")
    return _Entry(" ".join(title.split()), _join(path, file), unquote(place))


def _join(path: str, link: str) -> str:
    """Return the path that a link in the file `path` leads to."""
    return normpath(str(PurePosixPath(path).parent / unquote(link.partition("#")[0])))


class _Chapters:
    """Cuts the pages of a book where an entry of its table of contents begins."""

    def __init__(self, book: Provenance, contents: Sequence[_Entry]) -> None:
        self._book, self._contents = book, contents
        # The pieces of each chapter, and its title if it has one.
        self._pieces: list[tuple[str | None, Rendered]] = []

    def take(self, file: str, page: "_Element") -> None:
        """Add a file of the book."""
        marked = [entry for entry in self._contents if entry.file == file]
        for number, entry in enumerate(marked):
            if entry.place:
                _mark(page, entry.place, f"{_MARK}{number}")
        rendered = render(page)
        starts = [
            (mark.start, marked[int(mark.label.removeprefix(_MARK))].title)
            for mark in rendered.pages
            if mark.label.startswith(_MARK)
        ]
        cuts: dict[int, str | None] = {}
        for start, title in [*((0, e.title) for e in marked if not e.place), *starts]:
            cuts.setdefault(start, title)
        # Words before the first chapter of a file continue the last one of the file before.
        cuts.setdefault(0, None)
        bounds = sorted(cuts)
        for start, end in pairwise([*bounds, len(rendered.text)]):
            self._pieces.append((cuts[start], _cut(rendered, Span(start, end))))

    def finish(self) -> list[Reading]:
        """Return the chapters of the table of contents."""
        chapters: list[tuple[str | None, list[Rendered]]] = []
        for title, piece in self._pieces:
            if title is not None or not chapters or not self._contents:
                chapters.append((title, []))
            chapters[-1][1].append(piece)
        joined = [(title, _join_pieces(pieces)) for title, pieces in chapters]
        joined = [(title, piece) for title, piece in joined if piece.text.strip()]
        return [
            self._reading(number, title, piece, alone=len(joined) == 1)
            for number, (title, piece) in enumerate(joined, start=1)
        ]

    def _reading(self, number: int, title: str | None, piece: Rendered, *, alone: bool) -> Reading:
        book, name = self._book, ""
        if not alone:
            title = title or (piece.headings[0].of(piece.text) if piece.headings else None)
            known = title or f"Part {number}"
            book = replace(book, title=known, container=book.title)
            slug = re.sub(r"[^\w]+", "-", known).strip("-").lower()[:60]
            name = f"{number:03}-{slug}" if slug else f"{number:03}"
        boilerplate = None
        if piece.notes:
            found = find_boilerplate(piece.text, find_blocks(piece.text))
            boilerplate = merge_spans([*found, *piece.notes])
        return Reading(
            piece.text,
            book,
            piece.headings or None,
            boilerplate=boilerplate,
            pages=piece.pages,
            name=name,
        )


def _mark(page: "_Element", place: str, label: str) -> None:
    """Put a mark, in the form of a page break, before the element that a link leads to."""
    from lxml import etree

    for element in page.iter("*"):
        above = element.getparent()
        if above is not None and place in (element.get("id"), element.get("name")):
            mark = etree.Element("span", {"role": "doc-pagebreak", "title": label})
            above.insert(above.index(element), mark)
            return


def _cut(page: Rendered, span: Span) -> Rendered:
    """Return a stretch of a page, without white space at its ends."""
    span = strip_span(page.text, span)
    here = [each for each in page.pages if not each.label.startswith(_MARK)]
    inside = [
        Page(each.start - span.start, each.label)
        for each in here
        if span.start <= each.start < span.end
    ]
    before = [each for each in here if each.start < span.start]
    if before and not (inside and inside[0].start == 0):
        inside.insert(0, Page(0, before[-1].label))

    def shift(spans: Sequence[Span]) -> tuple[Span, ...]:
        held = (each for each in spans if span.holds(each))
        return tuple(Span(each.start - span.start, each.end - span.start) for each in held)

    return Rendered(span.of(page.text), shift(page.headings), shift(page.notes), tuple(inside))


def _join_pieces(pieces: Sequence[Rendered]) -> Rendered:
    """Return pieces of a chapter as one, a blank line between them."""
    texts: list[str] = []
    headings: list[Span] = []
    notes: list[Span] = []
    pages: list[Page] = []
    length = 0
    for piece in pieces:
        if piece.text:
            headings += [Span(each.start + length, each.end + length) for each in piece.headings]
            notes += [Span(each.start + length, each.end + length) for each in piece.notes]
            pages += [Page(each.start + length, each.label) for each in piece.pages]
            texts.append(piece.text)
            length += len(piece.text) + 2
    return Rendered("\n\n".join(texts), tuple(headings), tuple(notes), tuple(pages))
