import pytest

from corpus.word_lists import join_words


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
    assert join_words(words) == joined
