"""E-mail: who wrote to whom, when, and what; attachments are read by their own readers.

What a message quotes of earlier ones was written by others. It is kept, and never quoted as this
writer's words.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from functools import partial

from corpus.blocks import find_blocks
from corpus.boilerplate import find_boilerplate
from corpus.documents import Provenance, Span, merge_spans
from corpus.errors import UnreadableSource
from corpus.readers.reading import Part, Reading, Skipped
from corpus.readers.text import decode

_HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "Received")
_QUOTED = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_INTRODUCES = re.compile(
    r"^(?:On\b.{0,200}\bwrote:|-{2,} ?Original Message ?-{2,}|-{5,} ?Forwarded message ?-{5,})\s*$",
    re.MULTILINE | re.IGNORECASE,
)


def read_mail(data: bytes) -> Iterator[Reading | Part | Skipped]:
    """Yield the message, and then its attachments.

    Raises UnreadableSource where there is neither a header of an e-mail nor a text.
    """
    if not data.strip():
        raise UnreadableSource("the file is empty")
    message = message_from_bytes(data, policy=policy.default)
    if sum(name in message for name in _HEADERS) < 2:
        raise UnreadableSource("the file is no e-mail: it has no sender, date or subject")
    attached = list(_find_attachments(message))
    try:
        text = _read_text(message)
    except UnreadableSource as error:
        if not attached:
            raise
        yield Skipped("", error.message)
    else:
        yield Reading(text, _read_header(message), boilerplate=_find_quoted(text))
    yield from attached


def _read_text(message: EmailMessage) -> str:
    """Return the words of a message; raises UnreadableSource where it has none."""
    texts = [_render(part) for part in _find_texts(message)]
    text = "\n\n".join(text.strip("\n") for text in texts if text.strip())
    if not text:
        raise UnreadableSource("the message has no text")
    return text


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """Yield the parts of a message that hold something; of alternatives the plainest one."""
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
        iter([part for part in plain if _render(part).strip()] or parts[::-1]), EmailMessage()
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
        name = (part.get_filename() or "").replace("\\", "/").rsplit("/", 1)[-1].strip()
    if _is_message(part):
        return f"{name.removesuffix('.eml') or f'message-{number}'}.eml"
    return name or f"attachment-{number}{guess_extension(part.get_content_type()) or ''}"


def _load(part: EmailMessage) -> bytes:
    inside = part.get_payload()
    if isinstance(inside, list):
        return b"".join(each.as_bytes() for each in inside[:1] if isinstance(each, EmailMessage))
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _render(part: EmailMessage) -> str:
    """Return the words of a part as a reader of the message sees them, if there are any."""
    data = _load(part)
    text = ""
    with suppress(LookupError, ValueError):
        text = data.decode(part.get_content_charset() or "utf-8")
    if not text or "\0" in text:
        try:
            text = decode(data)
        except UnreadableSource:
            return ""
    if part.get_content_type() == "text/html":
        from corpus.readers.markup import parse_html, render

        return render(parse_html(text)).text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _unwrap(text) if part.get_param("format") == "flowed" else text


def _unwrap(text: str) -> str:
    """Return a text of the flowed form (RFC 3676): a line that ends with a space goes on."""
    return re.sub(r"(?m)^(?!-- $|>)(.*) \n(?=[^>\n])", r"\1 ", text)


def _read_header(message: EmailMessage) -> Provenance:
    subject = " ".join(_header(message, "Subject").split()) or None
    date = None
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        date = parsedate_to_datetime(_header(message, "Date")).date().isoformat()
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
    """Return the people that a header names: by their names, or else their addresses."""
    pairs = getaddresses([_header(message, header)])
    return tuple(
        dict.fromkeys(
            " ".join((name or address).split()) for name, address in pairs if name or address
        )
    )


def _header(message: EmailMessage, name: str) -> str:
    # The library raises whatever it likes for headers that break its grammar.
    with suppress(Exception):
        return str(message.get(name) or "")
    return ""


def _find_quoted(text: str) -> tuple[Span, ...]:
    quoted = [Span(*match.span()) for match in _QUOTED.finditer(text)]
    quoted += [Span(*match.span()) for match in _INTRODUCES.finditer(text)]
    return merge_spans([*find_boilerplate(text, find_blocks(text)), *quoted])
