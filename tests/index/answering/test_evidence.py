import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.answering.evidence import compute_evidence, has_opposite
from index.answering.quotations import PASSAGES, select_quotes
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters

WORDS = st.text("abcdefghij ", max_size=40)


def weighed(question: str, archive: Archive) -> dict[str, float]:
    query = archive.parse_query(question)
    hits = archive.search(query, Filters(), PASSAGES)
    return compute_evidence(query, select_quotes(query, hits, archive, 1)[0], archive)


@pytest.mark.parametrize(
    ("question", "sentence", "opposed"),
    [
        ("who bought the lamp", "the lamp was sold in spring", True),
        ("the formal treaty", "an informal treaty", True),
        ("what made them uncivilised", "civilised by trade", True),
        ("the later voyage", "the earlier and the later voyage", False),
        ("was the port closed", "the port was closed", False),
        ("the industry of the port", "the dust of the port", False),
        ("", "", False),
    ],
)
def test_opposites_are_told(question: str, sentence: str, *, opposed: bool) -> None:
    assert has_opposite(question, sentence) is opposed


@given(WORDS, WORDS)
def test_nothing_is_opposed_to_itself(question: str, more: str) -> None:
    assert not has_opposite(question, f"{question} {more}")


@given(WORDS, WORDS)
def test_opposition_is_mutual(question: str, sentence: str) -> None:
    assert has_opposite(question, sentence) == has_opposite(sentence, question)


def test_a_stranger_and_a_strange_deed_are_told_apart(records: Archive) -> None:
    known = weighed("What did the keeper Ogata Ren write into his ledger?", records)
    stranger = weighed("What did the keeper Zebulon Quux write into his ledger?", records)
    deed = weighed("What did the keeper Ogata Ren paint and embroider?", records)
    assert known["names"] == 1 > stranger["names"]
    assert deed["names"] == 1
    assert known["words"] == stranger["words"] == 1 > deed["words"]
    assert deed["lost"] > known["lost"]
    assert deed["aligned"] < known["aligned"]


def test_what_is_lost_weighs_alike_in_archives_of_any_size(
    records: Archive, bundled: Archive
) -> None:
    for archive in (records, bundled):
        assert weighed("Where was the ledger of the zyzzyva?", archive)["lost"] == 1


def test_a_date_is_no_amount(records: Archive) -> None:
    assert weighed("How large was the ledger that was found in Hakodate?", records)["lacks"] == 1
    assert weighed("When was the ledger found in Hakodate?", records)["lacks"] == 0
    assert weighed("How many barrels of kerosene did the keeper buy?", records)["lacks"] == 0
