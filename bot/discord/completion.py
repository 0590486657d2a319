"""Autocompletion from memory: documents and names by the words that were typed, in any order.

Made once for a generation. At 100,000 documents a completion takes milliseconds.
"""

import re
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from bot.discord.phrases import ENGLISH
from bot.discord.render.sources import date_in_words, name_parties
from bot.discord.text import LIMITS, clip, length
from corpus.authority.names import fold_name
from corpus.dates import find_dates
from corpus.documents import Provenance
from index.retrieval.archive import Archive
from index.text import analyzer

# Between a document's name and where an enclosure starts.
ENCLOSED = "#"
FACETS = ("collection", "kind", "person", "speaker", "classification", "language")

# An ISO date, a run of a script without spaces between words, or a word.
_CJK = r"\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"\d{{4}}-\d\d(?:-\d\d)?|[{_CJK}]+|(?:(?![{_CJK}])[^\W_])+")
_ASCII_WORD = re.compile(r"\d{4}-\d\d(?:-\d\d)?|[a-z0-9]+")
_CJK_LETTER = re.compile(rf"[{_CJK}]")
# The most letters of a run that are compared.
_RUN = 12
# "doc 268", "no. 268", "d 268", "#268".
_NUMBERED = re.compile(
    r"(?:(?:\b(?:documents?|docs?|d|no|nr|number)\b\.?|#)\s*)+(\d+[a-z]?)\b", re.IGNORECASE
)
# "7.5.1901"; with strokes the month comes first, unless it cannot be one.
_NUMERIC_DATE = re.compile(r"\b(\d{1,2})([./])(\d{1,2})\2(\d{4})\b")
_LAST_NUMBER = re.compile(r"(\d+[a-z]?)$")
_LAST = chr(0x10FFFF)
# The most letters that are read of what was typed.
_LONGEST = 200
_MONTHS = 12
# The most passages whose words are compared.
_PASSAGES = 100
# Room for the name of a document at the end of its row: its last part, or more of it.
_TAIL_ROOM, _LONG_TAIL_ROOM = 30, 50


class Completion:
    """Rows that are found by the beginnings of their words."""

    def __init__(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Keep rows, each a value, what is shown for it, and the text with its words."""
        values, labels, words, counts = [], [], array("i"), array("i")
        shown = array("b")
        known: defaultdict[str, int] = defaultdict(count().__next__)
        for value, label, text in rows:
            values.append(value)
            labels.append(label)
            own = {part for word in set(_split(text)) for part in _parts(word)}
            words.extend([known[word] for word in own])
            # Without these marks most labels are ASCII, which is folded faster.
            in_label = {*_split(label.replace("·", " ").replace("→", " "))}
            shown.extend([word in in_label for word in own])
            counts.append(len(own))
        self.values, self.labels = tuple(values), tuple(labels)
        # The rows of each word, one word after the other in alphabetical order.
        self._words = sorted(known)
        places = np.empty(len(known), np.int32)
        places[[known[word] for word in self._words]] = np.arange(len(known), dtype=np.int32)
        numbers = places[np.frombuffer(words, np.int32)]
        owners = np.repeat(np.arange(len(counts), dtype=np.int32), np.frombuffer(counts, np.int32))
        self._rows, self._starts = _by_word(numbers, owners, len(known))
        # Those of them whose labels have it.
        in_labels = np.frombuffer(shown, np.bool_)
        self._shown, self._shown_starts = _by_word(
            numbers[in_labels], owners[in_labels], len(known)
        )

    def find(self, typed: str) -> tuple[int, list[int]]:
        """Count the rows that have all words that were typed, and find the best of them.

        A word may be unfinished. Rows with more of the words in full and in their labels come
        first, else the order is that of the rows.
        """
        typed = typed[:_LONGEST]
        found, best = self._find(_read(typed))
        return (found, best) if found else self._find(_split(typed))

    def _find(self, typed: list[str]) -> tuple[int, list[int]]:
        fits = np.ones(len(self.values), np.bool_)
        score = np.zeros(len(self.values), np.int16)
        for word in dict.fromkeys(typed):
            has, is_shown = self._having(word)
            fits &= has
            if not fits.any():
                return 0, []
            score += is_shown
            # A number is rather that of a document.
            for whole in (word, f"d{word}") if word.isdigit() else (word,):
                score[self._exact(whole)] += 1
        found = np.flatnonzero(fits)
        best = found[np.argsort(-score[found], kind="stable")[: LIMITS.choices]]
        return len(found), best.tolist()

    def _having(self, word: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Mark the rows that have a word or its beginning, and those whose labels have it."""
        first, last = bisect_left(self._words, word), bisect_left(self._words, word + _LAST)
        has, is_shown = np.zeros((2, len(self.values)), np.bool_)
        has[self._rows[self._starts[first] : self._starts[last]]] = True
        is_shown[self._shown[self._shown_starts[first] : self._shown_starts[last]]] = True
        return has, is_shown

    def complete_with(self, typed: str, texts: Iterable[tuple[str, str]]) -> list[int]:
        """Find the rows that have the typed words together with texts, each of a row's value."""
        wanted = _read(typed[:_LONGEST])
        having = {word: self._having(word)[0] for word in wanted}
        spoken: defaultdict[str, set[str]] = defaultdict(set)
        for value, text in texts:
            spoken[value].update(_split(text))
        places = {value: row for row, value in enumerate(self.values) if value in spoken}
        return [
            places[value]
            for value, words in spoken.items()
            if value in places
            and all(
                having[word][places[value]] or any(each.startswith(word) for each in words)
                for word in wanted
            )
        ][: LIMITS.choices]

    def choices(self, typed: str) -> list[tuple[str, str]]:
        """Return the labels and values of the best rows."""
        return self.choices_of(self.find(typed)[1])

    def choices_of(self, rows: Iterable[int]) -> list[tuple[str, str]]:
        """Return the labels and values of the rows that Discord can send back whole."""
        return [
            (clip(self.labels[row], LIMITS.choice), self.values[row])
            for row in rows
            if length(self.values[row]) <= LIMITS.choice
        ]

    def _exact(self, word: str) -> NDArray[np.int32]:
        place = bisect_left(self._words, word)
        if place == len(self._words) or self._words[place] != word:
            return self._rows[:0]
        return self._rows[self._starts[place] : self._starts[place + 1]]


def _by_word(
    numbers: NDArray[np.int32], owners: NDArray[np.int32], words: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Sort rows by the numbers of their words, and return where those of each word start."""
    starts = np.append(0, np.cumsum(np.bincount(numbers, minlength=words)))
    return owners[np.argsort(numbers, kind="stable")], starts


@dataclass(frozen=True, slots=True)
class Names:
    """The documents and names that autocompletion offers."""

    documents: Completion
    facets: Mapping[str, Completion]

    @property
    def collections(self) -> tuple[str, ...]:
        """The collections of the archive."""
        return self.facets["collection"].values


def read_names(archive: Archive) -> Names:
    """Read what autocompletion offers from an archive."""
    known = [(doc_id, provenance) for doc_id, _, provenance, _ in archive.list_documents()]
    facets = {
        facet: Completion((name, name, name) for name in archive.engine.values(facet))
        for facet in FACETS
    }
    return Names(complete_documents(known), facets)


def complete_documents(known: Iterable[tuple[str, Provenance]]) -> Completion:
    """Make the completion of documents and their enclosures, by date, from their provenance.

    The value of an enclosure is its document's name, "#" and where it starts.
    """
    ordered = sorted(known, key=lambda each: (_date(each[1]) or "9999", each[0]))
    rows = [
        row
        for doc_id, provenance in ordered
        for row in ((doc_id, doc_id, provenance), *_enclosures_of(doc_id, provenance))
    ]
    labels = [name_row(value, named) for value, _, named in rows]
    alike = {label for label, times in Counter(labels).items() if times > 1}
    return Completion(
        (
            value,
            name_row(value, named, whole=True) if label in alike else label,
            _words_of(doc_id, named),
        )
        for (value, doc_id, named), label in zip(rows, labels, strict=True)
    )


def _enclosures_of(doc_id: str, provenance: Provenance) -> Iterator[tuple[str, str, Provenance]]:
    """Yield the value of each enclosure that can be named, its document, and its provenance.

    Its words are its own and the names of who sent the document.
    """
    for enclosure in provenance.enclosures:
        if enclosure.title or enclosure.creators:
            own = Provenance(
                title=enclosure.title,
                creators=enclosure.creators,
                recipients=enclosure.recipients,
                people=(*enclosure.signers, *provenance.creators, *provenance.recipients),
                document_date=enclosure.document_date,
                serials=enclosure.serials,
            )
            yield f"{doc_id}{ENCLOSED}{enclosure.span.start}", doc_id, own


def split_value(value: str) -> tuple[str, int | None]:
    """Return the document of a row's value, and where its enclosure starts; None without one."""
    doc_id, _, start = value.rpartition(ENCLOSED)
    return (doc_id, int(start)) if doc_id and start.isdecimal() else (value, None)


def find_by_text(typed: str, archive: Archive, known: Completion) -> list[int]:
    """Find the documents that have the typed words in their rows and texts together."""
    terms = {term: archive.engine.idf(term) for term in analyzer.analyze(typed[:_LONGEST])}
    numbers, _ = archive.engine.rank_by_terms(terms, _PASSAGES)
    passages = archive.engine.passages(numbers.tolist())
    texts = ((each.doc_id, each.span.of(archive.document(each.doc_id).text)) for each in passages)
    return known.complete_with(typed, texts)


def name_row(doc_id: str, provenance: Provenance, *, whole: bool = False) -> str:
    """Name a document in a row that Discord takes: "7 May 1901 · Rockhill → Hay · d268".

    It ends with the last part of the document's name, with `whole` with more of it. An enclosure
    ends with "in d268".
    """
    date = _date(provenance)
    when = [date_in_words(date)] if date else []
    doc_id, start = split_value(doc_id)
    tail = doc_id if whole else doc_id.rpartition("/")[2]
    room = _LONG_TAIL_ROOM if whole else _TAIL_ROOM
    # What tells names apart is mostly at their end.
    tail = clip(tail if length(tail) <= room else f"…{tail[-(room // 2) :]}", room)
    tail = tail if start is None else f"in {tail}"
    used = sum(length(each) + len(" · ") for each in (*when, tail))
    return " · ".join([*when, clip(name_parties(provenance, ENGLISH), LIMITS.choice - used), tail])


def _date(provenance: Provenance) -> str | None:
    return provenance.record.document_date or provenance.record.event_date


def _words_of(doc_id: str, provenance: Provenance) -> str:
    record = provenance.record
    texts = [doc_id, provenance.title, provenance.subject, provenance.kind, provenance.collection]
    texts += [record.title, record.subject, record.container, *record.serials]
    texts += [record.chapter, *record.creators, *record.recipients, *record.people]
    for date in {record.document_date, record.event_date} - {None}:
        texts += [date, date_in_words(str(date))]
    last = _LAST_NUMBER.search(doc_id)
    texts += [f"{number} d{number}" for number in (record.number, last and last[1]) if number]
    return " ".join(filter(None, texts))


def _split(text: str) -> list[str]:
    """Return the folded words of a text."""
    if text.isascii():
        return _ASCII_WORD.findall(text.casefold())
    return _WORD.findall(fold_name(text))


def _parts(word: str) -> list[str]:
    """Return the keys of a word: itself, or for a run of CJK letters the run from each of them."""
    if word.isascii() or not _CJK_LETTER.match(word):
        return [word]
    return [word[start : start + _RUN] for start in range(len(word))]


def _read(typed: str) -> list[str]:
    """Return the words that were typed, dates as in ISO 8601 and "doc 268" as "d268"."""
    typed = _NUMERIC_DATE.sub(_order_date, typed)
    for date, start, end in reversed([*find_dates(typed)]):
        typed = f"{typed[:start]} {date} {typed[end:]}"
    return [
        word[:_RUN] if _CJK_LETTER.match(word) else word
        for word in _split(_NUMBERED.sub(r" d\1 ", typed))
    ]


def _order_date(match: re.Match[str]) -> str:
    first, stroke, second, year = match.groups()
    day, month = (first, second) if stroke == "." or int(first) > _MONTHS else (second, first)
    return f"{year}-{month}-{day}"
