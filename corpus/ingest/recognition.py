"""Recognises the format of a file by its content, whatever its name."""

import codecs
import io
import re
from typing import TYPE_CHECKING

from corpus.errors import UnreadableSource
from corpus.readers.formats import BY_SUFFIX, FORMATS, suffix_of

if TYPE_CHECKING:
    from zipfile import ZipFile

# Begins every reason for refusing a kind of file.
UNREAD = "memcon does not read this kind of file"
# This much of a file shows its format, unless it is a ZIP archive.
HEAD_BYTES = 4096
# Kinds that memcon does not read, by their first bytes, with the way around where there is one.
# The library filetype knows more of them, but takes every text that begins with "BM" or "MZ" for a
# picture or a program.
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
_ZIP = BY_SUFFIX[".zip"].magic
_EXCEL = "an Excel workbook; save its sheets as CSV"
_POWERPOINT = "a PowerPoint presentation; save it as PDF"
# The same for ZIP files, by the name of a member, and by what the file says of its members.
_FOREIGN_MEMBERS = (
    ({"xl/workbook.xml"}, _EXCEL),
    ({"ppt/presentation.xml"}, _POWERPOINT),
    ({"content.xml", "mimetype"}, "an OpenDocument file; save it as DOCX"),
)
_FOREIGN_TYPES = ((b"spreadsheetml.sheet.main+xml", _EXCEL), (b"presentationml.", _POWERPOINT))
_TYPES = "[Content_Types].xml"
_TYPES_BYTES = 1 << 20
_HTML = re.compile(
    r"(?:<\?xml[^>]*>|<!--.*?-->|\s)*(?:<!doctype\s+html\b|<html\b|<head\b)",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"\s*(?:<\?xml\s|<!DOCTYPE\s+(?!html\b))")
_PAGES = frozenset(BY_SUFFIX[".html"].suffixes)
# These say only that a file is a text.
_PLAIN = frozenset({"", *BY_SUFFIX[".txt"].suffixes})
# A suffix, as opposed to the end of a sentence: ".tiff", not ". Tull" or ".1993".
_SUFFIX = re.compile(r"\.(?=[0-9_+-]*[a-z])[a-z0-9_+-]{1,10}")
_MAILBOX = re.compile(rb"From [^\r\n]*\b(?:1[89]|20)\d\d\b[^\r\n]*\r?\n(?:>?From )?[!-9;-~]+:")
_MAIL_FIELD = re.compile(rb"^([!-9;-~]+):", re.MULTILINE)
# The header of a letter typed by hand has none of these fields.
_SURE_FIELDS = frozenset({b"message-id", b"mime-version", b"return-path", b"x-mailer"})
# No text has these. Tabs, line ends, form feeds, and the controls that end or shift old texts are
# left out.
_CONTROLS = re.compile(rb"[\x00-\x06\x0e-\x19\x1c-\x1f\x7f]")


def recognise(name: str, data: bytes) -> str:
    """Return the suffix of the format of `data`; the name decides where the content does not.

    Raises UnreadableSource for a kind that memcon does not read, naming it.
    """
    suffix = suffix_of(name)
    found = _by_content(data, suffix) or _by_words(data, suffix)
    if not found and (
        suffix in _PLAIN or (suffix not in BY_SUFFIX and not _SUFFIX.fullmatch(suffix))
    ):
        found = _by_letters(data)
        if not found and suffix not in BY_SUFFIX:
            found = _as_text(data)
    found = found or suffix
    if found not in BY_SUFFIX:
        raise UnreadableSource(f"{UNREAD} ({found})" if found else UNREAD)
    return found


def may_be_readable(name: str, head: bytes) -> bool:
    """Return whether a file with these first bytes may be one that memcon reads."""
    if suffix_of(name) in BY_SUFFIX or head.startswith(_ZIP):
        return True
    try:
        return bool(recognise(name, head))
    except UnreadableSource:
        return False


def _by_content(data: bytes, suffix: str) -> str:
    """Return the suffix of a format that is recognised by its bytes, or ""."""
    if data.startswith(_ZIP):
        return _by_members(data)
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
    for each in FORMATS:
        if each.magic and data.startswith(each.magic, each.offset):
            return each.suffix
    if suffix in BY_SUFFIX and BY_SUFFIX[suffix].is_text:
        return ""
    late = (each for each in FORMATS if any(x in data[: each.within] for x in each.magic))
    return next((each.suffix for each in late), "")


def _by_members(data: bytes) -> str:
    """Return the suffix of the format of a ZIP archive; "" for a damaged one."""
    # A question imports this module, and reads no file.
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            types = _read_types(archive) if _TYPES in names else b""
    except Exception:  # noqa: BLE001 - zipfile raises all kinds; the reader says what is wrong
        return ""
    for each in FORMATS:
        if not names.isdisjoint(each.members):
            return each.suffix
    foreign = [what for members, what in _FOREIGN_MEMBERS if members <= names]
    if not foreign:
        for each in FORMATS:
            if any(kind in types for kind in each.content_types):
                return each.suffix
        foreign = [what for kind, what in _FOREIGN_TYPES if kind in types]
    if foreign:
        raise UnreadableSource(f"{UNREAD}: it is {foreign[0]}")
    return BY_SUFFIX[".zip"].suffix


def _read_types(archive: "ZipFile") -> bytes:
    """Return the content types of an Office file's members, whatever their names."""
    with archive.open(_TYPES) as types:
        return types.read(_TYPES_BYTES)


def _by_words(data: bytes, suffix: str) -> str:
    """Return the suffix of a text that is HTML or XML, or ""."""
    words = _decode(data[:HEAD_BYTES])
    if _HTML.match(words):
        return suffix if suffix in {*_PAGES, ".xml"} else ".html"
    # Drawings, style sheets and settings are XML too, but not documents.
    if _XML.match(words) and suffix not in _PAGES and (suffix in BY_SUFFIX or not suffix):
        return ".xml"
    return ""


def _by_letters(data: bytes) -> str:
    """Return the suffix of a text whose first lines are those of an e-mail or mailbox, or ""."""
    head = data[:HEAD_BYTES].lstrip(b"\r\n")
    if _MAILBOX.match(head):
        return ".mbox"
    fields = re.match(rb"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)+", head)
    names = {name.lower() for name in _MAIL_FIELD.findall(fields[0])} if fields else set()
    return ".eml" if b"from" in names and names & _SURE_FIELDS else ""


def _as_text(data: bytes) -> str:
    """Return the suffix of text if the bytes may be text, else ""."""
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
