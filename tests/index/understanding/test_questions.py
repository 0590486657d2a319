import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.analyzer import analyze
from index.understanding.questions import LIGHT_WEIGHT, read_question


@pytest.mark.parametrize(
    "words",
    [
        "Who lit the lamp?",
        "when did the keeper light the lamp",
        "Tell me about the lamp",
        "灯台守は誰か",
        "In what year was the ledger found",
    ],
)
def test_a_sentence_is_a_question(words: str) -> None:
    asked = read_question(words)
    assert (asked.kind, asked.text) == ("question", words)
    assert set(asked.weights) == set(analyze(words))


@pytest.mark.parametrize(
    ("words", "text", "weights"),
    [
        ("harbour dues", "harbour dues", {"harbour": 1.0, "due": 1.0}),
        ("Ogata, Ren", "Ren Ogata", {"ogata": 1.0, "ren": 0.5}),
        ("Ogata, Ren K.", "Ren K. Ogata", {"ogata": 1.0, "ren": 0.3}),
        ("Wells, H. G.", "H. G. Wells", {"well": 1.0}),
        (
            "Ogata, Ren K. (see also Lamps), Storms, ledger of",
            "Ren K. Ogata, Storms, ledger of",
            {"ogata": 0.85, "ren": 0.3, "storm": 0.85, "ledger": 1.0},
        ),
        ("Kerosene: price (see Oil)", "Kerosene, price", {"kerosen": 0.85, "price": 1.0}),
        ("Lamps. See also Oil", "Lamps", {"lamp": 1.0}),
        ("Storms, general views on", "Storms, general views on", {"storm": 0.85, "general": 0.4}),
        ("Harbour dues, Nagasaki", "Harbour dues, Nagasaki", {"due": 0.85, "nagasaki": 1.0}),
    ],
)
def test_a_topic_is_read_as_an_index_has_it(
    words: str, text: str, weights: dict[str, float]
) -> None:
    asked = read_question(words)
    assert (asked.kind, asked.text) == ("topic", text)
    assert {term: asked.weights[term] for term in weights} == weights


def test_words_that_carry_a_question_weigh_little() -> None:
    weights = read_question("What did the keeper say about kerosene, and why kerosene?").weights
    assert weights["say"] == LIGHT_WEIGHT
    assert weights["kerosen"] == 2.0
    japanese = read_question("灯油の値段はいつ上がったか").weights
    assert japanese["灯油"] == japanese["値段"] == 1.0
    assert japanese["のか" if "のか" in japanese else "たか"] < japanese["油の"] < 1.0


@given(st.text(max_size=80))
def test_any_words_are_read(words: str) -> None:
    asked = read_question(words)
    assert set(asked.weights) <= set(analyze(words)) | set(analyze(asked.text))
    assert all(weight > 0 for weight in asked.weights.values())
