"""ZIP and tar archives and compressed files; each file inside is read by its own reader.

Nothing is written to disk, so a path in an archive leads nowhere; one that tries to lead out of it
is reported all the same, because it was made to do harm.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath, PureWindowsPath

from corpus.errors import UnreadableSource
from corpus.readers.reading import Part, Skipped
from corpus.readers.zip_safety import MAX_MEMBER_BYTES, check_size, open_zip, read_member

_LINK = "a link, which is not followed"
_NO_FILE = "not a file"
_OUTSIDE = "its path leads out of the archive"
# A symbolic link in the attributes that Unix gives a member of a ZIP archive.
_TYPE_MASK, _SYMLINK = 0o170000, 0o120000
# The largest size of a tar archive unpacked.
_MAX_STREAM_BYTES = 2 << 30
_MAX_MEMBERS = 100_000


def read_zip(data: bytes) -> Iterator[Part | Skipped]:
    """Yield the files of a ZIP archive, in the order of their names.

    Raises UnreadableSource for no archive, and for one whose members overlap.
    """
    with open_zip(data) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        members.sort(key=lambda member: member.filename)
        if not members:
            raise UnreadableSource("the archive is empty")
        for member in members[:_MAX_MEMBERS]:
            if fault := _find_fault(member.filename):
                yield Skipped(member.filename, fault)
            elif _is_hidden(member.filename):
                continue
            elif (member.external_attr >> 16) & _TYPE_MASK == _SYMLINK:
                yield Skipped(member.filename, _LINK)
            else:
                yield Part(member.filename, partial(read_member, archive, member))
        if len(members) > _MAX_MEMBERS:
            yield _rest()


def read_tar(data: bytes) -> Iterator[Part | Skipped]:
    """Yield the files of a tar archive, compressed or not, or the one file that was compressed.

    Raises UnreadableSource for neither.
    """
    stream = _Bounded(_decompressed(data), len(data))
    if not _is_tar(stream, data):
        yield Part("", stream.read_all)
        return
    found = False
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for number, member in enumerate(archive):
                found = True
                if number >= _MAX_MEMBERS:
                    yield _rest()
                    return
                # tarfile would keep them all.
                archive.members = []  # type: ignore[attr-defined]
                if not member.isdir() and (item := _take_tar_member(archive, member)):
                    yield item
    except (tarfile.TarError, *_DAMAGE) as error:
        if not found:
            raise UnreadableSource(f"the file is damaged, or no tar archive ({error})") from error
        yield Skipped("", f"the archive is damaged ({error}); the rest is left")
    if not found:
        raise UnreadableSource("the archive is empty")


def _take_tar_member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Part | Skipped | None:
    if fault := _find_fault(member.name):
        return Skipped(member.name, fault)
    if _is_hidden(member.name):
        return None
    if member.issym() or member.islnk():
        return Skipped(member.name, _LINK)
    if not member.isfile():
        return Skipped(member.name, _NO_FILE)
    return Part(member.name, partial(_read_tar_member, archive, member))


_DAMAGE = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, OverflowError)


class _Bounded(io.RawIOBase):
    """A stream that refuses to grow beyond the size of an honest archive."""

    def __init__(self, stream: io.BufferedIOBase, packed: int) -> None:
        self._stream, self._packed = stream, packed
        self._head = b""
        self._count = 0

    def read(self, size: int = -1) -> bytes:
        """Return `size` bytes; raises UnreadableSource if all together are too many."""
        data = self._head[:size] if size >= 0 else self._head
        self._head = self._head[len(data) :]
        more = size - len(data)
        # A block at a time, in case this is a bomb.
        blocks = [data]
        while more and (block := self._stream.read(min(more, 1 << 20) if more > 0 else 1 << 20)):
            blocks.append(block)
            self._count += len(block)
            more -= len(block) if more > 0 else 0
            if self._count > _MAX_STREAM_BYTES:
                raise UnreadableSource(f"is too large unpacked (over {_MAX_STREAM_BYTES >> 30} GB)")
        return b"".join(blocks)

    def peek(self, size: int) -> bytes:
        """Return the next bytes without consuming them."""
        self._head = self.read(size)
        return self._head

    def read_all(self) -> bytes:
        """Return the rest, within the limits of one file; raises UnreadableSource."""
        try:
            data = self.read(MAX_MEMBER_BYTES + 1)
        except _DAMAGE as error:
            raise UnreadableSource(f"is damaged ({error})") from error
        check_size(len(data), self._packed)
        return data


def _decompressed(data: bytes) -> io.BufferedIOBase:
    raw = io.BytesIO(data)
    if data.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=raw)
    if data.startswith(b"BZh"):
        return bz2.BZ2File(raw)
    if data.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMAFile(raw)
    return raw


def _is_tar(stream: _Bounded, data: bytes) -> bool:
    """Return whether the stream is a tar archive; uncompressed, it can be nothing else."""
    try:
        head = stream.peek(tarfile.BLOCKSIZE)
    except _DAMAGE as error:
        raise UnreadableSource(f"the file is damaged ({error})") from error
    if isinstance(stream._stream, io.BytesIO):  # noqa: SLF001 - of this module
        return True
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return bool(data)


def _read_tar_member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if member.size > MAX_MEMBER_BYTES:
        raise UnreadableSource(f"is too large unpacked ({member.size >> 20} MB)")
    try:
        file = archive.extractfile(member)
        data = file.read() if file else b""
    except (tarfile.TarError, *_DAMAGE) as error:
        raise UnreadableSource(f"is damaged ({error})") from error
    if len(data) < member.size:
        raise UnreadableSource("is damaged: the archive ends within it")
    return data


def _rest() -> Skipped:
    return Skipped("", f"more than {_MAX_MEMBERS:,} members; the rest is left")


def _is_hidden(name: str) -> bool:
    """Return whether a member is a hidden file of some system, as ".DS_Store"."""
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") and part != ".." for part in parts) or "__MACOSX" in parts


def _find_fault(name: str) -> str | None:
    windows = PureWindowsPath(name)
    if (
        ".." in windows.parts
        or windows.is_absolute()
        or windows.drive
        or name.startswith(("/", "\\"))
    ):
        return _OUTSIDE
    return None
