from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.encoding.cosine_scale import Background, Scale
from index.retrieval.archive import Archive
from index.retrieval.filters import Filters
from index.retrieval.fusion import Candidates, blend, describe
from index.weights import weights
from tests.support.archives import local

BACKGROUND = Background(Scale(0.1, 0.1, 0.6), Scale(0.2, 0.1, 0.7), *[Scale(0.1, 0.1, 0.3)] * 2)
SIZES = st.tuples(st.integers(0, 4), st.integers(0, 6))


def candidates(terms: int, passages: int, seed: int = 0) -> Candidates:
    chance = np.random.default_rng(seed)
    idf = chance.uniform(0.1, 9, terms)
    shares = chance.uniform(0, 2.5, (terms, passages)) * chance.integers(0, 2, (terms, passages))
    return Candidates(
        numbers=np.arange(passages),
        documents=chance.integers(0, 3, passages, np.int32),
        term_weights=(idf[:, None] * shares).astype(np.float32),
        beside=(idf[:, None] * np.stack([shares[:, ::-1], shares / 2])).astype(np.float32),
        idf=idf,
        cosines=chance.uniform(-1, 1, passages).astype(np.float32),
        sentence_cosines=chance.uniform(-1, 1, passages).astype(np.float32),
    )


@given(SIZES, st.integers(0, 99))
def test_every_feature_has_its_range(sizes: tuple[int, int], seed: int) -> None:
    known = candidates(*sizes, seed)
    features = describe(known, np.ones(sizes[0]), BACKGROUND)
    for name, values in features.items():
        assert values.shape == (sizes[1],)
        least, most = (-0.5, 1.8) if name in {"cosine", "sentence"} else (0, 1)
        assert ((values >= least) & (values <= most + 1e-6)).all()
    assert (features["document"] >= features["lexical"] - 1e-6).all()
    for kind in ("topic", "question", "unread"):
        known_weights = weights("passages", kind)
        wanted = [
            sum(known_weights[name] * features[name][place] for name in features)
            for place in range(sizes[1])
        ]
        assert blend(features, kind) == pytest.approx(np.array(wanted))


def test_hits_are_ordered_by_the_sum_of_their_features(records: Archive) -> None:
    query = records.parse_query("Where was the ledger of the lighthouse found?")
    hits = records.search(query, Filters(), 5)
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5][: len(hits)]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    known = weights("passages", "question")
    for hit in hits:
        assert hit.score == pytest.approx(sum(known[n] * v for n, v in hit.features.items()))
    text = records.document(hits[0].passage.doc_id).text
    assert "The ledger was found in Hakodate" in hits[0].passage.span.of(text)


def test_a_language_that_the_encoder_does_not_read_is_ranked_by_its_terms(records: Archive) -> None:
    # Thai: there is no dictionary for it.
    query = records.parse_query("ใครเป็นคนเฝ้าประภาคารในปี 1921")
    assert not query.is_read
    hits = records.search(query, Filters(), 5)
    assert hits
    # Vectors only fill the list where words find too little.
    found = [hit.lexical_rank is not None for hit in hits]
    assert found == sorted(found, reverse=True)
    assert found[0]
    few = records.search(query, Filters(), 1)
    assert few
    assert all(hit.dense_rank is None for hit in few)
    assert records.parse_query("Who lit the lamp in 1921?").is_read


def test_the_better_neighbour_counts_and_only_of_the_same_document() -> None:
    known = candidates(2, 3)
    weights_of = np.zeros((2, 2, 3), np.float32)
    weights_of[0, 0, 1], weights_of[1, 0, 1] = 1.0, 3.0
    near = describe(replace(known, beside=weights_of), np.ones(2), BACKGROUND)["near"]
    assert near[1] > 0
    assert near[0] == near[2] == 0
    weights_of[0, 0, 1] = 0.0
    assert describe(replace(known, beside=weights_of), np.ones(2), BACKGROUND)["near"][1] == near[1]


def test_beside_a_passage_stand_those_of_its_own_document(records: Archive) -> None:
    engine = local(records)
    numbers = np.arange(len(engine.table))
    documents = engine.table.rows[:]["document"]
    terms = ["harbour", "keeper"]
    before, after = engine.features_for(numbers, terms, engine.dense.passages[0:1][0]).beside
    whole = engine.lexical.weights(terms, numbers)
    for number in numbers.tolist():
        for found, other in ((before, number - 1), (after, number + 1)):
            inside = 0 <= other < len(numbers) and documents[other] == documents[number]
            wanted = whole[:, other] if inside else np.zeros(2)
            assert found[:, number] == pytest.approx(wanted)
