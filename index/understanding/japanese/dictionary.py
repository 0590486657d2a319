"""The Japanese dictionaries JMdict and JMnedict, if the package `jamdict-data` is installed.

Without it only memcon's own glossary is used. The package's one SQLite file is opened read-only; a
question of forty characters takes a few milliseconds.
"""

import re
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

# The command that installs it.
INSTALL = "pip install 'memcon[japanese]'"

_BATCH = 400
_BRACKETS = re.compile(r"\s*\([^()]*\)")
_KANA = re.compile(r"[\u3041-\u30ff]*")
_LEADING = re.compile(r"^(?:to be|to|an?|the) ", re.IGNORECASE)
# A gloss of more words explains rather than translates.
_MOST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Gloss:
    """An English word or phrase for a form, and its rank, 0 for the best."""

    words: str
    rank: int


@dataclass(frozen=True, slots=True)
class Word:
    """A form in the dictionary, with its glosses, best first.

    `is_name` marks words of the dictionary of names alone, `is_common` frequent words, `is_verb`
    those that inflect.
    """

    form: str
    glosses: tuple[Gloss, ...]
    is_name: bool = False
    is_common: bool = False
    is_verb: bool = False
    is_adjective: bool = False


_FORMS = (
    "SELECT text, idseq FROM Kanji WHERE text IN (%s)",
    "SELECT text, idseq FROM Kana WHERE text IN (%s)",
)
_COMMON = (
    "SELECT DISTINCT w.text, w.idseq FROM Kanji w JOIN KJP t ON t.kid = w.ID WHERE w.text IN (%s)",
    "SELECT DISTINCT w.text, w.idseq FROM Kana w JOIN KNP t ON t.kid = w.ID WHERE w.text IN (%s)",
)
_WRITTEN = "SELECT DISTINCT idseq FROM Kanji WHERE idseq IN (%s)"
# The plus keeps SQLite from scanning all glosses of the language.
_GLOSSES = (
    "SELECT s.idseq, s.ID, g.rowid, g.text FROM Sense s JOIN SenseGloss g ON g.sid = s.ID"
    " WHERE s.idseq IN (%s) AND +g.lang = 'eng'"
)
_KINDS = "SELECT s.idseq, p.text FROM Sense s JOIN pos p ON p.sid = s.ID WHERE s.idseq IN (%s)"
# Readings with more types of name (place, given name, family name) are more usual.
_READING = (
    "SELECT w.text, -(SELECT COUNT(*) FROM NETransType k WHERE k.tid = t.ID), t.ID, g.rowid, g.text"
    " FROM NEKanji w JOIN NETranslation t ON t.idseq = w.idseq"
    " JOIN NETransGloss g ON g.tid = t.ID WHERE w.text IN (%s)"
)
_NAMES = (_READING, _READING.replace("NEKanji", "NEKana"))


class Dictionary:
    """Looks up words and names by their written form; safe for several threads."""

    def __init__(self, path: Path) -> None:
        """Open the database of `jamdict-data`."""
        self._lock = Lock()
        self._database = sqlite3.connect(
            f"{path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )

    def look_up(self, forms: Collection[str]) -> dict[str, Word]:
        """Return the words and names among some forms; JMdict takes precedence."""
        with self._lock:
            return {**self._find_names(forms), **self._find_words(forms)}

    def find_names(self, forms: Collection[str]) -> dict[str, Word]:
        """Return the names among some forms, including those that are words too."""
        with self._lock:
            return self._find_names(forms)

    def _find_words(self, forms: Collection[str]) -> dict[str, Word]:
        found: dict[str, list[int]] = {}
        for form, entry in self._select(_FORMS, forms):
            found.setdefault(form, []).append(entry)
        entries = {entry for known in found.values() for entry in known}
        common = set(self._select(_COMMON, found))
        # Words usually written in characters rank lower under their kana.
        written = {entry for (entry,) in self._select((_WRITTEN,), entries)}
        senses: dict[int, list[tuple[int, str]]] = {}
        for entry, sense, _, words in self._select((_GLOSSES,), entries):
            senses.setdefault(entry, []).append((sense, words))
        kinds: dict[int, set[str]] = {}
        for entry, kind in self._select((_KINDS,), entries):
            kinds.setdefault(entry, set()).add(kind)
        words_found = {}
        for form, known in found.items():
            order = sorted(
                set(known),
                key=lambda e: (
                    (form, e) not in common,
                    bool(_KANA.fullmatch(form)) and e in written,
                    e,
                ),
            )
            glosses = _clean(
                (place, sense, words)
                for place, entry in enumerate(order)
                for sense, words in senses.get(entry, ())
            )
            kind = {each for entry in order[:2] for each in kinds.get(entry, ())}
            if glosses:
                words_found[form] = Word(
                    form,
                    glosses,
                    is_common=(form, order[0]) in common,
                    is_verb=_is_verb(kind),
                    is_adjective=any(each.startswith("adjective") for each in kind),
                )
        return words_found

    def _find_names(self, forms: Collection[str]) -> dict[str, Word]:
        found: dict[str, list[tuple[int, int, str]]] = {}
        for form, _, _, _, words in self._select(_NAMES, forms):
            found.setdefault(form, []).append((0, 0, words))
        return {
            form: Word(form, glosses, is_name=True)
            for form, known in found.items()
            if (glosses := _clean(known))
        }

    def _select(self, statements: Iterable[str], values: Iterable[object]) -> list[tuple[Any, ...]]:
        """Return the sorted rows of some statements; sorting in SQLite would scan whole tables."""
        wanted = sorted(values, key=str)
        rows: list[tuple[Any, ...]] = []
        for first in range(0, len(wanted), _BATCH):
            batch = wanted[first : first + _BATCH]
            marks = ",".join("?" * len(batch))
            for statement in statements:
                rows += self._database.execute(statement % marks, batch).fetchall()
        return sorted(rows)


@cache
def open_dictionary() -> Dictionary | None:
    """Return the dictionary, or None if the package is not installed."""
    try:
        from jamdict_data import JAMDICT_DB_PATH
    except ImportError:
        return None
    path = Path(JAMDICT_DB_PATH)
    return Dictionary(path) if path.is_file() else None


def _clean(known: Iterable[tuple[int, int, str]]) -> tuple[Gloss, ...]:
    """Return distinct glosses without explanations, ranked by entry, sense and order."""
    glosses: dict[str, int] = {}
    senses: dict[int, int] = {}
    for place, sense, words in known:
        later = senses.setdefault(sense, len(senses))
        plain = _LEADING.sub("", _BRACKETS.sub("", words).strip())
        plain = _LEADING.sub("", plain)
        if plain and plain.count(" ") < _MOST_WORDS and any(map(str.isalpha, plain)):
            glosses.setdefault(plain, len(glosses) + later + place)
    return tuple(Gloss(words, rank) for words, rank in glosses.items())


def _is_verb(kinds: Iterable[str]) -> bool:
    """Return whether a word inflects as a verb; nouns with "suru" do not."""
    kinds = set(kinds)
    verbs = any("verb" in kind and "adverb" not in kind for kind in kinds)
    return verbs and not any("suru" in kind for kind in kinds)
