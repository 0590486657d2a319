"""Answers, hits and documents as JSON values: the contract with other programs.

Keys may be added, never renamed, within a schema's number.
"""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import zip_longest
from typing import Any

from bot.render.hints import spell_hint
from bot.render.wording import name_filters
from corpus.authority.attribution import (
    Category,
    attribute,
    attribute_words,
    name_side,
    translation,
)
from corpus.authority.relations import Related
from corpus.citations.styles import cite
from corpus.documents import Document, Problem, Provenance, Redaction, Span, Turn
from index.answering.answer import Answer
from index.answering.counterpart import Counterpart
from index.answering.leads import Hint
from index.answering.quotations import Quote
from index.answering.receipts import Replay, make_receipt
from index.answering.record_answers import RecordMatch
from index.retrieval.hits import Hit
from index.storage.generation import Manifest
from index.storage.inventory import Changes
from index.verifying.verification import Verification

ANSWER_SCHEMA = "memcon.answer/1"


def answer_form(
    answer: Answer,
    receipt_id: str,
    milliseconds: float,
    typed: str | None = None,
    changed: Changes | None = None,
) -> dict[str, Any]:
    """Return an answer as one object of the schema `memcon.answer/1`.

    `typed` is the question as typed, if it was asked in other words; `changed`
    counts the source files that have changed since the build, None if unknown.
    """
    return {
        "schema": ANSWER_SCHEMA,
        "question": typed or answer.question,
        "asked_as": answer.question if typed and typed != answer.question else None,
        "verdict": str(answer.verdict),
        "confidence": answer.confidence,
        "quotes": [
            {
                **quote_form(quote),
                "voice": _voice(answer, place),
                "other_side": other and counterpart_form(other),
            }
            for place, (quote, other) in enumerate(zip_longest(answer.quotes, answer.counterparts))
        ],
        "refusal": answer.refusal and str(answer.refusal),
        "leads": [
            {**quote_form(quote), "voice": _voice(answer, place)}
            for place, quote in enumerate(answer.leads)
        ],
        "hints": [_hint_form(answer, hint) for hint in answer.hints],
        "asked_speaker": answer.speaker or None,
        "searched": {
            **searched_form(answer.searched),
            "changed": asdict(changed) if changed is not None else None,
        },
        "records": answer.records and records_form(answer.records),
        "receipt": receipt_id,
        "reranker": answer.reranker.name if answer.reranker else None,
        "timing_ms": {"total": round(milliseconds, 1)},
    }


def _voice(answer: Answer, place: int) -> str | None:
    """Return in which way the words at a place are the asked speaker's; None where it is open."""
    voice = answer.voices[place] if place < len(answer.voices) else None
    return voice and str(voice)


def _hint_form(answer: Answer, hint: Hint) -> dict[str, Any]:
    return {
        "level": hint.level and str(hint.level),
        "without": [name for name, _ in name_filters(answer.filters, hint.without)],
        "finds": "answer" if hint.is_answered else "leads",
        "command": spell_hint(answer, hint),
    }


def replay_form(
    replayed: Replay, milliseconds: float, changed: Changes | None = None
) -> dict[str, Any]:
    """Return a question asked again: the answer of then as its receipt has it, and that of now."""
    then = replayed.receipt
    now = make_receipt(replayed.answer, then.limit).receipt_id
    return {
        "schema": "memcon.replay/1",
        "receipt": then.receipt_id,
        "same": not replayed.changes,
        "changes": list(replayed.changes),
        "then": {
            "verdict": then.verdict,
            "quotes": [asdict(quoted) for quoted in then.quotes],
            "generation": then.generation,
            "built": then.built,
        },
        "now": answer_form(replayed.answer, now, milliseconds, changed=changed),
    }


def records_form(match: RecordMatch) -> dict[str, Any]:
    """Return which record a question asked for, and which there are."""
    return {
        "condition": match.condition,
        "total": match.total,
        "fits": [asdict(each) for each in match.fits],
        "nearest": [asdict(each) for each in match.nearest],
        "used": match.is_used,
        "opening": match.is_opening,
        "excluded": match.excluded,
        "excluded_by": [*match.excluded_by],
    }


def quote_form(quote: Quote) -> dict[str, Any]:
    """Return a quotation; its `text` is the stored text from `start` to `end`."""
    document = quote.document
    return {
        "text": quote.text,
        "doc_id": document.doc_id,
        **asdict(quote.span),
        "speaker": _speaker(quote.turn),
        "section": quote.hit.passage.section,
        "context": _context_form(quote.context, document),
        "source": _source_of_words(document, quote.span, quote.turn),
        "citation": asdict(cite(document, quote.span)),
    }


def counterpart_form(other: Counterpart) -> dict[str, Any]:
    """Return the counterpart of a quotation in the other side's record of a meeting.

    It reads as a quotation does; where no sentence comes near, `text`, `start`, `end`, `speaker`
    and `context` are null.
    """
    document, span = other.document, other.span
    return {
        "text": other.text,
        "doc_id": document.doc_id,
        **_place_form(span),
        "speaker": _speaker(other.turn),
        "context": _context_form(other.context, document),
        "source": _source_of_words(document, span, other.turn),
        "citation": asdict(cite(document, span)),
    }


def _source_of_words(document: Document, span: Span | None, turn: Turn | None) -> dict[str, Any]:
    """Return the source of words, attributed by the record that they belong to."""
    attribution = attribute_words(document, span, turn)
    return {**source_form(document.provenance, turn), "attribution": attribution}


def source_form(provenance: Provenance, turn: Turn | None) -> dict[str, Any]:
    """Return the kind of a quotation's source, and its attribution in words."""
    record = provenance.record
    return {
        "attribution": attribute(provenance, turn),
        "kind": provenance.kind,
        "category": Category.of(provenance),
        "finding_aid": provenance.is_own,
        "side": name_side(record.side),
        "translation": translation(provenance),
        "separate_telegram": record.separate_telegram,
        "of_number": record.parent,
        "part": record.part,
    }


def verification_form(verification: Verification) -> dict[str, Any]:
    """Return the finding on a quotation; `text` is the stored text from `start` to `end`."""
    document, span, turn = verification.document, verification.span, verification.turn
    return {
        "schema": "memcon.verify/1",
        "quotation": verification.quotation,
        "found": document is not None,
        "finding": str(verification.finding),
        "doc_id": document.doc_id if document else None,
        **_place_form(span),
        "text": verification.text,
        "brackets": list(verification.brackets),
        "caveat": verification.caveat,
        "difference": [asdict(piece) for piece in verification.difference],
        "parts": [
            {
                "text": part.text,
                "doc_id": part.document.doc_id,
                **asdict(part.span),
                "source": _source_of_words(part.document, part.span, None),
                "citation": asdict(cite(part.document, part.span)),
            }
            for part in verification.parts
        ],
        "speaker": _speaker(turn),
        "attributed_to": verification.attributed_to,
        "attribution": verification.attribution,
        "context": _context_form(verification.context, document),
        "source": _source_of_words(document, span, turn) if document else None,
        "citation": asdict(cite(document, span)) if document and span else None,
        "searched": searched_form(verification.searched),
    }


def _place_form(span: Span | None) -> dict[str, int | None]:
    return {"start": span.start if span else None, "end": span.end if span else None}


def _context_form(
    around: tuple[Span, Span] | None, document: Document | None
) -> dict[str, str] | None:
    if document is None or around is None:
        return None
    before, after = around
    return {"before": before.of(document.text), "after": after.of(document.text)}


def searched_form(manifest: Manifest) -> dict[str, Any]:
    """Return the index that was searched: its size, its dates and when it was built."""
    return {
        "documents": manifest.documents,
        "passages": manifest.passages,
        "from": manifest.date_from,
        "to": manifest.date_to,
        "generation": manifest.generation,
        "built": manifest.built,
    }


def hit_form(hit: Hit, document: Document) -> dict[str, Any]:
    """Return a ranked passage with where it is from and the sources of its score."""
    passage = hit.passage
    return {
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "passage_id": passage.passage_id,
        "doc_id": passage.doc_id,
        **asdict(passage.span),
        "section": passage.section,
        "speaker": _speaker(passage.turn),
        "text": passage.span.of(document.text),
        "title": document.title,
        "source": _source_of_words(document, passage.span, passage.turn),
        "lexical": {"rank": hit.lexical_rank, "score": round(hit.lexical_score, 4)},
        "dense": {"rank": hit.dense_rank, "cosine": round(hit.cosine, 4)},
        "relevance": None if hit.relevance is None else round(hit.relevance, 4),
    }


def document_form(document: Document, related: Sequence[Related]) -> dict[str, Any]:
    """Return a whole document with what is found in its text, and what belongs with it."""
    structure = document.structure
    return {
        "doc_id": document.doc_id,
        "title": document.title,
        "source": document.source,
        "sha256": document.sha256,
        "provenance": document.provenance.to_dict(),
        "source_kind": source_form(document.provenance, None),
        "related": [asdict(each) for each in related],
        "text": document.text,
        "structure": {
            "headings": [asdict(span) for span in structure.headings],
            "turns": [_flat_form(turn) for turn in structure.turns],
            "redactions": [_flat_form(redaction) for redaction in structure.redactions],
            "boilerplate": [asdict(span) for span in structure.boilerplate],
            "pages": [asdict(page) for page in structure.pages],
        },
    }


def listing_form(
    documents: list[tuple[str, str, Provenance, int]], problems: list[Problem]
) -> dict[str, Any]:
    """Return the documents of an archive, and the sources that were skipped.

    `remarks` are of sources that were read: a guess, damage, a key that was left out.
    """
    return {
        "documents": [
            {
                "doc_id": doc_id,
                "source": source,
                "provenance": provenance.to_dict(),
                "passages": passages,
            }
            for doc_id, source, provenance, passages in documents
        ],
        "problems": [
            {"source": problem.source, "reason": problem.reason}
            for problem in problems
            if not problem.is_read
        ],
        "remarks": [
            {"source": problem.source, "remark": problem.reason}
            for problem in problems
            if problem.is_read
        ],
    }


def _flat_form(part: Turn | Redaction) -> dict[str, Any]:
    form = asdict(part)
    return {**form.pop("span"), **form}


def _speaker(turn: Turn | None) -> dict[str, str | None] | None:
    return {"label": turn.label, "name": turn.name} if turn else None
