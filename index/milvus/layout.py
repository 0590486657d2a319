"""The fields of passages and terms on Milvus, and their packing."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Span, Turn
from index.milvus.connection import Field
from index.milvus.records import KEY_LENGTH, VECTOR, check_sum, pack_json, split_text
from index.retrieval.dense import Codes
from index.retrieval.record_files import FILES, RecordArrays
from index.text.passages import Passage

# The most items of a Milvus array.
ARRAY = 4_096
# The option of a field that is read from disk, not held in memory.
_ON_DISK = ("mmap_enabled", True)

SPARSE = Field("sparse", "SPARSE_FLOAT_VECTOR", "SPARSE_INVERTED_INDEX", "IP")
DATES = ("event_first", "event_last", "own_first", "own_last")
_NAMES = ("collection", "kind", "classification", "language", "speaker", "person")
# The fields read to rank passages, and to show them.
SCORING_FIELDS = ("number", "document", "sparse", "vectors")
TEXT_FIELDS = ("number", "data", "checksum")

TERM_FIELDS = (
    Field("key", "VARCHAR", options=(("max_length", KEY_LENGTH),)),
    Field("number", "INT64"),
    Field("frequency", "INT64"),
    Field("idf", "DOUBLE"),
    VECTOR,
)


def dense_field(dimension: int, index: str) -> Field:
    """Return the field of a passage's vector."""
    return Field("dense", "FLOAT_VECTOR", index, "COSINE", options=(("dim", dimension),))


def passage_fields(dimension: int, index: str) -> tuple[Field, ...]:
    """Return the fields of a passage; `vectors` are its codes and its sentences' in Base64."""
    numbers = (("element_type", "INT64"), ("max_capacity", ARRAY))
    words = (("element_type", "VARCHAR"), ("max_capacity", ARRAY))
    return (
        Field("number", "INT64"),
        dense_field(dimension, index),
        SPARSE,
        Field("terms", "ARRAY", "INVERTED", optional=True, options=numbers),
        Field("wide", "INT64"),
        Field("document", "INT64"),
        *(Field(name, "INT64", "INVERTED", optional=True) for name in (*DATES, *_NAMES)),
        Field("people", "ARRAY", "INVERTED", optional=True, options=numbers),
        Field(
            "vectors", "ARRAY", options=(_ON_DISK, *words, ("max_length", 4 * (dimension // 3 + 1)))
        ),
        Field("data", "ARRAY", options=(_ON_DISK, *words, ("max_length", 65_535))),
        Field("checksum", "INT64"),
    )


@dataclass(frozen=True, slots=True)
class ScoringRow:
    """A passage's terms, ascending, with their weights, and its codes."""

    document: int
    terms: NDArray[np.int64]
    weights: NDArray[np.float32]
    codes: Codes
    sentences: Codes


@dataclass(frozen=True, slots=True)
class TextRow:
    """A passage and its text."""

    passage: Passage
    text: str


def pack_codes(codes: Codes) -> list[str]:
    """Pack vectors (rows), the passage's and its sentences', as Base64."""
    return [base64.b64encode(row.tobytes()).decode() for row in codes]


def pack_arrays(arrays: RecordArrays, name: Callable[[int], str | None]) -> dict[str, Any]:
    """Pack the arrays that records are found by, and their names by number, as JSON values."""
    used = arrays.name_numbers()
    return {
        "arrays": {
            part: base64.b64encode(getattr(arrays, part).tobytes()).decode() for part in FILES
        },
        "names": [(number, name(number)) for number in used],
    }


def unpack_arrays(packed: Mapping[str, Any]) -> tuple[RecordArrays, dict[int, str]]:
    """Reverse `pack_arrays`."""
    arrays = {
        part: np.frombuffer(base64.b64decode(packed["arrays"][part]), dtype)
        for part, (_, dtype) in FILES.items()
    }
    return RecordArrays(**arrays), {int(number): words for number, words in packed["names"]}


def unpack_scoring_row(row: Mapping[str, Any], dimension: int) -> ScoringRow:
    """Unpack the scoring fields of a row."""
    sparse = sorted((int(term), float(weight)) for term, weight in row["sparse"].items())
    packed = b"".join(base64.b64decode(each) for each in row["vectors"])
    codes = np.frombuffer(packed, np.int8).reshape(-1, dimension)
    return ScoringRow(
        int(row["document"]),
        np.array([term for term, _ in sparse], np.int64),
        np.array([weight for _, weight in sparse], np.float32),
        codes[0],
        codes[1:],
    )


def pack_passage(number: int, passage: Passage, text: str) -> dict[str, Any]:
    """Pack a passage and its text as fields of a row."""
    turn = passage.turn
    packed = pack_json(
        {
            "doc_id": passage.doc_id,
            "section": passage.section,
            "turn": [turn.span.start, turn.span.end, turn.label, turn.name] if turn else None,
            "sentences": [(span.start, span.end) for span in passage.sentences],
            "text": text,
        }
    )
    return {"data": split_text(packed), "checksum": check_sum(number, packed)}


def unpack_text_row(row: Mapping[str, Any]) -> TextRow | None:
    """Unpack a passage and its text from a row; None if it is altered."""
    packed = "".join(row["data"])
    if check_sum(row["number"], packed) != row["checksum"]:
        return None
    known = json.loads(packed)
    sentences = tuple(Span(*pair) for pair in known["sentences"])
    span = Span(sentences[0].start, sentences[-1].end)
    turn = known["turn"]
    passage = Passage(
        passage_id=f"{known['doc_id']}:{span.start}-{span.end}",
        doc_id=known["doc_id"],
        span=span,
        section=known["section"],
        turn=Turn(Span(*turn[:2]), *turn[2:]) if turn else None,
        sentences=sentences,
    )
    return TextRow(passage, known["text"])
