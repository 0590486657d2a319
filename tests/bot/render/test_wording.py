"""Wording that all screens share."""

import pytest

from bot.discord.phrases import japanese
from bot.render.wording import phrase_rewriting


@pytest.mark.parametrize(
    ("question", "typed", "shown"),
    [
        ("When (lit harbour lamps)?", "When?", "When? (also looking for “lit harbour lamps”)"),
        ("When did Marsh write?", "When did he write?", "When did Marsh write?"),
        # Brackets of one's own stay.
        ("Did Marsh write (in May)?", "Did he write (in May)?", "Did Marsh write (in May)?"),
    ],
)
def test_what_a_follow_up_takes_over_is_named(question: str, typed: str, shown: str) -> None:
    assert phrase_rewriting(question, typed) == shown


def test_what_a_follow_up_takes_over_is_named_in_japanese() -> None:
    asked = phrase_rewriting("When (lamps)?", "When?")
    assert japanese().known(asked, "asked") == "When?（「lamps」も探します）"
