"""The card of a server's answers that were judged wrong."""

from collections import Counter
from collections.abc import Sequence

from bot.discord.feedback import FILE, REASONS, Feedback
from bot.discord.phrases import ENGLISH, Phrases
from bot.discord.render.layout import Attached, Card, Text, small
from bot.discord.render.sources import fit

NOTHING = "No answer was judged wrong in this server yet."
HEAD = "**Answers judged wrong: {count:,}** ({kinds})"
FOOT = "page {page} of {pages} · without who asked or judged · memcon eval reads {file}"

ROWS_A_PAGE = 10
_QUESTION_ROOM = 180


def count_pages(rows: Sequence[Feedback]) -> int:
    """Count the pages of the card; at least one."""
    return max(1, -(-len(rows) // ROWS_A_PAGE))


def feedback_card(rows: Sequence[Feedback], page: int, tr: Phrases = ENGLISH) -> Card:
    """Make a page of judged questions, to which the file `FILE` is attached."""
    if not rows:
        return Card((Text(tr(NOTHING)),))
    counts = Counter(each.kind for each in rows)
    kinds = ", ".join(
        f"{counts[kind]:,} {tr.known(kind, 'judgement')}"
        for kind in REASONS.values()
        if counts[kind]
    )
    shown = rows[page * ROWS_A_PAGE : (page + 1) * ROWS_A_PAGE]
    lines = [
        f"- **{fit(tr.known(each.kind, 'judgement'), 30)}** · {fit(each.question, _QUESTION_ROOM)}"
        for each in shown
    ]
    foot = tr(FOOT, page=page + 1, pages=count_pages(rows), file=FILE)
    return Card(
        (
            Text(tr(HEAD, count=len(rows), kinds=kinds)),
            Text("\n".join(lines)),
            Attached(FILE),
            Text(small(foot)),
        )
    )
