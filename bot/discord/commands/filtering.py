"""The options that narrow a search, as on the command line, for every command that searches."""

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import discord
from discord import app_commands
from discord.app_commands import locale_str as named

from bot.discord.commands.common import Interaction, Name, server_settings
from bot.discord.completion import Completion
from bot.discord.delivery import completing
from bot.discord.text import LIMITS
from bot.discord.translations import phrases_for
from corpus.dates import parse_bound
from index.retrieval.filters import Filters

Complete = Callable[[Interaction, str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]
Command = TypeVar("Command", bound=Callable[..., Awaitable[None]])

# The name that stands for no collection in particular, and what is shown for it.
EVERY_COLLECTION = "all"
ALL_COLLECTIONS = "all collections"


class DateText(app_commands.Transformer):
    """A date, which may be partial; it is checked before the interaction is acknowledged."""

    @property
    def max_value(self) -> int:
        """The longest text that is accepted."""
        return 40

    async def transform(self, interaction: discord.Interaction[Any], value: str, /) -> str:  # noqa: ARG002
        """Return the date as typed; raises UsageError for anything else."""
        parse_bound(value, last=False)
        return value


Date = app_commands.Transform[str, DateText]

# By the names of filters: the type of the option and its description. Its name is that of the
# filter unless it is in `_NAMES`.
_OPTIONS: dict[str, tuple[Any, str]] = {
    "date_from": (Date, "From this date on, such as 1993-09"),
    "date_to": (Date, "Up to the end of this date"),
    "person": (Name, "Only documents that this person takes part in, wrote or received"),
    "speaker": (Name, "Only what is attributed to this speaker"),
    "kind": (Name, "Only this kind of document"),
    "collection": (Name, "Only this collection, or all of them"),
    "classification": (Name, "Only documents with this marking"),
    "language": (Name, "Only documents in this language, such as en or ja"),
}
_NAMES = {"date_from": "from", "date_to": "to"}


def filter_options(command: Command) -> Command:
    """Give a command the options of all filters, in place of its `**filters`, after the required.

    The library reads options from the signature.
    """
    signature = inspect.signature(command)
    own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
    filters = [
        inspect.Parameter(
            name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=kind | None
        )
        for name, (kind, _) in _OPTIONS.items()
    ]
    required = [each for each in own if each.default is each.empty]
    ordered = [*required, *filters, *own[len(required) :]]
    command.__signature__ = signature.replace(parameters=ordered)  # type: ignore[attr-defined]
    app_commands.rename(**{name: named(shown) for name, shown in _NAMES.items()})(command)
    app_commands.describe(**{name: named(words) for name, (_, words) in _OPTIONS.items()})(command)
    completions = {name: complete(name) for name in _OPTIONS if name not in _NAMES}
    completions["collection"] = complete_collection
    app_commands.autocomplete(**completions)(command)
    return command


def choose_filters(interaction: Interaction, options: Mapping[str, str | None]) -> Filters:
    """Return the chosen filters, with the server's default collection; raises UsageError."""
    chosen = Filters.parse(**options)
    if chosen.collection == EVERY_COLLECTION:
        return replace(chosen, collection=None)
    if chosen.collection is None:
        return replace(chosen, collection=server_settings(interaction).collection)
    return chosen


def complete(facet: str) -> Complete:
    """Return the completion of an option with the names that the archive has."""

    @completing
    async def complete_name(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return offer(interaction.client.pool.names.facets[facet], typed)

    return complete_name


@completing
async def complete_collection(
    interaction: Interaction, typed: str
) -> list[app_commands.Choice[str]]:
    """Offer the collections, and all of them."""
    offered = offer(interaction.client.pool.names.facets["collection"], typed)
    label = phrases_for(interaction.locale)(ALL_COLLECTIONS)
    if label.startswith(typed.strip().casefold()):
        every = app_commands.Choice(name=label, value=EVERY_COLLECTION)
        offered = [*offered[: LIMITS.choices - 1], every]
    return offered


def offer(completion: Completion, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the rows that have the words typed so far."""
    return [
        app_commands.Choice(name=label, value=value) for label, value in completion.choices(typed)
    ]
