"""What an e-mail quotes or forwards: its place, and its writer if named.

Programs mark the words of others by a mark at the head of each line, by a line that introduces them
("On … wrote:", "-----Original Message-----"), or by the header of the other message, whose fields
have names in every language.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path

from corpus.documents import Span

_MARKED = re.compile(r"^[ \t]*(?:[>＞]|[A-Za-z]{1,12}>+[ \t]).*$", re.MULTILINE)
_LINE = re.compile(r"[^\n]+")
# The most lines of a header or of an introduction such as "On … wrote:".
_HEADER_LINES = 9
_INTRODUCING_LINES = 3


_KNOWN = tomllib.loads(Path(__file__).with_name("correspondence.toml").read_text("utf-8"))


def _any(name: str) -> str:
    """Return a pattern for any of the phrases that a list has."""
    phrases = sorted(_KNOWN[name], key=lambda phrase: (-len(phrase), phrase))
    return "(?:" + "|".join(re.escape(each).replace(r"\ ", r"\s+") for each in phrases) + ")"


# Names of header fields, as programs write them above quotations.
_FROM = _any("from")
_SENT = _any("sent")
_TO = _any("to")
_SUBJECT = _any("subject")
_OTHER = _any("other")
_LEAD = r"[ \t]*[*_|]{0,3}[ \t]*"
_COLON = r"[ \t]*[*_]{0,3}[ \t]*[:：][ \t]*[*_]{0,3}"
_FIELD = re.compile(
    rf"{_LEAD}(?:(?P<sender>{_FROM})|(?P<sent>{_SENT})|(?P<to>{_TO})|(?P<subject>{_SUBJECT})"
    rf"|(?P<other>{_OTHER})){_COLON}[ \t]*(?P<value>.*)",
    re.IGNORECASE,
)
# Lines that say that what follows is another message.
_ORIGINAL = _any("original")
_FORWARDED = _any("forwarded")
_RULE = r"[-–—_=*~#]{2,}"
_SEPARATOR = re.compile(
    rf"[ \t]*(?:{_RULE}[ \t]*(?:{_ORIGINAL}|{_FORWARDED}).{{0,80}}?(?:[ \t]*{_RULE})?"
    rf"|(?:{_ORIGINAL}|{_FORWARDED})[ \t]*[:：]?"
    rf"|(?:{_FORWARDED})[^\n]{{1,80}}{_RULE})[ \t]*",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    r"[-#\s]*(?:please )?(?:reply|respond|write|type your reply) above this line\W*", re.IGNORECASE
)
# A rule alone, which stands above the header of what follows.
_BARE_RULE = re.compile(rf"[ \t]*(?:{_RULE}|[-_=]{{5,}})[ \t]*")
# The feet that mailing lists put under each message.
_LIST_FOOT = re.compile(
    r"^_{20,}\n[^\n]*mailing list\n(?:[^\n]+\n?){0,6}", re.MULTILINE | re.IGNORECASE
)

# Verbs by which programs introduce the words of others: at the end of the line, or in its midst.
_WROTE = _any("wrote")
_VERBS_BEFORE = _any("wrote_before")
_INTRODUCING = re.compile(
    rf"(?s:.{{0,240}}?)(?:{_WROTE}|(?:schrieb|schrieben|schrieb\s+am[^:]{{1,60}}))[ \t]*"
    rf"(?:\([^()\n]{{1,60}}\))?[ \t]*[:：][ \t]*$"
    rf"|(?s:.{{3,160}}?)(?:{_VERBS_BEFORE})\s(?s:.{{2,160}}?)[:：][ \t]*$",
    re.IGNORECASE,
)
# A line that only says when, who and from which address, as programs do in Japanese.
_DATED = re.compile(
    r"(?=[^\n]*\d)(?=[^\n]*(?:\d[:.年/-]\d|\d年))[^\n]{4,160}<[^<>@\s]+@[^<>\s]+>[ \t]*[:：]?[ \t]*"
)
# A line that ends so is no part of one that introduces; nor does a speech begin like that.
_ENDED = re.compile(r"(?:(?<![ap]\.m)[.!?:：。][\"”’)]?)\s*$", re.IGNORECASE)
_SAID = re.compile(r"\bsaid[ \t]*:$", re.IGNORECASE)
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}|\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\b(?:1[5-9]|20)\d\d\b|\d年")
_ADDRESS = re.compile(r"<?[\w.+-]+@[\w.-]+\w>?")
# What stands before the name in a line that introduces: when that was.
_WHEN = re.compile(
    r"^.*(?:\d{1,2}[:.h]\d{2}(?::\d{2})?(?:\s*[ap]\.?m\.?)?|\b(?:1[5-9]|20)\d{2})"
    r"(?:\s*(?:Uhr|\(?[A-Z]{2,5}\)?|[+-]\d{4}|h|kl\.?|o\s+godz\.?))*[\s,，;:]*",
    re.DOTALL,
)
_NO_NAME = re.compile(
    r"[\d@:;/\\\n]|\b(?:wrote|schrieb|mailto|the|that|which|who)\b", re.IGNORECASE
)
_EDGES = " \t\n\r-–—=~,;:，、*_\"'“”«»<>[]()"


@dataclass(frozen=True, slots=True)
class Quoted:
    """A stretch of a message that others wrote; `sender` is who, where the message says it."""

    span: Span
    sender: str | None = None


def find_quoted(text: str, sender: str | None = None) -> list[Quoted]:
    """Return the quotations in a message, in order; `sender` is the sender of the message.

    What one introduces goes on to the next one, or to the end; where its lines are marked, it is
    these alone.
    """
    # A space that does not break is none to the patterns.
    text = text.replace("\u00a0", " ").replace("\u202f", " ")
    lines = [Span(*match.span()) for match in _LINE.finditer(text)]
    openings = list(_find_openings(text, lines, sender))
    found = []
    for place, (start, end, who) in enumerate(openings):
        following = openings[place + 1][0] if place + 1 < len(openings) else len(text)
        rest = text[end:following]
        if _MARKED.match(rest.lstrip("\n \t")):
            found.append(Quoted(Span(start, end), who))
            found += [
                Quoted(Span(end + match.start(), end + match.end()), who)
                for match in _MARKED.finditer(rest)
            ]
        else:
            found.append(Quoted(Span(start, start + len(text[start:following].rstrip())), who))
    covered = [each.span for each in found]
    for pattern in (_MARKED, _LIST_FOOT):
        for match in pattern.finditer(text):
            span = Span(match.start(), match.start() + len(match[0].rstrip()))
            if not any(each.overlaps(span) for each in covered):
                found.append(Quoted(span))
    return sorted(found, key=lambda each: each.span)


def _find_openings(
    text: str, lines: Sequence[Span], sender: str | None
) -> Iterator[tuple[int, int, str | None]]:
    """Yield where others' words begin, with their introduction and their writer."""
    place = 0
    while place < len(lines):
        line = lines[place].of(text)
        last = who = None
        if not _MARKED.match(line):
            last, who = _match_opening(text, lines, place)
            if last is not None and place == 0 and _is_same(who, sender):
                # Its own header, which some programs write above the text.
                place = last + 1
                continue
        if last is None:
            place += 1
            continue
        start = place
        if place and last > place and _BARE_RULE.fullmatch(lines[place - 1].of(text)):
            start = place - 1
        yield lines[start].start, lines[last].end, who
        place = last + 1


def _match_opening(text: str, lines: Sequence[Span], place: int) -> tuple[int | None, str | None]:
    """Return the last line of what introduces the words of others here, and whose they are."""
    line = lines[place].of(text)
    if _SEPARATOR.fullmatch(line) or _ABOVE.fullmatch(line):
        last, who = _match_header(text, lines, place + 1, least=1)
        return (place, None) if last is None else (last, who)
    last, who = _match_header(text, lines, place, least=2)
    if last is not None:
        return last, who
    return _match_introduction(text, lines, place)


def _match_header(
    text: str, lines: Sequence[Span], place: int, *, least: int
) -> tuple[int | None, str | None]:
    """Return the last line of the header of a message that begins at a line, and its sender.

    A header without a sender has all of the others, below the sender's name.
    """
    kinds: set[str] = set()
    who: str | None = None
    last = None
    for number in range(place, min(place + _HEADER_LINES, len(lines))):
        match = _FIELD.match(lines[number].of(text))
        if match is None:
            # A value may go on; between fields there may be nothing else.
            if kinds and lines[number].of(text)[:1] in " \t" and last == number - 1:
                last = number
                continue
            if kinds or number > place + 1 or least > 1:
                break
            continue
        kind = next(name for name in ("sender", "sent", "to", "subject", "other") if match[name])
        if not kinds and kind == "other":
            break
        kinds.add(kind)
        last = number
        if kind == "sender" and who is None:
            who = _read_sender(match["value"] or _next(text, lines, number))
    own = len(kinds - {"other"})
    if "sender" in kinds and own >= least and (least == 1 or kinds & {"sent", "subject"}):
        return last, who
    if kinds >= {"to", "subject", "sent"} or (place and kinds >= {"to", "subject"}):
        # Notes writes the sender's name and the time above them.
        return last, None
    return None, None


def _next(text: str, lines: Sequence[Span], number: int) -> str:
    return lines[number + 1].of(text) if number + 1 < len(lines) else ""


def _match_introduction(
    text: str, lines: Sequence[Span], place: int
) -> tuple[int | None, str | None]:
    """Return the last line of one such as "On … wrote:", which may be broken, and who wrote."""
    for count in range(1, _INTRODUCING_LINES + 1):
        last = place + count - 1
        if last >= len(lines):
            break
        words = text[lines[place].start : lines[last].end]
        if count > 1 and ("\n\n" in words or _ENDED.search(lines[last - 1].of(text))):
            break
        words = words.strip()
        is_open = words[-1:] in {":", "："}
        if not is_open and not ("@" in words and count == 1):
            continue
        marked = bool(_MARKED.match(text[lines[last].end :].lstrip("\n \t")))
        if (is_open and _INTRODUCING.fullmatch(words) and (marked or _says_when(words))) or (
            (marked or is_open) and count == 1 and _DATED.fullmatch(words)
        ):
            return last, _read_introduced(words)
    return None, None


def _says_when(words: str) -> bool:
    """Return whether a line says when something was written, or from which address."""
    return bool(_ADDRESS.search(words) or (_TIME.search(words) and not _SAID.search(words)))


def _read_introduced(words: str) -> str | None:
    """Return who wrote, by a line such as "On … at …, Ben Tull <tull@example.org> wrote:"."""
    flat = " ".join(words.split()).rstrip(":： ")
    after = re.search(rf"(?:{_VERBS_BEFORE}|schrieb)\s+(?P<name>.+)$", flat, re.IGNORECASE)
    if after and (named := _read_sender(after["name"])):
        return named
    before = flat[: after.start()] if after else flat
    name = re.sub(rf"\s*{_WROTE}\s*(?:\([^()]*\))?$", "", before, flags=re.IGNORECASE)
    return _read_sender(_WHEN.sub("", name))


def _read_sender(value: str) -> str | None:
    """Return the name in a header without its address; None if there is no name."""
    plain = re.sub(r"\[(?:mailto:)?[^\]]*\]|\(?mailto:\S+|<[^<>]*>|[*_]{2,}", " ", value)
    plain = re.sub(r"\s+(?:on behalf of|im Auftrag von|de la part de)\s.*", "", plain)
    name = " ".join(plain.strip(_EDGES).split()).strip(_EDGES)
    if name and not _NO_NAME.search(name) and len(name) <= 60 and any(map(str.isalpha, name)):
        return name
    address = _ADDRESS.search(value)
    return parseaddr(address[0])[1] or None if address and not name else None


def _is_same(one: str | None, other: str | None) -> bool:
    return bool(one and other) and one.casefold() == other.casefold()  # type: ignore[union-attr]
