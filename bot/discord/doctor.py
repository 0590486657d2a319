"""Find faults of the Discord set-up: the token, the invitation, the database."""

import base64
import binascii
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from bot import settings
from bot.discord.database import describe_contents
from bot.discord.run import PERMISSIONS, SCOPES
from bot.services.doctor import Finding
from corpus.errors import MemconError, UsageError


def examine_discord(root: Path) -> Iterator[Finding]:
    """Examine the token, and the database of the archive in `root`."""
    yield from _examine_token()
    yield _examine_database(root)


def invitation(bot_id: str) -> str:
    """Return the address that adds the bot to a server, with its scopes and permissions."""
    query = {"client_id": bot_id, "scope": " ".join(SCOPES), "permissions": PERMISSIONS.value}
    return f"https://discord.com/oauth2/authorize?{urlencode(query)}"


def _examine_token() -> Iterator[Finding]:
    try:
        token = settings.load().discord_token()
    except UsageError as error:
        yield Finding("discord token", False, error.message)
        return
    if not settings.is_well_formed(token):
        yield Finding(
            "discord token",
            False,
            "the token is not of the form that Discord gives: three parts with full stops between. "
            "The Developer Portal shows it under Bot, and makes a new one with Reset Token.",
        )
        return
    yield Finding("discord token", True, "present and well-formed")
    yield Finding("discord intents", True, "none that need approval")
    bot_id = _bot_id(token)
    if bot_id:
        yield Finding("invite the bot", True, invitation(bot_id))


def _examine_database(root: Path) -> Finding:
    try:
        place = settings.load().discord_store(root)
        held = describe_contents(place)
    except MemconError as error:
        return Finding("store", False, error.message, error.mend)
    return Finding("store", True, held or f"{place}: none yet; memcon serve makes one")


def _bot_id(token: str) -> str | None:
    """Return the bot's id, which is the first part of a token in Base64, or None."""
    first = token.split(".", 1)[0]
    try:
        decoded = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return decoded if decoded.isdigit() else None
