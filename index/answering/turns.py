"""Turns of a conversation: what an answer leaves behind for the question after it."""

from collections.abc import Sequence
from dataclasses import replace

from corpus.dates import in_words
from index.answering.answer import Answer, answer
from index.answering.quotations import Quote
from index.answering.verdict import Level, Verdict
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.text.analyzer import analyze
from index.understanding.conversation.exchange import EarlierQuote, Exchange
from index.understanding.conversation.rewriting import RewrittenQuestion, rewrite_question
from index.understanding.entities import DATE, PERSON, find_entities
from index.understanding.names import Names


def hear(
    question: str,
    turns: Sequence[Exchange],
    archive: Archive,
    *,
    filters: Filters | None = None,
    level: Level = Level.BALANCED,
) -> RewrittenQuestion:
    """Return how a question is understood after some turns.

    What is joined to the question before, as "And who signed for the British?", but can be read by
    itself, is asked with what that was about only where it has no answer as it stands, and comes
    nearer to one so.
    """
    # What stands alone is spelled by whoever answers it.
    spelled = archive.correct(question).text if turns else question
    understood = replace(rewrite_question(spelled, turns, archive.names), typed=question)
    heard = replace(understood, wider="")
    if not understood.wider:
        return heard
    wider = replace(heard, question=understood.wider)
    given = []
    for each in (heard, wider):
        given.append(
            answer(each.question, archive, filters=filters, level=level, without=each.without)
        )
        if given[-1].verdict is not Verdict.NOT_FOUND:
            return each
    return wider if given[1].confidence > given[0].confidence else heard


def make_exchange(given: Answer, names: Names) -> Exchange:
    """Return the exchange that the next question may refer to."""
    people: list[str] = []
    dates: list[str] = []
    if given.verdict is Verdict.ANSWERED:
        for entity in find_entities(_nearest_sentence(given), names):
            known = {PERSON: people, DATE: dates}.get(entity.kind)
            if known is not None and entity.words not in given.question:
                known.append(entity.words)
    return Exchange(
        question=given.question,
        verdict=str(given.verdict),
        quotes=tuple(map(_given, given.quotes)),
        people=tuple(dict.fromkeys(people)),
        dates=tuple(dict.fromkeys(dates)),
    )


def _given(quote: Quote) -> EarlierQuote:
    record = quote.document.provenance.record
    turn = (quote.turn.label, quote.turn.name) if quote.turn else ()
    dates = (in_words(each) for each in (record.date, record.document_date) if each)
    about = " ".join(filter(None, [*turn, *dates]))
    return EarlierQuote(quote.document.doc_id, quote.span.start, quote.span.end, quote.text, about)


def _nearest_sentence(given: Answer) -> str:
    """Return the sentence of the best quotation that has the most of the question's terms."""
    quote = given.quotes[0]
    sentences = [
        span.of(quote.document.text)
        for span in quote.hit.passage.sentences
        if quote.span.holds(span)
    ]
    return max(sentences, key=lambda words: len({*analyze(words)} & {*given.terms}))
