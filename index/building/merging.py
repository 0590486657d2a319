"""Merging: which segments are written together, and how.

Segments are merged so that each is at least some times as large as all smaller ones together. Their
number then grows with the logarithm of the archive, and so does the number of times that a passage
is copied.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from corpus.authority.names import Authority
from index.building.segment_writer import SegmentWriter
from index.retrieval.segments import Segment
from index.storage.contents import Places, SegmentEntry
from index.storage.inventory import Progress

# A segment is merged with what is written if it has fewer than this many times the passages.
_TIMES = 4
# The most segments of a generation.
MOST = 8


def choose(
    live: Sequence[int], stored: Sequence[int], new: int, forced: Collection[int] = ()
) -> set[int]:
    """Return the segments to be written again, together with `new` passages.

    `live` and `stored` are the passages that each segment has in the generation, and on disk.
    `forced` are always chosen, and so is one with more dead passages than live ones.
    """
    chosen = {place for place, count in enumerate(live) if 2 * count < stored[place]}
    chosen |= set(forced)
    size = new + sum(live[place] for place in chosen)
    if not size:
        return chosen
    rest = [place for place in range(len(live)) if place not in chosen]
    rest.sort(key=lambda place: (live[place], -place))
    for number, place in enumerate(rest):
        if live[place] >= _TIMES * size and len(rest) - number < MOST:
            break
        chosen.add(place)
        size += live[place]
    return chosen


def merge(
    folder: Path,
    name: str,
    sources: Sequence[Segment],
    places: Places,
    renamed: Mapping[int, str],
    authority: Authority,
    progress: Progress,
) -> SegmentEntry:
    """Write the documents in `places`, of `sources`, as one segment; returns its entry.

    `renamed` has the new names of documents by their place in `places`.
    """
    progress.stage("merging", len(places))
    with SegmentWriter(folder, sources) as writer:
        for number, (source, document) in enumerate(
            zip(places["segment"].tolist(), places["document"].tolist(), strict=True)
        ):
            stored = sources[source].store.stored(document)
            doc_id = renamed.get(number, stored.document.doc_id)
            writer.copy(source, stored, doc_id, authority.persons_of(stored.document))
            progress.advance(1)
        return writer.finish(name)


def is_ascending(places: Places, segment: int) -> bool:
    """Return whether a segment's documents are in its own order in `places`."""
    documents = places["document"][places["segment"] == segment]
    return bool((np.diff(documents) > 0).all())
