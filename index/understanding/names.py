"""Names in questions: a name is found under all its forms.

A form that does not occur in the archive is replaced by one that does: a question with 細川護熙 or
細川首相 finds English records of Hosokawa Morihiro, and one with Hosokawa finds Japanese ones. If
the archive has both, the terms in other scripts are searched as well.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from corpus.authority.names import Entry, Person, fold_name
from corpus.patterns import lazy_pattern
from index.text.analyzer import CJK, analyze

FILE = "names.json"
# The most words of a form of a name, or characters of Chinese, Japanese or Korean.
_WORDS = 6
_CHARS = 16
# The texts whose names are cached.
_REMEMBERED = 64
_WORD = lazy_pattern(rf"[^\W_{CJK}]+(?:[.'’-]+[^\W_{CJK}]+)*\.?")
_PLAIN = lazy_pattern(r"[\w\s\x00-\x7f\u2010-\u2015\u2018-\u201d\u2026£§°]*")
_RUN = lazy_pattern(rf"[{CJK}・]+[\d]*[{CJK}]*")
_KATAKANA = lazy_pattern(r"[\u30a1-\u30fcー]")
# Titles after a family name: 細川首相, 細川氏.
_TITLES = (
    "首相|総理|大統領|外相|外務|大臣|蔵相|通産相|長官|官房長官|大使|議員|会長|内閣|政権|氏|さん"
)
TITLE = lazy_pattern(_TITLES)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text: its place, all its forms, and whether it is a person's."""

    start: int
    end: int
    forms: tuple[str, ...]
    is_person: bool


class Names:
    """Finds names in questions under any of their forms."""

    def __init__(
        self,
        entries: Iterable[tuple[Sequence[str], bool]],
        sides: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        """Index the forms of each name, and whether it is a person's.

        `sides` has the sides for which a person, by the first form of the name, has held office.
        """
        self._sides = sides
        self._by_form: dict[str, tuple[str, ...] | None] = {}
        self._by_family: dict[str, tuple[str, ...] | None] = {}
        self._people: set[tuple[str, ...]] = set()
        # The same question is searched by several parsers.
        self._mentions = lru_cache(maxsize=_REMEMBERED)(self._find_mentions)
        for known, is_person in entries:
            forms = tuple(known)
            for form in forms:
                _put(self._by_form, fold_name(form), forms)
            if is_person:
                self._people.add(forms)
                for family in _families(forms):
                    _put(self._by_family, family, forms)
        # Few words of a text begin a name.
        self._openings = {words.partition(" ")[0] for words in (*self._by_form, *self._by_family)}

    @classmethod
    def parse(cls, written: bytes | str) -> "Names":
        """Parse the form that `write_names` writes."""
        known = json.loads(written)
        return cls(
            ((item["forms"], item["person"]) for item in known),
            {item["forms"][0]: item.get("sides", ()) for item in known},
        )

    def filed(self, words: str) -> str:
        """Return the form under which a name is filed, or the words if they are no name."""
        found = self._found(words)
        return found[0] if found else words

    def sides(self, name: str) -> Sequence[str]:
        """Return the sides for which the person with this filed name held office; none: unknown."""
        return self._sides.get(name, ())

    def forms(self, words: str) -> tuple[str, ...]:
        """Return all forms of a name, the given words first."""
        return tuple(dict.fromkeys((words, *self._found(words))))

    def reword(self, text: str, occurs: Callable[[str], bool]) -> str:
        """Replace each name that does not occur in the archive by a form that does."""
        pieces, end = [], 0
        for mention in self.mentions(text):
            written = text[mention.start : mention.end]
            if _all_occur(written, occurs):
                continue
            form = next(
                (form for form in _with_families(mention.forms) if _all_occur(form, occurs)), None
            )
            if form is not None:
                pieces += [text[end : mention.start], f" {form} "]
                end = mention.end
        return " ".join("".join([*pieces, text[end:]]).split()) if pieces else text

    def other_terms(self, text: str, occurs: Callable[[str], bool]) -> tuple[str, ...]:
        """Return the terms of a text's names in other scripts that occur, sorted."""
        terms: set[str] = set()
        for mention in self.mentions(text):
            script = _is_cjk(text[mention.start : mention.end])
            others = [form for form in mention.forms if _is_cjk(form) != script]
            terms.update(term for form in others for term in analyze(form) if occurs(term))
        return tuple(sorted(terms - set(analyze(text))))

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Return the names in a text in order, the longest where they overlap."""
        return self._mentions(text)

    def _find_mentions(self, text: str) -> tuple[Mention, ...]:
        found = sorted(
            (*self._in_words(text), *self._in_characters(text)),
            key=lambda mention: (mention.start - mention.end, mention.start),
        )
        kept: list[Mention] = []
        for mention in found:
            if all(mention.end <= other.start or other.end <= mention.start for other in kept):
                kept.append(mention)
        return tuple(sorted(kept, key=lambda mention: mention.start))

    def _found(self, words: str) -> tuple[str, ...]:
        """Return the forms of a name, which may have a title; none for other words."""
        found = (
            mention.forms
            for mention in self.mentions(words)
            if not words[: mention.start].strip()
            and (not words[mention.end :].strip() or TITLE.fullmatch(words[mention.end :].strip()))
        )
        return next(found, ())

    def _in_words(self, text: str) -> Iterator[Mention]:
        words = list(_WORD.finditer(text))
        # Invisible characters and loose accents may join words.
        is_plain = bool(_PLAIN.fullmatch(text))
        for first, word in enumerate(words):
            if is_plain and not self._may_open(word[0]):
                continue
            for last in words[first : first + _WORDS]:
                written = text[word.start() : last.end()]
                # A name spans spaces, not punctuation.
                if re.search(r"[,;:!?()]", written):
                    break
                folded = fold_name(re.sub(r"['’]s$", "", written))
                forms = self._by_form.get(folded)
                if forms is None and word is last and written[0].isupper():
                    forms = self._by_family.get(folded)
                if forms:
                    yield self._mention(word.start(), last.end(), forms)

    def _may_open(self, word: str) -> bool:
        """Return whether a name may begin with a word; any may that is not ASCII."""
        opening = word.casefold().partition(".")[0]
        return not word.isascii() or not self._openings.isdisjoint(
            (opening, opening.removesuffix("'s"))
        )

    def _in_characters(self, text: str) -> Iterator[Mention]:
        for run in _RUN.finditer(text):
            for start in range(*run.span()):
                for end in range(start + 1, min(run.end(), start + _CHARS) + 1):
                    written = text[start:end]
                    forms = self._by_form.get(fold_name(written))
                    if forms is None and TITLE.match(text, end):
                        forms = self._by_family.get(written)
                    if forms and not (_goes_on(text, start) or _goes_on(text, end)):
                        yield self._mention(start, end, forms)

    def _mention(self, start: int, end: int, forms: tuple[str, ...]) -> Mention:
        return Mention(start, end, forms, forms in self._people)


def write_names(folder: Path, entries: Iterable[Entry]) -> None:
    """Write an archive's names into the folder of a generation."""
    known = [
        {
            "forms": entry.forms,
            "person": isinstance(entry, Person),
            "sides": _sides(entry),
        }
        for entry in entries
        if entry.names
    ]
    (folder / FILE).write_text(json.dumps(known, ensure_ascii=False), "utf-8")


def _sides(entry: Entry) -> list[str]:
    offices = entry.offices if isinstance(entry, Person) else ()
    return list(dict.fromkeys(office.side for office in offices))


def _put(known: dict[str, tuple[str, ...] | None], key: str, forms: tuple[str, ...]) -> None:
    # A form that two names share identifies neither.
    known[key] = None if known.get(key, forms) != forms else forms


def _families(forms: Sequence[str]) -> Iterator[str]:
    """Yield possible family names of a person: a word, or the first characters of a form.

    It comes first in the filed name if another form is in characters, as in Japan, China and Korea.
    """
    characters = [
        form for form in forms if re.fullmatch(r"[\u3400-\u9fff\uf900-\ufaff]{2,5}", form)
    ]
    words = fold_name(forms[0]).split()
    if len(words) > 1:
        yield words[0] if characters else words[-1]
    for form in characters:
        yield from (form[:length] for length in range(1, len(form)))


def _with_families(forms: Sequence[str]) -> Iterator[str]:
    """Yield the forms of a name, then the family name alone, longest first."""
    yield from forms
    for family in sorted(_families(forms), key=len, reverse=True):
        if len(family) > 1:
            yield family


def _all_occur(words: str, occurs: Callable[[str], bool]) -> bool:
    terms = analyze(words)
    return bool(terms) and all(occurs(term) for term in terms)


def _is_cjk(words: str) -> bool:
    return bool(re.search(rf"[{CJK}]", words))


def _goes_on(text: str, place: int) -> bool:
    """Return whether a place is inside a katakana word: ロード is no name in ロードマップ."""
    around = text[max(0, place - 1) : place + 1]
    return len(around) == 2 and all(_KATAKANA.match(char) for char in around)
