"""Whether words are from whom, or from what, somebody says they are."""

from collections.abc import Set as AbstractSet

from corpus.documents import Document, Span, Turn, overlaps_any
from index.retrieval.archive import Archive
from index.text.analyzer import analyze
from index.understanding.names import Names
from index.understanding.record_queries import parse_condition


def find_named(words: str, archive: Archive) -> frozenset[str]:
    """Return the names of the documents that words name as a record; none where they name none.

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
    """Tell whether the record attributes a span, in a turn or in none, to whom `words` name.

    `words` may also name the document: by its title, its number, or its name in the archive, or as
    one of the records `named`; `names` knows persons under all forms of their names. None where the
    record leaves open who is meant.
    """
    if named:
        return document.doc_id in named
    if _names_document(words, document):
        return True
    if turn is not None:
        if any(_is_same(words, name, names) for name in (turn.label, turn.name) if name):
            return True
        # An office whose holder is not known may be anybody's.
        return False if turn.name else None
    if _is_kept_apart(document, span):
        return None
    record = document.provenance
    writers = (*record.creators, *record.signers)
    return any(_is_same(words, name, names) for name in writers) if writers else None


def _is_kept_apart(document: Document, span: Span) -> bool:
    """Tell whether a span begins or ends in what is no part of a document's own words.

    That is what an e-mail quotes, notes and furniture: they may be anybody's.
    """
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


def _is_same(words: str, name: str, names: Names) -> bool:
    """Tell whether one person is meant, under any form of the name, or by a part of it."""
    forms = names.forms(name)
    if set(names.forms(words)[1:]) & set(forms[1:]):
        return True
    terms = set(analyze(words))
    return bool(terms) and any(terms <= set(analyze(form)) for form in forms)
