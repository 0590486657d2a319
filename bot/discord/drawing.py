"""Draw cards from the archive."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.discord import metrics
from bot.discord.card_state import CardState, too_old
from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.render.answer import answer_card
from bot.discord.render.layout import Card
from bot.discord.render.reading import document_card, page_of, passage_card
from bot.discord.render.search import HITS_A_PAGE, search_card
from bot.discord.render.verification import (
    verification_card,
    verifications_card,
    verified_places,
)
from bot.services.ask import QuotationChanged, Reply, find_quoted
from corpus.documents import Document, Span, hash_text
from corpus.errors import UsageError
from index.answering.counterpart import Counterpart
from index.answering.receipts import Quoted, make_quoted
from index.answering.record_answers import search
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.text.typography import find_folded
from index.understanding.conversation.exchange import Exchange
from index.understanding.conversation.rewriting import RewrittenQuestion
from index.verifying.verification import Verification

# The passages of a search.
_SEARCHED = 50


@dataclass(frozen=True, slots=True)
class Drawn:
    """A card, and what its buttons need.

    `understood` can be asked again. `quoted` are the quotations that the card shows; those of an
    answer are followed by the other sides' records. `exchange` is the context for a follow-up
    question.
    """

    card: Card
    understood: RewrittenQuestion
    quoted: tuple[Quoted, ...] = ()
    exchange: Exchange | None = None


def draw_answer(reply: Reply, tr: Phrases = ENGLISH) -> Drawn:
    """Draw an answer or a refusal."""
    with metrics.timed("rendering"):
        answer = reply.answer
        shown = answer.quotes or answer.leads
        others = tuple(_quote_other(each) for each in answer.counterparts if each)
        quoted = (*map(make_quoted, shown), *others)
        return Drawn(answer_card(reply, tr), reply.understood, quoted, reply.exchange)


def draw_search(
    typed: str, filters: Filters, archive: Archive, page: int = 0, tr: Phrases = ENGLISH
) -> Drawn:
    """Draw a page of ranked passages; a page past the end is the last one."""
    query = archive.parse_query(typed)
    hits, match = search(typed, query, archive, filters, _SEARCHED)
    page = max(0, min(page, (len(hits) - 1) // HITS_A_PAGE))
    documents = {hit.passage.doc_id: archive.document(hit.passage.doc_id) for hit in hits}
    first = page * HITS_A_PAGE
    is_spelled = query.question != typed and not (match and match.is_typed)
    card = search_card(
        typed,
        query.terms,
        [(hit, documents[hit.passage.doc_id]) for hit in hits[first : first + HITS_A_PAGE]],
        page,
        len(hits),
        archive.manifest,
        filters,
        archive.engine.count_documents(filters),
        query.question if is_spelled else "",
        tr,
    )
    quoted = (_quote(documents[hit.passage.doc_id], hit.passage.span) for hit in hits)
    return Drawn(card, RewrittenQuestion(typed, typed), tuple(quoted))


def draw_document(
    doc_id: str, archive: Archive, page: int = 0, around: str = "", tr: Phrases = ENGLISH
) -> Drawn:
    """Draw a page of a document: `page`, or the one that has the words `around`, in bold.

    Words match in any typography. Raises UnknownDocument, and UsageError if it lacks the words.
    """
    document, span = archive.document(doc_id), None
    if around:
        found = find_folded(around, document.text)
        if not found:
            raise UsageError(f"The document does not have the words “{around}”.")
        span = found[0]
        page = page_of(document, span.start)
    card = document_card(document, page, span=span, tr=tr)
    return Drawn(card, RewrittenQuestion(doc_id, doc_id))


def draw_verification(verification: Verification, tr: Phrases = ENGLISH) -> Drawn:
    """Draw the verification of a quotation, whose words the card's state does not keep."""
    quoted = tuple(_quote(*each) for each in verified_places(verification))
    return Drawn(verification_card(verification, tr), RewrittenQuestion("", ""), quoted)


def draw_verifications(
    verifications: Sequence[Verification], more: int, tr: Phrases = ENGLISH
) -> Drawn:
    """Draw the verifications of several quotations; `more` were not checked."""
    quoted = tuple(
        _quote(each.document, each.span) for each in verifications if each.document and each.span
    )
    card = verifications_card(verifications, more, tr)
    return Drawn(card, RewrittenQuestion("", ""), quoted)


def redraw(state: CardState, archive: Archive, page: int, tr: Phrases = ENGLISH) -> Drawn:
    """Draw another page of a card.

    Raises QuotationChanged if a search finds other passages now, UnknownDocument if the document is
    gone, UsageError for a card of an earlier version.
    """
    if state.kind == "source":
        return draw_document(state.question, archive, page, tr=tr)
    if state.kind != "search":
        raise too_old()
    drawn = draw_search(state.question, state.filters, archive, page, tr)
    if drawn.quoted != state.quoted:
        raise QuotationChanged(
            "The archive has changed since this card was made, and finds other passages now. "
            "Please search again."
        )
    return drawn


def find_shown(state: CardState, place: int, archive: Archive) -> tuple[Document, Span | None]:
    """Return the document and span of a quotation of a card; no span for a document's own card.

    Raises QuotationChanged if the archive no longer has it, UsageError for a card of an earlier
    version.
    """
    if state.kind == "source":
        return archive.document(state.question), None
    if not state.quoted or place >= len(state.quoted):
        raise too_old()
    return find_quoted(state.quoted[place], archive)


def draw_passage(
    state: CardState, place: int, other: int | None, archive: Archive, tr: Phrases = ENGLISH
) -> Card:
    """Draw a quotation of a card in its paragraph, beside the other side's record, if any."""
    document, span = find_shown(state, place, archive)
    if span is None:
        return document_card(document, 0, tr=tr)
    beside = None
    if other is not None:
        other_document, other_span = find_shown(state, other, archive)
        beside = (other_document, other_span or Span(0, 0), other)
    return passage_card(document, span, place, beside, tr)


def draw_page(
    state: CardState, place: int, page: int | None, archive: Archive, tr: Phrases = ENGLISH
) -> Card:
    """Draw a page of the document of a quotation, by default the one that has the quotation."""
    document, span = find_shown(state, place, archive)
    if page is None:
        page = page_of(document, span.start) if span else 0
    return document_card(document, page, place, span, tr)


def _quote(document: Document, span: Span) -> Quoted:
    return Quoted(document.doc_id, span.start, span.end, hash_text(span.of(document.text)))


def _quote_other(other: Counterpart) -> Quoted:
    return _quote(other.document, other.span or Span(0, 0))
