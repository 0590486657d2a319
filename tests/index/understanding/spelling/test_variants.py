import pytest

from index.understanding.spelling.variants import (
    PATH,
    common_variants,
    known_variants,
    slips,
    sound_variants,
    sure_variants,
)


def test_the_table_is_read_in_every_direction() -> None:
    for line in PATH.read_text("utf-8").splitlines():
        words = line.split("\t")
        assert line.startswith("#") or len(words) > 1, line
        if not line.startswith("#"):
            for word in words:
                assert {*known_variants(word.lower())} == {*words} - {word}


def test_no_spelling_stands_in_the_table_twice() -> None:
    lines = [line for line in PATH.read_text("utf-8").splitlines() if not line.startswith("#")]
    words = [word.lower() for line in lines for word in line.split("\t")]
    assert sorted({word for word in words if words.count(word) > 1}) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("halvoroff", "halvorov"), ("phister", "fister"), ("bricker", "briker"), ("dalley", "daley")],
)
def test_a_name_in_another_hand(one: str, other: str) -> None:
    assert other in sure_variants(one)
    assert one in sure_variants(other)


def test_rules_are_kept_one_after_another_and_not_one_upon_the_other() -> None:
    assert "chichol" in sound_variants("tchitchol")
    # gh:g and then g:j upon it would be a third sound.
    assert "jalby" not in sound_variants("ghalby")


def test_british_and_american() -> None:
    assert "honor" in common_variants("honour")
    assert "organised" in common_variants("organized")
    assert common_variants("boat") == ()


def test_slips_are_words_of_one_letter_more_or_two_exchanged() -> None:
    assert {"boat", "baot", "boot"} <= {*slips("boaat"), *slips("boat")}
    assert "boat" not in slips("boat")
