"""Examples of questions that an archive answers, made from its own records."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise, permutations

from corpus.dates import in_words
from corpus.documents import Provenance
from index.answering.answer import answer
from index.answering.verdict import Verdict
from index.retrieval.archive import Archive

_MOST = 3
_LOOKED_AT = 500
# The most names that are asked about, and pairs of them that are tried.
_NAMES, _PAIRS = 5, 8
_WHOLE_DATE = len("1901-05-07")


def find_examples(archive: Archive) -> tuple[str, ...]:
    """Return at most three questions that the archive answers; the same for the same archive."""
    found: dict[str, None] = {}
    for questions in _candidates(archive):
        if len(found) == _MOST:
            break
        for question in questions:
            if answer(question, archive).verdict is Verdict.ANSWERED:
                found[question] = None
                break
    return tuple(found)


def _candidates(archive: Archive) -> Iterator[Iterable[str]]:
    """Yield questions, grouped by those that are too much alike."""
    every = [provenance for _, _, provenance, _ in archive.list_documents()]
    # A finding aid stands for the record that it describes.
    records = [each.about or each for each in every[:_LOOKED_AT]]
    people = Counter(name for record in records for name in _parties(record))
    names: list[str] = []
    for name, _ in sorted(people.items(), key=lambda each: (-each[1], each[0])):
        # "Hay" and "John Hay" may be the same person.
        if len(names) < _NAMES and not any(name in each or each in name for each in names):
            names.append(name)
    yield islice(filter(None, map(_letter, records)), 1)
    pairs = islice(permutations(names, 2), _PAIRS)
    yield [f"What did {speaker} say about {other}?" for speaker, other in pairs]
    yield [f"When did {first} meet {other}?" for first, other in islice(pairwise(names), 1)]
    for name in names:
        yield [f"Who was {name}?"]
    dates = sorted(filter(None, (record.event_date or record.document_date for record in records)))
    for date in dict.fromkeys((dates[len(dates) // 2], dates[0], dates[-1]) if dates else ()):
        yield [f"What happened on {in_words(date)}?"]
    for record in records[:5]:
        if record.title:
            yield [f"What does “{record.title}” say?"]


def _parties(record: Provenance) -> tuple[str, ...]:
    """Return who took part in a record or wrote it.

    Without a recipient or an event, who wrote it may be the author of an article about the past.
    Recipients are often offices or places.
    """
    is_source = bool(record.recipients or record.event_date)
    return (*record.people, *(record.creators if is_source else ()))


def _letter(record: Provenance) -> str | None:
    """Name a record by sender, recipient and day, if it has all three."""
    date = record.document_date
    if not (record.creators and record.recipients and date and len(date) == _WHOLE_DATE):
        return None
    return f"{record.creators[0]} to {record.recipients[0]}, {in_words(date)}"
