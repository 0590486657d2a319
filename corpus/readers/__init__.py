"""Readers: one module for each format, found through the registry in `formats.py`.

A reader takes the bytes of a file. It yields a `Reading` for each document, a `Part` for each file
inside the file, and `Skipped` for what it cannot read. It never opens a file itself, and raises
UnreadableSource if it can read nothing. Its module is imported when a file needs it: a question
reads no file.
"""

from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module

from corpus.readers.formats import Format
from corpus.readers.reading import Part, Reading, Skipped

Reader = Callable[..., Iterable[Reading | Part | Skipped]]


def load_reader(known: Format, ocr: str | None = None) -> Reader:
    """Return the reader of a format, as a function of the bytes of a file.

    `ocr` are the languages in which it reads pictures of pages, such as "eng"; None for not at all.
    """
    reader: Reader = getattr(import_module(f"{__name__}.{known.module}"), known.function)
    return partial(reader, ocr=ocr) if ocr and known.takes_ocr else reader


__all__ = ["Part", "Reader", "Reading", "Skipped", "load_reader"]
