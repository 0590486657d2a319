"""One immutable built index on disk, and the file that says which one is in use.

ARCHIVE/
  CURRENT                  the number of the generation in use
  sources.json             what the last build was made from
  generations/000007/      manifest.json, checksums.json, documents.sqlite, and arrays
  encoding/                vectors of a build that is not finished
  models/                  exported encoders
  build.lock, builder.json who is building
"""

import hashlib
import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.documents import Problem
from corpus.errors import DamagedIndex, NoIndex, UsageError

FORMAT = 2
MANIFEST = "manifest.json"
# How many generations are kept, the current one included.
KEPT = 3
_NAME = re.compile(r"[0-9]{6,9}")
_ASIDE = ".new-"
REBUILD = "memcon index build --force"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says of itself.

    `inventory` is the hash of the files that it was made from; `reading`, `analyzer` and `encoder`
    name the rules and the model that made it. `encoder_name` is the model as it was asked for,
    `model` its folder, `agreement` the least cosine of its vectors with the original model's.
    `built` is UTC; `size` is in bytes; `checksums` is the SHA-256 of the list of checksums.
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
    problems: tuple[Problem, ...]
    size: int
    checksums: str

    def write(self, folder: Path) -> None:
        """Write the manifest into a generation's folder."""
        known = {"format": FORMAT, **asdict(self)}
        text = json.dumps({**known, "sha256": _hash(known)}, ensure_ascii=False, indent=1) + "\n"
        (folder / MANIFEST).write_text(text, "utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Return the manifest of a generation; raises DamagedIndex."""
        try:
            known: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
            if known.get("format") != FORMAT:
                raise DamagedIndex(
                    f"The index in {folder} is of format {known.get('format')}; this memcon reads "
                    f"{FORMAT}.",
                    REBUILD,
                )
            if known.pop("sha256") != _hash(known):
                raise _altered(folder)
            known.pop("format")
            known["problems"] = tuple(Problem(**problem) for problem in known["problems"])
            known["sources"] = tuple(known["sources"])
            return cls(**known)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _altered(folder) from error


@dataclass(frozen=True, slots=True)
class LastBuild:
    """What an archive was last built from: kept beside the generations, to outlive their damage.

    `added` says when each of the sources came in, UTC.
    """

    sources: tuple[str, ...]
    model: str
    added: dict[str, str]


def read_sources_file(root: Path) -> LastBuild | None:
    """Return what the archive was last built from, or None where nothing was ever built."""
    try:
        known = json.loads((root / "sources.json").read_text("utf-8"))
        return LastBuild(tuple(known["sources"]), known["model"], known["added"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedIndex(
            f"What the archive {root} was built from cannot be read; name the folders again.",
            "memcon index build PATH --force",
        ) from error


def current(root: Path) -> Path:
    """Return the folder of the generation in use; raises NoIndex or DamagedIndex."""
    try:
        name = (root / "CURRENT").read_text("utf-8").strip()
    except FileNotFoundError:
        raise NoIndex(f"The archive {root} has no index yet.", "memcon index build") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedIndex(f"The archive {root} cannot be read.", REBUILD) from error
    folder = root / "generations" / name
    if not _NAME.fullmatch(name) or not folder.is_dir():
        raise DamagedIndex(f"The archive {root} points to an index that is not there.", REBUILD)
    return folder


def generations(root: Path) -> list[Path]:
    """Return the folders of all generations that are kept, oldest first."""
    folders = (root / "generations").glob("*")
    return sorted(
        (path for path in folders if _NAME.fullmatch(path.name)), key=lambda path: int(path.name)
    )


def next_name(root: Path) -> str:
    """Return the number that follows the highest in use, in six digits."""
    return f"{max((int(path.name) for path in generations(root)), default=0) + 1:06}"


def publish(root: Path, built: Path, manifest: Manifest) -> Path:
    """Move a finished and signed generation into place, make it current, and drop the oldest."""
    for path in [*built.rglob("*"), built]:
        _sync(path)
    folder = root / "generations" / manifest.generation
    built.rename(folder)
    _sync(folder.parent)
    try:
        before = read_sources_file(root)
    except DamagedIndex:
        before = None
    known = before.added if before else {}
    added = {source: known.get(source, manifest.built) for source in manifest.sources}
    last = LastBuild(manifest.sources, manifest.encoder_name, added)
    _replace(root / "sources.json", json.dumps(asdict(last), ensure_ascii=False, indent=1))
    _replace(root / "CURRENT", manifest.generation)
    _sync(root)
    for path in generations(root)[:-KEPT]:
        if path != folder:
            shutil.rmtree(path, ignore_errors=True)
    return folder


def previous_name(root: Path) -> str:
    """Return the newest generation that is older than the current one; raises UsageError."""
    try:
        now = int(current(root).name)
    except DamagedIndex:
        # What CURRENT names is gone: any that is left is older.
        now = 10**9
    older = [path.name for path in generations(root) if int(path.name) < now]
    if not older:
        raise UsageError(f"The archive {root} has no older index to go back to.")
    return older[-1]


def switch(root: Path, name: str) -> None:
    """Make another of the kept generations the current one; raises UsageError."""
    kept = [path.name for path in generations(root)]
    if name not in kept:
        raise UsageError(f"There is no index {name}; kept are {', '.join(kept) or 'none'}.")
    _replace(root / "CURRENT", name)
    _sync(root)


def clear_leftovers(root: Path) -> None:
    """Remove what builds that were cut off left behind; nobody else may be building."""
    for path in (root / "generations").glob(f"{_ASIDE}*"):
        shutil.rmtree(path, ignore_errors=True)
    for name in ("sources.json.new", "CURRENT.new"):
        (root / name).unlink(missing_ok=True)


def aside(root: Path) -> Path:
    """Return a new empty folder for a build, beside the finished ones and not one of them."""
    folder = root / "generations" / f"{_ASIDE}{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _altered(folder: Path) -> DamagedIndex:
    return DamagedIndex(f"The manifest of the index in {folder} is missing or damaged.", REBUILD)


def _hash(known: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(known, ensure_ascii=False).encode()).hexdigest()


def _replace(path: Path, words: str) -> None:
    """Write a small file so that it is there whole, old or new, at every moment."""
    new = path.with_name(path.name + ".new")
    new.write_text(words + "\n", "utf-8")
    _sync(new)
    new.replace(path)


def _sync(path: Path) -> None:
    """Force a file or folder to disk, where the system can."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
