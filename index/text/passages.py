"""Passages, the units of the index: runs of whole sentences of one speaker or section."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.dates import in_words
from corpus.documents import Document, Span, Turn, overlaps_any
from index.text.sentences import split_sentences

# The size of a passage: about the default encoder's input, with the title.
TARGET_CHARS = 900
# A speaker's turn up to this size is not split.
TURN_CHARS = 1200
# At least this many consecutive headings are a list, such as participants or addressees.
_LIST = 4
# The most characters of a chapter's heading in the context of its passages.
_CHAPTER_CHARS = 120


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of one document, the unit of ranking.

    `section` is the heading above it, `turn` the speaker's turn around it. Each of `sentences` may
    be quoted.
    """

    passage_id: str
    doc_id: str
    span: Span
    section: str | None
    turn: Turn | None
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    """Sentences that may share a passage with others of the same section and turn."""

    section: str | None
    turn: Turn | None
    sentences: tuple[Span, ...]


def make_passages(document: Document) -> list[Passage]:
    """Return the passages of a document, in order.

    They contain neither boilerplate nor headings, except headings that form a list.
    """
    passages: list[Passage] = []
    pending: list[Span] = []
    owner: _Unit | None = None

    def close() -> None:
        if pending and owner:
            span = Span(pending[0].start, pending[-1].end)
            passages.append(
                Passage(
                    passage_id=f"{document.doc_id}:{span.start}-{span.end}",
                    doc_id=document.doc_id,
                    span=span,
                    section=owner.section,
                    turn=owner.turn,
                    sentences=tuple(pending),
                )
            )
            pending.clear()

    for unit in _units(document):
        if owner is None or (unit.section, unit.turn) != (owner.section, owner.turn):
            close()
            owner = unit
        limit = TARGET_CHARS
        if unit.turn and len(unit.turn.span) <= TURN_CHARS:
            limit = TURN_CHARS
        # A paragraph that fits a passage is not split to fill the previous one.
        size = unit.sentences[-1].end - unit.sentences[0].start
        if pending and unit.sentences[-1].end - pending[0].start > limit >= size:
            close()
        for sentence in unit.sentences:
            if pending and sentence.end - pending[0].start > limit:
                close()
            pending.append(sentence)
    close()
    return passages


def _units(document: Document) -> Iterator[_Unit]:
    structure = document.structure
    headings = set(structure.headings)
    section: str | None = None
    above: list[Span] = []
    for block in structure.blocks:
        if block in headings:
            if block.of(document.text) != document.provenance.title:
                above.append(block)
                continue
            yield from _list_of(above, section)
            section = None
            above.clear()
            continue
        if overlaps_any(structure.boilerplate, block):
            continue
        yield from _list_of(above, section)
        section = above[-1].of(document.text) if above else section
        above.clear()
        for turn, piece in _by_turn(structure.turns, block):
            sentences = split_sentences(document, piece)
            if sentences:
                yield _Unit(section, turn, tuple(sentences))
    yield from _list_of(above, section)


def _list_of(lines: Sequence[Span], section: str | None) -> Iterator[_Unit]:
    """Yield the lines of a list as one unit, or several if they are long."""
    if len(lines) < _LIST:
        return
    whole = lines[0]
    for line in lines[1:]:
        if line.end - whole.start > TARGET_CHARS:
            yield _Unit(section, None, (whole,))
            whole = line
        else:
            whole = Span(whole.start, line.end)
    yield _Unit(section, None, (whole,))


def _by_turn(turns: tuple[Turn, ...], block: Span) -> Iterator[tuple[Turn | None, Span]]:
    """Yield the parts of a block by speaker, without the labels of turns."""
    # Turns are in order and disjoint, so their starts and their ends are sorted.
    first = bisect_right(turns, block.start, key=lambda turn: turn.span.end)
    last = bisect_left(turns, block.end, key=lambda turn: turn.span.start)
    inside = turns[first:last]
    if not inside:
        yield None, block
    for turn in inside:
        yield turn, Span(max(turn.span.start, block.start), min(turn.span.end, block.end))


def context_of(document: Document, passage: Passage) -> str:
    """Return the context of a passage: title, date, chapter, section, speaker."""
    record = document.provenance.record
    date = in_words(record.date) if record.date else None
    chapter = _shorten(record.chapter) if record.chapter else None
    speaker = passage.turn.speaker if passage.turn else None
    return " - ".join(filter(None, [document.title, date, chapter, passage.section, speaker]))


def _shorten(words: str) -> str:
    """Return the first words of a heading, at most `_CHAPTER_CHARS`."""
    if len(words) <= _CHAPTER_CHARS:
        return words
    return words[:_CHAPTER_CHARS].rpartition(" ")[0]
