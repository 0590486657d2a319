import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.letters import INVISIBLE, find_invisible, fold_letters, strip_invisible

SEEN = st.text(st.characters(codec="utf-8", exclude_categories=("Cf", "Cc", "Cn")), max_size=20)


@pytest.mark.parametrize(
    ("word", "plain"),
    [
        ("Łukasiewicz", "Lukasiewicz"),
        ("Bjørnstjerne", "Bjornstjerne"),
        ("Weißenfels", "Weissenfels"),
        ("Đorđe", "Dorde"),
        ("Þórunn", "THorunn"),
        ("Ægir", "AEgir"),
        ("œuvre", "oeuvre"),
        ("ıspanak", "ispanak"),
        ("Shōwa", "Showa"),
        ("Qurʾān", "Quran"),
        ("Алёна", "Алена"),
        ("Άργος", "Αργοσ"),
        ("أمين", "امين"),
        ("йод", "йод"),
        ("東京", "東京"),
    ],
)
def test_a_word_is_folded_to_how_it_is_typed_without(word: str, plain: str) -> None:
    assert fold_letters(word) == plain


@pytest.mark.parametrize(
    "char", "\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u202a\u2060\u2066\ufeff\ufffe\U000e0100"
)
def test_what_cannot_be_seen_parts_no_word(char: str) -> None:
    assert strip_invisible(f"light{char}house") == "lighthouse"
    assert find_invisible(f"light{char}house") == [(5, 6)]


@pytest.mark.parametrize("hyphen", ["\u00ad", "¬", "\ufffe"])
@pytest.mark.parametrize("end", ["\n", " \n", "\r\n", "\n  "])
def test_a_word_broken_by_a_soft_hyphen_is_one(hyphen: str, end: str) -> None:
    assert strip_invisible(f"the light{hyphen}{end}house") == "the lighthouse"


def test_a_sign_that_is_no_hyphen_stays() -> None:
    assert strip_invisible("p ¬\nq and ¬r") == "p ¬\nq and ¬r"


@given(SEEN, st.sampled_from(["\u00ad", "\u200b", "\ufeff"]), SEEN)
def test_what_is_left_out_is_what_is_found(before: str, char: str, after: str) -> None:
    text = before + char + after
    gone = {place for span in find_invisible(text) for place in range(*span)}
    assert "".join(c for place, c in enumerate(text) if place not in gone) == strip_invisible(text)
    assert INVISIBLE
