"""What the head of a FRUS document says: its title, its kind, who wrote to whom."""

import re
from typing import TYPE_CHECKING

from corpus.readers.tei.elements import is_note, own_words, trim_points
from corpus.readers.text_flow import local_name

if TYPE_CHECKING:
    from lxml.etree import _Element

_NUMBERED = re.compile(r"(?:\d+[a-z]?\.|No\. \d+[a-z]?\.)\s+")
_UNTITLED = "[Untitled]"
_TITLE_CHARS = 200
_KINDS = re.compile(
    r"(?P<conversation>Memorandum of (?:an? )?(?:\w+ )?Conversation)|(?P<editorial>Editorial Note)"
    r"|(?:[A-Z]\w+ ){0,2}?(?P<kind>Memorandum|Telegram|Airgram|Letter|Minutes|Message|Address"
    r"|Report|Despatch|Dispatch|Statement|Paper|Aide-M[ée]moire|Study|Speech|Instruction|Circular"
    r"|Note|Article|Essay|Remarks)\b",
    re.IGNORECASE,
)
_TELEGRAM = re.compile(r"\b(?:tele|cable)gram\b", re.IGNORECASE)
_CORRESPONDENCE = re.compile(
    r"(?:[A-Z][\w ]{2,40} From )?(?P<from>(?:The |Mr\.? |Mrs\.? |Lord |Sir |Count |Baron |Prince "
    r"|Earl |Secretary |President |Minister |Consul |General |Commander )[^:;]{2,120}?) to "
    r"(?P<to>[^:;]{3,120}?)\.?"
)
_AUTHOR = re.compile(
    r"[A-Z][\w ’'-]{2,60}? by (?:the )?(?:[^():;]{3,120}?\((?P<name>[A-Z][^()]{1,40})\).*"
    r"|(?P<office>[^():;]{3,80}?)"
    r"(?: (?:on|before|to|at|with|in|regarding|concerning|of an?)\b.*)?)"
)
_NAME_IN_BRACKETS = re.compile(r".*\((?P<name>[A-Z][^()]{1,40})\)")


def find_title(div: "_Element", head: "_Element | None") -> str | None:
    """Return the head of a document without its number, or a centred line that stands for one."""
    words = _NUMBERED.sub("", own_words(head), count=1) if head is not None else ""
    if words in {"", _UNTITLED}:
        lines = (each for each in div if local_name(each) not in {"pb", "head", "note", "opener"})
        first = next(lines, None)
        centred = first is not None and local_name(first) == "p" and first.get("rend") == "center"
        words = own_words(first) if centred and first is not None else ""
        words = words if len(words) <= _TITLE_CHARS else ""
    return words.lstrip("* ").removesuffix(".") or None


def find_correspondents(
    head: "_Element | None", title: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return sender and recipient as the head marks them, or else as its form tells them apart."""
    marked: dict[str, dict[str, None]] = {"from": {}, "to": {}}
    for node in () if head is None else head.iter():
        if isinstance(node.tag, str) and node.get("type") in marked and not is_note(node):
            name = trim_points(own_words(node)).removeprefix("Mr. ")
            if name:
                marked[node.get("type") or ""][name] = None
    creators, recipients = tuple(marked["from"]), tuple(marked["to"])
    words = title or ""
    told = _CORRESPONDENCE.fullmatch(words) if words.count(" to ") == 1 else None
    written = _AUTHOR.fullmatch(words)
    author = (written["name"] or written["office"]) if written else None
    if told:
        creators = creators or (_person_in(told["from"]),)
        recipients = recipients or (_person_in(told["to"]),)
    elif author and (not creators or author in recipients):
        # Where the author is marked as the one written to, the marks are a mistake.
        creators, recipients = (author,), tuple(name for name in recipients if name != author)
    return creators, recipients


def _person_in(words: str) -> str:
    """Return the name of "The Consul at Moscow (Poole)", or the office where there is none."""
    named = _NAME_IN_BRACKETS.fullmatch(words)
    return named["name"] if named else re.sub(r"^(?:The|Mr\.) ", "", words)


def find_kind(title: str | None, remarks: list[str], own: list["_Element"]) -> str | None:
    """Return what kind of document it is, by its head, a remark above it, or a centred line."""
    match = _KINDS.match(title or "")
    if match:
        known = "memorandum of conversation" if match["conversation"] else match["editorial"]
        return (known or match["kind"]).lower()
    if any(_TELEGRAM.search(each) for each in remarks):
        return "telegram"
    centred = (own_words(each) for each in own if each.get("rend") == "center")
    heads = {words.strip(".[] ").lower() for words in centred}
    return next(
        (kind for kind in ("memorandum", "circular", "aide-mémoire") if kind in heads), None
    )
