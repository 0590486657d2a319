"""Patterns of reported speech around a speaker's name."""

import re
from functools import cache

from index.text.tables import read_lists
from index.understanding.speakers import any_of

_LISTS = read_lists(__file__)

_SAY = any_of(
    _LISTS["say"],
    "point(?:s|ed) out",
    "puts? it",
    "reads? to me",
)
_TOLD = any_of(_LISTS["told"])
_WORDS = any_of(_LISTS["words"])
# Words between a name and its verb: "Mr. Ward, in reply, frankly told me". Not "was": a person who
# was told something said nothing.
_MEANWHILE = any_of(
    _LISTS["meanwhile"],
    "in (?:reply|answer|response|turn|conclusion|effect|person|private)",
    r"(?:this|last) \w+",
)
_BETWEEN = rf"(?:,? (?:\([^()]{{1,60}}\)|{_MEANWHILE})|, [^,.;:“”\"]{{1,60}},){{0,4}},? "


@cache
def said_after() -> re.Pattern[str]:
    """Return the pattern of what follows the speaker's name; compiled on first use."""
    return re.compile(
        rf"{_BETWEEN}(?:{_SAY}|(?:is|was) of (?:the )?opinion\b)|['’]s? (?:\w+ ){{0,2}}?{_WORDS}"
    )


@cache
def said_before() -> re.Pattern[str]:
    """Return the pattern of what precedes the speaker's name."""
    return re.compile(
        rf"\b(?:{_TOLD} (?:\w+ ){{0,2}}?by|according to|quoting|in the (?:opinion|words|view) of"
        rf"|{_WORDS} (?:\w+ ){{0,2}}?(?:of|by|from)) (?:[\w.]+ ){{0,3}}$"
        rf"|[,”\"] (?:said|replied|remarked|asked|answered|added) (?:[\w.]+ ){{0,2}}$"
    )


@cache
def said_by_pronoun() -> re.Pattern[str]:
    """Return the pattern of a sentence that reports the words of the person named before it."""
    return re.compile(rf"\W*(?:[Hh]e|[Ss]he|H\. ?[HE]\.|His [EHM]\w+){_BETWEEN}{_SAY}")
