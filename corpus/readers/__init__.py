"""Readers: one small module a format, behind one registry.

A reader takes the bytes of a file and yields what it holds as `Reading`s; it never touches the
file itself. A new format is a module with such a function and a line in `READERS`.
"""

from collections.abc import Callable, Iterable
from pathlib import PurePath

from corpus.readers.markdown import read_markdown
from corpus.readers.reading import Reading
from corpus.readers.text import read_text

Reader = Callable[[bytes], Iterable[Reading]]

READERS: dict[str, Reader] = {
    ".markdown": read_markdown,
    ".md": read_markdown,
    ".text": read_text,
    ".txt": read_text,
}


def find_reader(name: str) -> Reader | None:
    """Return the reader for a file of this name, or None."""
    return READERS.get(PurePath(name).suffix.lower())


__all__ = ["READERS", "Reader", "Reading", "find_reader"]
