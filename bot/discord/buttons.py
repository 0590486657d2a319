"""The buttons of cards. A custom_id has all that a button needs, so it outlives a restart."""

import datetime as dt
import re
from typing import Any, Self

import discord

from bot.discord import metrics
from bot.discord.ask_further import make_modal, submit
from bot.discord.asking import Asker, ask_again, check_channel, count_question
from bot.discord.card_state import BUTTON_ID, CardState, too_old
from bot.discord.client import Bot
from bot.discord.delivery import acknowledge, ask_for, show, show_aside
from bot.discord.drawing import draw_page, draw_passage, find_shown, redraw
from bot.discord.errors import report
from bot.discord.feedback import REASONS, keep_feedback, name_judge
from bot.discord.page_picture import draw_picture
from bot.discord.phrases import Phrases
from bot.discord.render.answer import LEVELS
from bot.discord.render.citing import FILE_STYLES, Shown, citation_card, citation_file
from bot.discord.render.layout import Button, Card, Row, Text, small
from bot.discord.translations import phrases_for
from bot.discord.views import make_view
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters

Interaction = discord.Interaction[Bot]

# The custom_id of a component of /manage, /privacy or /archive add.
_OTHER_ID = re.compile(
    r"memcon:(?:manage:(?:channels|privacy|messages|reset|feedback:\d{1,5})|privacy:delete"
    r"|add:[0-9a-f]{8}:(?:take|leave))"
)
# These put a new card in the place of the one they are on, if that is the user's own.
_ANSWERS = frozenset({"page", "widen", "lower"})
_REPLACES = _ANSWERS | {"document", "passage", "picture", "style", "style_all", *REASONS}
# These take as much work as a question.
_WORKS = frozenset({"widen", "lower", "further", "picture"})


class CardButton(discord.ui.DynamicItem[discord.ui.Item[Any]], template=BUTTON_ID):
    """A button or menu of a card."""

    def __init__(
        self, item: discord.ui.Item[Any], action: str, card_id: str, place: int, page: int | None
    ) -> None:
        """Wrap what was pressed."""
        super().__init__(item)
        self.action, self.card_id, self.place, self.page = action, card_id, place, page

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - the library's own signature
        item: discord.ui.Item[Any],
        match: re.Match[str],
    ) -> Self:
        """Read the custom_id of what was pressed."""
        page = match["page"]
        place, number = int(match["place"]), None if page is None else int(page)
        return cls(item, match["action"], match["card"], place, number)

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
                await report(interaction, error, aside=self.action in _REPLACES)

    async def _press(self, bot: Bot, interaction: Interaction) -> None:
        tr = phrases_for(interaction.locale)
        if self.action in _WORKS:
            count_question(interaction.user.id)
            check_channel(interaction)
        if self.action == "further":
            await ask_for(interaction, make_modal(self.card_id, tr))
            return
        # Only a private card is replaced by another of Read, Cite or Not it.
        replaces = self.action in _ANSWERS or (
            self.action in _REPLACES and _is_private(interaction)
        )
        if not await acknowledge(interaction, ephemeral=True, thinking=not replaces):
            return
        state = await bot.remember(lambda memory: memory.card(self.card_id))
        if state is None:
            raise too_old()
        match self.action:
            case "widen" | "lower":
                await self._ask_again(bot, interaction, state)
            case "page":
                drawn = await bot.pool.run(lambda archive: redraw(state, archive, self.place, tr))
                await self._replace(interaction, state, drawn.card)
            case "not_it":
                card = _choose_reason(tr)
                await show(interaction, card, view=make_view(card, state.card_id))
            case action if action in REASONS:
                await self._judge(bot, interaction, state)
            case _:
                files: list[tuple[str, bytes]] = []
                card = await bot.pool.run(
                    lambda archive: self._draw(state, archive, interaction, files)
                )
                await show(interaction, card, view=make_view(card, state.card_id), files=files)

    def _draw(
        self,
        state: CardState,
        archive: Archive,
        interaction: Interaction,
        files: list[tuple[str, bytes]],
    ) -> Card:
        """Draw the private card of an action; adds the files that it attaches."""
        tr = phrases_for(interaction.locale)
        match self.action:
            case "read" | "passage" | "context":
                return draw_passage(state, self.place, self.page, archive, tr)
            case "document":
                return draw_page(state, self.place, self.page, archive, tr)
            case "picture":
                card, file = draw_picture(state, self.place, archive, tr)
                files.append(file)
                return card
            case "cite" | "style":
                cited: list[Shown] = [find_shown(state, self.place, archive)]
                action = "style"
            case "cite_all" | "style_all":
                places = range(max(1, min(self.place, len(state.quoted or ()))))
                cited = [find_shown(state, place, archive) for place in places]
                action = "style_all"
            case _:
                # Cards of earlier versions had other buttons.
                raise too_old()
        style = None
        if self.action.startswith("style"):
            style = self._chosen(interaction)
            today = dt.datetime.now(dt.UTC).date().isoformat()
            files.append(citation_file(cited, style, today))
        return citation_card(cited, action, self.place, style, tr)

    @staticmethod
    def _chosen(interaction: Interaction) -> str:
        """Return the value chosen in a menu; raises UsageError for one of an earlier version."""
        data: dict[str, Any] = dict(interaction.data or {})
        chosen = str(*data.get("values", ())[:1])
        if chosen not in FILE_STYLES:
            raise too_old()
        return chosen

    async def _ask_again(self, bot: Bot, interaction: Interaction, state: CardState) -> None:
        """Ask the card's question everywhere, or at a lower level."""
        filters = Filters() if self.action == "widen" else state.filters
        hidden = _is_private(interaction) or not _replaces(interaction, state)
        asker = Asker.of(interaction, private=hidden)
        level = LEVELS[min(self.place, len(LEVELS) - 1)]
        kept, drawn = await ask_again(bot, asker, state, filters, level)
        await self._replace(interaction, state, drawn.card, kept)

    async def _replace(
        self, interaction: Interaction, state: CardState, card: Card, kept: CardState | None = None
    ) -> None:
        """Put a card in the place of the user's own one, or else show it privately."""
        view = make_view(card, (kept or state).card_id)
        if _replaces(interaction, state):
            await show(interaction, card, view=view)
        else:
            await show_aside(interaction, view)

    async def _judge(self, bot: Bot, interaction: Interaction, state: CardState) -> None:
        """Keep what is wrong with an answer."""
        root, quoted = bot.pool.root, state.quoted or ()
        kept = await bot.pool.run(
            lambda _: keep_feedback(
                root,
                self.action,
                state.question,
                quoted,
                interaction.guild_id,
                name_judge(state.card_id, interaction.user.id),
            )
        )
        tr = phrases_for(interaction.locale)
        words = tr("The list is full; this was not kept.")
        if kept:
            reason = tr.known(REASONS[self.action], "judgement")
            words = tr("Kept as “{reason}”. Thank you.", reason=reason)
        await show(interaction, Card((Text(words),)))


def _is_private(interaction: Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral


def _replaces(interaction: Interaction, state: CardState) -> bool:
    """Whether the user may change the card: a private one, or their own public one."""
    forced = interaction.client.memory.settings(interaction.guild_id).forced
    return _is_private(interaction) or (state.user_id == interaction.user.id and not forced)


async def answer_unclaimed(interaction: Interaction) -> None:
    """Answer what the library ignores: modals, and buttons of an earlier version's form."""
    if interaction.type is discord.InteractionType.modal_submit:
        await submit(interaction)
    elif interaction.type is discord.InteractionType.component:
        pressed = str(dict(interaction.data or {}).get("custom_id"))
        if not (BUTTON_ID.fullmatch(pressed) or _OTHER_ID.fullmatch(pressed)):
            async with interaction.client.under_way():
                await report(interaction, too_old(), aside=True)


def _choose_reason(tr: Phrases) -> Card:
    """Make the card that asks what is wrong with an answer."""
    kept = tr(
        "Your choice is kept with the question, without your name. The managers of this server can "
        "list it."
    )
    buttons = [
        Button(tr.known(name, "judgement").capitalize(), action) for action, name in REASONS.items()
    ]
    heading = tr("What is wrong with this answer?")
    return Card((Text(f"**{heading}**\n{small(kept)}"), Row(tuple(buttons))))
