"""Compare names, kinds, places and volumes of records with those of a question."""

import re
from collections.abc import Sequence

from index.text.tables import read_lists
from index.understanding.record_condition import fold_tokens

_LISTS = read_lists(__file__)

SMALL_WORDS = frozenset("the of for in at to and mr de".split())
# Words before a name, or at the end of an office's name.
_TITLES = frozenset(_LISTS["titles"].split())
_AFTER = frozenset("jr sr esq ii iii the and".split())
_OFFICE = re.compile(
    r"(?:[Tt]he )?(?P<head>[^()]+?) (?:of|in|at|for|to|on) (?:the )?(?P<domain>\S.*)"
)


_LETTER, _MEMORANDUM = "letter", "memorandum"
_FAMILIES = {
    **dict.fromkeys("telegram cablegram cable wire radiogram airgram".split(), "telegram"),
    **dict.fromkeys("letter note dispatch despatch".split(), _LETTER),
    **dict.fromkeys(
        (
            *("memorandum", "memo", "aide-mémoire"),
            *("memorandum of conversation", "record of conversation"),
        ),
        _MEMORANDUM,
    ),
}
# Kinds that may take any form, and words for any record.
_FREE = frozenset(_LISTS["free"].split())


def compare_kinds(asked: str, known: str | None) -> int:
    """Return 1 if a kind is the one asked for, 0 if it may be, -1 if it is another."""
    asked, known = _singular(asked), (known or "").casefold()
    if asked == known:
        return 1
    if not known or asked in _FREE or known in _FREE:
        return 0
    family, other = _FAMILIES.get(asked), _FAMILIES.get(known)
    if asked == "memorandum of conversation":
        return -1
    if family is None or other is None:
        return -1
    if family == other:
        return 1
    # A note may have the form of a memorandum.
    return 0 if {family, other} == {_LETTER, _MEMORANDUM} and asked == "note" else -1


def _singular(kind: str) -> str:
    words = (
        kind.casefold().replace("aide-memoire", "aide-mémoire").replace("memoranda", "memorandum")
    )
    words = words.replace("conversations", "conversation").replace("replies", "reply")
    words = words.replace("aides-mémoire", "aide-mémoire").removesuffix("s")
    return words.removesuffix("e") if words.endswith("patche") else words


def name_tokens(words: str) -> tuple[str, ...]:
    """Return the words of a person's name without titles and initials; none for an office.

    "Secretary of the Navy Swanson" gives "swanson"; "Minister in Egypt" and "British Embassy"
    give nothing.
    """
    bare = words.partition(",")[0]
    office = _OFFICE.match(bare)
    if office and all(token in _TITLES for token in fold_tokens(office["head"])):
        domain = [fold_tokens(word) for word in office["domain"].split()]
        # A name follows "of the Navy"; nothing follows "in Egypt".
        if not all(token in _TITLES for token in domain[0]):
            return ()
        bare = " ".join(office["domain"].split()[1:])
    tokens = [
        token for token in fold_tokens(bare.replace("White House", "")) if token not in _AFTER
    ]
    titles = [place for place, token in enumerate(tokens) if token in _TITLES]
    after = tokens[titles[-1] + 1 :] if titles else tokens
    return tuple(token for token in after if len(token) > 1 or not token.isascii())


def compare_names(wanted: Sequence[str], known: Sequence[str]) -> int:
    """Return 2 for the same family name, 1 if one name may be part of the other, else 0."""
    if not known:
        return 0
    given, others = wanted[:-1], known[:-1]
    if wanted[-1] == known[-1]:
        alike = (
            not given or not others or any(one[0] == other[0] for one in given for other in others)
        )
        return 2 if alike else 0
    part = set(wanted) <= set(known) or set(known) <= set(wanted)
    return int(part and bool({wanted[0], wanted[-1]} & {known[0]}))


VOLUME_WORDS = frozenset(_LISTS["volume_words"].split())


def volume_tokens(words: str) -> list[str]:
    """Return the words of a volume's name, letters and digits split apart."""
    return [
        token.lstrip("0") or token
        for word in fold_tokens(words)
        for token in re.findall(r"\d+|[^\W\d_]+", word)
    ]


def compare_places(wanted: frozenset[str], known: str | None) -> int:
    """Return 1 if one place contains the other, 0 if the record has none, -1 if they differ."""
    if known is None:
        return 0
    tokens = frozenset(fold_tokens(known))
    # A question may add the country: "Peking, China".
    return 1 if wanted <= tokens or tokens <= wanted else -1
