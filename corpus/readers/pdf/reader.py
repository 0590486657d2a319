"""PDF: its text in reading order, page by page, with provenance from a cable's header or the file.

The running text comes first, so that a sentence goes on from page to page. What is printed around
it (stamps, running heads, page numbers, footnotes) follows at the end, page by page, and is marked
as boilerplate.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from corpus.documents import Page, Provenance, Span, merge_spans
from corpus.errors import UnreadableSource
from corpus.readers.pdf.furniture import find_furniture
from corpus.readers.pdf.layout import Line
from corpus.readers.pdf.paragraphs import begins_paragraph, is_gap, usual_distances
from corpus.readers.reading import Reading, Skipped
from corpus.structure.boilerplate import find_boilerplate
from corpus.structure.cables import Cable, read_cable

if TYPE_CHECKING:
    from corpus.readers.pdf.pages import PdfPage

_SCAN = "without text, a picture only; OCR reads it: memcon index build --ocr"
_SCANS = "without text, pictures only; OCR reads them: memcon index build --ocr"
_VEILED = "words under bars, or in the colour of the paper, are not shown there and left out"
# Ends a whole file; one that is cut off lacks it.
_FILE_END = b"%%EOF"
_FILE_END_REACH = 4096
# How many pages at the front of a document are searched for what its file calls it.
_FRONT_PAGES = 3
_RECORD_GROUP = "National Archives, RG 59, Central Foreign Policy Files"


def read_pdf(data: bytes, ocr: str | None = None) -> Iterator[Reading | Skipped]:
    """Yield the one document of a PDF, and the pages of it that could not be read.

    `ocr` are the languages in which tesseract reads pages that are pictures, such as "eng"; without
    it such pages are skipped.
    Raises UnreadableSource for a file that is encrypted, damaged, or has no text.
    """
    # Loaded here because a question imports the readers but reads no file.
    from corpus.readers.pdf.pages import open_pdf, read_labels, read_page

    pages: list[PdfPage] = []
    problems: list[Skipped] = []
    with open_pdf(data) as document:
        known = document.get_metadata_dict()
        for number, label in enumerate(read_labels(document), start=1):
            try:
                page = read_page(document, number, label)
                if page.pictured and ocr:
                    from corpus.readers.pdf.ocr import recognise_page

                    page = recognise_page(document, page, ocr)
            except UnreadableSource as error:
                problems.append(Skipped(f"page {label}", error.message))
            else:
                pages.append(page)
    problems += list(_find_problems(pages, problems))
    if _FILE_END not in data[-_FILE_END_REACH:]:
        problems.append(Skipped("its end", "the file is cut off: pages may be missing"))
    yield _read(pages, known)
    yield from problems


def _find_problems(pages: Sequence["PdfPage"], problems: Sequence[Skipped]) -> Iterator[Skipped]:
    """Yield the pages that are not in the text; raises UnreadableSource if none is."""
    scans = [page.label for page in pages if page.pictured]
    if not any(page.lines for page in pages):
        if scans:
            raise UnreadableSource(f"its pages are {_SCANS}")
        if problems:
            raise UnreadableSource(f"none of its pages can be read: {problems[0].reason}")
        raise UnreadableSource("the PDF has no text")
    if scans:
        yield Skipped(_listed(scans), _SCANS if len(scans) > 1 else _SCAN)
    veiled = [page.label for page in pages if page.veiled]
    if veiled:
        yield Skipped(_listed(veiled), _VEILED)


def _listed(labels: Sequence[str]) -> str:
    first = ", ".join(labels[:10])
    more = f" and {len(labels) - 10} more" if len(labels) > 10 else ""
    return f"page{'s' if len(labels) > 1 else ''} {first}{more}"


def _read(pages: Sequence["PdfPage"], known: Mapping[str, str]) -> Reading:
    lines = [line for page in pages for line in page.lines]
    furniture = find_furniture([(page.lines, page.height) for page in pages])
    running = [line for line in lines if line not in furniture]
    cable, formal = _find_cable(running, furniture)
    composed = _compose(pages, furniture, formal)
    blocks = composed.blocks
    boilerplate = [span for span, own in zip(blocks, composed.is_text, strict=True) if not own]
    if cable is None:
        boilerplate += find_boilerplate(composed.text, blocks)
        provenance = _describe(pages, composed, known)
    else:
        provenance = _place(cable.provenance, known)
    if any(page.recognised for page in pages):
        provenance = replace(provenance, extraction="OCR")
    return Reading(
        text=composed.text,
        provenance=provenance,
        headings=None if cable is None else (),
        turns=None if cable is None else (),
        boilerplate=merge_spans(boilerplate),
        pages=composed.pages,
        blocks=blocks,
    )


def _find_cable(running: Sequence[Line], furniture: set[Line]) -> tuple[Cable | None, set[Line]]:
    """Return the cable of the lines, if it is one, and its formal lines; adds to `furniture`."""
    distances = usual_distances(running)
    words: list[str] = []
    owners: list[Line | None] = []
    for above, line in zip([None, *running], running, strict=False):
        if above is not None and is_gap(line, above, distances[line.page]):
            words.append("")
            owners.append(None)
        words.append(line.text)
        owners.append(line)
    stamps = sorted({line.text for line in furniture})
    cable = read_cable([*words, *stamps])
    if cable is None:
        return None, set()
    owners += [None] * len(stamps)
    furniture.update(owner for n in cable.furniture if (owner := owners[n]) is not None)
    return cable, {owner for n in cable.formal if (owner := owners[n]) is not None}


@dataclass(frozen=True, slots=True)
class _Composed:
    """A text assembled from lines; `is_text` says of each block whether it may be quoted."""

    text: str
    blocks: tuple[Span, ...]
    is_text: tuple[bool, ...]
    pages: tuple[Page, ...]


def _compose(pages: Sequence["PdfPage"], furniture: set[Line], formal: set[Line]) -> _Composed:
    """Return the text: paragraphs separated by blank lines, furniture at the end."""
    lines = [line for page in pages for line in page.lines]
    running = [line for line in lines if line not in furniture]
    distances = usual_distances(running)
    following = dict(pairwise(lines))
    parts: list[str] = []
    blocks: list[Span] = []
    is_text: list[bool] = []
    starts: list[tuple[int, int]] = []
    length = 0
    above: Line | None = None
    for line in [*running, *(line for line in lines if line in furniture)]:
        own = line not in furniture and line not in formal
        if above is None:
            separator = ""
        elif own != is_text[-1]:
            separator = "\n\n"
        elif not own:
            separator = "\n" if line.page == above.page else "\n\n"
        else:
            parted = following[above] is not line or line.column != above.column
            begins = begins_paragraph(
                line, above, distances[line.page], parted=parted or line.page != above.page
            )
            separator = "\n\n" if begins else "\n"
        parts += separator, line.text
        start = length + len(separator)
        length = start + len(line.text)
        if separator == "\n":
            blocks[-1] = Span(blocks[-1].start, length)
        else:
            blocks.append(Span(start, length))
            is_text.append(own)
        if above is None or line.page != above.page:
            starts.append((line.page, start))
        above = line
    return _Composed(
        "".join(parts), tuple(blocks), tuple(is_text), tuple(_marks(pages, starts, length))
    )


def _marks(
    pages: Sequence["PdfPage"], starts: Sequence[tuple[int, int]], length: int
) -> Iterator[Page]:
    """Yield where pages begin; one without words of its own begins where the next one does."""
    labels = {page.number: page.label for page in pages}
    expected = 1
    for number, start in starts:
        yield from (
            Page(start, labels[blank]) for blank in range(expected, number) if blank in labels
        )
        yield Page(start, labels[number])
        expected = max(expected, number + 1)
    yield from (Page(length, labels[blank]) for blank in sorted(labels) if blank >= expected)


def _place(provenance: Provenance, known: Mapping[str, str]) -> Provenance:
    """Return a cable's provenance with its repository, if the file is from there."""
    if "NARA - AAD" in known.get("Title", ""):
        return replace(provenance, repository=_RECORD_GROUP)
    return provenance


def _describe(
    pages: Sequence["PdfPage"], composed: _Composed, known: Mapping[str, str]
) -> Provenance:
    """Return the file's metadata, as far as the document itself confirms it."""
    end = next((p.start for p in composed.pages[_FRONT_PAGES:]), len(composed.text))
    front = _plain(composed.text[:end])
    title = known.get("Title", "").strip()
    author = known.get("Author", "").strip()
    return Provenance(
        title=title if _is_in(title, front) else _largest(pages),
        creators=(author,) if _is_in(author, front) else (),
        document_date=_made(known.get("CreationDate", ""), front),
    )


def _plain(words: str) -> str:
    return " ".join(re.sub(r"[^\w]+", " ", words.casefold()).split())


def _is_in(words: str, front: str) -> bool:
    plain = _plain(words)
    return len(plain) >= 4 and f" {plain} " in f" {front} "


def _made(stamp: str, front: str) -> str | None:
    """Return the day on which the file was made if the document bears the same date."""
    from corpus.dates import in_words, parse_date

    match = re.match(r"D:(\d{4})(\d{2})(\d{2})", stamp)
    if not match:
        return None
    try:
        day = parse_date("-".join(match.groups()), "date")
    except UnreadableSource:
        return None
    month, number, year = _plain(in_words(day)).split()
    forms = (f"{month} {number} {year}", f"{number} {month} {year}", " ".join(match.groups()))
    return day if any(_is_in(form, front) for form in forms) else None


def _largest(pages: Sequence["PdfPage"]) -> str | None:
    """Return the heading of the first page that is set in the largest type, and larger than all."""
    first = next((page.lines for page in pages if page.lines), ())
    sizes = sorted({line.box.size for line in first})
    usual = sorted(line.box.size for line in first for _ in line.text)
    if not sizes or sizes[-1] < 1.2 * usual[len(usual) // 2]:
        return None
    heading = next(
        list(group)
        for is_large, group in groupby(first, lambda line: line.box.size >= 0.98 * sizes[-1])
        if is_large
    )
    words = " ".join(line.text for line in heading)
    fits = 4 <= len(words) <= 200 and any(char.isalpha() for char in words)
    return words if fits and first.index(heading[0]) <= 4 else None
