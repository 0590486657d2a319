"""Whether two names mean one person: titles, degrees and initials do not count."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from corpus.authority.names import fold_name
from index.text.analyzer import CJK
from index.text.tables import read_lists
from index.understanding.names import TITLE
from index.understanding.speakers import any_of

_LISTS = read_lists(__file__)

_TITLES = frozenset(_LISTS["titles"].split())
# What a title may go on with: "Secretary of State Seward", "Minister for Foreign Affairs Hata".
_PLACES = frozenset(_LISTS["places"].split())
_BODIES = re.compile(rf"\b{any_of(_LISTS['bodies'])}")
# What stands after a comma: "Ph.D.", "K.C.B.", "Esq.".
_DEGREES = re.compile(
    r"(?:[a-z]{1,2} )+[a-z]{1,3}|phd|mba|esq|esquire|md|kcb|usn|usa|usmc|ret|retired"
)
_LAST_DEGREE = re.compile(r"(?<=\w) (?:ph ?d|esq|esquire|m d|ll d|mba|k ?c ?b|k ?c ?m ?g)$")
_GENERATIONS = {"jr": 2, "junior": 2, "sr": 1, "senior": 1, "ii": 2, "iii": 3, "iv": 4}
_SHORT = dict(pair.split(":") for pair in _LISTS["short"].split())
# Of two family names with this share of letters the same, one may be the other misspelt.
_SPELLING = 0.75


@dataclass(frozen=True, slots=True)
class _Name:
    """A name in its parts; one with no `words` is an office or a body."""

    words: tuple[str, ...]
    generation: int | None
    is_wife: bool


def is_same_person(asked: str, known: str) -> bool | None:
    """Return whether a name means the person that a record calls `known`.

    True for the name under other titles, degrees or initials, for a part of it, and for one with
    more given names beside one that agrees. False for another person. None where that is not
    certain: an office, a body, another script, a near spelling, a family name alone in the record.
    """
    one, other = _read(asked), _read(known)
    if _title_of(asked) == _title_of(known):
        return True
    if not one.words or not other.words:
        return None
    if _is_cjk(asked) or _is_cjk(known):
        return _compare_characters(asked, known)
    if asked.isascii() != known.isascii() and not (
        "".join(one.words).isascii() and "".join(other.words).isascii()
    ):
        return None
    same = _compare(one.words, other.words)
    if same and one.generation != other.generation:
        return None if None in (one.generation, other.generation) else False
    return None if same and one.is_wife and not other.is_wife else same


def _compare(asked: tuple[str, ...], known: tuple[str, ...]) -> bool | None:
    family = next(
        (each for each in (asked[-1], known[-1]) if each in asked and each in known), None
    )
    if family is None:
        return None if _is_near(asked[-1], known[-1]) else False
    given, has = (tuple(word for word in words if word != family) for words in (asked, known))
    if not given:
        return True
    if not has:
        return None
    shorter, longer = sorted((given, has), key=len)
    return _embeds(shorter, longer)


def _embeds(shorter: Sequence[str], longer: Sequence[str]) -> bool | None:
    """Return whether given names stand in order among others; None for a near spelling."""
    following = iter(longer)
    if all(any(_agree(each, other) for other in following) for each in shorter):
        return True
    return None if _is_near(shorter[0], longer[0]) else False


def _agree(one: str, other: str) -> bool:
    """Return whether two given names are one, in full, short or as an initial."""
    one, other = _SHORT.get(one, one), _SHORT.get(other, other)
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(shorter) and (len(shorter) != 2 or len(longer) == 2)


def _is_near(one: str, other: str) -> bool:
    least = min(len(one), len(other))
    return least > 2 and SequenceMatcher(None, one, other, autojunk=False).ratio() >= _SPELLING


def _read(name: str) -> _Name:
    parts = [part for part in _split(re.sub(r"[(（\[].*?[)）\]]", "", name)) if part]
    kept = [part for part in parts if not _is_suffix(part)]
    generation = next((_GENERATIONS[part] for part in parts if part in _GENERATIONS), None)
    # "Orme, Ada" and "Seward, Secretary of State".
    words = " ".join(reversed(kept[:2])) if len(kept) > 1 else " ".join(kept)
    words = _LAST_DEGREE.sub("", words)
    if _BODIES.search(words):
        return _Name((), None, is_wife=False)
    titles = words.split()
    while titles and titles[-1] in _GENERATIONS:
        generation = _GENERATIONS[titles.pop()]
    first = 0
    while first < len(titles) and (
        titles[first] in _TITLES
        or (first and titles[first] in _PLACES)
        or (titles[first] == "the" and not first)
    ):
        first += 1
    rest = tuple(re.sub(r"['’]s$", "", word) for word in titles[first:])
    wife = any(title in {"mrs", "lady", "madame", "mme"} for title in titles[:first])
    return _Name(rest, generation, is_wife=wife)


def _split(name: str) -> list[str]:
    folded = fold_name(name).replace("-", " ").replace("’", "'").replace("d'affaires", "daffaires")
    return [" ".join(part.split()) for part in folded.split(",")]


def _is_suffix(part: str) -> bool:
    return part in _GENERATIONS or bool(_DEGREES.fullmatch(part))


def _title_of(name: str) -> str:
    """Return a name or an office without its article."""
    return re.sub(r"^the ", "", " ".join(_split(name)))


def _is_cjk(name: str) -> bool:
    return bool(re.search(rf"[{CJK}]", name))


def _compare_characters(asked: str, known: str) -> bool | None:
    if not (_is_cjk(asked) and _is_cjk(known)):
        return None
    one, other = (TITLE.sub("", re.sub(r"[\s・]", "", name)) for name in (asked, known))
    return one in other or other in one if one and other else None
