"""Sets of questions with judgements, as folders.

A set is a folder with two files of JSON lines:

    docs.jsonl      doc_id, title, text, date (may be empty)
    queries.jsonl   query_id, text, answerable, doc_ids, answers: [{doc_id, start, end, text}]
"""

import hashlib
import json
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.dates import parse_date
from corpus.documents import Document, Provenance, Span
from corpus.errors import CorpusError, UnreadableSource, UsageError
from corpus.ingest.assembly import make_document
from corpus.readers import Reading
from index.building.build import build_archive
from index.encoding.crossencoder import CrossEncoder
from index.encoding.encoder import DEFAULT_MODEL
from index.encoding.installation import slug
from index.retrieval.archive import Archive
from index.storage.inventory import Progress, survey
from index.text.question_text import clean_question

DOCS = "docs.jsonl"
QUERIES = "queries.jsonl"


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with its judgements: the answering documents, and spans if known.

    `group` is its subject if its documents do not show it: held-out parts share none.
    """

    query_id: str
    text: str
    answerable: bool
    doc_ids: tuple[str, ...]
    answers: tuple[tuple[str, Span], ...]
    group: str = ""

    def overlaps(self, doc_id: str, span: Span) -> bool:
        """Return whether a span of a document overlaps an answer's."""
        return any(doc_id == known and span.overlaps(answer) for known, answer in self.answers)

    def is_answered_by(self, doc_id: str, span: Span) -> bool:
        """Return whether a span answers; without spans, whether its document is a right one."""
        return self.overlaps(doc_id, span) if self.answers else doc_id in self.doc_ids


def open_set(
    folder: Path,
    cache: Path,
    progress: Progress,
    reranker: CrossEncoder | None = None,
    model: str = DEFAULT_MODEL,
) -> Archive:
    """Return the archive of a set's documents, built under `cache` if need be.

    `model` is the encoder. Raises CorpusError for a folder that is no set, ModelUnavailable.
    """
    key = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    root = cache.parent / "sets" / f"{folder.resolve().name}-{key}"
    if model != DEFAULT_MODEL:
        # Each model has an archive of its own, so that alternating does not encode again.
        root = root.with_name(f"{root.name}-{slug(model)}")
    judged_set = survey([_JudgedSet(folder)], (str(folder.resolve()),), [], progress)
    build_archive(root, judged_set, model=model, cache=cache, progress=progress)
    return Archive(root, reranker=reranker)


def read_queries(folder: Path) -> list[Judged]:
    """Return the questions of a set; raises CorpusError for a folder that is no set."""
    queries = list(_read_queries(folder))
    if not queries:
        raise CorpusError(f"{folder} has no queries.")
    return queries


def fingerprint(queries: Sequence[Judged], archive: Archive) -> str:
    """Return a hash of questions and documents, the same for comparable runs."""
    known = [[asdict(judged) for judged in queries], [*archive.engine.texts()]]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _JudgedSet:
    """The documents of a set, as one source."""

    folder: Path

    @property
    def name(self) -> str:
        return DOCS

    @property
    def label(self) -> str:
        return str(self.folder / self.name)

    def state(self) -> tuple[int, int]:
        try:
            status = (self.folder / self.name).stat()
        except OSError as error:
            raise _no_set(self.folder / self.name) from error
        return status.st_size, status.st_mtime_ns

    def fetch(self) -> bytes:
        try:
            return (self.folder / self.name).read_bytes()
        except OSError as error:
            raise _no_set(self.folder / self.name) from error

    def read(self, data: bytes) -> Generator[Document, None, None]:
        seen = set()
        documents = []
        for where, row in parse_rows(self.folder / self.name, data):
            try:
                doc_id, title, text = row["doc_id"], row.get("title") or None, row["text"]
                provenance = Provenance(title=title, document_date=_read_date(row.get("date")))
                document = make_document(doc_id, self.name, Reading(text, provenance))
            except (KeyError, TypeError, AttributeError) as error:
                raise CorpusError(f"{where} is no document with doc_id, title and text.") from error
            if doc_id in seen:
                raise CorpusError(f"{where} has the doc_id of an earlier one, {doc_id!r}.")
            seen.add(doc_id)
            documents.append(document)
        # Ties go to the first document, which must not depend on the order of lines.
        yield from sorted(documents, key=lambda document: document.doc_id)


def _read_date(words: str | None) -> str | None:
    try:
        return parse_date(words, "date") if words else None
    except UnreadableSource:
        return None


def _read_queries(folder: Path) -> Iterator[Judged]:
    for where, row in _read_rows(folder / QUERIES):
        try:
            yield Judged(
                query_id=str(row["query_id"]),
                text=clean_question(row["text"]),
                answerable=bool(row["answerable"]),
                doc_ids=tuple(row["doc_ids"]),
                answers=tuple(
                    (item["doc_id"], Span(item["start"], item["end"])) for item in row["answers"]
                ),
            )
        except (KeyError, TypeError, AttributeError, UsageError) as error:
            raise CorpusError(f"{where} is no query with judgements.") from error


def _read_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _no_set(path) from error
    yield from parse_rows(path, data)


def parse_rows(path: Path, data: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each row of a file of JSON lines with its place, for messages."""
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError as error:
        raise _no_set(path) from error
    for number, line in enumerate(lines, start=1):
        where = f"{path}, line {number},"
        if not line.strip():
            continue
        try:
            yield where, json.loads(line)
        except ValueError as error:
            raise CorpusError(f"{where} is not JSON.") from error


def _no_set(path: Path) -> CorpusError:
    return CorpusError(
        f"{path} cannot be read: a set is a folder with docs.jsonl and queries.jsonl, or a file of "
        "questions, as JSON lines."
    )
