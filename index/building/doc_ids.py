"""The names of documents after an update: those that a build from nothing would give.

The name of a document depends on the documents before it that may get one of its names. So only
documents that share a name with one that is new or gone, or with one that shares a name with these,
are named again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.ingest.sources import DocIds
from index.storage.document_store import id_hashes

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document that was read: the number of its file, and its place among the items of that.

    `own_id` is its name before it is made unique, `sha256` the hash of its text.
    """

    file: int
    place: int
    own_id: str
    sha256: str
    source: str


def name_again(
    new: Sequence[NewDocument],
    gone: Hashes,
    kept: Hashes,
    files: NDArray[np.int32],
    read: Callable[[int], tuple[str, str, str]],
    *,
    is_reordered: bool,
) -> tuple[list[str | None], dict[int, str | None]]:
    """Return the names of new documents, and those of kept documents whose name has changed.

    None stands for a document that the archive has already. `gone` and `kept` (n × 2) are the
    `id_hashes` of documents that the archive had, `files` the files of the kept ones, both
    ascending; `read` returns a kept document's name, own name and hash. `is_reordered`: the kept
    documents are not in the order that they had.
    """
    own = np.array([id_hashes(each.own_id, each.sha256) for each in new], np.uint64).reshape(-1, 2)
    if is_reordered:
        touched = np.arange(len(kept))
    else:
        touched = _find_touched(np.concatenate([own.ravel(), gone.ravel()]), kept)
    known = [read(number) for number in touched.tolist()]
    # New documents and kept ones have different files.
    order = [
        *((file, place, False) for place, file in enumerate(files[touched].tolist())),
        *((each.file, place, True) for place, each in enumerate(new)),
    ]
    ids = DocIds()
    names: list[str | None] = [None] * len(new)
    changed: dict[int, str | None] = {}
    for _, place, is_new in sorted(order):
        if is_new:
            names[place] = ids.take(new[place].own_id, new[place].sha256)
            continue
        before, own_id, sha256 = known[place]
        name = ids.take(own_id, sha256)
        if name != before:
            changed[int(touched[place])] = name
    return names, changed


def _find_touched(names: Hashes, kept: Hashes) -> NDArray[np.int64]:
    """Return the kept documents that share a name with others, directly or through kept ones."""
    touched = np.zeros(len(kept), np.bool_)
    while True:
        found = np.logical_or.reduce(np.isin(kept, names), axis=1)
        if (found == touched).all():
            return np.flatnonzero(touched)
        touched, names = found, np.unique(np.concatenate([names, kept[found].ravel()]))
