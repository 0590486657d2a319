"""What a kind of document is called by the Citation Style Language, RIS and BibLaTeX.

Chosen so that Zotero imports each as the type that its users would choose: letters as letters,
speeches as presentations, what is printed in a volume as a section of a book.
"""

from typing import NamedTuple

from corpus.documents import Provenance


class PublicationType(NamedTuple):
    """One type in three vocabularies."""

    csl: str
    ris: str
    biblatex: str


LETTER = PublicationType("personal_communication", "PCOMM", "unpublished")
_EMAIL = LETTER._replace(ris="ICOMM")
_CHAPTER = PublicationType("chapter", "CHAP", "incollection")
_MANUSCRIPT = PublicationType("manuscript", "MANSCPT", "unpublished")
_UNKNOWN = _MANUSCRIPT._replace(csl="document")
_LETTERS = (
    "aide-mémoire,airgram,cable,circular,despatch,dispatch,instruction,letter,message,note,telegram"
)
_SPEECHES = "address,news conference,press briefing,press conference,remarks,speech,statement,toast"
_TYPES = {
    kind: kept
    for kinds, kept in {
        _LETTERS: LETTER,
        "e-mail": _EMAIL,
        "debate,exchange,memorandum,minutes,record,transcript": _MANUSCRIPT,
        _SPEECHES: PublicationType("speech", "SLIDE", "misc"),
        "interview": PublicationType("interview", "PCOMM", "misc"),
        "report": PublicationType("report", "RPRT", "report"),
        "web page": PublicationType("webpage", "ELEC", "online"),
        "article,magazine article": PublicationType("article-magazine", "MGZN", "article"),
        "newspaper article": PublicationType("article-newspaper", "NEWS", "article"),
        "journal article": PublicationType("article-journal", "JOUR", "article"),
        "book": PublicationType("book", "BOOK", "book"),
        "chapter,editorial note": _CHAPTER,
        "act,executive order,proclamation": PublicationType("legislation", "STAT", "misc"),
        "hearing": PublicationType("hearing", "HEAR", "misc"),
        "map": PublicationType("map", "MAP", "misc"),
        "thesis": PublicationType("thesis", "THES", "thesis"),
    }.items()
    for kind in kinds.split(",")
}


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
