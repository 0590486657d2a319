from itertools import chain

import pytest

from index.text.tables import read_rows
from index.understanding.spelling import variants
from index.understanding.spelling.variants import (
    close_variants,
    likely_typos,
    listed_variants,
    phonetic_variants,
    regional_variants,
)


def test_the_table_is_read_in_every_direction() -> None:
    for words in read_rows(variants.__file__):
        assert len(words) > 1, words
        for word in words:
            assert {*listed_variants(word.lower())} == {*words} - {word}


def test_no_spelling_stands_in_the_table_twice() -> None:
    words = [word.lower() for word in chain(*read_rows(variants.__file__))]
    assert sorted({word for word in words if words.count(word) > 1}) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("halvoroff", "halvorov"), ("phister", "fister"), ("bricker", "briker"), ("dalley", "daley")],
)
def test_a_name_in_another_hand(one: str, other: str) -> None:
    assert other in close_variants(one)
    assert one in close_variants(other)


def test_rules_are_kept_one_after_another_and_not_one_upon_the_other() -> None:
    assert "chichol" in phonetic_variants("tchitchol")
    # gh:g and then g:j upon it would be a third sound.
    assert "jalby" not in phonetic_variants("ghalby")


def test_british_and_american() -> None:
    assert "honor" in regional_variants("honour")
    assert "organised" in regional_variants("organized")
    assert regional_variants("boat") == ()


def test_slips_are_words_of_one_letter_more_or_two_exchanged() -> None:
    assert {"boat", "baot", "boot"} <= {*likely_typos("boaat"), *likely_typos("boat")}
    assert "boat" not in likely_typos("boat")
