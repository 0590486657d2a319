"""Which documents of an archive fit filters, by their provenance."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.render.listing import Listed
from corpus.dates import bounds
from index.retrieval.facets import choose_names
from index.retrieval.filters import Filters

if TYPE_CHECKING:
    from corpus.documents import Provenance
    from index.retrieval.archive import Archive


def list_fitting(archive: "Archive", filters: Filters) -> list[Listed]:
    """Return the documents that fit, by date, those without one last.

    Raises UsageError for a name that nothing in the archive has.
    """
    known = {
        facet: dict(enumerate(archive.engine.values(facet)))
        for facet in ("collection", "kind", "person")
        if getattr(filters, facet)
    }
    chosen = choose_names(filters, lambda facet: known[facet], archive.names.forms)
    names = {facet: {known[facet][each] for each in found} for facet, found in chosen.items()}
    fitting = [each for each in archive.list_documents() if _fits(each[2], filters, names)]
    return sorted(fitting, key=lambda each: (each[2].date or "9999", each[0]))


def _fits(known: "Provenance", filters: Filters, names: dict[str, set[str]]) -> bool:
    own: dict[str, set[str | None]] = {
        "collection": {known.collection},
        "kind": {known.kind},
        "person": {person for each in (known, known.record) for person in _people(each)},
    }
    dates = (known.record.event_date, known.record.document_date)
    return _is_dated(dates, filters) and all(own[facet] & wanted for facet, wanted in names.items())


def _people(known: "Provenance") -> Iterable[str]:
    enclosed = (name for each in known.enclosures for name in (*each.creators, *each.recipients))
    return (*known.people, *known.creators, *known.recipients, *known.signers, *enclosed)


def _is_dated(dates: Iterable[str | None], filters: Filters) -> bool:
    """Return whether any of these dates may lie between those of the filters."""
    first, last = filters.date_from or "", filters.date_to or "9999-12-31"
    if not (filters.date_from or filters.date_to):
        return True
    spans = (bounds(date) for date in dates if date)
    return any(end >= first and begin <= last for begin, end in spans)
