"""Cards as Discord's layouts. Their buttons answer by custom_id, so that they outlive a restart."""

from typing import Any

import discord

from bot.discord.card_state import CardState
from bot.discord.drawing import Drawn
from bot.discord.render.layout import (
    Attached,
    Button,
    Card,
    Line,
    Link,
    Part,
    Picture,
    Row,
    Section,
    Select,
    Text,
)

_Item = discord.ui.Item[Any]


def card_view(state: CardState, drawn: Drawn) -> discord.ui.LayoutView:
    """Lay out a card that was kept."""
    return make_view(drawn.card, state.card_id)


def make_view(card: Card, card_id: str = "") -> discord.ui.LayoutView:
    """Lay out a card; without the id of a kept one, only links can be pressed."""
    if not card_id:
        card = card.without_buttons()
    view = discord.ui.LayoutView(timeout=None)
    container: discord.ui.Container[Any] = discord.ui.Container(accent_colour=card.colour)
    for part in card.parts:
        container.add_item(_make_part(part, card_id))
    view.add_item(container)
    # The library need not keep the view.
    view.stop()
    return view


def _make_part(part: Part, card_id: str) -> _Item:
    match part:
        case Text():
            return discord.ui.TextDisplay(part.words)
        case Section():
            words: _Item = discord.ui.TextDisplay(part.words)
            return discord.ui.Section(words, accessory=_make_item(part.button, card_id))
        case Row():
            return discord.ui.ActionRow(*(_make_item(item, card_id) for item in part.items))
        case Picture():
            media = discord.MediaGalleryItem(
                f"attachment://{part.name}", description=part.description[:1024]
            )
            return discord.ui.MediaGallery(media)
        case Attached():
            return discord.ui.File(f"attachment://{part.name}")
        case Line():
            return discord.ui.Separator()


def _make_item(item: Button | Link | Select, card_id: str) -> _Item:
    if isinstance(item, Link):
        return discord.ui.Button(label=item.label, url=item.url)
    custom_id = f"memcon:{item.action}:{card_id}:{item.place}"
    if isinstance(item, Select):
        options = [
            discord.SelectOption(value=value, label=label, description=description)
            for value, label, description in item.options
        ]
        return discord.ui.Select(custom_id=custom_id, placeholder=item.hint, options=options)
    style = discord.ButtonStyle.primary if item.primary else discord.ButtonStyle.secondary
    return discord.ui.Button(
        label=item.label,
        custom_id=custom_id if item.page is None else f"{custom_id}:{item.page}",
        style=style,
        disabled=item.disabled,
    )
