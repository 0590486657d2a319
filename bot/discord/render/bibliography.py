"""The card of a channel's bibliography, and its files."""

from collections.abc import Sequence

from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.render.layout import Attached, Card, Part, Text, small
from bot.discord.render.sources import fit
from bot.discord.text import length
from corpus.citations.bibliography import Bibliography
from corpus.citations.chicago import chicago_note
from corpus.citations.cited import Cited
from corpus.citations.styles import STYLES

HEAD = "**Cited here**"
PUBLIC = "public answers here, of the last 90 days"
DIRECT = "answers here, of the last 90 days"
PRIVATE = "public answers and your private ones here, of the last 90 days"
NOTHING = "No answer here has quoted anything yet, as far as I know: I keep answers for 90 days."
NO_OPENER = "The answer that this thread was opened on cannot be read; its sources are missing."

# Room for the sources, for each of them and each remark.
_LIST_ROOM = 3000
_SOURCE_ROOM = 600
_REMARK_ROOM = 200
# The most remarks that are shown on the card.
_REMARKS = 3
_LIST_NAME = "bibliography.txt"


def bibliography_card(
    sources: Sequence[Cited],
    remarks: Sequence[str],
    tr: Phrases = ENGLISH,
    *,
    private: bool,
    direct: bool = False,
) -> tuple[Card, list[tuple[str, bytes]]]:
    """Make the card of the sources in Chicago style, with the names and contents of its files.

    `remarks` say what is missing; `direct` messages have no public. A list that does not fit the
    card is attached whole.
    """
    notes = [f"{number}. {chicago_note(each)}" for number, each in enumerate(sources, start=1)]
    shown: list[str] = []
    room = _LIST_ROOM
    for note in notes:
        line = fit(note, _SOURCE_ROOM)
        room -= length(line) + 1
        if room < 0:
            break
        shown.append(line)
    files: list[tuple[str, bytes]] = []
    more = len(notes) - len(shown)
    if more or len(remarks) > _REMARKS or any(line.endswith(" …") for line in shown):
        files.append((_LIST_NAME, ("\n".join([*notes, "", *remarks]).strip() + "\n").encode()))
    if sources:
        bibliography = Bibliography()
        for each in sources:
            bibliography.include(each)
        files += [
            (f"bibliography.{suffix}", (bibliography.write(STYLES[style]) + "\n").encode())
            for style, suffix in (("bibtex", "bib"), ("ris", "ris"))
        ]
    left = [tr("and {count:,} more in {file}", count=more, file=_LIST_NAME)] if more else []
    lines = [*shown, *left]
    parts: list[Part] = [Text(tr(HEAD))]
    if lines:
        parts.append(Text("\n".join(lines)))
    if remarks:
        few = [small(fit(each, _REMARK_ROOM)) for each in remarks[:_REMARKS]]
        if len(remarks) > _REMARKS:
            few.append(small(tr("and {count:,} more", count=len(remarks) - _REMARKS)))
        parts.append(Text("\n".join(few)))
    parts += [Attached(name) for name, _ in files]
    count = tr("{count:,} sources", count=len(sources))
    parts.append(
        Text(small(f"{count} · {tr(DIRECT if direct else PRIVATE if private else PUBLIC)}"))
    )
    return Card(tuple(parts)), files
