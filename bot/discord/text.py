"""Discord's rules for text: lengths, pings, markup. Independent of the Discord library.

Texts of the archive pass through `escape` or `mark` before they are shown in a message or a card,
and through `clip` where Discord formats nothing: labels, choices, names of threads, modal titles.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from corpus.documents import Span


@dataclass(frozen=True, slots=True)
class Limits:
    """Discord's limits: lengths as `length` counts them, and numbers of items."""

    card: int = 4000  # all text of a message's components
    components: int = 40
    link: int = 512
    choices: int = 25
    choice: int = 100  # its name and its value
    thread_name: int = 100


LIMITS = Limits()

_MARK = "\ufffd"
# Only `escape` inserts these; it replaces any that the text has.
_GUARD = "\u200b"
_ELLIPSIS = "…"
_BLANK = "–"

_BREAKS = "\n\r\v\f\x85\u2028\u2029"
_JOINERS = "\u200c\u200d"
_INDICATORS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
_SELECTORS = r"\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
# Control characters, lone surrogates, and Unicode's default ignorable characters, which include the
# direction overrides; but not the soft hyphen, which shows at the end of a line.
_HIDDEN = (
    r"\x00-\x1f\x7f-\x9f\ud800-\udfff"
    r"\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff"
)
# The flags of England, Scotland, Wales and the like are a black flag and a region in tags.
_REGION_FLAG = r"\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{4,6}\U000e007f"
_SUSPECT = re.compile(f"{_REGION_FLAG}|[{_HIDDEN}]")
_HIDES = re.compile(f"[{_HIDDEN}]")
_SELECTS = re.compile(f"[{_SELECTORS}]")

# Opens a heading, a subtext, a list or a quote at the beginning of a line.
_OPENER = re.compile(r"^[^\S\n]*(?:[0-9]+(\.)|([-+#>]+))", re.MULTILINE)
# Formats anywhere, each one character. A masked link is stopped twice, at "[" and at "](", as its
# rule ignores some backslashes. A bare address would include the backslashes inside it, so it is
# stopped at "://" and shown as words; an invitation to a server needs no "://".
_FORMATS = re.compile(
    r"[\\*_~`|\[<]|(?<=\])\(|:(?=//|[^\s:]*:)|(?:(?<=discord)|(?<=discordapp))\.", re.IGNORECASE
)
# The server finds pings, and ignores backslashes.
_PINGS = re.compile(r"@(?=everyone|here)|<(?=[@#])", re.IGNORECASE)

_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*\s+|[。！？．]+[」』）”’]*\s*|\n\s*\n\s*")
# Initials, and abbreviations before a name or number: "W. W. Rockhill", "Mr. Conger", "no. 5516".
_ABBREVIATED = re.compile(
    r"\b(?:[A-Z]|Mrs?|Messrs|Drs?|Gen|Col|Capt|Lieut|Hon|Rev|Prof|Gov|Sen|Vols?|Arts?|pp?|Nos?|cf"
    r"|St|vs)\.\s+$",
    re.IGNORECASE,
)
_WORD_END = re.compile(r"\S\s+")
_STRETCH = re.compile(r"\S(?:[^\n]*\S)?")
# Attached to the character before it, as combining marks are: joiners, the vowels and final
# consonants of decomposed Hangul, skin tones, tags.
_ATTACHED = re.compile(r"[\u1160-\u11ff\u200c\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
_WIDEST = 3  # a backslash, "<" and a guard: no code point takes more when escaped


def length(text: str) -> int:
    """Return the length of `text` in UTF-16 code units.

    Discord counts code points in some places and code units in others; this is the larger count.
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def escape(text: str, *, keep_lines: bool = False) -> str:
    """Escape `text`, so that Discord shows it unchanged, without pings, links and markup.

    Line breaks and tabs become spaces, one for one; with `keep_lines` line breaks stay. Control
    characters, direction marks and overrides, lone surrogates and zero-width characters become
    U+FFFD. Of the zero-width ones these stay: a joiner or non-joiner after a letter, mark or emoji
    past the Latin, Greek and Cyrillic scripts; a variation selector after a visible character that
    can have one; the tags of a region's flag; soft hyphens. So at most two follow one another,
    except in such a flag. Addresses are shown but are no longer links.
    """
    return "".join(_escaped(_shown(text, keep_lines=keep_lines)))


def mark(text: str, spans: Iterable[Span], *, keep_lines: bool = False) -> str:
    """Escape `text`, with `spans` of it in bold.

    The spans are sorted and disjoint. White space at the ends of bold words is not bold, spans
    with only spaces between them become one, and no bold reaches over a line break.
    """
    shown = _shown(text, keep_lines=keep_lines)
    runs: list[Span] = []
    for span in spans:
        for stretch in _STRETCH.finditer(shown, span.start, span.end):
            start, end = stretch.span()
            gap = shown[runs[-1].end : start] if runs else "\n"
            if "\n" not in gap and not gap.strip():
                start = runs.pop().start
            runs.append(Span(start, end))
    tokens = _escaped(shown)
    parts, done = [], 0
    for run in runs:
        parts += [*tokens[done : run.start], "**", *tokens[run.start : run.end], "**"]
        done = run.end
    return "".join([*parts, *tokens[done:]])


def pages(text: str, limit: int, *, reserve: int = 0) -> list[Span]:
    """Divide `text` into spans whose escaped words fit `limit` less `reserve`, lines kept or not.

    A page ends after a sentence if one ends in its second half, else after a word, else between
    two characters as a reader sees them; only where one character fills a page is it cut. White
    space between two pages belongs to the former. Joined, the pages are the text; an empty text
    has none.
    """
    room = limit - reserve
    if room < _WIDEST:
        raise ValueError(f"a page needs room for {_WIDEST} code units, not {room}")
    found: list[Span] = []
    start = 0
    while start < len(text):
        # A code point takes at least one unit, so no page reaches past this window. Cutting a page
        # shorter never adds an escape.
        window = _escaped(_shown(text[start : start + room], keep_lines=True))
        end = start + _fitting(window, room)
        if end < len(text):
            end = _page_end(text, start, end)
        found.append(Span(start, end))
        start = end
    return found


def clip(text: str, limit: int) -> str:
    """Put `text` on one line within `limit`, cut after a word with an ellipsis if too long.

    For places where Discord formats nothing: characters become U+FFFD as in `escape`, but nothing
    is escaped. A blank text becomes a dash, as Discord refuses empty ones.
    """
    words = " ".join(_shown(text, keep_lines=False).split())
    if not words:
        return _BLANK
    if length(words) <= limit:
        return words
    end = _fitting(words, limit - len(_ELLIPSIS))
    word_end = words.rfind(" ", end // 2, end + 1)
    end = word_end if word_end > 0 else _character_end(words, 0, end)
    return words[:end] + _ELLIPSIS


def _shown(text: str, *, keep_lines: bool) -> str:
    """Return the visible form of `text`, code point for code point."""

    def replace(match: re.Match[str]) -> str:
        found, before = match.group(), text[match.start() - 1 : match.start()]
        if len(found) > 1 or (before and _belongs(found, before)):
            return found
        if found in _BREAKS:
            # The first character of CR LF becomes a space at the end of the line.
            former = text.startswith("\r\n", match.start())
            return "\n" if keep_lines and not former else " "
        return " " if found == "\t" else _MARK

    return _SUSPECT.sub(replace, text)


def _belongs(hidden: str, before: str) -> bool:
    """Return whether a zero-width character has an effect after `before`."""
    kind = unicodedata.category(before)
    if hidden in _JOINERS:
        # Variation selectors are marks, so an emoji with one can be joined to the next.
        return before >= "\u0530" and (kind[0] in "LM" or kind in {"So", "Sk"})
    if _SELECTS.match(hidden):
        able = before in "0123456789#*" or before >= "\u00a9"
        return able and kind[0] in "LMNPS" and not _HIDES.match(before)
    return False


def _escaped(shown: str) -> list[str]:
    """Return the escaped form of each code point."""
    tokens = list(shown)
    for match in _OPENER.finditer(shown):
        for place in range(*match.span(match.lastindex or 0)):
            tokens[place] = "\\" + shown[place]
    for match in _FORMATS.finditer(shown):
        tokens[match.start()] = "\\" + match.group()
    for match in _PINGS.finditer(shown):
        tokens[match.start()] += _GUARD
    return tokens


def _fitting(tokens: Iterable[str], room: int) -> int:
    """Return the number of leading tokens that fit into `room`."""
    return bisect_right(list(accumulate(map(length, tokens))), room)


def _page_end(text: str, start: int, end: int) -> int:
    """Return the best end of a page from `start`, at most `end`, in the middle of the text."""
    for pattern, earliest in ((_SENTENCE_END, (start + end) // 2), (_WORD_END, start)):
        ends = [
            match.end()
            for match in pattern.finditer(text, start, end)
            if not _ABBREVIATED.search(text, start, match.end())
        ]
        # White space that continues past the page would begin the next one.
        fair = [place for place in ends if place > earliest and not text[place].isspace()]
        if fair:
            return fair[-1]
    return _character_end(text, start, end)


def _character_end(text: str, start: int, end: int) -> int:
    """Return the last place up to `end` between two characters as a reader sees them."""
    place = end
    while place > start and _is_inside(text, start, place):
        place -= 1
    return place if place > start else end


def _is_inside(text: str, start: int, place: int) -> bool:
    """Return whether `place` is inside a character of several code points."""
    before, after = text[place - 1], text[place]
    if before in _INDICATORS and after in _INDICATORS:
        # Two letters make a flag: between flags, an even number of letters comes before.
        run = text[start:place]
        return (len(run) - len(run.rstrip(_INDICATORS))) % 2 == 1
    return (
        unicodedata.category(after)[0] == "M"
        or _ATTACHED.match(after) is not None
        or before == "\u200d"
        or before + after == "\r\n"
        or ("\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff")
    )
