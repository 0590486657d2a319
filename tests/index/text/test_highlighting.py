from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.analyzer import analyze
from index.text.highlighting import find_matches


def marked(text: str, question: str) -> list[str]:
    return [span.of(text) for span in find_matches(text, analyze(question))]


@pytest.mark.parametrize(
    ("text", "question", "words"),
    [
        ("They negotiated; negotiations failed.", "negotiate", ["negotiated", "negotiations"]),
        (
            "The U.S. told us that the United States, the US,",
            "U.S.",
            ["U.S.", "United States", "US"],
        ),
        ("the United\nStates of America", "USA", ["United\nStates of America"]),
        ("The Soviet Union and the U.S.S.R.", "USSR", ["Soviet Union", "U.S.S.R."]),
        ("$1,456 in No. 1456 of 14560", "1,456", ["1,456", "1456"]),
        ("Shōwa and Showa", "showa", ["Shōwa", "Showa"]),
        ("Japan’s, Japan's, Japanese", "Japan", ["Japan’s", "Japan's"]),
        ("日米首脳会談", "首脳", ["首脳"]),
        ("日米首脳会談と会談", "首脳会談", ["首脳会談", "会談"]),
        ("He ate rice.", "salt", []),
        ("He and the others", "he the", []),
        ("", "rice", []),
        ("🙂 rice", "rice", ["rice"]),
        ("円 of 1993年", "円 年", ["円", "年"]),
        ("Sho\u0304wa", "Shōwa", ["Sho\u0304wa"]),
        ("Clinton大統領", "Clinton", ["Clinton"]),
    ],
)
def test_words_of_the_question_are_marked(text: str, question: str, words: list[str]) -> None:
    assert marked(text, question) == words


PIECES = st.sampled_from(
    [
        "rice",
        "Rice’s",
        "U.S.",
        "United States",
        "us",
        "日米首脳",
        "アメリカ",
        "々",
        "1,456",
        "é",
        "🙂",
        " ",
        "\n",
        ".",
        "united",
        "1993年",
        "𠮷",
        "ōta",
        "U.N.",
        "-",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join), st.lists(PIECES, max_size=4).map(" ".join))
def test_marks_are_ordered_disjoint_and_say_the_terms(text: str, question: str) -> None:
    terms = set(analyze(question))
    spans = find_matches(text, terms)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert all(terms.intersection(analyze(span.of(text))) for span in spans)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_without_terms_nothing_is_marked(text: str) -> None:
    assert find_matches(text, []) == ()
