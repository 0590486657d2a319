"""Answer a question, replay a receipt, find a quotation again: shared by all interfaces."""

import math
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from corpus.documents import Document, Span, hash_text
from corpus.errors import MemconError, UnknownDocument
from index.answering.answer import LIMIT, Answer, answer
from index.answering.receipts import (
    Quoted,
    Receipt,
    Replay,
    keep_receipt,
    make_receipt,
)
from index.answering.receipts import replay as replay_receipt
from index.answering.turns import hear, make_exchange
from index.answering.verdict import Level
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.storage.inventory import Changes
from index.understanding.conversation.exchange import Exchange
from index.understanding.conversation.rewriting import RewrittenQuestion


class QuotationChanged(MemconError):
    """The archive no longer has a quotation where it was quoted from."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with all that an interface shows of it.

    `understood` is the question as typed and as it can be asked again. `changed` counts the source
    files that have changed since the index was built, None if unknown. `milliseconds` is the time
    to the answer. `searched` is the number of documents that the filters leave, None if unknown.
    """

    answer: Answer
    receipt: Receipt
    exchange: Exchange
    understood: RewrittenQuestion
    changed: Changes | None
    milliseconds: float
    searched: int | None = None

    @property
    def asked(self) -> RewrittenQuestion:
        """The question as typed and as answered, in the archive's own spelling."""
        return replace(self.understood, question=self.answer.question)


@dataclass(frozen=True, slots=True)
class ReplayReply:
    """A receipt's question answered again; `changed` and `milliseconds` are as in `Reply`."""

    replay: Replay
    changed: Changes | None
    milliseconds: float


def ask(
    question: str | RewrittenQuestion,
    archive: Archive,
    exchanges: Sequence[Exchange] = (),
    *,
    filters: Filters | None = None,
    level: Level = Level.BALANCED,
    limit: int = LIMIT,
    receipt_life: float = math.inf,
) -> Reply:
    """Answer a question that may follow up on earlier exchanges, and keep the answer's receipt.

    A `RewrittenQuestion` is answered as it is. The receipt is kept for `receipt_life` seconds.
    Raises UsageError for an empty or too long question.
    """
    started = time.perf_counter()
    if isinstance(question, str):
        understood = hear(question, exchanges, archive, filters=filters, level=level)
    else:
        understood = question
    given = answer(
        understood.question,
        archive,
        filters=filters,
        limit=limit,
        level=level,
        without=understood.without,
    )
    changed = archive.changes()
    milliseconds = (time.perf_counter() - started) * 1000
    receipt = make_receipt(given, limit)
    # A read-only archive answers too, but keeps no receipt.
    with suppress(OSError):
        keep_receipt(archive.root, receipt, receipt_life)
    exchange = make_exchange(given, archive.names)
    searched = archive.engine.count_documents(filters or Filters())
    return Reply(given, receipt, exchange, understood, changed, milliseconds, searched)


def replay(receipt: Receipt, archive: Archive) -> ReplayReply:
    """Answer a receipt's question again; `archive` has the receipt's reranker."""
    started = time.perf_counter()
    replayed = replay_receipt(receipt, archive)
    milliseconds = (time.perf_counter() - started) * 1000
    return ReplayReply(replayed, archive.changes(), milliseconds)


def find_quoted(quoted: Quoted, archive: Archive) -> tuple[Document, Span]:
    """Return the document and span of an earlier quotation.

    Raises QuotationChanged if the document is gone or has other words there.
    """
    try:
        document = archive.document(quoted.doc_id)
    except UnknownDocument:
        raise QuotationChanged(
            "The document of this quotation is no longer in the archive."
        ) from None
    span = Span(quoted.start, quoted.end)
    if hash_text(span.of(document.text)) != quoted.sha256:
        raise QuotationChanged(
            "The document has changed: this quotation no longer stands there. Please ask again."
        )
    return document, span
