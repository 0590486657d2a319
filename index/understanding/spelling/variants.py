"""Spelling variants by rule and by table: Corea for Korea, Litvinoff for Litvinov.

Each line of `variants.tsv` beside this module has the spellings and older names of one thing. Rules
are pairs of letters for the same sound in different transliterations, applied both ways.
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import chain, islice

from index.text.tables import read_rows


def _both_ways(rules: str) -> tuple[tuple[str, str], ...]:
    """Return pairs "old:new" both ways; a letter that may be missing is only taken away."""
    pairs = [(pair[0], pair[2]) for pair in (rule.partition(":") for rule in rules.split())]
    return tuple(each for old, new in pairs for each in ((old, new), (new, old)) if each[0])


# `$` is the end of a word.
_SURE = _both_ways(
    """
    ieff$:eff$ iev$:ev$ off$:ov$ off$:ow$ eff$:ev$ eff$:ew$ aff$:av$ sky$:ski$ sky$:skii$ ey$:y$
    kin$:king$ ph:f ck:k ck:c k:c kh:k tch:ch tsch:ch shch:sch shch:sh cz:ts tz:ts dj:j th:t
    ti:ci hs:s zh:j
    """
)
# More rules, for names that are no words.
_SOUNDS = _both_ways(
    """
    ow$:ov$ ew$:ev$ ie$:y$ ee$:i$ ia$:ya$ q:k q:c x:ks cs:x dt:t dt:d kh:h kh:ch sch:sh tz:z dj:g
    j:y j:i j:g z:s dh:d gh:g gw:gu w:v ou:u oo:u ae:e ae:a oe:e oe:o ue:u ei:ai ei:i ie:i
    y:i ti:si h:
    """
)
# Rules for common words.
_COMMON = _both_ways(
    """
    our:or isation:ization ise$:ize$ ised$:ized$ ising$:izing$ yse$:yze$ ysed$:yzed$ re$:er$
    res$:ers$ ogue$:og$ aeo:eo aes:es xion$:ction$ lled$:led$ lling$:ling$ ick$:ic$ sion$:tion$
    """
)
_DOUBLING = frozenset("bcdfgklmnprstz")
# The most variants of a word.
_MOST = 100
_SHORTEST = 4
_VOWELS = "aeiouy"
_REMEMBERED = 1_000


@lru_cache(maxsize=_REMEMBERED)
def close_variants(word: str) -> tuple[str, ...]:
    """Return close spellings of the same name: Kimberly, Kimberley."""
    found = dict.fromkeys(each for each, _ in _apply(word, _SURE, doubles=True))
    return tuple(each for each in found if each != word)


@lru_cache(maxsize=_REMEMBERED)
def phonetic_variants(word: str) -> tuple[str, ...]:
    """Return spellings that sound alike, by one or two rules, without the close variants."""
    once = (each for each, _ in _apply(word, _SOUNDS, doubles=False))
    # The second rule applies after the place of the first.
    twice = (
        again
        for each, end in _apply(word, _SURE, doubles=False)
        for again, _ in _apply(each, _SURE, end, doubles=True)
    )
    sure = {word, *close_variants(word)}
    every = dict.fromkeys(chain(once, twice))
    return tuple(islice((each for each in every if each not in sure), _MOST))


def regional_variants(word: str) -> tuple[str, ...]:
    """Return the British, American and older spellings of a common word."""
    found = dict.fromkeys(each for each, _ in _apply(word, _COMMON, doubles=False))
    return tuple(each for each in found if each != word)


def listed_variants(word: str) -> tuple[str, ...]:
    """Return the other spellings of a word in the table."""
    return tuple(each for each in _table().get(word, ()) if each.lower() != word)


@lru_cache(maxsize=_REMEMBERED)
def likely_typos(word: str) -> tuple[str, ...]:
    """Return words one typo away: an extra letter, two exchanged, another vowel.

    They cover misspellings with another stem: "departement" for "department".
    """
    ends = range(1, len(word))
    less = [word[:at] + word[at + 1 :] for at in ends]
    exchanged = [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in ends[:-1]]
    vowels = [
        word[:at] + other + word[at + 1 :]
        for at in ends
        if word[at] in _VOWELS
        for other in _VOWELS
    ]
    return tuple(each for each in dict.fromkeys([*less, *exchanged, *vowels]) if each != word)


@cache
def _table() -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for row in read_rows(__file__):
        groups.update(dict.fromkeys(map(str.lower, row), tuple(row)))
    return groups


def _apply(
    word: str, rules: tuple[tuple[str, str], ...], start: int = 0, *, doubles: bool
) -> Iterator[tuple[str, int]]:
    """Yield a word with one rule applied once from a place on, and where the change ends."""
    ended = f"{word}$"
    for old, new in rules:
        place = ended.find(old, start)
        while place >= 0:
            changed = ended[:place] + new + ended[place + len(old) :]
            if len(changed) > _SHORTEST:
                yield changed.rstrip("$"), place + len(new)
            place = ended.find(old, place + 1)
    if doubles:
        for place in range(max(1, start), len(word)):
            letter = word[place]
            if letter == word[place - 1]:
                yield word[:place] + word[place + 1 :], place
            elif letter in _DOUBLING:
                yield word[:place] + letter + word[place:], place + 2
