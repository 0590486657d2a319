"""Passages on disk: arrays of their positions, speakers and sentences."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from corpus.documents import Span, Turn
from index.storage.checksummed import Sealed
from index.storage.document_store import DocumentStore, DocumentStoreWriter
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


class TableWriter:
    """Writes passages in the order of their numbers."""

    def __init__(self, folder: Path, names: DocumentStoreWriter) -> None:
        """Write into `folder`; names of sections and speakers go to `names`."""
        with ExitStack() as opened:
            self._rows = opened.enter_context((folder / "passages.bin").open("wb"))
            self._spans = opened.enter_context((folder / "sentences.bin").open("wb"))
            self._open = opened.pop_all()
        self._names = names
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
        for column in ("section", "speaker", "person"):
            numbers = rows[column].tolist()
            new = {number: self._names.name(old.name(number)) for number in dict.fromkeys(numbers)}
            rows[column] = [new[number] for number in numbers]
        rows["document"] = document
        rows["first_sentence"] += self.sentences - rows["first_sentence"][:1]
        self._write(rows, spans)

    def close(self) -> None:
        """Finish the files."""
        self._open.close()

    def _write(self, rows: _Records, spans: _Records) -> None:
        self._rows.write(rows.tobytes())
        self._spans.write(spans.tobytes())
        self.passages += len(rows)
        self.sentences += len(spans)


class PassageTable:
    """Reads the files of `TableWriter`; raises DamagedIndex if these are altered."""

    def __init__(self, sealed: Sealed, store: DocumentStore) -> None:
        """Open the table in a sealed folder; names come from `store`."""
        self.rows = sealed.array("passages.bin", ROW)
        self._spans = sealed.array("sentences.bin", SENTENCE)
        self._store = store
        self._names: dict[int, str | None] = {}

    def __len__(self) -> int:
        """Return the number of passages."""
        return len(self.rows)

    @property
    def sentences(self) -> int:
        """The number of sentences of all passages."""
        return len(self._spans)

    def passage(self, number: int) -> Passage:
        """Return the passage of this number."""
        row = self.rows[number : number + 1][0]
        spans = self.spans_of(number, number + 1)
        doc_id = self._store.doc_id(int(row["document"]))
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
            self._names[number] = self._store.name(number)
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
        return self._spans[start:stop]
