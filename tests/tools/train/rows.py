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
from index.evaluating.judged_sets import Judged
from index.evaluating.questionnaires import read_questionnaire
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.retrieval.hits import Hit
from index.text.passages import Passage
from tests.tools.judgements import judge_items

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
    asked = [read_questionnaire(path) for path in questionnaires]
    judged = [each for questionnaire in asked for each in judge_items(questionnaire, archive)]
    own, near = read_own(archive)
    for item in (item for questionnaire in asked for item in questionnaire.items):
        if not item.answerable and item.near_doc:
            near[item.near_doc].append(item.question)
    return [
        replace(row, near=tuple(q for doc_id in row.doc_ids for q in near[doc_id.lower()]))
        for row in read_set_rows(archive, [*judged, *own])
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

    hits = archive.search(archive.parse_query(row.question), Filters(), _DEPTH)
    return tuple(
        (passage_text(archive.document(hit.passage.doc_id), hit.passage), hit.passage.doc_id)
        for hit in [hit for hit in hits if is_wrong(hit)][:_WRONG]
    )


def read_own(archive: Archive) -> tuple[list[Judged], dict[str, list[str]]]:
    """Return the questions that ship and are about an archive, as judged ones.

    Those without an answer are there too, and also by the name, in small letters, of the document
    that nearly answers them.
    """
    passages = _list_passages(archive)
    judged: list[Judged] = []
    near: dict[str, list[str]] = defaultdict(list)
    for number, known in enumerate(_read_own_lines()):
        doc_id, question = known["doc_id"], known["question"]
        if doc_id not in passages:
            continue
        is_near = known["kind"] == "near"
        if is_near:
            near[doc_id.lower()].append(question)
        text = archive.document(doc_id).text
        sentences = [span for passage in passages[doc_id] for span in passage.sentences]
        right = [s for s in sentences if hash_sentence(s.of(text)) == known["sentence"]]
        judged.append(
            Judged(
                query_id=f"own-{number}",
                text=question,
                answerable=not is_near,
                doc_ids=() if is_near else (doc_id,),
                answers=() if is_near else tuple((doc_id, span) for span in right[:1]),
                group=doc_id.partition("/")[0],
            )
        )
    return judged, near


def _read_own_lines() -> Iterator[dict[str, str]]:
    for line in OWN_QUESTIONS.read_text("utf-8").splitlines():
        yield json.loads(line)
