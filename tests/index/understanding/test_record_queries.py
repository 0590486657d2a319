from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.understanding.record_condition import Asks
from index.understanding.record_queries import parse_condition


def read(question: str) -> dict[str, Any]:
    """Return what a question says of a record, without what it leaves open."""
    condition = parse_condition(question)
    assert condition is not None, question
    known = {
        name: getattr(condition, name)
        for name in (
            *("documents", "serials", "date", "senders", "recipients", "origins", "persons"),
            *("kind", "places", "volume", "epithets"),
        )
    }
    return {name: value for name, value in known.items() if value}


DAY = "1871-11-03"


@pytest.mark.parametrize(
    ("question", "known"),
    [
        ("What does document 54 say?", {"documents": ("54",)}),
        (
            "What is document no. 7 of the 1871 Brixwold correspondence?",
            {"documents": ("7",), "volume": "1871 Brixwold correspondence"},
        ),
        (
            "documents 54 and 55 of the 1871 volume",
            {"documents": ("54", "55"), "volume": "1871 volume"},
        ),
        (
            "What does document 3 in the 1871 volume ask for, the one from Tarnby?",
            {"documents": ("3",), "volume": "1871 volume", "origins": ("Tarnby",)},
        ),
        ("frus1871/d12", {"documents": ("12",), "volume": "frus1871"}),
        (
            "Harrow to Tarn, November 3, 1871",
            {"senders": ("Harrow",), "recipients": ("Tarn",), "date": DAY},
        ),
        (
            "harrow to tarn, brixwold, november 3, 1871",
            {
                "senders": ("harrow",),
                "recipients": ("tarn",),
                "places": ("brixwold",),
                "date": DAY,
            },
        ),
        (
            "Can you show me Sir Amos Harrow’s long note to Miss Tarn of 3 November 1871?",
            {
                "senders": ("Sir Amos Harrow",),
                "recipients": ("Miss Tarn",),
                "kind": "note",
                "date": DAY,
            },
        ),
        (
            "telegram 33 of November 3, 1871 from Harrow in Tarnby",
            {
                "serials": ("33",),
                "date": DAY,
                "origins": ("Harrow",),
                "places": ("Tarnby",),
                "kind": "telegram",
            },
        ),
        (
            "Harrow's dispatch No. 82 about the lamp oil",
            {"serials": ("82",), "senders": ("Harrow",), "kind": "dispatch"},
        ),
        ("the telegram of November 3, 1871", {"kind": "telegram", "date": DAY}),
        (
            "What did Harrow telegraph on November 3, 1871?",
            {"senders": ("Harrow",), "date": DAY},
        ),
        (
            "What did Harrow answer Tarn from Port Mary on November 3, 1871?",
            {
                "senders": ("Harrow",),
                "recipients": ("Tarn",),
                "places": ("Port Mary",),
                "date": DAY,
            },
        ),
        (
            "Captain Odd's cable from Tarnby of November 3, 1871, forwarded by Harrow",
            {
                "senders": ("Captain Odd",),
                "places": ("Tarnby",),
                "persons": ("Harrow",),
                "kind": "cable",
                "date": DAY,
            },
        ),
        (
            "What was in the letter that von Odd sent from Tarnby on November 3, 1871?",
            {"senders": ("von Odd",), "places": ("Tarnby",), "kind": "letter", "date": DAY},
        ),
        (
            "What does the Ruritanian note No. 1188 of November 3, 1871 propose?",
            {"epithets": ("Ruritanian",), "serials": ("1188",), "kind": "note", "date": DAY},
        ),
        ("1871年11月3日の電報は何と述べていますか", {"kind": "telegram", "date": DAY}),
        ("文書54には何が書かれていますか", {"documents": ("54",)}),
        ("1871年の巻の文書54の内容は", {"documents": ("54",), "volume": "1871"}),
    ],
)
def test_a_question_for_a_record_is_read(question: str, known: dict[str, Any]) -> None:
    assert read(question) == known


@pytest.mark.parametrize(
    "question",
    [
        "What did Lord Harrow tell Tarn on November 3, 1871?",
        "Why did Harrow go from Tarnby to Brixwold in November 1871?",
        "The letter was carried from Tarnby to Brixwold, November 3, 1871",
        "When was the harbour shut in 1871?",
        "Who received the joint note on November 3, 1871?",
        "Which document was signed in 1871?",
        "What did the Harrow report say about tar?",
        "How many telegrams did Harrow send?",
        "",
    ],
)
def test_a_question_for_a_fact_is_none_for_a_record(question: str) -> None:
    assert parse_condition(question) is None


@pytest.mark.parametrize(
    ("question", "asks", "topic"),
    [
        ("What does document 54 say?", Asks.RECORD, ""),
        (
            "Is there a note of Harrow to Tarn dated November 3, 1871, and what is in it?",
            Asks.RECORD,
            "",
        ),
        ("What does document 54 say about the price of tar?", Asks.CONTENT, "the price of tar"),
        ("In document 54, what is said on rope?", Asks.CONTENT, "rope"),
        (
            "How many barrels does Harrow's letter of November 3, 1871 name?",
            Asks.FACT,
            "How many barrels does name?",
        ),
    ],
)
def test_what_is_asked_of_a_record_is_told_apart(question: str, asks: Asks, topic: str) -> None:
    condition = parse_condition(question)
    assert condition is not None
    assert (condition.asks, condition.topic) == (asks, topic)


def test_days_of_a_month_are_a_range() -> None:
    condition = parse_condition("Harrow's telegrams of November 3 to 9, 1871")
    assert condition is not None
    assert (condition.date_from, condition.date_to) == ("1871-11-03", "1871-11-09")
    month = parse_condition("Harrow's letter of November 1871")
    assert month is not None
    assert (month.date_from, month.date_to) == ("1871-11-01", "1871-11-30")
    assert not month.is_exact


def test_no_day_that_there_is_not_is_a_date() -> None:
    assert parse_condition("the telegram of November 31, 1871") is None


def test_what_was_understood_is_said_in_words() -> None:
    condition = parse_condition("telegram 33 of November 3, 1871 from Harrow in Tarnby")
    assert condition is not None
    assert condition.in_words == "telegram no. 33, from Harrow, Tarnby, November 3, 1871"


@given(
    st.lists(
        st.sampled_from(
            """
            Harrow to Tarn 's’s , telegram letter note No. 82 document 54 of from November 3, 1871
            the What did wire ( ) in volume about 年 文書 電報 A. & d’Odd -
            """.split()
        ),
        max_size=25,
    ).map(" ".join)
)
def test_any_words_are_read_or_left(words: str) -> None:
    condition = parse_condition(words)
    if condition is not None:
        assert condition == parse_condition(words)
        assert condition.in_words
        assert (condition.date_from is None) == (condition.date_to is None)
