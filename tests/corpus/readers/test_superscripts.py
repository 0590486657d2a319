import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.superscripts import as_raised, settle_line, settle_lowered, settle_raised


@pytest.mark.parametrize(
    ("before", "words", "after"),
    [
        ("the barge", "2", " sank"),
        ("the barge.", "12", ""),
        ("the barge,”", "iv", " and"),
        ("the barge ", "2", " sank"),
        ("of 1740", "2", " barrels"),
        ("of 12,400", "3,4", " barrels"),
        ("of 1740", "[2]", ""),
        ("of 1740", "a", ""),
        ("the barge", "*", ""),
        ("the barge (1740)", "2", " sank"),
        ("the barges", "b", ""),
        ("the barge", "[date missing]", ""),
    ],
)
def test_the_mark_of_a_note_is_left_out(before: str, words: str, after: str) -> None:
    assert settle_raised(before, words, after) == ""


@pytest.mark.parametrize(
    ("before", "words", "after", "settled"),
    [
        ("about 10", "4", " eggs", "⁴"),
        ("about 10", "-4", " of an inch", "⁻⁴"),
        ("a field of 40 km", "2", "", "²"),
        ("where x", "2", " is", "²"),
        ("E = mc", "2", "", "²"),
        ("cost 7", "3", "/4 pence", " 3"),
        ("cost ", "3", "⁄4 of a penny", "3"),
        ("the 2", "nd", " of May", "nd"),
        ("au 18", "e", " siècle", "e"),
        ("Serv", "t", "", "t"),
        ("at $7", "50", "", "⁵⁰"),
        ("the ", "14", "C dates", "14"),
        ("it was 40", "o", " F", "°"),
        ("", "3", "See", "3 "),
        ("", "3", " See", "3"),
        ("made 12", "5", " casks", "⁵"),
    ],
)
def test_powers_fractions_and_ordinals_stay(
    before: str, words: str, after: str, settled: str
) -> None:
    assert settle_raised(before, words, after) == settled


def test_a_small_number_is_marked_where_a_note_has_the_mark() -> None:
    assert settle_raised("made 12", "5", " casks", {"5"}) == ""
    assert settle_raised("made 10", "5", " casks", {"5"}) == "⁵"


def test_an_index_keeps_apart_from_a_number() -> None:
    assert settle_lowered("H", "2") == "2"
    assert settle_lowered("101", "2") == "₂"


def test_a_line_is_settled_where_it_is_marked() -> None:
    def raise_all(words: str) -> str:
        return "".join(map(as_raised, words))

    assert settle_line(f"of 1740{raise_all('2')}, the barge{raise_all('*')} sank") == (
        "of 1740, the barge sank"
    )
    assert settle_line(f"{raise_all('2')} The ledger.") == "2 The ledger."


@given(st.text(max_size=20), st.text(max_size=8), st.text(max_size=8))
def test_any_words_settle_to_themselves_or_less(before: str, words: str, after: str) -> None:
    settled = settle_raised(before, words, after)
    assert len(settled) <= len(words.strip()) + 1
    assert settle_line(before + words).count("\n") <= (before + words).count("\n")
