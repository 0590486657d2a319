"""Asking a questionnaire: the quality of each answer, and the stage of each miss.

The measures of an answerable question:

* first, any: it was answered, and the first quotation, or one of them, is right;
* visible: a right one is among quotations or leads, whatever the verdict;
* refused: it was not answered;
* misled: it was answered, and no quotation is right;
* found@10, found@100: a right passage is among the first passages of the ranking.

Of an unanswerable one: declined, it was not answered; misled, it was.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from corpus.documents import Document
from index.answering.answer import Answer, answer
from index.answering.quotations import PASSAGES, Quote
from index.answering.turns import hear, make_exchange
from index.answering.verdict import Verdict
from index.evaluating.evaluation import (
    Evaluation,
    Outcome,
    mean,
    rounded_auroc,
    summarize,
)
from index.evaluating.questionnaires import Item, Questionnaire
from index.retrieval.archive import DEPTH, Archive
from index.retrieval.filters import Filters
from index.retrieval.hits import Hit
from index.storage.inventory import Progress
from index.understanding.answer_types import expected_types, has_type
from index.understanding.conversation.rewriting import RewrittenQuestion
from index.understanding.questions import read_question

if TYPE_CHECKING:
    from index.understanding.conversation.exchange import Exchange

ASKED = ("first", "any", "visible", "refused", "declined", "misled", "found@10", "found@100")


class Stage(StrEnum):
    """The stage that a question reached.

    FIRST: answered with a right quotation first. LATER: with a right one after others. DECLINED:
    unanswerable, and not answered. The others are misses:

    * NOT_FOUND: no right passage is among those whose sentences are candidates;
    * MISUNDERSTOOD: the last question of a conversation gets a right quotation as written out by a
      person, but not as reworded by memcon; or a kind of thing, such as a date, is expected that no
      right sentence of these passages has;
    * NOT_CHOSEN: a right passage is among them, but no right sentence is shown;
    * REFUSED: a right quotation is shown as a lead only;
    * MISLED: unanswerable, but answered.
    """

    FIRST = "first"
    LATER = "later"
    DECLINED = "declined"
    NOT_FOUND = "not_found"
    NOT_CHOSEN = "not_chosen"
    REFUSED = "refused"
    MISUNDERSTOOD = "misunderstood"
    MISLED = "misled"


def ask_questionnaire(
    questionnaire: Questionnaire, archive: Archive, progress: Progress
) -> Evaluation:
    """Ask an archive the questions of a questionnaire."""
    progress.stage(f"asking {questionnaire.name}", len(questionnaire.items))
    # The first question loads the encoder, which is not to be measured.
    answer("warm up", archive)
    outcomes = []
    for item in questionnaire.items:
        outcomes.append(_ask_item(item, archive))
        progress.advance(1)
    reranker = archive.reranker.settings.name if archive.reranker else None
    fingerprint = questionnaire.fingerprint(archive)
    return Evaluation(questionnaire.name, fingerprint, reranker, tuple(outcomes))


def summarize_kinds(evaluation: Evaluation) -> dict[str, Any]:
    """Return the metrics of a questionnaire, of the schema `memcon.eval/1`.

    Besides those of every set: the measures of `ASKED`; `first_auroc`, how well confidence ranks
    questions with a right first quotation above others; the number of questions at each stage; and
    all of these for each kind of question.
    """
    outcomes = evaluation.outcomes
    by_kind = {
        kind: [each for each in outcomes if each.kind == kind]
        for kind in sorted({each.kind for each in outcomes})
    }
    return {
        **summarize(evaluation),
        **_measure(outcomes),
        "first_auroc": rounded_auroc(
            [each.right for each in outcomes], [each.confidence for each in outcomes]
        ),
        "stages": _count_stages(outcomes),
        "kinds": {
            kind: {"queries": len(own), **_measure(own), "stages": _count_stages(own)}
            for kind, own in by_kind.items()
        },
    }


def _measure(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    return {name: mean([each.measures[name] for each in outcomes]) for name in ASKED}


def _count_stages(outcomes: Sequence[Outcome]) -> dict[str, int]:
    return {str(stage): sum(each.stage == stage for each in outcomes) for stage in Stage}


def _ask_item(item: Item, archive: Archive) -> Outcome:
    started = time.perf_counter()
    understood, given = _follow(item.turns or (item.question,), archive)
    milliseconds = (time.perf_counter() - started) * 1000 / len(item.turns or "?")
    hits = archive.search(archive.parse_query(understood.question), Filters(), DEPTH)
    right = list(_find_right(item, hits, archive))
    rank = right[0][0].rank if right else None
    stage = _find_stage(item, given, understood, right, archive)
    shown = given.quotes or given.leads
    return Outcome(
        query_id=item.item_id,
        question=item.question,
        answerable=item.answerable,
        verdict=str(given.verdict),
        confidence=given.confidence,
        right=any(_judge(item, shown[:1])),
        measures=_score(item, given, rank),
        documents=tuple(dict.fromkeys(hit.passage.doc_id for hit in hits))[:PASSAGES],
        quotes=tuple((q.document.doc_id, q.span.start, q.span.end) for q in shown),
        milliseconds=milliseconds,
        kind=item.kind,
        stage=str(stage),
        rank=rank,
        asked_as=understood.question,
        texts=tuple(quote.text for quote in shown),
    )


def _follow(questions: Sequence[str], archive: Archive) -> tuple[RewrittenQuestion, Answer]:
    """Ask one question after another; returns the last one as understood, and its answer."""
    turns: list[Exchange] = []
    for question in questions:
        understood = hear(question, turns, archive)
        given = answer(understood.question, archive, without=understood.without)
        turns.append(make_exchange(given, archive.names))
    return understood, given


def _find_right(
    item: Item, hits: Sequence[Hit], archive: Archive
) -> Iterator[tuple[Hit, Document]]:
    for hit in hits:
        if item.answerable and hit.passage.doc_id.lower() in item.doc_ids:
            document = archive.document(hit.passage.doc_id)
            if item.is_right(document.doc_id, hit.passage.span.of(document.text)):
                yield hit, document


def _judge(item: Item, quotes: Sequence[Quote]) -> list[bool]:
    return [item.is_right(quote.document.doc_id, quote.text) for quote in quotes]


def _score(item: Item, given: Answer, rank: int | None) -> dict[str, float | None]:
    said = given.verdict is not Verdict.NOT_FOUND
    if not item.answerable:
        known: Mapping[str, bool] = {"declined": not said, "misled": said}
    else:
        quotes, leads = _judge(item, given.quotes), _judge(item, given.leads)
        known = {
            "first": said and any(quotes[:1]),
            "any": said and any(quotes),
            "visible": any(quotes) or any(leads),
            "refused": not said,
            "misled": said and not any(quotes),
            "found@10": rank is not None and rank <= 10,
            "found@100": rank is not None and rank <= 100,
        }
    return {name: float(known[name]) if name in known else None for name in ASKED}


def _find_stage(
    item: Item,
    given: Answer,
    understood: RewrittenQuestion,
    right: Sequence[tuple[Hit, Document]],
    archive: Archive,
) -> Stage:
    said = given.verdict is not Verdict.NOT_FOUND
    if not item.answerable:
        return Stage.MISLED if said else Stage.DECLINED
    quotes = _judge(item, given.quotes)
    if any(quotes):
        return Stage.FIRST if quotes[0] else Stage.LATER
    if any(_judge(item, given.leads)):
        return Stage.REFUSED
    if item.turns:
        written = answer(item.question, archive)
        if any(_judge(item, written.quotes or written.leads)):
            return Stage.MISUNDERSTOOD
    near = [each for each in right if each[0].rank <= PASSAGES]
    if not near:
        return Stage.NOT_FOUND
    return Stage.NOT_CHOSEN if _is_expected(item, understood, near) else Stage.MISUNDERSTOOD


def _is_expected(
    item: Item, understood: RewrittenQuestion, near: Sequence[tuple[Hit, Document]]
) -> bool:
    kinds = expected_types(understood.question)
    if not kinds:
        return True
    known = read_question(understood.question).weights.keys()
    sentences = [
        span.of(document.text)
        for hit, document in near
        for span in hit.passage.sentences
        if item.is_right(document.doc_id, span.of(document.text))
    ]
    # An answer across two sentences is in neither alone.
    return not sentences or any(has_type(k, words, known) for k in kinds for words in sentences)
