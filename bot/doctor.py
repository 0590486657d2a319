"""What is wrong with this installation, and the command that mends it."""

import base64
import binascii
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.settings import Settings, is_well_formed
from corpus.errors import ArchiveError, MemconError, UsageError
from index.building.build import find_builder
from index.location import Location
from index.milvus.address import Cluster
from index.milvus.connection import check_reachable
from index.retrieval.archive import Archive
from index.storage.generation import BUILDER, generations
from index.storage.inventory import find_changes
from index.understanding.japanese.dictionary import INSTALL, open_dictionary

# An export of the default encoder, and a small index, take about so many bytes.
_LEAST_FREE = 200 * 2**20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is well, what was found, and what mends it."""

    name: str
    well: bool
    words: str
    mend: str | None = None


def examine(location: Location, settings: Settings) -> Iterator[Finding]:
    """Yield what is found of the installation, the archive, and the Discord side."""
    yield from _examine_installation()
    yield from _examine_archive(location)
    yield from _examine_discord(settings)
    yield _examine_store(settings, location.root)


def invitation(bot_id: str) -> str:
    """Return the address that adds the bot to a server, with its scopes and permissions."""
    from urllib.parse import urlencode

    from bot.discord.run import PERMISSIONS, SCOPES

    query = {"client_id": bot_id, "scope": " ".join(SCOPES), "permissions": PERMISSIONS.value}
    return f"https://discord.com/oauth2/authorize?{urlencode(query)}"


def _examine_installation() -> Iterator[Finding]:
    """Compare what is installed with what memcon asks for."""
    from importlib.metadata import PackageNotFoundError, requires, version

    from packaging.requirements import Requirement

    name = "installation"
    python = ".".join(str(number) for number in sys.version_info[:3])
    try:
        own, wanted = version("memcon"), requires("memcon") or []
    except PackageNotFoundError:
        yield Finding(name, True, f"Python {python}; memcon itself is run without being installed")
        return
    missing = []
    for needed in map(Requirement, wanted):
        if needed.marker and not needed.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(needed.name)
        except PackageNotFoundError:
            found = ""
        if not found or not needed.specifier.contains(found, prereleases=True):
            missing.append(f"{needed.name}{needed.specifier}")
            words = f"{found} of {needed.name} is installed" if found else "it is not installed"
            yield Finding(
                name,
                False,
                f"memcon needs {needed.name}{needed.specifier}: {words}",
                f'pip install "{needed.name}{needed.specifier}"',
            )
    if not missing:
        yield Finding(name, True, f"memcon {own}, Python {python}, every package it needs")
    if open_dictionary() is None:
        words = "none: of Japanese questions over English records memcon's own glossary is read"
        yield Finding("japanese dictionary", True, f"{words}; for more, {INSTALL}")


def _examine_archive(location: Location) -> Iterator[Finding]:
    root = location.root
    if location.cluster:
        try:
            yield _examine_cluster(location.cluster)
        except ArchiveError as error:
            yield Finding("cluster", False, error.message, error.mend)
            return
    try:
        archive = location.open()
    except ArchiveError as error:
        yield Finding("archive", False, error.message, error.mend)
    else:
        try:
            yield from _examine_index(archive)
        finally:
            archive.close()
    yield from _examine_generations(location)
    yield from _examine_build(root)
    yield from _examine_disk(root)


def _examine_cluster(cluster: Cluster) -> Finding:
    words = f"{cluster.address} answers: {check_reachable(cluster)}; the archive is {cluster.name}"
    return Finding("cluster", True, words)


def _examine_index(archive: Archive) -> Iterator[Finding]:
    """Look at the generation in use: its encoder, its texts, and the files it was made from."""
    manifest = archive.manifest
    yield Finding(
        "archive",
        True,
        f"{archive.root}: index {manifest.generation}, {manifest.documents:,} documents, "
        f"{manifest.passages:,} passages",
    )
    for name, look in (
        ("encoder", _examine_encoder),
        ("texts", _examine_texts),
        ("sources", _examine_sources),
    ):
        try:
            yield look(archive)
        except MemconError as error:
            yield Finding(name, False, error.message, error.mend)
    if manifest.skipped:
        words = f"{manifest.skipped:,} files could not be read (memcon corpus list names them)"
        yield Finding("skipped", True, words)


def _examine_encoder(archive: Archive) -> Finding:
    # Loading it checks every byte.
    encoder = archive.encoder
    settled = encoder.settings
    return Finding(
        "encoder",
        True,
        f"{settled.name}, {settled.weights}, cosine with the original at least "
        f"{settled.agreement}; passages are encoded on the {encoder.device}",
    )


def _examine_texts(archive: Archive) -> Finding:
    for _ in archive.engine.texts():
        pass
    return Finding("texts", True, "every stored text is what was indexed")


def _examine_sources(archive: Archive) -> Finding:
    if not archive.has_sources:
        return Finding("sources", True, "on another host, which builds the index")
    changes = find_changes(archive.engine, archive.manifest.sources)
    if changes:
        words = f"changed since the build: {changes} (memcon index status names them)"
        return Finding("sources", False, words, "memcon index build")
    return Finding("sources", True, "the same as when the index was built")


def _examine_generations(location: Location) -> Iterator[Finding]:
    """Check every generation that is kept, on this machine every byte."""
    try:
        now = location.newest()
    except ArchiveError:
        now = ""
    whole = "nothing is missing" if location.cluster else "every file is as it was written"
    try:
        kept = location.kept()
    except ArchiveError as error:
        yield Finding("generations", False, error.message, error.mend)
        return
    for name in kept:
        try:
            location.check(name)
            words = "in use" if name == now else "kept for memcon index rollback"
            yield Finding(f"index {name}", True, f"{whole}; {words}")
        except ArchiveError as error:
            if location.cluster or (location.root / "generations" / name).exists():
                yield Finding(f"index {name}", False, error.message, error.mend)
    if not now and kept:
        words = "which index is in use is not known; the newest that is whole can be put in use"
        yield Finding("CURRENT", False, words, "memcon index rollback")


def _examine_build(root: Path) -> Iterator[Finding]:
    """Tell whether somebody is building, or was cut off."""
    if not (root / BUILDER).exists():
        return
    builder = find_builder(root)
    if builder:
        yield Finding("build", True, f"a new index is being built by {builder}")
    else:
        words = "the last one was cut off and harmed nothing; the next clears up what it left"
        yield Finding("build", True, words, "memcon index build")


def _examine_disk(root: Path) -> Iterator[Finding]:
    """Tell whether the next index has room beside this one, and may be written."""
    place = next(folder for folder in (root, *root.resolve().parents) if folder.is_dir())
    free = shutil.disk_usage(place).free
    size = max((_size(folder) for folder in generations(root)), default=0)
    words = f"{free / 2**30:.1f} GB free, the index has {size / 2**30:.2f} GB"
    if not os.access(place, os.W_OK | os.X_OK):
        yield Finding(
            "disk", False, f"{place} may not be written by this user", f'ls -ld "{place}"'
        )
    elif free > max(_LEAST_FREE, 3 * size):
        yield Finding("disk", True, words)
    else:
        # A new index is written beside the old one, with its vectors twice while it is being made.
        yield Finding(
            "disk", False, f"{words}: too little to build the next one", f'df -h "{place}"'
        )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _examine_discord(settings: Settings) -> Iterator[Finding]:
    try:
        token = settings.discord_token()
    except UsageError as error:
        yield Finding("discord token", False, error.message)
        return
    if not is_well_formed(token):
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


def _examine_store(settings: Settings, root: Path) -> Finding:
    """Look at where the bot remembers settings, cards and conversations."""
    from bot.discord.store import check

    try:
        place = settings.discord_store(root)
        held = check(place)
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
