from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from index.encoding.quantization import quantize_columns, quantize_graph

RANDOM = np.random.default_rng(7)
TABLE = RANDOM.normal(size=(600, 32)).astype(np.float32)
FIRST = RANDOM.normal(size=(32, 48)).astype(np.float32)
SECOND = RANDOM.normal(size=(32, 48)).astype(np.float32)


def write_graph(path: Path, opset: int) -> Path:
    """Write a graph that looks up tokens, multiplies them with two matrices, and adds both."""
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["tokens"]),
        helper.make_node("MatMul", ["tokens", "first"], ["a"]),
        helper.make_node("MatMul", ["tokens", "second"], ["b"]),
        helper.make_node("Add", ["a", "b"], ["states"]),
    ]
    weights = {"table": TABLE, "first": FIRST, "second": SECOND}
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "tokens"])],
        [helper.make_tensor_value_info("states", TensorProto.FLOAT, ["texts", "tokens", 48])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8),
        str(path),
    )
    return path


def run(path: Path, ids: Any) -> Any:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {"ids": np.array(ids, np.int64)})[0]


@pytest.fixture(scope="module", params=[13, 18], ids=["opset13", "opset18"])
def graphs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graphs")
    source = write_graph(folder / "float32.onnx", request.param)
    for bits in (8, 7):
        quantize_graph(source, folder / f"int{bits}.onnx", bits)
    return folder


@pytest.mark.parametrize(("bits", "least"), [(8, 0.9995), (7, 0.999)])
def test_whole_numbers_agree_with_the_original(graphs: Path, bits: int, least: float) -> None:
    ids = [list(range(500, 560))]
    wanted, found = run(graphs / "float32.onnx", ids)[0], run(graphs / f"int{bits}.onnx", ids)[0]
    cosines = (
        (wanted * found).sum(1) / np.linalg.norm(wanted, axis=1) / np.linalg.norm(found, axis=1)
    )
    assert cosines.min() > least
    np.testing.assert_allclose(np.linalg.norm(found), np.linalg.norm(wanted), rtol=0.01)


@given(st.lists(st.integers(0, 599), min_size=1, max_size=9), st.integers(0, 599))
def test_no_token_depends_on_another(graphs: Path, ids: list[int], other: int) -> None:
    together = run(graphs / "int8.onnx", [[*ids, other], [other, *ids]])
    np.testing.assert_array_equal(together[0, :-1], together[1, 1:])
    np.testing.assert_array_equal(together[0, :-1], run(graphs / "int8.onnx", [ids])[0])


def test_all_weights_are_whole_numbers(graphs: Path) -> None:
    model = onnx.load(str(graphs / "int8.onnx"))
    kinds = {each.name: each.data_type for each in model.graph.initializer}
    large = {each.name for each in model.graph.initializer if np.prod(each.dims) >= 600 * 4}
    assert large == {"table.int8"}
    assert {kinds[f"{name}.int8"] for name in ("table", "first", "second")} == {TensorProto.INT8}
    assert not {"table", "first", "second"} & set(kinds)
    # Activations that two products read are quantised once.
    assert [node.op_type for node in model.graph.node].count("QuantizeLinear") == 1
    onnx.checker.check_model(onnx.load(str(graphs / "float32.onnx")))


def test_a_table_of_zeros_is_read_as_zeros(graphs: Path, tmp_path: Path) -> None:
    model = onnx.load(str(graphs / "float32.onnx"))
    for each in model.graph.initializer:
        if each.name == "table":
            each.CopyFrom(numpy_helper.from_array(np.zeros_like(TABLE), "table"))
    onnx.save(model, str(tmp_path / "zeros.onnx"))
    quantize_graph(tmp_path / "zeros.onnx", tmp_path / "int8.onnx")
    np.testing.assert_array_equal(run(tmp_path / "int8.onnx", [[0, 1]]), np.zeros((1, 2, 48)))


@given(st.integers(2, 8), st.integers(0, 2**32 - 1))
def test_codes_stay_in_their_range_and_near_the_weights(bits: int, seed: int) -> None:
    weights = np.random.default_rng(seed).normal(size=(9, 5)).astype(np.float32)
    weights[:, 2] = 0
    codes, scales = quantize_columns(weights, bits)
    assert np.abs(codes.astype(int)).max() <= 2 ** (bits - 1) - 1
    assert (np.abs(codes * scales - weights) <= scales / 2 * 1.001).all()
