"""What is found in a text by looking at it: headings, turns, redactions, boilerplate.

Every function here is pure: a text in, spans of that text out, in the order of the text.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence

from corpus.documents import (
    OMISSION,
    Page,
    Redaction,
    Span,
    Structure,
    Turn,
    merge_spans,
    overlaps_any,
)
from corpus.structure.blocks import RECORD_END, find_blocks, strip_span
from corpus.structure.boilerplate import find_boilerplate
from corpus.structure.editorial import find_editorial

_HEADING_CHARS = 120
_HEADING_WORDS = 18
# What stands between a line and another: an empty line, which may hold a space.
_ABOVE = re.compile(r"\n ?\n[ \t]*\Z")
_BELOW = re.compile(r"[ \t]*\n ?\n")
_NEAR = 200
_LABEL = r"[^\W\d_][\w .,'’・-]{0,60}(?:\s*[\[［][^\]］\n]{1,40}[\]］])?"
_TURN = re.compile(
    rf"^[ \t]*[(（](?P<label>{_LABEL})[)）][ \t　]*[:：]?[ \t　]*\n?(?=[^\s(（])", re.MULTILINE
)
_OFFICE = re.compile(
    r"president|minister|secretary|ambassador|director|chairman|chief|general|senator|prince"
    r"|representative|governor|king|queen|emperor|spokes|counsel|advis[eo]r|official"
    r"|mr\b|mrs\b|ms\b|dr\b|総理|大統領|大臣|長官|大使|局長|首相|次官",
    re.IGNORECASE,
)
# Brackets, with at most one pair inside them.
_BRACKETED = re.compile(r"[\[［](?:[^\[\]［］]|[\[［][^\[\]［］]{1,200}[\]］]){2,400}[\]］]")
_NOTE = re.compile(r"[\[［]\s*(?:TN\b|訳注)")
_REMOVED = re.compile(
    r"black(?:en)?(?:ed)?[-\s]*out|in\s+black|withheld|redact|excis(?:ed|ion)|expunge|sanitized|illegible"
    r"|(?:not|un)\s*(?:been\s+)?(?:declassif|released|disclos|available)"
    r"|(?:text|names?|lines?|pages?|parts?|portions?|sentences?|words?|statements?|figures?)\s+"
    r"(?:(?:was|were|is|are|have\s+been)\s+)?(?:deleted|removed|omitted|missing)"
    r"|不開示|墨塗",
    re.IGNORECASE,
)
# Why words were removed: what follows that with "for" or "under"; or else an exemption of a freedom
# of information act or an executive order, or that they are still secret or cannot be read.
_GROUND = re.compile(
    r"""
      \b(?:for\s+reasons\s+of|on\s+(?:the\s+)?grounds\s+of|because\s+of|due\s+to|pursuant\s+to
        |for|under|(?:in\s+order\s+)?to(?=\s+protect))\s+(?:the\s+)?
      (?P<ground>[^\[\]［］;；]+?)\s*[.\]］]*$
    | 理由\s*[:：は]?\s*(?P<stated>[^\]］）)]+)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_EXEMPTION = re.compile(
    r"""
      (?P<exemption>\(b\)\s*\(\d\)(?:\s*\([A-Z]\))? | \bE\.?O\.?\s*\d{5}[^;,\]］]*)
    | (?P<state>\b(?:not|un)\s*(?:been\s+)?declassified | \billegible)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BARS = re.compile(
    r"[█■▇]{2,}|[●○×]{3,}|\bX{4,}\b"
    r"|[(（](?:[\w-]+\s+){0,4}(?:blacked\s+out|redacted|withheld|不開示|墨塗り)[)）]"
)

# Looking for these first is several times as fast as trying the alternatives at every place.
_BAR_STARTS = re.compile("[█■▇●○×X(（]")


def find_structure(
    text: str,
    headings: Sequence[Span] | None = None,
    turns: tuple[Turn, ...] | None = None,
    boilerplate: tuple[Span, ...] | None = None,
    pages: tuple[Page, ...] = (),
    blocks: tuple[Span, ...] | None = None,
) -> Structure:
    """Return all that is found in a text.

    What the reader knows from the format is taken as it is; what is None is recognised.
    """
    if blocks is None:
        blocks = find_blocks(text)
    if boilerplate is None:
        labels = _labels(text, blocks)
        first_turn = labels[0].start() if labels else None
        boilerplate = find_boilerplate(text, blocks, first_turn)
    if headings is None:
        headings = find_headings(text, blocks)
    editorial = list(find_editorial(text, blocks, headings))
    whole = {each.span for each in editorial if each.kind == OMISSION} & set(blocks)
    boilerplate = merge_spans([*boilerplate, *whole])
    headings = [span for span in headings if not overlaps_any(boilerplate, span)]
    return Structure(
        blocks=blocks,
        headings=tuple(headings),
        turns=find_turns(text, blocks, headings) if turns is None else turns,
        redactions=tuple(sorted([*find_redactions(text, editorial), *editorial], key=_place)),
        boilerplate=boilerplate,
        pages=pages,
    )


def find_headings(text: str, blocks: Sequence[Span]) -> tuple[Span, ...]:
    """Return the lines that read as headings: short, alone between blank lines, not a sentence."""
    found = []
    first, last = len(text) - len(text.lstrip()), len(text.rstrip())
    for block in blocks:
        words = block.of(text)
        if (
            _letters(words) <= _HEADING_CHARS
            and (
                block.start <= first
                or _ABOVE.search(text, max(0, block.start - _NEAR), block.start)
            )
            and (block.end >= last or _BELOW.match(text, block.end))
            and "\n" not in words
            and len(words.split()) <= _HEADING_WORDS
            and words[-1] not in ".!?:;,…。！？」、"
            and "。" not in words
            and words[0] not in "([（•*-"
            and not RECORD_END.search(words)
            and not words[0].islower()
            and any(char.isalpha() for char in words)
        ):
            found.append(block)
    # A text that is all short lines (a list, a poem) has no headings but its title.
    if len(found) * 2 > len(blocks) + 1:
        found = found[:1]
    # Saved pages repeat their title, not always alone on its line.
    titles = {span.of(text) for span in found}
    known = set(found)
    return tuple(block for block in blocks if block in known or block.of(text) in titles)


def _letters(words: str) -> int:
    """Return the length of a line in Latin letters: a Chinese character says as much as three."""
    return len(words) + 2 * sum(char > "\u2e80" for char in words)


def find_turns(text: str, blocks: Sequence[Span], headings: Sequence[Span]) -> tuple[Turn, ...]:
    """Return the turns of the speakers named in brackets at the start of a line.

    A bracket counts when it names an office, or when several lines of the text begin like this.
    A turn ends at the next one, at a heading, or at the closing formula of a cable.
    """
    labels = _labels(text, blocks)
    stops = sorted(
        [match.start() for match in labels]
        + [span.start for span in headings]
        + [block.start for block in blocks if RECORD_END.match(block.of(text))]
        + [len(text)]
    )
    turns = []
    for match in labels:
        stop = stops[bisect_right(stops, match.start())]
        span = strip_span(text, Span(match.end(), stop))
        if len(span):
            turns.append(Turn(span, match["label"].strip()))
    return tuple(turns)


def _labels(text: str, blocks: Sequence[Span]) -> list[re.Match[str]]:
    """Return the labels of speakers; names count where offices, or several of them, are labels."""
    starts = {block.start for block in blocks}
    labels = [
        match
        for match in _TURN.finditer(text)
        if text.find(match[0].lstrip(), match.start()) in starts
        and (
            _OFFICE.search(match["label"])
            # On a line of its own it may as well be a marking: "(Limited Distribution)".
            or (not match[0].endswith("\n") and _is_name(match["label"]))
        )
    ]
    if len(labels) < 2 and not any(_OFFICE.search(match["label"]) for match in labels):
        return []
    return labels


def _is_name(label: str) -> bool:
    """Return whether a label may be a name: "Clinton", "Al Gore", "細川"; not "a", "see below"."""
    first = label[0]
    return len(label) >= 2 and (not first.islower() if first > "\u3040" else first.isupper())


def _place(redaction: Redaction) -> Span:
    return redaction.span


def find_redactions(text: str, editorial: Sequence[Redaction] = ()) -> tuple[Redaction, ...]:
    """Return the redactions that the text states, and the translator's other remarks.

    What the editors left out, in `editorial`, was not removed.
    """
    omitted = {each.span for each in editorial if each.kind == OMISSION}
    found = [
        Redaction(
            Span(*match.span()),
            "redaction" if removed else "note",
            _find_reason(match[0]) if removed else None,
        )
        for match in _BRACKETED.finditer(text)
        if Span(*match.span()) not in omitted
        and ((removed := bool(_REMOVED.search(match[0]))) or _NOTE.match(match[0]))
    ]
    end = 0
    for start in _BAR_STARTS.finditer(text):
        bars = _BARS.match(text, start.start()) if start.start() >= end else None
        if bars:
            found.append(Redaction(Span(*bars.span()), "redaction", _find_reason(bars[0])))
            end = bars.end()
    return tuple(sorted(found, key=_place))


def _find_reason(words: str) -> str | None:
    """Return why a remark says that words were removed, as it says it; None where it does not."""
    removed = _REMOVED.search(words)
    ground = _GROUND.search(words, removed.end()) if removed else None
    match = ground or _EXEMPTION.search(words)
    return " ".join(next(filter(None, match.groups())).split()) if match else None
