"""Voices: whether a sentence has the words of the speaker whom a question asks for.

There are three: a record of talk attributes a turn to the speaker; the speaker wrote or signed the
record or its enclosure; or another's sentence reports what the speaker said. Otherwise the voice is
None, as for most text in quotation marks.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from corpus.authority.parts import part_at
from corpus.documents import Document, Provenance, Span, Turn
from corpus.letters import fold_letter, fold_strokes
from index.answering.reported_speech import said_after, said_before, said_by_pronoun
from index.text.analyzer import analyze
from index.understanding.names import Names
from index.understanding.speakers import name_of, split_speakers


class Voice(StrEnum):
    """How words belong to a speaker."""

    TURN = "turn"
    AUTHOR = "author"
    REPORT = "report"


# The start of a part of a record that another may have written.
_ENCLOSURE = re.compile(
    r"\W*(?:\d+\W*)?(?:list of |sub-?)?"
    r"(?:inclos|enclos|snbinclos|annex\b|attachment\b|appendix\b|tab \w)",
    re.IGNORECASE,
)
_HEADED = re.compile(
    r"\W*(?:extracts? (?:of|from)|no\. ?\d+"
    r"|(?:the |mr|m\.|sir|lord|count|baron|prince|general)\b.*\bto\b)",
    re.IGNORECASE,
)
_NOTES = re.compile(r"\W*notes?\b", re.IGNORECASE)
# A signature: few words, no digits.
_SIGNED = re.compile(r"[^\W\d_][^\d\n]{1,60}(?:\n|$)")

_TITLED = re.compile(
    r"\b(?:Mr|Mrs|Messrs|Dr|Sir|Lord|M|Sr|Señor|Senor|Count|Baron|Prince|General|Colonel|Captain"
    r"|Admiral|Senator|Judge|Marquis|Duke|President|Secretary|Minister|Ambassador|Consul|Viceroy"
    r"|Governor|Chancellor|Commissioner|Pasha|Bey)\b\.?"
)
# How far before a name reported speech is searched, in characters.
_NEAR = 60
# How much of a sentence is read, in characters.
_LONGEST = 2_000


class _Folding(dict[int, str]):
    """Folds one character to one, for `str.translate`; a character is computed once."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = self[code] = " " if char.isspace() else fold_letter(char).lower()[:1]
        return folded


_FOLDING = _Folding()


@dataclass(frozen=True, slots=True)
class _Speaker:
    """One speaker as a question names them: terms, and the pattern of the name in a sentence.

    `family` are the terms in every form of the name; none for an office. `known` matches anything
    that may mean them: "the King" for the King of Prussia, "the President" for President Grant.
    """

    terms: frozenset[str]
    family: frozenset[str]
    named: re.Pattern[str]
    known: re.Pattern[str]


class Voices:
    """Finds the voice of sentences for the speaker of one question, caching each document."""

    def __init__(self, words: str, names: Names | None = None) -> None:
        """Parse the speaker's name in a question; `names` has its other forms."""
        self.words = words
        forms = [
            form
            for each in split_speakers(words)
            for form in (each, *(names.forms(name_of(each) or each)[1:] if names else ()))
        ]
        self._speakers = tuple(filter(None, map(_read_speaker, dict.fromkeys(forms))))
        self._authorships: dict[str, _Authorship] = {}
        # Whether a document's text names the speaker, and whether words do.
        self._in_documents: dict[str, bool] = {}
        self._named: dict[str, bool] = {}

    def of(self, document: Document, turn: Turn | None, span: Span) -> Voice | None:
        """Return the voice of a span, or None if it is unclear."""
        if not self._speakers:
            return None
        if turn is not None and any(map(self._is_named, filter(None, (turn.label, turn.name)))):
            return Voice.TURN
        text = document.text[span.start : min(span.end, span.start + _LONGEST)]
        if turn is None:
            authorship = self._authorships.get(document.doc_id)
            if authorship is None:
                authorship = self._authorships[document.doc_id] = _Authorship(document)
            part = part_at(document, span)
            # The writer of the record around it did not write an enclosure.
            if part.is_enclosed:
                writers: Iterable[str] = part.writers or authorship.signers(span)
                sender = _sender(part.provenance.title or "")
            else:
                writers = authorship.of(span)
                sender = authorship.sender if authorship.is_own(span) else ""
            is_theirs = any(map(self._is_named, writers)) or self._is_sender(sender)
            if is_theirs and not (part.is_quotation or _is_quoted(document, span)):
                return Voice.AUTHOR
        if self._is_reported(_fold(text)) or self._goes_on(document, span, text):
            return Voice.REPORT
        return None

    def wrote(self, provenance: Provenance) -> bool:
        """Return whether the speaker wrote a record, by its provenance."""
        sender = _sender(provenance.title or "")
        return self._is_sender(sender) or any(map(self._is_named, provenance.creators))

    def is_named_in_document(self, document: Document, span: Span | None = None) -> bool:
        """Return whether a document's provenance or text, or its `span`, names the speaker."""
        named = None if span else self._in_documents.get(document.doc_id)
        if named is None:
            record = document.provenance.record
            known = (*record.creators, *record.recipients, *record.people, document.title)
            text = span.of(document.text) if span else document.text
            named = self.is_named_in("\n".join((*known, text)))
            if not span:
                self._in_documents[document.doc_id] = named
        return named

    def is_named_in(self, text: str) -> bool:
        """Return whether a text names the speaker, by name or by office."""
        if not text.isascii():
            plain = unicodedata.normalize("NFKD", fold_strokes(text))
            text = plain.encode("ascii", "ignore").decode()
        folded = text.lower()
        return not self._speakers or any(each.known.search(folded) for each in self._speakers)

    def _is_reported(self, folded: str) -> bool:
        """Return whether a sentence, in folded letters, reports the speaker's words."""
        return any(
            said_after().match(folded, match.end())
            or said_before().search(folded, max(0, match.start() - _NEAR), match.start())
            for each in self._speakers
            for match in each.named.finditer(folded)
        )

    def _is_named(self, words: str) -> bool:
        """Return whether words name the speaker: the person, or the same office."""
        named = self._named.get(words)
        if named is None:
            named = self._named[words] = self._names_speaker(words)
        return named

    def _names_speaker(self, words: str) -> bool:
        terms = _terms(words)
        name = {term for term in _terms(name_of(words) or words) if len(term) > 1}
        for each in self._speakers:
            own = {term for term in each.terms if len(term) > 1}
            if not each.family:
                named = each.terms == terms or (len(each.terms) > 1 and each.terms <= terms)
            else:
                named = own <= terms and len(own) > 1
                named |= each.family <= name and (name <= own or own <= name)
            if named:
                return True
        return False

    def _is_sender(self, words: str) -> bool:
        """Return whether the sender in a record's title holds the requested office."""
        terms = _terms(words)
        return any(
            not each.family and len(each.terms) > 1 and each.terms <= terms
            for each in self._speakers
        )

    def _goes_on(self, document: Document, span: Span, text: str) -> bool:
        """Return whether "he said" refers to the speaker, named before it in the paragraph."""
        if not said_by_pronoun().match(text):
            return False
        before = _fold(_before(document, span))
        last = max(
            (match.end() for each in self._speakers for match in each.named.finditer(before)),
            default=None,
        )
        if last is None:
            return False
        # No other person is named between the name and the pronoun.
        between = document.text[span.start - (len(before) - last) : span.start]
        return not _TITLED.search(between) and not _is_quoted(document, span)


class _Authorship:
    """The authors of each part of a document: the record itself and its enclosures."""

    def __init__(self, document: Document) -> None:
        structure, text = document.structure, document.text
        # A description of a record does not have its words.
        is_record = document.provenance.about is None
        self._creators = document.provenance.creators if is_record else ()
        self.sender = _sender(document.title) if is_record else ""
        apart = sorted((*structure.boilerplate, *structure.headings))
        heads = [(span, span.of(text)) for span in apart]
        # The first heading is the document's own.
        own = structure.headings[0].start if structure.headings else -1
        self._starts = [
            span.start
            for span, words in heads
            if _ENCLOSURE.match(words)
            or (span.start > own and span in structure.headings and _HEADED.match(words))
        ]
        self._ends = [
            (span.start, words)
            for span, words in heads
            if span not in structure.headings and _SIGNED.match(words) and not _NOTES.match(words)
        ]

    def of(self, span: Span) -> Iterable[str]:
        """Return the names of those who wrote or signed the part that a span is in."""
        return (*(self._creators if self.is_own(span) else ()), *self.signers(span))

    def signers(self, span: Span) -> Sequence[str]:
        """Return the names that stand below the part that a span is in."""
        following = next((start for start in self._starts if start > span.start), None)
        signed = [
            words.partition("\n")[0]
            for start, words in self._ends
            if start >= span.end and (following is None or start < following)
        ]
        return signed[:2]

    def is_own(self, span: Span) -> bool:
        """Return whether a span is in the record itself, not in an enclosure."""
        return not any(start <= span.start for start in self._starts)


def is_other_speaker(
    asked: Voices, document: Document, turn: Turn | None, span: Span | None = None
) -> bool:
    """Return whether words without a voice cannot be the speaker's.

    They are another's turn, or neither the record nor its `span`, if given, names the speaker.
    """
    return turn is not None or not asked.is_named_in_document(document, span)


def _read_speaker(words: str) -> _Speaker | None:
    name = name_of(words)
    terms = frozenset(_terms(name or words))
    if not terms:
        return None
    office = rf"(?<!\w)(?:{'|'.join(map(re.escape, _office_words(words, name)))})(?!\w)"
    if not name:
        return _Speaker(terms, frozenset(), _pattern_of(words), re.compile(office))
    pieces = name.split()
    # "Chang Chih-tung" and "Li Hung Chang" need the whole name, "John Russell" only the last.
    whole = len(pieces) > 1 and ("-" in pieces[-1] or (len(pieces) > 2 and _is_plain(pieces)))
    family = terms if whole else frozenset(_terms(pieces[-1]))
    named = _pattern_of(name if whole else pieces[-1])
    known = rf"{named.pattern}|{office}" if name != words else named.pattern
    return _Speaker(terms, family, named, re.compile(known))


def _office_words(words: str, name: str) -> list[str]:
    """Return the words of a title or office, without its place."""
    own = set(_fold(name).split())
    head = _fold(words).partition(" of ")[0]
    return [word for word in re.findall(r"\w+", head) if word not in own] or [head]


def _is_plain(pieces: Sequence[str]) -> bool:
    """Return whether all words of a name have a capital, and none is an initial."""
    return all(piece[:1].isupper() and not piece.endswith(".") for piece in pieces)


def _pattern_of(words: str) -> re.Pattern[str]:
    pieces = [re.escape(piece) for piece in re.findall(r"\w+", _fold(words))]
    pattern = r"[\W_]{1,2}".join(pieces)
    # Two names of one office.
    affairs = r"(?:foreign\\W+minister|(?:minister|secretary) (?:for|of) foreign affairs)"
    pattern = re.sub(r"\bforeign\[\\W_\]\{1,2\}minister\b", affairs, pattern)
    return re.compile(rf"(?<![\w-]){pattern}(?![\w-])")


def _sender(title: str) -> str:
    """Return the sender in a title, the part before "to": "The Minister in China (Ward)"."""
    sender, to, _ = title.partition(" to ")
    return sender if to else ""


def _is_quoted(document: Document, span: Span) -> bool:
    """Return whether a span starts inside quotation marks, or with one."""
    if document.text[span.start : span.start + 1] in {"“", '"', "‘"}:
        return True
    before = _before(document, span)
    return before.count("“") > before.count("”") or before.count('"') % 2 == 1


def _before(document: Document, span: Span) -> str:
    """Return the text before a span in its paragraph."""
    blocks = document.structure.blocks
    place = bisect_right(blocks, span.start, key=lambda block: block.end)
    start = min(blocks[place].start, span.start) if place < len(blocks) else span.start
    return document.text[max(start, span.start - _LONGEST) : span.start]


def _terms(words: str) -> set[str]:
    return set(analyze(words))


def _fold(words: str) -> str:
    """Return words in small letters without accents, keeping their length."""
    return words.translate(_FOLDING)
