"""The commands /manage settings, use and feedback, for the managers of a server."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self

import discord
from discord import app_commands
from discord.app_commands import locale_str as named

from bot.discord.commands.common import Interaction, Name, handled
from bot.discord.commands.filtering import (
    ALL_COLLECTIONS,
    EVERY_COLLECTION,
    complete_collection,
)
from bot.discord.delivery import acknowledge, say, show
from bot.discord.feedback import FILE, list_feedback, write_feedback
from bot.discord.memory import ServerSettings
from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.render.feedback import count_pages, feedback_card
from bot.discord.text import clip, escape
from bot.discord.translations import phrases_for
from bot.discord.views import make_view
from corpus.errors import UsageError
from index.answering.verdict import Verdict

_PRIVACY = {
    "public": "Public unless asked otherwise",
    "private": "Private unless asked otherwise",
    "forced": "Always private",
}
# Whether answers are private by default, and always.
_HIDES = {"public": (False, False), "private": (True, False), "forced": (True, True)}
_MESSAGES = {"mentions": "Messages that mention me", "forum": "New forum posts that mention me"}
_ANSWERED = {
    "mentions": "messages that mention the bot",
    "forum": "new forum posts that mention the bot",
}
_CHANNELS = [
    *(discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.voice),
    *(discord.ChannelType.forum, discord.ChannelType.stage_voice),
]
# The most channels that a select can have chosen.
_MOST_CHANNELS = 25
_DAYS = (7, 30, 90)

managers_only = app_commands.checks.has_permissions(manage_guild=True)

manage = app_commands.Group(
    name=named("manage"),
    description=named("For managers of this server"),
    default_permissions=discord.Permissions(manage_guild=True),
    allowed_contexts=app_commands.AppCommandContext(
        guild=True, dm_channel=False, private_channel=False
    ),
    allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
)


@manage.command(
    name=named("settings"), description=named("Where and how the bot answers in this server")
)
@app_commands.describe(collection=named("The collection that is asked by default"))
@app_commands.autocomplete(collection=complete_collection)
@managers_only
async def settings(interaction: Interaction, collection: Name | None = None) -> None:
    """Show the settings and their menus; change the default collection if one is given."""
    bot = interaction.client
    async with bot.under_way():
        if collection not in {*bot.pool.names.collections, EVERY_COLLECTION, None}:
            raise UsageError("There is no such collection; choose one that is offered.")
        if not await acknowledge(interaction, ephemeral=True):
            return

        def change(known: ServerSettings) -> ServerSettings:
            if collection is None:
                return known
            chosen = None if collection == EVERY_COLLECTION else collection
            return replace(known, collection=chosen)

        await _change(interaction, change)


@manage.command(
    name=named("use"), description=named("How much was asked and answered, without who asked")
)
@managers_only
async def use(interaction: Interaction) -> None:
    """Show how much was asked in this server, as figures."""
    guild_id = interaction.guild_id or 0
    async with interaction.client.under_way():
        if not await acknowledge(interaction, ephemeral=True):
            return
        lines, tr = [], phrases_for(interaction.locale)
        for days in _DAYS:
            since = time.time() - days * 86_400
            counted = await interaction.client.remember(
                lambda memory, since=since: memory.count_use(guild_id, since)  # type: ignore[misc]
            )
            heading = tr("The last {days} days:", days=days)
            lines.append(f"**{heading}** {_describe_use(counted, tr)}")
        await say(interaction, "\n".join(lines))


@manage.command(
    name=named("feedback"), description=named("Which answers were judged wrong, with a file")
)
@managers_only
async def feedback(interaction: Interaction) -> None:
    """List the answers that were judged wrong in this server, without who asked or judged."""
    async with interaction.client.under_way():
        if await acknowledge(interaction, ephemeral=True):
            await _show_feedback(interaction, 0)


async def _show_feedback(interaction: Interaction, page: int) -> None:
    root, guild_id = interaction.client.pool.root, interaction.guild_id or 0
    rows = await asyncio.to_thread(list_feedback, root, guild_id)
    pages = count_pages(rows)
    page = min(page, pages - 1)
    tr = phrases_for(interaction.locale)
    card = feedback_card(rows, page, tr)
    view = make_view(card)
    if pages > 1:
        # A disabled button needs an id of its own too.
        turns = ((tr("Previous"), page - 1 if page else pages), (tr("Next"), page + 1))
        buttons = (FeedbackPage(label, to, disabled=to >= pages) for label, to in turns)
        view.add_item(discord.ui.ActionRow(*buttons))
    # As the archive's own file, the oldest first.
    files = [(FILE, write_feedback(reversed(rows)))] if rows else []
    await show(interaction, card, view=view, files=files)


class FeedbackPage(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"memcon:manage:feedback:(?P<page>\d{1,5})",
):
    """Turns to a page of the answers that were judged wrong."""

    def __init__(self, label: str, page: int, *, disabled: bool = False) -> None:
        """Make the button to a page."""
        custom_id = f"memcon:manage:feedback:{page}"
        super().__init__(discord.ui.Button(label=label, custom_id=custom_id, disabled=disabled))
        self.page = page

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - the library's own signature
        item: discord.ui.Item[Any],  # noqa: ARG003
        match: re.Match[str],
    ) -> Self:
        """Make the pressed button from its custom_id."""
        return cls("", int(match["page"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show the page."""
        async with handled(interaction):
            require_manager(interaction)
            if await acknowledge(interaction, thinking=False):
                await _show_feedback(interaction, self.page)


def require_manager(interaction: Interaction) -> None:
    """Raise MissingPermissions unless the user manages the server, which may have changed."""
    if not interaction.permissions.manage_guild:
        raise app_commands.MissingPermissions(["manage_guild"])


class SettingItem(
    discord.ui.DynamicItem[discord.ui.Item[Any]],
    template=r"memcon:manage:(?P<name>channels|privacy|messages|reset)",
):
    """A menu or button that changes a setting; it works after a restart too."""

    def __init__(self, item: discord.ui.Item[Any]) -> None:
        """Wrap an item of the library."""
        super().__init__(item)
        self.name = self.custom_id.rpartition(":")[2]

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],  # noqa: ARG003 - the library's own signature
        item: discord.ui.Item[Any],
        match: re.Match[str],  # noqa: ARG003
    ) -> Self:
        """Wrap the item that was used."""
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Change the setting as chosen."""
        async with handled(interaction):
            require_manager(interaction)
            if await acknowledge(interaction, thinking=False):
                data: dict[str, Any] = dict(interaction.data or {})
                chosen = list(data.get("values", ()))
                await _change(interaction, _changes(self.name, chosen))


def _changes(name: str, chosen: list[str]) -> Callable[[ServerSettings], ServerSettings]:
    def change(known: ServerSettings) -> ServerSettings:
        if name == "channels":
            return replace(known, channels=tuple(sorted(map(int, chosen))))
        if name == "privacy":
            private, forced = _HIDES[chosen[0]]
            return replace(known, private=private, forced=forced)
        if name == "messages":
            return replace(known, mentions="mentions" in chosen, forum="forum" in chosen)
        return ServerSettings()

    return change


async def _change(
    interaction: Interaction, change: Callable[[ServerSettings], ServerSettings]
) -> None:
    """Change the settings, drop channels that are gone, and show the result with its menus."""
    guild_id = interaction.guild_id
    if guild_id is None:
        raise UsageError("Settings are a server's: use this command in one.")
    guild = interaction.client.get_guild(guild_id)

    def changed(known: ServerSettings) -> ServerSettings:
        known = change(known)
        if guild is None:
            return known
        there = tuple(each for each in known.channels if guild.get_channel_or_thread(each))
        return replace(known, channels=there)

    result = await interaction.client.remember(
        lambda memory: memory.change_settings(guild_id, changed)
    )
    tr = phrases_for(interaction.locale)
    words, view = describe_settings(result, tr), _menus(result, tr)
    await say(interaction, words, view=view)


def describe_settings(settings: ServerSettings, tr: Phrases = ENGLISH) -> str:
    """Describe how the bot answers in a server."""
    where = ", ".join(f"<#{channel}>" for channel in settings.channels) or tr("every channel")
    how = tr(
        "always private"
        if settings.forced
        else "private by default"
        if settings.private
        else "public by default"
    )
    collection = escape(clip(settings.collection or tr(ALL_COLLECTIONS), 200))
    answered = [name for name in ("mentions", "forum") if getattr(settings, name)]
    messages = tr(" and ").join(tr(_ANSWERED[name]) for name in answered) or tr("no messages")
    lines = [
        tr(
            "Answers are {how}, in {where}, from {collection}.",
            how=how,
            where=where,
            collection=collection,
        ),
        tr("I answer {messages}, besides commands.", messages=messages),
    ]
    if settings.private and answered:
        lines.append(tr("A message could be answered only publicly, so it is referred to /ask."))
    return "\n".join(lines)


def _menus(settings: ServerSettings, tr: Phrases) -> discord.ui.View:
    now = (settings.private or settings.forced, settings.forced)
    view = discord.ui.View(timeout=None)
    items: tuple[discord.ui.Item[Any], ...] = (
        discord.ui.ChannelSelect(
            custom_id="memcon:manage:channels",
            channel_types=_CHANNELS,
            placeholder=tr("Every channel; choose some to answer only there"),
            min_values=0,
            max_values=_MOST_CHANNELS,
            default_values=[
                discord.SelectDefaultValue(id=each, type=discord.SelectDefaultValueType.channel)
                for each in settings.channels[:_MOST_CHANNELS]
            ],
        ),
        discord.ui.Select(
            custom_id="memcon:manage:privacy",
            options=[
                discord.SelectOption(label=tr(_PRIVACY[value]), value=value, default=choice == now)
                for value, choice in _HIDES.items()
            ],
        ),
        discord.ui.Select(
            custom_id="memcon:manage:messages",
            placeholder=tr("Answer no messages, only commands"),
            min_values=0,
            max_values=len(_MESSAGES),
            options=[
                discord.SelectOption(
                    label=tr(_MESSAGES[name]), value=name, default=getattr(settings, name)
                )
                for name in _MESSAGES
            ],
        ),
        discord.ui.Button(
            custom_id="memcon:manage:reset", label=tr("Reset"), style=discord.ButtonStyle.danger
        ),
    )
    for item in items:
        view.add_item(SettingItem(item))
    view.stop()
    return view


def _describe_use(counted: dict[tuple[str, str], int], tr: Phrases) -> str:
    def of(*verdicts: Verdict) -> int:
        return sum(counted.get(("ask", str(verdict)), 0) for verdict in verdicts)

    asked = of(*Verdict)
    searched = sum(count for (kind, _), count in counted.items() if kind == "search")
    opened = sum(count for (kind, _), count in counted.items() if kind == "source")
    return tr(
        "{asked:,} questions, {answered:,} answered, {withheld:,} withheld, {refused:,} without an "
        "answer; {searched:,} searches, {opened:,} documents opened.",
        asked=asked,
        answered=of(Verdict.ANSWERED),
        withheld=of(Verdict.REDACTED),
        refused=of(Verdict.NOT_FOUND),
        searched=searched,
        opened=opened,
    )
