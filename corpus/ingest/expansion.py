"""Reads the documents of a file and of the files inside it, each by its own reader."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from corpus.documents import Document, Problem, Provenance
from corpus.errors import UnreadableSource
from corpus.ingest.assembly import make_document
from corpus.ingest.file_names import printable, typeable
from corpus.ingest.recognition import recognise
from corpus.readers import Part, Reading, Skipped, load_reader
from corpus.readers.formats import BY_SUFFIX, suffix_of

# How deep files may be nested: an archive in a mail in an archive in an archive.
MAX_DEPTH = 4
# Limits for all files inside a file together.
MAX_EXPANDED_BYTES = 1 << 30
MAX_PARTS = 100_000

_ERROR_CHARS = 120
# Neither UTF-8 nor a database takes halves of surrogate pairs or the null character.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


Place = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Begun:
    """Reports that reading a file inside the file begins, or resumes after one nested in it.

    `place` counts the items before it, at each level; `part` is its path in the file.
    """

    place: Place
    part: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A file to read, without its bytes: its name, its label in messages, its address if any.

    `ocr` are the languages in which to read pictures of pages, None for not at all.
    """

    name: str
    label: str
    url: str | None = None
    ocr: str | None = None


class Expansion:
    """Reads a file and the files inside it, within limits for all of them together."""

    def __init__(self, opened: Opened, after: Place = ()) -> None:
        """Prepare to read a file; everything up to and including `after` is skipped."""
        self._name, self._label, self._url = opened.name, opened.label, opened.url
        self._ocr, self._after = opened.ocr, after
        self._bytes = self._parts = 0
        # The formats of the file and of those inside it, by their suffixes.
        self.formats: set[str] = set()

    def read(self, data: bytes) -> Iterator[Document | Problem | Begun]:
        """Yield the file's documents and problems, and `Begun` for each file inside it.

        Raises UnreadableSource if the file as a whole cannot be read.
        """
        yield from self._read(self._name, "", data, ())

    def _read(
        self, name: str, path: str, data: bytes, place: Place
    ) -> Iterator[Document | Problem | Begun]:
        here = Begun(place, path)
        if place:
            yield here
        for number, item in enumerate(self._items(name, data)):
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

    def _items(self, name: str, data: bytes) -> Iterator[Reading | Part | Skipped]:
        """Run the reader of a file; raises UnreadableSource, and no other error."""
        known = BY_SUFFIX[recognise(name, data)]
        self.formats.add(known.suffix)
        with _sense():
            yield from load_reader(known, self._ocr)(data)

    def _read_part(
        self, part: Part, outer: str, path: str, place: Place
    ) -> Iterator[Document | Problem | Begun]:
        # A compressed file has the name of its content, with one more suffix.
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
        document = make_document("/".join(map(typeable, names)), label, _storable(reading))
        if self._url and not document.provenance.url:
            return replace(document, provenance=replace(document.provenance, url=self._url))
        return document


@contextmanager
def _sense() -> Iterator[None]:
    """Turn any error of a reader's libraries into an UnreadableSource."""
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
    """Replace characters that cannot be stored, keeping all offsets."""

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
