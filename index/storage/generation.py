"""Immutable built indexes on disk, and the file that says which one is in use.

ARCHIVE/
  CURRENT                  the number of the generation in use, and of those kept besides
  sources.json             what the last build was made from
  generations/000007/      manifest.json, checksums.json, documents.sqlite, and arrays
  encoding/                vectors of a build that is not finished
  models/                  exported encoders
  build.lock, builder.json who is building

CURRENT is replaced as a whole, and alone decides: a generation that it does not name was never in
use, or is no longer wanted, and goes with the next build.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.errors import ArchiveError, DamagedIndex, NoIndex, UsageError
from index.storage.checksummed import UNREADABLE, sync

FORMAT = 4
# What a build may take from an older index, which lacks what records are found by, as it is.
REUSABLE = (3, FORMAT)
MANIFEST = "manifest.json"
# How many generations are kept, the current one included.
KEPT = 3
_NAME = re.compile(r"[0-9]{6,9}")
# A generation that is being written, and one that is being removed.
ASIDE = ".new-"
_GONE = ".old-"
_CURRENT, _SOURCES, BUILDER = "CURRENT", "sources.json", "builder.json"
# A folder with both of these is an archive; the files and folders that memcon keeps there.
_MARKS = frozenset({"build.lock", "generations"})
_OWN_FILES = _MARKS | {
    *(_CURRENT, _SOURCES, BUILDER, "encoding", "models", "downloads", "engine.json"),
    *(
        "receipts.sqlite",
        "feedback.jsonl",
        "discord.sqlite",
        "discord.sqlite-shm",
        "discord.sqlite-wal",
    ),
}
REBUILD = "memcon index build --force"
UPGRADE = "memcon index build"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says of itself.

    `inventory` is the hash of the files that it was made from; `reading`, `analyzer` and `encoder`
    name the rules and the model that made it. `encoder_name` is the model as it was asked for,
    `model` its folder, `agreement` the least cosine of its vectors with the original model's.
    `skipped` counts what could not be read. `built` is UTC; `size` is in bytes; `checksums` is the
    SHA-256 of the list of checksums. `ocr` are the languages in which pictures of pages were read,
    if they were.
    """

    generation: str
    built: str
    inventory: str
    reading: str
    analyzer: str
    encoder: str
    encoder_name: str
    model: str
    agreement: float
    dimension: int
    files: int
    documents: int
    passages: int
    sentences: int
    terms: int
    date_from: str | None
    date_to: str | None
    sources: tuple[str, ...]
    skipped: int
    size: int
    checksums: str
    ocr: str | None

    def write(self, folder: Path) -> None:
        """Write the manifest into a generation's folder."""
        known = {"format": FORMAT, **asdict(self)}
        text = json.dumps({**known, "sha256": _hash(known)}, ensure_ascii=False, indent=1) + "\n"
        (folder / MANIFEST).write_text(text, "utf-8")

    @classmethod
    def read(cls, folder: Path, formats: Collection[int] = (FORMAT,)) -> "Manifest":
        """Return the manifest of a generation of one of these formats; raises DamagedIndex."""
        try:
            known: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
            if known.get("format") not in formats:
                raise DamagedIndex(
                    f"The index in {folder} is of format {known.get('format')}; this memcon reads "
                    f"{FORMAT}.",
                    UPGRADE if known.get("format") in REUSABLE else REBUILD,
                )
            if known.pop("sha256") != _hash(known):
                raise _altered(folder)
            known.pop("format")
            known["sources"] = tuple(known["sources"])
            return cls(**known)
        except UNREADABLE as error:
            raise _altered(folder) from error


@dataclass(frozen=True, slots=True)
class LastBuild:
    """What an archive was last built from: kept beside the generations, to outlive their damage.

    `added` says when each of the sources came in, UTC; `ocr` in which languages pictures of pages
    are read, if they are.
    """

    sources: tuple[str, ...]
    model: str
    added: dict[str, str]
    ocr: str | None = None


def read_sources_file(root: Path) -> LastBuild | None:
    """Return what the archive was last built from, or None where nothing was ever built.

    Where the file is lost, the generation in use still knows. Raises DamagedIndex.
    """
    path = root / _SOURCES
    try:
        known = json.loads(path.read_text("utf-8"))
        if known.pop("sha256") == _hash(known):
            return LastBuild(tuple(known["sources"]), known["model"], known["added"], known["ocr"])
    except UNREADABLE:
        pass
    try:
        manifest = Manifest.read(current(root))
    except ArchiveError as error:
        if isinstance(error, NoIndex) and not path.exists():
            return None
        raise DamagedIndex(
            f"What the archive {root} was built from cannot be read; name the folders again.",
            "memcon index build PATH --force",
        ) from error
    added = dict.fromkeys(manifest.sources, manifest.built)
    return LastBuild(manifest.sources, manifest.encoder_name, added, manifest.ocr)


def current(root: Path) -> Path:
    """Return the folder of the generation in use; raises NoIndex or DamagedIndex."""
    name = _read_current(root)[0]
    while not (folder := root / "generations" / name).is_dir():
        # A builder may have put others in use, and removed this one, at this moment.
        newer = _read_current(root)[0]
        if newer == name:
            raise DamagedIndex(f"The archive {root} points to an index that is not there.", REBUILD)
        name = newer
    return folder


def generations(root: Path) -> list[Path]:
    """Return the folders of all generations that are kept, oldest first."""
    folders = _folders(root)
    try:
        kept = _read_current(root)
    except ArchiveError:
        # Each of those that are there may be the one that is missed.
        return folders
    return [path for path in folders if path.name in kept]


def next_name(root: Path) -> str:
    """Return the number that follows the highest, in six digits."""
    return f"{max((int(path.name) for path in _folders(root)), default=0) + 1:06}"


def publish(root: Path, built: Path, manifest: Manifest) -> Path:
    """Move a finished and signed generation into place, and make it current."""
    sync(built)
    kept = _kept(root)
    folder = root / "generations" / manifest.generation
    built.rename(folder)
    sync(folder.parent, deep=False)
    try:
        before = read_sources_file(root)
    except DamagedIndex:
        before = None
    known = before.added if before else {}
    last = {
        "sources": list(manifest.sources),
        "model": manifest.encoder_name,
        "added": {source: known.get(source, manifest.built) for source in manifest.sources},
        "ocr": manifest.ocr,
    }
    # Before CURRENT: the next build must not go back to the sources of the one before.
    signed = {**last, "sha256": _hash(last)}
    _replace(root / _SOURCES, json.dumps(signed, ensure_ascii=False, indent=1))
    _write_current(root, [manifest.generation, *kept][:KEPT])
    return folder


def previous_name(root: Path) -> str:
    """Return the generation that was in use before the current one; raises UsageError.

    Where nothing tells which is current, it is the newest that is left.
    """
    kept = _kept(root)
    try:
        now = int(current(root).name)
    except ArchiveError:
        if not kept:
            raise
        return kept[0]
    older = [name for name in kept if int(name) < now]
    if not older:
        raise UsageError(f"The archive {root} has no older index to go back to.")
    return older[0]


def switch(root: Path, name: str) -> None:
    """Make another of the kept generations the current one; raises UsageError."""
    kept = _kept(root)
    if name not in kept:
        raise UsageError(f"There is no index {name}; kept are {', '.join(sorted(kept)) or 'none'}.")
    # Those that are passed over come last, and go first.
    place = kept.index(name)
    _write_current(root, kept[place:] + kept[:place])


def clear_leftovers(root: Path) -> None:
    """Remove what was cut off and what is no longer wanted, as far as it can be.

    Nobody else may be writing.
    """
    folder, models = root / "generations", root / "models"
    for name in (_SOURCES, _CURRENT, BUILDER):
        with suppress(OSError):
            _aside(root / name).unlink()
    gone = [*folder.glob(f"{ASIDE}*"), *folder.glob(f"{_GONE}*"), *models.glob(f"{ASIDE}*")]
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    with suppress(ArchiveError):
        kept = _read_current(root)
        for path in _folders(root):
            if path.name not in kept:
                _remove(path)
        used = {Manifest.read(path).model for path in generations(root)}
        for path in models.glob("*"):
            if path.name not in used:
                shutil.rmtree(path, ignore_errors=True)


def aside(root: Path, name: str) -> Path:
    """Return a new empty folder for a build, beside the finished ones and not one of them."""
    folder = root / "generations" / f"{ASIDE}{name}"
    folder.mkdir(parents=True)
    return folder


def own_files(names: Collection[str]) -> Collection[str]:
    """Return the names that memcon keeps for itself in a folder with these names: an archive's."""
    return _OWN_FILES if set(names) >= _MARKS else ()


def write_builder(root: Path, words: str) -> None:
    """Say who is building."""
    _replace(root / BUILDER, words)


def _folders(root: Path) -> list[Path]:
    """Return the folders of all generations that are there, oldest first."""
    folders = (root / "generations").glob("*")
    return sorted(
        (path for path in folders if _NAME.fullmatch(path.name)), key=lambda path: int(path.name)
    )


def _kept(root: Path) -> list[str]:
    """Return the generations that are kept and there, the one in use and the last used first.

    Where nothing tells which they are, it is all that are there, the newest first.
    """
    there = [path.name for path in reversed(_folders(root))]
    try:
        return [name for name in _read_current(root) if name in there]
    except ArchiveError:
        return there


def _read_current(root: Path) -> list[str]:
    """Return the generations that are kept, the one in use first; raises NoIndex, DamagedIndex."""
    try:
        words = (root / _CURRENT).read_text("utf-8").split()
    except FileNotFoundError:
        raise NoIndex(
            f"The archive {root} has no index yet.", "memcon index build FOLDER"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedIndex(f"The archive {root} cannot be read.", REBUILD) from error
    names = words[:-1]
    if len(words) == 1:
        # Written by hand: it names the one in use, and says nothing of the others.
        others = [path.name for path in reversed(_folders(root))]
        names = [*words, *(name for name in others if name not in words)]
    elif words[-1:] != [_sum(names)]:
        names = []
    if not names or not all(_NAME.fullmatch(name) for name in names):
        raise DamagedIndex(f"The file CURRENT of the archive {root} is damaged.", REBUILD)
    return names


def _write_current(root: Path, names: Sequence[str]) -> None:
    _replace(root / _CURRENT, f"{' '.join(names)}\n{_sum(names)}")
    sync(root, deep=False)


def _sum(names: Sequence[str]) -> str:
    return hashlib.sha256(" ".join(names).encode()).hexdigest()[:16]


def _remove(folder: Path) -> None:
    """Remove a generation: at once for who looks for it, so that nobody opens a half of it."""
    gone = folder.with_name(_GONE + folder.name)
    with suppress(OSError):
        folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _altered(folder: Path) -> DamagedIndex:
    return DamagedIndex(f"The manifest of the index in {folder} is missing or damaged.", REBUILD)


def _hash(known: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(known, ensure_ascii=False).encode()).hexdigest()


def _replace(path: Path, words: str) -> None:
    """Write a small file so that it is there whole, old or new, at every moment."""
    new = _aside(path)
    new.write_text(words + "\n", "utf-8")
    sync(new)
    if path.is_dir():
        # Foreign, and in the way.
        path.rmdir()
    new.replace(path)


def _aside(path: Path) -> Path:
    return path.with_name(path.name + ".new")
