import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from index.retrieval.search import MAX_QUESTION_CHARS, Filters, clean_question


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


def test_filters_take_partial_dates_for_their_first_and_last_day() -> None:
    filters = Filters.parse(date_from="1993", date_to="1994-02", speaker="", kind="cable")
    assert filters == Filters("1993-01-01", "1994-02-28", None, None, "cable")
    assert filters.given
    assert not Filters.parse(speaker="", collection="", kind="").given


@pytest.mark.parametrize(
    ("first", "last"),
    [("yesterday", None), (None, "1993-13"), ("1993-02-30", None), ("1994", "1993"), ("93", None)],
)
def test_filters_refuse_what_is_no_span_of_dates(first: str | None, last: str | None) -> None:
    with pytest.raises(UsageError):
        Filters.parse(date_from=first, date_to=last)
