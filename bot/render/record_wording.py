"""Wording for the record that a question asked for, the same on all screens."""

from corpus.dates import in_words
from index.answering.record_answers import RecordMatch, RecordRef


def describe_match(match: RecordMatch, *, is_found: bool) -> str:
    """Return in a sentence the record that was asked for, and how many fit."""
    total = match.total or match.excluded
    if total == 0:
        return f"No record in the archive fits: {match.condition}."
    count = "1 record fits" if total == 1 else f"{total:,} records fit"
    asked = f"Asked for: {match.condition}; {count}"
    if match.excluded:
        by = f"{asked}, but the {' and '.join(match.excluded_by)}"
        return f"{by} exclude it." if total == 1 else f"{by} exclude them."
    if not (match.is_opening and is_found):
        return f"{asked}."
    one, more = "It is quoted from its beginning.", "Each is quoted from its beginning."
    return f"{asked}. {one if total == 1 else more}"


def list_others(match: RecordMatch, shown: set[str]) -> tuple[str, list[RecordRef], int]:
    """Return a heading, the records to offer below it, and how many more there are.

    `shown` are the documents that are quoted.
    """
    if match.total == 0:
        return "The nearest:", list(match.nearest), 0
    others = [each for each in match.fits if each.doc_id not in shown]
    return "Others that fit:", others, match.total - len(match.fits)


def name_record(ref: RecordRef) -> str:
    """Return a record's name: "document 54: Mr. Fish to Mr. Washburne, September 9, 1870"."""
    number = f"document {ref.number}: " if ref.number and ref.volume else ""
    date = f", {in_words(ref.date)}" if ref.date else ""
    return f"{number}{ref.title}{date}"
