import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from index.text.question_text import MAX_QUESTION_CHARS, clean_question


@pytest.mark.parametrize(
    ("words", "question"),
    [
        ("  Who\tcame\r\n to\u3000Tokyo? ", "Who came to Tokyo?"),
        ("Who\x00 ca\x1b[1mme?", "Who came?"),
        ("a\ud800b", "ab"),
        ("誰が来たか？", "誰が来たか？"),
        ("🙂", "🙂"),
        ("x" * MAX_QUESTION_CHARS, "x" * MAX_QUESTION_CHARS),
    ],
)
def test_a_question_is_one_clean_line(words: str, question: str) -> None:
    assert clean_question(words) == question


@pytest.mark.parametrize("words", ["", " \n\t ", "\x00\x07", "x" * (MAX_QUESTION_CHARS + 1)])
def test_what_is_no_question_is_refused(words: str) -> None:
    with pytest.raises(UsageError):
        clean_question(words)


@given(st.text(st.characters(), min_size=1, max_size=60))
def test_cleaning_twice_is_cleaning_once(words: str) -> None:
    try:
        question = clean_question(words)
    except UsageError:
        return
    assert clean_question(question) == question
    assert question.encode()
    assert question.isprintable() or not question.isascii()
