from hypothesis import given
from hypothesis import strategies as st

from index.understanding.spelling.edit_distance import cost

WORDS = st.text(alphabet="abcehmnorst'", min_size=1, max_size=8)


def test_common_slips_cost_less_than_others() -> None:
    doubled = cost("harbbour", "harbour")
    exchanged = cost("habrour", "harbour")
    vowel = cost("herbour", "harbour")
    other = cost("haqbour", "harbour")
    assert 0 < doubled < exchanged < vowel < other


def test_a_name_with_another_consonant_is_another_name() -> None:
    assert cost("dalby", "dolby", is_name=True) == cost("dalby", "dolby")
    assert cost("halby", "havby", is_name=True) > cost("halby", "havby")
    # A letter that is one too many makes another name sooner than one too few.
    assert cost("handel", "hanel", is_name=True) > cost("hanel", "handel", is_name=True)


def test_what_scanning_takes_for_one_another_costs_little() -> None:
    assert cost("rnast", "mast") < cost("vxast", "mast")


def test_the_first_letter_is_seldom_wrong() -> None:
    assert cost("parbour", "harbour") > cost("harpour", "harbour")


@given(WORDS, WORDS)
def test_only_the_same_word_costs_nothing(one: str, other: str) -> None:
    assert (cost(one, other) == 0) == (one == other)
    assert cost(one, other) >= 0
    assert cost(one, other, is_name=True) >= cost(one, other)
