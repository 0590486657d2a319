"""Folders of finished files, with a checksum of each chunk that is verified on first read.

Opening a folder does not read whole files: an archive of a million passages has gigabytes, of which
a question reads few. Every chunk is verified before use, so that a flipped bit on disk is an error
and never an answer. The checksums find accidents, not forgeries.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import xxhash
from numpy.typing import NDArray

from corpus.errors import DamagedIndex

CHECKSUMS = "checksums.json"
# Errors of reading a damaged JSON file.
UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
# The unit in which the system maps files: smaller chunks would only make a longer list.
_CHUNK = 1 << 16
# The bytes of a checksum.
_SUM = 8
_REBUILD = "memcon index build --force"

Item = TypeVar("Item", bound=np.generic)


def seal(folder: Path) -> str:
    """Write the checksums of every file under `folder`; returns the SHA-256 of their list."""
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / CHECKSUMS:
            sums = "".join(f"{xxhash.xxh3_64_intdigest(chunk):016x}" for chunk in _chunks(path))
            name = path.relative_to(folder).as_posix()
            files[name] = {"size": path.stat().st_size, "sums": sums}
    data = json.dumps({"chunk": _CHUNK, "files": files}).encode()
    (folder / CHECKSUMS).write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def sync(path: Path, *, deep: bool = True) -> None:
    """Flush a file, or a folder with its content if `deep`, to disk if the system can."""
    for each in [*(path.rglob("*") if deep else ()), path]:
        if os.name == "nt" and each.is_dir():
            continue
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Sealed:
    """A sealed folder: the files that were sealed, of the same sizes."""

    def __init__(
        self, folder: Path, sha256: str | None = None, *, beside: tuple[str, ...] = ()
    ) -> None:
        """Open a sealed folder; `sha256` is the one that `seal` returned.

        `beside` names files that were added since.

        Raises DamagedIndex if files are missing, foreign or of another size.
        """
        self.folder = folder
        try:
            data = (folder / CHECKSUMS).read_bytes()
            if sha256 not in {None, hashlib.sha256(data).hexdigest()}:
                raise self._damage(CHECKSUMS)
            known = json.loads(data)
            if known["chunk"] != _CHUNK:
                raise self._damage(CHECKSUMS)
            # A list of sums in older files.
            self._files = {
                name: (int(item["size"]), bytes.fromhex("".join(item["sums"])))
                for name, item in known["files"].items()
            }
            if any(len(sums) % _SUM for _, sums in self._files.values()):
                raise self._damage(CHECKSUMS)
        except UNREADABLE as error:
            raise self._damage(CHECKSUMS) from error
        sizes = {name: size for name, (size, _) in self._files.items()}
        found = {
            path.relative_to(folder).as_posix(): path.stat().st_size
            for path in folder.rglob("*")
            if path.is_file()
        }
        for name in (CHECKSUMS, *beside):
            found.pop(name, None)
        for name in sorted(found.keys() | sizes.keys()):
            if found.get(name) != sizes.get(name):
                raise self._damage(name)

    def path(self, name: str) -> Path:
        """Return the path of a file."""
        return self.folder / name

    def has(self, name: str) -> bool:
        """Return whether a file was sealed here."""
        return name in self._files

    def array(self, name: str, dtype: "np.dtype[Item]", width: int = 0) -> "CheckedArray[Item]":
        """Return a file as an array of `dtype`, of `width` columns if it has any."""
        return CheckedArray(self, name, dtype, width)

    def read(self, name: str) -> bytes:
        """Return the verified content of a file."""
        self.verify(name)
        return self.path(name).read_bytes()

    def verify(self, name: str) -> None:
        """Verify a whole file; raises DamagedIndex."""
        try:
            sums = [xxhash.xxh3_64_intdigest(chunk) for chunk in _chunks(self.path(name))]
        except OSError as error:
            raise self._damage(name) from error
        if sums != self.sums(name).tolist():
            raise self._damage(name)

    def verify_all(self) -> None:
        """Verify every file; raises DamagedIndex."""
        for name in self._files:
            self.verify(name)

    def sums(self, name: str) -> NDArray[np.uint64]:
        """Return the checksums of a file's chunks."""
        if name not in self._files:
            raise self._damage(name)
        return np.frombuffer(self._files[name][1], ">u8")

    def _damage(self, name: str) -> DamagedIndex:
        return damage(self.folder, name)


def damage(folder: Path, name: str) -> DamagedIndex:
    """Return the error for a damaged file of a sealed folder."""
    return DamagedIndex(f"{name} of the index in {folder} is missing or damaged.", _REBUILD)


class CheckedArray(Generic[Item]):
    """A memory-mapped array in a file; each chunk is verified once, before it is read.

    Sealed files are never written again. If one is truncated while mapped, the system ends a
    process that reads beyond its end; the next process reports the damage.
    A row is one item, or `width` items if given. Threads may share an array: two that read a new
    chunk at the same time both verify it.
    """

    def __init__(self, sealed: Sealed, name: str, dtype: "np.dtype[Item]", width: int = 0) -> None:
        """Map the file; raises DamagedIndex if it has a partial row."""
        self._sealed, self._name = sealed, name
        self._sums = sealed.sums(name)
        path = sealed.path(name)
        self._row = dtype.itemsize * (width or 1)
        try:
            size = path.stat().st_size
            if size % self._row:
                raise damage(sealed.folder, name)
            shape = (size // self._row, width) if width else (size // self._row,)
            # An empty file cannot be mapped.
            self._bytes = np.memmap(path, np.uint8, "r") if size else np.empty(0, np.uint8)
        except OSError as error:
            raise damage(sealed.folder, name) from error
        self._rows: NDArray[Item] = self._bytes.view(np.ndarray).view(dtype).reshape(shape)
        self._checked = np.zeros(len(self._sums), np.bool_)
        self._whole = not len(self._sums)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, rows: slice) -> NDArray[Item]:
        """Return consecutive rows, as a view of the file."""
        start, stop, _ = rows.indices(len(self._rows))
        if stop > start and not self._whole:
            self._check(start * self._row // _CHUNK, (stop * self._row - 1) // _CHUNK + 1)
        return self._rows[start:stop]

    def take(self, rows: NDArray[Any]) -> NDArray[Item]:
        """Return a copy of these rows, in this order."""
        if not self._whole and len(rows):
            places = rows.astype(np.int64) * self._row
            touched = np.zeros(len(self._checked) + 1, np.bool_)
            # A row is shorter than a chunk, so it lies in the chunks of its two ends.
            touched[places // _CHUNK] = True
            touched[(places + self._row - 1) // _CHUNK] = True
            for chunk in np.flatnonzero(touched[:-1] & ~self._checked):
                self._check(int(chunk), int(chunk) + 1)
        taken: NDArray[Item] = self._rows[rows]
        return taken

    def _check(self, first: int, stop: int) -> None:
        checked = self._checked
        if checked[first:stop].all():
            return
        for number in range(first, stop):
            if not checked[number]:
                chunk = self._bytes[number * _CHUNK : (number + 1) * _CHUNK]
                if xxhash.xxh3_64_intdigest(chunk) != self._sums[number]:  # type: ignore[arg-type]
                    raise damage(self._sealed.folder, self._name)
                checked[number] = True
        self._whole = bool(checked.all())


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
