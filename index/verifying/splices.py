"""Quotations spliced from several passages, each part verbatim."""

import re
from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import pairwise

from corpus.documents import Document, Span
from index.text.folding import Token, fold
from index.verifying.alignment import LEAST_WORDS

_SENTENCE_END = re.compile(r"[.!?;:。…]")


@dataclass(frozen=True, slots=True)
class Part:
    """A run of a quotation's words, and its place in the archive."""

    document: Document
    span: Span

    @property
    def text(self) -> str:
        """The stored words."""
        return self.span.of(self.document.text)


@dataclass(frozen=True, slots=True)
class Splice:
    """The parts of a quotation, in its order; they make up `share` of its words."""

    parts: tuple[Part, ...]
    share: float


@dataclass(frozen=True, slots=True)
class _Run:
    """Words `first` to `last` - 1 of the quotation, found from word `start` of a region."""

    region: int
    start: int
    first: int
    last: int


def find_splice(bare: str, regions: Sequence[tuple[Document, Span]]) -> Splice | None:
    """Split a quotation into parts found in the regions, each of four words or more.

    Greedy from the left: the longest run of words in any region is taken; of equally long ones, one
    from the region of the part before. Returns None if there are fewer than two parts.
    """
    words = _words(bare)
    given = [token.word for token in words]
    if len(given) < 2 * LEAST_WORDS:
        return None
    texts = [_words(region.of(document.text)) for document, region in regions]
    ends = {
        place
        for place, (before, after) in enumerate(pairwise(words), start=1)
        if _SENTENCE_END.search(bare[before.span.end : after.span.start])
    }
    runs = _cover(given, ends, [[token.word for token in text] for text in texts])
    if len(runs) < 2:
        return None
    parts = []
    for run in runs:
        document, region = regions[run.region]
        tokens = texts[run.region][run.start : run.start + run.last - run.first]
        start, end = tokens[0].span.start, tokens[-1].span.end
        parts.append(Part(document, Span(region.start + start, region.start + end)))
    return Splice(tuple(parts), sum(run.last - run.first for run in runs) / len(given))


def _words(text: str) -> list[Token]:
    return [token for token in fold(text, join=True).tokens if token.is_word]


def _cover(
    given: Sequence[str], ends: AbstractSet[int], texts: Sequence[Sequence[str]]
) -> list[_Run]:
    """Cover the given words with runs, longest first from the left; `ends` are sentence ends."""
    seeds = {tuple(given[place : place + LEAST_WORDS]) for place in range(len(given))}
    places: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for number, text in enumerate(texts):
        for place in range(len(text) - LEAST_WORDS + 1):
            seed = tuple(text[place : place + LEAST_WORDS])
            if seed in seeds:
                places[seed].append((number, place))
    runs: list[_Run] = []
    first = 0
    while first <= len(given) - LEAST_WORDS:
        found = [
            _Run(number, place, first, _reach(given, first, texts[number], place))
            for number, place in places[tuple(given[first : first + LEAST_WORDS])]
        ]
        if not found:
            first += 1
            continue
        last = runs[-1].region if runs else -1
        best = max(found, key=lambda run: (run.last, run.region == last, -run.region, -run.start))
        # The run may continue by chance into the next sentence's first words, such as "The".
        for end in range(best.last - 1, max(first + LEAST_WORDS, best.last - LEAST_WORDS) - 1, -1):
            if end in ends and places.get(tuple(given[end : end + LEAST_WORDS])):
                best = replace(best, last=end)
                break
        runs.append(best)
        first = best.last
    return runs


def _reach(given: Sequence[str], first: int, text: Sequence[str], place: int) -> int:
    """Return the end of a run, as a place in the quotation's words."""
    last = first
    while last < len(given) and place < len(text) and given[last] == text[place]:
        last, place = last + 1, place + 1
    return last
