"""The sentences of a document, the units of quotation, and their spans."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import sentencex

from corpus.documents import OMISSION, Document, Redaction, Span

# A note's mark after a full stop belongs to the sentence before it.
_NOTE_MARKS = re.compile(r"(?:\s*\[(?:[ivxlc]{1,7}|\d{1,3})\])+(?=\s|$)", re.IGNORECASE)
# The splitter takes numbering, and hours before a place or zone, for an end. It misses an end
# before a closing quotation mark and a note's mark.
_NOTED_END = re.compile(r"[.!?][\"'”’)]*(?:\[\w{1,7}\])+\s+(?=[\"'“‘(]?[A-Z])")
_NUMBERING = re.compile(r"\W*(?:\d{1,3}|[A-Za-z]|[IVXivx]{1,5})[.)]$")
_SHORTENED = re.compile(r"\b(?:[ap]\.m|Nos?)\.$")
_SENTENCE_END = re.compile(r"[.!?…。！？](?:[\"'”’»」』)\]]|\[\w{1,7}\])*$")
_JAPANESE = re.compile(r"[\u3040-\u30ff]")


def split_sentences(document: Document, block: Span) -> list[Span]:
    """Return the quotable sentences of a block, in order.

    A sentence around a redaction is left out, since quoting it would bridge the redaction; one
    right after a redaction counts only if it starts like a sentence.
    """
    found = []
    for piece, after_redaction in _cut(document, block):
        sentences = _split(document.text, piece)
        if after_redaction and sentences and document.text[sentences[0].start].islower():
            sentences = sentences[1:]
        found += sentences
    removed = _removed(document.structure.redactions, block)
    return [span for span in found if not any(redaction.overlaps(span) for redaction in removed)]


def is_complete(sentence: str) -> bool:
    """Return whether a sentence begins and ends like one, unlike a heading or fragment."""
    return bool(_SENTENCE_END.search(sentence)) and not sentence[0].islower()


def _removed(redactions: Sequence[Redaction], block: Span) -> list[Span]:
    first = bisect_left(redactions, block.start, key=lambda redaction: redaction.span.end)
    inside = []
    for redaction in redactions[first:]:
        if redaction.span.start >= block.end:
            break
        if redaction.kind in {"redaction", OMISSION}:
            inside.append(redaction.span)
    return inside


def _cut(document: Document, block: Span) -> Iterator[tuple[Span, bool]]:
    """Yield the parts between redactions that separate sentences, and whether each follows one."""
    start, after = block.start, False
    for removed in _removed(document.structure.redactions, block):
        before = document.text[start : removed.start].rstrip()
        if not before or _SENTENCE_END.search(before):
            if before:
                yield Span(start, start + len(before)), after
            start, after = removed.end, True
    if start < block.end:
        yield Span(start, block.end), after


def _is_no_end(words: str) -> bool:
    # The longest abbreviation, and the character before it.
    return bool(_NUMBERING.match(words) or _SHORTENED.search(words[-5:]))


def _split(text: str, piece: Span) -> list[Span]:
    words = piece.of(text)
    language = "en" if words.isascii() or not _JAPANESE.search(words) else "ja"
    bounds: list[int] = []
    position = 0
    # The splitter takes a line that begins with "1963." for an item of a list.
    for sentence in sentencex.segment(language, words.replace("\n", " ")):
        position += len(sentence)
        bounds.append(position)
    if not bounds or bounds[-1] != len(words):
        # The splitter changed the text: its bounds can't be trusted, so the piece stays whole.
        bounds = [len(words)]
    bounds = sorted({*bounds, *(match.end() for match in _NOTED_END.finditer(words))})
    ends: list[int] = []
    start = 0
    for bound in bounds:
        marks = _NOTE_MARKS.match(words, bound)
        end = marks.end() if marks else bound
        if bound != len(words) and _is_no_end(words[start:bound].strip()):
            continue
        ends.append(end)
        start = end
    spans: list[Span] = []
    start = 0
    for end in ends:
        sentence = words[start:end]
        left = start + len(sentence) - len(sentence.lstrip())
        right = start + len(sentence.rstrip())
        if any(char.isalnum() for char in words[left:right]):
            spans.append(Span(piece.start + left, piece.start + right))
        start = max(start, end)
    return spans
