"""Exchanges over the bundled collection: what follow-up questions gain by being understood."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.documents import Span
from index.answering.answer import Answer, answer
from index.answering.turns import hear, make_exchange
from index.evaluating.judged_sets import Judged
from index.retrieval.archive import Archive
from index.understanding.conversation.exchange import Exchange
from index.understanding.conversation.rewriting import RewrittenQuestion, rewrite_question

EXCHANGES: list[dict[str, Any]] = [
    json.loads(line)
    for line in Path(__file__).with_name("exchanges.jsonl").read_text("utf-8").splitlines()
]

Understanding = Callable[[str, Sequence[Exchange], Archive], RewrittenQuestion]

# What was done before questions were understood: those with a pronoun, or short, are asked after
# the last one.
_JOINED = re.compile(
    r"^(?:and|but|also|what about|how about|why|when|where|who|how)\b[^.]{0,24}\?*$"
    r"|\b(?:he|she|they|it|him|her|them|his|their|its|that|this|those|these|there)\b",
    re.IGNORECASE,
)


def ask_alone(question: str, turns: Sequence[Exchange], archive: Archive) -> RewrittenQuestion:
    """Return a question as it stands."""
    return RewrittenQuestion(question, question)


def join(question: str, turns: Sequence[Exchange], archive: Archive) -> RewrittenQuestion:
    """Return a question after the last one where it has a pronoun or is short."""
    leans = turns and _JOINED.search(question)
    return RewrittenQuestion(f"{turns[-1].question} {question}" if leans else question, question)


def follow(question: str, turns: Sequence[Exchange], archive: Archive) -> RewrittenQuestion:
    """Return a question as memcon understands it."""
    return hear(question, turns, archive)


WAYS: dict[str, Understanding] = {
    "each question alone": ask_alone,
    "after the last question": join,
    "understood": follow,
}


@dataclass(frozen=True, slots=True)
class Followed:
    """A follow-up question, how it was understood, and its answer."""

    judged: Judged
    understood: RewrittenQuestion
    given: Answer


def ask_exchanges(archive: Archive, way: Understanding, *, held_out: bool) -> Iterator[Followed]:
    """Ask exchanges turn by turn, and yield every question but the first of each."""
    for exchange in EXCHANGES:
        if exchange.get("held_out", False) != held_out:
            continue
        turns: list[Exchange] = []
        for place, row in enumerate(exchange["turns"]):
            understood = way(row["text"], turns, archive)
            given = answer(understood.question, archive, without=understood.without)
            turns.append(make_exchange(given, archive.names))
            if place:
                answers = tuple(
                    (span["doc_id"], Span(span["start"], span["end"])) for span in row["answers"]
                )
                doc_ids = tuple(dict.fromkeys(doc_id for doc_id, _ in answers))
                name = f"{exchange['exchange_id']}.{place + 1}"
                judged = Judged(name, row["text"], True, doc_ids, answers)
                yield Followed(judged, understood, given)


def count_changed(questions: Sequence[str], archive: Archive) -> int:
    """Return how many questions that stand alone are changed after a turn on something else."""
    turns = [Exchange("Who won the prize for the best lighthouse in 1871?", "answered", ())]
    understood = [rewrite_question(question, turns, archive.names) for question in questions]
    return sum(each.is_reworded or bool(each.without) for each in understood)
