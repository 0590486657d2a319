from typing import Any

import numpy as np
import pytest

from corpus.documents import Span
from index.encoding.pooling import ACTIVATIONS, POOLINGS, Dense, Pooling

STATES = np.array([[1, 0, 4], [3, -2, 0], [-1, 8, 2]], np.float32)


def unit(*values: float) -> Any:
    return np.array(values) / np.linalg.norm(values)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ("mean", unit(3, 6, 6)),
        ("cls", unit(1, 0, 4)),
        ("max", unit(3, 8, 4)),
        ("lasttoken", unit(-1, 8, 2)),
        ("weightedmean", unit(1 + 6 - 3, -4 + 24, 4 + 6)),
        ("mean_sqrt_len_tokens", unit(3, 6, 6)),
        ("cls+max", unit(1, 0, 4, 3, 8, 4)),
    ],
)
def test_tokens_become_one_unit_vector(kinds: str, expected: Any) -> None:
    np.testing.assert_allclose(Pooling(kinds).pool(STATES), expected, atol=1e-6)


@pytest.mark.parametrize("kind", POOLINGS)
def test_every_kind_gives_one_vector(kind: str) -> None:
    assert Pooling(kind).pool(STATES[:1]).shape == (3,)
    np.testing.assert_allclose(Pooling(kind).pool(STATES[:1]), unit(1, 0, 4), atol=1e-6)
    assert not Pooling(kind).pool(np.zeros((2, 3), np.float32)).any()


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("Identity", [-1, 0, 2]),
        ("ReLU", [0, 0, 2]),
        ("Tanh", [-0.761594, 0, 0.964028]),
        ("Sigmoid", [0.268941, 0.5, 0.880797]),
        ("GELU", [-0.158655, 0, 1.954500]),
    ],
)
def test_activations(activation: str, expected: list[float]) -> None:
    found = ACTIVATIONS[activation](np.array([-1, 0, 2], np.float32))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_layers_follow_pooling() -> None:
    first = Dense(np.array([[1, 0, 0], [0, 2, 0]], np.float32), np.zeros(2, np.float32), "Identity")
    second = Dense(np.eye(2, dtype=np.float32), np.array([0, -20], np.float32), "ReLU")
    pooling = Pooling("cls", (first, second))
    np.testing.assert_allclose(pooling.pool(np.array([[3, 12, 5]], np.float32)), unit(3, 4))


def test_a_sentence_is_pooled_from_its_tokens() -> None:
    offsets = [(0, 0), (0, 5), (6, 9)]
    sentences = Span(0, 5), Span(6, 9), Span(9, 12)
    passage = Pooling("mean").pool(STATES)
    found = Pooling("mean").pool_sentences(STATES, offsets, sentences, passage)
    np.testing.assert_allclose(found, [unit(3, -2, 0), unit(-1, 8, 2), passage], atol=1e-6)


def test_a_sentence_has_a_mean_where_the_first_token_stands_for_the_text() -> None:
    pooling = Pooling("cls")
    found = pooling.pool_sentences(STATES, [(0, 4), (4, 8), (9, 12)], [Span(0, 9)], STATES[0])
    np.testing.assert_allclose(found, [unit(2, -1, 2)], atol=1e-6)
