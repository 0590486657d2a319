"""How to cite a document: Chicago notes, CSL-JSON, a link to the very words.

A citation is made from provenance and span each time, never stored. The note follows the Chicago
Manual of Style's form for archival records; a document of a volume is cited by its number there.
Records of the Wilson Center's Digital Archive are cited in that archive's own form: “Cable No. N, A
to B, ‘Title’,” date, archive, file, translator, address. A document of memcon's own says so first,
and names the record that it is about.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote as percent_encode
from urllib.parse import urlsplit

from corpus.dates import in_words
from corpus.documents import Document, Provenance, Span
from corpus.languages import name_language

# The archive that has a form of its own: what that calls it, and what records may call it.
_DIGITAL_ARCHIVE = "History and Public Policy Program Digital Archive"
_DIGITAL_ARCHIVES = {
    _DIGITAL_ARCHIVE,
    "Wilson Center Digital Archive",
    "Wilson Center Digital Archive (History and Public Policy Program)",
}
_OWN_KINDS = {"abstract": "abstract", "background": "background note"}
# Kinds of document, and what the Citation Style Language calls them.
_CSL_TYPES = {
    "cable": "personal_communication",
    "telegram": "personal_communication",
    "letter": "personal_communication",
    "memorandum": "manuscript",
    "memorandum of conversation": "manuscript",
    "record of conversation": "manuscript",
    "transcript": "manuscript",
    "news conference": "speech",
    "article": "article-magazine",
    "newspaper article": "article-newspaper",
    "journal article": "article-journal",
    "report": "report",
    "web page": "webpage",
}
# Words at each end of a deep link; longer quotations are linked by their ends alone.
_LINK_WORDS = 5


@dataclass(frozen=True, slots=True)
class Citation:
    """A citation in the forms that people ask for.

    `url` is the address of the document (of the record, for memcon's own abstracts); `deep_link`
    leads to the quoted words, and is None where the words are not at that address. `locator` is
    where the words stand in it: the number of a document in a volume, or pages; None where it has
    neither.
    """

    note: str
    short: str
    url: str | None
    deep_link: str | None
    csl: dict[str, Any]
    locator: str | None = None


def cite(document: Document, span: Span | None = None) -> Citation:
    """Return the citation of a document, or of the words in `span`."""
    provenance = document.provenance
    url = provenance.url or provenance.record.url
    link = None
    pages = document.structure.pages_of(span) if span is not None else ()
    if span is not None and provenance.url:
        if urlsplit(provenance.url).path.lower().endswith(".pdf"):
            # Text fragments do not work in a PDF; pages do, counted from the first.
            count = sum(page.start <= span.start for page in document.structure.pages)
            link = f"{provenance.url.split('#', 1)[0]}#page={count}" if count else None
        else:
            link = deep_link(provenance.url, document.text, span)
    return Citation(
        note=chicago_note(document, pages),
        short=short_note(document),
        url=url,
        deep_link=link,
        csl=csl_json(document),
        locator=locate(provenance, pages),
    )


def locate(provenance: Provenance, pages: Sequence[str] = ()) -> str | None:
    """Return where words stand in what is cited: "doc. 12" of a volume, or else "p. 3"."""
    if provenance.container and provenance.number:
        return f"doc. {provenance.number}"
    return _in_pages(pages) if pages else None


def chicago_note(document: Document, pages: Sequence[str] = ()) -> str:
    """Return the full note, as at the first mention; `pages` are the first and the last quoted."""
    provenance = document.provenance
    if not is_own(provenance):
        return _note(provenance, document, pages)
    own = (
        f"memcon, “{_nest(document.title)}” ({_OWN_KINDS[provenance.kind or '']} written for memcon"
    )
    own += f", collection {provenance.collection})" if provenance.collection else ")"
    if provenance.about:
        return f"{own}, about: {_note(provenance.about)}"
    return _sentence(own)


def short_note(document: Document) -> str:
    """Return the short note for later mentions: "Kuriyama to Foreign Minister, cable no. 1456."."""
    provenance = document.provenance
    record = provenance.record
    if is_own(provenance) and provenance.about is None:
        return _sentence(f"memcon, “{_shorten(_nest(document.title))}”")
    if record.number and record.creators and record.recipients:
        short = f"{_surname(record.creators[0])} to {_strip_the(record.recipients[0])}, "
        if record.container:
            short += f"{_shorten(record.container)}, doc. {record.number}"
        else:
            short += f"{record.kind or 'record'} no. {record.number}"
    elif record.number and record.container:
        title = f"“{_shorten(_title_of(record, document))}”"
        short = _join([title, _shorten(record.container), f"doc. {record.number}"])
    else:
        author = ", ".join(_surname(creator) for creator in record.creators)
        title = f"“{_shorten(_nest(record.title or record.subject or document.title))}”"
        date = record.event_date or record.document_date
        dated = [in_words(date)] if date and not record.creators else []
        short = _join([*filter(None, [author, title]), *dated])
    if is_own(provenance):
        short = f"memcon {_OWN_KINDS[provenance.kind or '']} about {short}"
    return _sentence(short)


def csl_json(document: Document) -> dict[str, Any]:
    """Return the document as a CSL-JSON item (the schema of citationstyles.org)."""
    provenance = document.provenance
    item = _csl_record(provenance)
    item["id"] = document.doc_id
    item["title"] = document.title
    if is_own(provenance):
        item["type"] = "entry"
        item["genre"] = f"memcon {_OWN_KINDS[provenance.kind or '']}"
        item["author"] = [{"literal": "memcon"}]
        if provenance.about:
            about = _csl_record(provenance.about)
            item["event-date"] = about.get("event-date")
            item["URL"] = item.get("URL") or about.get("URL")
            item["references"] = _note(provenance.about)
    elif not item.get("URL"):
        item["archive_location"] = item.get("archive_location") or _file_name(document)
    return {key: item[key] for key in sorted(item) if item[key]}


def deep_link(url: str, text: str, span: Span) -> str:
    """Return an address that opens at the quoted words (a URL with a text fragment).

    The fragment is "#:~:text=start,end", each end a few whole words, percent-encoded with "-",
    "," and "&" too, as the Text Fragments specification of the WICG asks.
    """
    words = span.of(text).split()
    if not words:
        return url
    base = url.split("#", 1)[0]
    if len(words) <= 2 * _LINK_WORDS:
        fragment = _encode(" ".join(words))
    else:
        ends = " ".join(words[:_LINK_WORDS]), " ".join(words[-_LINK_WORDS:])
        fragment = ",".join(_encode(end) for end in ends)
    return f"{base}#:~:text={fragment}"


def series_of(record: Provenance) -> list[str]:
    """Return of which main telegram a record is a part, where its title does not say it."""
    if record.separate_telegram and record.parent:
        return [f"separate telegram {record.separate_telegram} of no. {record.parent}"]
    return [f"with no. {record.parent}"] if record.parent else []


def issue_of(record: Provenance) -> str | None:
    """Return when a book came out that is one document; None for what stands in a volume."""
    return None if record.container else record.publication_date


def is_own(provenance: Provenance) -> bool:
    """Tell whether a document was written for memcon: a finding aid, not a source."""
    return provenance.kind in _OWN_KINDS and "memcon" in provenance.creators


def _note(record: Provenance, document: Document | None = None, pages: Sequence[str] = ()) -> str:
    """Return the full note of a record in the form that its publisher has, or else Chicago's."""
    if record.publisher in _DIGITAL_ARCHIVES and not record.container:
        return _digital_archive_note(record, document, pages)
    note = _volume_note if record.container else _record_note
    return _sentence(note(record, document, pages))


def _title_of(record: Provenance, document: Document | None) -> str:
    """Return what a record is called, which part it is included."""
    title = record.title or record.subject or (document.title if document else "untitled")
    if record.part and not re.search(r"[(（]\s*\d+\s*(?:of|/|／)\s*\d+\s*[)）]", title):
        title += f" ({record.part})"
    return _nest(title)


def _digital_archive_note(
    record: Provenance, document: Document | None, pages: Sequence[str]
) -> str:
    """Return the note in the Digital Archive's own form, in which nothing follows the address."""
    title = _title_of(record, document)
    head = ", ".join(_correspondence(replace(record, kind=_capital(record.kind or "record"))))
    if head:
        head = head.replace(" no. ", " No. ", 1) if record.number else head
        named = f"“{head}, ‘{_nest_twice(title)}’,”"
    else:
        named = f"“{title},”"
    date = record.document_date or record.event_date
    file_number = f"File No. {record.file_number}" if record.file_number else None
    rest = [in_words(date)] if date else []
    rest += filter(
        None, [_DIGITAL_ARCHIVE, record.repository, file_number, *_reading(record, pages)]
    )
    note = f"{named} {', '.join(rest)}."
    if record.translator:
        note += f" Translated by {record.translator}."
    return f"{note} {record.url}" if record.url else note


def _reading(record: Provenance, pages: Sequence[str]) -> list[str]:
    """Return where the words quoted stand, and that a machine read them, where known."""
    read = [f"text read by {record.extraction}"] if record.extraction else []
    return [*([_in_pages(pages)] if pages else []), *read]


def _volume_note(record: Provenance, document: Document | None, pages: Sequence[str] = ()) -> str:
    """Return the note of a document printed in a volume: by its number there, or else its pages."""
    parts = _correspondence(replace(record, number=None))
    kind = record.kind
    if not (record.creators and record.recipients):
        title = _title_of(record, document)
        parts.append(f"“{title}”")
        # "Memorandum of Conversation" says what it is.
        kind = None if kind and kind in title.lower() else kind
    date = record.document_date or record.event_date
    parts += filter(None, [kind, record.place, in_words(date) if date else None])
    volume = f"in {record.container}"
    if record.editors:
        volume += f", ed. {_listed(record.editors)}"
    out = ", ".join(filter(None, [record.publisher, (record.publication_date or "")[:4]]))
    if out:
        where = f"{record.publication_place}: " if record.publication_place else ""
        volume += f" ({where}{out})"
    parts.append(volume)
    parts += filter(None, [locate(record, pages), record.url])
    return _join(parts)


def _listed(names: Sequence[str]) -> str:
    """Return names as a note lists them: "A", "A and B", "A, B, and C", and "A et al."."""
    match names:
        case [one]:
            return one
        case [one, two]:
            return f"{one} and {two}"
        case [one, two, three]:
            return f"{one}, {two}, and {three}"
    return f"{names[0]} et al."


def _in_pages(pages: Sequence[str]) -> str:
    return f"p. {pages[0]}" if len(pages) == 1 else f"pp. {pages[0]}–{pages[-1]}"


def _record_note(
    record: Provenance, document: Document | None = None, pages: Sequence[str] = ()
) -> str:
    """Return the parts of a note, without its full stop."""
    date = record.document_date or record.event_date or issue_of(record)
    parts = [*_correspondence(record), f"“{_title_of(record, document)}”"]
    if record.kind and not record.number and record.kind not in {"article", "web page"}:
        parts.append(record.kind)
    parts += filter(None, [record.place, in_words(date) if date else None])
    if record.event_date and record.document_date and record.event_date != record.document_date:
        parts.append(f"on the meeting of {in_words(record.event_date)}")
    file_number = f"File No. {record.file_number}" if record.file_number else None
    parts += filter(None, [record.publisher, record.repository, file_number])
    if document is not None and not record.url:
        parts.append(f"file {_file_name(document)}")
    parts += _reading(record, pages)
    if record.url and not record.translator:
        parts.append(record.url)
    note = _join(parts)
    if record.translator:
        note += f". Translated by {record.translator}"
        if record.url:
            note += f". {record.url}"
    return note


def _correspondence(record: Provenance) -> list[str]:
    """Return number, senders and recipients as the one part that opens a note, where known."""
    number = f"{_capital(record.kind or 'record')} no. {record.number}" if record.number else ""
    series = "".join(f" ({part})" for part in series_of(record))
    if number and record.publisher not in _DIGITAL_ARCHIVES:
        number += series
    letter = ", ".join(record.creators)
    if record.recipients:
        letter = f"{letter} to {_lower_the(', '.join(record.recipients))}".strip()
    head = ", ".join(filter(None, [number, letter]))
    return [head] if head else []


def _csl_record(record: Provenance) -> dict[str, Any]:
    item: dict[str, Any] = {
        "type": _CSL_TYPES.get(record.kind or "", "document"),
        "title": record.title or record.subject,
        "author": [_csl_name(name) for name in record.creators],
        "recipient": [_csl_name(name) for name in record.recipients],
        "translator": [_csl_name(record.translator)] if record.translator else [],
        "number": record.number,
        "genre": record.kind,
        "publisher": record.publisher,
        "archive": record.repository,
        "archive_location": f"File No. {record.file_number}" if record.file_number else None,
        "issued": _csl_date(record.document_date or issue_of(record)),
        "event-date": _csl_date(record.event_date),
        "language": record.language,
        "URL": record.url,
        "container-title": record.container,
        "editor": [_csl_name(name) for name in record.editors],
        "publisher-place": record.publication_place,
        "note": "; ".join(_csl_notes(record)),
    }
    return item


def _csl_notes(record: Provenance) -> list[str]:
    """Return what CSL has no field for."""
    notes = [f"part {record.part}"] if record.part else []
    notes += series_of(record)
    if record.received_date:
        notes.append(f"received {in_words(record.received_date)}")
    if record.original_language:
        notes.append(f"translated from {name_language(record.original_language)}")
    return notes


def _csl_name(name: str) -> dict[str, str]:
    # Which part is the family name is not known: a literal is never wrong.
    return {"literal": name}


def _csl_date(date: str | None) -> dict[str, Any] | None:
    return {"date-parts": [[int(part) for part in date.split("-")]]} if date else None


def _join(parts: list[str]) -> str:
    """Return the parts with commas between, inside a closing quotation mark as Chicago has it."""
    joined = parts[0]
    for part in parts[1:]:
        joined = f"{joined[:-1]},” {part}" if joined.endswith("”") else f"{joined}, {part}"
    return joined


def _sentence(words: str) -> str:
    if words.endswith("”"):
        return words if words[-2:-1] in ".?!" else f"{words[:-1]}.”"
    return words if words.endswith(".") else f"{words}."


def _nest(title: str) -> str:
    """Return a title fit to stand in double quotation marks: those it has become single ones."""
    title = re.sub(r'"([^"]*)"', r"‘\1’", title)
    return title.replace("“", "‘").replace("”", "’").strip()


def _nest_twice(title: str) -> str:
    """Return a nested title fit to stand in single quotation marks: its own become double again."""
    return re.sub(r"‘([^‘’]*)’(?!\w)", r"“\1”", title)


def _shorten(title: str) -> str:
    words = title.split()
    return title if len(words) <= 8 else " ".join(words[:8]).rstrip(",:;") + " …"


def _surname(creator: str) -> str:
    """Return how a short note calls a person: without office, by the family name where sure."""
    name = re.sub(r"\s*\(.*?\)", "", creator).strip()
    office = re.fullmatch(r"(?:Ambassador|Minister|Secretary|Consul General)\s+(?P<name>\S+)", name)
    # Which of several names is the family's is not known: Miyazawa Kiichi, but Fintan Hoey.
    return office["name"] if office else name


def _strip_the(words: str) -> str:
    return re.sub(r"^[Tt]he\s+", "", words)


def _lower_the(words: str) -> str:
    return re.sub(r"^The\s+", "the ", words)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _file_name(document: Document) -> str:
    return document.source.replace("\\", "/").rsplit("/", 1)[-1]


def _encode(words: str) -> str:
    return percent_encode(words, safe="").replace("-", "%2D")
