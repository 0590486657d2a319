from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.answering.evidence import align, oppose, weigh
from index.answering.quotations import PASSAGES, select_quotes
from index.encoding.nearness import relative
from index.retrieval.archive import Archive
from index.retrieval.search import Filters

WORDS = st.text("abcdefghij ", max_size=40)


def weighed(question: str, archive: Archive) -> dict[str, float]:
    query = archive.ask(question)
    hits = archive.search(query, Filters(), PASSAGES)
    return weigh(query, select_quotes(query, hits, archive, 1)[0], archive)


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
    assert oppose(question, sentence) is opposed


@given(WORDS, WORDS)
def test_nothing_is_opposed_to_itself(question: str, more: str) -> None:
    assert not oppose(question, f"{question} {more}")


@given(WORDS, WORDS)
def test_opposition_is_mutual(question: str, sentence: str) -> None:
    assert oppose(question, sentence) == oppose(sentence, question)


def test_a_word_is_nearest_to_itself(records: Archive) -> None:
    asked = records.ask("Where was the ledger found?").asked
    same = align(asked, asked.text, records)
    scale = records.encoder.background.word
    assert same == pytest.approx(relative(1, scale), abs=0.1)
    near = align(asked, "The ledger was found in Hakodate in 1958.", records)
    far = align(asked, "Whale oil burned in the lamp.", records)
    assert same > near > 1 > far
    assert align(asked, "", records) == 0
    assert align(replace(asked, weights={}), asked.text, records) == 0


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
