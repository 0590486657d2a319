"""The buttons of cards. A custom_id has all that a button needs, so it outlives a restart."""

import datetime as dt
import re
from typing import Any, Self

import discord

from bot.discord import cards, metrics
from bot.discord.card_state import BUTTON_ID, CardState, too_old
from bot.discord.client import Bot
from bot.discord.delivery import acknowledge, make_embed, persist, show
from bot.discord.drawing import Drawn, redraw
from bot.discord.errors import NotAllowed, report
from bot.services.ask import find_quoted
from corpus.citations.cited import Cited
from corpus.citations.styles import STYLES, cite
from corpus.documents import Document, Span

# These change the card; the others reply privately.
_STEPS = {"prev": -1, "next": 1}
_LABELS = {"prev": "Previous", "next": "Next", "context": "Context", "cite": "Cite"}


class CardButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=BUTTON_ID):
    """A button of a card."""

    def __init__(self, action: str, card_id: str, page: int, *, disabled: bool = False) -> None:
        """Make the button for an action."""
        super().__init__(
            discord.ui.Button(
                label=_LABELS[action],
                custom_id=f"memcon:{action}:{card_id}:{page}",
                style=discord.ButtonStyle.secondary,
                disabled=disabled,
            )
        )
        self.action, self.card_id, self.page = action, card_id, page

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - the library's own signature
        item: discord.ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],
    ) -> Self:
        """Make the pressed button from its custom_id."""
        return cls(match["action"], match["card"], int(match["page"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Carry out the action."""
        bot: Bot = interaction.client
        command = f"button {self.action}"
        metrics.questions.labels(command).inc()
        async with bot.under_way():
            try:
                with metrics.timed(command, metrics.observe_reply):
                    await self._press(bot, interaction)
            except Exception as error:  # noqa: BLE001 - the one handler decides what is said
                await report(interaction, error, aside=self.action in _STEPS)

    async def _press(self, bot: Bot, interaction: discord.Interaction[Bot]) -> None:
        step = _STEPS.get(self.action)
        if not await acknowledge(interaction, ephemeral=not step, thinking=not step):
            return
        state = await bot.remember(lambda memory: memory.card(self.card_id))
        if state is None:
            raise too_old()
        if step:
            if state.user_id != interaction.user.id:
                raise NotAllowed(
                    "Only who asked can turn the pages of this card. Please ask yourself."
                )
            page = self.page + step
            drawn = await bot.pool.run(lambda archive: redraw(state, archive, bot.level, page))
            await show(interaction, drawn.card, view=card_view(state, drawn))
            return
        if not state.quoted:
            raise too_old()
        quoted = state.quoted[min(self.page, len(state.quoted) - 1)]
        document, span = await bot.pool.run(lambda archive: find_quoted(quoted, archive))
        if self.action == "context":
            await _show_context(interaction, document, span)
        else:
            card = cards.citation_card(cite(document, span))
            await show(interaction, card, files=citation_files(document, span))


def card_view(state: CardState, drawn: Drawn) -> discord.ui.View:
    """Make the buttons of a card: pages if there are several, and a quotation's own."""
    view = discord.ui.View(timeout=None)
    name, page = state.card_id, drawn.page
    if drawn.count > 1:
        view.add_item(CardButton("prev", name, page, disabled=page == 0))
        view.add_item(CardButton("next", name, page, disabled=page >= drawn.count - 1))
    if drawn.quoted:
        view.add_item(CardButton("context", name, page))
        view.add_item(CardButton("cite", name, page))
    if drawn.card.link:
        view.add_item(discord.ui.Button(label="Source", url=drawn.card.link))
    # The buttons answer by their custom_id: the library need not keep each view.
    view.stop()
    return view


def citation_files(document: Document, span: Span) -> list[tuple[str, str]]:
    """Return the quotation's citation in each style that programs read: file names and texts."""
    accessed = dt.datetime.now(dt.UTC).date().isoformat()
    cited = Cited.of(document, span, accessed)
    return [
        (style.file_name, f"{style.write(cited)}\n") for style in STYLES.values() if style.file_name
    ]


async def _show_context(
    interaction: discord.Interaction[Bot], document: Document, span: Span
) -> None:
    first, *rest = cards.context_cards(document, span)
    await show(interaction, first)
    for card in rest:
        await persist(
            lambda card=card: interaction.followup.send(  # type: ignore[misc]
                embed=make_embed(card), ephemeral=True
            )
        )
