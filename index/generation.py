"""One immutable built index on disk, and the file that says which one is in use.

ARCHIVE/
  CURRENT                  the number of the generation in use
  generations/000007/      manifest.json, documents.sqlite, lexical/, dense/
  models/                  exported encoders
"""

import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.documents import Problem
from corpus.errors import DamagedIndex, NoIndex

FORMAT = 1
# How many generations are kept, the current one included.
KEPT = 3
_NAME = re.compile(r"[0-9]{6,9}")
REBUILD = "memcon index build --force"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says of itself.

    `corpus` is the hash of its documents; `encoder` and `analyzer` name what made it;
    `encoder_name` is the model as it was asked for, `model` its folder; `built` is UTC. `files`
    holds the size in bytes of every file beside the manifest.
    """

    generation: str
    built: str
    corpus: str
    analyzer: str
    encoder: str
    encoder_name: str
    model: str
    documents: int
    passages: int
    sentences: int
    date_from: str | None
    date_to: str | None
    sources: tuple[str, ...]
    problems: tuple[Problem, ...]
    files: dict[str, int]

    def write(self, folder: Path) -> None:
        """Write the manifest into a generation's folder."""
        known = {"format": FORMAT, **asdict(self)}
        text = json.dumps(known, ensure_ascii=False, indent=1) + "\n"
        (folder / "manifest.json").write_text(text, "utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Return the manifest of a generation; raises DamagedIndex."""
        try:
            known: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
            version = known.pop("format")
            if version != FORMAT:
                raise DamagedIndex(
                    f"The index in {folder} is of format {version}; this memcon reads {FORMAT}.",
                    REBUILD,
                )
            known["problems"] = tuple(Problem(**problem) for problem in known["problems"])
            known["sources"] = tuple(known["sources"])
            return cls(**known)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedIndex(
                f"The manifest of the index in {folder} is missing or damaged.", REBUILD
            ) from error


@dataclass(frozen=True, slots=True)
class LastBuild:
    """What an archive was last built from: kept beside the generations, to outlive their damage."""

    sources: tuple[str, ...]
    model: str


def read_sources_file(root: Path) -> LastBuild | None:
    """Return what the archive was last built from, or None where nothing was ever built."""
    try:
        known = json.loads((root / "sources.json").read_text("utf-8"))
        return LastBuild(tuple(known["sources"]), known["model"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedIndex(
            f"What the archive {root} was built from cannot be read; name the folders again.",
            "memcon index build PATH --force",
        ) from error


def measure_files(folder: Path) -> dict[str, int]:
    """Return the size of every file of a generation but its manifest, by name."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


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


def next_name(root: Path) -> str:
    """Return the number that follows the highest in use, in six digits."""
    numbers = [
        int(path.name) for path in (root / "generations").glob("*") if _NAME.fullmatch(path.name)
    ]
    return f"{max(numbers, default=0) + 1:06}"


def publish(root: Path, built: Path, manifest: Manifest) -> Path:
    """Sign a finished generation, move it into place, make it current, and drop the oldest."""
    manifest.write(built)
    for path in built.rglob("*"):
        _sync(path)
    folder = root / "generations" / manifest.generation
    built.rename(folder)
    _sync(folder.parent)
    last = LastBuild(manifest.sources, manifest.encoder_name)
    _replace(root / "sources.json", json.dumps(asdict(last), ensure_ascii=False, indent=1))
    _replace(root / "CURRENT", manifest.generation)
    _sync(root)
    kept = sorted(path for path in folder.parent.iterdir() if _NAME.fullmatch(path.name))
    for path in kept[:-KEPT]:
        shutil.rmtree(path, ignore_errors=True)
    return folder


def _replace(path: Path, words: str) -> None:
    """Write a small file so that it is there whole, old or new, at every moment."""
    aside = path.with_name(path.name + ".new")
    aside.write_text(words + "\n", "utf-8")
    _sync(aside)
    aside.replace(path)


def _sync(path: Path) -> None:
    """Force a file or folder to disk, where the system can."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
