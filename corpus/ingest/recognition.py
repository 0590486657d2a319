"""What kind of file some bytes are, whatever its name says."""

import codecs
import io
import re
from typing import TYPE_CHECKING

from corpus.errors import UnreadableSource
from corpus.readers import READERS, suffix_of

if TYPE_CHECKING:
    from zipfile import ZipFile

# How every reason begins for which a file is of a kind that memcon does not read.
UNREAD = "memcon does not read this kind of file"
# So many bytes at the head of a file tell its kind, unless it is a ZIP archive.
HEAD_BYTES = 4096
# How the formats begin that are told by it; the suffix says which reader reads them.
_MAGIC = (
    (b"\x1f\x8b", ".gz"),
    (b"BZh91AY&SY", ".bz2"),
    (b"\xfd7zXZ\0", ".xz"),
    (b"{\\rtf", ".rtf"),
)
# What memcon does not read, with what it is; where there is a way to have it read, it is told.
_FOREIGN = (
    (b"\x89PNG\r\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF87a", "a picture (GIF)"),
    (b"GIF89a", "a picture (GIF)"),
    (b"II*\0", "a picture (TIFF)"),
    (b"MM\0*", "a picture (TIFF)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; pack its files as ZIP"),
    (b"Rar!\x1a\x07", "a RAR archive; pack its files as ZIP"),
    (b"SQLite format 3\0", "a database (SQLite)"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\0", "a program"),
    (b"ID3\3", "a sound"),
    (b"ID3\4", "a sound"),
    (b"OggS\0", "a sound"),
    (b"fLaC\0", "a sound"),
    (b"\0\0\0\x18ftyp", "a film"),
    (b"\0\0\0\x20ftyp", "a film"),
    (b"\x1a\x45\xdf\xa3", "a film"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# The part by which an office format is known, and what it is where memcon does not read it.
_OFFICE = (
    ("word/document.xml", ".docx", ""),
    ("META-INF/container.xml", ".epub", ""),
    ("xl/workbook.xml", "", "an Excel workbook; save its sheets as CSV"),
    ("ppt/presentation.xml", "", "a PowerPoint presentation; save it as PDF"),
    ("content.xml", "", "an OpenDocument file; save it as DOCX"),
)
# The same by what such a file says of its parts.
_TYPES = "[Content_Types].xml"
_TYPES_BYTES = 1 << 20
_OFFICE_TYPES = (
    (b"wordprocessingml.document.main+xml", ".docx", ""),
    (b"wordprocessingml.template.main+xml", ".docx", ""),
    (b"ms-word.document.macroEnabled", ".docx", ""),
    (b"ms-word.template.macroEnabled", ".docx", ""),
    (b"spreadsheetml.sheet.main+xml", "", "an Excel workbook; save its sheets as CSV"),
    (b"presentationml.", "", "a PowerPoint presentation; save it as PDF"),
)
_HTML = re.compile(
    r"(?:<\?xml[^>]*>|<!--.*?-->|\s)*(?:<!doctype\s+html\b|<html\b|<head\b)",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*(?:<\?xml\s|<!DOCTYPE\s+(?!html\b))")
_PAGES = frozenset({".html", ".htm", ".xhtml"})
_WORDS = frozenset(
    {".csv", ".eml", ".json", ".jsonl", ".markdown", ".md", ".ndjson", ".text", ".tsv", ".txt"}
)

# Suffixes that say no more than that a file is a text.
_PLAIN = frozenset({"", ".text", ".txt"})
# What is a suffix, and not the end of a sentence: ".tiff", not ". Tull" or ".1993".
_SUFFIX = re.compile(r"\.(?=[0-9_+-]*[a-z])[a-z0-9_+-]{1,10}")
_MAILBOX = re.compile(rb"From [^\r\n]*\b(?:1[89]|20)\d\d\b[^\r\n]*\r?\n(?:>?From )?[!-9;-~]+:")
_MAIL_FIELD = re.compile(rb"^([!-9;-~]+):", re.MULTILINE)
# Fields that the header of a letter typed by hand has not.
_SURE_FIELDS = frozenset({b"message-id", b"mime-version", b"return-path", b"x-mailer"})
# What no text has but a tabulator, line ends, a form feed, and what ends or shifts old ones.
_CONTROLS = re.compile(rb"[\x00-\x06\x0e-\x19\x1c-\x1f\x7f]")


def recognise(name: str, data: bytes) -> str:
    """Return the suffix of the kind of file that `data` is; `name` decides where it does not tell.

    Raises UnreadableSource for a kind that memcon does not read, saying what it is.
    """
    suffix = suffix_of(name)
    found = _by_content(data, suffix) or _by_words(data, suffix)
    if not found and (
        suffix in _PLAIN or (suffix not in READERS and not _SUFFIX.fullmatch(suffix))
    ):
        found = _by_letters(data)
        if not found and suffix not in READERS:
            found = _as_text(data)
    if not found and suffix not in READERS:
        raise UnreadableSource(f"{UNREAD} ({suffix})" if suffix else UNREAD)
    if found and found not in READERS:
        raise UnreadableSource(f"{UNREAD} ({found})")
    return found or suffix


def may_be_readable(name: str, head: bytes) -> bool:
    """Tell whether the first bytes of a file leave open that memcon reads it."""
    if suffix_of(name) in READERS or head.startswith(_ZIP):
        return True
    try:
        return bool(recognise(name, head))
    except UnreadableSource:
        return False


def _by_content(data: bytes, suffix: str) -> str:
    """Return the suffix of a format that is told by its bytes, or nothing."""
    # Readers of PDF let it begin late; a text may well speak of it.
    if data.startswith(b"%PDF-") or (suffix not in _WORDS and b"%PDF-" in data[:1024]):
        return ".pdf"
    if data.startswith(_ZIP):
        return _by_parts(data)
    if data.startswith(_OLE):
        what = (
            "is encrypted with a password"
            if _ENCRYPTED in data
            else "is an old Microsoft Office file; save it as DOCX"
        )
        raise UnreadableSource(f"the file {what}")
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise UnreadableSource(f"{UNREAD}: it is {what}")
    if data[257:262] == b"ustar":
        return ".tar"
    return next((suffix for magic, suffix in _MAGIC if data.startswith(magic)), "")


def _by_parts(data: bytes) -> str:
    """Return which of the formats that are ZIP archives this is; nothing for a damaged one."""
    # A question imports this module, and reads no file.
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            said = _read_types(archive) if _TYPES in names else b""
    except Exception:  # noqa: BLE001 - the module raises what it likes; its reader says what is wrong
        return ""
    for part, suffix, what in _OFFICE:
        if part in names:
            if not suffix and part == "content.xml" and "mimetype" not in names:
                continue
            if what:
                raise UnreadableSource(f"{UNREAD}: it is {what}")
            return suffix
    for kind, suffix, what in _OFFICE_TYPES:
        if kind in said:
            if what:
                raise UnreadableSource(f"{UNREAD}: it is {what}")
            return suffix
    return ".zip"


def _read_types(archive: "ZipFile") -> bytes:
    """Return what an office file says that its parts are, which need not have the usual names."""
    with archive.open(_TYPES) as types:
        return types.read(_TYPES_BYTES)


def _by_words(data: bytes, suffix: str) -> str:
    """Return whether a text is a page of HTML or a document of XML, or nothing."""
    words = _decode(data[:HEAD_BYTES])
    if _HTML.match(words):
        return suffix if suffix in {*_PAGES, ".xml"} else ".html"
    # Drawings, style sheets and settings are XML too, and no documents.
    if _XML.match(words) and suffix not in _PAGES and (suffix in READERS or not suffix):
        return ".xml"
    return ""


def _by_letters(data: bytes) -> str:
    """Return whether a text is an e-mail or a mailbox, by the lines that it begins with."""
    head = data[:HEAD_BYTES].lstrip(b"\r\n")
    if _MAILBOX.match(head):
        return ".mbox"
    fields = re.match(rb"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)+", head)
    names = {name.lower() for name in _MAIL_FIELD.findall(fields[0])} if fields else set()
    return ".eml" if b"from" in names and names & _SURE_FIELDS else ""


def _as_text(data: bytes) -> str:
    """Return the suffix of a text where bytes may be one; nothing for any other kind of file."""
    head = data[:HEAD_BYTES]
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return ".txt" if head.strip() and (wide or not _CONTROLS.search(head)) else ""


def _decode(head: bytes) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return head[3:].decode("utf-8", "replace")
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return head.decode("utf-32", "replace")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head.decode("utf-16", "replace")
    return head.decode("latin-1")
