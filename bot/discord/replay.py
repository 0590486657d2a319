"""From a receipt to the card that it stands for, made again from the archive."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot import settings
from bot.discord import cards, metrics
from bot.discord.memory import CardState
from corpus.errors import UsageError
from index.answering.answer import LIMIT, Answer, answer
from index.answering.quotations import Quote
from index.answering.receipts import keep_receipt, make_receipt
from index.answering.record_answers import search
from index.answering.turns import hear, make_exchange
from index.answering.verdict import Level
from index.retrieval.archive import Archive
from index.retrieval.search import Filters
from index.understanding.conversation.understand import Exchange, Understood

# How many passages a search goes through, page by page.
_SEARCHED = 50


@dataclass(frozen=True, slots=True)
class Drawn:
    """A card, which page of how many it is, and whether it shows a quotation.

    `turn` is what the next question of a conversation may lean on, after a question.
    """

    card: cards.Card
    page: int
    count: int
    quoted: bool
    turn: Exchange | None = None


def draw_page(receipt: CardState, archive: Archive, page: int) -> Drawn:
    """Return a page of what a receipt stands for; a page past the end is the last one.

    Raises UsageError for a receipt of an unknown kind, UnknownDocument for a document that is gone.
    """
    if receipt.kind == "ask":
        result = _answer(receipt, archive)
        given = make_receipt(result, LIMIT)
        with suppress(OSError):
            keep_receipt(archive.root, given)
        with metrics.timed("rendering"):
            count = max(1, len(cards.answer_pages(result)))
            page = max(0, min(page, count - 1))
            card = cards.answer_card(result, given.receipt_id, page, receipt.understood.typed)
        turn = make_exchange(result, archive.names)
        return Drawn(card, page, count, bool(result.quotes), turn)
    if receipt.kind == "search":
        query = archive.parse_query(receipt.question)
        hits, match = search(receipt.question, query, archive, receipt.filters, _SEARCHED)
        shown = [(hit, archive.document(hit.passage.doc_id)) for hit in hits]
        typed = receipt.question
        is_spelled = query.question != typed and not (match and match.is_typed)
        asked_as = query.question if is_spelled else ""
        made = cards.search_cards(typed, query.terms, shown, archive.manifest, asked_as)
    elif receipt.kind == "source":
        made = cards.document_cards(archive.document(receipt.question))
    else:
        raise UsageError("This card is of a kind that is not known any more.")
    page = max(0, min(page, len(made) - 1))
    return Drawn(made[page], page, len(made), quoted=False)


def draw_quote(receipt: CardState, archive: Archive, page: int) -> Quote:
    """Return the quotation on a page of an answer; raises UsageError where there is none."""
    return quote_on(_answer(receipt, archive), page)


def quote_on(result: Answer, page: int) -> Quote:
    """Return the quotation that a page of an answer shows; raises UsageError where none is."""
    shown = cards.answer_pages(result)
    if not shown:
        raise UsageError("The archive has changed since, and no longer answers this question.")
    return result.quotes[shown[min(page, len(shown) - 1)].quote]


def understand_in(
    question: str, turns: Sequence[Exchange], archive: Archive, filters: Filters
) -> Understood:
    """Return how a question is understood after some turns, as it will be answered."""
    level = Level(settings.load().answers.level)
    return hear(question, turns, archive, filters=filters, level=level)


def _answer(receipt: CardState, archive: Archive) -> Answer:
    level = Level(settings.load().answers.level)
    return answer(
        receipt.question,
        archive,
        filters=receipt.filters,
        level=level,
        without=receipt.understood.without,
    )
