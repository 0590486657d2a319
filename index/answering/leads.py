"""Leads: what comes near a question that the archive does not answer for certain.

They are quotations like any other, and no answers. Where not one of them comes near, the archive
does not say, and there are none. A hint says with what else the same question would find more: a
level that asks for less, or no filter where one was given.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from index.answering.quotations import Quote
from index.answering.verdict import Judgement, Level, Verdict
from index.retrieval.filters import Filters

# How many quotations that come near are shown where nothing answers.
LEADS = 5
# A sentence comes near when its vector does, or when it has this much of the weight of the terms of
# the question, or of such terms in another spelling.
_NEAR = 0.7
_SHARED = 0.4
_ALIKE = 0.2


class Refusal(StrEnum):
    """How a question is refused: something comes near, or nothing does."""

    UNSURE = "unsure"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Hint:
    """With what else a refused question finds more.

    `level` is another level, None for the same; `without` are the fields of `Filters` that are to
    be left out. `is_answered` tells whether there is an answer then, or only something that comes
    near.
    """

    level: Level | None
    without: tuple[str, ...]
    is_answered: bool


def choose_leads(quotes: Sequence[Quote], *, is_read: bool) -> tuple[Quote, ...]:
    """Return those of the best quotations for a question that are shown as leads, best first.

    There are none where not one comes near. `is_read` tells whether the encoder knows the language
    of the question; without it, vectors say nothing and any word in common counts.
    """
    leads = [quote for quote in quotes if _has_to_do(quote)][:LEADS]
    return tuple(leads) if any(_is_near(quote) or not is_read for quote in leads) else ()


def find_hints(
    filters: Filters,
    level: Level,
    confidence: float,
    refusal: Refusal,
    look: Callable[[Filters], tuple[Judgement, Refusal]],
) -> tuple[Hint, ...]:
    """Return with what else a question that was refused finds more.

    `look` asks it with other filters, at the same level. No filter is left out that may stay.
    """
    hints = [
        Hint(other, (), is_answered=True)
        for other in (Level.BALANCED, Level.EAGER)
        if other.threshold < level.threshold and confidence >= other.threshold
    ][:1]
    given = [each.name for each in fields(filters) if getattr(filters, each.name) is not None]
    attempts: list[tuple[str, ...]] = [(name,) for name in given]
    if len(given) > 1:
        attempts.append(tuple(given))
    wider: list[Hint] = []
    for without in attempts:
        if len(without) > 1 and wider:
            break
        judgement, other_refusal = look(replace(filters, **dict.fromkeys(without)))
        is_answered = judgement.verdict is not Verdict.NOT_FOUND
        if is_answered or (refusal is Refusal.SILENT and other_refusal is Refusal.UNSURE):
            wider.append(Hint(None, without, is_answered=is_answered))
    return (*hints, *wider)


def _has_to_do(quote: Quote) -> bool:
    """Tell whether a quotation has to do with the question at all."""
    known = quote.features
    return known["coverage"] > 0 or known["alike"] > 0 or known["cosine"] >= _NEAR


def _is_near(quote: Quote) -> bool:
    known = quote.features
    return known["cosine"] >= _NEAR or known["coverage"] >= _SHARED or known["alike"] >= _ALIKE
