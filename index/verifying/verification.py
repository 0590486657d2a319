"""Whether a quotation stands in the archive, word for word, and who wrote or said it.

Words are looked for first in the documents that the lexical index ranks best for them, then in
every stored text, boilerplate and headings too: exactly, then in other typography, then without
the brackets that the quotation puts in. Altered words, and words put together from several places,
are looked for in the best documents alone.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import chain, islice, pairwise

from corpus.authority.parts import part_at
from corpus.documents import Document, Span, Turn, merge_spans
from corpus.errors import UsageError
from index.answering.context import find_surroundings
from index.retrieval.archive import Archive
from index.storage.generation import Manifest
from index.text.analyzer import analyze
from index.text.folding import find_words, fold
from index.text.typography import find_folded
from index.verifying.alignment import LEAST_WORDS, Alignment, Piece, align, find_window
from index.verifying.attribution import find_named, is_attributed, is_kept_apart
from index.verifying.brackets import Reading, find_brackets, readings
from index.verifying.splices import Part, Splice, find_splice

MAX_QUOTATION_CHARS = 5000
_WORD = re.compile(r"\w+")

# Altered words are looked for around this many passages.
_PASSAGES = 20
# Of the words of both sides this share must be the same; less where a machine read the text.
_SHARE = 0.75
_SCANNED_SHARE = 0.5
# Two words are readings of one when so much of their letters is the same.
_MISREAD = 0.5
# An alignment of this share is not looked for elsewhere in parts.
_NEARLY_ALL = 0.9
# The parts of a quotation that stand in one document are one place when so few words, or half as
# many as are quoted, lie between.
_GAP_CHARS = 40
# Of words that stand in several places, this many places are checked for the attribution.
_MOST_PLACES = 50
# Documents longer than this, in code points, are looked at around their best passages alone.
_WHOLE_CHARS = 50_000
# At most this many windows are aligned, the likeliest first: each takes up to tenths of a second.
_ALIGNED = 8
_CLOSING = {'"': '"', "'": "'", "“": "”", "„": "”“", "‘": "’", "«": "»", "»": "«"}
_CLOSING |= {"‹": "›", "「": "」", "『": "』"}


class Finding(StrEnum):
    """How a quotation stands to the archive."""

    EXACT = "exact"
    TYPOGRAPHIC = "typographic"
    # Only brackets that the quotation puts in differ: "[T]he", "[sic]".
    BRACKETED = "bracketed"
    # Letters differ as they do where a machine read a scan.
    SCANNED = "scanned"
    # The words stand in the archive, but from somebody or something else.
    MISATTRIBUTED = "misattributed"
    SPLICED = "spliced"
    ALTERED = "altered"
    NOT_FOUND = "not_found"

    @property
    def is_found(self) -> bool:
        """Whether the archive has the words as they were given."""
        return self in {Finding.EXACT, Finding.TYPOGRAPHIC, Finding.BRACKETED, Finding.SCANNED}


@dataclass(frozen=True, slots=True)
class Verification:
    """The verification of a quotation: the finding, and the stored words that it comes from.

    `document` and `span` are None where nothing was found, and the first part's where words were
    spliced; `turn` is the turn that the span lies in. `brackets` are the quotation's own, where
    only they differ. `difference` is empty unless the finding is
    "altered" or "scanned", `parts` unless it is "spliced". `attribution` says whether the record
    attributes the words as was asked: None where that was not asked, or is left open. `omitted`
    counts the words of the span that the quotation leaves out, at an ellipsis.
    """

    quotation: str
    finding: Finding
    searched: Manifest
    document: Document | None = None
    span: Span | None = None
    difference: tuple[Piece, ...] = ()
    brackets: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    attributed_to: str | None = None
    attribution: bool | None = None
    omitted: int = 0

    @property
    def turn(self) -> Turn | None:
        """The speaker's turn that holds the whole span."""
        return _turn_of(self.document, self.span) if self.document and self.span else None

    @property
    def writers(self) -> tuple[str, ...]:
        """Who wrote the record that the words belong to, which may be an enclosure."""
        if self.document is None or self.span is None:
            return ()
        record = part_at(self.document, self.span).provenance
        return record.creators or record.signers

    @property
    def caveat(self) -> str | None:
        """That the words are not the source's own, or some are left out between them; or None."""
        if self.document is None or self.span is None:
            return None
        editorial = part_at(self.document, self.span).editorial
        if editorial:
            return f"These are not the writer's words but the editors': {editorial}."
        if is_kept_apart(self.document, self.span):
            return "They stand in quoted mail, in a note or on the edge of a page, not in the text."
        if self.omitted:
            return f"The quotation leaves out words that stand between: {self.omitted:,}."
        return None

    @property
    def context(self) -> tuple[Span, Span] | None:
        """What stands before and after the words in their paragraph."""
        return find_surroundings(self.document, self.span) if self.document and self.span else None

    @property
    def text(self) -> str | None:
        """The stored words."""
        return self.span.of(self.document.text) if self.document and self.span else None


def verify(quotation: str, archive: Archive, attributed_to: str | None = None) -> Verification:
    """Return whether the archive has these words, exactly or altered, and where.

    `attributed_to` names their speaker or writer, or their document. Raises UsageError for fewer
    than two words and for more than 5,000 characters.
    """
    given = clean_quotation(quotation)
    bare = _unquote(given)
    found = Verification(
        given, Finding.NOT_FOUND, archive.manifest, attributed_to=attributed_to or None
    )
    regions = list(_likely_regions(bare, archive))
    places = _find_verbatim(dict.fromkeys((given, bare)), bare, regions, archive)
    # Brackets may be the source's own: those are tried first.
    own = _find_bracketed(bare, regions, archive)
    verbatim = _choose(places, found, archive) or _choose(own, found, archive)
    return verbatim or _find_reworked(bare, regions, archive, found)


def clean_quotation(quotation: str) -> str:
    """Return a quotation without what surrounds it and without control characters.

    Raises UsageError for fewer than two words and for more than 5,000 characters.
    """
    given = "".join(
        char
        for char in quotation
        if char.isspace() or unicodedata.category(char) not in {"Cc", "Cs"}
    ).strip()
    if len(given) > MAX_QUOTATION_CHARS:
        raise UsageError(
            f"The quotation has {len(given):,} characters, more than {MAX_QUOTATION_CHARS:,}."
        )
    if sum(token.is_word for token in fold(given, join=True).tokens) < 2:
        raise UsageError(
            "A quotation to verify has two words or more.", 'memcon verify "the words as quoted"'
        )
    return given


def _unquote(given: str) -> str:
    """Return the words inside the quotation marks that surround all of them, if any do."""
    if given[-1] in _CLOSING.get(given[0], ""):
        inner = given[1:-1].strip()
        # “A” and “B” opens and closes too, but is no single quotation.
        if given[0] in "\"'" or given[0] not in inner or given[-1] not in inner:
            return inner
    return given


def _choose(
    places: Iterator[Verification], asked: Verification, archive: Archive
) -> Verification | None:
    """Return the first place, or the first that is attributed as was asked."""
    first: Verification | None = None
    named = find_named(asked.attributed_to, archive) if asked.attributed_to else frozenset[str]()
    for place in islice(places, _MOST_PLACES):
        if asked.attributed_to is None or place.document is None:
            return replace(place, quotation=asked.quotation)
        attribution = _attribute(place, asked.attributed_to, archive, named)
        result = replace(
            place,
            quotation=asked.quotation,
            attributed_to=asked.attributed_to,
            attribution=attribution,
        )
        if attribution or place.finding is Finding.SPLICED:
            return result
        # Where it is left open who is meant, that is no contradiction.
        if first is None or (first.attribution is False and attribution is None):
            first = result
    if first is not None and first.attribution is False:
        return replace(first, finding=Finding.MISATTRIBUTED)
    return first


def _attribute(
    place: Verification, name: str, archive: Archive, named: AbstractSet[str]
) -> bool | None:
    """Return whether the words of a place are attributed to the person or document named."""
    if place.document is None or place.span is None:
        return None
    return is_attributed(name, place.document, place.span, place.turn, archive.names, named)


def _find_verbatim(
    wordings: Iterable[str],
    bare: str,
    regions: Sequence[tuple[Document, Span]],
    archive: Archive,
) -> Iterator[Verification]:
    """Yield where the words stand, exactly and then in other typography, likely documents first."""
    likely = _likely_texts(regions)
    for doc_id, text in chain(likely.items(), _other_texts(likely, archive)):
        for wording in wordings:
            for place in find_words(text, wording):
                document = archive.document(doc_id)
                yield Verification(bare, Finding.EXACT, archive.manifest, document, Span(*place))
    for doc_id, text in chain(likely.items(), _other_texts(likely, archive)):
        if parts := find_folded(bare, text):
            yield _place_parts(doc_id, parts, Finding.TYPOGRAPHIC, archive)


def _find_bracketed(
    bare: str, regions: Sequence[tuple[Document, Span]], archive: Archive
) -> Iterator[Verification]:
    """Yield where the words stand without the quotation's own brackets, closest readings first.

    The texts that are not likely are read once for all readings.
    """
    own, ways = find_brackets(bare), list(readings(bare))
    finding = Finding.BRACKETED if own else Finding.TYPOGRAPHIC
    likely = _likely_texts(regions)
    elsewhere: dict[Reading, list[tuple[str, tuple[Span, ...]]]] | None = None
    for way in ways:
        for doc_id, text in likely.items():
            if parts := way.find(text):
                yield replace(_place_parts(doc_id, parts, finding, archive), brackets=own)
        if elsewhere is None:
            elsewhere = {each: [] for each in ways}
            for doc_id, text in _other_texts(likely, archive):
                for each in ways:
                    if parts := each.find(text):
                        elsewhere[each].append((doc_id, parts))
        for doc_id, parts in elsewhere[way]:
            yield replace(_place_parts(doc_id, parts, finding, archive), brackets=own)


def _place_parts(
    doc_id: str, parts: Sequence[Span], finding: Finding, archive: Archive
) -> Verification:
    """Return the place of words found part by part, between ellipses."""
    document, whole = archive.document(doc_id), Span(parts[0].start, parts[-1].end)
    gaps = (Span(one.end, other.start).of(document.text) for one, other in pairwise(parts))
    omitted = sum(len(_WORD.findall(gap)) for gap in gaps)
    found = Verification("", finding, archive.manifest, document, whole, omitted=omitted)
    if len({_turn_of(document, part) for part in parts}) == 1:
        return found
    # Words of two speakers, with an ellipsis for what parts them, are nobody's.
    joined = tuple(Part(document, part) for part in parts)
    return replace(found, finding=Finding.SPLICED, span=parts[0], parts=joined, omitted=0)


def _likely_texts(regions: Sequence[tuple[Document, Span]]) -> dict[str, str]:
    return {document.doc_id: document.text for document, _ in regions}


def _other_texts(likely: Mapping[str, str], archive: Archive) -> Iterator[tuple[str, str]]:
    """Yield the ids and texts of all documents but the likely ones."""
    return (known for known in archive.engine.texts() if known[0] not in likely)


def _find_reworked(
    bare: str,
    regions: Sequence[tuple[Document, Span]],
    archive: Archive,
    asked: Verification,
) -> Verification:
    """Return how words were altered, or put together, from the likely regions."""
    alignment = _find_altered(bare, regions)
    if alignment is None or alignment.share < _NEARLY_ALL:
        splice = find_splice(bare, [*regions, *_regions_of_halves(bare, regions, archive)])
        if splice and splice.share >= (_NEARLY_ALL if alignment else _SHARE) and _is_apart(splice):
            first = splice.parts[0]
            return replace(
                asked,
                finding=Finding.SPLICED,
                document=first.document,
                span=first.span,
                parts=splice.parts,
            )
    if alignment is None:
        return asked
    found = replace(
        asked,
        finding=Finding.SCANNED if _is_misread(alignment) else Finding.ALTERED,
        document=alignment.document,
        span=alignment.span,
        difference=alignment.difference,
    )
    if asked.attributed_to is None:
        return found
    named = find_named(asked.attributed_to, archive)
    attribution = _attribute(found, asked.attributed_to, archive, named)
    if found.finding is Finding.SCANNED and attribution is False:
        found = replace(found, finding=Finding.MISATTRIBUTED)
    return replace(found, attribution=attribution)


def _find_altered(bare: str, regions: Sequence[tuple[Document, Span]]) -> Alignment | None:
    """Return the best alignment of the words with a likely stretch of a document."""
    given = fold(bare, join=True).tokens
    total = sum(token.is_word for token in given)
    if total < LEAST_WORDS:
        return None
    windows = [
        window
        for document, region in regions
        if (window := find_window(given, document, region)) is not None
    ]
    # No alignment has more words in common than the window has.
    likely = [
        window
        for window in windows
        if window.shared >= max(LEAST_WORDS, _least_share(window.document) * total)
    ]
    likely.sort(key=lambda window: -window.shared)
    best: Alignment | None = None
    for window in likely[:_ALIGNED]:
        alignment = align(bare, given, window)
        if alignment and (best is None or alignment.share > best.share):
            best = alignment
    if best is None or (best.share < _SHARE and not _is_misread(best)):
        return None
    return best


def _least_share(document: Document) -> float:
    return _SCANNED_SHARE if document.provenance.extraction else _SHARE


def _is_misread(alignment: Alignment) -> bool:
    """Return whether every difference may be a machine's, in a text that it read from a scan.

    A word that was put in or left out is none of these: each must stand for one much like it.
    """
    if not alignment.document.provenance.extraction or alignment.share < _SCANNED_SHARE:
        return False
    changed = [piece for piece in alignment.difference if piece.kind != "same"]
    if len(changed) % 2:
        return False
    pairs = zip(changed[::2], changed[1::2], strict=True)
    return all(
        (stored.kind, given.kind) == ("deleted", "inserted")
        and _likeness(stored.words, given.words) >= _MISREAD
        for stored, given in pairs
    )


def _likeness(one: str, other: str) -> float:
    """Return the share of the letters of two runs of words that is the same, in order."""
    first, second = ("".join(words.casefold().split()) for words in (one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _is_apart(splice: Splice) -> bool:
    """Return whether the parts stand in several places, not side by side with a little left out."""
    return any(
        before.document.doc_id != after.document.doc_id
        or after.span.start < before.span.end
        or after.span.start - before.span.end > max(_GAP_CHARS, len(before.text + after.text) // 2)
        for before, after in pairwise(splice.parts)
    )


def _turn_of(document: Document, span: Span) -> Turn | None:
    turns = document.structure.turns
    return next((turn for turn in turns if turn.span.holds(span)), None)


def _regions_of_halves(
    bare: str, known: Sequence[tuple[Document, Span]], archive: Archive
) -> Iterator[tuple[Document, Span]]:
    """Yield the regions that are likely for a half of the words and not for all of them."""
    words = bare.split()
    middle = len(words) // 2
    seen = {(document.doc_id, region) for document, region in known}
    for half in (words[:middle], words[middle:]):
        for document, region in _likely_regions(" ".join(half), archive):
            if (document.doc_id, region) not in seen:
                seen.add((document.doc_id, region))
                yield document, region


def _likely_regions(bare: str, archive: Archive) -> Iterator[tuple[Document, Span]]:
    """Yield whole documents, or the parts of long ones, around the best passages."""
    numbers, _ = archive.engine.rank_by_terms(Counter(analyze(bare)), _PASSAGES)
    spans: dict[str, list[Span]] = {}
    for passage in archive.engine.passages(numbers.tolist()):
        spans.setdefault(passage.doc_id, []).append(passage.span)
    margin = 2 * len(bare) + 200
    for doc_id, near in spans.items():
        document = archive.document(doc_id)
        length = len(document.text)
        if length <= _WHOLE_CHARS:
            yield document, Span(0, length)
            continue
        for region in merge_spans(
            Span(max(0, span.start - margin), min(length, span.end + margin)) for span in near
        ):
            yield document, region
