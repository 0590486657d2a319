"""Who speaks in a record whose paragraphs begin with their speakers: "Dr. Kissinger: …"."""

import re
from collections.abc import Iterable, Sequence

from corpus.documents import Span, Turn
from corpus.word_lists import read_patterns

_WORD = r"(?:[A-Z][\w.’'-]*|of|the|for|and|in|to|de|von|van|der)"
_LABEL = re.compile(
    rf"\[?(?:[QA]\.\s+)?(?P<label>[A-Z][\w.’'-]*(?:\s{_WORD}){{0,6}})(?:\s\([^)]{{1,40}}\))?:\]?\s+(?=\S)"
)
_QUESTION = re.compile(r"(?P<label>[QA])\.\s+(?=\S)")
_KNOWN = read_patterns(__file__)
_TITLED = re.compile(rf"(?:(?:The|His|Her)\s+)?{_KNOWN['titles']}\b")
_SALUTATION = re.compile(_KNOWN["salutations"], re.IGNORECASE)
_FULL_NAME = re.compile(r"[A-Z][a-z’'-]+(?:\s[A-Z][\w’'-]*\.?){1,3}")
_INITIALS = re.compile(r"(?:[A-Z]\.\s?){1,3}[A-Z][a-z’'-]\w*")
_NARRATION = re.compile(
    r"(?:There\s+(?:was|were|followed)|After|Following|(?:The|This)\s+(?:meeting|group|conversation"
    r"|discussion|session|luncheon|dinner)|(?:An?|Some|Further)\s+(?:\w+\s+)?discussion|Another)\b"
)
_POINTED = re.compile(
    r"(?P<label>Q|(?:Mr|Mrs|Ms|Dr)\.\s[A-Z][\w’'-]+(?:\s[A-Z][\w’'-]+)*|(?:The\s)?(?:Vice\s)?(?:President"
    r"|(?:Prime\s|Foreign\s)?Minister|(?:Press\s|Deputy\s)?Secretary|Chancellor|Ambassador|General"
    r"|Senator|Governor|Director|Chairman|Premier|King|Queen)(?:\s(?:(?:of|the|for)\s)*[A-Z][\w’'-]+)"
    r"{0,4})\.\s+(?=\S)"
)
_EDITORS_NOTE = re.compile(r"(?:NOTE|Note|Notes)\s*:|End\b")
_BLOCK = re.compile(r"[^\n]+(?:\n[^\n]+)*")
# Fewer words than this, not ending as a sentence does, are a heading.
_HEADING_WORDS = 10
_ENDINGS = ".!?:;,—-”\"’')]"
_HONORIFIC = re.compile(r"(?:The|Mr\.|Mrs\.|Dr\.|Professor|President|Secretary|Ambassador)\s+")


def find_transcript(text: str) -> tuple[Turn, ...] | None:
    """Return the turns of a verbatim transcript, whose speakers stand before a full stop: "Q. …".

    Every word of such a transcript has a speaker, but for remarks in brackets and the notes of the
    editors. None if it names fewer than two speakers.
    """
    turns: list[Turn] = []
    open_turn = False
    for block in _BLOCK.finditer(text):
        match = _POINTED.match(block[0])
        if match:
            turns.append(Turn(Span(block.start() + match.end(), block.end()), match["label"]))
            open_turn = True
        elif _EDITORS_NOTE.match(block[0]) or _is_remark(block[0]):
            open_turn = False
        elif open_turn and (block[0][-1] in _ENDINGS or len(block[0].split()) > _HEADING_WORDS):
            turns[-1] = Turn(Span(turns[-1].span.start, block.end()), turns[-1].label)
    return tuple(turns) if len({turn.label for turn in turns}) > 1 else None


def find_dialogue(
    text: str,
    paragraphs: Sequence[Span],
    stops: Iterable[Span],
    present: Iterable[str] = (),
    known: Iterable[str] = (),
) -> tuple[Turn, ...]:
    """Return the turns of a record whose paragraphs name their speakers; none for other texts.

    `present` are the names of those taking part, `known` those of persons who may be named; a turn
    ends before any of `stops` (headings, remarks). A paragraph without a speaker goes on with the
    turn before it, but not in a record that tells part of the talk in its own words: there nobody
    can say whose such a paragraph is.
    """
    words = [span.of(text) for span in paragraphs]
    opened = [_LABEL.match(each) or _QUESTION.match(each) for each in words]
    labels = [match["label"] for match in opened if match]
    if not labels:
        return ()
    speakers = _find_speakers(labels, set(map(_surname, present)), set(map(_surname, known)))
    if not speakers:
        return ()
    told = _is_told(words, opened, speakers)
    ends = sorted(span.start for span in stops)
    turns: list[Turn] = []
    goes_on = False
    for span, said, match in zip(paragraphs, words, opened, strict=True):
        if match and match["label"] in speakers:
            turns.append(Turn(Span(span.start + match.end(), span.end), match["label"]))
            goes_on = not told
            continue
        last = turns[-1] if turns else None
        goes_on = (
            goes_on
            and last is not None
            # A label of nobody known may still be a speaker's.
            and not match
            and not _is_remark(said)
            and not any(last.span.end <= end <= span.start for end in ends)
        )
        if goes_on and last:
            turns[-1] = Turn(Span(last.span.start, span.end), last.label)
    return tuple(turns)


def _find_speakers(labels: Sequence[str], present: set[str], known: set[str]) -> set[str]:
    """Return the labels that are speakers: at least two, or one who is known to be present.

    A title makes a speaker, and so does the family name of a known person; initials do in the
    company of one of these, and a bare name in that of two.
    """
    found = {
        label
        for label in labels
        if not _SALUTATION.match(label)
        and (_surname(label) in present or label in known or _TITLED.match(label))
    }
    if {"Q", "A"} <= set(labels):
        found |= {"Q", "A"}
    if found:
        found |= {label for label in labels if _INITIALS.fullmatch(label)}
    if len(found) > 1:
        found |= {label for label in labels if _FULL_NAME.fullmatch(label)}
        family = {_surname(label) for label in found}
        found |= {label for label in labels if label in family}
    return found if len(found) > 1 or any(_surname(label) in present for label in found) else set()


def _is_told(
    words: Sequence[str], opened: Sequence[re.Match[str] | None], speakers: set[str]
) -> bool:
    """Return whether paragraphs after the first turn report speech: "Mr. Wallis asked …"."""
    names = {_surname(label) for label in speakers if len(label) > 1}
    begun = False
    for said, match in zip(words, opened, strict=True):
        if match and match["label"] in speakers:
            begun = True
        elif begun and not _is_remark(said):
            head = _HONORIFIC.sub("", said, count=1)
            subject = head.split(maxsplit=1)[0] if head else ""
            if _NARRATION.match(said) or subject in names or said.startswith("The President "):
                return True
    return False


def _is_remark(words: str) -> bool:
    return words.startswith(("[", "("))


def _surname(name: str) -> str:
    """Return the last word of a name or office."""
    words = re.sub(r"\s*\(.*?\)|,.*", "", name).strip(" .:").split()
    return words[-1] if words else ""
