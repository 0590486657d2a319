"""Find the speaker whose words a question asks for, a person or an office.

"What did Lord John Russell tell Dallas", "the German minister's remark", "as Kissinger put it".
"""

import re

from corpus.patterns import lazy_pattern
from index.text.analyzer import analyze
from index.text.tables import read_lists
from index.understanding.countries import is_country, is_people
from index.understanding.dates import MONTH_NAME

_LISTS = read_lists(__file__)


def any_of(words: str, *others: str) -> str:
    """Return a pattern for any of some words, themselves patterns, separated by white space."""
    return rf"(?:{'|'.join([*others, *words.split()])})\b"


# Offices that stand before a name.
TITLES = frozenset(
    analyze("President Prime Minister Foreign Ambassador Secretary Vice Chancellor King Mr Mrs Dr")
)
# Titles before a name: "General", "Señor", "Vice Consul".
_HONORIFICS = frozenset(_LISTS["honorifics"].split())
# Words for an office without a name: "the editor of the Post", "the district attorney".
_OFFICES = _HONORIFICS | frozenset(_LISTS["offices"].split())
# Several people without one voice: "the powers", "critics".
_GROUPS = frozenset(_LISTS["groups"].split())
# Plural words that name one body: "the Times", "the United States".
_BODIES = frozenset(_LISTS["bodies"].split())
# Records "say" things too, but are no speakers.
_RECORDS = any_of(_LISTS["records"])
_NOBODY = lazy_pattern(
    r"(?:he|she|they|it|we|you|i|who|there|this|that|these|those|any\w*|some\w*|every\w*|nobody"
    r"|no|all|each|both|one|many|most|several|people|others?|his|her|their|its|my|our)\b",
    re.IGNORECASE,
)
_VERBS = any_of(
    _LISTS["verbs"],
    r"hold (?:that|about)",
    r"judge (?:the|of|that|how)",
    "note that",
    r"put (?:it|to)",
    r"state(?= (?:about|in|that|to)\b|\W*$)",
)
_PAST = any_of(_LISTS["past"])
_WORDS_OF = any_of(" ".join(f"{word}s?" for word in _LISTS["words_of"].split()))
# Verbs and prepositions that end a name.
_NO_NAME = any_of(
    _LISTS["no_name"],
    "(?:at|in)(?! [A-Z])",
)
_WORD = rf"(?!{_NO_NAME})[\w.’'&-]*[\w.]"
# Inside a name, "the" only follows a preposition: "King of the Belgians", not "Fish read the".
_INNER = rf"(?!to\b|(?<! of )(?<! in )(?<! at )(?<! and )(?<! for )the\b){_WORD}"
_ENDED = r"(?<! of)(?<! the)(?<! and)"
_WHO = rf"(?:[Tt]he |an? )?(?P<who>(?!(?:the|to)\b){_WORD}(?: {_INNER}){{0,8}}?{_ENDED})"
_CASED = r"(?P<who>[A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*)*)"
_OWNS = r"(?:['’]s|(?<=s)['’]) (?:[\w-]+ ){0,2}?"
_ADVERBS = any_of(
    _LISTS["adverbs"],
    "in (?:reply|return)",
)
_MEANWHILE = rf"(?: {_ADVERBS}| (?:in|on|early in|late in) (?:{MONTH_NAME}|\d)[\w, ]{{0,16}}?)*"
_GIVING = any_of("add advance cite find give have lay leave make pass raise return see send")
_FORMS = tuple(
    map(
        lazy_pattern,
        (
            # "What did the German minister remark", "does Jackson say", "had Wilson told".
            rf"\b[Dd](?:id|oes|o) {_WHO}{_MEANWHILE} {_VERBS}",
            rf"\b[Hh](?:ad|as|ave) {_WHO}{_MEANWHILE} {_PAST}",
            # "What reason did Graziani give", "What fault did Lord Aberdeen find".
            rf"\b{_WORDS_OF}[^?]*? did {_WHO}{_MEANWHILE} {_GIVING}",
            # "What was Sir Robert Collier's opinion", "in Lord Grey's view", "by Dupuy's note".
            rf"\b(?:was|were|is|are|[Ii]n|[Bb]y) {_WHO}{_OWNS}(?:{_WORDS_OF}|{_RECORDS})",
            rf"\b[Aa]ccording to {_WHO}(?=[,?.]|$| (?:in|on|what|who|how|when)\b)",
            rf"\b[Aa]s {_WHO}{_MEANWHILE} {_PAST}",
            rf"\b{_PAST} by {_WHO}(?=[,?.]|$| (?:in|on|at|to|about|that|when|as)\b)",
            rf"\b(?:was|were) {_WHO} (?:free|told|asked|directed|instructed|ordered) to {_VERBS}",
            rf"\b(?:statement|remark|reply|answer|words|speech)s? (?:by|of) {_CASED}",
            rf", (?:said|says|wrote|asked|thought) {_WHO}\W*$",
            rf"^{_CASED} on (?:how|why|what|whether|when)\b",
        ),
    )
)
_OWNER = lazy_pattern(rf"(?P<who>.+?){_OWNS}{_RECORDS}", re.IGNORECASE)
_IS_RECORD = lazy_pattern(rf"(?:[\w.’'-]+ )*?{_RECORDS}(?! [A-Z])(?:\W.*)?$")
# A time after a name: "Canning in 1823", "Benavides the day after".
_WHEN = lazy_pattern(
    rf",? (?:(?:in|on|of|at) (?:the )?(?:early |late )?(?:{MONTH_NAME}|\d|[a-z]+ \d)"
    r"|the day|when|after|before|during|from|under|with|by|for|twice)\b.*"
)
# Endings of peoples' names that are the same in the plural: "the British", "the Japanese".
_INVARIABLE = lazy_pattern("(?:[cs]h|ese|ss)$")
_MONTH = lazy_pattern(MONTH_NAME)
_PARTICLES = frozenset(
    "al bin d da das de del della der di do dos du e ibn la las le los van von y zu".split()
)


def find_speaker(plain: str) -> str:
    """Return how a question names the speaker whose words it asks for, or "".

    A body with one voice, such as "the Chinese Government", is a speaker; several people, such as
    "the powers" or "the Japanese", are none.
    """
    for form in _FORMS:
        for match in form.finditer(plain):
            words = _clean(match["who"])
            has_article = plain[: match.start("who")].lower().endswith("the ")
            if words and not _is_group(words, has_article=has_article):
                return words
    return ""


def _is_group(words: str, *, has_article: bool) -> bool:
    """Return whether words mean several people: "powers", "London bankers", "the French"."""
    first, *others = re.split(r" and (?:the )?", words)
    if others and is_people(first):
        return _is_group(others[-1], has_article=True)
    pieces = re.split(r" (?:of|in|at|on|to|from|beyond) ", first, maxsplit=1)[0].split()
    head = pieces[-1].strip(".,'’")
    folded = head.casefold()
    if len(pieces) == 1 and is_people(folded):
        return folded.endswith(("s", "men")) or (has_article and bool(_INVARIABLE.search(folded)))
    if not head or folded in _BODIES or is_country(first):
        return False
    if words.endswith((" folk", " people")):
        return True
    if folded in _GROUPS or (folded.endswith("s") and folded[:-1] in _OFFICES):
        return has_article or head[0].islower()
    is_marked = has_article or any(piece[0].isupper() for piece in pieces[:-1])
    return is_marked and head[0].islower() and bool(re.search(r"(?:[^isu]s|men)$", folded))


def _clean(words: str) -> str:
    """Return the speaker in these words, the owner of a record included; "" for none."""
    if _NOBODY.match(words) or _MONTH.fullmatch(words):
        return ""
    owner = _OWNER.match(words)
    if owner:
        words = owner["who"]
    elif _IS_RECORD.match(words):
        return ""
    words = re.sub(r"(?:['’]s|['’])$", "", _WHEN.sub("", words).strip(" ,"))
    return words if re.search(r"[^\W\d_]", words) else ""


def split_speakers(words: str) -> tuple[str, ...]:
    """Split speakers that are named together: "Prince Ching and Li Hung-chang"."""
    parts = [part for part in re.split(r" and (?:the )?", words) if part]
    # "Case of Ulen and Company" is a single one.
    return (words,) if any(" of " in part for part in parts) else tuple(parts)


def name_of(words: str) -> str:
    """Return a speaker's name without titles and offices, or "" for an office alone.

    "John Russell" for "Lord John Russell", "Howe" for "Captain Howe of the Cleopatra", "" for "the
    King of Prussia".
    """
    head, *place = re.split(r" (?:of|in|at) ", words, maxsplit=1)
    pieces = head.split()
    last = max(
        (place for place, piece in enumerate(pieces) if _bare(piece) in _OFFICES), default=-1
    )
    name = pieces[last + 1 :]
    if not name:
        return ""
    # "London bankers" and "the editor" are no names.
    cased = any(piece[:1].isupper() for piece in pieces)
    if name[-1][:1].islower() and (cased or place):
        return ""
    return " ".join(name)


def speaker_terms(words: str) -> frozenset[str]:
    """Return the terms of a speaker's name, or those that distinguish an office."""
    terms: set[str] = set()
    for each in split_speakers(words):
        name = name_of(each)
        kept = [piece for piece in name.split() if _bare(piece) not in _PARTICLES]
        terms.update(analyze(" ".join(kept) if kept else each))
    return frozenset(terms) - TITLES


def without_titles(words: str) -> str:
    """Remove the titles around a name, as in "Ogata Ren Prime Minister"; keep titles alone."""
    return " ".join(piece for piece in words.split() if _bare(piece) not in _OFFICES) or words


def _bare(piece: str) -> str:
    """Return a word of a name in small letters, without punctuation and possessive."""
    return piece.strip(".,'’").removesuffix("'s").removesuffix("’s").casefold()
