"""What is found in a text by looking at it: blocks, headings, turns, redactions, boilerplate.

Every function here is pure: a text in, spans of that text out, in the order of the text.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from corpus.documents import Redaction, Span, Structure, Turn, merge_spans

# Lines longer than this are paragraphs saved as one line: such a text is not wrapped by hand.
_WRAPPED_WIDTH = 120

_HEADING_CHARS = 120
_HEADING_WORDS = 18

# What web pages put around an article. Each matches a whole line.
_FURNITURE = re.compile(
    r"""(?:
      skip\ to\ .{0,30}(?:content|navigation)
    | (?:read|learn|see|show|load|view)\ (?:more|all|less)[.…]*
    | (?:share|tweet|pin|e-?mail|print|save|bookmark|copy\ link|download\ pdf|listen)
      (?:\ (?:this|it))?(?:\ (?:article|page|post|story|link))?
      (?:\ (?:on|via|with|by|to)\ .{1,30})?
    | (?:facebook|twitter|x|linkedin|reddit|whatsapp|telegram|pinterest|mastodon|bluesky)
    | (?:main\ )?menu | toggle\ navigation | home | search | close | open | previous | next
    | (?:next|previous)\ (?:article|page|post|story)
    | sign\ (?:up|in)(?:\ .{0,40})? | log\ ?(?:in|out) | register | subscribe(?:\ .{0,40})?
    | (?:our\ )?newsletters?(?:\ .{0,30})? | follow\ us(?:\ .{0,30})? | back\ to\ top
    | donate(?:\ now)?
    | advertisements? | sponsored(?:\ content)? | (?:accept|reject|manage)(?:\ all)?(?:\ cookies)?
    | (?:this\ (?:web)?site|we)\ uses?\ cookies.{0,80}
    | (?:related|recommended|more|latest|popular|trending)
      \ (?:articles?|content|posts?|stories|news|reading|documents?)
    | (?:leave\ a\ )?(?:comments?|reply)(?:\ \(\d+\))?
    | [\d,.]+\ (?:comments?|shares?|likes?|views?|min(?:ute)?s?\ read)
    | (?:privacy\ policy|terms\ of\ (?:use|service)|contact\ us|about\ us|cookie\ policy|sitemap)
    | (?:copyright\ )?(?:©|\(c\)).{0,80} | (?:©.{0,60})?all\ rights\ reserved\.?
    | [\d.,]{1,9}[km]?                                    # a stray counter
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# After one of these, the little that is left of a page is about other pages.
_PAGE_END = re.compile(
    r"(?:read more|related .{1,20}|recommended .{1,20}|more (?:articles|stories|news))[.…]*",
    re.IGNORECASE,
)
_PAGE_END_SHARE = 0.2

_NOTE_MARK = re.compile(
    r"\[(?P<mark>[ivxlc]{1,7}|\d{1,3})\]\s|(?P<plain>\d{1,3})[.)]\s", re.IGNORECASE
)
_NOTES_HEADING = re.compile(
    r"(?:end|foot)?notes?|references|bibliography|works cited|sources|citations", re.IGNORECASE
)

_LABEL = r"[^\W\d_][\w .,'’・-]{0,60}(?:\s*[\[［][^\]］\n]{1,40}[\]］])?"
_TURN = re.compile(
    rf"^[ \t]*[(（](?P<label>{_LABEL})[)）][ \t　]*[:：]?[ \t　]*\n?(?=[^\s(（])", re.MULTILINE
)
# A line that begins like this begins something: a turn, a field of a header, an item of a list.
_LINE_OPENING = re.compile(
    r"[ \t]*(?:[(（][^\W\d_][\w .,'’・-]{0,60}[)）]|[A-Z][\w /-]{1,30}:\s|[-*•–]\s"
    r"|\d{1,3}[.)]\s|\[\w{1,5}\])"
)
_OFFICE = re.compile(
    r"president|minister|secretary|ambassador|director|chairman|chief|general|senator|prince"
    r"|representative|governor|king|queen|emperor|spokes|counsel|advis[eo]r|official"
    r"|mr\b|mrs\b|ms\b|dr\b|総理|大統領|大臣|長官|大使|局長|首相|次官",
    re.IGNORECASE,
)
_RECORD_END = re.compile(r"\(end\)|（了）|passed (?:on )?to\b|handled by\b|cc:", re.IGNORECASE)

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
_BARS = re.compile(
    r"[█■▇]{2,}|[●○×]{3,}|\bX{4,}\b"
    r"|[(（](?:[\w-]+\s+){0,4}(?:blacked\s+out|redacted|withheld|不開示|墨塗り)[)）]"
)

# Lines before the first turn of a cable that say where it comes from, and how far it may go.
_MARKING = re.compile(r"[(（][\w ]{3,40}[)）]")
_HEADER = re.compile(
    r"(?:number|primary|secondary|sent|received|to|from|cc|info|date|classification|precedence)\s*:"
    r"|[(（][\w ]{3,40}[)）]$",
    re.IGNORECASE,
)


def find_structure(text: str, headings: Sequence[Span] | None = None) -> Structure:
    """Return all that is found in a text.

    `headings` are those that the reader knows from the format; without them they are recognised.
    """
    blocks = find_blocks(text)
    boilerplate = find_boilerplate(text, blocks)
    if headings is None:
        headings = find_headings(text, blocks)
    headings = [span for span in headings if not any(area.overlaps(span) for area in boilerplate)]
    return Structure(
        blocks=blocks,
        headings=tuple(headings),
        turns=find_turns(text, blocks, headings),
        redactions=find_redactions(text),
        boilerplate=boilerplate,
    )


def find_blocks(text: str) -> tuple[Span, ...]:
    """Return paragraphs and free-standing lines.

    A line break inside a paragraph ends a block unless the text is wrapped by hand and the first
    word of the next line would not have fitted on this one.
    """
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text)]
    width = max((end - start for start, end in lines), default=0)
    blocks: list[Span] = []
    previous_end: int | None = None
    for start, end in lines:
        line = Span(start, end)
        if not line.of(text).strip():
            previous_end = None
            continue
        if blocks and previous_end is not None and start == previous_end + 1:
            before = Span(text.rfind("\n", 0, previous_end) + 1, previous_end)
            wrapped = width <= _WRAPPED_WIDTH and _is_wrapped(text, before, line, width)
            if wrapped or _is_open(blocks[-1].of(text)):
                blocks[-1] = Span(blocks[-1].start, end)
                previous_end = end
                continue
        blocks.append(line)
        previous_end = end
    return tuple(_strip(text, block) for block in blocks)


def opens_block(line: str) -> bool:
    """Tell whether a line begins something of its own: a turn, a field, an item, a closing."""
    return bool(_LINE_OPENING.match(line) or _RECORD_END.match(line))


def _is_open(words: str) -> bool:
    """Tell whether a bracket is still open at the end of the words: a note goes on below."""
    return words.rfind("[") > words.rfind("]") or words.rfind("［") > words.rfind("］")


def _is_wrapped(text: str, before: Span, line: Span, width: int) -> bool:
    if opens_block(line.of(text)) or _MARKING.fullmatch(before.of(text).strip()):
        return False
    words = line.of(text).split(maxsplit=1)
    return len(before.of(text).rstrip()) + 1 + len(words[0]) > width


def find_headings(text: str, blocks: Sequence[Span]) -> tuple[Span, ...]:
    """Return the lines that read as headings: short, alone between blank lines, not a sentence."""
    found = []
    for block in blocks:
        words = block.of(text)
        alone = (
            text[: block.start].rstrip(" \t").endswith(("\n\n", "\n \n"))
            or not text[: block.start].strip()
        )
        below = text[block.end :].lstrip(" \t")
        if (
            alone
            and (not below or below.startswith(("\n\n", "\n \n")) or not below.strip())
            and "\n" not in words
            and len(words) <= _HEADING_CHARS
            and len(words.split()) <= _HEADING_WORDS
            and words[-1] not in ".!?:;,…。！？」"
            and words[0] not in "([（•*-"
            and not _RECORD_END.search(words)
            and not words[0].islower()
            and any(char.isalpha() for char in words)
        ):
            found.append(block)
    # A text that is all short lines (a list, a poem) has no headings but its title.
    if len(found) * 2 > len(blocks) + 1:
        found = found[:1]
    # Saved pages repeat their title, not always alone on its line.
    titles = {span.of(text) for span in found}
    return tuple(block for block in blocks if block in found or block.of(text) in titles)


def find_boilerplate(text: str, blocks: Sequence[Span]) -> tuple[Span, ...]:
    """Return page furniture, captions, a cable's formalities, and endnotes, merged."""
    return merge_spans(
        [
            *_find_furniture(text, blocks),
            *_find_captions(text, blocks),
            *_find_formalities(text, blocks),
            *_find_endnotes(text, blocks),
        ]
    )


def _find_furniture(text: str, blocks: Sequence[Span]) -> Iterator[Span]:
    for block in blocks:
        line = block.of(text)
        if len(line) > 100 or not _FURNITURE.fullmatch(line.strip()):
            continue
        left = len(text.rstrip()) - block.start
        if _PAGE_END.fullmatch(line.strip()) and left <= _PAGE_END_SHARE * len(text):
            yield Span(block.start, len(text.rstrip()))
            return
        yield block


def _find_captions(text: str, blocks: Sequence[Span]) -> Iterator[Span]:
    """Yield the captions of images, which a saved page gives twice: as alternative and below."""
    for block, below in pairwise(blocks):
        words, again = block.of(text), below.of(text)
        adjacent = text[block.end : below.start].count("\n") == 1
        if adjacent and len(words) >= 20 and again.startswith(words):
            yield Span(block.start, below.end)


def _find_formalities(text: str, blocks: Sequence[Span]) -> Iterator[Span]:
    """Yield the header fields and the closing formula of a record with speakers' turns."""
    first = next((turn.start() for turn in _labels(text, blocks)), None)
    if first is None:
        return
    for block in blocks:
        line = block.of(text)
        if (block.start < first and _HEADER.match(line)) or (
            block.start > first and _RECORD_END.match(line)
        ):
            yield block


def _find_endnotes(text: str, blocks: Sequence[Span]) -> Iterator[Span]:
    """Yield the notes at the end: numbered blocks that count up from one, with what lies between.

    Plain numbers ("1. …") count only below a heading such as "Notes"; bracketed ones anywhere in
    the second half of the text.
    """
    headed = None
    first = last = None
    expected = 1
    for block in blocks:
        line = block.of(text)
        if _NOTES_HEADING.fullmatch(line.strip(" :#")):
            headed, first, last, expected = block, None, None, 1
            continue
        mark = _NOTE_MARK.match(line)
        if not mark or not (mark["mark"] or headed):
            continue
        if _count(mark["mark"] or mark["plain"]) == expected and (
            headed or block.start * 2 > len(text)
        ):
            first = first or headed or block
            last = block
            expected += 1
    if first and last:
        yield Span(first.start, last.end)


def _count(mark: str) -> int:
    """Return the number that a note's mark stands for, arabic or roman; 0 for neither."""
    if mark.isdigit():
        return int(mark)
    values = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
    total = 0
    digits = [values.get(char, 0) for char in mark.lower()]
    for digit, following in zip(digits, [*digits[1:], 0], strict=True):
        total += -digit if digit < following else digit
    return total


def find_turns(text: str, blocks: Sequence[Span], headings: Sequence[Span]) -> tuple[Turn, ...]:
    """Return what a record attributes to each speaker named in brackets at the head of a line.

    A bracket counts when it names an office, or when several lines of the text begin like this.
    A turn ends at the next one, at a heading, or at the closing formula of a cable.
    """
    labels = _labels(text, blocks)
    stops = sorted(
        [match.start() for match in labels]
        + [span.start for span in headings]
        + [block.start for block in blocks if _RECORD_END.match(block.of(text))]
        + [len(text)]
    )
    turns = []
    for match in labels:
        stop = next(stop for stop in stops if stop > match.start())
        span = _strip(text, Span(match.end(), stop))
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
    """Tell whether a label may be a name: "Clinton", "Al Gore", "細川"; not "a" or "see below"."""
    first = label[0]
    return len(label) >= 2 and (not first.islower() if first > "\u3040" else first.isupper())


def find_redactions(text: str) -> tuple[Redaction, ...]:
    """Return what the text says was removed, and other remarks of the translator."""
    found = [
        Redaction(Span(*match.span()), "redaction" if removed else "note")
        for match in _BRACKETED.finditer(text)
        if (removed := bool(_REMOVED.search(match[0]))) or _NOTE.match(match[0])
    ]
    found += [Redaction(Span(*match.span()), "redaction") for match in _BARS.finditer(text)]
    return tuple(sorted(found, key=lambda redaction: redaction.span))


def _strip(text: str, span: Span) -> Span:
    """Return the span without white space at its ends."""
    words = span.of(text)
    start = span.start + len(words) - len(words.lstrip())
    return Span(start, max(start, span.start + len(words.rstrip())))
