"""The header of a diplomatic record in English translation: what its first lines say of it.

The form is that of the records of Japan's Foreign Ministry: fields ("Sent: …"), the title, a line
of number and markings, and the line that says of which main telegram it is a separate one. What
is blacked out, or not said, stays unknown.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, takewhile

from corpus.dates import find_date
from corpus.documents import Provenance
from corpus.structure.blocks import MARKING

# The most lines of a header; nothing further down is read as one.
_HEADER_LINES = 40
_OPENING_LINES = 8
_OPENING_SENTENCES = 3
_TITLE_CHARS = 250
_FIELD = re.compile(
    r"(?P<name>number|primary|sent|received|to|from|subject|date(?:\s+and\s+time)?|place"
    r"|translated\s+by)\s*[:：]\s*(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
# Two of these make a header: any letter or list may have one.
_TELLING = {"number", "primary", "sent", "received", "to", "from"}
_NOTE = re.compile(r"[\[［]\s*(?:TN\b|訳注)(?:[^\[\]［］]|[\[［][^\[\]［］]*[\]］])*[\]］]")
_WITHHELD = r"[\[［](?:[^\[\]［］]|[\[［][^\[\]［］]*[\]］])*[\]］]"
_NUMBER_LINE = re.compile(
    rf"(?:cable\s+)?no\.?\s*(?:(?P<number>[A-Z]{{0,3}}-?\d[\d-]*)|{_WITHHELD})(?P<marks>.*)",
    re.IGNORECASE | re.DOTALL,
)
_OUTGOING = re.compile(
    rf"(?:outgoing|incoming)\s+(?:cable|telegram)\s+no\.?\s*(?:(?P<number>\d[\d-]*)|{_WITHHELD})"
    r"(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_SEPARATE = re.compile(
    r"separate\s+(?:telegram|cable)\s*(?:no\.?\s*)?(?P<number>\d{1,3})(?:\s*[:：]\s*(?P<subject>.+))?",
    re.IGNORECASE | re.DOTALL,
)
_PART = re.compile(
    r"[(（]\s*(?P<this>\d{1,2})\s*(?:of|/|／)\s*(?P<all>\d{1,2})\s*[)）]", re.IGNORECASE
)
# "Cable No. 5514, Ambassador Hatano to the Foreign Minister, 'Title'", as the publisher heads it.
_PUBLISHED = re.compile(
    r"(?:cable|telegram)\s+no\.?\s*(?P<number>\d[\d-]*)\s*,\s*(?P<from>[^,'‘“\"]+?)\s+to\s+"
    r"(?P<to>[^'‘“\"]+?)\s*,\s*['‘“\"]+(?P<title>.+?)['’”\"]*",
    re.IGNORECASE | re.DOTALL,
)
_SECRECY = (
    r"top\s+secret|secret|strictly\s+confidential|confidential|restricted|unclassified"
    r"|for\s+official\s+use\s+only|handle\s+with\s+care"
)
_PRECEDENCE = re.compile(
    r"(?:top|most|extremely|very)\s+urgent|urgent|flash|immediate|priority|routine|ordinary",
    re.IGNORECASE,
)
_MARK = re.compile(
    rf"\b(?:{_SECRECY}|{_PRECEDENCE.pattern}|limited\s+(?:distribution|circulation))\b",
    re.IGNORECASE,
)
_DISTRIBUTION = re.compile(
    r"distribution|circulation|eyes\s+only|addressee|handling", re.IGNORECASE
)
# A bracket and words after it: the first turn of a speaker, which ends the header.
_TURN = re.compile(r"[(（][^()（）]{1,100}[)）]\s*[:：]?\s*\S")
# What only Japan's Foreign Ministry writes into its records.
_JAPANESE = re.compile(
    r"north\s+american\s+affairs\s+bureau|ministry\s+of\s+foreign\s+affairs\s+of\s+japan"
    r"|[\[［]japanese[\]］]\s+(?:diplomatic\s+)?missions|japanese\s+diplomatic\s+missions",
    re.IGNORECASE,
)
_KINDS = (
    (re.compile(r"memorandum\s+of\s+conversation", re.IGNORECASE), "memorandum of conversation"),
    (
        re.compile(r"record\s+of\s+.{0,80}(?:meeting|conversation|talks)", re.IGNORECASE),
        "record of conversation",
    ),
)
_WEEKDAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE)
# A sentence that says when the meeting took place: "On the 27th", "On September 27".
_MEETING = re.compile(
    r"\b(?:met|meet|meetings?|talks?|summit|conversations?|luncheon)\b", re.IGNORECASE
)
_DAY = re.compile(
    r"\bon\s+(?:(?P<month>[A-Z][a-z]{2,8})\.?\s+(?P<day>\d{1,2})|the\s+(?P<only>\d{1,2})(?:st|nd|rd|th)"
    r"(?=\s*(?:[,.;:(]|from\b|at\b|in\b|of\b|$)))\b(?!,?\s*\d{4})",
    re.IGNORECASE,
)


def read_header(text: str) -> Provenance:
    """Return the provenance in a record's header; empty for a text without one."""
    lines = list(islice(_lines(text), _HEADER_LINES + _OPENING_LINES))
    end = _header_end(lines)
    fields: dict[str, str] = {}
    above: list[str] = []
    below: list[str] = []
    for line in lines[:end]:
        if match := _FIELD.fullmatch(line):
            fields.setdefault(" ".join(match["name"].lower().split()), _said(match["value"]))
        else:
            (below if _TELLING & fields.keys() else above).append(line)
    if len(_TELLING & fields.keys()) < 2:
        return Provenance()
    found = _read_lines(above, below)
    place, sent = _read_place(fields.get("sent", ""))
    _, received = _read_place(fields.get("received", ""))
    if found.number is None and not any(_NUMBER_LINE.fullmatch(line) for line in above + below):
        registered = re.fullmatch(r"[A-Z]{0,3}-?\d[\d-]*", fields.get("number", ""))
        found = replace(found, number=registered[0] if registered else None)
    side = "Japan" if _is_japanese(text, fields, found) else None
    kind = found.kind or ("cable" if _is_cable(fields, found) else None)
    if kind is None:
        # The first line of a letter or memorandum that is no field may as well be its first words.
        found = replace(found, title=None)
    said = Provenance(
        kind=kind,
        creators=_names(fields.get("from", "")),
        recipients=_names(fields.get("to", "")),
        subject=fields.get("subject"),
        event_date=_event_date(fields, lines[end:], (sent, received)),
        document_date=sent,
        received_date=received,
        place=place or fields.get("place"),
        office=fields.get("primary"),
        translator=fields.get("translated by"),
        side=side,
        original_language="ja" if side and _NOTE.search(text) else None,
    )
    # A record is no part of itself: such a line repeats its own number.
    parent = found.parent if found.parent != found.number else None
    known = replace(found, parent=parent).filled_from(said)
    # What the fields say of sender and recipient is fuller than the publisher's heading.
    return replace(
        known,
        creators=said.creators or known.creators,
        recipients=said.recipients or known.recipients,
    )


def is_field(line: str) -> bool:
    """Return whether a line is one of the fields that make a header."""
    match = _FIELD.match(line)
    return bool(match and match["name"].lower() in _TELLING)


def _header_end(lines: Sequence[str]) -> int:
    """Return how many of the lines are header: up to the first turn or sentence of the text.

    A title is the last line of a header only where none stands above.
    """
    end, formal = 0, (_FIELD, _OUTGOING, _NUMBER_LINE, _PUBLISHED)
    for place, line in enumerate(lines[:_HEADER_LINES]):
        if any(form.match(line) for form in formal) or MARKING.fullmatch(line):
            end = place + 1
        elif _TURN.match(line) or len(line) > _TITLE_CHARS or line.endswith((".", "。")):
            return end if end == place or _FIELD.match(lines[end - 1]) is None else end + 1
    return end


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text that are not empty; one goes on while a bracket is open in it."""
    line = ""
    for match in re.finditer(r"[^\n]+", text):
        line = " ".join([line, *match[0].split()]).strip()
        still_open = any(line.count(a) > line.count(b) for a, b in ("[]", "［］", "()", "（）"))
        if line and not (still_open and len(line) < _TITLE_CHARS):
            yield line
            line = ""
    if line:
        yield line


def _read_lines(above: Sequence[str], below: Sequence[str]) -> Provenance:
    """Return the lines that are no fields, above and below the first field."""
    found = Provenance()
    marks: list[str] = []
    titles: list[str] = []
    for line in (*below, *reversed(above)):
        published, numbered = _PUBLISHED.fullmatch(line), _NUMBER_LINE.fullmatch(line)
        outgoing = _OUTGOING.fullmatch(line)
        if published:
            titles.append(published["title"])
            found = found.filled_from(
                Provenance(
                    number=published["number"],
                    creators=_names(published["from"]),
                    recipients=_names(published["to"]),
                )
            )
        elif outgoing:
            found = found.filled_from(_read_outgoing(outgoing))
        elif numbered and (read := _read_marks(numbered["marks"])) is not None:
            marks += read
            found = replace(found, number=numbered["number"] or found.number)
        elif MARKING.fullmatch(line) or _PART.fullmatch(line):
            if _DISTRIBUTION.search(line) or _MARK.search(line):
                marks.append(line.strip("()（） "))
        elif read := _read_marks(line):
            marks += read
        else:
            titles.append(line)
    title = titles[0] if titles else None
    part = next((match for line in (*below, *above) if (match := _PART.search(line))), None)
    separate = _SEPARATE.search(title or "")
    subject = separate["subject"] if separate else None
    return found.filled_from(
        Provenance(
            title=title,
            kind=next((kind for form, kind in _KINDS if form.search(title or "")), None),
            subject=_said(subject).rstrip(")） ") if subject else None,
            classification=", ".join(dict.fromkeys(marks)) or None,
            precedence=next((mark for mark in marks if _PRECEDENCE.fullmatch(mark)), None),
            part=f"{int(part['this'])} of {int(part['all'])}" if part else None,
            separate_telegram=separate["number"] if separate else None,
        )
    )


def _read_outgoing(match: re.Match[str]) -> Provenance:
    """Parse the line that names the cable, or the cable that it belongs to."""
    separate = _SEPARATE.search(match["rest"])
    if separate:
        subject = _said(separate["subject"] or "")
        return Provenance(
            parent=match["number"],
            separate_telegram=separate["number"],
            subject=subject or None,
        )
    subject = _said(_PART.sub("", match["rest"])).lstrip(":： ")
    return Provenance(number=match["number"], subject=subject or None)


def _read_marks(words: str) -> list[str] | None:
    """Return the markings that some words are made of; None where they are something else."""
    if _MARK.sub("", _PART.sub("", _said(words))).strip(" ,;/・()（）"):
        return None
    return [" ".join(mark[0].split()) for mark in _MARK.finditer(words)]


def _read_place(words: str) -> tuple[str | None, str | None]:
    """Return place and date of "United Nations, September 28, 1993, [TN: time blacked out]"."""
    # A day that was blacked out leaves the month.
    said = re.sub(r"[\s,]+,", ",", _said(words))
    found = find_date(said)
    if found is None:
        return None, None
    date, start, _ = found
    place = said[:start].strip(" ,")
    return place if place and not _WEEKDAY.fullmatch(place) else None, date


def _event_date(
    fields: dict[str, str], opening: Iterable[str], written: Sequence[str | None]
) -> str | None:
    """Return when the meeting was: from its own field, or the sentence that opens the text."""
    for name in ("date", "date and time"):
        if found := find_date(fields.get(name, "")):
            return found[0]
    narrative = " ".join(takewhile(lambda line: not _TURN.match(line), opening))
    for sentence in re.split(r"(?<=[a-z)\]]\.) ", narrative)[:_OPENING_SENTENCES]:
        if not _MEETING.search(sentence):
            continue
        if found := find_date(sentence):
            return found[0]
        last = next((date for date in written if date and date.count("-") == 2), None)
        if last and (day := _DAY.search(sentence)):
            return _day_before(last, day)
    return None


def _day_before(last: str, day: re.Match[str]) -> str | None:
    """Return the last such day, "the 27th" or "September 27", up to when the record was written."""
    until = dt.date.fromisoformat(last)
    wanted = f"{day['month']} {day['day']}" if day["month"] else None
    for date in (until - dt.timedelta(days=back) for back in range(366 if wanted else 31)):
        if wanted is None:
            if date.day == int(day["only"]):
                return date.isoformat()
        elif (found := find_date(f"{wanted}, {date.year}")) and found[0] == date.isoformat():
            return found[0]
    return None


def _names(words: str) -> tuple[str, ...]:
    names = (name.strip(" ,") for name in re.split(r"[;；]", _said(words)))
    return tuple(name[:1].upper() + name[1:] for name in names if name)


def _said(words: str) -> str:
    """Return words without the translator's notes."""
    return " ".join(_NOTE.sub("", words).split()).strip(" ,")


def _is_cable(fields: dict[str, str], found: Provenance) -> bool:
    telegram = found.separate_telegram or found.parent or found.precedence
    return bool(telegram or {"sent", "received"} <= fields.keys())


def _is_japanese(text: str, fields: dict[str, str], found: Provenance) -> bool:
    """Return whether nobody but Japan's Foreign Ministry can have written a record."""
    # Other ministries are called MOFA too, but do not write of separate telegrams, or of talks of
    # Japan with others with Japan first.
    form = "primary" in fields or found.separate_telegram
    own = form or (found.title or "").startswith("Japan-")
    return bool((own and "MOFA" in fields.get("received", "")) or _JAPANESE.search(text))
