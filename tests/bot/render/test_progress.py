import pytest

from bot.render.progress import describe_seconds, estimate_seconds


def test_no_estimate_is_made_from_too_little() -> None:
    assert estimate_seconds(1.0, 50, 100) is None
    assert estimate_seconds(60.0, 1, 100) is None
    assert estimate_seconds(60.0, 0, 0) is None


def test_an_estimate_only_shrinks_however_the_speed_changes() -> None:
    left, seen = None, []
    # Fast, then ever slower.
    for done in range(1, 101):
        left = estimate_seconds(done**1.7, done, 100, left)
        seen.append(left)
    known = [each for each in seen if each is not None]
    assert len(known) > 90
    assert known == sorted(known, reverse=True)
    assert known[-1] == 0


def test_an_estimate_follows_a_steady_speed() -> None:
    assert estimate_seconds(100.0, 50, 100) == pytest.approx(120.0)
    assert estimate_seconds(100.0, 50, 100, 30.0) == 30.0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0.0, "less than a minute left"),
        (60.0, "less than a minute left"),
        (61.0, "about 2 minutes left"),
        (240.0, "about 4 minutes left"),
        (90 * 60.0, "about 90 minutes left"),
        (91 * 60.0, "about 2 hours left"),
    ],
)
def test_an_estimate_is_told_in_words(seconds: float | None, words: str) -> None:
    assert describe_seconds(seconds) == words
