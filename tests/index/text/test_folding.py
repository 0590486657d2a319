import pytest

from index.text.folding import fold
from index.text.typography import find_folded


@pytest.mark.parametrize(
    ("text", "folded"),
    [("10³ eggs", "10^3 eggs"), ("7½ groats", "7 1/2 groats"), ("½ groat", "1/2 groat"),
     ("40 km² of bog", "40 km2 of bog")],
)  # fmt: skip
def test_a_power_or_fraction_is_no_digit_of_its_number(text: str, folded: str) -> None:
    assert fold(text, join=True).text == folded


def test_a_fraction_is_found_however_it_is_set() -> None:
    text = "Each barge paid 7½ groats at the upper lock that year."
    (span,) = find_folded("paid 7 1/2 groats at the upper lock", text)
    assert span.of(text) == "paid 7½ groats at the upper lock"
    assert find_folded("paid 71/2 groats at the upper lock", text) == ()
    assert find_folded("about 103 eggs were broken", "about 10³ eggs were broken") == ()
