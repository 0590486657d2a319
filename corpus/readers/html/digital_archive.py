"""Records of the Wilson Center's Digital Archive, each from its page.

The text is that of the record alone. Its header is read by
`corpus.structure.record_header`, as in a text file; the page's own sections
(citation, source, languages) say what that does not.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from corpus.dates import find_date
from corpus.documents import Provenance, Span
from corpus.errors import UnreadableSource
from corpus.readers.html.markup import find_furniture, render
from corpus.readers.reading import Reading
from corpus.structure.blocks import find_paragraphs
from corpus.structure.record_header import is_field, read_header
from corpus.word_lists import read_lists

if TYPE_CHECKING:
    from lxml.etree import _Element

PUBLISHER = "Wilson Center Digital Archive"
_HOST = "digitalarchive.wilsoncenter.org"
_KNOWN = read_lists(__file__)
_TEXT, _CITATION = frozenset(_KNOWN["text"]), frozenset(_KNOWN["citation"])
_SECTIONS = frozenset(_KNOWN["sections"])
_MARKED = re.compile(
    r"transcript|translation|(?:document|doc)-?_*(?:text|body)|field-+name-(?:field-)?(?:body|text)"
)
_QUOTED = re.compile(r"[“\"](?P<title>.+?),?[”\"],?\s*(?P<rest>.*)", re.DOTALL)
_WHEREABOUTS = re.compile(
    r"Digital Archive,\s*(?P<repository>[^,].*?)(?:,\s*File No\.?\s*(?P<file>[\w/-]+))?\s*"
    r"\.(?=\s|$)",
    re.DOTALL,
)
_TRANSLATOR = re.compile(r"[Tt]ranslated\s+by\s+(?P<name>[^.\n;]+?)\s*(?:\.(?=\s|$)|$)")
_FILE = re.compile(r"(?P<repository>[A-Z][^.\n]*?),\s*File No\.?\s*(?P<file>[\w/-]+)")
_ADDRESS = re.compile(rf"https?://{re.escape(_HOST)}/document/[^\s<>\"]+?(?=[.,;]?(?:\s|$))")
_LANGUAGES: dict[str, str] = _KNOWN["languages"]


def read_record(root: "_Element", known: Provenance) -> Reading | None:
    """Return the document of a page of the Digital Archive; None for any other page."""
    address = urlsplit(known.url or "")
    if address.hostname != _HOST and known.publisher != PUBLISHER:
        return None
    if address.path and not address.path.startswith("/document/"):
        return None
    page = render(root, find_furniture(root))
    sections = list(_split(page.text, find_paragraphs(page.text)))
    body = _find_text(page.text, sections)
    text = "\n\n".join(span.of(page.text) for span in body) or _find_marked_text(root)
    if not text:
        # The archive's summary of a record must never pass for the record.
        raise UnreadableSource("the page has no text of the record that it describes")
    # The page's heading is the form in which the archive cites the record.
    heading = next((span.of(page.text) for span in page.headings), known.title or "")
    header = read_header(f"{heading}\n\n{text}")
    provenance = header.filled_from(_read_sections(page.text, sections))
    kind = provenance.kind or _kind_of(known.title or heading)
    provenance = provenance.filled_from(
        Provenance(
            title=known.title or heading or None, kind=kind, publisher=PUBLISHER, url=known.url,
            language="en" if provenance.translator else known.language,
            document_date=known.document_date,
        )
    )  # fmt: skip
    return Reading(text, provenance)


def _split(text: str, blocks: Sequence[Span]) -> Iterator[tuple[str, list[Span]]]:
    """Yield each section of a page: its heading, in lower case, and the blocks below."""
    label, inside = "", list[Span]()
    for block in blocks:
        words = block.of(text).strip(" :").lower()
        if words in _TEXT or words in _CITATION or words in _SECTIONS:
            yield label, inside
            label, inside = words, []
        else:
            inside.append(block)
    yield label, inside


def _find_text(text: str, sections: list[tuple[str, list[Span]]]) -> list[Span]:
    """Return the blocks of the record: those of its section, or from its first field on."""
    headed = [inside for label, inside in sections if label in _TEXT and inside]
    if headed:
        return max(headed, key=lambda inside: sum(map(len, inside)))
    for _, inside in sections:
        fields = [
            place
            for place, block in enumerate(inside)
            for line in block.of(text).split("\n")
            if is_field(line)
        ]
        if len(fields) > 1:
            return inside[fields[0] :]
    return []


def _find_marked_text(root: "_Element") -> str:
    """Return the longest text that the page marks as a body or a transcript."""
    marked = (
        each
        for each in root.iter("*")
        if any(_MARKED.search(name) for name in (each.get("class") or "").lower().split())
    )
    return max((render(each).text.strip() for each in marked), key=len, default="")


def _read_sections(text: str, sections: list[tuple[str, list[Span]]]) -> Provenance:
    """Return the provenance in the citation and the other sections around the record."""
    said: dict[str, str] = {}
    for label, inside in sections:
        if inside and label not in said:
            said[label] = "\n".join(span.of(text) for span in inside)
    citation = next((words for label, words in said.items() if label in _CITATION), "")
    source = said.get("source") or said.get("original archive") or ""
    quoted, where = _QUOTED.search(citation), _WHEREABOUTS.search(citation)
    filed = _FILE.search(source)
    date = find_date(quoted["rest"]) if quoted else None
    address = _ADDRESS.search(citation)
    translator = _TRANSLATOR.search(citation) or _TRANSLATOR.search(source)
    named = said.get("translator") or said.get("translators")
    original = (said.get("original language") or "").strip().lower()
    return Provenance(
        document_date=date[0] if date else None,
        repository=(where and where["repository"]) or (filed and filed["repository"]) or None,
        file_number=(where and where["file"]) or (filed and filed["file"]) or None,
        translator=" ".join(translator["name"].split()) if translator else named,
        original_language=_LANGUAGES.get(original),
        url=address[0] if address else None,
    )


def _kind_of(title: str) -> str | None:
    match = re.match(
        r"(?P<kind>cable|telegram|letter|memorandum of conversation|record of conversation"
        r"|memorandum|report|minutes|note)\b",
        title,
        re.IGNORECASE,
    )
    if match:
        return match["kind"].lower()
    return (
        "record of conversation" if re.match(r"record of .*meeting", title, re.IGNORECASE) else None
    )
