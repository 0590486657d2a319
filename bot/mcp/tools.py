"""What the tools of the MCP server do: from an archive and checked arguments to JSON and text.

Every quotation comes with its document, span, hash and address, so that an assistant can pass it
on and anybody can check it. The text form marks quotations as blocks to be repeated unchanged.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote as percent_encode

from bot.render.json_form import (
    answer_form,
    document_form,
    hit_form,
    records_form,
    searched_form,
    verification_form,
)
from bot.services import ask as service
from bot.services.listing import list_fitting
from corpus.citations.cited import Cited
from corpus.citations.styles import STYLES
from corpus.citations.styles import cite as cite_document
from corpus.documents import Span, hash_text
from corpus.errors import UsageError
from corpus.wording import count_of
from index.answering.record_answers import search as search_records
from index.answering.verdict import Level, Verdict
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.text.question_text import clean_question
from index.verifying.verification import clean_quotation, verify

# Characters that `read` returns at most: an assistant asks for the next part.
MAX_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool returns: one JSON object, and the same in words."""

    form: dict[str, Any]
    text: str


def address_of(doc_id: str) -> str:
    """Return the address under which the server has a document as a resource."""
    return f"memcon://documents/{percent_encode(doc_id, safe='')}"


def ask(question: str, archive: Archive, filters: Filters, level: Level, limit: int) -> Result:
    """Answer a question with quotations, or say that the archive does not answer it."""
    reply = service.ask(
        clean_question(question), archive, filters=filters, level=level, limit=limit
    )
    form = answer_form(
        reply.answer,
        reply.receipt.receipt_id,
        reply.milliseconds,
        reply.understood.typed,
        reply.changed,
    )
    for each in (*form["quotes"], *form["leads"]):
        _identify(each)
    given = reply.answer
    if given.verdict is Verdict.NOT_FOUND:
        lines = ["The archive does not answer this question for certain. Do not answer it from it."]
        if form["leads"]:
            lines.append("The nearest passages, which are not answers:")
    else:
        lines = [
            "Repeat these quotations word for word or not at all, each with its source."
            if given.verdict is Verdict.ANSWERED
            else "The record withholds this. These quotations say so."
        ]
    lines += [_in_words(each) for each in (*form["quotes"], *form["leads"])]
    return Result(form, "\n\n".join((*lines, f"Receipt: {form['receipt']}")))


def search(query: str, archive: Archive, filters: Filters, limit: int) -> Result:
    """Rank passages for a query."""
    words = clean_question(query)
    ranked, match = search_records(words, archive.parse_query(words), archive, filters, limit)
    hits = [_identify(hit_form(hit, archive.document(hit.passage.doc_id))) for hit in ranked]
    form = {
        "schema": "memcon.search/1",
        "query": words,
        "asked_as": None,
        "hits": hits,
        "records": match and records_form(match),
        "searched": searched_form(archive.manifest),
    }
    found = [f"{hit['rank']}. {hit['title']}\n{_in_words(hit)}" for hit in hits]
    return Result(form, "\n\n".join(found) or "No passage fits.")


def read(doc_id: str, archive: Archive, start: int, end: int | None) -> Result:
    """Return part of a document's text, its provenance and its citation."""
    document = archive.document(doc_id)
    length = len(document.text)
    if not 0 <= start < max(length, 1) or (end is not None and end <= start):
        raise UsageError(f"The document has the characters 0 to {length}.")
    last = min(length, start + MAX_CHARACTERS, length if end is None else end)
    form = (
        {"schema": "memcon.document/1"}
        | document_form(document, archive.related(document))
        | {
            "searched": searched_form(archive.manifest),
        }
    )
    part = {
        "text": document.text[start:last],
        "start": start,
        "end": last,
        "length": length,
        "next": last if last < length else None,
        "resource": address_of(doc_id),
        "citation": cite_document(document).note,
    }
    more = f"\n\n[{length - last:,} more characters, from {last}]" if last < length else ""
    return Result(form | part, f"{part['citation']}\n\n{part['text']}{more}")


def check(quotation: str, archive: Archive, attributed_to: str | None) -> Result:
    """Check whether the archive has a quotation word for word."""
    verification = verify(clean_quotation(quotation), archive, attributed_to)
    form = verification_form(verification)
    lines = [f"Finding: {form['finding']}."]
    if form["text"] is not None:
        lines.append(_in_words(_identify(form)))
    if form["attribution"]:
        lines.append(f"Attribution: {form['attribution']}.")
    return Result(form, "\n\n".join(lines))


def cite(doc_id: str, archive: Archive, style: str, start: int | None, end: int | None) -> Result:
    """Cite a document, or the words from `start` to `end`."""
    document = archive.document(doc_id)
    span = None
    if start is not None or end is not None:
        if start is None or end is None or not start < end <= len(document.text):
            raise UsageError(f"start and end lie between 0 and {len(document.text)}.")
        span = Span(start, end)
    citation = STYLES[style].write([Cited.of(document, span)])
    form = {
        "schema": "memcon.citation/1",
        "doc_id": doc_id,
        "start": start,
        "end": end,
        "style": style,
        "citation": citation,
        "text": span and span.of(document.text),
        "resource": address_of(doc_id),
    }
    return Result(form, citation)


def list_documents(archive: Archive, filters: Filters, offset: int, limit: int) -> Result:
    """List the documents that pass the filters, by date. Speaker and language do not count."""
    rows = [
        {
            "doc_id": doc_id,
            "title": provenance.title or doc_id,
            "date": provenance.date,
            "kind": provenance.kind,
            "collection": provenance.collection,
            "resource": address_of(doc_id),
        }
        for doc_id, _, provenance, _ in list_fitting(archive, filters)
    ]
    shown = rows[offset : offset + limit]
    form = {
        "schema": "memcon.documents/1",
        "total": len(rows),
        "offset": offset,
        "next": offset + limit if offset + limit < len(rows) else None,
        "documents": shown,
    }
    lines = [f"{row['doc_id']} · {row['date'] or 'no date'} · {row['title']}" for row in shown]
    return Result(form, "\n".join((count_of(len(rows), "documents"), *lines)))


def _identify(form: dict[str, Any]) -> dict[str, Any]:
    """Add what a quotation is checked by: its resource, and the hash of its words."""
    form["resource"] = address_of(form["doc_id"])
    form["sha256"] = hash_text(form["text"])
    return form


def _in_words(form: Mapping[str, Any]) -> str:
    """Return a quotation as a block, with its source."""
    block = "\n".join(f"> {line}" for line in form["text"].splitlines())
    citation = form.get("citation") or {"note": form.get("title", "")}
    place = f"{form['resource']}, characters {form['start']} to {form['end']}"
    return f"{block}\n{citation['note']} ({place}; SHA-256 {form['sha256'][:16]}…)"
