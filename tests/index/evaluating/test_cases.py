import re

import pytest

from corpus.documents import Span
from index.answering.verdict import kind_of
from index.evaluating.cases import find_cases, group_of, swap_part
from index.evaluating.judged_sets import Judged
from index.retrieval.archive import Archive
from index.weights import weights
from tests.support.invented import LEDGER


def ask(query_id: str, text: str, *doc_ids: str, answerable: bool = True) -> Judged:
    answers = tuple((doc_id, Span(0, 10)) for doc_id in doc_ids)
    return Judged(query_id, text, answerable, doc_ids, answers if answerable else ())


FOUND = ask("q1", "When did the keeper Ogata Ren find the ledger in Hakodate?", "ledger")
DUES = ask("q2", "What did the firms of Kyushu ask of Nagasaki?", "telegram")


def test_each_answer_lends_questions_without_one(records: Archive) -> None:
    unknown = ask("q3", "Who broke the lamp in Oregon?", answerable=False)
    cases = list(find_cases(records, [FOUND, unknown], [DUES]))
    kinds = [(case.query_id, case.kind, case.answerable) for case in cases]
    assert kinds[:2] == [("q1", "own", True), ("q1", "left out", False)]
    assert kinds[-2:] == [("q3", "own", False), ("q2", "foreign", False)]
    assert all(case.kind != "own" for case in cases if case.query_id == "q2")
    # What is foreign is held out with its own article and with those of the archive.
    assert cases[-1].groups == ("telegram", "ledger", "q3")
    for case in cases:
        assert case.model == kind_of(records.parse_query(FOUND.text)) == "question"
        assert set(case.evidence) >= set(weights("confidence", "question")) - {"intercept"}


def test_a_part_is_swapped_for_another_of_its_kind(records: Archive) -> None:
    parts = ["Hakodate", "Nagasaki", "1921", "Ogata Ren"]
    swapped = swap_part(FOUND, parts, records)
    assert swapped is not None
    # Only Nagasaki is in no document that answers, and it takes the place of a name.
    assert "Nagasaki" in swapped
    assert len(re.findall(r"Ogata Ren|Hakodate", swapped)) == 1
    assert swap_part(FOUND, parts, records) == swapped


def test_a_year_takes_the_place_of_a_year(records: Archive) -> None:
    dated = ask("q4", "What did the keeper write in 1921?", "ledger")
    assert swap_part(dated, ["Nagasaki", "1997"], records) == "What did the keeper write in 1997?"
    assert swap_part(dated, ["Nagasaki", "1958"], records) is None
    assert "1958" in LEDGER


@pytest.mark.parametrize(
    ("judged", "group"),
    [
        (ask("q", "?", "Normans/12"), "Normans"),
        (ask("q", "?", "a/b/3"), "a/b"),
        (ask("q", "?", answerable=False), "q"),
    ],
)
def test_questions_are_grouped_by_article(judged: Judged, group: str) -> None:
    assert group_of(judged) == group
