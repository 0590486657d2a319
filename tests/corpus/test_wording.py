import pytest

from corpus.wording import count_of, list_words


@pytest.mark.parametrize(
    ("words", "joined"),
    [
        ([], ""),
        (["Secret", "Restricted"], "Secret, Restricted"),
        (["Secret, Urgent", "Restricted"], "Secret, Urgent; Restricted"),
        (["Secret; Urgent", "Restricted"], "“Secret; Urgent”, “Restricted”"),
    ],
)
def test_joined_words_can_be_told_apart(words: list[str], joined: str) -> None:
    assert list_words(words) == joined


def test_one_thing_is_counted_in_the_singular() -> None:
    assert [count_of(number, "documents") for number in (0, 1, 2, 3255)] == [
        "0 documents",
        "1 document",
        "2 documents",
        "3,255 documents",
    ]
