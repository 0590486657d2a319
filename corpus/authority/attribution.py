"""Whose words stand in a source, and what kind of source it is: the line beside each quotation.

A record of talks is one side's summary, often read in translation. Its words are attributed to a
speaker by that record; that he said them is not known, and is never claimed. The kind of source,
its part and telegram are given as its provenance has them.
"""

from enum import StrEnum

from corpus.authority.parts import describe_rendition, part_at
from corpus.authority.relations import find_separate
from corpus.documents import Document, Provenance, Span, Turn
from corpus.languages import name_language
from corpus.word_lists import read_lists

_KNOWN = read_lists(__file__)
_RECORDS, _ARTICLES = frozenset(_KNOWN["records"]), frozenset(_KNOWN["articles"])
_ADJECTIVES: dict[str, str] = _KNOWN["adjectives"]
_SAME = {name: side for side, names in _KNOWN["names"].items() for name in names} | {
    side.casefold(): side for side in _ADJECTIVES
}


class Category(StrEnum):
    """What a source is to those who ask: the record itself, or something about it."""

    RECORD = "record"
    ABSTRACT = "abstract"
    ARTICLE = "article"
    BACKGROUND = "background"

    @classmethod
    def of(cls, provenance: Provenance) -> "Category | None":
        """Return the category of a document's kind; None where that is none of them."""
        kind = (provenance.kind or "").casefold()
        if kind in _RECORDS:
            return cls.RECORD
        if kind in _ARTICLES:
            return cls.ARTICLE
        return next((each for each in (cls.ABSTRACT, cls.BACKGROUND) if each == kind), None)


def attribute(provenance: Provenance, turn: Turn | None) -> str:
    """Return whose words a quotation has, as its source attributes them, or else what it is from.

    "Attributed to Hosokawa Morihiro (as “Prime Minister”) in a Japanese record, English
    translation"; "From an abstract of a Japanese record".
    """
    source = describe_source(provenance)
    return f"Attributed to {_speaker(turn)} in {source}" if turn else f"From {source}"


def attribute_words(document: Document, span: Span | None, turn: Turn | None) -> str:
    """Return the attribution of the words in a span, by the record that they belong to.

    "From a note by Tull, enclosed in Orme to Quillan, November 3, 1871"; "From a telegram, an
    editors’ summary". Words outside of enclosures and of editors' words as `attribute` says.
    """
    if turn is not None or span is None or document.provenance.is_own:
        return attribute(document.provenance, turn)
    part = part_at(document, span)
    source = describe_source(part.provenance)
    if part.is_enclosed:
        kind = part.provenance.kind or "document"
        by = f" by {' and '.join(part.writers[:2])}" if part.writers else ""
        source = f"{_article(kind)} {kind}{by}, {part.enclosed_in}"
    if part.editorial and part.editorial not in source:
        source = f"{source}, {part.editorial}"
    return f"From {source}"


def describe_source(provenance: Provenance) -> str:
    """Return the kind of a source, with its article: "a Japanese record, English translation"."""
    if provenance.is_own:
        if provenance.kind != "abstract":
            return "a background note"
        return f"an abstract of {_name(provenance.about)}" if provenance.about else "an abstract"
    said = (describe_rendition(provenance), translation(provenance))
    return ", ".join(filter(None, (_name(provenance), *said)))


def describe_details(provenance: Provenance) -> tuple[str, ...]:
    """Return the details that `attribute` omits: the source's own kind and its place in a series.

    "cable", "separate telegram 4 of no. 5513", "part 1 of 2".
    """
    if provenance.is_own:
        # A background note is about more than the record that it names.
        about = series(provenance.record) if provenance.kind == "abstract" else ()
        return (
            "a finding aid written for memcon, not a source",
            *(f"about {each}" for each in about),
        )
    kind = provenance.kind
    named = kind and provenance.side and Category.of(provenance) is Category.RECORD
    return (*([kind] if kind and named else []), *series(provenance))


def name_kind(provenance: Provenance) -> str:
    """Return the kind of a source in a word or two: "record (cable)", "abstract", "article"."""
    kind = provenance.kind
    if kind is None:
        return "kind not known"
    if Category.of(provenance) is Category.RECORD and "record" not in kind.casefold():
        return f"record ({kind})"
    return kind


def series(record: Provenance) -> tuple[str, ...]:
    """Return which telegram and which part of a record one is, where it is one of several."""
    told = []
    separate = record.separate_telegram or find_separate(record.title or "")
    if separate:
        of = f" of no. {record.parent}" if record.parent else ""
        told.append(f"separate telegram {separate}{of}")
    elif record.parent:
        told.append(f"belongs to no. {record.parent}")
    if record.part:
        told.append(f"part {record.part}")
    return tuple(told)


def translation(provenance: Provenance) -> str | None:
    """Return that the text is a translation, and into what: "English translation"; or None."""
    original, language = provenance.original_language, provenance.language
    if original and language and _primary(original) == _primary(language):
        return None
    if not (original or provenance.translator):
        return None
    return f"{name_language(language)} translation" if language else "in translation"


def name_side(side: str | None) -> str | None:
    """Return the one name of a government that may be called by several: "Japan", or None."""
    known = (side or "").strip()
    return _SAME.get(known.removeprefix("the ").casefold(), known) or None


def _speaker(turn: Turn) -> str:
    label = f"“{turn.label}”"
    if not turn.name:
        return label
    return (
        turn.name
        if turn.name.casefold() == turn.label.casefold()
        else (f"{turn.name} (as {label})")
    )


def _name(provenance: Provenance) -> str:
    """Return a source by side, where it is known to be one side's record, or else by kind."""
    side = name_side(provenance.side)
    kind = provenance.kind or "document of unknown kind"
    if side is None:
        return f"{_article(kind)} {kind}"
    named = "record" if Category.of(provenance) is Category.RECORD else provenance.kind
    named = named or "document"
    adjective = _ADJECTIVES.get(side)
    if adjective is None:
        return f"{_article(named)} {named} from the side of {side}"
    return f"{_article(adjective)} {adjective} {named}"


def _article(words: str) -> str:
    return "an" if words[:1].casefold() in "aeio" else "a"


def _primary(language: str) -> str:
    return language.partition("-")[0].casefold()
