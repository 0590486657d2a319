"""The card of citations, and their forms for programs as files."""

import json
from collections import Counter
from collections.abc import Sequence

from bot.discord.render.layout import Attached, Card, Part, Row, Select, Text
from bot.discord.render.sources import fit
from corpus.citations.cited import Cited
from corpus.citations.styles import STYLES, cite
from corpus.documents import Document, Span

Shown = tuple[Document, Span | None]
FILE_STYLES = {name: (style, style.file_name) for name, style in STYLES.items() if style.file_name}
# The names of styles where they are not the names of the command line in capitals.
_LABELS = {"bibtex": "BibTeX", "biblatex": "BibLaTeX"}


def citation_card(
    cited: Sequence[Shown], action: str, place: int, style: str | None = None
) -> Card:
    """Make the card of citations, with a menu of files and the file of `style`, if chosen.

    `action` and `place` are those of the menu.
    """
    room = 3600 // (2 * len(cited))
    parts: list[Part] = []
    for document, span in cited:
        citation = cite(document, span)
        lines = ["**Chicago, full note**", fit(citation.note, room - 60)]
        lines += ["**Short note**", fit(citation.short, room - 60)]
        parts.append(Text("\n".join(lines)))
    options = tuple(
        (name, _LABELS.get(name, name.upper()), style.description)
        for name, (style, _) in FILE_STYLES.items()
    )
    parts.append(Row((Select("As a file", action, place, options),)))
    if style:
        parts.append(Attached(FILE_STYLES[style][1]))
    return Card(tuple(parts))


def citation_file(cited: Sequence[Shown], name: str, accessed: str) -> tuple[str, bytes]:
    """Write citations in a form that programs read; return the file's name and content.

    `accessed` is the day on which the words were read, as an ISO date.
    """
    every = [Cited.of(document, span, accessed) for document, span in cited]
    return FILE_STYLES[name][1], write_citations(every, name)


def write_citations(cited: Sequence[Cited], name: str) -> bytes:
    """Write citations as one file of a style, each once and with a key of its own."""
    style, file_name = FILE_STYLES[name]
    written = dict.fromkeys(map(style.write, cited))
    if file_name.endswith(".json"):
        items = [item for each in written for item in json.loads(each)]
        for item, key in zip(items, _number([item["id"] for item in items]), strict=True):
            item["id"] = key
        text = json.dumps(items, ensure_ascii=False, indent=2)
    else:
        entries = [each.rstrip() for each in written]
        if file_name.endswith(".bib"):
            parts = [entry.split("{", 1) for entry in entries]
            heads = [rest.split(",", 1) for _, rest in parts]
            keys = _number([key for key, _ in heads])
            entries = [
                f"{kind}{{{key},{fields}"
                for (kind, _), key, (_, fields) in zip(parts, keys, heads, strict=True)
            ]
        text = "\n\n".join(entries)
    return (text + "\n").encode()


def _number(keys: Sequence[str]) -> list[str]:
    """Make keys differ: "a", "a", "b" become "a", "a-2", "b"."""
    counts: Counter[str] = Counter()
    numbered = []
    for key in keys:
        counts[key] += 1
        numbered.append(key if counts[key] == 1 else f"{key}-{counts[key]}")
    return numbered
