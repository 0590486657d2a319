"""What a FRUS document bears itself: the number of the telegram or despatch, and who signed it."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from corpus.readers.tei.elements import is_remark, own_lines, own_words, trim_points
from corpus.readers.text_flow import local_name, words_of

if TYPE_CHECKING:
    from lxml.etree import _Element

# A line of its own above the text: "No. 82.]", "L. D. No. 1471".
_NUMBERED = re.compile(
    r"(?:[A-Z][\w.]*\.? ?){0,3}\bNo\. ?(?P<number>(?:[A-Z]{1,3}[- ]?)?\d[\d,]*(?:[-/ ]?[A-Z])?)"
    r"(?:[.,]? \[[^\]]*\])?[\]., ]*",
)
# What a telegram begins with: "47. My 45, February 9".
_BEGINS = re.compile(r"(?P<number>\d{1,5})\. (?=\S)")
_TELEGRAMS = frozenset({"telegram", "circular", "instruction"})
# The number of a document is in one of its first lines, a short one.
_LINES = 6
_LINE_CHARS = 60
_NAME = re.compile(r"[^\W\d_][^\d\[\]]{2,60}")
_FULL_NAME = re.compile(r"(?:[A-Z][\w’'.-]+ ?){2,5}")
_FOR = re.compile(r"\W*(?:For|By|Per)\b", re.IGNORECASE)
_OFFICE = re.compile(
    r"\b(?:Secretary|President|Minister|Ambassador|Charg[ée]|Consul|Commissioner|Chief|Counsel\w*"
    r"|Adviser|Agent|Attach[ée]|Director|Governor|Department|Mission)\b",
)


def find_serials(own: list["_Element"]) -> Iterator[str]:
    """Yield the numbers on lines above the text of a document."""
    prose = (each for each in own if local_name(each) == "p" or is_remark(each))
    for node in islice(prose, _LINES):
        words = own_words(node) if "No" in words_of(node) else ""
        match = _NUMBERED.fullmatch(words) if len(words) <= _LINE_CHARS else None
        if match:
            yield match["number"]


def find_opening_number(own: list["_Element"], kind: str | None) -> Iterator[str]:
    """Yield the number that the text of a telegram begins with."""
    if kind not in _TELEGRAMS:
        return
    prose = (each for each in own if local_name(each) == "p" or is_remark(each))
    body = next((each for each in prose if not is_remark(each)), None)
    begun = _BEGINS.match(own_words(body)) if body is not None else None
    if begun:
        yield begun["number"]


def find_signers(own: list["_Element"]) -> Iterator[str]:
    """Yield the names of those who signed a document, without the offices below them."""
    for node in own:
        lines = own_lines(node) if local_name(node) == "signed" else []
        name = trim_points(lines[0]).rstrip(".") if lines else ""
        # "[File copy not signed]" names nobody.
        if _NAME.fullmatch(name) and not lines[0].startswith("["):
            yield name.partition(",")[0]


def find_full_names(root: "_Element") -> dict[str, str]:
    """Return the full name of each family name that only one person signs with in a volume.

    "William H. Seward" for "seward", where "W. H. Seward" and "Seward" sign too. A family name of
    two persons is left out.
    """
    found: dict[str, list[str]] = {}
    for node in root.iter("{*}signed"):
        for name in find_signers([node]):
            full = spell_name(name)
            if _FULL_NAME.fullmatch(full) and not _OFFICE.search(full):
                found.setdefault(_family(full), []).append(full)
    return {
        family: fullest
        for family, names in found.items()
        if (fullest := max(names, key=len)) and all(_may_be(name, fullest) for name in names)
    }


def name_writer(
    creators: tuple[str, ...],
    signers: tuple[str, ...],
    own: list["_Element"],
    names: dict[str, str],
) -> tuple[str, ...]:
    """Return who wrote a document, by the full name where head and signature leave no doubt.

    The holder of an office is whoever signs for himself: "Secretary of State" signed "Lansing".
    """
    if len(creators) != 1 or len(signers) != 1 or _is_signed_for(own):
        return creators
    signer = spell_name(signers[0])
    full = signer if " " in signer else names.get(signer.casefold(), signer)
    known = names.get(_family(full))
    full = known if known and _may_be(full, known) else full
    if _OFFICE.search(full):
        return creators
    writer = creators[0]
    same = " " in full and _family(writer) == _family(full)
    return (full,) if (same and _may_be(writer, full)) or _is_office(writer) else creators


def _is_office(words: str) -> bool:
    """Return whether a sender is named by an office alone: "Secretary of State"."""
    office = _OFFICE.match(re.sub(r"^(?:[Tt]he |Acting |Under |Assistant |Vice )*", "", words))
    if not office or office[0] in {"Department", "Mission"}:
        return False
    # "President Wilson" has a name.
    return any(word in words for word in (" of ", " in ", " at ")) or len(words.split()) == 1


def _is_signed_for(own: Iterable["_Element"]) -> bool:
    return any(
        local_name(each) == "closer" and any(map(_FOR.match, own_lines(each))) for each in own
    )


def spell_name(name: str) -> str:
    """Return a name printed in capitals as it is written: "WILLIAM H. SEWARD"."""
    words = " ".join(name.split())
    if not words.isupper() or len(words) < 5:
        return words
    return re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), words)


def _family(name: str) -> str:
    words = [word for word in name.split() if word.rstrip(".").lower() not in {"jr", "sr", "esq"}]
    return words[-1].casefold() if words else ""


def _may_be(name: str, full: str) -> bool:
    """Return whether given names and initials of one name fit those of a fuller one."""
    mine, others = ([word.strip(".,") for word in each.split()] for each in (name, full))
    given, rest = mine[:-1], iter(others[:-1])
    return all(
        any(
            word[:1].casefold() == other[:1].casefold()
            and (len(word) == 1 or len(other) == 1 or word.casefold() == other.casefold())
            for other in rest
        )
        for word in given
        if word and word[0].isupper() and word not in _TITLES
    )


_TITLES = frozenset({"Mr", "Mrs", "Dr", "Sir", "Lord", "General", "Count", "Baron", "President"})
