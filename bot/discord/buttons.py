"""The buttons of cards: each carries what it needs in its custom_id, and outlives a restart."""

import json
import re
from typing import TYPE_CHECKING, Any, Self

import discord

from bot.discord import cards, metrics
from bot.discord.delivery import acknowledge, make_embed, persist, show
from bot.discord.errors import NotAllowed, report
from bot.discord.memory import CardState
from bot.discord.replay import Drawn, draw_quote
from corpus.citations.exports import to_biblatex, to_bibtex, to_ris
from corpus.citations.styles import cite
from corpus.errors import UsageError
from index.answering.quotations import Quote

if TYPE_CHECKING:
    from bot.discord.client import Bot

# These change the card itself; the others reply privately.
_TURNS = {"prev": -1, "next": 1}
_LABELS = {
    "prev": "Previous",
    "next": "Next",
    "context": "Context",
    "cite": "Cite",
}

# What a button carries.
TEMPLATE = re.compile(
    r"memcon:(?P<action>prev|next|context|cite):(?P<receipt>[0-9a-f]{16}):(?P<page>\d{1,5})"
)


class CardButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=TEMPLATE):
    """A button of a card: an action, the receipt of the card, and the page that it is on."""

    def __init__(self, action: str, receipt_id: str, page: int, *, disabled: bool = False) -> None:
        """Make the button for an action."""
        super().__init__(
            discord.ui.Button(
                label=_LABELS[action],
                custom_id=f"memcon:{action}:{receipt_id}:{page}",
                style=discord.ButtonStyle.secondary,
                disabled=disabled,
            )
        )
        self.action, self.receipt_id, self.page = action, receipt_id, page

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - the library's own signature
        item: discord.ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],
    ) -> Self:
        """Return the button that somebody pressed, from its custom_id alone."""
        return cls(match["action"], match["receipt"], int(match["page"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button says."""
        bot: Bot = interaction.client
        command = f"button {self.action}"
        metrics.questions.labels(command).inc()
        async with bot.under_way():
            try:
                with metrics.timed(command, metrics.observe_reply):
                    await self._press(bot, interaction)
            except Exception as error:  # noqa: BLE001 - the one handler decides what is said
                await report(interaction, error, aside=self.action in _TURNS)

    async def _press(self, bot: "Bot", interaction: discord.Interaction[Any]) -> None:
        turns = self.action in _TURNS
        if not await acknowledge(interaction, ephemeral=not turns, thinking=not turns):
            return
        receipt = await bot.remember(lambda memory: memory.receipt(self.receipt_id))
        if receipt is None:
            raise too_old()
        if turns and receipt.user_id != interaction.user.id:
            raise NotAllowed("Only who asked can turn the pages of this card. Please ask yourself.")
        if turns:
            drawn, view = await bot.draw(receipt, self.page + _TURNS[self.action])
            await show(interaction, drawn.card, view=view)
            return
        quote = await bot.service.run(lambda archive: draw_quote(receipt, archive, self.page))
        if self.action == "context":
            await self._show_context(interaction, quote)
        else:
            await show(
                interaction,
                cards.citation_card(cite(quote.document, quote.span)),
                files=citation_files(quote),
            )

    async def _show_context(self, interaction: discord.Interaction[Any], quote: Quote) -> None:
        first, *rest = cards.context_cards(quote)
        await show(interaction, first)
        for card in rest:
            await persist(
                lambda card=card: interaction.followup.send(  # type: ignore[misc]
                    embed=make_embed(card), ephemeral=True
                )
            )


def too_old() -> UsageError:
    """Return the error for a button of which nothing is known any more."""
    return UsageError("This card is too old for its buttons. Please ask again.")


def card_view(receipt: CardState, drawn: Drawn) -> discord.ui.View:
    """Return the buttons of a card: pages where there are several, and a quotation's own."""
    view = discord.ui.View(timeout=None)
    name, page = receipt.receipt_id, drawn.page
    if drawn.count > 1:
        view.add_item(CardButton("prev", name, page, disabled=page == 0))
        view.add_item(CardButton("next", name, page, disabled=page >= drawn.count - 1))
    if drawn.quoted:
        view.add_item(CardButton("context", name, page))
        view.add_item(CardButton("cite", name, page))
    if drawn.card.link:
        view.add_item(discord.ui.Button(label="Source", url=drawn.card.link))
    # The buttons answer by their custom_id: the library need not remember each card.
    view.stop()
    return view


def citation_files(quote: Quote) -> list[tuple[str, str]]:
    """Return the citation's machine-readable forms as files: names and texts."""
    document = quote.document
    item = json.dumps([cite(document, quote.span).csl], ensure_ascii=False, indent=2)
    return [
        ("citation.bib", to_bibtex(document)),
        ("citation-biblatex.bib", to_biblatex(document)),
        ("citation.ris", to_ris(document)),
        ("citation.json", item + "\n"),
    ]
