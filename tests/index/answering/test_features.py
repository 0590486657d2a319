"""Each feature of a sentence on its own, over invented sentences of one document."""

from itertools import count

import pytest
from rank_bm25 import BM25Plus

from index.answering.features import Candidate, describe_sentences
from index.retrieval.hits import Hit
from index.text.analyzer import analyze
from index.text.passages import make_passages
from index.understanding.questions import read_question
from tests.support.archives import document

BODY = (
    "The keeper of the light was Ogata Ren. He came from Hakodate in the spring. "
    "Forty barrels of oil were bought. It burned for nine years."
)


def features(question: str, *texts: str, cosines: tuple[float, ...] = ()) -> list[dict[str, float]]:
    """Return the features of every sentence of some texts, each text a passage of its own."""
    asked = read_question(question)
    candidates = []
    numbers = count()
    for rank, text in enumerate(texts, start=1):
        found = document(text, doc_id=f"d{rank}")
        (passage,) = make_passages(found)
        hit = Hit(passage, rank, rank, 1 / rank, None, 0.0, None, 0.0, {})
        for place in range(len(passage.sentences)):
            number = next(numbers)
            cosine = cosines[number] if number < len(cosines) else 0.0
            candidates.append(Candidate(hit, found, place, cosine, frozenset()))
    known = describe_sentences(asked, dict.fromkeys(asked.weights, 1.0), candidates)
    return [
        {name: float(values[place]) for name, values in known.items()}
        for place in range(len(candidates))
    ]


def test_all_features_lie_between_minus_1_and_1() -> None:
    for question in ("Who was the keeper?", "How many barrels were bought?", "the of and"):
        for values in features(question, BODY, "Rice was dear."):
            assert all(-1 <= value <= 1 for value in values.values())


def test_the_lexical_feature_is_rank_bm25_to_the_last_bit() -> None:
    question = "Who brought the barrels of oil to the light in spring?"
    sentences = [*BODY.split(". ")[:3], "Oil, and oil again, and barrels of it"]
    found = features(question, *(f"{sentence}." for sentence in sentences))
    scores = BM25Plus([analyze(each) for each in sentences]).get_scores(
        list(read_question(question).weights)
    )
    scores -= scores.min()
    assert [each["lexical"] for each in found] == (scores / scores.max()).tolist()


@pytest.mark.parametrize(
    ("question", "sentence", "least"),
    [
        ("When was the invasion?", "They invaded the island in spring.", 0.3),
        ("What did Hosokowa buy?", "Hosokawa bought oil.", 0.3),
        ("What did the keeper say?", "The kitchen burned down.", 0.0),
    ],
)
def test_another_form_or_spelling_counts_for_a_part(
    question: str, sentence: str, least: float
) -> None:
    (values,) = features(question, sentence)
    assert values["alike"] >= least
    assert (values["alike"] > 0) is (least > 0)


def test_a_term_that_a_sentence_has_itself_is_not_alike() -> None:
    assert features("Which keepers?", "The keeper kept it, and a keepsake.")[0]["alike"] == 0


def test_what_stands_earlier_in_a_passage_is_told_from_what_stands_just_before() -> None:
    values = features("How long did the light of Ogata Ren burn in spring?", BODY)
    assert [each["earlier"] for each in values[:2]] == [0, 0]
    assert values[3]["earlier"] > 0
    assert values[1]["before"] > 0
    # What is in another passage stands before nothing.
    assert features("Ogata Ren?", BODY, "It burned down.")[-1]["earlier"] == 0


def test_only_a_sentence_with_a_pronoun_leans_on_the_one_before() -> None:
    values = features("Where did Ogata Ren come from, and was oil bought?", BODY)
    assert values[1]["leant"] == values[1]["before"] > 0
    assert values[2]["leant"] == 0


def test_the_nearest_sentence_of_a_passage_counts_for_all_of_it() -> None:
    values = features("oil", BODY, "Oil is dear.", cosines=(0.1, 0.7, -0.2, 0.3, 0.4))
    assert [each["nearest"] for each in values] == [0.7, 0.7, 0.7, 0.7, 0.4]
    assert values[2]["cosine"] == -0.2


def test_what_is_counted_and_what_is_defined_is_seen() -> None:
    assert [each["counted"] for each in features("How many barrels were bought?", BODY)] == [
        0,
        0,
        1,
        0,
    ]
    assert features("What is a ledger?", "A ledger is a book.")[0]["defined"] == 1
