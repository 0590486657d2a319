import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

import index.retrieval.dense
from index.retrieval.dense import Codes, DenseIndex, VectorsWriter, cosines, quantize
from index.retrieval.top_k import best_of
from index.storage.checksummed import Sealed, seal

CODES = st.integers(1, 30).flatmap(
    lambda rows: arrays.arrays(np.int8, (rows, 8), elements=st.integers(-127, 127))
)
QUERY = arrays.arrays(np.int8, 8, elements=st.integers(-127, 127))


def build(codes: Codes, folder: Path, *, coarse_from: int = 10**6) -> DenseIndex:
    with VectorsWriter(folder) as writer:
        writer.add(codes[:1], codes[:0])
        writer.add(codes[1:], codes[:2])
    seal(folder)
    return DenseIndex(Sealed(folder), codes.shape[1], coarse_from=coarse_from)


def cosine(codes: Codes, query: Codes) -> NDArray[np.float64]:
    rows, wanted = codes.astype(np.float64), query.astype(np.float64)
    scale = np.linalg.norm(rows, axis=1) * np.linalg.norm(wanted)
    products: NDArray[np.float64] = rows @ wanted / np.where(scale == 0, 1, scale)
    return products


@given(CODES, QUERY.filter(np.any), st.integers(1, 40), st.data())
def test_the_nearest_are_exactly_those_of_numpy(
    codes: Codes, query: Codes, k: int, data: st.DataObject
) -> None:
    chosen = data.draw(st.none() | st.sets(st.integers(0, len(codes) - 1)))
    among = None if chosen is None else np.array(sorted(chosen), np.int32)
    with tempfile.TemporaryDirectory() as folder:
        numbers, similar = build(codes, Path(folder)).nearest(query, k, among)
    allowed = list(range(len(codes))) if chosen is None else sorted(chosen)
    wanted = cosine(codes, query)
    assert len(numbers) == len(set(numbers.tolist())) == min(k, len(allowed))
    assert set(numbers.tolist()) <= set(allowed)
    np.testing.assert_allclose(similar, wanted[numbers], atol=2e-7)
    ranked = list(zip(-similar, numbers, strict=True))
    assert ranked == sorted(ranked)
    left = [wanted[number] for number in allowed if number not in numbers]
    assert not left or max(left) <= similar[-1] + 2e-7


def test_equal_cosines_are_in_the_order_of_the_numbers(tmp_path: Path) -> None:
    codes = np.array([[0, 9], [127, 0], [127, 0], [0, 9], [127, 0]], np.int8)
    dense = build(codes, tmp_path)
    query = np.array([127, 0], np.int8)
    assert dense.nearest(query, 2)[0].tolist() == [1, 2]
    assert dense.nearest(query, 4)[0].tolist() == [1, 2, 4, 0]
    assert dense.nearest(query, 2, np.array([0, 2, 4], np.int32))[0].tolist() == [2, 4]


@pytest.mark.parametrize("among", [None, np.array([0], np.int32), np.array([], np.int32)])
def test_a_zero_query_is_near_nothing(among: NDArray[np.int32] | None, tmp_path: Path) -> None:
    dense = build(np.ones((2, 8), np.int8), tmp_path)
    numbers, similar = dense.nearest(np.zeros(8, np.int8), 5, among)
    assert numbers.tolist() == similar.tolist() == []


def test_a_zero_vector_has_the_cosine_zero() -> None:
    codes = np.array([[0, 0], [3, 4]], np.int8)
    assert cosines(codes, np.array([3, 4], np.int8)).tolist() == [0.0, 1.0]


@given(
    arrays.arrays(
        np.float32,
        (3, 6),
        elements=st.floats(-100, 100, width=32).map(lambda x: 0.0 if abs(x) < 1e-3 else x),
    )
)
def test_a_code_is_off_by_half_a_step_at_most(vectors: NDArray[np.float32]) -> None:
    codes = quantize(vectors)
    steps = np.abs(vectors).max(axis=1, keepdims=True).astype(np.float64) / 127
    assert (np.abs(codes * steps - vectors) <= steps * 0.5001).all()
    assert codes.dtype == np.int8
    assert (np.abs(codes.astype(int)).max(axis=1) == np.where(steps[:, 0] > 0, 127, 0)).all()


@pytest.mark.parametrize("dimension", [1, 7, 8, 13, 384])
def test_a_shortlist_by_signs_gives_exact_cosines(
    dimension: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.retrieval.dense, "SHORTLIST", 40)
    codes = quantize(np.random.default_rng(7).standard_normal((200, dimension)).astype(np.float32))
    dense = build(codes, tmp_path, coarse_from=200)
    exact = DenseIndex(Sealed(tmp_path), dimension)
    for query in codes[:20]:
        numbers, similar = dense.nearest(query, 4)
        np.testing.assert_allclose(similar, cosine(codes, query)[numbers], atol=2e-7)
        assert similar[0] == pytest.approx(1)
        # The few passages that a filter leaves are all compared.
        among = np.arange(0, 200, 50, dtype=np.int32)
        assert (
            dense.nearest(query, 4, among)[0].tolist() == exact.nearest(query, 4, among)[0].tolist()
        )


def test_what_is_not_like_the_query_in_sign_is_left_out_of_a_shortlist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.retrieval.dense, "SHORTLIST", 10)
    codes = np.array([[100, 100]] * 9 + [[-100, -100]] * 9, np.int8)
    numbers, _ = build(codes, tmp_path, coarse_from=1).nearest(np.array([1, 1], np.int8), 1)
    assert numbers.tolist() == [0]


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), max_size=400), st.integers(1, 25))
def test_the_best_are_those_of_a_whole_sort(scores: list[float], k: int) -> None:
    wanted = sorted(range(len(scores)), key=lambda place: (-scores[place], place))[:k]
    assert best_of(np.array(scores, np.float32), k).tolist() == wanted


@pytest.mark.parametrize("different", [1, 5, 10**6])
@pytest.mark.parametrize("size", [2047, 2048, 20_000, 40_007])
def test_the_best_of_many_are_those_of_a_whole_sort(size: int, different: int) -> None:
    scores = np.random.default_rng(size).integers(0, different, size).astype(np.float32)
    wanted = np.argsort(-scores, kind="stable")
    for k in (1, 10, 40, size - 1, size):
        assert (best_of(scores, k) == wanted[:k]).all()
