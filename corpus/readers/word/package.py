"""Brings the parts of a Word file to the form that python-docx reads.

The main part is what the relationships of the file name. Templates and documents with macros are
documents; the strict form of ISO 29500 has other names for the same things.
"""

import io
import re
import zipfile
from posixpath import normpath

from corpus.errors import UnreadableSource
from corpus.readers.zip_safety import MAX_MEMBER_BYTES, open_zip, read_member

TYPES = "[Content_Types].xml"
_RELATIONS = "_rels/.rels"
_USUAL_MAIN = "word/document.xml"
_MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_OTHER_MAIN = re.compile(
    rb"application/vnd\.(?:openxmlformats-officedocument\.wordprocessingml\.template"
    rb"|ms-word\.(?:document|template)\.macroEnabled(?:Template)?)(?:\.main)?\+xml"
)
_STRICT = b"http://purl.oclc.org/ooxml/"
# The usual namespaces for those of the strict form.
_NAMES = (
    (b"officeDocument/relationships", b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
    (b"officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
    (b"wordprocessingml/main", b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    (b"drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
    (b"schemaLibrary/", b"http://schemas.openxmlformats.org/schemaLibrary/2006/"),
)  # fmt: skip
_TARGET = re.compile(
    rb"""<(?:\w+:)?Relationship\b[^>]*?/relationships/officeDocument["'][^>]*>""", re.DOTALL
)
_ATTRIBUTE = re.compile(rb"""\bTarget\s*=\s*["']([^"']+)["']""")
_XML = (".xml", ".rels")


def find_main_part(archive: zipfile.ZipFile) -> str | None:
    """Return the path of the main part of an Office file; None if it names none."""
    try:
        relations = read_member(archive, _RELATIONS)
    except UnreadableSource:
        return None
    relation = _TARGET.search(relations)
    target = _ATTRIBUTE.search(relation[0]) if relation else None
    return normpath(target[1].decode("utf-8", "replace").lstrip("/")) if target else None


def normalise_package(data: bytes) -> bytes:
    """Return a Word file in the form that python-docx reads; raises UnreadableSource.

    A bomb is refused before every part of it is opened.
    """
    with open_zip(data) as archive:
        members = archive.infolist()
        total = sum(member.file_size for member in members)
        if total > MAX_MEMBER_BYTES:
            raise UnreadableSource(f"the file is too large unpacked ({total >> 20} MB)")
        text = read_member(archive, find_main_part(archive) or _USUAL_MAIN)
        names = {member.filename for member in members}
        if not {TYPES, _RELATIONS} <= names:
            raise UnreadableSource("the file is damaged, or no Word document")
        types = read_member(archive, TYPES)
        is_strict = _STRICT in text or _STRICT in read_member(archive, _RELATIONS)
        if not is_strict and not _OTHER_MAIN.search(types):
            return data
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as copy:
            for member in {member.filename: member for member in members}.values():
                part = read_member(archive, member)
                if member.filename == TYPES:
                    part = _OTHER_MAIN.sub(_MAIN, part)
                if is_strict and member.filename.endswith(_XML):
                    part = _to_transitional(part)
                copy.writestr(zipfile.ZipInfo(member.filename), part)
    return target.getvalue()


def _to_transitional(part: bytes) -> bytes:
    for strict, name in _NAMES:
        part = part.replace(_STRICT + strict, name)
    return part
