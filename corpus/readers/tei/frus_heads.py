"""What the head of a FRUS document says: its title, its kind, who wrote to whom."""

import re
from typing import TYPE_CHECKING

from corpus.documents import PARAPHRASE, SUMMARY
from corpus.readers.tei.elements import is_note, own_words, trim_points
from corpus.readers.text_flow import local_name
from corpus.word_lists import read_patterns

if TYPE_CHECKING:
    from lxml.etree import _Element

_KNOWN = read_patterns(__file__)
_NUMBERED = re.compile(r"(?:\d+[a-z]?\.|No\. \d+[a-z]?\.)\s+")
_MARKER = re.compile(
    r"\[?(?:sub-?)?(?:in|en)closures?(?: \w{1,3}\b)?(?: in No\. ?\d+)?[.—:]*\]\s*", re.IGNORECASE
)
_UNTITLED = "[Untitled]"
_TITLE_CHARS = 200
_OF = r"(?:an? |the )?(?:\w+ )?"
_KINDS = re.compile(
    rf"(?P<conversation>Memorand(?:um|a) of {_OF}Conversations?)|(?P<editorial>Editorial Note)"
    rf"|(?P<record>(?:Notes?|Records?) (?:of|on) {_OF}(?:Telephone )?Conversations?)"
    rf"|(?:[A-Z][\w-]+ ){{0,3}}?(?P<kind>{_KNOWN['kinds']})\b",
    re.IGNORECASE,
)
_KIND_NAMES = {
    "press conference": "news conference",
    "briefing": "press briefing",
    "conversation": "record of conversation",
    "notes": "minutes",
}
_EXCERPT = re.compile(
    r"(?:Extracts?|Translation|Copy|Draft|Summary|Substance|Text)(?: of| from)?"
    r"(?: an?| the| proposed)? +",
    re.IGNORECASE,
)
_TELEGRAM = re.compile(r"\b(?:tele|cable)gram\b", re.IGNORECASE)
_RENDITION = re.compile(
    r"(?P<paraphrase>\bparaphrased?\b)|\[(?:\w+[.—– ]+)*summary\.?\]", re.IGNORECASE
)
_DEPARTMENT = re.compile(
    r"(?:The )?(?:(?:Acting|Assistant|Under) )*Secretary of State|Department of State"
)
_ENVOY = re.compile(
    r"(?:The )?(?:Appointed |Acting |Vice )?(?:Minister|Ambassador|Charg[ée]|Consul|Commissioner"
    r"|High Commissioner|Diplomatic|Agent|Military Attach[ée])\b[\w’' é-]*? (?:in|at|to) "
)
_FOREIGN = re.compile(
    r"(?:The )?(?:[A-Z][\w’-]+ ){1,4}(?:Minister|Ambassador|Charg[ée]|Embassy|Legation|Secretary)\b"
)
# What a dateline of a volume before 1906 says of the writer, whom its head calls only "Mr. Ash".
_OWN_POST = re.compile(
    r"\b(?:Legation|Embassy|Consul(?:ate)?(?:[- ]General)?|Agency)\b.* of "
    r"(?:the )?(?:United|U\. ?S)"
    r"|\b(?:United States|American|U\. ?S\.) (?:Legation|Embassy|Consul)",
    re.IGNORECASE,
)
_THEIR_POST = re.compile(
    r"\b(?:Legation|Embassy)\b|(?:Foreign Office|Ministry (?:of|for) Foreign)", re.IGNORECASE
)
_CORRESPONDENCE = re.compile(
    r"(?:[A-Z][\w ]{2,40} [Ff]rom |(?:[\w ]{2,40} )?(?i:letter|instruction|telegram|note) of )?"
    r"(?P<from>(?:(?:The |Messrs\.? |Mr\.? )?[A-Z])[^:;\[\]]{2,120}?)"
    r",? to (?P<to>(?:(?:the |an? )?[A-Z](?![a-z]+ \d)|the [a-z]|his |her )[^:;\[\]]{2,120}?)\.?"
    r"(?: \(Comm.*)?"
)
_NAMED = re.compile(
    rf"{_KNOWN['writers']}\b|(?:(?:[A-Z][\w.’'-]*|de|von|van|del|&) ?){{1,6}}(?:\([^()]+\))?$"
)
_NO_WRITER = re.compile(rf"\bin (?:answer|reply|response)\b|^{_KNOWN['no_writer']}", re.IGNORECASE)
_AUTHOR = re.compile(
    r"(?P<what>[A-Z][\w ’'.-]{2,60}?) by (?:the )?"
    r"(?:[^():;]{3,120}?\((?P<name>[A-Z][^()]{1,40})\).*"
    r"|(?P<office>[^():;]{3,80}?)"
    r"(?:,? (?i:on|before|to|at|with|in|regarding|concerning|as|for an?|of an?)\b.*)?)"
)
# What somebody else wrote, or what the matter of it is.
_PASSED_ON = re.compile(
    r"\b(?:(?:concerning|regarding|relating|touching|to be)\b.*|received|approved|transmitted"
    r"|forwarded|occupied|seized|translated)$",
    re.IGNORECASE,
)
_NAME_IN_BRACKETS = re.compile(r".*\((?P<name>[A-Z][^()]{1,40})\)")
# What may follow a name after a comma and is no part of it: an office, a date, how it was done.
_BEYOND_NAME = re.compile(
    r",\s*(?:$|(?!and |or |de |von )[a-z]|[A-Z][a-z]+ \d|\d|(?:Acting |Assistant |His |Her )*"
    r"(?:Secretary|Minister|Ambassador|Consul|Charg|Envoy|Commissioner|President|Governor|Chief|Director)).*"
)


def find_title(div: "_Element", head: "_Element | None") -> str | None:
    """Return the head of a document without its number, or a centred line that stands for one."""
    words = _NUMBERED.sub("", own_words(head), count=1) if head is not None else ""
    words = _MARKER.sub("", words, count=1) if _MARKER.match(words) else words
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
            name = _clean(trim_points(own_words(node)).removeprefix("Mr. "))
            if name:
                marked[node.get("type") or ""][name] = None
    creators, recipients = tuple(marked["from"]), tuple(marked["to"])
    words = title or ""
    told = _CORRESPONDENCE.fullmatch(words) if words.count(" to ") == 1 else None
    if told and (_NO_WRITER.search(told["from"]) or not (creators or _NAMED.match(told["from"]))):
        told = None
    written = _AUTHOR.fullmatch(words)
    if written and (_PASSED_ON.search(written["what"]) or not _KINDS.match(words)):
        written = None
    author = _clean(written["name"] or written["office"]) if written else None
    if told:
        # A name that the head has only after "to" is not the sender, whatever its mark.
        before = told["from"]
        creators = tuple(name for name in creators if name in before) or (_person_in(before),)
        recipients = recipients or (_person_in(told["to"]),)
    elif author and written:
        phrase = written["name"] or written["office"]
        kept = tuple(name for name in creators if name in phrase and name not in recipients)
        creators = kept or (author,)
        recipients = tuple(name for name in recipients if name not in creators)
    return creators, recipients


def _person_in(words: str) -> str:
    """Return the name of "The Consul at Moscow (Poole)", or the office where there is none."""
    named = _NAME_IN_BRACKETS.fullmatch(words)
    return named["name"] if named else _clean(re.sub(r"^(?:The|Mr\.) ", "", words))


def _clean(name: str) -> str:
    """Return a name without what follows it after a comma; "Jr." keeps its point."""
    name = _BEYOND_NAME.sub("", name).strip(" ,")
    return f"{name}." if name.endswith((" Jr", " Sr", " Esq")) else name


def find_kind(
    title: str | None,
    remarks: list[str],
    own: list["_Element"],
    serials: tuple[str, ...] = (),
) -> str | None:
    """Return the kind of a document: by its head, a remark above it, or who wrote to whom.

    A numbered letter to or from a post of the United States is a despatch or an instruction, one
    between governments a note; any other one from a person to another is a letter.
    """
    words = title or ""
    kind = _kind_of(words) or _kind_of(_EXCERPT.sub("", words, count=1))
    if kind:
        return kind
    if any(_TELEGRAM.search(each) for each in remarks):
        return "telegram"
    pieces = (piece for each in remarks for piece in re.split(r"[—–]", each.strip("[] ")))
    kind = next(filter(None, (_kind_of(piece, whole=True) for piece in pieces)), None)
    if kind:
        return kind
    centred = (own_words(each) for each in own if each.get("rend") == "center")
    heads = {line.strip(".[] ").lower() for line in centred}
    known = ("memorandum", "circular", "aide-mémoire")
    kind = next((kind for kind in known if kind in heads), None)
    return kind or _kind_of_letter(words, own, is_numbered=bool(serials))


def _kind_of(words: str, *, whole: bool = False) -> str | None:
    match = _KINDS.fullmatch(words.strip(" .")) if whole else _KINDS.match(words)
    if not match:
        return None
    if match["conversation"]:
        return "memorandum of conversation"
    if match["record"]:
        return "record of conversation"
    found = (match["editorial"] or match["kind"]).lower()
    # "Minister's Report to X" is one; "Mr. Law to Mr. Act" is not.
    if not whole and " to " in words and re.match(r"(?:The |Mr|Sir |Lord )", words):
        return None
    return _KIND_NAMES.get(found, found)


def _kind_of_letter(words: str, own: list["_Element"], *, is_numbered: bool) -> str | None:
    sender, to, recipient = words.partition(" to ")
    if not to or _NO_WRITER.search(sender):
        return None
    ours = [bool(_DEPARTMENT.match(each)) for each in (sender, _capital(recipient))]
    envoys = [bool(_ENVOY.match(f"{each} ")) for each in (sender, _capital(recipient))]
    foreign = [
        bool(_FOREIGN.match(each)) and not (our or envoy)
        for each, our, envoy in zip((sender, _capital(recipient)), ours, envoys, strict=True)
    ]
    if ours[0] and envoys[1]:
        kind = "instruction"
    elif envoys[0] and ours[1]:
        kind = "despatch"
    elif any(foreign) and (any(ours) or any(envoys)):
        kind = "note"
    else:
        line = next((own_words(each) for each in own if local_name(each) == "dateline"), "")
        kind = _kind_from(line, is_numbered=is_numbered)
    return kind


def _kind_from(dateline: str, *, is_numbered: bool) -> str:
    """Return the kind of a letter by the office that its dateline names."""
    if re.match(r"\W*Department of State", dateline, re.IGNORECASE):
        return "instruction" if is_numbered else "letter"
    if _OWN_POST.search(dateline):
        return "despatch"
    return "note" if _THEIR_POST.search(dateline) else "letter"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def find_rendition(title: str | None, remarks: list[str]) -> str | None:
    """Return "paraphrase" or "summary" where the editors give a whole record in their own words."""
    for words in (title or "", *remarks):
        if match := _RENDITION.search(words):
            return PARAPHRASE if match["paraphrase"] else SUMMARY
    return None
