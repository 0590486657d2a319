"""Passages on disk: arrays of their positions, speakers and sentences."""

from array import array
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Span, Turn
from index.storage.checksummed import Sealed
from index.storage.document_store import DocumentStoreWriter
from index.text.passages import Passage

_Records = np.ndarray[tuple[int], np.dtype[np.void]]

# `section`, `speaker` (a label) and `person` are numbers of names, -1 for none; `key` is the hash
# of the encoded text.
ROW = np.dtype(
    [
        ("document", "<i4"),
        ("section", "<i4"),
        ("speaker", "<i4"),
        ("person", "<i4"),
        ("turn_first", "<i4"),
        ("turn_last", "<i4"),
        ("sentences", "<i4"),
        ("first_sentence", "<i8"),
        ("key", "V16"),
    ]
)
SENTENCE = np.dtype([("first", "<i4"), ("last", "<i4")])
# The first half of each key, sorted, and the passages that have them.
_HEADS, _OWNERS = "keys.bin", "key_owners.bin"
_HEAD, _OWNER = np.dtype("<u8"), np.dtype("<i4")
NAMES = ("section", "speaker", "person")


class Rows(Protocol):
    """Rows of an array, in a file or joined from several."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def __getitem__(self, rows: slice) -> NDArray[Any]:
        """Return consecutive rows."""

    def take(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return a copy of these rows, in this order."""


class Words(Protocol):
    """Gives the names of documents, and those of sections and speakers."""

    def doc_id(self, number: int) -> str:
        """Return the name of the document of this number."""

    def name(self, number: int) -> str | None:
        """Return the name of this number; None for -1."""


class TableWriter:
    """Writes passages in the order of their numbers."""

    def __init__(self, folder: Path, names: DocumentStoreWriter) -> None:
        """Write into `folder`; names of sections and speakers go to `names`."""
        with ExitStack() as opened:
            self._rows = opened.enter_context((folder / "passages.bin").open("wb"))
            self._spans = opened.enter_context((folder / "sentences.bin").open("wb"))
            self._open = opened.pop_all()
        self._folder, self._names = folder, names
        self._heads = array("Q")
        self.passages = self.sentences = 0

    def add(self, document: int, passages: Sequence[Passage], keys: Sequence[bytes]) -> None:
        """Append the passages of a document, each with its key."""
        rows = np.zeros(len(passages), ROW)
        spans: list[tuple[int, int]] = []
        for row, passage, key in zip(rows, passages, keys, strict=True):
            turn = passage.turn
            row["document"] = document
            row["section"] = self._names.name(passage.section)
            row["speaker"] = self._names.name(turn.label if turn else None)
            row["person"] = self._names.name(turn.name if turn else None)
            row["turn_first"], row["turn_last"] = (
                (turn.span.start, turn.span.end) if turn else (-1, -1)
            )
            row["sentences"] = len(passage.sentences)
            row["first_sentence"] = self.sentences + len(spans)
            row["key"] = np.void(key)
            spans += [(span.start, span.end) for span in passage.sentences]
        self._write(rows, np.array(spans, SENTENCE))

    def copy(self, document: int, old: "PassageTable", first: int, last: int) -> None:
        """Append the passages `first` to `last` - 1 of an older table."""
        rows, spans = old.rows[first:last].copy(), old.spans_of(first, last)
        for column in NAMES:
            numbers = rows[column].tolist()
            new = {number: self._names.name(old.name(number)) for number in dict.fromkeys(numbers)}
            rows[column] = [new[number] for number in numbers]
        rows["document"] = document
        rows["first_sentence"] += self.sentences - rows["first_sentence"][:1]
        self._write(rows, spans)

    def close(self) -> None:
        """Finish the files."""
        self._open.close()
        heads = np.frombuffer(self._heads, np.uint64)
        order = np.argsort(heads, kind="stable")
        (self._folder / _HEADS).write_bytes(heads[order].astype(_HEAD).tobytes())
        (self._folder / _OWNERS).write_bytes(order.astype(_OWNER).tobytes())

    def _write(self, rows: _Records, spans: _Records) -> None:
        self._rows.write(rows.tobytes())
        self._spans.write(spans.tobytes())
        self._heads.frombytes(_heads(rows).tobytes())
        self.passages += len(rows)
        self.sentences += len(spans)


class PassageTable:
    """The passages of a segment, or of several joined; raises DamagedIndex for altered files."""

    def __init__(self, rows: Rows, spans: Rows, words: Words) -> None:
        """Take the arrays of passages and sentences; `words` gives names by number."""
        self.rows, self.spans = rows, spans
        self._words = words
        self._names: dict[int, str | None] = {}

    def __len__(self) -> int:
        """Return the number of passages."""
        return len(self.rows)

    @property
    def sentences(self) -> int:
        """The number of sentences of all passages."""
        return len(self.spans)

    @cached_property
    def speakers(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The label of the speaker of each passage, and the person, by the numbers of names."""
        rows = self.rows[:]
        return rows["speaker"], rows["person"]

    def passage(self, number: int) -> Passage:
        """Return the passage of this number."""
        row = self.rows[number : number + 1][0]
        spans = self.spans_of(number, number + 1)
        doc_id = self._words.doc_id(int(row["document"]))
        sentences = tuple(Span(first, last) for first, last in spans.tolist())
        span = Span(sentences[0].start, sentences[-1].end)
        speaker = self.name(int(row["speaker"]))
        return Passage(
            passage_id=f"{doc_id}:{span.start}-{span.end}",
            doc_id=doc_id,
            span=span,
            section=self.name(int(row["section"])),
            turn=Turn(
                Span(int(row["turn_first"]), int(row["turn_last"])),
                speaker,
                self.name(int(row["person"])),
            )
            if speaker is not None
            else None,
            sentences=sentences,
        )

    def place(self, number: int) -> tuple[Span, int]:
        """Return a passage's span and the number of its document."""
        spans = self.spans_of(number, number + 1)
        span = Span(int(spans[0]["first"]), int(spans[-1]["last"]))
        return span, int(self.rows[number : number + 1]["document"][0])

    def name(self, number: int) -> str | None:
        """Return the section or speaker of this number."""
        if number not in self._names:
            self._names[number] = self._words.name(number)
        return self._names[number]

    def first_sentence(self, number: int) -> int:
        """Return the place of a passage's first sentence among all sentences."""
        return int(self.rows[number : number + 1]["first_sentence"][0])

    def sentence_range(self, first: int, last: int) -> tuple[int, int]:
        """Return the range of the sentences of passages `first` to `last` - 1."""
        if first == last:
            return 0, 0
        end = self.rows[last - 1 : last][0]
        return self.first_sentence(first), int(end["first_sentence"] + end["sentences"])

    def spans_of(self, first: int, last: int) -> _Records:
        """Return the spans of the sentences of passages `first` to `last` - 1."""
        start, stop = self.sentence_range(first, last)
        return self.spans[start:stop]


class KeyIndex:
    """Finds the passages of a segment by their keys."""

    def __init__(self, sealed: Sealed, rows: Rows) -> None:
        """Open the index in a sealed folder; without one, as in format 4, sort all keys."""
        self._rows = rows
        if sealed.has(_HEADS):
            self._heads = sealed.array(_HEADS, _HEAD)[:]
            self._owners = sealed.array(_OWNERS, _OWNER)[:]
        else:
            heads = _heads(rows[:])
            self._owners = np.argsort(heads, kind="stable").astype(_OWNER)
            self._heads = heads[self._owners]

    def find(self, key: bytes) -> int | None:
        """Return the number of a passage with this key, or None."""
        wanted = np.frombuffer(key[:8], np.uint64)[0]
        place = int(np.searchsorted(self._heads, wanted))
        while place < len(self._heads) and self._heads[place] == wanted:
            number = int(self._owners[place])
            if self._rows[number : number + 1]["key"][0].tobytes() == key:
                return number
            place += 1
        return None


def open_table(sealed: Sealed, words: Words) -> PassageTable:
    """Open the table in a sealed folder."""
    rows, spans = sealed.array("passages.bin", ROW), sealed.array("sentences.bin", SENTENCE)
    return PassageTable(rows, spans, words)


def _heads(rows: _Records) -> NDArray[np.uint64]:
    """Return the first halves of the keys of passages."""
    heads: NDArray[np.uint64] = np.ascontiguousarray(rows["key"]).view(np.uint64)[::2]
    return heads
