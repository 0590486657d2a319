"""The slash commands and message menus, a module for each group.

Each acknowledges first, runs its work in the pool, and shows a card.
"""

from typing import Any

from discord import app_commands

from bot.discord.buttons import CardButton
from bot.discord.client import Bot
from bot.discord.commands import archive, ask, search, settings, verify

_COMMANDS: tuple[
    app_commands.Command[Any, ..., None] | app_commands.ContextMenu | app_commands.Group, ...
] = (
    *(ask.ask, search.search, search.source, verify.verify, archive.about, settings.settings),
    *(ask.ask_about_message, verify.verify_message, archive.archive),
)


def add_commands(bot: Bot) -> None:
    """Give the bot its commands, and the buttons of its cards."""
    register(bot.tree)
    bot.add_dynamic_items(CardButton)


def register(tree: app_commands.CommandTree[Any]) -> None:
    """Add the commands and menus to a tree."""
    for command in _COMMANDS:
        tree.add_command(command)
