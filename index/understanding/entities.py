"""Entities of a question: persons, dates, numbers, ordinals and other names.

They are recognised by their words alone: a person is in the archive's names or follows a title, and
a name is a run of capitalised words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.patterns import lazy_pattern
from index.text.tables import read_lists
from index.understanding.dates import find_date_spans
from index.understanding.names import Names

_LISTS = read_lists(__file__)

PERSON, DATE, NUMBER, ORDINAL, NAME = "person", "date", "number", "ordinal", "name"

_NUMBERED = lazy_pattern(
    r"\b(?:cable|telegram|document|order|volume|article|section|chapter|part)s?"
    r" (?:no\. ?|number )?\d[\d,.-]*\b",
    re.IGNORECASE,
)
_NUMBER = lazy_pattern(r"(?<![\w.,-])(?:no\. ?)?\d[\d,.-]*\b", re.IGNORECASE)
# A whole number, not a part of a word such as "15th" or "1980s".
_WHOLE_NUMBER = lazy_pattern(r"(?<![A-Za-z\d])\d+(?:[.,]\d+)*(?![A-Za-z\d])")
_ORDINAL = lazy_pattern(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|(?<=the )last"
    r"|\d+(?:st|nd|rd|th))\b",
    re.IGNORECASE,
)
_WORD = r"[A-ZÀ-Þ](?:[\w’'.&-]*\w)?"
_RUN = lazy_pattern(rf"(?<![\w-]){_WORD}(?: (?:(?:of|for) (?:the )?)?(?:{_WORD}|\d+\b))*")
_INNER_WORD = r"[A-Z](?:[\w’'.-]*\w)?"
_INNER_RUN = lazy_pattern(rf"(?<!^)(?<![.?!:] )\b{_INNER_WORD}(?: {_INNER_WORD})*")
_TITLE = lazy_pattern(
    r"(?:(?:Vice )?President|(?:Deputy )?Prime Minister|(?:Vice-)?(?:Foreign |Finance )?Minister"
    r"|Ambassador|Secretary(?: of \w+)?|Chancellor|Premier|Chairman|Senator|Representative|General"
    r"|Admiral|Emperor|Empress|King|Queen|(?:Crown )?Prince(?:ss)?|Director(?:-General)?|Mr|Mrs|Ms"
    r"|Dr|Miss|Messrs|Sir|Lord|Lady|Count(?:ess)?|Baron(?:ess)?|Earl|Duke|Duchess|Marquis|Viscount"
    r"|Governor|(?:Vice-)?Consul(?:[ -]General)?|Commissioner|Captain|Commander|Commodore"
    r"|(?:Lieutenant[ -])?Colonel|Lieutenant|Major|Marshal|Judge|Bishop|Father|Professor|Señor|Don"
    r"|Herr|Madame|Monsieur|Signor)"
    r"\.? "
)
_TITLED = lazy_pattern(rf"{_TITLE.pattern}(?!of|for)\w")
_ARTICLE = lazy_pattern(r"\bthe $", re.IGNORECASE)
_OPENING = frozenset(_LISTS["opening"].split())
# An adjective of nationality: in "Japanese politician" it is no name, in "the Japanese" it is.
_PEOPLE = lazy_pattern(r"\w+(?:ese|ish|ian|can|man|eli|aqi|ench|utch|eek|oviet)")


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity: its kind, its place in the text, and its words without an article."""

    kind: str
    start: int
    end: int
    words: str
    has_article: bool = False

    @property
    def outset(self) -> int:
        """Where the entity starts, its article included."""
        return self.start - len("the ") if self.has_article else self.start


def find_entities(text: str, names: Names) -> tuple[Entity, ...]:
    """Return the entities of a text in order, without overlaps."""
    taken: list[Entity] = []
    dates = (Entity(DATE, *span, text[slice(*span)]) for span in find_date_spans(text))
    for entity in (*dates, *_find_people(text, names), *_find_others(text, names)):
        if all(entity.end <= other.start or other.end <= entity.start for other in taken):
            taken.append(entity)
    return tuple(sorted(taken, key=lambda entity: entity.start))


def find_capitalised(text: str) -> list[str]:
    """Return the runs of capitalised words that do not open a sentence, in order."""
    return _INNER_RUN.findall(text)


def find_numbers(text: str) -> list[str]:
    """Return the whole numbers of a text, in order."""
    return _WHOLE_NUMBER.findall(text)


def _find_people(text: str, names: Names) -> Iterator[Entity]:
    for mention in names.mentions(text):
        if mention.is_person:
            start, end = mention.start, _trim(text, mention.start, mention.end)
            title = next((m for m in _TITLE.finditer(text[:start]) if m.end() == start), None)
            yield _element(PERSON, text, title.start() if title else start, end)


def _find_others(text: str, names: Names) -> Iterator[Entity]:
    for match in _NUMBERED.finditer(text):
        yield Entity(NUMBER, match.start(), match.end(), match[0])
    for match in _ORDINAL.finditer(text):
        yield Entity(ORDINAL, match.start(), match.end(), match[0])
    for match in _RUN.finditer(text):
        start, end = match.span()
        # The first word of a sentence always has a capital.
        while start < end and _opens(text, start):
            first = re.compile(r"\S+\s*").match(text, start, end)
            if first is None or first[0].strip(" ,").casefold() not in _OPENING:
                break
            start = first.end()
        end = _trim(text, start, end)
        words = text[start:end]
        if not words or words == "I" or _is_modifier(text, start, end):
            continue
        yield _element(PERSON if _TITLED.match(words) else NAME, text, start, end)
    for mention in names.mentions(text):
        if not mention.is_person and any(
            char.isupper() for char in text[mention.start : mention.end]
        ):
            yield _element(NAME, text, mention.start, _trim(text, mention.start, mention.end))
    for match in _NUMBER.finditer(text):
        yield Entity(NUMBER, match.start(), match.end(), match[0])


def _element(kind: str, text: str, start: int, end: int) -> Entity:
    return Entity(kind, start, end, text[start:end], bool(_ARTICLE.search(text[:start])))


def _trim(text: str, start: int, end: int) -> int:
    """Return where a name ends, without a possessive or a full stop: "Clinton's", "Kantor."."""
    words = re.sub(r"['’]s?$", "", text[start:end])
    return start + len(words if re.search(r"\b[A-Z]\.$", words) else words.rstrip(".,"))


def _opens(text: str, place: int) -> bool:
    return not text[:place].strip() or text[:place].rstrip()[-1:] in {".", "?", "!", ":"}


def _is_modifier(text: str, start: int, end: int) -> bool:
    """Return whether words are an adjective of nationality before a noun."""
    goes_on = re.compile(r" [a-z-]{3,}").match(text, end)
    return bool(_PEOPLE.fullmatch(text[start:end])) and bool(goes_on)
