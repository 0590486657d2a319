"""Citations in CSL-JSON, the form of the Citation Style Language (citationstyles.org)."""

from typing import Any

from corpus.citations.chicago import OWN_KINDS, issue_of, note_of_record, series_of
from corpus.citations.cited import Cited
from corpus.citations.types import type_of, volume_date
from corpus.dates import in_words
from corpus.documents import Provenance
from corpus.languages import name_language


def csl_json(cited: Cited) -> dict[str, Any]:
    """Return a CSL-JSON item."""
    document, provenance = cited.document, cited.provenance
    item = _record(provenance)
    item["id"] = cited.key
    item["title"] = document.title
    item["page"] = "-".join(cited.pages)
    item["accessed"] = _date(cited.accessed) if cited.access else None
    item["note"] = "; ".join(filter(None, [item["note"], cited.enclosed_in]))
    if provenance.is_own:
        item["type"] = "entry"
        item["genre"] = f"memcon {OWN_KINDS[provenance.kind or '']}"
        item["author"] = [{"literal": "memcon"}]
        if provenance.about:
            about = _record(provenance.about)
            item["event-date"] = about.get("event-date")
            item["URL"] = item.get("URL") or about.get("URL")
            item["references"] = note_of_record(provenance.about)
    elif not item.get("URL"):
        item["archive_location"] = item.get("archive_location") or cited.file_name
    return {key: item[key] for key in sorted(item) if item[key]}


def _record(record: Provenance) -> dict[str, Any]:
    return {
        "type": type_of(record).csl,
        "title": record.title or record.subject,
        "author": [_name(name) for name in record.creators],
        "recipient": [_name(name) for name in record.recipients],
        "translator": [_name(record.translator)] if record.translator else [],
        "number": record.number,
        "genre": record.kind,
        "publisher": record.publisher,
        "archive": record.repository,
        "archive_location": f"File No. {record.file_number}" if record.file_number else None,
        **_dates(record),
        "event-date": _date(record.event_date),
        "language": record.language,
        "URL": record.url,
        "container-title": record.container,
        "editor": [_name(name) for name in record.editors],
        "publisher-place": record.publication_place,
        "note": "; ".join(_notes(record)),
    }


def _notes(record: Provenance) -> list[str]:
    """Return the details that CSL has no field for."""
    notes = [f"part {record.part}"] if record.part else []
    notes += series_of(record)
    if record.received_date:
        notes.append(f"received {in_words(record.received_date)}")
    if record.original_language:
        notes.append(f"translated from {name_language(record.original_language)}")
    return notes


def _name(name: str) -> dict[str, str]:
    # The family name is not known: a literal is never wrong.
    return {"literal": name}


def _dates(record: Provenance) -> dict[str, Any]:
    """Return when a record was written; for a chapter of a volume also when that came out.

    The date is as printed where no ISO date says it.
    """
    written = _date(record.document_date or issue_of(record)) or {}
    if record.printed_date:
        written["literal"] = record.printed_date
    issued = _date(volume_date(record))
    return {"issued": issued, "original-date": written} if issued else {"issued": written}


def _date(date: str | None) -> dict[str, Any] | None:
    return {"date-parts": [[int(part) for part in date.split("-")]]} if date else None
