"""The state of a card, which its buttons work on, and the form of the buttons' ids."""

import re
from dataclasses import dataclass

from corpus.errors import UsageError
from index.answering.receipts import Quoted
from index.retrieval.filters import Filters
from index.understanding.conversation.rewriting import RewrittenQuestion

# How long a card's buttons work, and what it asked is kept, in seconds.
CARD_LIFE = 90 * 86_400
# The custom_id of a button or menu: its action, its card, and the quotation or page of the card;
# then, for some, the page of the quotation's document. Cards of earlier versions have "prev",
# "next" and "context".
BUTTON_ID = re.compile(
    r"memcon:(?P<action>[a-z_]+):(?P<card>[0-9a-f]{16}):(?P<place>\d{1,5})(?::(?P<page>\d{1,5}))?"
)


@dataclass(frozen=True, slots=True)
class CardState:
    """A card's request and result.

    `kind` is "ask", "search", "source" or "verify"; a source's question is its document's id.
    `quoted` are the quotations of the card, None for a card of an earlier version. `generation` is
    the index that answered.
    """

    card_id: str
    kind: str
    user_id: int
    understood: RewrittenQuestion
    filters: Filters
    generation: str
    quoted: tuple[Quoted, ...] | None = ()

    @property
    def question(self) -> str:
        """The question as it is asked."""
        return self.understood.question


def too_old() -> UsageError:
    """Make the error for a button whose card is unknown, expired or of an earlier version."""
    return UsageError("This card is too old for its buttons. Please ask again.")
