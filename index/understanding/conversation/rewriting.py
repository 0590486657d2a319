"""Rewrite follow-up questions to stand alone: "And Gore?", "What did he reply?", "Why?".

A fragment replaces its counterpart in the last question, and a pronoun the person or thing last
mentioned. Where neither is clear, the content words of the last question are added in brackets. A
question that stands alone is left unchanged. Quotations of the last answer that lack what the
follow-up newly asks for are excluded from the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from index.understanding.conversation import english, japanese
from index.understanding.conversation.exchange import TURNS, Exchange, Place
from index.understanding.conversation.focus import find_focus, matches_focus
from index.understanding.conversation.followups import detect_followup, opens_with_conjunction
from index.understanding.dates import find_year
from index.understanding.entities import DATE, find_entities
from index.understanding.japanese.glossary import is_japanese
from index.understanding.names import Names

# A rewriting longer than this, in characters, is discarded.
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class RewrittenQuestion:
    """A question in the words to search with, and as it was typed.

    Both are the same for a question that stands alone. `without` are places that cannot answer it.
    `wider` is the question with the topic of the last one added, where it stands alone but opens
    with a conjunction; else empty.
    """

    question: str
    typed: str
    without: tuple[Place, ...] = ()
    wider: str = ""

    @property
    def is_reworded(self) -> bool:
        """Whether the words differ from those typed."""
        return self.question != self.typed


def rewrite_question(question: str, turns: Sequence[Exchange], names: Names) -> RewrittenQuestion:
    """Rewrite a question to stand alone after earlier exchanges, the last one last."""
    turns = turns[-TURNS:]
    alone = RewrittenQuestion(question, question)
    if not turns:
        return alone
    last, wider = turns[-1], ""
    if is_japanese(question):
        rewritten = japanese.rewrite(question, turns, names)
    else:
        entities = find_entities(question, names)
        followup = detect_followup(question, entities)
        rewritten = english.rewrite(question, followup, turns, names) if followup else None
        if rewritten is None and opens_with_conjunction(question):
            rewritten, wider = question, english.add_topic(question, turns, names)
            dates = [each.words for each in entities if each.kind == DATE]
            # A day or month without a year takes that of the last question.
            if dates and not any(map(find_year, dates)) and find_year(last.question):
                rewritten, wider = wider, ""
    if rewritten is None or max(len(rewritten), len(wider)) > _LONGEST:
        return alone
    focus = find_focus(question, last.question, names)
    stale = [
        quote.place for quote in last.quotes if not matches_focus(focus, quote.text, quote.about)
    ]
    return RewrittenQuestion(rewritten, question, tuple(stale), wider)
