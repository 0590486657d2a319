"""Whether a quotation stands in the archive, and word for word.

Exact words are looked for in every stored text, boilerplate and headings too; what differs in
typography alone, in every text that has some of its longest words. Altered words are looked for
around the passages that the lexical index ranks best, by aligning them word by word.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from enum import StrEnum

from corpus.documents import Document, Span, Turn, merge_spans
from corpus.errors import UsageError
from index.analyzer import analyze
from index.archive import Archive
from index.folding import ELLIPSIS, Folded, Token, find_words, fold
from index.generation import Manifest

MAX_QUOTATION_CHARS = 5000

# Altered words are looked for around this many passages.
_PASSAGES = 20
# Of the words of both sides this share must be the same, and at least so many.
_SHARE = 0.75
_LEAST_WORDS = 4
# Documents longer than this, in code points, are looked at around their best passages alone.
_WHOLE_CHARS = 50_000
# At most this many windows are aligned, the likeliest first: each takes up to tenths of a second.
_ALIGNED = 8
# Texts that have half of the quotation's longest words may differ in typography alone: others may
# be broken at the end of a line.
_LONGEST = 8
# Places of the first part of a quotation with ellipses that are followed up in a document.
_OPENINGS = 200
_STOPS = frozenset(".!?;:。" + ELLIPSIS)
_CLOSING = {'"': '"', "'": "'", "“": "”", "„": "”“", "‘": "’", "«": "»", "»": "«"}
_CLOSING |= {"‹": "›", "「": "」", "『": "』"}


class Finding(StrEnum):
    """How a quotation stands to the archive."""

    EXACT = "exact"
    TYPOGRAPHIC = "typographic"
    ALTERED = "altered"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words; `kind` tells what becomes of it from the stored text to the given one.

    "same", "inserted" (only in the given words) or "deleted" (only in the stored ones).
    """

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of a quotation: the finding, and the stored words that it comes from.

    `document` and `span` are None where nothing was found; `turn` is the turn that the span lies
    in. `difference` is empty unless the finding is "altered".
    """

    quotation: str
    finding: Finding
    searched: Manifest
    document: Document | None = None
    span: Span | None = None
    difference: tuple[Piece, ...] = ()

    @property
    def turn(self) -> Turn | None:
        """The speaker's turn that holds the whole span."""
        if self.document is None or self.span is None:
            return None
        turns = self.document.structure.turns
        return next((turn for turn in turns if turn.span.holds(self.span)), None)

    @property
    def text(self) -> str | None:
        """The stored words."""
        return self.span.of(self.document.text) if self.document and self.span else None


@dataclass(frozen=True, slots=True)
class _Window:
    """A stretch of a document's tokens that may hold the quotation."""

    document: Document
    tokens: list[Token]
    shared: int


@dataclass(frozen=True, slots=True)
class _Alignment:
    share: float
    document: Document
    span: Span
    difference: tuple[Piece, ...]


def verify(quotation: str, archive: Archive) -> Verification:
    """Return whether the archive has these words, exactly or altered, and where.

    Raises UsageError for fewer than two words and for more than 5,000 characters.
    """
    given = clean_quotation(quotation)
    bare = _unquote(given)
    found = (
        _find_exactly((given, bare), archive)
        or _find_folded(bare, archive)
        or _find_altered(bare, archive)
    )
    if found is None:
        return Verification(given, Finding.NOT_FOUND, archive.manifest)
    finding, document, span, difference = found
    return Verification(given, finding, archive.manifest, document, span, difference)


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


_Found = tuple[Finding, Document, Span, tuple[Piece, ...]]


def _unquote(given: str) -> str:
    """Return the words inside the quotation marks that surround all of them, if any do."""
    if given[-1] in _CLOSING.get(given[0], ""):
        inner = given[1:-1].strip()
        # “A” and “B” opens and closes too, but is no single quotation.
        if given[0] in "\"'" or given[0] not in inner or given[-1] not in inner:
            return inner
    return given


def _find_exactly(wordings: Iterable[str], archive: Archive) -> _Found | None:
    for wording in dict.fromkeys(wordings):
        for doc_id, text in archive.store.texts():
            place = next(find_words(text, wording), None)
            if place:
                return Finding.EXACT, archive.document(doc_id), Span(*place), ()
    return None


def _find_folded(bare: str, archive: Archive) -> _Found | None:
    """Return the first text that has the words in other typography."""
    wordings = dict.fromkeys(fold(bare, join=join).text.strip() for join in (True, False))
    tokens = fold(bare, join=True).tokens
    longest = sorted(
        {token.word for token in tokens if token.is_word}, key=lambda word: (-len(word), word)
    )
    longest = longest[:_LONGEST]
    least = (len(longest) + 1) // 2
    for doc_id, text in archive.store.texts():
        plain = unicodedata.normalize("NFKC", text).casefold()
        if sum(word in plain for word in longest) < least:
            continue
        for folded in _foldings(text):
            for wording in wordings:
                span = _find_parts(folded, wording)
                if span:
                    return Finding.TYPOGRAPHIC, archive.document(doc_id), span, ()
    return None


def _foldings(text: str) -> Iterator[Folded]:
    joined = fold(text, join=True)
    yield joined
    if re.search(r"[-\u2010][ \t]*\r?\n", text):
        yield fold(text, join=False)


def _find_parts(folded: Folded, wording: str) -> Span | None:
    """Return the shortest span that has the wording, or in order its parts between ellipses."""
    whole = next(folded.find(wording), None)
    if whole:
        return folded.unfold(*whole)
    parts = [part for part in (part.strip() for part in wording.split(ELLIPSIS)) if part]
    best: tuple[int, int] | None = None
    if ELLIPSIS not in wording or not parts:
        return None
    for opening, (start, end) in enumerate(folded.find(parts[0])):
        reached = end
        for part in parts[1:]:
            following = next(folded.find(part, reached), None)
            if following is None:
                # What does not follow here follows nowhere further on.
                return folded.unfold(*best) if best else None
            reached = following[1]
        if best is None or reached - start < best[1] - best[0]:
            best = start, reached
        if opening >= _OPENINGS:
            break
    return folded.unfold(*best) if best else None


def _find_altered(bare: str, archive: Archive) -> _Found | None:
    """Return the best alignment of the words with a likely stretch of a document."""
    given = fold(bare, join=True).tokens
    total = sum(token.is_word for token in given)
    if total < _LEAST_WORDS:
        return None
    windows = [
        window
        for document, region in _likely_regions(bare, archive)
        if (window := _find_window(given, document, region)) is not None
    ]
    # No alignment has more words in common than the window has.
    likely = [w for w in windows if w.shared >= max(_LEAST_WORDS, _SHARE * total)]
    likely.sort(key=lambda window: -window.shared)
    best: _Alignment | None = None
    for window in likely[:_ALIGNED]:
        alignment = _align(bare, given, window)
        if alignment and (best is None or alignment.share > best.share):
            best = alignment
    if best is None or best.share < _SHARE:
        return None
    return Finding.ALTERED, best.document, best.span, best.difference


def _likely_regions(bare: str, archive: Archive) -> Iterator[tuple[Document, Span]]:
    """Yield whole documents, or the parts of long ones, around the best passages."""
    numbers, _ = archive.lexical.top(analyze(bare), _PASSAGES)
    spans: dict[str, list[Span]] = {}
    for number in numbers.tolist():
        passage = archive.table.passage(number)
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


def _find_window(given: Sequence[Token], document: Document, region: Span) -> _Window | None:
    """Return the stretch of the region that has most of the given words, rare ones first."""
    folded = fold(region.of(document.text), join=True)
    tokens = [
        Token(token.word, Span(token.span.start + region.start, token.span.end + region.start))
        for token in folded.tokens
    ]
    often = Counter(token.word for token in tokens)
    wanted = Counter(token.word for token in given if token.is_word)
    # Where words were left out the stored text is longer than the given one.
    factor = 3 if any(token.word == ELLIPSIS for token in given) else 1
    width = factor * (len(given) + len(given) // 4 + 4)
    held: Counter[str] = Counter()
    shared = best_shared = 0
    weight = best_weight = 0.0
    best_end = 0
    for end, token in enumerate(tokens):
        if token.word in wanted:
            held[token.word] += 1
            if held[token.word] <= wanted[token.word]:
                shared += 1
                weight += often[token.word] ** -0.5
        if end >= width and (gone := tokens[end - width].word) in wanted:
            if held[gone] <= wanted[gone]:
                shared -= 1
                weight -= often[gone] ** -0.5
            held[gone] -= 1
        # Sums of the same weights in another order differ in their last digits.
        if weight > best_weight + 1e-9:
            best_weight, best_shared, best_end = weight, shared, end + 1
    if not best_shared:
        return None
    margin = len(given) // 2 + 8
    stretch = tokens[max(0, best_end - width - margin) : best_end + margin]
    return _Window(document, stretch, best_shared)


def _align(bare: str, given: Sequence[Token], window: _Window) -> _Alignment | None:
    """Return the given words aligned with the part of the window that fits them best."""
    stored = window.tokens
    matcher = SequenceMatcher(
        None, [token.word for token in stored], [token.word for token in given], autojunk=False
    )
    blocks = _best_run([block for block in matcher.get_matching_blocks() if block.size], stored)
    if not blocks:
        return None
    blocks = _best_run([*_lead_in(stored, given, blocks[0]), *blocks], stored)
    first = _reach(stored, blocks[0].a, -1, sum(t.is_word for t in given[: blocks[0].b]))
    last_given = blocks[-1].b + blocks[-1].size
    last = _reach(
        stored, blocks[-1].a + blocks[-1].size, 1, sum(t.is_word for t in given[last_given:])
    )
    text = window.document.text
    pieces: list[Piece] = []
    here, there = first, 0
    ends = [(block.a, block.b, block.size) for block in blocks] + [(last, len(given), 0)]
    for a, b, size in ends:
        pieces += _piece("deleted", text, stored[here:a])
        pieces += _piece("inserted", bare, given[there:b])
        pieces += _piece("same", text, stored[a : a + size])
        here, there = a + size, b + size
    same = sum(token.is_word for b in blocks for token in stored[b.a : b.a + b.size])
    if same < _LEAST_WORDS:
        return None
    total = sum(token.is_word for token in given)
    if not any(token.word == ELLIPSIS for token in given):
        total = max(total, sum(token.is_word for token in stored[first:last]))
    span = Span(stored[first].span.start, stored[last - 1].span.end)
    return _Alignment(same / total, window.document, span, tuple(pieces))


def _lead_in(stored: Sequence[Token], given: Sequence[Token], first: Match) -> list[Match]:
    """Return the blocks before the first one, aligned backwards.

    Of words that stand in several places the matcher takes the first, which may lie far ahead of
    the quotation; read backwards, the first is the nearest.
    """
    before = stored[max(0, first.a - 2 * first.b - 2) : first.a]
    backwards = SequenceMatcher(
        None,
        [token.word for token in reversed(before)],
        [token.word for token in reversed(given[: first.b])],
        autojunk=False,
    )
    return [
        Match(first.a - block.a - block.size, first.b - block.b - block.size, block.size)
        for block in reversed(backwards.get_matching_blocks())
        if block.size
    ]


def _best_run(blocks: list[Match], stored: Sequence[Token]) -> list[Match]:
    """Return the neighbouring blocks with most words in common and fewest stored ones between."""
    best, best_score = slice(0, 0), 0.0
    start, score = 0, 0.0
    for place, block in enumerate(blocks):
        if place:
            before = blocks[place - 1]
            gap = stored[before.a + before.size : block.a]
            score -= 0.5 * sum(token.is_word for token in gap)
        if score < 0 or not place:
            start, score = place, 0.0
        score += sum(token.is_word for token in stored[block.a : block.a + block.size])
        if score > best_score:
            best, best_score = slice(start, place + 1), score
    return blocks[best]


def _reach(stored: Sequence[Token], edge: int, step: int, words: int) -> int:
    """Return the edge moved over as many stored words as the given ones have beyond it.

    These are what was replaced at the edge; they end with the clause.
    """
    reached = edge
    while words:
        place = edge if step > 0 else edge - 1
        if not 0 <= place < len(stored) or stored[place].word in _STOPS:
            break
        edge += step
        if stored[place].is_word:
            words -= 1
            reached = edge
    return reached


def _piece(kind: str, text: str, tokens: Sequence[Token]) -> list[Piece]:
    if not tokens:
        return []
    words = text[tokens[0].span.start : tokens[-1].span.end]
    return [Piece(kind, " ".join(words.split()))]
