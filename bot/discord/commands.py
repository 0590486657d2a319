"""The slash commands and menus: each acknowledges, hands the work to the pool, shows a card."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str as named

from bot.discord import cards, metrics
from bot.discord.client import Bot
from bot.discord.delivery import LacksPermission, acknowledge, open_thread, say, show
from bot.discord.errors import NotAllowed, report
from bot.discord.memory import ServerSettings
from bot.discord.replay import understand_in
from bot.discord.service import RebuildProgress
from bot.discord.store import StoreAway
from bot.discord.text import LIMITS, clip
from corpus.errors import UsageError
from index.retrieval.filters import Filters
from index.text.question_text import clean_question
from index.understanding.conversation.understand import Exchange, Understood
from index.verifying.verification import verify

_log = logging.getLogger("memcon.discord")

_Interaction = discord.Interaction[Bot]

# A person asks at most so often: questions, and seconds.
_COOLDOWN = (8, 20.0)
# How often the reply to a rebuild tells of its progress, in seconds.
_PROGRESS_EVERY = 2.0
# What stands for no collection in particular.
_EVERY = "all"

_Question = app_commands.Range[str, 1, 1000]
_Quotation = app_commands.Range[str, 1, 4000]
_Name = app_commands.Range[str, 1, 200]


_cooldown = app_commands.checks.cooldown(*_COOLDOWN)


@app_commands.command(name=named("ask"), description=named("Ask the archive a question"))
@app_commands.rename(date_from=named("from"), date_to=named("to"))
@app_commands.describe(
    question=named("The question, as you would ask an archivist"),
    date_from=named("From this date on, such as 1993-09"),
    date_to=named("Up to the end of this date"),
    speaker=named("Only what is attributed to this speaker"),
    collection=named("Only this collection"),
    private=named("Show the answer to you alone"),
    thread=named("Answer in a new thread, where more questions can follow"),
)
@_cooldown
async def ask(  # noqa: PLR0913, PLR0917 - each is an option that Discord shows
    interaction: _Interaction,
    question: _Question,
    date_from: str | None = None,
    date_to: str | None = None,
    speaker: str | None = None,
    collection: str | None = None,
    private: bool | None = None,
    thread: bool = False,
) -> None:
    """Answer a question as a card."""
    filters = {
        "date_from": date_from,
        "date_to": date_to,
        "speaker": speaker,
        "collection": collection,
    }
    await _ask(interaction, question, filters, private=private, thread=thread)


@app_commands.command(name=named("search"), description=named("Rank the passages for some words"))
@app_commands.describe(
    query=named("The words to look for"), private=named("Show the answer to you alone")
)
@_cooldown
async def search(interaction: _Interaction, query: _Question, private: bool | None = None) -> None:
    """Show ranked passages, page by page."""
    async with interaction.client.under_way():
        if await _begin(interaction, private):
            filters = Filters(collection=_settings(interaction).collection)
            await _show_page(interaction, "search", clean_question(query), filters)


@app_commands.command(name=named("source"), description=named("Read a document page by page"))
@app_commands.describe(
    document=named("The document"), around=named("Begin at the page with these words")
)
@_cooldown
async def source(interaction: _Interaction, document: str, around: str | None = None) -> None:
    """Show a document, from its beginning or from the words `around`."""
    async with interaction.client.under_way():
        if not await _begin(interaction):
            return
        page = 0
        if around:
            page = await interaction.client.service.run(
                lambda archive: cards.page_of(archive.document(document), around)
            )
        await _show_page(interaction, "source", document, Filters(), page)


@app_commands.command(
    name=named("verify"), description=named("Check whether a quotation stands in the archive")
)
@app_commands.describe(
    quotation=named("The words to check"),
    attributed_to=named("Who is said to have said or written them"),
)
@_cooldown
async def verify_quotation(
    interaction: _Interaction, quotation: _Quotation, attributed_to: _Name | None = None
) -> None:
    """Say whether a quotation is found, altered, somebody else's, or not in the archive."""
    await _verify(interaction, quotation, attributed_to)


@app_commands.command(
    name=named("about"),
    description=named("What this archive holds, and how to read a citation"),
)
async def about(interaction: _Interaction) -> None:
    """Show what the archive is."""
    async with interaction.client.under_way():
        if await _begin(interaction):
            card = await interaction.client.service.run(
                lambda archive: cards.about_card(
                    archive.manifest,
                    archive.engine.values("collection"),
                    archive.engine.values("kind"),
                )
            )
            await show(interaction, card)


@app_commands.context_menu(name=named("Ask the archive"))
@_cooldown
async def ask_about(interaction: _Interaction, message: discord.Message) -> None:
    """Answer what a message asks, for the person alone."""
    question = message.content or " ".join(embed.description or "" for embed in message.embeds)
    await _ask(interaction, question, {}, private=True, thread=False)


@app_commands.context_menu(name=named("Verify this quotation"))
@_cooldown
async def verify_message(interaction: _Interaction, message: discord.Message) -> None:
    """Check the words of a message."""
    await _verify(interaction, message.content)


archive_group = app_commands.Group(name=named("archive"), description=named("The archive's state"))


@archive_group.command(
    name=named("status"), description=named("Which state of the archive answers")
)
async def status(interaction: _Interaction) -> None:
    """Show which generation answers."""
    async with interaction.client.under_way():
        if await _begin(interaction):
            card = await interaction.client.service.run(
                lambda archive: cards.status_card(archive.manifest)
            )
            await show(interaction, card)


@archive_group.command(
    name=named("rebuild"), description=named("Build the index anew (managers only)")
)
async def rebuild(interaction: _Interaction) -> None:
    """Build the archive anew while questions go on."""
    async with interaction.client.under_way():
        if await acknowledge(interaction, ephemeral=True):
            await _need_manager(interaction)
            await _rebuild(interaction)


@app_commands.command(
    name=named("settings"),
    description=named("How the bot answers in this server (managers only)"),
)
@app_commands.describe(
    private=named("Answers are private by default"),
    channel=named("Allow or disallow answers in this channel"),
    collection=named("The collection that is asked by default"),
)
@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
async def settings(
    interaction: _Interaction,
    private: bool | None = None,
    channel: discord.TextChannel | None = None,
    collection: str | None = None,
) -> None:
    """Change what is given, and show how the bot answers in this server."""
    async with interaction.client.under_way():
        if not await acknowledge(interaction, ephemeral=True):
            return
        await _need_manager(interaction)
        if interaction.guild_id is None:
            raise UsageError("Settings are a server's: use this command in one.")
        guild_id = interaction.guild_id
        offered = {*interaction.client.service.names.collections, _EVERY, None}
        if collection not in offered:
            raise UsageError("There is no such collection; take one that is offered.")

        def change(known: ServerSettings) -> ServerSettings:
            if private is not None:
                known = replace(known, private=private)
            if channel is not None:
                known = replace(known, channels=tuple(sorted({*known.channels} ^ {channel.id})))
            if collection is not None:
                known = replace(known, collection=None if collection == _EVERY else collection)
            return known

        changed = await interaction.client.remember(
            lambda memory: memory.change_settings(guild_id, change)
        )
        await say(interaction, _describe(changed))


@ask.autocomplete("speaker")
async def complete_speaker(interaction: _Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the labels of speakers."""
    return _offer(((name, name) for name in interaction.client.service.names.speakers), typed)


@ask.autocomplete("collection")
@settings.autocomplete("collection")
async def complete_collection(
    interaction: _Interaction, typed: str
) -> list[app_commands.Choice[str]]:
    """Offer the collections, and all of them."""
    names = (*interaction.client.service.names.collections, _EVERY)
    return _offer(((name, name) for name in names), typed)


@source.autocomplete("document")
async def complete_document(
    interaction: _Interaction, typed: str
) -> list[app_commands.Choice[str]]:
    """Offer documents by title and by name."""
    documents = interaction.client.service.names.documents
    return _offer(((title, doc_id) for doc_id, title in documents), typed)


def add_commands(bot: Bot) -> None:
    """Give the bot its commands and menus."""
    commands: list[app_commands.Command[Any, ..., None] | app_commands.ContextMenu] = [
        ask, search, source, verify_quotation, about, settings, ask_about, verify_message
    ]  # fmt: skip
    for command in (*commands, archive_group):
        bot.tree.add_command(command)


async def _ask(
    interaction: _Interaction,
    question: str,
    filters: dict[str, str | None],
    *,
    private: bool | None,
    thread: bool,
) -> None:
    """Answer a question as a card, in a new thread where that is asked for."""
    bot = interaction.client
    async with bot.under_way():
        if not await _begin(interaction, False if thread else private):
            return
        if thread and (
            interaction.guild is None or isinstance(interaction.channel, discord.Thread)
        ):
            raise UsageError("A thread can be opened only in a channel of a server with this bot.")
        asked = clean_question(question)
        if bot.log_questions:
            _log.info("question", extra={"question": asked})
        chosen = Filters.parse(**filters)
        if chosen.collection == _EVERY:
            chosen = replace(chosen, collection=None)
        elif chosen.collection is None:
            chosen = replace(chosen, collection=_settings(interaction).collection)
        guild_id, channel_id = interaction.guild_id, interaction.channel_id
        understood = Understood(asked, asked)
        in_thread = isinstance(interaction.channel, discord.Thread)
        if in_thread and guild_id and channel_id:
            turns = await bot.remember(
                lambda memory: memory.turns(guild_id, channel_id, interaction.user.id)
            )
            understood = await bot.service.run(
                lambda archive: understand_in(asked, turns, archive, chosen)
            )
        message, turn = await _show_page(interaction, "ask", understood, chosen)
        if turn and in_thread and guild_id and channel_id:
            hidden = _settings(interaction).private if private is None else private
            only = interaction.user.id if hidden else None
            await _remember_turn(interaction, channel_id, turn, only)
        if turn and thread:
            await _open_thread(interaction, message, clip(asked, LIMITS.thread_name), turn)


async def _open_thread(
    interaction: _Interaction, message: discord.InteractionMessage, name: str, turn: Exchange
) -> None:
    """Open a thread on an answer, which is the turn to go on from."""
    # Discord gives a thread the id of the message that it is opened on. It is remembered before
    # there is a thread to ask in.
    await _remember_turn(interaction, message.id, turn)
    try:
        await open_thread(message, name)
    except LacksPermission as error:
        # The answer stays; why there is no thread is told beside it.
        await report(interaction, error, aside=True)


async def _remember_turn(
    interaction: _Interaction, channel_id: int, turn: Exchange, only: int | None = None
) -> None:
    """Keep a turn that has been answered; where that cannot be, it is told beside the answer."""
    guild_id = interaction.guild_id or 0
    try:
        await interaction.client.remember(
            lambda memory: memory.remember_turn(guild_id, channel_id, turn, only=only)
        )
    except StoreAway as error:
        await report(interaction, error, aside=True)


async def _show_page(
    interaction: _Interaction, kind: str, asked: str | Understood, filters: Filters, page: int = 0
) -> tuple[discord.InteractionMessage, Exchange | None]:
    """Keep a receipt of what was asked, and show the card that it stands for.

    Returns the message, and after a question what the next one may lean on.
    """
    understood = asked if isinstance(asked, Understood) else Understood(asked, asked)
    bot = interaction.client
    receipt = await bot.remember(
        lambda memory: memory.keep_receipt(
            kind, interaction.user.id, understood, filters, bot.service.generation
        )
    )
    drawn, view = await bot.draw(receipt, page)
    if drawn.turn:
        metrics.verdicts.labels("ask", drawn.turn.verdict).inc()
    return await show(interaction, drawn.card, view=view), drawn.turn


async def _verify(
    interaction: _Interaction, quotation: str, attributed_to: str | None = None
) -> None:
    async with interaction.client.under_way():
        if await _begin(interaction, True):
            found = await interaction.client.service.run(
                lambda archive: verify(quotation, archive, attributed_to)
            )
            metrics.verdicts.labels("verify", str(found.finding)).inc()
            await show(interaction, cards.verification_card(found))


async def _rebuild(interaction: _Interaction) -> None:
    """Build aside, telling of the progress by editing the reply while Discord still takes edits."""
    progress = RebuildProgress()
    work = asyncio.create_task(interaction.client.service.rebuild(progress))
    told = ""
    while not work.done():
        if str(progress) != told and not interaction.is_expired():
            told = str(progress)
            await say(interaction, f"Rebuilding: {told}. Questions go on meanwhile.")
        await asyncio.wait([work], timeout=_PROGRESS_EVERY)
    built = await work
    manifest = built.manifest
    done = "is built and answers from now on" if built.changed else "was up to date already"
    if not interaction.is_expired():
        await say(
            interaction,
            f"Index {manifest.generation} {done}: {manifest.documents:,} documents, "
            f"{manifest.passages:,} passages, {manifest.skipped:,} files skipped.",
        )


def _settings(interaction: _Interaction) -> ServerSettings:
    """Return the settings that hold here; a direct message has the defaults."""
    return interaction.client.memory.settings(interaction.guild_id)


async def _begin(interaction: _Interaction, private: bool | None = None) -> bool:
    """Acknowledge, private or public, and return whether a reply can be given.

    Raises NotAllowed in a channel where the bot does not answer.
    """
    settings = _settings(interaction)
    allowed = _allowed_here(interaction, settings)
    hidden = settings.private if private is None else private
    if not await acknowledge(interaction, ephemeral=hidden or not allowed):
        return False
    if not allowed:
        names = ", ".join(f"<#{channel}>" for channel in settings.channels)
        raise NotAllowed(f"In this server I answer in {names}.")
    return True


def _allowed_here(interaction: _Interaction, settings: ServerSettings) -> bool:
    here = {interaction.channel_id, getattr(interaction.channel, "parent_id", None)}
    return not settings.channels or bool(here.intersection(settings.channels))


async def _need_manager(interaction: _Interaction) -> None:
    """Raise NotAllowed unless the person manages the server or owns the bot.

    The default permission of a command is a hint that a server can override, so it is not trusted.
    """
    if interaction.guild_id is not None and interaction.permissions.manage_guild:
        return
    application = interaction.client.application or await interaction.client.application_info()
    owners = {application.owner.id}
    if application.team:
        owners = {member.id for member in application.team.members}
    if interaction.user.id not in owners:
        raise NotAllowed("This needs the permission Manage Server.")


def _describe(settings: ServerSettings) -> str:
    where = ", ".join(f"<#{channel}>" for channel in settings.channels) or "every channel"
    return (
        f"Answers are {'private' if settings.private else 'public'} by default, in {where}, from "
        f"{settings.collection or 'all collections'}."
    )


def _offer(names: Iterable[tuple[str, str]], typed: str) -> list[app_commands.Choice[str]]:
    """Return at most 25 of the names and values that have the words typed so far."""
    wanted = typed.casefold()
    found = (
        # A value that is too long for Discord could not be sent back whole.
        app_commands.Choice(name=clip(name, LIMITS.choice), value=value)
        for name, value in names
        if len(value) <= LIMITS.choice and (wanted in name.casefold() or wanted in value.casefold())
    )
    return list(islice(found, LIMITS.choices))
