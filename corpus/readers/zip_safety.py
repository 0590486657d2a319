"""Opens ZIP archives, and formats that are ZIP archives inside, guarding against bombs."""

import io
import zipfile
import zlib
from lzma import LZMAError

from corpus.errors import UnreadableSource

# No document is larger, and no honest one of this size packs to less than this ratio.
MAX_MEMBER_BYTES = 256 * 1024 * 1024
_MAX_RATIO = 200
_RATIO_COUNTS = 16 * 1024 * 1024
# The fixed part of the header before the data of a member.
_HEADER_BYTES = 30


def open_zip(data: bytes) -> zipfile.ZipFile:
    """Open a ZIP archive; raises UnreadableSource if it is damaged or a bomb."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = sorted(archive.infolist(), key=lambda member: member.header_offset)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, OSError) as error:
        raise UnreadableSource(f"the file is damaged, or no ZIP archive ({error})") from error
    end = 0
    for member in members:
        # In such a bomb, all members share the same few bytes.
        if member.compress_size and member.header_offset < end:
            raise UnreadableSource("the file is a ZIP bomb: its members overlap")
        end = member.header_offset + _HEADER_BYTES + member.compress_size
    return archive


def read_member(archive: zipfile.ZipFile, name: str | zipfile.ZipInfo) -> bytes:
    """Return the bytes of a member of an archive; raises UnreadableSource."""
    try:
        member = archive.getinfo(name) if isinstance(name, str) else name
    except KeyError as error:
        raise UnreadableSource(f"the file is damaged: it has no {name}") from error
    if member.flag_bits & 1:
        raise UnreadableSource("is encrypted with a password")
    check_size(member.file_size, member.compress_size)
    try:
        # zipfile reads no more than the size just checked.
        return archive.read(member)
    except (NotImplementedError, RuntimeError) as error:
        raise UnreadableSource("is compressed or encrypted in an unknown way") from error
    except (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, OSError, ValueError) as error:
        raise UnreadableSource(f"is damaged ({error})") from error


def check_size(size: int, packed: int) -> None:
    """Raise UnreadableSource for a size too large, absolutely or against its packed size."""
    if size > MAX_MEMBER_BYTES:
        raise UnreadableSource(f"is too large unpacked ({size >> 20} MB)")
    if size > _RATIO_COUNTS and size > _MAX_RATIO * max(packed, 1):
        raise UnreadableSource(f"is a bomb: it would grow {size // max(packed, 1):,}-fold")
