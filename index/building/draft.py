"""The documents of the next generation, from those kept and those read."""

from dataclasses import dataclass

import numpy as np

from index.building.doc_ids import Hashes, name_again
from index.building.file_reader import FileReader, same_as
from index.building.reuse import Previous
from index.storage.contents import PLACE, Places


@dataclass(frozen=True, slots=True)
class Draft:
    """The documents of a generation before segments are merged.

    `places` number files as the inventory does, and the segment of new documents after those of
    the generation in use. `renamed` has the new names of documents by their place there; `removed`
    are the places of the documents that are no longer in the archive.
    """

    places: Places
    renamed: dict[int, str]
    removed: Places


def make_draft(reader: FileReader, previous: Previous) -> Draft:
    """Join the documents of kept files with those read; reports those that are there already."""
    before, new = previous.places, len(previous.segments)
    kept = np.array(reader.kept, np.int64)
    files = np.flatnonzero(kept >= 0)
    first = np.searchsorted(before["file"], kept[files])
    counts = np.searchsorted(before["file"], kept[files], "right") - first
    numbers = np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
    places = before[numbers]
    places["file"] = np.repeat(files, counts)
    is_gone = np.ones(len(before), np.bool_)
    is_gone[numbers] = False
    is_reordered = bool((np.diff(numbers) < 0).any()) or previous.is_old
    names: list[str | None] = [*reader.names]
    changed: dict[int, str | None] = {}
    if len(numbers) and (reader.new or is_gone.any() or is_reordered):

        def read(place: int) -> tuple[str, str, str]:
            segment = previous.segments[int(places["segment"][place])]
            return segment.store.own_id(int(places["document"][place]))

        names, changed = name_again(
            reader.new,
            _hashes(before[is_gone], previous),
            _hashes(places, previous),
            places["file"],
            read,
            is_reordered=is_reordered,
        )
    for place, name in changed.items():
        if name is None:
            segment, document, file = places[place].tolist()
            stored = previous.segments[segment].store.stored(document)
            reader.drop(file, place, same_as(stored.document.source, stored.own_id))
            is_gone[numbers[place]] = True
    added = np.zeros(len(reader.new), PLACE)
    added["segment"], added["document"] = new, np.arange(len(added))
    added["file"] = [each.file for each in reader.new]
    for number, (each, name, draft) in enumerate(
        zip(reader.new, names, reader.names, strict=True), len(places)
    ):
        if name is None:
            reader.drop(each.file, each.place, same_as(each.source, each.own_id))
        if name != draft:
            changed[number] = name
    whole = np.concatenate([places, added])
    order = np.argsort(whole["file"], kind="stable")
    dropped = np.array([place for place, name in changed.items() if name is None], np.int64)
    order = order[~np.isin(order, dropped)]
    renamed = (
        {
            place: name
            for place, number in enumerate(order.tolist())
            if (name := changed.get(number)) is not None
        }
        if changed
        else {}
    )
    return Draft(whole[order], renamed, before[is_gone])


def _hashes(places: Places, previous: Previous) -> Hashes:
    """Return the `id_hashes` of documents; zeros for an older format."""
    hashes = np.zeros((len(places), 2), np.uint64)
    for number, segment in enumerate(() if previous.is_old else previous.segments):
        held = places["segment"] == number
        hashes[held] = segment.store.id_hashes[places["document"][held]]
    return hashes
