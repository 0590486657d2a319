"""Examples of questions that an archive answers, made from its own records."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from corpus.dates import in_words
from corpus.documents import Provenance
from index.answering.answer import answer
from index.answering.verdict import Verdict
from index.retrieval.archive import Archive

_MOST = 3
_LOOKED_AT = 500
_WHOLE_DATE = len("1901-05-07")


def find_examples(archive: Archive) -> tuple[str, ...]:
    """Return at most three questions that the archive answers; the same for the same archive."""
    found: dict[str, None] = {}
    for question in _candidates(archive):
        if len(found) == _MOST:
            break
        if answer(question, archive).verdict is Verdict.ANSWERED:
            found[question] = None
    return tuple(found)


def _candidates(archive: Archive) -> Iterator[str]:
    every = [provenance for _, _, provenance, _ in archive.list_documents()]
    # A finding aid stands for the record that it describes.
    records = [each.about or each for each in every[:_LOOKED_AT]]
    people = Counter(name for record in records for name in _parties(record))
    names = [name for name, _ in sorted(people.items(), key=lambda each: (-each[1], each[0]))][:5]
    yield from islice(filter(None, map(_letter, records)), 1)
    if len(names) > 1:
        yield f"When did {names[0]} meet {names[1]}?"
        yield f"What did {names[0]} say about {names[1]}?"
    for name in names:
        yield f"Who was {name}?"
    dates = sorted(filter(None, (record.event_date or record.document_date for record in records)))
    for date in dict.fromkeys((dates[len(dates) // 2], dates[0], dates[-1]) if dates else ()):
        yield f"What happened on {in_words(date)}?"
    for record in records[:5]:
        if record.title:
            yield f"What does “{record.title}” say?"


def _parties(record: Provenance) -> tuple[str, ...]:
    """Return who takes part in a record, or wrote or received it.

    Without a recipient, who wrote it may be the author of an article about the past.
    """
    writers = record.creators if record.recipients else ()
    return (*record.people, *writers, *record.recipients)


def _letter(record: Provenance) -> str | None:
    """Name a record by sender, recipient and day, if it has all three."""
    date = record.document_date
    if not (record.creators and record.recipients and date and len(date) == _WHOLE_DATE):
        return None
    return f"{record.creators[0]} to {record.recipients[0]}, {in_words(date)}"
