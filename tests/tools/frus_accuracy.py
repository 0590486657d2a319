"""How well dates, senders and recipients of FRUS volumes are read: compared with what is printed.

The check knows nothing of how the reader reads. A date agrees where each of its words stands in the
printed dateline, the part on receipt left out; a sender where the name stands before "to" in the
head or in the signature, a recipient where it stands after "to".
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.documents import Enclosure, Provenance
from corpus.readers import Reading
from corpus.readers.tei.elements import is_block_quotation, own_elements, own_words
from corpus.readers.tei.reader import read_xml
from corpus.readers.tei.text import render_tei
from corpus.readers.text_flow import local_name
from corpus.readers.xml_tree import parse_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

AGREES, DIFFERS, UNREAD = "agrees", "differs", "not read"
FIELDS = ("dateline", "sender", "recipient")
_RECEIVED = re.compile(r"[\[(]?\b(?:Received|Rec[’'.]?d)\b.*", re.IGNORECASE | re.DOTALL)
_YEAR = re.compile(r"\b1[6-9]\d\d\b")
_UNDATED = re.compile(r"undated|without date", re.IGNORECASE)
_MONTH = re.compile(r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec")
_FRENCH = {"mai": "may", "février": "feb"}
_NUMBER = re.compile(r"^(?:No\. )?\d+[a-z]?\.\s+")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field of a document or an enclosure: as printed, as read, and how they compare."""

    volume: str
    document: str
    field: str
    printed: str
    found: str
    outcome: str


def compare(path: Path) -> Iterator[Comparison]:
    """Yield every dateline, sender and recipient that a volume prints, compared."""
    data = path.read_bytes()
    nodes = _documents(parse_xml(data))
    for reading in read_xml(data):
        if not isinstance(reading, Reading):
            continue
        node = nodes[reading.name or reading.provenance.number or ""]
        yield from compare_document(path.stem, reading.name, node, reading.provenance)
        inner = [each for each, _ in render_tei(node).enclosures if not is_block_quotation(each)]
        known = [each for each in reading.provenance.enclosures if each.kind != "quotation"]
        for part, enclosure in zip(inner, known, strict=True):
            yield from compare_document(path.stem, f"{reading.name}, enclosure", part, enclosure)


def _documents(root: "_Element") -> dict[str, "_Element"]:
    found: dict[str, _Element] = {}
    for node in root.iter("{*}div"):
        if node.get("type") == "document":
            name = node.get("{http://www.w3.org/XML/1998/namespace}id") or node.get("n") or ""
            found.setdefault(name, node)
    return found


def compare_document(
    volume: str, name: str, node: "_Element", known: Provenance | Enclosure
) -> Iterator[Comparison]:
    """Yield the dateline, sender and recipient of one document or enclosure, compared."""
    own = list(own_elements(node))
    lines = [own_words(each) for each in own if local_name(each) == "dateline"]
    head = next((own_words(each) for each in own if local_name(each) == "head"), "")
    signed = " ".join(own_words(each) for each in own if local_name(each) == "signed")
    printed = next((each for each in lines if _YEAR.search(_RECEIVED.sub("", each))), None)
    printed = printed or next((each for each in lines if _UNDATED.search(each)), None)
    if printed:
        found = known.cited_date or ""
        outcome = _judge_date(_RECEIVED.sub("", printed), _RECEIVED.sub("", found))
        yield Comparison(volume, name, "dateline", printed, found, outcome)
    # "The Commission to Negotiate Peace to the Secretary of State" has two.
    words = _NUMBER.sub("", head)
    sender, recipient = words.rpartition(" to ")[0], words.partition(" to ")[2]
    if not sender or " by " in sender:
        return
    for field, phrase, names in (
        ("sender", f"{sender} {signed}", known.creators),
        ("recipient", recipient, known.recipients),
    ):
        if names or field == "sender":
            yield Comparison(
                volume, name, field, head, "; ".join(names), _judge_names(phrase, names)
            )


def _judge_date(printed: str, found: str) -> str:
    if not found:
        return UNREAD
    if _UNDATED.search(printed) and "undated" in found:
        return AGREES
    known = _words(printed) | {"ca"}
    if re.search(r"circa|\bca\.", printed) and not found.startswith("ca."):
        return DIFFERS
    # As long a date as is printed: "July 1871" for "July 4, 1871" leaves something out.
    days = {each for each in known if each.isdecimal() and int(each) <= 31}
    is_whole = not days or any(each in _words(found) for each in days)
    return AGREES if _words(found) <= known and is_whole else DIFFERS


def _judge_names(phrase: str, names: tuple[str, ...]) -> str:
    if not names:
        return UNREAD
    words = _words(phrase)
    return AGREES if all(_words(name.split()[-1]) <= words for name in names) else DIFFERS


def _words(text: str) -> set[str]:
    """Return the words of a text as they compare: months by three letters, days without "th"."""
    found = set()
    for word in re.findall(r"\w+", text.casefold()):
        day = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th|d)", word)
        month = _MONTH.match(_FRENCH.get(word, word))
        found.add(day[1] if day else month[0] if month else word)
    return found


def report(folder: Path) -> Iterator[str]:
    """Yield the lines of the table for the volumes in a folder, and every difference."""
    volumes = {path.stem: list(compare(path)) for path in sorted(folder.glob("*.xml"))}
    yield f"| volume | {' | '.join(f'{field}s | agree | differ | not read' for field in FIELDS)} |"
    yield "| --- |" + " ---: |" * (4 * len(FIELDS))
    everything = [each for found in volumes.values() for each in found]
    for name, comparisons in {**volumes, "all": everything}.items():
        counts = Counter((each.field, each.outcome) for each in comparisons)
        cells = []
        for field in FIELDS:
            outcomes = [counts[field, outcome] for outcome in (AGREES, DIFFERS, UNREAD)]
            cells += [sum(outcomes), *outcomes]
        yield f"| {name} | {' | '.join(map(str, cells))} |"
    yield ""
    for each in everything:
        if each.outcome != AGREES:
            yield (
                f"- {each.volume} {each.document}, {each.field}, {each.outcome}: "
                f"{each.found!r}; printed: {each.printed!r}"
            )
