"""Questions about records: which record is asked for, by its number, date, sender, recipient, kind.

What counts as a question about a record is narrow, because an answer is then looked for in that
record alone: a document number; "Fish to Washburne, September 9, 1870"; a word such as "telegram"
with a sender, a date or a number beside it; "What did Fish telegraph on June 17, 1936". What was
said in a talk is none: the record of it may have another date.
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from corpus.dates import bounds, find_date, in_words
from corpus.letters import fold_strokes
from index.understanding.dates import MONTH, YEAR
from index.understanding.record_phrases import (
    ABOUT,
    AFTER,
    DATED_BEFORE,
    DOC_ID,
    DOCUMENT,
    EPITHET,
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
    PERSON,
    POSSESSIVE,
    SCAFFOLD,
    STOPS,
    TO,
    TOKEN,
    VERB,
    VOLUME,
    VOLUME_AFTER,
)


class Asks(StrEnum):
    """What a question wants of a record.

    `record`: the record itself; `content`: what it says about something; `fact`: something that
    the record is only said to tell.
    """

    RECORD = "record"
    CONTENT = "content"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class RecordCondition:
    """What a question says of the record that it asks for; what it does not say is None or empty.

    `documents` are numbers in a volume or of a record, `serials` those that a record bears itself;
    `date_from` and `date_to` are the days between which it is dated. `origins` came after "from":
    senders or places. `persons` have to do with it in either role. `kind` is the word for it as it
    was asked for. `volume` are the words for the volume, `epithets` those before the kind ("the
    Colombian note"). `topic` is what remains of the question.
    """

    documents: tuple[str, ...] = ()
    serials: tuple[str, ...] = ()
    date_from: str | None = None
    date_to: str | None = None
    date: str | None = None
    senders: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    kind: str | None = None
    places: tuple[str, ...] = ()
    volume: str | None = None
    epithets: tuple[str, ...] = ()
    asks: Asks = Asks.RECORD
    topic: str = ""
    is_from_verb: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether it points at one record: by its number, or by a day and somebody or a number."""
        day = self.date is not None and self.date.count("-") == 2
        return bool(
            self.documents
            or (self.serials and (self.senders or self.recipients or self.origins or day))
            or (day and (self.senders or self.recipients or self.origins or self.kind))
        )

    @property
    def is_definite(self) -> bool:
        """Whether it names a record, so that where none meets it there is no answer."""
        return not self.is_from_verb and (self.is_exact or self.asks is Asks.RECORD)

    @property
    def is_close(self) -> bool:
        """Whether it tells enough to look for a fact in the few records that meet it."""
        somebody = bool(self.senders or self.recipients or self.origins)
        return self.is_exact or (somebody and (self.date_from is not None or bool(self.serials)))

    @property
    def in_words(self) -> str:
        """What was understood, in words: "telegram no. 33, from Fish, June 17, 1936"."""
        document = f"document {' and '.join(self.documents)}" if self.documents else ""
        serial = f"no. {', '.join(self.serials)}" if self.serials else ""
        kind = "" if self.kind in {None, "document"} else (self.kind or "")
        head = " ".join(filter(None, [*self.epithets, kind, serial]))
        senders = [*self.senders, *self.origins]
        parts = [
            document,
            head,
            f"from {', '.join(senders)}" if senders else "",
            f"to {', '.join(self.recipients)}" if self.recipients else "",
            f"by way of {', '.join(self.persons)}" if self.persons else "",
            ", ".join(self.places),
            _say_dates(self),
            f"in “{self.volume}”" if self.volume else "",
        ]
        return ", ".join(filter(None, parts))


_ROLES = {"sent": "senders", "by": "senders", "to": "recipients", "through": "persons"}


def parse_condition(plain: str) -> RecordCondition | None:
    """Return which record a question asks for; None where it asks for none."""
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
    """A condition as it is being read: what was found, and which stretches of the question told."""

    question: str
    found: dict[str, list[str]] = field(default_factory=dict)
    kind: str | None = None
    dates: tuple[str | None, str, str] | None = None
    is_sent: bool = False
    volume: str | None = None
    taken: list[tuple[int, int]] = field(default_factory=list)

    def add(self, name: str, words: str | None) -> None:
        """Note a person, place or number."""
        cleaned = _clean(words or "")
        if cleaned and cleaned not in self.found.setdefault(name, []):
            self.found[name].append(cleaned)

    def take(self, start: int, end: int) -> None:
        """Note that a stretch of the question belongs to the record's name."""
        self.taken.append((start, end))

    def date(self, words: str) -> bool:
        """Note a date; false where it is none."""
        found = find_date(words.removeprefix("the "))
        if found is None:
            return False
        first, last = bounds(found[0])
        self.dates = found[0], first, last
        return True

    def finish(self, asks: Asks | None = None) -> RecordCondition:
        """Return the condition, with what remains of the question as its topic."""
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
        """Take in what is said of the record elsewhere: "the one from Caracas", the volume."""
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
        """Return the question without what names the record."""
        pieces, place = [], 0
        for start, end in sorted(self.taken):
            pieces.append(self.question[place:start])
            place = max(place, end)
        return " ".join(" ".join([*pieces, self.question[place:]]).split())


def _read_document(question: str) -> RecordCondition | None:
    """Read a question for a document by its number in a volume."""
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
    """Read a question in Japanese for a document's number, or a telegram's day or number."""
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
    """Read "Fish to Washburne, September 9, 1870", alone or after what asks for it."""
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
    match = VERB.match(question)
    # Names are told by their capitals, unless the whole question has none.
    lower = _is_lower(question)
    if match is None or not all(lower or _is_name(match[name]) for name in ("from", "to")):
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
    # The sender is known: what he wrote from is a place.
    reading.found["places"] = places
    reading.found.pop("origins", None)
    return replace(reading.finish(), is_from_verb=True)


def _read_kind(question: str) -> RecordCondition | None:
    """Read a word for a record with a sender, a date or a number beside it."""
    for match in KIND.finditer(question):
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
    """Tell whether what was found of a record is enough to look for it alone."""
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
    """Take in what follows the name of a record, and return where that ends."""
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
    """Note what a stretch after a record's name tells; false where it tells nothing."""
    found = reading.found
    known = {
        "bare": bool(found.get("serials") or found.get("documents") or reading.kind is None),
        # "received the note on June 5" tells when it was received.
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
        # "from Fish in Cairo" is one person by the form of it, and is a person and a place.
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
    """Note two dates between which a record is, the first of which may leave out the year."""
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
    """Return what is asked of a record, and about what, by the words that do not name it."""
    if _only_asks(rest) or JAPANESE_ASKS.fullmatch(rest):
        return Asks.RECORD, ""
    about = ABOUT.search(rest)
    if about and _only_asks(rest[: about.start()]):
        return Asks.CONTENT, rest[about.end() :].strip(" ,?.!")
    return Asks.FACT, rest


def _only_asks(words: str) -> bool:
    """Tell whether words only ask for a record: "Can you show me", "what is in it"."""
    return all(word.lower() in SCAFFOLD for word in MAKES.findall(words))


def _is_lower(question: str) -> bool:
    return question[:1].lower() + question[1:] == question.lower()


def _is_name(words: str | None) -> bool:
    return words is None or bool(re.fullmatch(PERSON, words))


def _clean(words: str) -> str:
    """Return a name or number without an article and the marks around it."""
    bare = re.sub(r"^[Tt]he ", "", words.strip(" ,;:"))
    # The point of "D. C." stays, that of a sentence goes.
    return bare if re.search(r"\b[A-Z]\.$", bare) else bare.rstrip(".")


def _say_dates(condition: RecordCondition) -> str:
    if condition.date:
        return in_words(condition.date)
    if condition.date_from and condition.date_to:
        return f"{in_words(condition.date_from)} to {in_words(condition.date_to)}"
    return ""


@lru_cache(maxsize=20_000)
def fold_tokens(words: str) -> tuple[str, ...]:
    """Return the words of a name as they compare: without case, accents, marks and possessive."""
    if not words.isascii():
        plain = unicodedata.normalize("NFKD", words)
        kept = "".join(char for char in plain if not unicodedata.combining(char))
        words = fold_strokes(unicodedata.normalize("NFC", kept))
    return tuple(TOKEN.findall(POSSESSIVE.sub("", words.casefold())))
