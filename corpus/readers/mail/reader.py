"""E-mail: sender, recipients, date and words; attachments are read by their own readers.

What a message quotes of earlier ones was written by others. It is kept, and never quoted as this
writer's words.
"""

import binascii
import codecs
import quopri
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.documents import Provenance, Span, Turn, merge_spans, overlaps_any
from corpus.errors import UnreadableSource
from corpus.readers.encodings.decoding import decode_text
from corpus.readers.html.reader import decode_page
from corpus.readers.mail.quoting import find_quoted
from corpus.readers.reading import Part, Reading, Skipped
from corpus.readers.text_flow import local_name
from corpus.structure.blocks import find_blocks, strip_span
from corpus.structure.boilerplate import find_boilerplate
from corpus.structure.detection import find_headings, find_turns
from corpus.word_lists import read_patterns

if TYPE_CHECKING:
    from lxml.etree import _Element

_HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "Received")
# A word in a header in another encoding, as MIME writes it (RFC 2047).
_ENCODED = re.compile(r"=\?([^?*\s]+)(?:\*[^?]*)?\?([bBqQ])\?([^?]*)\?=")
_FLOWED = re.compile(r"(?P<depth>>*)(?P<words>.*)", re.DOTALL)
_QUOTES = re.compile(rf"(?:x_|m_-?\d+)?{read_patterns(__file__)['quotes']}", re.IGNORECASE)
# Stands before the header of a quotation, to which all that follows belongs.
_FOLLOWED = re.compile(r"(?:x_)?(?:divrplyfwdmsg|appendonsend|stopspelling)", re.IGNORECASE)


_TEXT_TYPES = frozenset(
    {"text/plain", "text/html", "text/csv", "text/markdown", "text/tab-separated-values"}
)


def read_mail(data: bytes) -> Iterator[Reading | Part | Skipped]:
    """Yield the message, and then its attachments.

    Raises UnreadableSource if there is neither a header of an e-mail nor a text.
    """
    if not data.strip():
        raise UnreadableSource("the file is empty")
    message = message_from_bytes(data, policy=policy.default)
    if sum(name in message for name in _HEADERS) < 2:
        raise UnreadableSource("the file is no e-mail: it has no sender, date or subject")
    attached = list(_find_attachments(message))
    try:
        body = _read_body(message)
    except UnreadableSource as error:
        if not attached:
            raise
        yield Skipped("", error.message)
    else:
        yield _make_reading(body, _read_header(message))
    yield from attached


@dataclass(frozen=True, slots=True)
class _Body:
    """The words of a message or a part of it, what its mark-up says is quoted, and remarks."""

    text: str
    quoted: tuple[Span, ...] = ()
    remarks: tuple[str, ...] = ()


def _read_body(message: EmailMessage) -> _Body:
    """Return the words of a message; raises UnreadableSource if it has none."""
    text = ""
    quoted: list[Span] = []
    remarks: list[str] = []
    for body in map(_render, _find_texts(message)):
        if not body.text.strip():
            continue
        text += "\n\n" if text else ""
        by = len(text) - (len(body.text) - len(body.text.lstrip("\n")))
        text += body.text.strip("\n")
        spans = (Span(max(span.start + by, 0), span.end + by) for span in body.quoted)
        quoted += [Span(span.start, min(span.end, len(text))) for span in spans]
        remarks += body.remarks
    if not text:
        raise UnreadableSource("the message has no text")
    return _Body(text, tuple(quoted), tuple(dict.fromkeys(remarks)))


def _make_reading(body: _Body, known: Provenance) -> Reading:
    """Return a message as a document: quotations kept, and the writer's own turn if known.

    Nothing that is quoted is passed off as the words of who sent the message.
    """
    text = body.text
    sender = known.creators[0] if len(known.creators) == 1 else None
    found = find_quoted(text, sender)
    blocks = find_blocks(text)
    plain = find_boilerplate(text, blocks)
    quoted = merge_spans([*body.quoted, *(each.span for each in found)])
    if not quoted:
        return Reading(text, known, boilerplate=plain, remarks=body.remarks)
    spans = merge_spans([*plain, *quoted])
    # A line of the writer's may stand right above or below a quotation.
    blocks = tuple(_cut(text, blocks, quoted))
    headings = [span for span in find_headings(text, blocks) if not overlaps_any(spans, span)]
    own = [
        turn for turn in find_turns(text, blocks, headings) if not overlaps_any(spans, turn.span)
    ]
    others = [Turn(each.span, each.sender) for each in found if each.sender and len(each.span)]
    turns = tuple(sorted([*own, *others], key=lambda turn: turn.span))
    return Reading(text, known, None, turns, spans, blocks=blocks, remarks=body.remarks)


def _cut(text: str, blocks: Sequence[Span], quoted: Sequence[Span]) -> Iterator[Span]:
    """Yield blocks, cut where quotations begin and end."""
    edges = sorted({edge for span in quoted for edge in (span.start, span.end)})
    for block in blocks:
        bounds = [block.start, *(edge for edge in edges if block.start < edge < block.end)]
        for start, end in pairwise([*bounds, block.end]):
            piece = strip_span(text, Span(start, end))
            if len(piece):
                yield piece


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """Yield the parts of a message with content; of alternatives, the plainest."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        inside = part.get_payload()
        if not isinstance(inside, list) or _is_message(part):
            yield part
        elif part.get_content_type() == "multipart/alternative":
            waiting += [_plainest([each for each in inside if isinstance(each, EmailMessage)])]
        else:
            waiting += [each for each in reversed(inside) if isinstance(each, EmailMessage)]


def _plainest(parts: list[EmailMessage]) -> EmailMessage:
    plain = [part for part in parts if part.get_content_type() == "text/plain"]
    # Programs write a plain text that says "use another program", or none.
    return next(
        iter([part for part in plain if _render(part).text.strip()] or parts[::-1]), EmailMessage()
    )


def _is_message(part: EmailMessage) -> bool:
    return part.get_content_maintype() == "message"


def _is_text(part: EmailMessage) -> bool:
    return (
        part.get_content_type() in {"text/plain", "text/html"}
        and part.get_content_disposition() != "attachment"
        and not part.get_filename()
    )


def _find_texts(message: EmailMessage) -> list[EmailMessage]:
    return [part for part in _leaves(message) if _is_text(part)]


def _find_attachments(message: EmailMessage) -> Iterator[Part]:
    """Yield the files of a message; pictures that belong to its page are none."""
    for number, part in enumerate(_leaves(message), start=1):
        attached = part.get_content_disposition() == "attachment"
        if _is_text(part) or (part.get_content_maintype() == "image" and not attached):
            continue
        if part is message and not attached:
            continue
        yield Part(_file_name(part, number), partial(_load, part))


def _file_name(part: EmailMessage, number: int) -> str:
    from mimetypes import guess_extension

    name = ""
    with suppress(Exception):
        name = (
            _decode_words(part.get_filename() or "").replace("\\", "/").rsplit("/", 1)[-1].strip()
        )
    if _is_message(part):
        return f"{name.removesuffix('.eml') or f'message-{number}'}.eml"
    return name or f"attachment-{number}{guess_extension(part.get_content_type()) or ''}"


def _load(part: EmailMessage) -> bytes:
    """Return the bytes of a part; of a text whose encoding is declared, in UTF-8."""
    inside = part.get_payload()
    if isinstance(inside, list):
        return b"".join(each.as_bytes() for each in inside[:1] if isinstance(each, EmailMessage))
    data = _bytes_of(part)
    declared = _declared(part)
    if part.get_content_type() in _TEXT_TYPES and declared and not _is_text(part):
        with suppress(UnreadableSource):
            # Its own reader does not see the message's header.
            return codecs.BOM_UTF8 + decode_text(data, declared).text.encode("utf-8", "replace")
    return data


def _bytes_of(part: EmailMessage) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _declared(part: EmailMessage) -> str | None:
    with suppress(Exception):
        return str(part.get_param("charset") or "") or None
    return None


def _render(part: EmailMessage) -> _Body:
    """Return the words of a part as a reader of the message sees them, if there are any."""
    data = _bytes_of(part)
    is_page = part.get_content_type() == "text/html"
    declared = _declared(part)
    try:
        decoded = decode_page(data) if is_page and not declared else decode_text(data, declared)
    except UnreadableSource:
        return _Body("")
    text = decoded.text
    if is_page:
        from corpus.readers.html.markup import parse_html, render

        root = parse_html(text)
        for node in _find_quotes(root):
            # The one mark that the renderer keeps the place of.
            node.set("role", "doc-endnote")
        rendered = render(root)
        return _Body(rendered.text, rendered.notes, decoded.remarks)
    if str(part.get_param("format") or "").lower() == "flowed":
        text = _unwrap(text, del_space=str(part.get_param("delsp") or "").lower() == "yes")
    return _Body(text, (), decoded.remarks)


def _find_quotes(root: "_Element") -> "Iterator[_Element]":
    """Yield the elements of a page that hold what others wrote."""
    following = False
    for node in root.iter("*"):
        names = f"{node.get('class') or ''} {node.get('id') or ''}".split()
        is_quote = local_name(node) == "blockquote" or any(map(_QUOTES.fullmatch, names))
        following |= any(map(_FOLLOWED.fullmatch, names))
        if is_quote or (following and local_name(node) not in {"html", "body"}):
            yield node


def _unwrap(text: str, *, del_space: bool = False) -> str:
    """Return a text of the flowed form (RFC 3676): a line that ends with a space goes on.

    `del_space`: the space was put there, as in languages that are written without.
    """
    lines: list[str] = []
    before: tuple[str, bool] = ("", False)
    for line in text.split("\n"):
        match = _FLOWED.fullmatch(line)
        depth, words = (match["depth"], match["words"]) if match else ("", line)
        words = words.removeprefix(" ")
        goes_on = words.endswith(" ") and words != "-- "
        shown = words[:-1] if goes_on and del_space else words
        if before == (depth, True):
            lines[-1] += shown
        else:
            lines.append(f"{depth} {shown}" if depth else shown)
        before = (depth, goes_on)
    return "\n".join(lines)


def _read_header(message: EmailMessage) -> Provenance:
    subject = " ".join(_header(message, "Subject").split()) or None
    date = None
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        date = parsedate_to_datetime(_raw(message, "Date")).date().isoformat()
    return Provenance(
        title=subject,
        kind="e-mail",
        subject=subject,
        creators=_people(message, "From"),
        recipients=(*_people(message, "To"), *_people(message, "Cc")),
        document_date=date,
        language=_header(message, "Content-Language") or None,
    )


def _people(message: EmailMessage, header: str) -> tuple[str, ...]:
    """Return the names of the people in a header, or else their addresses."""
    # Names are decoded one by one: a comma in one does not separate two.
    pairs = getaddresses([_raw(message, header)])
    named = ((_decode_words(name), address) for name, address in pairs)
    return tuple(
        dict.fromkeys(
            " ".join((name.strip(" '\"") or address).split())
            for name, address in named
            if name.strip(" '\"") or address
        )
    )


def _header(message: EmailMessage, name: str) -> str:
    return _decode_words(_raw(message, name))


def _raw(message: EmailMessage, name: str) -> str:
    """Return a header unchanged, on one line."""
    wanted = name.lower()
    found = next((value for key, value in message.raw_items() if key.lower() == wanted), "")
    return re.sub(r"\r?\n[ \t]*", " ", str(found)).replace("\r", " ").strip()


def _decode_words(value: str) -> str:
    """Return the words of a header that may be encoded, by what clients take the names for.

    What one encoded word leaves half of a character the next one goes on with.
    """
    pieces: list[tuple[str | None, bytes]] = []
    end = 0
    for match in _ENCODED.finditer(value):
        between = value[end : match.start()]
        charset = match[1].lower()
        data = _decode_word(match[2], match[3])
        if pieces and pieces[-1][0] is not None and not between.strip():
            between = ""
        if between:
            pieces.append((None, between.encode("utf-8", "surrogateescape")))
        if pieces and pieces[-1][0] == charset:
            pieces[-1] = (charset, pieces[-1][1] + data)
        else:
            pieces.append((charset, data))
        end = match.end()
    pieces.append((None, value[end:].encode("utf-8", "surrogateescape")))
    return "".join(_decode_bytes(data, charset) for charset, data in pieces if data)


def _decode_word(how: str, words: str) -> bytes:
    data = words.encode("ascii", "ignore")
    if how.lower() == "q":
        return quopri.decodestring(data.replace(b"_", b"=20"))
    with suppress(binascii.Error):
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
    return data


def _decode_bytes(data: bytes, charset: str | None) -> str:
    if charset is None and data.isascii() and b"\x1b" not in data:
        return data.decode("ascii")
    with suppress(UnreadableSource):
        return decode_text(data, charset).text
    return data.decode("latin-1")
