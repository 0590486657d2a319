"""Receipts: which answer was given, from which state of the archive, so that it can be checked.

A receipt has a short name that anybody can pass on. The same question put to the same archive has
the same name; what has changed since is said quotation by quotation.
"""

import hashlib
import json
import math
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from corpus.documents import hash_text
from corpus.errors import UnknownDocument, UsageError
from index.answering.answer import Answer, answer
from index.answering.quotations import Quote
from index.answering.verdict import Level
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.storage.generation import Manifest
from index.understanding.conversation.exchange import Place

if TYPE_CHECKING:
    from index.encoding.crossencoder import CrossEncoderSettings

FILE = "receipts.sqlite"
# `expires` is in seconds since 1970, infinite for a receipt that is kept for good. It is null for
# one of an earlier version, of which it is not known who asked.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS receipts (
    receipt_id TEXT PRIMARY KEY, receipt TEXT NOT NULL, expires REAL
)
"""
_ADD_EXPIRY = "ALTER TABLE receipts ADD COLUMN expires REAL"
# Of two times until which a receipt is kept, the later one counts.
_KEEP = """
INSERT INTO receipts (receipt_id, receipt, expires) VALUES (?, ?, ?)
ON CONFLICT (receipt_id) DO UPDATE SET expires = excluded.expires
WHERE coalesce(receipts.expires, 0) < excluded.expires
"""


@dataclass(frozen=True, slots=True)
class Quoted:
    """Where a quotation stood, and the SHA-256 of its words."""

    doc_id: str
    start: int
    end: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Reranked:
    """The reranker of an answer: the name or path it was asked for by, and its SHA-256.

    `calibrated` stands for how its scores counted for confidence, None where they did not.
    """

    name: str
    sha256: str
    calibrated: str | None = None

    @classmethod
    def of(cls, known: "CrossEncoderSettings | None") -> "Reranked | None":
        """Return what a receipt names of a reranker; None without one."""
        return cls(known.name, known.sha256, known.calibrated) if known else None


@dataclass(frozen=True, slots=True)
class Receipt:
    """An answer as it was given.

    `state` stands for the archive's files and the rules that they were indexed by; `generation` is
    the index that answered, `built` when it was built (UTC). `quotes` are those of the answer, or
    its leads where it has none. `reranker` is None where no passage was read again. `without` are
    the places that were known to be no answer, for a question that leaned on the one before.
    `kept_as` is the name that it was kept by, empty for a new one.
    """

    question: str
    filters: Filters
    limit: int
    level: Level
    verdict: str
    quotes: tuple[Quoted, ...]
    state: str
    generation: str
    built: str
    reranker: Reranked | None = None
    without: tuple[Place, ...] = ()
    kept_as: str = field(default="", compare=False)

    @property
    def receipt_id(self) -> str:
        """Twelve hexadecimal digits that stand for all of this but the generation's number."""
        if self.kept_as:
            return self.kept_as
        known = asdict(self)
        del known["generation"], known["built"], known["kept_as"]
        if self.reranker is None:
            # The names of receipts from before there were rerankers stay as they were.
            del known["reranker"]
        elif self.reranker.calibrated is None:
            # As before rerankers could be calibrated.
            del known["reranker"]["calibrated"]
        if not self.without:
            # Likewise of receipts from before there were such places.
            del known["without"]
        return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Replay:
    """A question asked again: the receipt of then, the answer of now, and what has changed."""

    receipt: Receipt
    answer: Answer
    changes: tuple[str, ...]


def make_receipt(given: Answer, limit: int) -> Receipt:
    """Return the receipt of an answer to a question for at most `limit` quotations."""
    return Receipt(
        question=given.question,
        filters=given.filters,
        limit=limit,
        level=given.level,
        verdict=str(given.verdict),
        quotes=tuple(map(make_quoted, given.quotes or given.leads)),
        state=_state(given.searched),
        generation=given.searched.generation,
        built=given.searched.built,
        reranker=Reranked.of(given.reranker),
        without=given.without,
    )


def make_quoted(quote: Quote) -> Quoted:
    """Return where a quotation stands, with the hash of its words."""
    return Quoted(quote.document.doc_id, quote.span.start, quote.span.end, hash_text(quote.text))


def keep_receipt(root: Path, receipt: Receipt, life: float = math.inf) -> None:
    """Keep a receipt in the archive in `root` for at least `life` seconds.

    Raises OSError if the archive cannot be written.
    """
    known = json.dumps(asdict(receipt), ensure_ascii=False)
    with _writing(root) as connection:
        connection.execute(_KEEP, (receipt.receipt_id, known, time.time() + life))


def delete_expired_receipts(root: Path, life: float) -> int:
    """Delete the receipts that have expired, and return their number.

    Those of an earlier version expire `life` seconds from now. Raises OSError if the archive cannot
    be written.
    """
    if not (root / FILE).exists():
        return 0
    now = time.time()
    with _writing(root) as connection:
        connection.execute("UPDATE receipts SET expires = ? WHERE expires IS NULL", (now + life,))
        return connection.execute("DELETE FROM receipts WHERE expires < ?", (now,)).rowcount


def delete_receipts(root: Path, receipt_ids: Iterable[str]) -> int:
    """Delete receipts, except those kept for good, and return their number.

    Raises OSError if the archive cannot be written.
    """
    if not (root / FILE).exists():
        return 0
    with _writing(root) as connection:
        return sum(
            connection.execute(
                "DELETE FROM receipts WHERE receipt_id = ? AND coalesce(expires, 0) < 9e999",
                (receipt_id,),
            ).rowcount
            for receipt_id in receipt_ids
        )


def find_receipt(root: Path, receipt_id: str) -> Receipt:
    """Return a receipt that the archive in `root` has kept; raises UsageError where it has not."""
    # What was typed may be no text, which no database takes.
    wanted = receipt_id.encode("utf-8", "replace").decode().strip().lower()
    try:
        with _opened(root, "ro") as connection:
            row = connection.execute(
                "SELECT receipt FROM receipts WHERE receipt_id = ?", (wanted,)
            ).fetchone()
    except OSError:
        row = None
    if row is None:
        raise UsageError(
            f"The archive has no receipt {receipt_id!r}: it has the answers that it gave itself."
        )
    return _read(wanted, row[0])


def list_receipts(root: Path, limit: int) -> list[Receipt]:
    """Return the newest receipts that the archive in `root` has kept, newest first."""
    try:
        with _opened(root, "ro") as connection:
            rows = connection.execute(
                "SELECT receipt_id, receipt FROM receipts ORDER BY rowid DESC LIMIT ?", (limit,)
            ).fetchall()
    except OSError:
        return []
    return [_read(receipt_id, kept) for receipt_id, kept in rows]


def _read(receipt_id: str, kept: str) -> Receipt:
    # Earlier versions kept more, which is ignored.
    return replace(msgspec.json.decode(kept, type=Receipt), kept_as=receipt_id)


def replay(receipt: Receipt, archive: Archive) -> Replay:
    """Ask a receipt's question again, and say precisely what has changed since.

    `archive` has the reranker of the receipt, where that has one and it is still to be had.
    """
    now = answer(
        receipt.question,
        archive,
        filters=receipt.filters,
        limit=receipt.limit,
        level=receipt.level,
        without=receipt.without,
    )
    return Replay(receipt, now, tuple(_compare(receipt, now, archive)))


def _compare(then: Receipt, answered: Answer, archive: Archive) -> Iterator[str]:
    now = make_receipt(answered, then.limit)
    if (now.verdict, now.quotes) == (then.verdict, then.quotes):
        return
    if now.reranker != then.reranker:
        yield _say_reranker(then.reranker, now.reranker)
    elif now.state == then.state:
        yield "The archive is the same; this memcon chooses otherwise."
    if now.state != then.state:
        yield (
            f"The archive was index {then.generation} of {then.built}, "
            f"is {now.generation} of {now.built}."
        )
    if now.verdict != then.verdict:
        yield f"The verdict was {_words(then.verdict)}, is {_words(now.verdict)}."
    for place, quoted in enumerate(then.quotes, start=1):
        fate = _fate(quoted, place, now, archive)
        if fate:
            yield f"Quotation {place} ({quoted.doc_id} {quoted.start}-{quoted.end}): {fate}."
    known = set(then.quotes)
    for quoted in now.quotes:
        if quoted not in known:
            yield f"New is {quoted.doc_id} {quoted.start}-{quoted.end}."


def _say_reranker(then: Reranked | None, now: Reranked | None) -> str:
    if then is None or now is None:
        was, is_now = (each.name if each else "none" for each in (then, now))
        return f"The reranker was {was}, is {is_now}."
    if (then.name, then.sha256) == (now.name, now.sha256):
        return f"The reranker {then.name} counts for confidence otherwise: it was calibrated since."
    return f"The reranker {then.name} is another than then: its files have changed."


def _fate(quoted: Quoted, place: int, now: Receipt, archive: Archive) -> str | None:
    """Describe the change of the quotation at a place; None if it is unchanged."""
    try:
        text = archive.document(quoted.doc_id).text
    except UnknownDocument:
        return "the document is no longer in the archive"
    if hash_text(text[quoted.start : quoted.end]) != quoted.sha256:
        return "the document has other words there now"
    if quoted not in now.quotes:
        return "it stands there still, word for word, but is not chosen"
    here = now.quotes.index(quoted) + 1
    return None if here == place else f"it is number {here}"


def _state(manifest: Manifest) -> str:
    known = (manifest.inventory, manifest.reading, manifest.analyzer, manifest.encoder)
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def _words(verdict: str) -> str:
    return f"“{verdict.replace('_', ' ')}”"


@contextmanager
def _writing(root: Path) -> Iterator[sqlite3.Connection]:
    with _opened(root, "rwc") as connection:
        connection.execute(_SCHEMA)
        columns = {row[1] for row in connection.execute("PRAGMA table_info(receipts)")}
        if "expires" not in columns:
            # Another process may have added it meanwhile.
            with suppress(sqlite3.OperationalError):
                connection.execute(_ADD_EXPIRY)
        # What is deleted cannot be read from the file any more.
        connection.execute("PRAGMA secure_delete = ON")
        yield connection
        connection.commit()


@contextmanager
def _opened(root: Path, mode: str) -> Iterator[sqlite3.Connection]:
    uri = f"{(root / FILE).resolve().as_uri()}?mode={mode}"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            # Of what the last seconds before a power cut were asked, nothing else depends on it.
            connection.execute("PRAGMA synchronous = OFF")
            yield connection
    except sqlite3.Error as error:
        raise OSError(f"{root / FILE}: {error}") from error
