"""Names in katakana, and the words that sound like them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.understanding.japanese.katakana import Sounds, consonants, romanise, spell

KATAKANA = "".join(chr(code) for code in range(0x30A1, 0x30FD))
TERMS = [
    (term, 1)
    for term in "harrison brixwold grantham macdonald wellesley vandenberg lamp harbour".split()
]


@pytest.mark.parametrize(
    ("katakana", "latin"),
    [
        ("ハリソン", "harison"),
        ("シェリー", "sheri"),
        ("ヴァンデン", "vanden"),
        ("キャット", "kyato"),
    ],
)
def test_katakana_is_written_in_latin_letters(katakana: str, latin: str) -> None:
    assert romanise(katakana) == latin


@pytest.mark.parametrize(
    ("katakana", "term"),
    [
        ("ハリソン", "harrison"),
        ("ウェルズリー", "wellesley"),
        ("ヴァンデンバーグ", "vandenberg"),
        ("バンデンバーグ", "vandenberg"),
    ],
)
def test_a_name_is_heard_among_the_words_of_an_archive(katakana: str, term: str) -> None:
    assert Sounds(TERMS).find(katakana)[:1] == [term]


def test_what_no_word_sounds_like_is_not_heard() -> None:
    sounds = Sounds(TERMS)
    assert sounds.find("ムッソリーニ") == []
    # Two consonants are too few to tell a name by.
    assert sounds.find("ランプ") == [] or consonants(romanise("ランプ")) == "rnp"
    assert sounds.find("アイ") == []


def test_of_words_that_sound_alike_the_nearest_comes_first_then_the_more_frequent() -> None:
    sounds = Sounds([("hurricane", 9), ("harrison", 1), ("harison", 5)])
    assert sounds.find("ハリソン") == ["harison", "harrison"]


@given(st.text(st.sampled_from(KATAKANA), max_size=12))
def test_any_katakana_has_latin_letters(katakana: str) -> None:
    assert romanise(katakana).isascii()
    assert Sounds(TERMS).find(katakana) == Sounds(TERMS).find(katakana)


@given(st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), max_size=14))
def test_consonants_have_no_vowels(word: str) -> None:
    assert not set(consonants(spell(word))) & set("aeiouy")
