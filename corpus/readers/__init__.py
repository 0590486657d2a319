"""Readers: one small module a format, behind one registry.

A reader takes the bytes of a file and yields what it holds as `Reading`s, and as `Skipped` what it
cannot read; it never touches the
file itself. A new format is a module with such a function and a line in `READERS`. Modules
are loaded when a file needs them: a question reads no file.
"""

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import PurePath
from typing import cast

from corpus.readers.reading import Reading, Skipped

Reader = Callable[[bytes], Iterable[Reading | Skipped]]

# By the suffix of the file's name: the module here, and its function.
READERS: dict[str, tuple[str, str]] = {
    ".htm": ("webpage", "read_html"),
    ".html": ("webpage", "read_html"),
    ".markdown": ("markdown", "read_markdown"),
    ".md": ("markdown", "read_markdown"),
    ".tei": ("tei", "read_xml"),
    ".text": ("text", "read_text"),
    ".txt": ("text", "read_text"),
    ".xhtml": ("webpage", "read_html"),
    ".xml": ("tei", "read_xml"),
}


def is_readable(name: str) -> bool:
    """Tell whether there is a reader for a file of this name."""
    return PurePath(name).suffix.lower() in READERS


def find_reader(name: str) -> Reader | None:
    """Return the reader for a file of this name, or None."""
    known = READERS.get(PurePath(name).suffix.lower())
    if known is None:
        return None
    module, function = known
    return cast("Reader", getattr(import_module(f"{__name__}.{module}"), function))


__all__ = ["READERS", "Reader", "Reading", "Skipped", "find_reader", "is_readable"]
