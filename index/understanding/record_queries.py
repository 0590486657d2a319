"""Parse questions for a record, by its number, date, sender, recipient or kind.

The grammar is narrow, because such a question is then answered from that record alone: a document
number; "Fish to Washburne, September 9, 1870"; a word such as "telegram" with a sender, date or
number; "What did Fish telegraph on June 17, 1936". A question about a talk is not one: its record
may have another date.
"""

import re
from dataclasses import dataclass, field, replace

from corpus.dates import bounds, find_date
from index.understanding.dates import MONTH, YEAR
from index.understanding.record_condition import Asks, RecordCondition
from index.understanding.record_phrases import (
    ABOUT,
    AFTER,
    DATED_BEFORE,
    DID,
    DOC_ID,
    DOCUMENT,
    EPITHET,
    HAS_KIND,
    JAPANESE_ASKS,
    JAPANESE_BEFORE,
    JAPANESE_DOCUMENT,
    JAPANESE_KIND,
    JAPANESE_KINDS,
    JAPANESE_VOLUME,
    KIND,
    KINDS,
    LONGEST,
    LOOSE,
    LOWER_TO,
    MAKES,
    ONE,
    PAIRED,
    PERSON,
    SCAFFOLD,
    STOPS,
    TO,
    VERB,
    VOLUME,
    VOLUME_AFTER,
)

_ROLES = {"sent": "senders", "by": "senders", "to": "recipients", "through": "persons"}


def parse_condition(plain: str) -> RecordCondition | None:
    """Return the condition on the record that a question asks for, or None."""
    question = " ".join(plain.split())
    if len(question) > LONGEST:
        return None
    return (
        _read_document(question)
        or _read_pair(question)
        or _read_verb(question)
        or _read_kind(question)
    )


@dataclass(slots=True)
class _Reading:
    """A condition under construction, and the stretches of the question that it was read from."""

    question: str
    found: dict[str, list[str]] = field(default_factory=dict)
    kind: str | None = None
    dates: tuple[str | None, str, str] | None = None
    is_sent: bool = False
    volume: str | None = None
    taken: list[tuple[int, int]] = field(default_factory=list)

    def add(self, name: str, words: str | None) -> None:
        cleaned = _clean(words or "")
        if cleaned and cleaned not in self.found.setdefault(name, []):
            self.found[name].append(cleaned)

    def take(self, start: int, end: int) -> None:
        """Mark a stretch of the question as part of the record's description."""
        self.taken.append((start, end))

    def date(self, words: str) -> bool:
        """Set the date; return False for what is no date."""
        found = find_date(words.removeprefix("the "))
        if found is None:
            return False
        first, last = bounds(found[0])
        self.dates = found[0], first, last
        return True

    def finish(self, asks: Asks | None = None) -> RecordCondition:
        self._find_asides()
        if asks is None:
            asks, topic = _what_is_asked(self._rest())
        else:
            topic = ""
        found = {name: tuple(words) for name, words in self.found.items()}
        date, first, last = self.dates or (None, None, None)
        return RecordCondition(
            **found,  # type: ignore[arg-type]
            date=date,
            date_from=first,
            date_to=last,
            kind=self.kind,
            volume=self.volume,
            asks=asks,
            topic=topic,
        )

    def _find_asides(self) -> None:
        """Read what is said of the record elsewhere: "the one from Caracas", the volume."""
        for match in ONE.finditer(self.question):
            if not self._is_taken(match.start()):
                name = {"from": "origins", "to": "recipients", "by": "senders"}.get(
                    match["how"], "places"
                )
                self.add(name, match["who"])
                self.take(*match.span())
        volume = None if self.volume else VOLUME.search(self.question)
        if volume and not self._is_taken(volume.start()):
            self.volume = volume["volume"].strip()
            self.take(*volume.span())

    def _is_taken(self, place: int) -> bool:
        return any(start <= place < end for start, end in self.taken)

    def _rest(self) -> str:
        pieces, place = [], 0
        for start, end in sorted(self.taken):
            pieces.append(self.question[place:start])
            place = max(place, end)
        return " ".join(" ".join([*pieces, self.question[place:]]).split())


def _read_document(question: str) -> RecordCondition | None:
    """Read a document's number in a volume."""
    reading = _Reading(question)
    match = DOC_ID.search(question)
    if match:
        reading.volume = match["volume"]
        reading.add("documents", match["one"])
        reading.take(*match.span())
        return reading.finish()
    match = DOCUMENT.search(question)
    if match is None:
        return _read_japanese(question)
    reading.add("documents", match["one"])
    reading.add("documents", match["two"])
    reading.take(*match.span())
    volume = VOLUME_AFTER.match(question, match.end())
    if volume and re.search(r"\d{4}|[A-Z]", volume["volume"]):
        reading.volume = volume["volume"].strip(" ,")
        reading.take(*volume.span())
    else:
        _consume(reading, match.end())
    before = re.search(
        rf"(?P<volume>(?:FRUS|Foreign Relations)?,? ?{YEAR}[^,]*), $",
        question[: match.start()],
    )
    if before and reading.volume is None:
        reading.volume = before["volume"].strip(" ,")
        reading.take(*before.span())
    return reading.finish()


def _read_japanese(question: str) -> RecordCondition | None:
    """Read a document's number, or a telegram's day or number, in Japanese."""
    reading = _Reading(question)
    numbered = JAPANESE_DOCUMENT.search(question)
    if numbered:
        reading.add("documents", numbered["one"] or numbered["first"])
        reading.take(*numbered.span())
        volume = JAPANESE_VOLUME.search(question[: numbered.start()])
        if volume:
            reading.volume = volume["volume"]
            reading.take(*volume.span())
        return reading.finish()
    match = JAPANESE_KIND.search(question)
    before = JAPANESE_BEFORE.search(question[: match.start()]) if match else None
    if match is None or before is None:
        return None
    reading.kind = JAPANESE_KINDS[match["kind"]]
    reading.add("serials", before["no"] or match["no"])
    if before["date"]:
        reading.date(before["date"])
    if not _suffices(reading, reading.kind):
        return None
    reading.take(before.start(), match.end())
    return reading.finish()


def _read_pair(question: str) -> RecordCondition | None:
    """Read "Fish to Washburne, September 9, 1870", alone or after words such as "show me"."""
    if not PAIRED.search(question):
        return None
    lowered = LOWER_TO.fullmatch(question.rstrip(" ?."))
    if lowered and not question[: lowered.start("date")].islower():
        lowered = None
    for match in TO.finditer(question):
        lead = question[: match.start()]
        if not _only_asks(re.sub(rf"(?i)\b(?:{KINDS}) (?:from |of )?(?:the )?$", "", lead)):
            continue
        reading = _Reading(question)
        kind = re.search(rf"(?i)\b(?P<kind>{KINDS}) (?:from |of )?(?:the )?$", lead)
        reading.kind = kind["kind"].lower() if kind else None
        reading.take(kind.start() if kind else match.start(), match.end())
        reading.add("senders", match["from"])
        reading.add("recipients", match["to"])
        _consume(reading, match.end())
        if reading.dates or reading.found.get("serials") or kind:
            return reading.finish()
    if lowered and not {*lowered["from"].lower().split(), *lowered["to"].lower().split()} & STOPS:
        reading = _Reading(question)
        reading.add("senders", lowered["from"])
        reading.add("recipients", lowered["to"])
        reading.add("places", lowered["place"])
        return reading.finish(Asks.RECORD) if reading.date(lowered["date"]) else None
    return None


def _read_verb(question: str) -> RecordCondition | None:
    """Read "What did Fish telegraph on June 17, 1936?": a verb of writing, a sender and a date."""
    match = VERB.match(question) if DID.search(question) else None
    # Names need capitals, unless the whole question has none.
    lower = question[:1].lower() + question[1:] == question.lower()
    if match is None or not (
        lower or all(re.fullmatch(PERSON, match[name] or "X") for name in ("from", "to"))
    ):
        return None
    reading = _Reading(question)
    reading.add("senders", match["from"])
    reading.add("recipients", match["to"])
    if match["early"]:
        reading.date(match["early"])
    reading.take(*match.span())
    _consume(reading, match.end())
    places = [*reading.found.get("origins", ()), *reading.found.get("places", ())]
    if reading.dates is None or not (match["strong"] or places):
        return None
    # The sender is known, so "from" introduces a place.
    reading.found["places"] = places
    reading.found.pop("origins", None)
    return replace(reading.finish(), is_from_verb=True)


def _read_kind(question: str) -> RecordCondition | None:
    """Read a word for a record with a sender, a date or a number beside it."""
    for match in KIND.finditer(question) if HAS_KIND.search(question) else ():
        reading = _Reading(question)
        kind = reading.kind = match["kind"].lower()
        start = match.start("kind")
        reading.take(match.start(), match.end())
        reading.add("senders", match["owner"])
        before = question[:start]
        dated = DATED_BEFORE.search(before)
        if dated and reading.date(dated["date"]):
            reading.take(*dated.span())
        elif (epithet := EPITHET.search(before)) and (
            not match["owner"] or epithet.start("word") >= match.end("owner")
        ):
            reading.add("epithets", epithet["word"])
            reading.take(epithet.start("word"), start)
        _consume(reading, match.end())
        if reading.found.get("senders") and reading.found.get("origins"):
            reading.found["places"] = reading.found.pop("origins")
        if _suffices(reading, kind):
            return reading.finish()
    return None


def _suffices(reading: _Reading, kind: str) -> bool:
    """Return whether enough is known of a record to look for it alone."""
    found = reading.found
    # Two days between which a record lies are as good as one.
    date = reading.dates[0] if reading.dates else ""
    day = date is None or date.count("-") == 2
    somebody = any(found.get(name) for name in ("senders", "recipients", "origins", "persons"))
    if LOOSE.match(kind):
        return day and bool(found.get("senders"))
    if found.get("serials"):
        return True
    if day:
        return kind not in {"document", "documents"} or somebody
    if reading.dates:
        return bool(found.get("senders") or found.get("origins") or found.get("recipients"))
    return bool(found.get("senders") and found.get("recipients"))


def _consume(reading: _Reading, place: int) -> int:
    """Read what follows a record's name; return where it ends."""
    question = reading.question
    going = True
    while going:
        going = False
        for name, pattern in AFTER:
            match = pattern.match(question, place)
            if match is None or not _note(reading, name, match):
                continue
            reading.take(*match.span())
            place, going = match.end(), True
            break
    return place


def _note(reading: _Reading, name: str, match: "re.Match[str]") -> bool:
    """Read one stretch after a record's name; return False if it states nothing new."""
    found = reading.found
    known = {
        "bare": bool(found.get("serials") or found.get("documents") or reading.kind is None),
        # "received the note on June 5" is no date of sending.
        "on": reading.dates is not None or bool(reading.kind and not reading.is_sent),
        "date": reading.dates is not None,
        "span": reading.dates is not None,
        "sent": bool(found.get("senders")),
        "by": bool(found.get("senders")),
    }
    if known.get(name):
        return False
    if name == "span":
        return _note_span(reading, match["first"], match["last"])
    if name in {"date", "on"}:
        return reading.date(match["date"])
    reading.is_sent |= name == "sent"
    if name == "from":
        # "from Fish in Cairo" matches as one name, but is a person and a place.
        who, _, where = re.sub(r"^[Tt]he ", "", match["who"]).partition(" in ")
        reading.add("origins", who)
        reading.add("places", where)
    elif name in {"no", "bare"}:
        reading.add("serials", match["no"])
    else:
        reading.add(_ROLES.get(name, "places"), match["who"])
    if name == "through":
        reading.add("persons", match["via"])
    return True


def _note_span(reading: _Reading, first: str, last: str) -> bool:
    """Read a range of dates, of which the first may lack the year."""
    end = find_date(last)
    if end is None:
        # "June 5 to 9, 1936": the day alone.
        month = re.match(MONTH, first, re.IGNORECASE)
        end = find_date(f"{month[0]} {last}") if month else None
    start = find_date(first) or (find_date(f"{first}, {end[0][:4]}") if end else None)
    if start is None or end is None or start[0] > end[0]:
        return False
    reading.dates = None, bounds(start[0])[0], bounds(end[0])[1]
    return True


def _what_is_asked(rest: str) -> tuple[Asks, str]:
    if _only_asks(rest) or JAPANESE_ASKS.fullmatch(rest):
        return Asks.RECORD, ""
    about = ABOUT.search(rest)
    if about and _only_asks(rest[: about.start()]):
        return Asks.CONTENT, rest[about.end() :].strip(" ,?.!")
    return Asks.FACT, rest


def _only_asks(words: str) -> bool:
    """Return whether words only ask for a record: "Can you show me", "what is in it"."""
    return all(word.lower() in SCAFFOLD for word in MAKES.findall(words))


def _clean(words: str) -> str:
    """Return a name or number without an article and surrounding punctuation."""
    bare = re.sub(r"^[Tt]he ", "", words.strip(" ,;:"))
    # The point of "D. C." stays, that of a sentence goes.
    return bare if re.search(r"\b[A-Z]\.$", bare) else bare.rstrip(".")
