"""Find faults of the installation and the archive, and the command that mends each."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import ArchiveError, MemconError
from corpus.wording import count_of
from index.building.lock import find_builder
from index.location import Location
from index.retrieval.archive import Archive
from index.storage.generation import BUILDER, generations
from index.storage.inventory import find_changes
from index.understanding.japanese.dictionary import INSTALL, open_dictionary
from index.weights import foreign_encoder

# The bytes of an exported default encoder and a small index.
_LEAST_FREE = 200 * 2**20


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding: its subject, whether it is well, in words, and the command that mends it."""

    name: str
    well: bool
    words: str
    mend: str | None = None


def examine(location: Location) -> Iterator[Finding]:
    """Examine the installation and the archive."""
    yield from _examine_installation()
    yield from _examine_archive(location)


def _examine_installation() -> Iterator[Finding]:
    """Compare the installed packages with those that memcon needs."""
    from importlib.metadata import PackageNotFoundError, requires, version

    from packaging.requirements import Requirement

    name = "installation"
    python = ".".join(str(number) for number in sys.version_info[:3])
    try:
        own, wanted = version("memcon"), requires("memcon") or []
    except PackageNotFoundError:
        yield Finding(name, True, f"Python {python}; memcon itself runs without being installed")
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
    if location.milvus:
        try:
            found = f"{location.milvus.endpoint} answers: {location.check_milvus()}"
            yield Finding("milvus", True, f"{found}; the archive is {location.milvus.name}")
        except ArchiveError as error:
            yield Finding("milvus", False, error.message, error.mend)
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


def _examine_index(archive: Archive) -> Iterator[Finding]:
    """Examine the generation in use: its encoder, its texts and its source files."""
    manifest = archive.manifest
    yield Finding(
        "archive",
        True,
        f"{archive.root}: index {manifest.generation}, "
        f"{count_of(manifest.documents, 'documents')}, {count_of(manifest.passages, 'passages')}",
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
        skipped = count_of(manifest.skipped, "files")
        words = f"{skipped} could not be read (memcon corpus list names them)"
        yield Finding("skipped", True, words)


def _examine_encoder(archive: Archive) -> Finding:
    # Loading it checks every byte.
    encoder = archive.encoder
    settled = encoder.settings
    words = (
        f"{settled.name}, {settled.weights}, cosine with the original at least "
        f"{settled.agreement}; passages are encoded on the {encoder.device}"
    )
    unsuited = foreign_encoder(settled.name)
    return Finding("encoder", True, f"{words}; {unsuited}" if unsuited else words)


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
    """Check every generation that is kept; on this machine, every byte."""
    try:
        now = location.newest()
    except ArchiveError:
        now = ""
    whole = "nothing is missing" if location.milvus else "every file is intact"
    try:
        kept = location.manifests()
    except ArchiveError as error:
        yield Finding("generations", False, error.message, error.mend)
        return
    for name in kept:
        try:
            location.check(name)
            words = "in use" if name == now else "kept for memcon index rollback"
            yield Finding(f"index {name}", True, f"{whole}; {words}")
        except ArchiveError as error:
            if location.milvus or (location.root / "generations" / name).exists():
                yield Finding(f"index {name}", False, error.message, error.mend)
    if not now and kept:
        words = "which index is in use is not known; the newest that is whole can be put in use"
        yield Finding("CURRENT", False, words, "memcon index rollback")


def _examine_build(root: Path) -> Iterator[Finding]:
    if not (root / BUILDER).exists():
        return
    builder = find_builder(root)
    if builder:
        yield Finding("build", True, f"a new index is being built by {builder}")
    else:
        words = "the last one was cut off and harmed nothing; the next clears up what it left"
        yield Finding("build", True, words, "memcon index build")


def _examine_disk(root: Path) -> Iterator[Finding]:
    """Check that the next index fits beside this one, and can be written."""
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
        # A new index is written beside the old one, with its vectors twice during the build.
        yield Finding(
            "disk", False, f"{words}: too little to build the next one", f'df -h "{place}"'
        )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
