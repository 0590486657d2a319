"""What is wrong with this installation, and the command that mends it."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot import settings
from corpus.errors import ArchiveError, MemconError, UsageError
from index.archive import Archive


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is well, what was found, and what mends it."""

    name: str
    well: bool
    words: str
    mend: str | None = None


def examine(root: Path) -> Iterator[Finding]:
    """Yield what is found of the archive in `root`, its encoder, and the Discord side."""
    yield from _examine_archive(root)
    yield from _examine_discord()


def invitation(bot_id: str) -> str:
    """Return the address that adds the bot to a server, with its scopes and permissions."""
    from urllib.parse import urlencode

    from bot.discord.run import PERMISSIONS, SCOPES

    query = {"client_id": bot_id, "scope": " ".join(SCOPES), "permissions": PERMISSIONS.value}
    return f"https://discord.com/oauth2/authorize?{urlencode(query)}"


def _examine_archive(root: Path) -> Iterator[Finding]:
    try:
        archive = Archive(root)
    except ArchiveError as error:
        yield Finding("archive", False, error.message, error.mend)
        return
    manifest = archive.manifest
    yield Finding(
        "archive",
        True,
        f"{root}: index {manifest.generation}, {manifest.documents:,} documents, "
        f"{manifest.passages:,} passages",
    )
    try:
        settled = archive.encoder.settings
        yield Finding("encoder", True, f"{settled.name}, {settled.weights}")
        for doc_id, _, _, _ in archive.store.list_documents():
            archive.document(doc_id)
        yield Finding("texts", True, "every stored text is what was indexed")
    except MemconError as error:
        yield Finding("index", False, error.message, error.mend)
    finally:
        archive.close()


def _examine_discord() -> Iterator[Finding]:
    try:
        token = settings.discord_token()
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
    yield Finding("discord intents", True, "none that need approval: slash commands only")
    bot_id = _bot_id(token)
    if bot_id:
        yield Finding("invite the bot", True, invitation(bot_id))


def _bot_id(token: str) -> str | None:
    """Return the bot's id, which is the first part of a token in Base64, or None."""
    first = token.split(".", 1)[0]
    try:
        decoded = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return decoded if decoded.isdigit() else None
