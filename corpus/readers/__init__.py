"""Readers: one small module a format, behind one registry.

A reader takes the bytes of a file and yields what it holds as `Reading`s, as `Part`s the files
inside it, and as `Skipped` what it cannot read; it never touches the file itself, and raises
UnreadableSource where it can make nothing of it. A new format is a module with such a function and
a line in `READERS`. Modules are loaded when a file needs them: a question reads no file.
"""

from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from pathlib import PurePath
from typing import cast

from corpus.readers.reading import Part, Reading, Skipped

Reader = Callable[[bytes], Iterable[Reading | Part | Skipped]]

# By the suffix of the file's name: the module here, and its function.
READERS: dict[str, tuple[str, str]] = {
    ".bz2": ("archives", "read_tar"),
    ".csv": ("tables", "read_csv"),
    ".docm": ("word.reader", "read_word"),
    ".docx": ("word.reader", "read_word"),
    ".dotx": ("word.reader", "read_word"),
    ".eml": ("mail.reader", "read_mail"),
    ".epub": ("epub", "read_epub"),
    ".gz": ("archives", "read_tar"),
    ".htm": ("html.reader", "read_html"),
    ".html": ("html.reader", "read_html"),
    ".json": ("tables", "read_json"),
    ".jsonl": ("tables", "read_json_lines"),
    ".markdown": ("markdown", "read_markdown"),
    ".mbox": ("mail.mailbox", "read_mbox"),
    ".mbx": ("mail.mailbox", "read_mbox"),
    ".md": ("markdown", "read_markdown"),
    ".ndjson": ("tables", "read_json_lines"),
    ".pdf": ("pdf.reader", "read_pdf"),
    ".rtf": ("rtf", "read_rich_text"),
    ".tar": ("archives", "read_tar"),
    ".tei": ("tei.reader", "read_xml"),
    ".text": ("plain_text", "read_text"),
    ".tgz": ("archives", "read_tar"),
    ".tsv": ("tables", "read_csv"),
    ".txt": ("plain_text", "read_text"),
    ".xhtml": ("html.reader", "read_html"),
    ".xml": ("tei.reader", "read_xml"),
    ".xz": ("archives", "read_tar"),
    ".zip": ("archives", "read_zip"),
}
# Formats that may hold pictures of pages: their readers take `ocr`.
SCANS = frozenset({".pdf"})


def suffix_of(name: str) -> str:
    """Return the suffix of a file's name, by which its reader is found."""
    return PurePath(name).suffix.lower()


def is_readable(name: str) -> bool:
    """Tell whether there is a reader for a file of this name."""
    return suffix_of(name) in READERS


def find_reader(name: str, ocr: str | None = None) -> Reader | None:
    """Return the reader for a file of this name, or None.

    `ocr` are the languages in which it is to read pictures of pages, such as "eng"; None, not at
    all.
    """
    suffix = suffix_of(name)
    known = READERS.get(suffix)
    if known is None:
        return None
    module, function = known
    reader = getattr(import_module(f"{__name__}.{module}"), function)
    return cast("Reader", partial(reader, ocr=ocr) if ocr and suffix in SCANS else reader)


__all__ = [
    "READERS",
    "SCANS",
    "Part",
    "Reader",
    "Reading",
    "Skipped",
    "find_reader",
    "is_readable",
    "suffix_of",
]
