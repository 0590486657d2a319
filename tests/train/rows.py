"""Training rows: a question, the passage and sentences that answer it, and what is tempting.

Rows come from questionnaires over archives (`index.evaluating.questionnaires`) and from sets as
`memcon eval` reads them. A row's passages are as the encoder reads them: context, text, sentences.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from corpus.documents import Span
from index.building.preparation import passage_text
from index.encoding.encoder import PassageText
from index.evaluating.cases import group_of
from index.evaluating.judging import judge_items
from index.evaluating.questionnaires import read_questionnaire
from index.evaluating.sets import Judged
from index.retrieval.archive import Archive
from index.retrieval.search import Filters, Hit
from index.text.passages import Passage

# Wrong passages are the best-ranked ones of other documents: as deep, and as many at most.
_DEPTH = 40
_WRONG = 8
# The questions that ship beside this module: whose sentence is known by its hash alone.
OWN_QUESTIONS = Path(__file__).with_name("questions.jsonl")


@dataclass(frozen=True, slots=True)
class Row:
    """A question, and what answers it.

    `right` are the numbers of the passage's sentences that answer, the asked one first; `wrong`
    passages of other documents that rank high, with their documents' names; `near` questions that
    the passage nearly answers.
    """

    question: str
    group: str
    passage_id: str
    doc_ids: tuple[str, ...]
    passage: PassageText
    right: tuple[int, ...]
    wrong: tuple[tuple[PassageText, str], ...] = ()
    near: tuple[str, ...] = field(default=())


def read_rows(archive: Archive, questionnaires: Sequence[Path]) -> list[Row]:
    """Return the rows of questionnaires, and of the questions that ship, over an archive."""
    passages = _list_passages(archive)
    asked = [read_questionnaire(path) for path in questionnaires]
    found = [
        (judged, *place)
        for questionnaire in asked
        for judged in judge_items(questionnaire, archive)
        if (place := _place(judged, passages))
    ]
    near_documents: dict[str, list[str]] = defaultdict(list)
    for item in (item for questionnaire in asked for item in questionnaire.items):
        if not item.answerable and item.near_doc:
            near_documents[item.near_doc].append(item.question)
    rows = [
        Row(
            question=judged.text,
            group=group_of(judged),
            passage_id=passage.passage_id,
            doc_ids=judged.doc_ids,
            passage=passage_text(archive.document(passage.doc_id), passage),
            right=right,
        )
        for judged, passage, right in found
    ]
    own, near = _read_own(archive, passages)
    return [
        replace(
            row,
            wrong=_find_wrong(archive, row),
            near=(
                *near.get(row.passage_id, ()),
                *(q for doc_id in row.doc_ids for q in near_documents.get(doc_id.lower(), ())),
            ),
        )
        for row in (*rows, *own)
    ]


def read_set_rows(archive: Archive, queries: Sequence[Judged]) -> list[Row]:
    """Return the rows of a set's questions that have an answer."""
    passages = _list_passages(archive)
    rows = []
    for judged in queries:
        place = _place(judged, passages)
        if place:
            passage, right = place
            text = passage_text(archive.document(passage.doc_id), passage)
            row = Row(
                judged.text, group_of(judged), passage.passage_id, judged.doc_ids, text, right
            )
            rows.append(replace(row, wrong=_find_wrong(archive, row)))
    return rows


def hash_sentence(words: str) -> str:
    """Return what stands for a sentence in the questions that ship: 12 hexadecimal digits."""
    return hashlib.sha256(" ".join(words.split()).encode()).hexdigest()[:12]


def _list_passages(archive: Archive) -> dict[str, list[Passage]]:
    found: dict[str, list[Passage]] = defaultdict(list)
    for passage in archive.engine.passages(range(archive.manifest.passages)):
        found[passage.doc_id].append(passage)
    return found


def _place(
    judged: Judged, passages: dict[str, list[Passage]]
) -> tuple[Passage, tuple[int, ...]] | None:
    """Return the first passage that has an answer, and which of its sentences have one."""
    for doc_id, span in judged.answers:
        for passage in passages[doc_id]:
            right = _overlapping(passage, [s for d, s in judged.answers if d == doc_id])
            if right and passage.span.overlaps(span):
                return passage, right
    return None


def _overlapping(passage: Passage, spans: Sequence[Span]) -> tuple[int, ...]:
    return tuple(
        number
        for number, sentence in enumerate(passage.sentences)
        if any(sentence.overlaps(span) for span in spans)
    )


def _find_wrong(archive: Archive, row: Row) -> tuple[tuple[PassageText, str], ...]:
    def is_wrong(hit: Hit) -> bool:
        return hit.passage.doc_id not in row.doc_ids

    hits = archive.search(archive.ask(row.question), Filters(), _DEPTH)
    return tuple(
        (passage_text(archive.document(hit.passage.doc_id), hit.passage), hit.passage.doc_id)
        for hit in [hit for hit in hits if is_wrong(hit)][:_WRONG]
    )


def _read_own(
    archive: Archive, passages: dict[str, list[Passage]]
) -> tuple[list[Row], dict[str, list[str]]]:
    """Return the rows of the questions that ship, and those that passages nearly answer."""
    rows: list[Row] = []
    near: dict[str, list[str]] = defaultdict(list)
    for known in _read_own_lines():
        for passage in passages.get(known["doc_id"], ()):
            document = archive.document(passage.doc_id)
            hashes = [hash_sentence(span.of(document.text)) for span in passage.sentences]
            if known["sentence"] not in hashes:
                continue
            if known["kind"] == "near":
                near[passage.passage_id].append(known["question"])
                break
            rows.append(
                Row(
                    question=known["question"],
                    group=passage.doc_id.partition("/")[0],
                    passage_id=passage.passage_id,
                    doc_ids=(passage.doc_id,),
                    passage=passage_text(document, passage),
                    right=(hashes.index(known["sentence"]),),
                )
            )
            break
    return rows, near


def _read_own_lines() -> Iterator[dict[str, str]]:
    for line in OWN_QUESTIONS.read_text("utf-8").splitlines():
        yield json.loads(line)
