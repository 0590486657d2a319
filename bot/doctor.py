"""What is wrong with this installation, and the command that mends it."""

import base64
import binascii
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot import settings
from corpus.errors import ArchiveError, MemconError, UsageError
from index.archive import Archive, check_generation
from index.generation import Manifest, current, generations
from index.inventory import find_changes


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
        yield from _examine_generations(root)
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
        yield Finding(
            "encoder",
            True,
            f"{settled.name}, {settled.weights}, cosine with the original at least "
            f"{settled.agreement}",
        )
        for _ in archive.store.texts():
            pass
        yield Finding("texts", True, "every stored text is what was indexed")
        changes = find_changes(archive.store, manifest.sources)
        yield (
            Finding("sources", False, f"changed since the build: {changes}", "memcon index build")
            if changes
            else Finding("sources", True, "the same as when the index was built")
        )
    except MemconError as error:
        yield Finding("index", False, error.message, error.mend)
    finally:
        archive.close()
    yield from _examine_generations(root)
    yield _examine_disk(root, manifest)


def _examine_generations(root: Path) -> Iterator[Finding]:
    """Check every byte of every generation that is kept."""
    try:
        now = current(root).name
    except ArchiveError:
        now = ""
    for folder in generations(root):
        name = f"index {folder.name}"
        try:
            check_generation(root, folder)
            words = "in use" if folder.name == now else "kept for memcon index rollback"
            yield Finding(name, True, f"every file is as it was written; {words}")
        except ArchiveError as error:
            yield Finding(name, False, error.message, error.mend)


def _examine_disk(root: Path, manifest: Manifest) -> Finding:
    free = shutil.disk_usage(root).free
    words = f"{free / 2**30:.1f} GB free, the index has {manifest.size / 2**30:.2f} GB"
    # A new index is written beside the old one, with its vectors twice while it is being made.
    if free > 3 * manifest.size:
        return Finding("disk", True, words)
    return Finding("disk", False, f"{words}: too little to build the next one")


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
