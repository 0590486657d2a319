"""Whose words a record reports that names no speakers: memoranda of conversation, passed messages.

A paragraph is a speaker's only where all of it reports what this one person said.
"""

import re
from collections.abc import Iterable, Sequence

from corpus.documents import Span, Turn
from corpus.word_lists import read_patterns

_KNOWN = read_patterns(__file__)
_TITLE = rf"{_KNOWN['titles']}\b\.?"
_SAID = rf"(?:{_KNOWN['adverbs']} )*{_KNOWN['verbs']}\b"
_OPENS = re.compile(
    rf"(?:In reply,? |Then,? |At this point,? )?"
    rf"(?P<label>(?:The )?{_TITLE}(?: [A-Z][\w’'-]+){{0,3}}|[A-Z][\w’'-]+),? {_SAID}"
)
_ANYBODY = re.compile(rf"(?P<label>(?:[Tt]he )?{_TITLE}(?: [A-Z][\w’'-]+){{0,3}})")
_SPEAKING = re.compile(rf",? {_SAID}")
# Who a telegram passes a message on from: "301. For Ash from Tarn:", "From the President:".
_RELAYED = re.compile(
    r"(?:\d{1,5}\. )?(?:\[?(?:For|To) [^.:\[\]]{2,60}?,? )?[\[(]?[Ff]rom (?:the )?"
    r"(?P<label>(?:[A-Z](?:\.|[\w’'-]+))(?: (?:[A-Z](?:\.|[\w’'-]+)|of|the|and)){0,5})"
    r"(?: to)?(?: [\[(][^\])\n]{2,40}[\])])?(?: [Ff]or [A-Z][^.:\[\]]{2,40})?"
    r"(?:[:.][\])]?|[\])](?: [Ff]or [A-Z][^.:]{2,40})?[:.]?)(?:\s+|$)"
    r"|[\[(]From (?:the )?(?P<bare>[A-Z][\w’' -]{2,40}):[\])]\s*"
)
_MESSAGES = frozenset({"telegram", "circular", "message"})


def find_reported(
    text: str, paragraphs: Sequence[Span], present: Iterable[str], known: Iterable[str]
) -> tuple[Turn, ...]:
    """Return the paragraphs that report one speaker's words and nobody else's, as turns.

    A bare family name counts only for somebody `present` or `known`.
    """
    names = {_family(name) for name in (*present, *known) if name}
    turns = []
    for span in paragraphs:
        words = span.of(text)
        match = _OPENS.match(words)
        if not match:
            continue
        label = match["label"]
        titled = re.match(rf"(?:The )?{_TITLE}", label)
        if not titled and _family(label) not in names:
            continue
        if _is_only(label, words[match.end() :], names):
            turns.append(Turn(span, re.sub(r"^The ", "", label)))
    return tuple(turns)


def find_relayed(text: str, paragraphs: Sequence[Span], kind: str | None) -> tuple[Turn, ...]:
    """Return the message that a telegram passes on from somebody whom its first words name."""
    if kind not in _MESSAGES or not paragraphs:
        return ()
    for number, span in enumerate(paragraphs[:3]):
        match = _RELAYED.match(span.of(text))
        if match:
            start = span.start + match.end()
            if start >= span.end:
                if number + 1 == len(paragraphs):
                    return ()
                start = paragraphs[number + 1].start
            label = (match["label"] or match["bare"]).strip(" .")
            return (Turn(Span(start, paragraphs[-1].end), label),)
    return ()


def _is_only(label: str, rest: str, names: set[str]) -> bool:
    """Return whether nobody but the speaker says anything in the rest of a paragraph."""
    family = _family(label)
    for match in _ANYBODY.finditer(rest):
        if _family(match["label"]) != family and _SPEAKING.match(rest, match.end()):
            return False
    return not any(
        name != family and re.search(rf"\b{re.escape(name)},? {_SAID}", rest) for name in names
    )


def _family(name: str) -> str:
    words = re.sub(r"\s*\(.*?\)|,.*", "", name).strip(" .:").split()
    return words[-1] if words else ""
