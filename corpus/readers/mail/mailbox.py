"""Mailboxes in the form mbox: each message in them is read by the reader of e-mail."""

import re
from collections.abc import Iterator
from functools import partial

from corpus.errors import UnreadableSource
from corpus.readers.reading import Part

# The line before a message: "From", its sender and time; the message's header follows.
SEPARATOR = re.compile(
    rb"^From [^\r\n]*\b(?:1[89]|20)\d\d\b[^\r\n]*\r?\n(?=(?:>?From )?[!-9;-~]+:|>From )",
    re.MULTILINE,
)
# Escapes lines of a message that look like one.
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)


def read_mbox(data: bytes) -> Iterator[Part]:
    """Yield the messages of a mailbox in order; raises UnreadableSource if there is none."""
    starts = [match for match in SEPARATOR.finditer(data) if _is_apart(data, match.start())]
    if not starts:
        raise UnreadableSource("the file is no mailbox: no message begins in it")
    ends = [*(match.start() for match in starts[1:]), len(data)]
    for number, (match, end) in enumerate(zip(starts, ends, strict=True), start=1):
        yield Part(f"message-{number}.eml", partial(_load, data, match.end(), end))


def _is_apart(data: bytes, start: int) -> bool:
    """Return whether a message may begin here: at the head, or after an empty line."""
    return not start or data[max(0, start - 4) : start].endswith((b"\n\n", b"\n\r\n"))


def _load(data: bytes, start: int, end: int) -> bytes:
    return _ESCAPED.sub(rb"\1", data[start:end])
