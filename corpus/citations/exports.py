"""Citations for reference managers: BibTeX, BibLaTeX and RIS, derived from provenance.

Records of archives are unpublished: BibTeX has @unpublished for them, with the archive in the
note. A document of memcon's own says that it is one, is dated by nobody, and names in its note the
record that it is about. Written here: pybtex neither escapes braces nor writes month macros, and
rispy's writer needs the same table of fields and numbers its records.
"""

import re
import unicodedata
from collections.abc import Iterable

from corpus.citations.chicago import OWN_KINDS, chicago_note, issue_of, series_of
from corpus.citations.cited import Cited
from corpus.citations.types import type_of, volume_date
from corpus.dates import MONTHS, in_words
from corpus.documents import Provenance
from corpus.languages import name_language

_RECORDS = {"MANSCPT", "PCOMM", "ICOMM"}
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


def to_bibtex(cited: Cited) -> str:
    """Return one BibTeX entry.

    Archival records become @unpublished, what is printed in a volume @incollection, all else @misc.
    Names are braced, as the family name is not known, and titles too, to keep their capitals.
    """
    document, provenance = cited.document, cited.provenance
    own = provenance.is_own
    printed = provenance.container is not None
    unpublished = not own and provenance.creators and type_of(provenance).ris in _RECORDS
    where = "note" if own or unpublished or printed else "howpublished"
    year, month = _year_and_month(cited)
    fields = [
        ("author", _tex_names(provenance.creators)),
        ("title", f"{{{_tex(document.title)}}}"),
        ("year", year),
        ("month", month),
        ("howpublished", _tex(_genre(cited)) if own else ""),
        (where, _tex(chicago_note(cited) if own else ", ".join(_whereabouts(cited)))),
        ("booktitle", _tex(provenance.container or "")),
        ("pages", "--".join(map(_tex, cited.pages))),
        ("editor", _tex_names(provenance.editors)),
        ("publisher", _tex(provenance.publisher or "") if provenance.container else ""),
        ("address", _tex(provenance.publication_place or "")),
        ("language", _tex(provenance.language or "")),
        ("url", _one_line(cited.address or "").translate(_TEX_URL)),
        ("annote", _tex("; ".join(cited.quotations))),
    ]
    kind = "incollection" if printed else "unpublished" if unpublished else "misc"
    return _entry(kind, fields, cited.key)


def to_biblatex(cited: Cited) -> str:
    """Return one BibLaTeX entry, which has more fields than BibTeX.

    Archival records become @unpublished, what stands in a volume @incollection, articles @article,
    reports @report, web pages @online, all else @misc.
    """
    document, provenance = cited.document, cited.provenance
    own = provenance.is_own
    kind = "misc" if own else _biblatex_type(provenance)
    date, issued = _date(cited), None if own else volume_date(provenance)
    written = date + "~" * _is_circa(provenance) if date else ""
    event = None if own else provenance.event_date
    note = chicago_note(cited) if own else "; ".join(_remarks(cited))
    fields = [
        ("author", _tex_names(provenance.creators)),
        ("title", f"{{{_tex(document.title)}}}"),
        ("date", issued or written),
        ("origdate", written if issued else ""),
        ("eventdate", event if event and event != date else ""),
        ("type", _tex(_genre(cited))),
        ("number", _tex(provenance.number or "")),
        ("journaltitle", _tex(provenance.publisher or "") if kind == "article" else ""),
        ("booktitle", _tex(provenance.container or "")),
        ("pages", "--".join(map(_tex, cited.pages))),
        ("editor", _tex_names(provenance.editors)),
        ("translator", _tex_names(filter(None, [provenance.translator]))),
        ("publisher", _tex(provenance.publisher or "") if kind != "article" else ""),
        ("location", _tex(provenance.publication_place or "")),
        ("origlanguage", _tex(provenance.original_language or "")),
        ("langid", _tex(name_language(provenance.language or "").lower())),
        ("library", _tex(", ".join(_shelf(provenance)))),
        ("note", _tex(note)),
        ("url", _one_line(cited.address or "").translate(_TEX_URL)),
        ("urldate", (cited.accessed if cited.access else None) or ""),
        ("annotation", _tex("; ".join(cited.quotations))),
    ]
    return _entry(kind, fields, cited.key)


def to_ris(cited: Cited) -> str:
    """Return one RIS record, one value a line, from TY to ER."""
    provenance = cited.provenance
    own = provenance.is_own
    kind = "UNPB" if own else type_of(provenance).ris
    # Elsewhere reference managers take A2 for editors, and a manuscript's pages for its length.
    letter = kind in _RECORDS
    pages = () if kind == "MANSCPT" else cited.pages
    printed = "" if own else provenance.printed_date
    date, issued = _date(cited), None if own else volume_date(provenance)
    file_number = f"File No. {provenance.file_number}" if provenance.file_number else None
    values: list[tuple[str, str | None]] = [
        ("TY", kind),
        *(("AU", name) for name in provenance.creators),
        *(("A2", name) for name in provenance.recipients if letter),
        ("A4", provenance.translator),
        ("TI", cited.document.title),
        ("PY", (issued or date or "")[:4]),
        ("OP" if issued else "DA", _ris_date(date, printed or "") if date or printed else None),
        ("M1", provenance.number),
        ("M3", _genre(cited)),
        ("T2" if kind in _PERIODICALS else "PB", provenance.publisher),
        ("DB", provenance.repository),
        ("AN", file_number),
        ("LA", provenance.language),
        ("T2", provenance.container),
        *(("ED", name) for name in provenance.editors),
        ("CY", provenance.publication_place),
        *zip(("SP", "EP"), pages, strict=False),
        ("N1", chicago_note(cited)),
        *(("N1", quotation) for quotation in cited.quotations),
        ("UR", cited.address),
        ("Y2", _ris_date(cited.accessed) if cited.access else None),
    ]
    cleaned = ((tag, _one_line(value or "")) for tag, value in values)
    return "\n".join([*(f"{tag}  - {value}" for tag, value in cleaned if value), "ER  - "])


def _ris_date(date: str | None, printed: str = "") -> str:
    """Return YYYY/MM/DD/ and what is printed where that says more."""
    year, month, day = [*(date or "").split("-"), "", ""][:3]
    return f"{year}/{month}/{day}/{printed}"


def _genre(cited: Cited) -> str:
    """Return the kind of document, or what memcon's own is called."""
    kind = cited.provenance.kind or ""
    return f"memcon {OWN_KINDS[kind]}" if cited.provenance.is_own else kind


def _biblatex_type(provenance: Provenance) -> str:
    if provenance.container:
        return "incollection"
    kind = type_of(provenance).biblatex
    lacking = {"article": not provenance.publisher, "unpublished": not provenance.creators}
    return "misc" if lacking.get(kind) else kind


def _is_circa(provenance: Provenance) -> bool:
    return (provenance.printed_date or "").startswith("ca.")


def _shelf(provenance: Provenance) -> Iterable[str]:
    if provenance.repository:
        yield provenance.repository
    if provenance.file_number:
        yield f"File No. {provenance.file_number}"


def _remarks(cited: Cited) -> Iterable[str]:
    """Yield what no format has a field for."""
    provenance = cited.provenance
    if provenance.recipients:
        yield f"to {', '.join(provenance.recipients)}"
    if cited.enclosed_in:
        yield cited.enclosed_in
    if provenance.part:
        yield f"part {provenance.part}"
    yield from series_of(provenance)
    if provenance.printed_date:
        yield provenance.printed_date
    if provenance.received_date:
        yield f"received {in_words(provenance.received_date)}"


def _date(cited: Cited) -> str | None:
    """Return the date to sort by; None for memcon's own documents."""
    record = cited.provenance
    if record.is_own:
        return None
    return record.document_date or record.event_date or issue_of(record)


def _whereabouts(cited: Cited) -> Iterable[str]:
    """Yield what a record is and where it lies, where known."""
    provenance = cited.provenance
    number = f" no. {provenance.number}" if provenance.number else ""
    if provenance.container:
        yield ", ".join(filter(None, [provenance.kind, f"doc.{number[4:]}" if number else None]))
    elif provenance.kind or number:
        kind = provenance.kind or "record"
        yield f"{kind[:1].upper()}{kind[1:]}{number}"
    yield from _remarks(cited)
    # Classic BibTeX has no field for the day, and none for the day of the event.
    date, event = provenance.document_date, provenance.event_date
    is_whole = date and (date.count("-") == 2 or volume_date(provenance))
    if date and is_whole and not provenance.printed_date:
        yield in_words(date)
    if event and event != date:
        yield f"on the meeting of {in_words(event)}"
    if provenance.publisher and not provenance.container:
        yield provenance.publisher
    yield from _shelf(provenance)
    if provenance.translator:
        yield f"translated by {provenance.translator}"
    if cited.access:
        yield cited.access


def _year_and_month(cited: Cited) -> tuple[str, str]:
    own = cited.provenance.is_own
    issued = None if own else volume_date(cited.provenance)
    year, month = [*(issued or _date(cited) or "").split("-"), ""][:2]
    return year, MONTHS[int(month) - 1][:3].lower() if month else ""


def _entry(kind: str, fields: Iterable[tuple[str, str]], key: str) -> str:
    # Months are macros, which each style writes in its own way.
    lines = [
        f"  {name} = {value}," if name == "month" else f"  {name} = {{{value}}},"
        for name, value in fields
        if value
    ]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])


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
