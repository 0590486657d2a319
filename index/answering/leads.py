"""Leads: quotations near a question that the archive does not answer with certainty.

They are no answers. There are none if no quotation is near. A hint names a change with which the
same question finds more: a more lenient level, or no filter.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from index.answering.quotations import Quote
from index.answering.verdict import Judgement, Level, Verdict
from index.retrieval.filters import Filters
from index.retrieval.hits import Hit

# The most leads.
LEADS = 5
# A sentence is near by its vector, or by its share of the question's term weight, exact or in
# another spelling.
_NEAR = 0.7
_SHARED = 0.4
_ALIKE = 0.2


class Refusal(StrEnum):
    """How a question is refused: with leads (`unsure`) or without (`silent`)."""

    UNSURE = "unsure"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Hint:
    """A change with which a refused question finds more.

    `level` is another level, None for the same; `without` are the fields of `Filters` to leave out.
    `is_answered` tells whether that gives an answer, or only leads.
    """

    level: Level | None
    without: tuple[str, ...]
    is_answered: bool


def choose_leads(quotes: Sequence[Quote], *, is_read: bool) -> tuple[Quote, ...]:
    """Return the leads among the best quotations, best first; none if no quotation is near.

    `is_read` tells whether the encoder knows the question's language. If not, any word in common
    counts.
    """
    leads = [quote for quote in quotes if _has_to_do(quote)][:LEADS]
    return tuple(leads) if any(_is_near(quote) or not is_read for quote in leads) else ()


def cut_unrelated(hits: Sequence[Hit], *, is_read: bool) -> list[Hit]:
    """Return ranked passages without the last ones that have nothing to do with the query.

    A passage has to do with it by a word, or by a vector that is near. `is_read` is as above:
    otherwise only words count.
    """
    end = 0
    for place, hit in enumerate(hits, start=1):
        known = hit.features
        is_near = is_read and max(known["cosine"], known["sentence"]) >= _NEAR
        if is_near or hit.lexical_rank is not None or known["coverage"] > 0:
            end = place
    return [*hits[:end]]


def find_hints(
    filters: Filters,
    level: Level,
    confidence: float,
    refusal: Refusal,
    look: Callable[[Filters], tuple[Judgement, Refusal]],
) -> tuple[Hint, ...]:
    """Return the hints for a refused question, leaving out as few filters as possible.

    `look` asks it with other filters at the same level.
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
    """Return whether a quotation is related to the question at all."""
    known = quote.features
    return known["coverage"] > 0 or known["alike"] > 0 or known["cosine"] >= _NEAR


def _is_near(quote: Quote) -> bool:
    known = quote.features
    return known["cosine"] >= _NEAR or known["coverage"] >= _SHARED or known["alike"] >= _ALIKE
