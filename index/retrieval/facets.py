"""Facets: dates and names that documents are filtered by, as arrays.

Filters are applied before ranking, to all documents at once.
"""

from array import array
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Provenance
from corpus.errors import UsageError
from corpus.wording import list_words
from index.retrieval.filters import Filters
from index.retrieval.record_files import RecordsWriter, days_of, ordinal
from index.storage.checksummed import Sealed
from index.storage.document_store import DocumentStoreWriter
from index.storage.passage_table import PassageTable, Rows
from index.text.analyzer import analyze
from index.understanding.spelling.correction import suggest_names

# Days are proleptic Gregorian ordinals, 0 where a date is not known; names are -1 for none.
ROW = np.dtype(
    [
        ("first_passage", "<i4"),
        ("event_first", "<i4"),
        ("event_last", "<i4"),
        ("own_first", "<i4"),
        ("own_last", "<i4"),
        ("collection", "<i4"),
        ("kind", "<i4"),
        ("classification", "<i4"),
        ("language", "<i4"),
    ]
)
PERSON = np.dtype([("document", "<i4"), ("person", "<i4")])
DOCUMENT_FACETS = ("collection", "kind", "classification", "language")
_UNKNOWN = {
    "collection": "The archive has no collection “{}”.",
    "kind": "No document in the archive is of the kind “{}”.",
    "classification": "No document in the archive is marked “{}”.",
    "language": "No document in the archive is in the language “{}”.",
    "person": "No document in the archive names the person “{}”.",
    "speaker": "No document in the archive names the speaker “{}”.",
}


class FacetsWriter:
    """Writes the facets of documents, in the order of their numbers."""

    def __init__(self, folder: Path, names: DocumentStoreWriter) -> None:
        """Write into `folder`; names go to `names`."""
        self._folder, self._names = folder, names
        self._rows, self._people = array("i"), array("i")
        self._records = RecordsWriter(folder, names)
        self._documents = 0

    def add(self, provenance: Provenance, persons: Sequence[str], first_passage: int) -> None:
        """Append a document, whose first passage has the number `first_passage`.

        `persons` are those who take part in it, under any form of their names.
        """
        record = provenance.record
        self._rows.append(first_passage)
        for date in (record.event_date, record.document_date):
            self._rows.extend(days_of(date))
        for value in (
            provenance.collection,
            provenance.kind,
            provenance.classification or record.classification,
            provenance.language or record.language,
        ):
            self._rows.append(self._names.name(value))
        named = (*provenance.people, *provenance.creators, *provenance.recipients)
        own = (*record.creators, *record.recipients, *record.signers)
        for person in dict.fromkeys((*named, *own, *persons)):
            self._people.extend((self._documents, self._names.name(person)))
        self._records.add(self._documents, provenance)
        self._documents += 1

    def write(self) -> None:
        """Write the files."""
        (self._folder / "documents.bin").write_bytes(self._rows.tobytes())
        (self._folder / "people.bin").write_bytes(self._people.tobytes())
        self._records.write()


class Facets:
    """Selects passages by facets of their documents and speakers."""

    def __init__(self, rows: Rows, people: Rows, table: PassageTable) -> None:
        """Take the arrays of documents and persons, and their passages; see `open_facets`."""
        self.rows, self.people, self._table = rows, people, table

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.rows)

    def select(
        self, filters: Filters, forms: Callable[[str], Sequence[str]] = lambda words: (words,)
    ) -> NDArray[np.int32]:
        """Return the numbers of the passages that fit the filters, ascending.

        `forms` gives the forms of a person's or speaker's name; any of them matches.
        Raises UsageError for a name that nothing in the archive has, with those that it has.
        """
        rows = self.rows[:]
        fits = np.ones(len(rows), np.bool_)
        chosen = choose_names(filters, self.known, forms)
        for facet in DOCUMENT_FACETS:
            if facet in chosen:
                fits &= np.isin(rows[facet], chosen[facet])
        if "person" in chosen:
            people = self.people[:]
            named = people["document"][np.isin(people["person"], chosen["person"])]
            fits &= np.isin(np.arange(len(rows)), named)
        days = find_days(filters)
        if days:
            first, last = days
            event = (rows["event_last"] >= first) & (rows["event_first"] <= last)
            own = (rows["own_last"] >= first) & (rows["own_first"] <= last)
            fits &= (event & (rows["event_first"] > 0)) | (own & (rows["own_first"] > 0))
        first_passages = np.append(rows["first_passage"], len(self._table))
        passages = np.repeat(fits, np.diff(first_passages))
        if "speaker" in chosen:
            labels, persons = self._table.speakers
            passages &= np.isin(labels, chosen["speaker"]) | np.isin(persons, chosen["speaker"])
        return np.flatnonzero(passages).astype(np.int32)

    def count_documents(self, passages: NDArray[np.int32]) -> int:
        """Count the documents that passages belong to."""
        first_passages = self.rows[:]["first_passage"]
        return len(np.unique(np.searchsorted(first_passages, passages, "right")))

    def passages_in(self, documents: Sequence[int]) -> NDArray[np.int32]:
        """Return the numbers of the passages of these documents, ascending."""
        ranges = (range(*self.passages_of(document)) for document in sorted(set(documents)))
        return np.array([number for each in ranges for number in each], np.int32)

    def documents_on(self, day: str) -> list[int]:
        """Return the numbers of the documents about events of exactly this day."""
        rows, date = self.rows[:], ordinal(day)
        fits = (rows["event_first"] == date) & (rows["event_last"] == date)
        return [int(number) for number in np.flatnonzero(fits)]

    def passages_of(self, document: int) -> tuple[int, int]:
        """Return the numbers of a document's first passage and of the one after its last."""
        rows = self.rows[document : document + 2]["first_passage"]
        return int(rows[0]), int(rows[1]) if len(rows) > 1 else len(self._table)

    def values(self, facet: str) -> list[str]:
        """Return the different values of a facet, sorted.

        Facets are "collection", "kind", "classification", "language", "person" and "speaker".
        """
        return sorted(set(self.known(facet).values()))

    def known(self, facet: str) -> dict[int, str]:
        """Return the different values of a facet by the numbers of their names."""
        if facet == "speaker":
            used = np.concatenate(self._table.speakers)
        elif facet == "person":
            used = self.people[:]["person"]
        else:
            used = self.rows[:][facet]
        numbers = [int(number) for number in np.unique(used) if number >= 0]
        return {number: words for number in numbers if (words := self._table.name(number))}


def open_facets(sealed: Sealed, table: PassageTable) -> Facets:
    """Open the facets in a sealed folder; raises DamagedIndex."""
    return Facets(sealed.array("documents.bin", ROW), sealed.array("people.bin", PERSON), table)


def choose_names(
    filters: Filters,
    known: Callable[[str], Mapping[int, str]],
    forms: Callable[[str], Sequence[str]],
) -> dict[str, list[int]]:
    """Return the numbers of matching names for each filtered facet.

    `known` gives the names of a facet by number, `forms` the forms of a person's or speaker's name;
    any of them matches.
    Raises UsageError for a name that nothing in the archive has, with those that it has.
    """
    chosen: dict[str, list[int]] = {}
    for facet in (*DOCUMENT_FACETS, "person", "speaker"):
        wanted = getattr(filters, facet)
        if wanted is None:
            continue
        match facet:
            case "person":
                fits = _any_of(_named, forms(wanted))
            case "speaker":
                fits = _any_of(_spoken_by, forms(wanted))
            case "classification":
                fits = _marked(wanted)
            case _:
                fits = _same(wanted)
        names = known(facet)
        chosen[facet] = [number for number, words in names.items() if fits(words)]
        if not chosen[facet]:
            unknown = _UNKNOWN[facet].format(wanted)
            raise UsageError(f"{unknown} {_offer(facet, wanted, sorted(set(names.values())))}")
    return chosen


def _offer(facet: str, wanted: str, names: Sequence[str]) -> str:
    """Suggest names near an unknown one, or list those of the archive."""
    near = suggest_names(wanted, names)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    if not names:
        return f"It names no {facet}s."
    from rapidfuzz.process import extract

    # The likeliest first; all of them would fill screens.
    some = [name for name, *_ in extract(wanted, names, limit=12)]
    among = ", among others" if len(names) > len(some) else ""
    return f"It has{among}: {list_words(some)}."


def find_days(filters: Filters) -> tuple[int, int] | None:
    """Return the first and last day of a filter as ordinals; None without dates."""
    if not (filters.date_from or filters.date_to):
        return None
    first, last = filters.date_from or "0001-01-01", filters.date_to or "9999-12-31"
    return ordinal(first), ordinal(last)


def _same(wanted: str) -> Callable[[str], bool]:
    return lambda words: words.casefold() == wanted.casefold()


def _marked(wanted: str) -> Callable[[str], bool]:
    """Match a classification that equals the wanted one, or has it among its markings."""
    same = _same(wanted)
    return lambda words: same(words) or any(same(mark.strip()) for mark in words.split(","))


def _any_of(
    fits: Callable[[str], Callable[[str], bool]], forms: Sequence[str]
) -> Callable[[str], bool]:
    tests = [fits(form) for form in forms]
    return lambda words: any(test(words) for test in tests)


def _spoken_by(wanted: str) -> Callable[[str], bool]:
    """Match a label that contains the wanted words, or a name with all of them."""
    named = _named(wanted)
    return lambda words: wanted.casefold() in words.casefold() or named(words)


def _named(wanted: str) -> Callable[[str], bool]:
    """Match a name with all of the wanted words, in any order."""
    terms = set(analyze(wanted))
    return lambda words: bool(terms) and terms <= set(analyze(words))
