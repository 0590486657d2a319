"""Which language the bot speaks to whom, and the commands' names and descriptions in Japanese."""

import re

import discord
from discord import app_commands

from bot.discord.phrases import COMMANDS, ENGLISH, Phrases, japanese, read_tables

_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")


class Japanese(app_commands.Translator):
    """Translates command names and descriptions."""

    async def load(self) -> None:
        """Read the names."""
        self._names = read_tables()[COMMANDS]

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 - the library's own
    ) -> str | None:
        """Return a name or description in Japanese; None for another language."""
        return self._names.get(string.message) if locale is discord.Locale.japanese else None


def phrases_for(locale: discord.Locale) -> Phrases:
    """Return the phrases for a user's or server's language."""
    return japanese() if locale is discord.Locale.japanese else ENGLISH


def phrases_for_message(message: discord.Message) -> Phrases:
    """Return the phrases for a message, with which Discord sends no language of its author.

    The server's language counts if it is not the default, else that of the message.
    """
    guild = message.guild
    if guild is not None and guild.preferred_locale is not discord.Locale.american_english:
        return phrases_for(guild.preferred_locale)
    return japanese() if _KANA.search(message.content) else ENGLISH
