"""Which document a user means: its name, its number in a volume, or its web address."""

import re
from typing import TYPE_CHECKING

from corpus.addresses import address_key, is_address
from corpus.errors import UnknownDocument, UsageError

if TYPE_CHECKING:
    from corpus.documents import Document, Provenance
    from index.retrieval.archive import Archive

_NUMBER = re.compile(r"(?:d|no\.?\s*|document\s+)?(\d{1,5}[a-z]?)", re.ASCII | re.IGNORECASE)
# From this likeness on, of at most 100, a name is suggested.
_NEAR = 75


def find_document(archive: "Archive", words: str, volume: str | None = None) -> "Document":
    """Return the document that is meant.

    It is named as in `corpus list` whatever the case, by an address in its provenance or of its
    quotations, or by its number or last name in a volume: "113" with `volume`, or "frus1901 113".
    Raises UsageError where several fit, UnknownDocument with the nearest names where none does.
    """
    if volume is None:
        try:
            return archive.document(words)
        except UnknownDocument:
            pass
    names = {doc_id: provenance for doc_id, _, provenance, _ in archive.list_documents()}
    found = _find(names, words.strip(), volume)
    if len(found) > 1:
        raise UsageError(f"{words!r} may be {', '.join(found[:5])}{', …' * (len(found) > 5)}.")
    if not found:
        near = _nearest(f"{volume} {words}" if volume else words, names)
        raise UnknownDocument(
            f"No document {words!r} is in {f'volume {volume}' if volume else 'the archive'}."
            + (f" Did you mean {' or '.join(near)}?" if near else ""),
            "memcon corpus list",
        )
    return archive.document(found[0])


def _find(names: "dict[str, Provenance]", words: str, volume: str | None) -> list[str]:
    if is_address(words):
        key = address_key(words)
        return [
            doc_id
            for doc_id, known in names.items()
            if key and key in {address_key(url) for url in (known.url, known.record.url) if url}
        ]
    if volume is None:
        same = [doc_id for doc_id in names if doc_id.casefold() == words.casefold()]
        first, _, rest = words.partition(" ")
        if same or not rest:
            return same
        volume, words = first, rest.strip()
    number = _NUMBER.fullmatch(words)
    wanted, place = (number[1] if number else words).casefold(), volume.casefold()
    return [
        doc_id
        for doc_id, known in names.items()
        if _is_in(doc_id, known, place) and _is_numbered(doc_id, known, wanted)
    ]


def _is_in(doc_id: str, known: "Provenance", volume: str) -> bool:
    """Return whether a document is in a volume or collection of this name."""
    homes = (doc_id.rpartition("/")[0].rpartition("/")[2], known.collection, known.container)
    return any(home and home.casefold() == volume for home in homes)


def _is_numbered(doc_id: str, known: "Provenance", number: str) -> bool:
    last = doc_id.rpartition("/")[2].casefold()
    return number in {(known.number or "").casefold(), last, last.removeprefix("d")}


def _nearest(words: str, names: "dict[str, Provenance]") -> list[str]:
    """Return up to three names that look like what was typed."""
    from rapidfuzz.fuzz import ratio
    from rapidfuzz.utils import default_process

    def likeness(doc_id: str) -> float:
        # A name is often typed without its folder.
        forms = (doc_id, doc_id.rpartition("/")[2])
        return max(ratio(words, form, processor=default_process) for form in forms)

    scored = sorted((-likeness(doc_id), doc_id) for doc_id in names)
    return [doc_id for score, doc_id in scored[:3] if score <= -_NEAR]
