"""The private card of a receipt: what it proves, and what has changed since."""

from collections.abc import Sequence

from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.render.answer import describe_filters
from bot.discord.render.layout import GREEN, YELLOW, Button, Card, Part, Section, Text, small
from bot.discord.render.sources import date_in_words, fit, quote_words, source_line
from corpus.documents import Document, Span
from index.answering.receipts import Replay
from index.answering.verdict import Verdict

SAME = "The same answer as in receipt {name}: the archive has every word of it at its place."
OTHER = "Not the answer of receipt {name} any more:"
MEANING = (
    "A receipt stands for a question, its filters, the outcome, and the words quoted by document, "
    "place and SHA-256. It was checked by answering again."
)
LOST = "no longer there, word for word"

_QUESTION_ROOM = 300
_WORDS_ROOM = 240
_CHANGE_ROOM = 200
# The most changes that are shown.
_CHANGES = 8


def replay_card(
    replay: Replay,
    found: Sequence[tuple[Document, Span] | None],
    day: str,
    tr: Phrases = ENGLISH,
) -> Card:
    """Make the card of a receipt, given on a day, whose question was answered again.

    `found` are the quotations of the receipt, None for one that the archive no longer has.
    """
    then, changes = replay.receipt, replay.changes
    head = [small(f"**{fit(then.question, _QUESTION_ROOM)}**")]
    if then.filters.given:
        head.append(small(fit(describe_filters(then.filters, tr), 140)))
    lines = [f"**{tr(OTHER if changes else SAME, name=then.receipt_id)}**"]
    lines += [f"- {fit(tr.known(each), _CHANGE_ROOM)}" for each in changes[:_CHANGES]]
    if len(changes) > _CHANGES:
        lines.append(tr("and {count:,} more changes", count=len(changes) - _CHANGES))
    parts: list[Part] = [Text("\n".join(head)), Text("\n".join(lines))]
    for place, (quoted, each) in enumerate(zip(then.quotes, found, strict=True)):
        if each is None:
            parts.append(Text(f"{place + 1}. {fit(quoted.doc_id, 120)}: {tr(LOST)}"))
            continue
        document, span = each
        words = quote_words(span.of(document.text), (), _WORDS_ROOM)
        source = source_line(document, span, tr)
        parts.append(Section(f"{words}\n{source}", Button(tr("Read"), "read", place)))
    given = tr(
        "Answered on {day}." if then.verdict == Verdict.ANSWERED else "Asked on {day}: {verdict}.",
        day=tr.date(day, date_in_words),
        verdict=tr.known(then.verdict.replace("_", " "), "verdict"),
    )
    parts.append(Text(f"{small(fit(given, 120))}\n{small(tr(MEANING))}"))
    return Card(tuple(parts), YELLOW if changes else GREEN)
