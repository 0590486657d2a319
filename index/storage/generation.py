"""Generations: immutable indexes on disk, and the file that names the one in use.

ARCHIVE/
  CURRENT                  the names of the generation in use, and of the others kept
  sources.json             the sources of the last build
  generations/000007/      manifest.json, checksums.json, and what the index has beside segments
  segments/000007/         checksums.json, documents.sqlite, and arrays
  encoding/                vectors of an unfinished build
  models/                  exported encoders
  build.lock, builder.json the process that is building

CURRENT is replaced atomically. A generation that it does not name was never in use, or is no
longer needed; the next build removes it. The same holds for a segment that no generation names.
Generations share segments, which never change: `index.storage.contents`.
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

import msgspec

from corpus.errors import ArchiveError, DamagedIndex, NoIndex, UsageError
from index.storage.checksummed import UNREADABLE, sync

FORMAT = 5
# Format 4 has no segments: a generation has all files itself.
READABLE = (4, FORMAT)
# A build copies vectors from these formats; format 3 lacks the arrays that records are found by.
REUSABLE = (3, *READABLE)
MANIFEST = "manifest.json"
GENERATIONS, SEGMENTS = "generations", "segments"
# The number of generations kept, the current one included.
KEPT = 3
_NAME = re.compile(r"[0-9]{6,9}")
# Prefixes of a generation that is being written, and of one that is being removed.
UNFINISHED = ".new-"
_GONE = ".old-"
_CURRENT, _SOURCES, BUILDER = "CURRENT", "sources.json", "builder.json"
# A folder with both of these is an archive; the files and folders that memcon keeps there.
_MARKS = frozenset({"build.lock", GENERATIONS})
_OWN_FILES = _MARKS | {
    SEGMENTS,
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
    """The properties of a generation.

    `inventory` is the hash of its source files; `reading`, `analyzer` and `encoder` identify the
    rules and the model of the build. `encoder_name` is the model's name as given, `model` its
    folder, `agreement` the least cosine with the original model's vectors. `skipped` counts
    unreadable files. `built` is UTC; `size` is in bytes, segments included; `checksums` is the
    SHA-256 of the list of checksums. `ocr` are the languages of OCR, None without it. `segments`
    are the names of its segments, oldest first; none before format 5 and on Milvus.
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
    segments: tuple[str, ...] = ()

    def write(self, folder: Path) -> None:
        """Write the manifest into a generation's folder."""
        known = {"format": FORMAT, **asdict(self)}
        text = json.dumps({**known, "sha256": _hash(known)}, ensure_ascii=False, indent=1) + "\n"
        (folder / MANIFEST).write_text(text, "utf-8")

    @classmethod
    def read(cls, folder: Path, formats: Collection[int] = READABLE) -> "Manifest":
        """Return the manifest of a generation of one of these formats; raises DamagedIndex."""
        try:
            known: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
            found = known.get("format")
            if found not in formats:
                newer = isinstance(found, int) and found > FORMAT
                raise DamagedIndex(
                    f"The index in {folder} {'was made by a newer memcon: it ' if newer else ''}"
                    f"is of format {found}; this memcon reads {FORMAT}.",
                    UPGRADE if found in REUSABLE else REBUILD,
                )
            if known.pop("sha256") != _hash(known):
                raise _altered(folder)
            known.pop("format")
            return msgspec.convert(known, cls)
        except UNREADABLE as error:
            raise _altered(folder) from error


@dataclass(frozen=True, slots=True)
class LastBuild:
    """The sources and settings of the last build, stored apart from generations to survive damage.

    `added` has the time when each source was added, UTC; `ocr` the languages of OCR, None without
    it.
    """

    sources: tuple[str, ...]
    model: str
    added: dict[str, str]
    ocr: str | None = None


def read_sources_file(root: Path) -> LastBuild | None:
    """Return the sources and settings of the last build, or None before the first.

    If the file is lost, they come from the generation in use. Raises DamagedIndex.
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
    while not (folder := root / GENERATIONS / name).is_dir():
        # A build may have just put another in use, and removed this one.
        newer = _read_current(root)[0]
        if newer == name:
            raise DamagedIndex(f"The archive {root} points to an index that is not there.", REBUILD)
        name = newer
    return folder


def generations(root: Path) -> list[Path]:
    """Return the folders of the kept generations, oldest first."""
    folders = _folders(root)
    try:
        kept = _read_current(root)
    except ArchiveError:
        # Any of them may be the current one.
        return folders
    return [path for path in folders if path.name in kept]


def next_name(root: Path) -> str:
    """Return the next free number of a generation or segment, in six digits."""
    taken = [*_folders(root), *_folders(root, SEGMENTS)]
    return f"{max((int(path.name) for path in taken), default=0) + 1:06}"


def publish_segment(root: Path, built: Path, name: str) -> None:
    """Move a finished, sealed segment into place, where no generation needs it yet."""
    sync(built)
    folder = root / SEGMENTS / name
    built.rename(folder)
    sync(folder.parent, deep=False)


def publish(root: Path, built: Path, manifest: Manifest) -> Path:
    """Move a finished, sealed generation into place, and make it current."""
    sync(built)
    kept = _kept(root)
    folder = root / GENERATIONS / manifest.generation
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
    # Before CURRENT: the next build must not use the sources of the previous one.
    signed = {**last, "sha256": _hash(last)}
    replace_file(root / _SOURCES, json.dumps(signed, ensure_ascii=False, indent=1))
    _write_current(root, [manifest.generation, *kept][:KEPT])
    return folder


def previous_name(root: Path) -> str:
    """Return the generation that was in use before the current one; raises UsageError.

    If the current one is unknown, it is the newest of all.
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
    # Those that are skipped come last, and are removed first.
    place = kept.index(name)
    _write_current(root, kept[place:] + kept[:place])


def clear_leftovers(root: Path) -> None:
    """Remove unfinished and unneeded files, as far as possible.

    The caller holds the lock.
    """
    folder, segments, models = root / GENERATIONS, root / SEGMENTS, root / "models"
    for name in (_SOURCES, _CURRENT, BUILDER):
        with suppress(OSError):
            _partial(root / name).unlink()
    patterns = [(place, prefix) for place in (folder, segments) for prefix in (UNFINISHED, _GONE)]
    patterns.append((models, UNFINISHED))
    gone = [path for place, prefix in patterns for path in place.glob(f"{prefix}*")]
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    with suppress(ArchiveError):
        kept = _read_current(root)
        for path in _folders(root):
            if path.name not in kept:
                _remove(path)
        manifests = [Manifest.read(path, REUSABLE) for path in generations(root)]
        needed = {name for manifest in manifests for name in manifest.segments}
        for path in _folders(root, SEGMENTS):
            if path.name not in needed:
                _remove(path)
        used = {manifest.model for manifest in manifests}
        for path in models.glob("*"):
            if path.name not in used:
                shutil.rmtree(path, ignore_errors=True)


def new_folder(root: Path, name: str, kind: str = GENERATIONS) -> Path:
    """Create the folder of an unfinished generation or segment, beside the finished ones."""
    folder = root / kind / f"{UNFINISHED}{name}"
    folder.mkdir(parents=True)
    return folder


def own_files(names: Collection[str]) -> Collection[str]:
    """Return the names that memcon keeps for itself in a folder with these names: an archive's."""
    return _OWN_FILES if set(names) >= _MARKS else ()


def _folders(root: Path, kind: str = GENERATIONS) -> list[Path]:
    """Return the folders of all generations or segments, oldest first."""
    folders = (root / kind).glob("*")
    return sorted(
        (path for path in folders if _NAME.fullmatch(path.name)), key=lambda path: int(path.name)
    )


def _kept(root: Path) -> list[str]:
    """Return the kept generations that exist, the one in use and the last used first.

    If CURRENT is unreadable, they are all that exist, the newest first.
    """
    there = [path.name for path in reversed(_folders(root))]
    try:
        return [name for name in _read_current(root) if name in there]
    except ArchiveError:
        return there


def _read_current(root: Path) -> list[str]:
    """Return the kept generations, the one in use first; raises NoIndex, DamagedIndex."""
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
        # Written by hand: it names only the one in use.
        others = [path.name for path in reversed(_folders(root))]
        names = [*words, *(name for name in others if name not in words)]
    elif words[-1:] != [_sum(names)]:
        names = []
    if not names or not all(_NAME.fullmatch(name) for name in names):
        raise DamagedIndex(f"The file CURRENT of the archive {root} is damaged.", REBUILD)
    return names


def _write_current(root: Path, names: Sequence[str]) -> None:
    replace_file(root / _CURRENT, f"{' '.join(names)}\n{_sum(names)}")
    sync(root, deep=False)


def _sum(names: Sequence[str]) -> str:
    return hashlib.sha256(" ".join(names).encode()).hexdigest()[:16]


def _remove(folder: Path) -> None:
    """Remove a generation or segment, renamed first so that no reader opens a part of it."""
    gone = folder.with_name(_GONE + folder.name)
    with suppress(OSError):
        folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _altered(folder: Path) -> DamagedIndex:
    return DamagedIndex(f"The manifest of the index in {folder} is missing or damaged.", REBUILD)


def _hash(known: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(known, ensure_ascii=False).encode()).hexdigest()


def replace_file(path: Path, words: str) -> None:
    """Replace a small file atomically."""
    new = _partial(path)
    new.write_text(words + "\n", "utf-8")
    sync(new)
    if path.is_dir():
        # A foreign folder is in the way.
        path.rmdir()
    new.replace(path)


def _partial(path: Path) -> Path:
    return path.with_name(path.name + ".new")
