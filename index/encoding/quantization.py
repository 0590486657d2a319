"""Quantisation of a model's graph to integers, with a scale for every token.

Weights are signed, with a scale for each column. The usual dynamic quantisation gives all
activations of a batch one scale; here each token has its own scale and offset, computed while the
model runs. So a text's vector does not depend on the rest of its batch, and a token with large
values does not reduce the precision of others:

    x = low + scale q,   q from 0 to 255      →   x W = scale (q W) + low (sum of W's rows)
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

_MICROSOFT = "com.microsoft"
# Smaller tables, such as those of positions or token types, are left as they are.
_LARGE_TABLE = 512
# From this version of ONNX on, a reduction takes its axes as an input.
_AXES_ARE_INPUT = 18
_LEVELS = 255
# Avoids division by zero for a token of equal values.
_LEAST_SCALE = 1e-12


def quantize_graph(source: Path, target: Path, bits: int = 8) -> None:
    """Write the float32 graph `source` with weights of `bits` bits to `target`.

    Matrix products with constant weights, and look-ups in large tables, are quantised. Processors
    without VNNI add pairs of products in 16 bits, which 8-bit weights can exceed and 7-bit cannot.
    """
    model = onnx.load(str(source))
    _Quantizer(model, bits).run()
    onnx.save(model, str(target))


def quantize_columns(weights: NDArray[Any], bits: int) -> tuple[NDArray[np.int8], NDArray[Any]]:
    """Return weights (k × n) as integers of `bits` bits, and a scale for each column (n)."""
    most = 2 ** (bits - 1) - 1
    peaks = np.abs(weights).max(axis=0)
    scales = np.where(peaks == 0, 1.0, peaks / most).astype(np.float32)
    return np.clip(np.rint(weights / scales), -most, most).astype(np.int8), scales


class _Quantizer:
    """Rewrites one graph in place."""

    def __init__(self, model: onnx.ModelProto, bits: int) -> None:
        self._model, self._graph, self._bits = model, model.graph, bits
        self._weights = {each.name: each for each in model.graph.initializer}
        versions = {each.domain: each.version for each in model.opset_import}
        self._axes_are_input = versions.get("", 1) >= _AXES_ARE_INPUT
        self._known = _MICROSOFT in versions
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        # The names of quantised activations, which several products may read.
        self._activations: dict[str, str] = {}

    def run(self) -> None:
        levels = self._constant("int8.levels", np.float32(1 / _LEVELS))
        zero = self._constant("int8.zero", np.uint8(0))
        for node in self._graph.node:
            if node.op_type == "MatMul" and self._rank(node.input[1]) == 2:
                self._multiply(node, levels, zero)
            elif node.op_type == "Gather" and self._is_large_table(node):
                self._look_up(node)
            else:
                self._nodes.append(node)
        read = {name for node in self._nodes for name in node.input}
        kept = [each for name, each in self._weights.items() if name in read]
        del self._graph.node[:], self._graph.initializer[:]
        self._graph.node.extend(self._nodes)
        self._graph.initializer.extend([*kept, *self._constants.values()])
        if not self._known:
            self._model.opset_import.append(helper.make_opsetid(_MICROSOFT, 1))

    def _multiply(self, node: onnx.NodeProto, levels: str, zero: str) -> None:
        given, weights = node.input
        result = node.output[0]
        part = self._quantize_tokens(given, levels, zero)
        if f"{weights}.int8" not in self._constants:
            matrix = numpy_helper.to_array(self._weights[weights])
            codes, scales = quantize_columns(matrix, self._bits)
            self._constant(f"{weights}.int8", codes)
            self._constant(f"{weights}.scales", scales)
            sums = codes.sum(axis=0, dtype=np.int32).astype(np.float32)
            self._constant(f"{weights}.sums", sums * scales)
        self._add(
            "MatMulIntegerToFloat",
            [f"{part}.q", f"{weights}.int8", levels, f"{weights}.scales", zero],
            f"{result}.product",
            domain=_MICROSOFT,
        )
        self._add("Mul", [f"{result}.product", f"{part}.range"], f"{result}.scaled")
        self._add("Mul", [f"{part}.low", f"{weights}.sums"], f"{result}.offset")
        self._add("Add", [f"{result}.scaled", f"{result}.offset"], result)

    def _quantize_tokens(self, given: str, levels: str, zero: str) -> str:
        """Quantise activations (… × tokens × k); returns the prefix of the new names."""
        if given in self._activations:
            return self._activations[given]
        part = self._activations[given] = f"{given}.int8"
        least = self._constant("int8.least", np.float32(_LEAST_SCALE))
        self._reduce("ReduceMin", given, f"{part}.low")
        self._reduce("ReduceMax", given, f"{part}.high")
        self._add("Sub", [f"{part}.high", f"{part}.low"], f"{part}.width")
        self._add("Max", [f"{part}.width", least], f"{part}.range")
        self._add("Sub", [given, f"{part}.low"], f"{part}.raised")
        self._add("Div", [f"{part}.raised", f"{part}.range"], f"{part}.share")
        self._add("QuantizeLinear", [f"{part}.share", levels, zero], f"{part}.q")
        return part

    def _look_up(self, node: onnx.NodeProto) -> None:
        """Replace a look-up in a table with one of integers, a scale for each row."""
        table, rows = node.input
        result = node.output[0]
        if f"{table}.int8" not in self._constants:
            codes, scales = quantize_columns(numpy_helper.to_array(self._weights[table]).T, 8)
            self._constant(f"{table}.int8", np.ascontiguousarray(codes.T))
            self._constant(f"{table}.scales", scales[:, None])
        self._add("Gather", [f"{table}.int8", rows], f"{result}.codes")
        self._add("Gather", [f"{table}.scales", rows], f"{result}.scale")
        self._add("Cast", [f"{result}.codes"], f"{result}.floats", to=onnx.TensorProto.FLOAT)
        self._add("Mul", [f"{result}.floats", f"{result}.scale"], result)

    def _is_large_table(self, node: onnx.NodeProto) -> bool:
        by_row = all(each.i == 0 for each in node.attribute if each.name == "axis")
        return (
            by_row
            and self._rank(node.input[0]) == 2
            and self._weights[node.input[0]].dims[0] >= _LARGE_TABLE
        )

    def _rank(self, name: str) -> int:
        """Return the number of dimensions of float32 weights, 0 for anything else."""
        weights = self._weights.get(name)
        is_float = weights is not None and weights.data_type == onnx.TensorProto.FLOAT
        return len(weights.dims) if weights is not None and is_float else 0

    def _reduce(self, kind: str, given: str, result: str) -> None:
        if self._axes_are_input:
            last = self._constant("int8.last", np.array([-1], np.int64))
            self._add(kind, [given, last], result, keepdims=1)
        else:
            self._add(kind, [given], result, keepdims=1, axes=[-1])

    def _add(self, kind: str, inputs: list[str], result: str, **settings: Any) -> None:
        self._nodes.append(helper.make_node(kind, inputs, [result], name=result, **settings))

    def _constant(self, name: str, value: Any) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.asarray(value), name)
        return name
