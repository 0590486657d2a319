"""Notes in the form of the Chicago Manual of Style for archival records.

A document of a volume is cited by its number there. Records of the Wilson Center's Digital Archive
have that archive's own form: “Cable No. N, A to B, ‘Title’,” date, archive, file, translator,
address. The note of a document of memcon's own says so first, and names the record it is about.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.citations.cited import Cited, locate
from corpus.dates import in_words
from corpus.documents import Provenance

# The archive that has a form of its own: what that calls it, and what records may call it.
_DIGITAL_ARCHIVE = "History and Public Policy Program Digital Archive"
_DIGITAL_ARCHIVES = {
    _DIGITAL_ARCHIVE,
    "Wilson Center Digital Archive",
    "Wilson Center Digital Archive (History and Public Policy Program)",
}
OWN_KINDS = {"abstract": "abstract", "background": "background note"}


def chicago_note(cited: Cited) -> str:
    """Return the full note, as at the first mention."""
    provenance = cited.provenance
    if not provenance.is_own:
        return note_of_record(provenance, cited)
    title, kind = _nest(cited.document.title), OWN_KINDS[provenance.kind or ""]
    own = f"memcon, “{title}” ({kind} written for memcon"
    own += f", collection {provenance.collection})" if provenance.collection else ")"
    if provenance.about:
        return f"{own}, about: {note_of_record(provenance.about)}"
    return _sentence(own)


def short_note(cited: Cited) -> str:
    """Return the short note for later mentions: "Kuriyama to Foreign Minister, cable no. 1456."."""
    document, provenance = cited.document, cited.provenance
    record = provenance.record
    if provenance.is_own and provenance.about is None:
        return _sentence(f"memcon, “{_shorten(_nest(document.title))}”")
    if record.number and record.creators and record.recipients:
        short = f"{_surname(record.creators[0])} to {_strip_the(record.recipients[0])}, "
        if record.container:
            short += f"{_shorten(record.container)}, doc. {record.number}"
        else:
            short += f"{record.kind or 'record'} no. {record.number}"
    elif record.number and record.container:
        title = f"“{_shorten(_title_of(record, cited))}”"
        short = _join([title, _shorten(record.container), f"doc. {record.number}"])
    else:
        author = ", ".join(_surname(creator) for creator in record.creators)
        title = f"“{_shorten(_nest(record.title or record.subject or document.title))}”"
        dated = [] if record.creators else _dated(record, record.event_date)
        short = _join([*filter(None, [author, title]), *dated])
    if provenance.is_own:
        short = f"memcon {OWN_KINDS[provenance.kind or '']} about {short}"
    return _sentence(short)


def series_of(record: Provenance) -> list[str]:
    """Return of which main telegram a record is a part, where its title does not say it."""
    if record.separate_telegram and record.parent:
        return [f"separate telegram {record.separate_telegram} of no. {record.parent}"]
    return [f"with no. {record.parent}"] if record.parent else []


def issue_of(record: Provenance) -> str | None:
    """Return when a book came out that is one document; None for what stands in a volume."""
    return None if record.container else record.publication_date


def note_of_record(record: Provenance, cited: Cited | None = None) -> str:
    """Return the full note of a record in the form that its publisher has, or else Chicago's.

    `cited` is what is cited, None for a record that a document is about.
    """
    if record.publisher in _DIGITAL_ARCHIVES and not record.container:
        return _digital_archive_note(record, cited)
    note = _volume_note if record.container else _record_note
    return _sentence(note(record, cited))


def _title_of(record: Provenance, cited: Cited | None) -> str:
    """Return the title of a record, with which part it is."""
    title = record.title or record.subject or (cited.document.title if cited else "untitled")
    if record.part and not re.search(r"[(（]\s*\d+\s*(?:of|/|／)\s*\d+\s*[)）]", title):
        title += f" ({record.part})"
    return _nest(title)


def _digital_archive_note(record: Provenance, cited: Cited | None) -> str:
    """Return the note in the Digital Archive's own form, in which nothing follows the address."""
    title = _title_of(record, cited)
    head = ", ".join(_correspondence(replace(record, kind=_capital(record.kind or "record"))))
    if head:
        head = head.replace(" no. ", " No. ", 1) if record.number else head
        named = f"“{head}, ‘{_nest_twice(title)}’,”"
    else:
        named = f"“{title},”"
    file_number = f"File No. {record.file_number}" if record.file_number else None
    rest = _dated(record)
    rest += filter(
        None, [_DIGITAL_ARCHIVE, record.repository, file_number, *_reading(record, cited)]
    )
    note = f"{named} {', '.join(rest)}."
    if record.translator:
        note += f" Translated by {record.translator}."
    address = ", ".join(_address(record, cited))
    return f"{note} {_capital(address)}" if cited and cited.access else f"{note} {address}".strip()


def _reading(record: Provenance, cited: Cited | None) -> list[str]:
    """Return the pages of the words quoted, and that a machine read them, where known."""
    read = f"text read by {record.extraction}" if record.extraction else None
    return [*filter(None, [cited.locator if cited else None, read])]


def _address(record: Provenance, cited: Cited | None) -> list[str]:
    """Return the date of access, where known, and the address; nothing without an address."""
    return [*filter(None, [cited.access if cited else None, record.url])] if record.url else []


def _dated(record: Provenance, first: str | None = None) -> list[str]:
    """Return the date of a record in words, where known; `first` goes before its own."""
    date = in_words(first) if first else record.cited_date
    return [date] if date else []


def _volume_note(record: Provenance, cited: Cited | None = None) -> str:
    """Return the note of a document printed in a volume: by its number there, or else its pages."""
    parts = _correspondence(replace(record, number=None))
    kind = record.kind
    if not (record.creators and record.recipients):
        title = _title_of(record, cited)
        parts.append(f"“{title}”")
        # "Memorandum of Conversation" says what it is.
        kind = None if kind and kind in title.lower() else kind
    parts += filter(
        None, [kind, record.place, record.cited_date, cited.enclosed_in if cited else None]
    )
    volume = f"in {record.container}"
    if record.editors:
        volume += f", ed. {_listed(record.editors)}"
    out = ", ".join(filter(None, [record.publisher, (record.publication_date or "")[:4]]))
    if out:
        where = f"{record.publication_place}: " if record.publication_place else ""
        volume += f" ({where}{out})"
    parts.append(volume)
    locator = cited.locator if cited else locate(record)
    return _join([*parts, *filter(None, [locator]), *_address(record, cited)])


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


def _record_note(record: Provenance, cited: Cited | None = None) -> str:
    date = record.cited_date or issue_of(record)
    parts = [*_correspondence(record), f"“{_title_of(record, cited)}”"]
    if record.kind and not record.number and record.kind not in {"article", "web page"}:
        parts.append(record.kind)
    parts += filter(None, [record.place, date, cited.enclosed_in if cited else None])
    if record.event_date and record.document_date and record.event_date != record.document_date:
        parts.append(f"on the meeting of {in_words(record.event_date)}")
    file_number = f"File No. {record.file_number}" if record.file_number else None
    parts += filter(None, [record.publisher, record.repository, file_number])
    if cited is not None and not record.url:
        parts.append(f"file {cited.file_name}")
    parts += _reading(record, cited)
    address = _address(record, cited)
    if not record.translator:
        return _join([*parts, *address])
    note = f"{_join(parts)}. Translated by {record.translator}"
    return f"{note}. {_capital(', '.join(address))}" if address else note


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
