"""Whether words are from the person, or the document, that they are said to be from."""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from corpus.authority.parts import part_at
from corpus.documents import Document, Span, Turn, overlaps_any
from index.retrieval.archive import Archive
from index.text.analyzer import analyze
from index.understanding.names import Names
from index.understanding.record_queries import parse_condition
from index.verifying.persons import is_same_person


def find_named(words: str, archive: Archive) -> frozenset[str]:
    """Return the ids of the documents that words name as a record.

    "Fish to Washburne, September 9, 1870", "document 54".
    """
    condition = parse_condition(words)
    if condition is None:
        return frozenset()
    fits = archive.engine.find_records(condition).fits
    return frozenset(archive.engine.doc_ids([*dict.fromkeys(place.document for place in fits)]))


def is_attributed(
    words: str,
    document: Document,
    span: Span,
    turn: Turn | None,
    names: Names,
    named: AbstractSet[str] = frozenset(),
) -> bool | None:
    """Return whether the record attributes a span, in a turn or none, to the one that `words` name.

    `words` may also name the document: by its title, its number, or its name in the archive, or as
    one of the records `named`. `names` knows the forms of persons' names. Words of an enclosure are
    its writer's. None where that is open: editors' words, notes and quoted mail, parts of two
    records, an office whose holder is unknown, or a name that may be the same.
    """
    if named:
        return document.doc_id in named
    if _names_document(words, document):
        return True
    if turn is not None:
        labels = (turn.label, turn.name) if turn.name else (turn.label,)
        found = _compare(words, labels, names)
        found = found or (_is_same(words, turn.name, names) if turn.name else found)
        # What a mail says of the mail that it quotes is no proof.
        return found or (None if is_kept_apart(document, span) else found)
    part = part_at(document, span)
    if part.editorial or is_kept_apart(document, span):
        return None
    record = part.provenance
    if _is_office(words, record.title or ""):
        return True
    found = _compare(words, (*record.creators, *record.signers), names)
    # A signature says who holds an office, and gives the fuller name.
    return found or (_compare(words, record.signers, names) if record.signers else found)


def _compare(words: str, known: Iterable[str], names: Names) -> bool | None:
    """Return whether one of the known names is meant; None where that is open for one of them."""
    found = [_is_same(words, name, names) for name in known]
    if True in found:
        return True
    return None if None in found or not found else False


def is_kept_apart(document: Document, span: Span) -> bool:
    """Return whether a span begins or ends in quoted mail, in a note or in page furniture."""
    edges = (Span(span.start, span.start + 1), Span(span.end - 1, span.end))
    return any(overlaps_any(document.structure.boilerplate, edge) for edge in edges)


def _names_document(words: str, document: Document) -> bool:
    record = document.provenance
    known = f"{document.doc_id} {document.title} {record.kind or ''} {record.number or ''}"
    # "Gore" is no document, though a title may have the name in it: a document is named by its
    # number, by its name in the archive, or by most of its title.
    asked, title = set(analyze(words)), set(analyze(document.title))
    numbers = {term for term in asked if term.isdecimal()}
    if words.strip() == document.doc_id:
        return True
    if numbers and asked <= set(analyze(known)):
        return True
    return len(asked & title) * 2 > len(title) > 1 and asked <= set(analyze(known))


def _is_office(words: str, title: str) -> bool:
    """Return whether words are the office before "to" in a title, without the holder's name."""
    sender, to, _ = re.sub(r"\s*\([^()]*\)", "", title).partition(" to ")
    asked = set(analyze(words))
    return bool(to and asked) and asked == set(analyze(sender))


def _is_same(words: str, name: str, names: Names) -> bool | None:
    """Return whether one person is meant, under any form of the name; None where it is open."""
    forms = names.forms(name)
    if set(names.forms(words)[1:]) & set(forms[1:]):
        return True
    found = [is_same_person(words, form) for form in forms]
    if True in found:
        return True
    # A form in another script says nothing where one in this script is another's.
    return False if False in found else None
