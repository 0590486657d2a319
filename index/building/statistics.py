"""Counts of a generation that an update derives from those before it."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.building.date_span import find_span
from index.retrieval.segments import Segment
from index.storage.contents import NONE_GONE, Gone, Places

# The terms read at a time.
_BLOCK = 1_000_000


def passage_counts(places: Places, segments: Sequence[Segment]) -> NDArray[np.int64]:
    """Return the number of passages of each document."""
    counts = np.zeros(len(places), np.int64)
    for number, segment in enumerate(segments):
        held = places["segment"] == number
        counts[held] = np.diff(segment.bounds)[places["document"][held]]
    return counts


def count_sentences(places: Places, segments: Sequence[Segment]) -> int:
    """Return the number of sentences of documents."""
    total = 0
    for segment, document in zip(
        places["segment"].tolist(), places["document"].tolist(), strict=True
    ):
        own = segments[segment]
        start, stop = own.table.sentence_range(*own.facets.passages_of(document))
        total += stop - start
    return total


def count_gone(segment: Segment, documents: NDArray[Any], before: Gone) -> tuple[Gone, int]:
    """Add the terms of documents that are dead now to those before; returns their words, too."""
    words = 0
    terms, counts = [before.terms], [before.counts]
    for document in documents.tolist():
        first, last = segment.facets.passages_of(document)
        words += int(segment.lexical.lengths[first:last].sum())
        for found, _, _ in segment.lexical.forward(first, last, _BLOCK):
            terms.append(found)
            counts.append(np.ones(len(found), np.int64))
    unique, inverse = np.unique(np.concatenate(terms), return_inverse=True)
    totals = np.zeros(len(unique), np.int64)
    np.add.at(totals, inverse, np.concatenate(counts))
    return Gone(unique, totals), words


def count_terms(
    before: int, gone: Sequence[Gone], places: Places, removed: Places, segments: Sequence[Segment]
) -> int:
    """Return the number of different terms of `places`, given that before an update.

    `gone` has the dead terms of each segment before it; a segment more is new.
    """
    now = [
        count_gone(segment, removed["document"][removed["segment"] == number], dead)[0]
        for number, (segment, dead) in enumerate(zip(segments, gone, strict=False))
    ]
    touched: set[bytes] = set()
    for segment, dead, old in zip(segments, now, gone, strict=False):
        unused = np.setdiff1d(_unused(segment, dead), _unused(segment, old))
        touched.update(map(segment.lexical.term, unused.tolist()))
    for number, segment in enumerate(segments[len(gone) :], len(gone)):
        own = places["document"][places["segment"] == number]
        dropped = np.setdiff1d(np.arange(segment.entry.documents), own)
        now.append(count_gone(segment, dropped, NONE_GONE)[0])
        touched.update(segment.lexical.terms())
    found = [(_has(segments, now, term), _has(segments, gone, term)) for term in touched]
    return before + sum(is_there - was_there for is_there, was_there in found)


def _unused(segment: Segment, gone: Gone) -> NDArray[np.uint32]:
    """Return the terms that only dead passages have."""
    unused: NDArray[np.uint32] = gone.terms[segment.lexical.frequencies[gone.terms] == gone.counts]
    return unused


def _has(segments: Sequence[Segment], gone: Sequence[Gone], term: bytes) -> bool:
    """Return whether a live passage has a term."""
    for segment, dead in zip(segments, gone, strict=False):
        number = segment.lexical.number(term.decode())
        if number is not None and segment.lexical.frequency_of(number) > dead.count(number):
            return True
    return False


def find_days(places: Places, segments: Sequence[Segment]) -> tuple[str | None, str | None]:
    """Return the first and the last day of documents, by their events or else their own dates."""
    days = [*_days(places, segments)]
    first, last = (
        np.concatenate([np.empty(0, np.int32), *part]) for part in zip(*days, strict=True)
    )
    return find_span(first[first > 0], last[first > 0])


def _days(
    places: Places, segments: Sequence[Segment]
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32]]]:
    for number, segment in enumerate(segments):
        rows = segment.facets.rows.take(places["document"][places["segment"] == number])
        own = rows["event_first"] == 0
        yield (
            np.where(own, rows["own_first"], rows["event_first"]),
            np.where(own, rows["own_last"], rows["event_last"]),
        )
