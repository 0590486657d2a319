"""What a kind of document is called by the Citation Style Language, RIS and BibLaTeX.

Chosen so that Zotero imports each as the type that its users would choose: letters as letters,
speeches as presentations, what is printed in a volume as a section of a book.
"""

from typing import NamedTuple

from corpus.documents import Provenance
from corpus.word_lists import read_lists


class PublicationType(NamedTuple):
    """One type in three vocabularies."""

    csl: str
    ris: str
    biblatex: str


_TYPES = {
    kind: PublicationType(*each["names"])
    for each in read_lists(__file__)["type"]
    for kind in each["kinds"]
}
LETTER, _EMAIL, _CHAPTER = _TYPES["letter"], _TYPES["e-mail"], _TYPES["chapter"]
_UNKNOWN = _TYPES["record"]._replace(csl="document")


def type_of(record: Provenance) -> PublicationType:
    """Return the type of a record, by its kind and whether it is printed in a volume.

    A kind of several words that is not listed counts as what its last or first word says:
    "circular telegram", "memorandum of conversation". Without a kind, what one person wrote to
    another is a letter. Anything else is an archival record.
    """
    kind = (record.kind or "").casefold()
    words = kind.split() or [""]
    known = next((_TYPES[name] for name in (kind, words[-1], words[0]) if name in _TYPES), _UNKNOWN)
    if not kind and record.creators and record.recipients:
        known = LETTER
    return _CHAPTER if record.container and known not in {LETTER, _EMAIL} else known


def volume_date(record: Provenance) -> str | None:
    """Return when the volume of a chapter came out; None for letters, which keep their own date."""
    return record.publication_date if type_of(record) is _CHAPTER and record.container else None
