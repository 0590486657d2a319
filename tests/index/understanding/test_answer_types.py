import pytest

from index.text.analyzer import analyze
from index.understanding.answer_types import (
    KINDS,
    counted_term,
    counts_term,
    defined_terms,
    defines_terms,
    expected_types,
    has_type,
)


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("When did the keeper light the lamp?", ("date",)),
        ("In what year was it lit?", ("date",)),
        ("How many barrels did he buy?", ("number",)),
        ("Who wrote the ledger?", ("person",)),
        ("Where was the ledger found?", ("place",)),
        ("Why did the lamp go out?", ("reason",)),
        ("What is a ledger?", ("definition",)),
        ("Which harbour raised its dues?", ("name",)),
        ("灯台はいつ建てられたか", ("date",)),
        ("油を何樽買いましたか", ()),
        ("何人の漁師がいたか", ("number",)),
        ("灯台守は誰か", ("person",)),
        ("なぜ灯が消えたのか", ("reason",)),
        ("Did the lamp go out?", ()),
    ],
)
def test_a_question_expects_a_kind_of_thing(question: str, kinds: tuple[str, ...]) -> None:
    assert expected_types(question) == kinds
    assert set(kinds) <= set(KINDS)


@pytest.mark.parametrize(
    ("kind", "question", "sentence", "held"),
    [
        ("date", "When was the lamp lit?", "The lamp was lit in 1921.", True),
        ("date", "What happened when in 1921?", "The lamp was lit in 1921.", False),
        ("date", "When?", "灯台は1921年に建てられた。", True),
        ("number", "How many?", "He bought forty barrels.", True),
        ("number", "How many?", "He bought oil.", False),
        ("person", "Who wrote it?", "The keeper Ogata Ren wrote it.", True),
        ("person", "Who was Ogata Ren?", "The keeper Ogata Ren wrote it.", False),
        ("person", "Who?", "In March the lamp was lit.", False),
        ("place", "Where?", "It was found in Hakodate.", True),
        ("reason", "Why?", "It went out because of the storm.", True),
        ("definition", "What is it?", "A ledger is a book of accounts.", True),
    ],
)
def test_a_sentence_holds_what_the_question_does_not(
    kind: str, question: str, sentence: str, held: bool
) -> None:
    assert has_type(kind, sentence, analyze(question)) is held


@pytest.mark.parametrize(
    ("question", "sentence", "counted"),
    [
        ("How many barrels did he buy?", "He bought forty barrels.", True),
        ("How many barrels did he buy?", "He bought 1,200 large barrels.", True),
        ("How many barrels did he buy?", "He bought barrels in 1921.", False),
        ("How many fishing boats were lost?", "Twenty-one boats were lost.", True),
        ("How far is the harbour?", "The harbour is two miles away.", False),
    ],
)
def test_what_is_to_be_counted_has_a_number(question: str, sentence: str, counted: bool) -> None:
    term = counted_term(question)
    assert (bool(term) and counts_term(sentence, term)) is counted


@pytest.mark.parametrize(
    ("question", "sentence", "defined"),
    [
        ("What is a ledger?", "A ledger is a book of accounts.", True),
        ("What was the harbour board?", "The old harbour board was a body of nine men.", True),
        (
            "What was the harbour board?",
            "The harbour board met in May and June and was dissolved.",
            False,
        ),
        ("Who was Ogata Ren?", "Ogata Ren was the keeper of the light.", True),
        ("What does the word ledger mean?", "The word ledger means a book of accounts.", True),
        ("What is meant by kenbei?", "Kenbei is a coinage of the press.", True),
        ("What did Ogata Ren buy?", "Ogata Ren was the keeper of the light.", False),
    ],
)
def test_what_is_to_be_defined_is_what_a_sentence_begins_with(
    question: str, sentence: str, defined: bool
) -> None:
    assert defines_terms(sentence, defined_terms(question)) is defined
