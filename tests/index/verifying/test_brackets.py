import pytest

from index.verifying.brackets import find_brackets, readings

TEXT = (
    "We sail at dawn. The pilot would not take the ship over the bar, and he said teh tide was "
    "wrong. They worked all night. Le capitaine refusa de partir. Der Lotse fuhr nach Hause."
)


def find(quotation: str) -> list[str]:
    """Return the parts of the text that the first reading which fits finds."""
    found = (reading.find(TEXT) for reading in readings(quotation))
    return next(([part.of(TEXT) for part in parts] for parts in found if parts), [])


@pytest.mark.parametrize(
    ("quotation", "parts"),
    [
        ("[T]he pilot would not take the ship", ["The pilot would not take the ship"]),
        ("[w]e sail at dawn", ["We sail at dawn"]),
        ("he said teh [sic] tide", ["he said teh tide"]),
        ("he said teh (sic!) tide", ["he said teh tide"]),
        ("the pilot [of the port] would not", ["The pilot would not"]),
        ("[The mate] said teh tide was wrong", ["said teh tide was wrong"]),
        ("and [the mate] said teh tide", ["and", "said teh tide"]),
        ("They work[ed] all night", ["They worked all night"]),
        ("They work[] all night", ["They", "all night"]),
        ("the [old] pilot would […] take the ship", ["The pilot would", "take the ship"]),
        ("the pilot would not [. . .] over the bar", ["The pilot would not", "over the bar"]),
        ("Le capitaine [Brune] refusa (…) partir", ["Le capitaine refusa", "partir"]),
        ("Der Lotse [Anm.: Krog] fuhr nach Hause", ["Der Lotse fuhr nach Hause"]),
    ],
)
def test_brackets_are_the_quotations_own(quotation: str, parts: list[str]) -> None:
    assert find(quotation) == parts


@pytest.mark.parametrize(
    "quotation",
    [
        "The pilot would not take the ship",
        "[H]e pilot would not take the ship",
        "the pilot would [gladly] take the ship over the bar",
        "the pilot [at last] took the ship over the bar",
        "They work[ing] all day",
        "We sail [with the tide and all our men] over the bar",
        "[We sail] at [dawn]",
    ],
)
def test_a_bracket_hides_no_other_words(quotation: str) -> None:
    assert find(quotation) == []


def test_brackets_that_mark_an_omission_are_not_named() -> None:
    assert find_brackets("[T]he pilot […] the ship [sic] [. . .] (sic)") == (
        "[T]",
        "[sic]",
        "(sic)",
    )
