"""Word-by-word alignment of a quotation with a stored text."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher

from corpus.documents import Document, Span
from index.text.folding import ELLIPSIS, Token, fold

# The fewest equal words of a meaningful alignment.
LEAST_WORDS = 4
_STOPS = frozenset(".!?;:。" + ELLIPSIS)


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words of one `kind`.

    "same" is in both texts, "inserted" only in the quotation, "deleted" only in the stored text.
    """

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a document's tokens; `shared` of its words are in the quotation, too."""

    document: Document
    tokens: list[Token]
    shared: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """A quotation and the stored words most like it; `share` of the words are equal."""

    share: float
    document: Document
    span: Span
    difference: tuple[Piece, ...]


def find_window(given: Sequence[Token], document: Document, region: Span) -> Window | None:
    """Return the stretch of the region most like the given words; rare words count for more."""
    folded = fold(region.of(document.text), join=True)
    tokens = [
        Token(token.word, Span(token.span.start + region.start, token.span.end + region.start))
        for token in folded.tokens
    ]
    often = Counter(token.word for token in tokens)
    wanted = Counter(token.word for token in given if token.is_word)
    # A quotation with an ellipsis is shorter than the stored text.
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
        # Floating-point sums depend on the order of the terms.
        if weight > best_weight + 1e-9:
            best_weight, best_shared, best_end = weight, shared, end + 1
    if not best_shared:
        return None
    margin = len(given) // 2 + 8
    stretch = tokens[max(0, best_end - width - margin) : best_end + margin]
    return Window(document, stretch, best_shared)


def align(bare: str, given: Sequence[Token], window: Window) -> Alignment | None:
    """Align the given words with the part of the window most like them."""
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
    if same < LEAST_WORDS:
        return None
    total = sum(token.is_word for token in given)
    if not any(token.word == ELLIPSIS for token in given):
        total = max(total, sum(token.is_word for token in stored[first:last]))
    span = Span(stored[first].span.start, stored[last - 1].span.end)
    return Alignment(same / total, window.document, span, tuple(pieces))


def _lead_in(stored: Sequence[Token], given: Sequence[Token], first: Match) -> list[Match]:
    """Return the blocks before the first one, aligned backwards.

    The matcher takes the first occurrence of repeated words, which may be far before the quotation;
    backwards, the first occurrence is the nearest.
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
    """Return the run of blocks with the most words, less half of the stored words between them."""
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
    """Extend an edge over the stored words that were replaced there, and return it.

    These are as many as the quotation's `words` beyond the edge, up to the end of the clause.
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
