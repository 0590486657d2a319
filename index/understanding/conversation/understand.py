"""Questions that lean on the ones before: "And Gore?", "What did he reply?", "Why?".

Such a question is put into words that can be searched alone: a piece takes the place of what is of
its kind in the last question, a pronoun that of the person or thing last spoken of; where neither
can be told, the words of the last question that carry weight are added in brackets. A question that
stands alone stays as it is.

Where another thing is asked for than before, what was quoted before is no answer to it, unless it
has that thing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from index.understanding.conversation import japanese
from index.understanding.conversation.focus import find_asked, has_asked
from index.understanding.conversation.followups import find_leaning, is_joined
from index.understanding.conversation.rewriting import resolve, widen
from index.understanding.dates import find_year
from index.understanding.entities import DATE, find_entities
from index.understanding.japanese.glossary import is_japanese
from index.understanding.names import Names

# So many of the last turns are looked at.
TURNS = 3
# What would be longer than this, in characters, is asked as it was typed.
_LONGEST = 1000


# A stretch of a document: its doc_id, start and end.
Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Given:
    """A quotation that answered a question: where it stands, its words, and of whom and when.

    `about` are its speaker and the dates of its record.
    """

    doc_id: str
    start: int
    end: int
    text: str
    about: str = ""

    @property
    def place(self) -> Place:
        """Where the quotation stands."""
        return self.doc_id, self.start, self.end


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question that was asked, as it was understood, and what came of it.

    `verdict` is "answered", "redacted" or "not_found". `quotes` are the quotations that were given
    as its answer, `people` and `dates` what the best one names and the question does not, in order.
    """

    question: str
    verdict: str = "not_found"
    quotes: tuple[Given, ...] = ()
    people: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()

    @property
    def is_answered(self) -> bool:
        """Tell whether the archive answered it."""
        return self.verdict == "answered"

    def to_dict(self) -> dict[str, Any]:
        """Return the turn as a JSON object."""
        return asdict(self)

    @classmethod
    def from_dict(cls, known: Mapping[str, Any]) -> "Exchange":
        """Return the turn that `to_dict` gave."""
        return cls(
            known["question"],
            known.get("verdict", "not_found"),
            tuple(Given(**given) for given in known.get("quotes", ())),
            tuple(known.get("people", ())),
            tuple(known.get("dates", ())),
        )


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is asked and as it was typed, and the places that do not answer it.

    For a question that stands alone both are the same, and there are no such places. `wider` is it
    with what the last one was about, where it stands alone but is joined to that; else empty.
    """

    question: str
    typed: str
    without: tuple[Place, ...] = ()
    wider: str = ""

    @property
    def is_reworded(self) -> bool:
        """Tell whether it is asked in other words than those typed."""
        return self.question != self.typed


def understand(question: str, turns: Sequence[Exchange], names: Names) -> Understood:
    """Return how a question is understood after some turns, the last one last."""
    turns = turns[-TURNS:]
    if not turns:
        return Understood(question, question)
    if is_japanese(question):
        heard = japanese.resolve(question, turns, names)
    else:
        leaning = find_leaning(question, find_entities(question, names))
        heard = resolve(question, leaning, turns, names) if leaning else None
    wider = ""
    if heard is None and not is_japanese(question) and is_joined(question):
        heard, wider = question, widen(question, turns, names)
        if _lacks_year(question, names) and find_year(turns[-1].question):
            heard, wider = wider, ""
    if heard is None or max(len(heard), len(wider)) > _LONGEST:
        return Understood(question, question)
    asked = find_asked(question, turns[-1].question, names)
    stale = [given for given in turns[-1].quotes if not has_asked(asked, given.text, given.about)]
    return Understood(heard, question, tuple(given.place for given in stale), wider)


def _lacks_year(question: str, names: Names) -> bool:
    """Tell whether a question has a day or month of a year that it does not name."""
    dates = [each.words for each in find_entities(question, names) if each.kind == DATE]
    return bool(dates) and not any(map(find_year, dates))
