"""Draw the pages of cards from the archive."""

from dataclasses import dataclass

from bot.discord import cards, metrics
from bot.discord.card_state import CARD_LIFE, CardState, too_old
from bot.services.ask import QuotationChanged, Reply, ask
from corpus.errors import UsageError
from index.answering.receipts import Quoted, make_quoted
from index.answering.record_answers import search
from index.answering.verdict import Level
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.understanding.conversation.exchange import Exchange
from index.understanding.conversation.rewriting import RewrittenQuestion

# The passages of a search.
_SEARCHED = 50


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page of a card, counted from 0, and how many there are.

    `understood` can be asked again for the other pages. Of an answer, `quoted` is the quotation on
    each page and `exchange` the context for a follow-up question.
    """

    card: cards.Card
    page: int
    count: int
    understood: RewrittenQuestion
    quoted: tuple[Quoted, ...] = ()
    exchange: Exchange | None = None


def draw_answer(reply: Reply, page: int = 0) -> Drawn:
    """Draw a page of an answer; a page past the end is the last one."""
    with metrics.timed("rendering"):
        pages = cards.answer_pages(reply.answer)
        page = max(0, min(page, len(pages) - 1))
        return Drawn(
            cards.answer_card(
                reply.answer,
                reply.receipt.receipt_id,
                page,
                reply.understood.typed,
                changed=reply.changed,
            ),
            page,
            max(1, len(pages)),
            reply.understood,
            tuple(make_quoted(reply.answer.quotes[each.quote]) for each in pages),
            reply.exchange,
        )


def draw_search(typed: str, filters: Filters, archive: Archive, page: int = 0) -> Drawn:
    """Draw a page of ranked passages."""
    query = archive.parse_query(typed)
    hits, match = search(typed, query, archive, filters, _SEARCHED)
    shown = [(hit, archive.document(hit.passage.doc_id)) for hit in hits]
    is_spelled = query.question != typed and not (match and match.is_typed)
    asked_as = query.question if is_spelled else ""
    made = cards.search_cards(typed, query.terms, shown, archive.manifest, asked_as)
    return _choose(made, page, typed)


def draw_document(doc_id: str, archive: Archive, page: int = 0, around: str = "") -> Drawn:
    """Draw a page of a document: `page`, or the one that has the words `around`.

    Raises UnknownDocument.
    """
    document = archive.document(doc_id)
    place = cards.page_of(document, around) if around else page
    return _choose(cards.document_cards(document), place, doc_id)


def redraw(state: CardState, archive: Archive, level: Level, page: int) -> Drawn:
    """Draw another page of a card.

    Raises QuotationChanged if the archive answers otherwise now, UnknownDocument if the document
    is gone, UsageError for a card of an earlier version.
    """
    if state.kind == "search":
        return draw_search(state.question, state.filters, archive, page)
    if state.kind == "source":
        return draw_document(state.question, archive, page)
    if state.kind != "ask":
        raise UsageError("This card is of a kind that is not known any more.")
    if state.quoted is None:
        raise too_old()
    reply = ask(
        state.understood,
        archive,
        filters=state.filters,
        level=level,
        receipt_life=CARD_LIFE,
    )
    drawn = draw_answer(reply, page)
    if drawn.quoted != state.quoted:
        raise QuotationChanged(
            "The archive has changed since this card was made, and answers otherwise now. "
            "Please ask again."
        )
    return drawn


def _choose(made: list[cards.Card], page: int, question: str) -> Drawn:
    page = max(0, min(page, len(made) - 1))
    return Drawn(made[page], page, len(made), RewrittenQuestion(question, question))
