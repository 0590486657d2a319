"""Turning questionnaires into questions with judged spans, to fit weights on."""

from collections.abc import Iterator

from corpus.documents import Document, Span
from corpus.errors import UnknownDocument
from index.evaluating.judged_sets import Judged
from index.evaluating.questionnaires import Item, Questionnaire
from index.retrieval.archive import Archive
from index.text.passages import make_passages


def judge_items(questionnaire: Questionnaire, archive: Archive) -> Iterator[Judged]:
    """Yield the questions about an archive's documents, with the sentences that answer them.

    A question is about an archive with a document that answers it, or nearly. Its group is the
    volume of that document. Follow-up questions are asked as written out.
    """
    known: dict[str, tuple[Document, tuple[Span, ...]] | None] = {}

    def look_up(doc_id: str) -> tuple[Document, tuple[Span, ...]] | None:
        if doc_id not in known:
            try:
                document = archive.document(doc_id)
            except UnknownDocument:
                known[doc_id] = None
            else:
                passages = make_passages(document)
                sentences = tuple(span for each in passages for span in each.sentences)
                known[doc_id] = document, sentences
        return known[doc_id]

    names = {doc_id.lower(): doc_id for doc_id, *_ in archive.list_documents()}
    for item in questionnaire.items:
        near = [names.get(doc_id) for doc_id in (*item.doc_ids, item.near_doc)]
        about = [found for doc_id in near if doc_id and (found := look_up(doc_id))]
        if about:
            yield _judge(item, about)


def _judge(item: Item, about: list[tuple[Document, tuple[Span, ...]]]) -> Judged:
    answers = tuple(
        (document.doc_id, span)
        for document, sentences in about
        for span in sentences
        if item.is_right(document.doc_id, span.of(document.text))
    )
    return Judged(
        query_id=item.item_id,
        text=item.question,
        answerable=item.answerable,
        doc_ids=tuple(document.doc_id for document, _ in about) if item.answerable else (),
        answers=answers,
        group=about[0][0].doc_id.rpartition("/")[0],
    )
