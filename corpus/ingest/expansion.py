"""What a file holds: its documents, and those of the files inside it, each by its own reader."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from corpus.documents import Document, Problem, Provenance
from corpus.errors import UnreadableSource
from corpus.ingest.recognition import UNREAD, recognise
from corpus.ingest.sources import make_document, plain, printable
from corpus.readers import Part, Reading, Skipped, find_reader, suffix_of

# How deep files may lie inside files: an archive in a mail in an archive in an archive.
MAX_DEPTH = 4
# What all files inside a file may come to, in bytes and in number.
MAX_EXPANDED_BYTES = 1 << 30
MAX_PARTS = 100_000

_ERROR_CHARS = 120
# What neither UTF-8 nor a database takes: halves of surrogate pairs, and the null character.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


Place = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Begun:
    """Says that the reading of a file inside the file begins, or goes on after one inside that.

    `place` counts the items before it, at each level; `part` is its path in the file.
    """

    place: Place
    part: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What is known of a file that is read: its name, where it is, and its address if it has one.

    `ocr` are the languages in which pictures of pages are read, if they are.
    """

    name: str
    label: str
    url: str | None = None
    ocr: str | None = None


class Expansion:
    """Reads a file and the files inside it, within limits for all of them together."""

    def __init__(self, opened: Opened, after: Place = ()) -> None:
        """Read a file; what lies before `after` in it, and that, is not."""
        self._name, self._label, self._url = opened.name, opened.label, opened.url
        self._ocr, self._after = opened.ocr, after
        self._bytes = self._parts = 0

    def read(self, data: bytes) -> Iterator[Document | Problem | Begun]:
        """Yield what the file holds, saying of each file inside it when it begins.

        Raises UnreadableSource where nothing can be made of the file as a whole.
        """
        yield from self._read(self._name, "", data, ())

    def _read(
        self, name: str, path: str, data: bytes, place: Place
    ) -> Iterator[Document | Problem | Begun]:
        here = Begun(place, path)
        if place:
            yield here
        for number, item in enumerate(_items(name, data, self._ocr)):
            inner = (*place, number)
            if inner <= self._after and inner != self._after[: len(inner)]:
                continue
            if isinstance(item, Part):
                if inner != self._after:
                    yield from self._read_part(item, name, path, inner)
                    yield here
            elif inner > self._after:
                if isinstance(item, Skipped):
                    yield self._problem("/".join(filter(None, [path, item.name])), item.reason)
                else:
                    document = self._document(path, item)
                    yield document
                    for remark in item.remarks:
                        yield Problem(document.source, remark, is_read=True)

    def _read_part(
        self, part: Part, outer: str, path: str, place: Place
    ) -> Iterator[Document | Problem | Begun]:
        # A compressed file has the name of what is in it, and a suffix more.
        name = part.name or outer[: len(outer) - len(suffix_of(outer))]
        inner = "/".join(filter(None, [path, part.name]))
        try:
            yield from self._read(name, inner, self._load(part, place), place)
        except UnreadableSource as error:
            yield self._problem(inner, error.message)

    def _load(self, part: Part, place: Place) -> bytes:
        if len(place) >= MAX_DEPTH:
            raise UnreadableSource(f"lies in more than {MAX_DEPTH - 1} files, one in the other")
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise UnreadableSource(f"more than {MAX_PARTS:,} files in one")
        with _sense():
            data = part.load()
        self._bytes += len(data)
        if self._bytes > MAX_EXPANDED_BYTES:
            raise UnreadableSource(f"more than {MAX_EXPANDED_BYTES >> 20} MB in one file")
        return data

    def _problem(self, part: str, reason: str) -> Problem:
        return Problem(f"{self._label}: {printable(part)}" if part else self._label, reason)

    def _document(self, part: str, reading: Reading) -> Document:
        names = [_without_suffix(self._name)]
        if part:
            names.append(_without_suffix(part))
        if reading.name:
            names.append(reading.name)
        label = f"{self._label}: {printable(part)}" if part else self._label
        document = make_document("/".join(map(plain, names)), label, _storable(reading))
        if self._url and not document.provenance.url:
            return replace(document, provenance=replace(document.provenance, url=self._url))
        return document


def _items(name: str, data: bytes, ocr: str | None) -> Iterator[Reading | Part | Skipped]:
    """Yield what the reader for this file finds in it; raises UnreadableSource, and no other."""
    reader = find_reader(f"_{recognise(name, data)}", ocr)
    if reader is None:
        raise UnreadableSource(UNREAD)
    with _sense():
        yield from reader(data)


@contextmanager
def _sense() -> Iterator[None]:
    """Turn what a library says of a file that it cannot read into an UnreadableSource."""
    try:
        yield
    except (UnreadableSource, MemoryError):
        raise
    except RecursionError as error:
        raise UnreadableSource("the file is nested too deeply") from error
    except Exception as error:
        words = str(error).strip().split("\n")[0][:_ERROR_CHARS]
        what = f"{type(error).__name__}: {words}" if words else type(error).__name__
        raise UnreadableSource(f"the file is damaged, or of no known form ({what})") from error


def _without_suffix(name: str) -> str:
    head, dot, suffix = name.rpartition(".")
    return head if dot and "/" not in suffix else name


def _storable(reading: Reading) -> Reading:
    """Return a reading whose words can be stored, with every character in its place."""

    def clean(value: object) -> object:
        if isinstance(value, str):
            return _UNSTORABLE.sub("\ufffd", value)
        if isinstance(value, list):
            return [clean(item) for item in value]
        if isinstance(value, dict):
            return {name: clean(item) for name, item in value.items()}
        return value

    known = reading.provenance.to_dict()
    cleaned = clean(known)
    if cleaned != known:
        reading = replace(reading, provenance=Provenance.from_dict(cleaned))  # type: ignore[arg-type]
    if _UNSTORABLE.search(reading.text):
        return replace(reading, text=_UNSTORABLE.sub("\ufffd", reading.text))
    return reading
