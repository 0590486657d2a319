"""XML: the editions of the Text Encoding Initiative, and pages in XHTML."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from corpus.dates import find_date, parse_date
from corpus.documents import Provenance
from corpus.errors import UnreadableSource
from corpus.readers.reading import Reading, Skipped
from corpus.readers.tei.frus import read_documents, read_volume
from corpus.readers.tei.frus_dates import UNDATED, agrees, encoded_date
from corpus.readers.tei.text import TeiText, render_tei
from corpus.readers.text_flow import find_inside, local_name, trim, words_of
from corpus.readers.xml_tree import parse_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

_ID = "{http://www.w3.org/XML/1998/namespace}id"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_DIVISIONS = frozenset({"div", "div1"})
# A longer work is read as its chapters.
_WORK_CHARS = 50_000


def read_xml(data: bytes) -> Iterator[Reading | Skipped]:
    """Yield the documents of a TEI edition, each of a FRUS volume, or the one of another file.

    That is a page in XHTML, or pages that a machine read from pictures, in ALTO or PAGE.

    Raises UnreadableSource for XML that is broken, dangerous, or neither.
    """
    root = parse_xml(data)
    name = local_name(root)
    if name == "html":
        from corpus.readers.html.reader import read_html

        yield from read_html(data)
        return
    if name in {"alto", "pcgts"}:
        from corpus.readers.scans.reader import read_scan

        yield from read_scan(root)
        return
    if name not in {"tei", "tei.2", "teicorpus", "teicorpus.2"}:
        raise UnreadableSource(
            f"the file is XML that memcon does not know (<{name}>); "
            "it reads TEI, XHTML, ALTO and PAGE"
        )
    found = False
    for edition in _editions(root):
        for reading in _read_edition(edition):
            found = True
            yield reading
    if not found:
        raise UnreadableSource("the TEI file has no text")


def _editions(root: "_Element") -> Iterator["_Element"]:
    if local_name(root) in {"tei", "tei.2"}:
        yield root
        return
    for each in root:
        if local_name(each) in {"tei", "tei.2", "teicorpus", "teicorpus.2"}:
            yield from _editions(each)


def _read_edition(edition: "_Element") -> Iterator[Reading]:
    volume = read_volume(edition)
    if volume is not None:
        yield from read_documents(edition, volume)
        return
    known = _read_header(edition)
    for text in (each for each in edition if local_name(each) == "text"):
        whole = render_tei(text, keep_lines=False)
        chapters = _find_chapters(text) if len(whole.text) > _WORK_CHARS else []
        if len(chapters) > 1:
            yield from _read_chapters(text, chapters, known)
        elif whole.text.strip():
            yield _make_reading(whole, known, edition.get(_ID) or "")


def _find_chapters(text: "_Element") -> list["_Element"]:
    """Return the divisions that make up a text; none where words stand outside of them."""
    chapters = []
    for part in text:
        for each in part:
            if local_name(each) in _DIVISIONS:
                chapters.append(each)
            elif local_name(part) == "body" and words_of(each).strip():
                return []
    return chapters


def _read_chapters(
    text: "_Element", chapters: list["_Element"], known: Provenance
) -> Iterator[Reading]:
    page: str | None = None
    numbers = {chapter: number for number, chapter in enumerate(chapters, 1)}
    for node in text.iter("*"):
        if local_name(node) == "pb":
            page = trim(node.get("n") or "") or page
        if node not in numbers:
            continue
        rendered = render_tei(node, page, keep_lines=False)
        if rendered.text.strip():
            number = numbers[node]
            heading = rendered.headings[0].of(rendered.text) if rendered.headings else None
            title = heading or f"{known.title or 'Part'} ({number})"
            part = replace(known, title=title, container=known.title)
            yield _make_reading(rendered, part, node.get(_ID) or str(number))


def _make_reading(rendered: TeiText, known: Provenance, name: str) -> Reading:
    if known.title is None and rendered.headings:
        known = replace(known, title=rendered.headings[0].of(rendered.text))
    return Reading(
        text=rendered.text,
        provenance=known,
        headings=rendered.headings,
        turns=rendered.turns or None,
        boilerplate=rendered.boilerplate,
        pages=rendered.pages,
        name=name,
    )


def _read_header(edition: "_Element") -> Provenance:
    """Return the header's provenance, with the sender and recipient of a letter."""
    header = next((each for each in edition if local_name(each) == "teiheader"), None)
    if header is None:
        return Provenance()
    title = next(_words(header, "titlestmt", "title"), None)
    sent, received = _correspondence(header, "sent"), _correspondence(header, "received")
    languages = {each.get("ident") for each in _inside(header, "langusage", "language")}
    text = next((each for each in edition if local_name(each) == "text"), edition)
    creation = next(_inside(header, "creation", "date"), None)
    addresses = (
        each
        for each in _words(header, "publicationstmt", "idno")
        if each.startswith(("http://", "https://"))
    )
    return Provenance(
        title=title,
        creators=tuple(dict.fromkeys(_words(header, "titlestmt", "author"))) or sent[0],
        recipients=received[0],
        document_date=sent[1] or (_date_of(creation) if creation is not None else None),
        received_date=received[1],
        place=sent[2],
        editors=tuple(dict.fromkeys(_words(header, "titlestmt", "editor"))),
        publisher=next(_words(header, "publicationstmt", "publisher"), None),
        publication_place=next(_words(header, "publicationstmt", "pubplace"), None),
        publication_date=next(
            filter(None, map(_date_of, _inside(header, "publicationstmt", "date"))), None
        ),
        repository=next(_words(header, "msidentifier", "repository"), None),
        file_number=next(_words(header, "msidentifier", "idno"), None),
        language=text.get(_LANG) or edition.get(_LANG)
        or (languages.pop() if len(languages) == 1 else None),
        url=next(addresses, None),
    )  # fmt: skip


def _correspondence(
    header: "_Element", kind: str
) -> tuple[tuple[str, ...], str | None, str | None]:
    """Return who sent (or received) a letter, when, and where."""
    for action in _inside(header, "correspdesc", "correspaction"):
        if action.get("type") == kind:
            names = _all_words(find_inside(action, "persname", "orgname"))
            dates = map(_date_of, find_inside(action, "date"))
            place = next(_all_words(find_inside(action, "placename", "settlement")), None)
            return tuple(names), next(filter(None, dates), None), place
    return (), None, None


def _inside(header: "_Element", outer: str, name: str) -> Iterator["_Element"]:
    return (each for around in find_inside(header, outer) for each in find_inside(around, name))


def _words(header: "_Element", outer: str, name: str) -> Iterator[str]:
    return _all_words(_inside(header, outer, name))


def _all_words(nodes: Iterable["_Element"]) -> Iterator[str]:
    return filter(None, (trim(words_of(each)) for each in nodes))


def _date_of(node: "_Element") -> str | None:
    """Return the date that an element prints; the encoded one where it agrees, or none is printed.

    An encoded day counts where only its year is printed.
    """
    words, encoded = trim(words_of(node)), encoded_date(node)
    if not words:
        return encoded
    if UNDATED.search(words):
        return None
    try:
        printed = parse_date(words, "date")
    except UnreadableSource:
        found = find_date(words)
        printed = found[0] if found else ""
    if not printed:
        return encoded if encoded and agrees(encoded, words) else None
    return encoded if encoded and encoded.startswith(printed) else printed
