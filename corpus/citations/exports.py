"""Citations for reference managers: BibTeX, BibLaTeX, RIS, derived from provenance like the rest.

Records of archives are unpublished: BibTeX has @unpublished for them, with the archive in the
note, and RIS has MANSCPT and PCOMM. A document of memcon's own says that it is one, is dated by
nobody, and names in its note the record that it is about.
"""

import re
import unicodedata
from collections.abc import Iterable

from corpus.citations.styles import chicago_note, csl_json, is_own, issue_of, series_of
from corpus.dates import MONTHS, in_words
from corpus.documents import Document, Provenance
from corpus.languages import name_language

# What is no kind of publication is taken for an archival record.
_RIS_TYPES = {
    "cable": "PCOMM",
    "telegram": "PCOMM",
    "letter": "PCOMM",
    "article": "MGZN",
    "newspaper article": "NEWS",
    "journal article": "JOUR",
    "report": "RPRT",
    "web page": "ELEC",
}
_RECORD = "MANSCPT"
_RECORDS = {_RECORD, "PCOMM"}
# What the publisher of an article puts out is what the article stands in.
_PERIODICALS = {"MGZN", "NEWS", "JOUR"}
# One pass over the text: what an escape puts in is not escaped again. BibTeX counts braces even
# after a backslash, so that a brace must become a command to leave them balanced.
_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{char: f"\\{char}" for char in "%&$#_"},
    }
)
# Addresses are verbatim in BibTeX: only what would end the field is written another way.
_TEX_URL = str.maketrans({"\\": "%5C", "{": "%7B", "}": "%7D", " ": "%20"})


def to_bibtex(document: Document) -> str:
    """Return the document as one BibTeX entry.

    Archival records become @unpublished, all else @misc. Names are braced, as which part is the
    family's is not known, and titles too, so that styles leave their capitals alone.
    """
    provenance = document.provenance
    own = is_own(provenance)
    printed = provenance.container is not None
    unpublished = not own and provenance.creators and _ris_type(provenance) in _RECORDS
    fields = [
        ("author", _tex_names(provenance.creators)),
        ("title", f"{{{_tex(document.title)}}}"),
        *_bibtex_date(provenance),
    ]
    if own:
        fields += [
            ("howpublished", _tex(csl_json(document)["genre"])),
            ("note", _tex(chicago_note(document))),
        ]
    else:
        place = "note" if unpublished or printed else "howpublished"
        fields.append((place, _tex(", ".join(_whereabouts(provenance)))))
    fields += [
        ("booktitle", _tex(provenance.container or "")),
        ("editor", _tex_names(provenance.editors)),
        ("publisher", _tex(provenance.publisher or "") if provenance.container else ""),
        ("address", _tex(provenance.publication_place or "")),
        ("language", _tex(provenance.language or "")),
        ("url", _one_line(_address(provenance) or "").translate(_TEX_URL)),
    ]
    lines = [f"  {name} = {_bibtex_value(name, value)}," for name, value in fields if value]
    kind = "unpublished" if unpublished else "misc"
    kind = "incollection" if printed else kind
    return "\n".join([f"@{kind}{{{_key(document)},", *lines, "}"])


def to_biblatex(document: Document) -> str:
    """Return the document as one BibLaTeX entry, which has fields for more than BibTeX.

    Archival records become @unpublished, what stands in a volume @incollection, articles @article,
    reports @report, web pages @online, all else @misc.
    """
    provenance = document.provenance
    own = is_own(provenance)
    kind = "misc" if own else _biblatex_type(provenance)
    date = None if own else _date(provenance)
    event = None if own else provenance.event_date
    fields = [
        ("author", _tex_names(provenance.creators)),
        ("title", f"{{{_tex(document.title)}}}"),
        ("date", date or ""),
        ("eventdate", event if event and event != date else ""),
        ("type", _tex(csl_json(document)["genre"] if own else provenance.kind or "")),
        ("number", _tex(provenance.number or "")),
        ("journaltitle", _tex(provenance.publisher or "") if kind == "article" else ""),
        ("booktitle", _tex(provenance.container or "")),
        ("editor", _tex_names(provenance.editors)),
        ("translator", _tex_names(filter(None, [provenance.translator]))),
        ("publisher", _tex(provenance.publisher or "") if kind != "article" else ""),
        ("location", _tex(provenance.publication_place or "")),
        ("origlanguage", _tex(provenance.original_language or "")),
        ("langid", _tex(name_language(provenance.language or "").lower())),
        ("library", _tex(", ".join(_shelf(provenance)))),
        ("note", _tex(chicago_note(document) if own else "; ".join(_remarks(provenance)))),
        ("url", _one_line(_address(provenance) or "").translate(_TEX_URL)),
    ]
    lines = [f"  {name} = {{{value}}}," for name, value in fields if value and value != "{}"]
    return "\n".join([f"@{kind}{{{_key(document)},", *lines, "}"])


def to_ris(document: Document) -> str:
    """Return the document as one RIS record, a line a value, from TY to ER."""
    provenance = document.provenance
    own = is_own(provenance)
    kind = "UNPB" if own else _ris_type(provenance)
    date = None if own else _date(provenance)
    year, month, day = [*(date or "").split("-"), "", ""][:3]
    file_number = f"File No. {provenance.file_number}" if provenance.file_number else None
    values: list[tuple[str, str | None]] = [
        ("TY", kind),
        *(("AU", name) for name in provenance.creators),
        *(("A2", name) for name in provenance.recipients),
        ("A4", provenance.translator),
        ("TI", document.title),
        ("PY", year),
        ("DA", f"{year}/{month}/{day}/" if year else None),
        ("M1", provenance.number),
        ("M3", csl_json(document)["genre"] if own else provenance.kind),
        ("T2" if kind in _PERIODICALS else "PB", provenance.publisher),
        ("DB", provenance.repository),
        ("AN", file_number),
        ("LA", provenance.language),
        ("T2" if provenance.container else "", provenance.container),
        *(("ED", name) for name in provenance.editors),
        ("CY", provenance.publication_place),
        ("N1", chicago_note(document)),
        ("UR", _address(provenance)),
    ]
    cleaned = ((tag, _one_line(value or "")) for tag, value in values)
    return "\n".join([*(f"{tag}  - {value}" for tag, value in cleaned if tag and value), "ER  - "])


def _ris_type(provenance: Provenance) -> str:
    return _RIS_TYPES.get(provenance.kind or "", _RECORD)


def _biblatex_type(provenance: Provenance) -> str:
    kind = _ris_type(provenance)
    if provenance.container:
        return "incollection"
    if kind in _PERIODICALS and provenance.publisher:
        return "article"
    if kind in _RECORDS and provenance.creators:
        return "unpublished"
    return {"RPRT": "report", "ELEC": "online"}.get(kind, "misc")


def _shelf(provenance: Provenance) -> Iterable[str]:
    if provenance.repository:
        yield provenance.repository
    if provenance.file_number:
        yield f"File No. {provenance.file_number}"


def _remarks(provenance: Provenance) -> Iterable[str]:
    """Yield what no format has a field for."""
    if provenance.recipients:
        yield f"to {', '.join(provenance.recipients)}"
    if provenance.part:
        yield f"part {provenance.part}"
    yield from series_of(provenance)
    if provenance.received_date:
        yield f"received {in_words(provenance.received_date)}"


def _date(provenance: Provenance) -> str | None:
    return provenance.document_date or provenance.event_date or issue_of(provenance)


def _address(provenance: Provenance) -> str | None:
    return provenance.url or provenance.record.url


def _whereabouts(provenance: Provenance) -> Iterable[str]:
    """Yield the parts that tell what a record is and where it lies, where known."""
    number = f" no. {provenance.number}" if provenance.number else ""
    if provenance.container:
        yield ", ".join(filter(None, [provenance.kind, f"doc.{number[4:]}" if number else None]))
    elif provenance.kind or number:
        kind = provenance.kind or "record"
        yield f"{kind[:1].upper()}{kind[1:]}{number}"
    yield from _remarks(provenance)
    # Classic BibTeX has no field for the day, and none for the day of the event.
    date, event = provenance.document_date, provenance.event_date
    if date and date.count("-") == 2:
        yield in_words(date)
    if event and event != date:
        yield f"on the meeting of {in_words(event)}"
    if provenance.publisher and not provenance.container:
        yield provenance.publisher
    yield from _shelf(provenance)
    if provenance.translator:
        yield f"translated by {provenance.translator}"


def _bibtex_date(provenance: Provenance) -> list[tuple[str, str]]:
    date = None if is_own(provenance) else _date(provenance)
    if not date:
        return []
    year, *rest = date.split("-")
    return [("year", year), *[("month", MONTHS[int(month) - 1][:3].lower()) for month in rest[:1]]]


def _bibtex_value(name: str, value: str) -> str:
    # Months are macros, which each style writes in its own way.
    return value if name == "month" else f"{{{value}}}"


def _key(document: Document) -> str:
    """Return the entry's key, of letters, digits and marks that every BibTeX takes."""
    key = re.sub(r"[^A-Za-z0-9._:-]+", "-", document.doc_id).strip("-")
    # Names in other scripts would all come out alike.
    return key if document.doc_id.isascii() and key else f"{key}-{document.sha256[:8]}".strip("-")


def _tex_names(names: Iterable[str]) -> str:
    # In braces, as which part is the family's is not known.
    return " and ".join(f"{{{tex}}}" for tex in map(_tex, names) if tex)


def _tex(words: str) -> str:
    # Two of these side by side are one other mark to TeX: a dash, a quotation mark.
    parted = re.sub(r"-(?=-)|'(?=')|[`?!](?=`)|,(?=,)|<(?=<)|>(?=>)", r"\g<0>\0", _one_line(words))
    return parted.translate(_TEX).replace("\0", "{}")


def _one_line(words: str) -> str:
    """Return words on one line, without control characters."""
    kept = (" " if char.isspace() else char for char in words)
    shown = (char for char in kept if unicodedata.category(char) not in {"Cc", "Cs"})
    return " ".join("".join(shown).split())
