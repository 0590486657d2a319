"""Decodes the bytes of a text file, with remarks on how it was read."""

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass

from corpus.errors import UnreadableSource
from corpus.readers.encodings.names import (
    ISO_2022_JP,
    decode_as,
    decode_iso_2022_jp,
    find_codec,
    has_escapes,
)

_HEAD_BYTES = 4096
# The largest number of bytes that may not fit the encoding.
_FEW = 0.2
# UTF-32 before UTF-16: the little-endian mark of the one begins with that of the other.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Characters that two bytes of an older encoding do not become by chance: not the letters of
# phonetics, nor what controls a printer.
_PLAUSIBLE = re.compile("[\u00a0-\u024f\u0370-\u06ff\u0900-\U0010ffff]")
_BAD = "\ufffd"
_HIGH = re.compile(rb"[\x80-\xff]+")
# What people call the encodings that have another name in programs.
_CALLED = {
    "cp1250": "windows-1250", "cp1251": "windows-1251", "cp1252": "windows-1252",
    "cp1253": "windows-1253", "cp1254": "windows-1254", "cp1255": "windows-1255",
    "cp1256": "windows-1256", "cp1257": "windows-1257", "cp932": "Shift_JIS", "euc_jp": "EUC-JP",
    "gb18030": "GB 18030", "big5hkscs": "Big5", "cp949": "EUC-KR", "mac-roman": "Mac OS Roman",
    "koi8-r": "KOI8-R", "koi8-u": "KOI8-U", "iso8859-2": "ISO 8859-2", "utf-8": "UTF-8",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, with a remark on how it was decoded, if there is one."""

    text: str
    remark: str | None = None

    @property
    def remarks(self) -> tuple[str, ...]:
        """The remark as a tuple, as in a `Reading`."""
        return (self.remark,) if self.remark else ()


def decode_text(data: bytes, declared: str | None = None) -> Decoded:
    """Return the text that `data` encodes, its lines parted by line feeds.

    A byte-order mark decides; then UTF-8, though a few bytes of it may be damaged; then the
    encoding that is `declared`, as MIME names them; then the likeliest one of the bytes.
    Raises UnreadableSource for binary or empty data.
    """
    decoded = _decode(data, find_codec(declared) if declared else None)
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise UnreadableSource("the file is empty")
    if "\0" in text:
        raise UnreadableSource("the file is binary, not text")
    return Decoded(text, decoded.remark)


def decode(data: bytes) -> str:
    """Return the text that `data` encodes, as `decode_text` does."""
    return decode_text(data).text


def decode_as_declared(data: bytes, codec: str) -> Decoded:
    """Decode with a codec; a remark says if some bytes do not fit it."""
    text = decode_as(data, codec, "replace").replace("\r\n", "\n").replace("\r", "\n")
    return _say_damage(text)


def _decode(data: bytes, codec: str | None) -> Decoded:
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if marked:
        return _say_damage(data.decode(marked, "replace"))
    if wide := _find_wide(data):
        return Decoded(data.decode(wide))
    if codec is not None and (found := _as_declared(data, codec)):
        return found
    if has_escapes(data):
        return _say_damage(decode_iso_2022_jp(data))
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _decode_damaged(data, codec)


def _decode_damaged(data: bytes, codec: str | None) -> Decoded:
    """Decode bytes that are neither UTF-8 nor wholly in the declared encoding."""
    if is_nearly_utf8(data):
        return _say_damage(data.decode("utf-8", "replace"))
    if codec is not None and not codec.startswith("utf"):
        found = decode_as_declared(data, codec)
        if found.text.count(_BAD) <= _FEW * sum(map(len, _HIGH.findall(data))):
            return found
    if b"\0" in data:
        raise UnreadableSource("the file is binary, not text")
    return _guess(data)


def _as_declared(data: bytes, codec: str) -> Decoded | None:
    """Decode in the declared encoding, if that can be true."""
    if codec.startswith("utf-8"):
        return None
    if codec.startswith(("cp12", "cp8", "iso8859", "koi8", "mac")) and not data.isascii():
        # Bytes above 127 that are valid UTF-8 throughout are UTF-8.
        with suppress(UnicodeDecodeError):
            data.decode("utf-8")
            return None
    try:
        return Decoded(decode_as(data, ISO_2022_JP if has_escapes(data) else codec))
    except (UnicodeDecodeError, LookupError):
        return None


def _guess(data: bytes) -> Decoded:
    from corpus.readers.encodings.detection import guess_encoding

    guess = guess_encoding(data)
    found = _say_damage(data.decode(guess.encoding, "replace"))
    if guess.sure:
        return found
    called = _CALLED.get(guess.encoding, guess.encoding)
    remark = f"its encoding is not known, and {called} is a guess"
    return Decoded(found.text, f"{remark}; {found.remark}" if found.remark else remark)


def is_nearly_utf8(data: bytes) -> bool:
    """Return whether bytes are UTF-8 but for a few, or but for a character cut off at the end."""
    good = _count_plausible(data)
    if not good:
        return False
    bad = data.decode("utf-8", "replace").count(_BAD) - data.count(_BAD.encode())
    return good >= bad


def _count_plausible(data: bytes) -> int:
    text = data.decode("utf-8", "ignore")
    return sum(1 for _ in _PLAUSIBLE.finditer(text)) - text.count(_BAD)


def _say_damage(text: str) -> Decoded:
    """Add a remark to a text if some of it could not be decoded."""
    bad = text.count(_BAD)
    if not bad:
        return Decoded(text)
    what = "1 character is" if bad == 1 else f"{bad:,} characters are"
    return Decoded(text, f"{what} damaged, and read as “\ufffd”")


def _find_wide(data: bytes) -> str | None:
    """Return the encoding of two or four bytes a character that has no mark, if it is one.

    Every other byte of Western text in UTF-16 is null, and three of four in UTF-32.
    """
    head = data[:_HEAD_BYTES]
    if not head or head.count(0) * 3 < len(head):
        return None
    for width, encoding in ((4, "utf-32-le"), (4, "utf-32-be"), (2, "utf-16-le"), (2, "utf-16-be")):
        places = [head[place::width].count(0) * width / len(head) for place in range(width)]
        last = 0 if encoding.endswith("le") else width - 1
        null = [share for place, share in enumerate(places) if place != last]
        if len(data) % width or places[last] > _FEW or min(null) < 1 - _FEW:
            continue
        try:
            words = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(char.isprintable() or char.isspace() for char in words[:_HEAD_BYTES]):
            return encoding
    return None
