"""Names of encodings as mail and web clients take them, and encodings that Python lacks.

A name means the encoding that its users write: "iso-8859-1" is windows-1252, "shift_jis" has the
characters that Windows added, and so has "iso-2022-jp".
"""

import codecs
import re

from corpus.word_lists import read_lists

ISO_2022_JP = "iso-2022-jp"
# Programs write these by default; they say nothing of bytes above 127.
_UNKNOWN = re.compile(
    r"(?:x-)?(?:unknown.*|user-defined|8-?bit|binary|default|none|auto.*)|(?:us-?)?ascii"
    r"|ansi_x3\.4-19\d\d|iso-?646.*|7-?bit",
)
_PAGE = re.compile(r"(?:x-)?(?:cp|ibm|dos|oem|ms|win|windows|codepage)?[-_ ]?(\d{3,5})")
_MAC = re.compile(r"(?:x-)?mac(?:intosh)?[-_ ]?(?P<which>[a-z]*\d?)")
_ALIASES = {
    alias: codec for codec, aliases in read_lists(__file__)["aliases"].items() for alias in aliases
}
_MACS = {"": "mac-roman", "roman": "mac-roman", "ce": "mac-latin2", "centraleurope": "mac-latin2"}
# Python's own names that are not encodings of text files.
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"})

_ESCAPE = re.compile(rb"\x1b(?:\([BJIH]|\$[@AB]|\$\([CDOPQ@AB])|\x1b")
_DOUBLE = {b"\x1b$@", b"\x1b$B", b"\x1b$(@", b"\x1b$(B", b"\x1b$(O", b"\x1b$(Q"}
_RAISED = {b"\x1b$(C": "euc_kr", b"\x1b$A": "gb2312"}
_JAPANESE = re.compile(rb"\x1b\$\(?[@BDOQ]|\x1b\(I")


def find_codec(label: str) -> str | None:
    """Return the codec for a declared encoding; None if its name says nothing."""
    import webencodings

    name = label.strip(" \t\r\n\"'").lower()
    if not name or _UNKNOWN.fullmatch(name):
        return None
    page = _PAGE.fullmatch(name)
    plain = f"cp{page[1]}" if page else name.replace("_", "-").replace(" ", "-")
    if plain in _ALIASES:
        return None if _ALIASES[plain] == "none" else _ALIASES[plain]
    known = webencodings.lookup(name) or webencodings.lookup(plain)
    if known is not None and known.name == "iso-2022-jp":
        return ISO_2022_JP
    if known is not None and not known.name.startswith(("x-user", "replacement")):
        return str(known.codec_info.name)
    if mac := _MAC.fullmatch(plain):
        plain = _MACS.get(mac["which"], f"mac-{mac['which']}")
    try:
        found = codecs.lookup(plain)
    except (LookupError, ValueError):
        return None
    # Only Python has these: base64, rot13 and the like.
    is_text = getattr(found, "_is_text_encoding", True)
    return found.name if is_text and found.name.replace("_", "-") not in _NO_CHARSETS else None


def decode_as(data: bytes, codec: str, errors: str = "strict") -> str:
    """Decode bytes with a codec that `find_codec` returned.

    Raises UnicodeDecodeError where `errors` is "strict" and they are not in it.
    """
    if codec != ISO_2022_JP:
        return data.decode(codec, errors)
    text = decode_iso_2022_jp(data)
    if "\ufffd" in text and errors == "strict":
        raise UnicodeDecodeError(codec, data, 0, len(data), "no such character")
    return text


def has_escapes(data: bytes) -> bool:
    """Return whether bytes switch to Japanese characters as ISO-2022-JP does."""
    return b"\x1b" in data and bool(_JAPANESE.search(data))


def decode_iso_2022_jp(data: bytes) -> str:
    """Return the text of ISO-2022-JP, with what Windows added and the half-width katakana.

    What is no character of it becomes U+FFFD.
    """
    pieces = []
    state, end = b"\x1b(B", 0
    for match in _ESCAPE.finditer(data):
        pieces.append(_decode_segment(data[end : match.start()], state))
        state, end = (match[0] if len(match[0]) > 1 else state), match.end()
    pieces.append(_decode_segment(data[end:], state))
    return "".join(pieces)


def _decode_segment(segment: bytes, state: bytes) -> str:
    if state in _DOUBLE:
        return _double(segment)
    if state == b"\x1b(I":
        return bytes(map(_halfwidth, segment)).decode("cp932", "replace")
    if state == b"\x1b$(D":
        pairs = (segment[place : place + 2] for place in range(0, len(segment), 2))
        return b"".join(b"\x8f" + _raise(pair) for pair in pairs).decode("euc_jp", "replace")
    if state in _RAISED:
        return _raise(segment).decode(_RAISED[state], "replace")
    # Some programs write Shift_JIS, or half-width katakana, into what is plain.
    text = segment.decode("cp932", "replace")
    return text.replace("\\", "¥").replace("~", "‾") if state == b"\x1b(J" else text


def _raise(segment: bytes) -> bytes:
    return bytes(byte | 0x80 if byte > ord(" ") else byte for byte in segment)


def _halfwidth(byte: int) -> int:
    return byte | 0x80 if 0x20 < byte < 0x60 else byte


def _double(segment: bytes) -> str:
    """Return rows and columns of JIS X 0208 as text, by the Shift_JIS that Windows has of them."""
    shifted = bytearray()
    place = 0
    while place < len(segment):
        row = segment[place] & 0x7F
        if row <= ord(" "):
            shifted.append(row)
            place += 1
            continue
        if place + 1 == len(segment):
            return shifted.decode("cp932", "replace") + "\ufffd"
        column = segment[place + 1] & 0x7F
        lead = (row - 0x21) // 2 + 0x81
        trail = column + (0x7E if row % 2 == 0 else 0x1F + (column > 0x5F))
        shifted += bytes((lead + 0x40 if lead > 0x9F else lead, trail & 0xFF))
        place += 2
    return shifted.decode("cp932", "replace")
