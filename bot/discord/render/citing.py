"""The card of citations, and their forms for programs as files."""

from collections.abc import Sequence

from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.render.layout import Attached, Card, Part, Row, Select, Text
from bot.discord.render.sources import fit
from corpus.citations.bibliography import Bibliography
from corpus.citations.styles import STYLES, cite
from corpus.documents import Document, Span

Shown = tuple[Document, Span | None]
FILE_STYLES = {name: (style, style.file_name) for name, style in STYLES.items() if style.file_name}
# The names of styles where they are not the names of the command line in capitals.
_LABELS = {"bibtex": "BibTeX", "biblatex": "BibLaTeX"}


def citation_card(
    cited: Sequence[Shown],
    action: str,
    place: int,
    style: str | None = None,
    tr: Phrases = ENGLISH,
) -> Card:
    """Make the card of citations, with a menu of files and the file of `style`, if chosen.

    `action` and `place` are those of the menu.
    """
    room = 3600 // (2 * len(cited))
    parts: list[Part] = []
    for document, span in cited:
        citation = cite(document, span)
        lines = [tr("**Chicago, full note**"), fit(citation.note, room - 60)]
        lines += [tr("**Short note**"), fit(citation.short, room - 60)]
        parts.append(Text("\n".join(lines)))
    options = tuple(
        (name, _LABELS.get(name, name.upper()), tr.known(style.description))
        for name, (style, _) in FILE_STYLES.items()
    )
    parts.append(Row((Select(tr("As a file"), action, place, options),)))
    if style:
        parts.append(Attached(FILE_STYLES[style][1]))
    return Card(tuple(parts))


def citation_file(cited: Sequence[Shown], name: str, accessed: str) -> tuple[str, bytes]:
    """Write citations in a form that programs read; return the file's name and content.

    `accessed` is the day on which the words were read, as an ISO date.
    """
    style, file_name = FILE_STYLES[name]
    bibliography = Bibliography(accessed)
    for document, span in cited:
        bibliography.add(document, span)
    return file_name, (bibliography.write(style) + "\n").encode()
