"""Reranking: a cross-encoder orders the best passages."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from corpus.documents import Document, Span
from index.retrieval.hits import Hit
from index.text.passages import Passage, context_of

if TYPE_CHECKING:
    from index.encoding.crossencoder import CrossEncoder

# The number of passages reranked; each costs about as much as encoding it.
REREAD = 30


def rerank(
    reranker: "CrossEncoder", question: str, hits: Sequence[Hit], read: Callable[[str], Document]
) -> list[Hit]:
    """Return hits with the first `REREAD` in the reranker's order; ties keep their order.

    `read` returns a document by its name.
    """
    first = hits[:REREAD]
    texts = [make_text(read(hit.passage.doc_id), hit.passage, hit.passage.span) for hit in first]
    scores = reranker.score(question, texts)
    order = np.argsort(-scores, kind="stable").tolist()
    reread = [replace(first[place], relevance=float(scores[place])) for place in order]
    return [replace(hit, rank=rank) for rank, hit in enumerate([*reread, *hits[REREAD:]], start=1)]


def make_text(document: Document, passage: Passage, span: Span) -> str:
    """Return the reranker's input for a passage or sentence: title, section, speaker, text."""
    context = context_of(document, passage)
    words = span.of(document.text)
    return f"{context}\n{words}" if context else words
