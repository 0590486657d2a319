import pytest

from index.text.english_words import is_english


@pytest.fixture(autouse=True)
def forgotten() -> None:
    is_english.cache_clear()


@pytest.mark.parametrize("word", ["harbour", "Dredged", "boats", "the", "zebra"])
def test_words_of_english(word: str) -> None:
    assert is_english(word)


@pytest.mark.parametrize("word", ["goverment", "recieved", "arbour 1", "", "1871", "細川", "the "])
def test_what_is_none(word: str) -> None:
    assert not is_english(word)


def test_many_words_are_looked_up_as_few_are() -> None:
    words = [f"{first}{second}oat" for first in "abcdefgmn" for second in "abr"] + ["boat", "goat"]
    few = []
    for word in words:
        is_english.cache_clear()
        few.append(is_english(word))
    is_english.cache_clear()
    assert [is_english(word) for word in words] == few
    assert any(few)
    assert not all(few)
