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
    ".csv": ("rows", "read_csv"),
    ".docm": ("word", "read_word"),
    ".docx": ("word", "read_word"),
    ".dotx": ("word", "read_word"),
    ".eml": ("mail", "read_mail"),
    ".epub": ("epub", "read_epub"),
    ".gz": ("archives", "read_tar"),
    ".htm": ("webpage", "read_html"),
    ".html": ("webpage", "read_html"),
    ".json": ("rows", "read_json"),
    ".jsonl": ("rows", "read_json_lines"),
    ".markdown": ("markdown", "read_markdown"),
    ".mbox": ("mailbox", "read_mbox"),
    ".mbx": ("mailbox", "read_mbox"),
    ".md": ("markdown", "read_markdown"),
    ".ndjson": ("rows", "read_json_lines"),
    ".pdf": ("pdf", "read_pdf"),
    ".rtf": ("richtext", "read_rich_text"),
    ".tar": ("archives", "read_tar"),
    ".tei": ("tei", "read_xml"),
    ".text": ("text", "read_text"),
    ".tgz": ("archives", "read_tar"),
    ".tsv": ("rows", "read_csv"),
    ".txt": ("text", "read_text"),
    ".xhtml": ("webpage", "read_html"),
    ".xml": ("tei", "read_xml"),
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
