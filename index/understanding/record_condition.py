"""The record that a question asks for, as a condition on records."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from corpus.dates import in_words
from corpus.letters import fold_strokes

_TOKEN = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['’]s?\b")


class Asks(StrEnum):
    """What a question wants: the record itself, what it says on a topic, or a fact from it."""

    RECORD = "record"
    CONTENT = "content"
    FACT = "fact"


@dataclass(frozen=True, slots=True)
class RecordCondition:
    """A condition on records; fields that the question does not state are None or empty.

    `documents` are numbers in a volume, `serials` a record's own; `date_from` and `date_to` are
    days. `origins` came after "from": senders or places. `persons` sent or received it. `kind` is
    the question's word for the record, `epithets` the words before that ("the Colombian note").
    `topic` is the rest of the question. `is_from_verb` marks "What did Fish telegraph …".
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
        """Whether it identifies one record: by number, or by a day and a person or number."""
        day = self.date is not None and self.date.count("-") == 2
        return bool(
            self.documents
            or (self.serials and (self.senders or self.recipients or self.origins or day))
            or (day and (self.senders or self.recipients or self.origins or self.kind))
        )

    @property
    def is_definite(self) -> bool:
        """Whether it names a record, so that without such a record there is no answer."""
        return not self.is_from_verb and (self.is_exact or self.asks is Asks.RECORD)

    @property
    def is_close(self) -> bool:
        """Whether it is specific enough to look for a fact in the few matching records."""
        somebody = bool(self.senders or self.recipients or self.origins)
        return self.is_exact or (somebody and (self.date_from is not None or bool(self.serials)))

    @property
    def in_words(self) -> str:
        """The condition in words: "telegram no. 33, from Fish, June 17, 1936"."""
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


def _say_dates(condition: RecordCondition) -> str:
    if condition.date:
        return in_words(condition.date)
    if condition.date_from and condition.date_to:
        return f"{in_words(condition.date_from)} to {in_words(condition.date_to)}"
    return ""


@lru_cache(maxsize=20_000)
def fold_tokens(words: str) -> tuple[str, ...]:
    """Return the words of a name without case, accents, punctuation and possessive."""
    if not words.isascii():
        plain = unicodedata.normalize("NFKD", words)
        kept = "".join(char for char in plain if not unicodedata.combining(char))
        words = fold_strokes(unicodedata.normalize("NFC", kept))
    return tuple(_TOKEN.findall(_POSSESSIVE.sub("", words.casefold())))
