"""Dense ranking: the ten nearest of vectors of 384 components."""

import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.tools.bench.contest import Answerer, Measured, System, compare, shared
from tests.tools.bench.data import DIMENSION, QUERIES, query_vectors, write_vectors
from tests.tools.bench.table import Table, amount

K = 10
# A graph of a million vectors takes two cores most of an hour.
_GRAPH_UP_TO = 100_000
_BLOCK = 10_000


def _vectors(folder: Path, size: int) -> NDArray[np.float32]:
    path = folder / f"vectors-{size}.bin"
    return np.memmap(path, np.float32, "r", shape=(size, DIMENSION))


def _memcon(folder: Path, size: int, *, coarse: bool) -> Answerer:
    from index.retrieval.dense import DenseIndex, VectorsWriter, quantize
    from index.storage.checksummed import Sealed, seal

    target = folder / f"dense-memcon-{size}-{coarse}"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    vectors = _vectors(folder, size)
    with VectorsWriter(target) as writer:
        for start in range(0, size, _BLOCK):
            codes = quantize(vectors[start : start + _BLOCK])
            writer.add(codes, codes[:0])
    seal(target)
    index = DenseIndex(Sealed(target), DIMENSION, coarse_from=0 if coarse else size + 1)
    asked = quantize(query_vectors())
    return lambda number: index.nearest(asked[number], K)[0].tolist()


def _codes(folder: Path, size: int) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    from index.retrieval.dense import quantize

    vectors = _vectors(folder, size)
    codes = np.concatenate(
        [quantize(vectors[start : start + _BLOCK]) for start in range(0, size, _BLOCK)]
    )
    return codes, quantize(query_vectors())


def _usearch(folder: Path, size: int, *, weights: str) -> Answerer:
    from usearch.index import MetricKind, search

    vectors: NDArray[Any]
    asked: NDArray[Any]
    if weights == "i8":
        vectors, asked = _codes(folder, size)
    else:
        vectors, asked = np.array(_vectors(folder, size)), query_vectors()
    return lambda number: search(
        vectors, asked[number], K, MetricKind.Cos, exact=True, dtype=weights
    ).keys.tolist()


def _usearch_graph(folder: Path, size: int) -> Answerer:
    from usearch.index import Index

    vectors, asked = _vectors(folder, size), query_vectors()
    index = Index(ndim=DIMENSION, metric="cos", dtype="i8")
    index.add(np.arange(size), np.array(vectors))
    return lambda number: index.search(asked[number], K).keys.tolist()


def _faiss(folder: Path, size: int, *, weights: str) -> Answerer:
    import faiss

    vectors, asked = _vectors(folder, size), query_vectors()
    index: Any
    if weights == "i8":
        kind = faiss.ScalarQuantizer.QT_8bit
        index = faiss.IndexScalarQuantizer(DIMENSION, kind, faiss.METRIC_INNER_PRODUCT)
        index.train(np.array(vectors[:_BLOCK]))
    else:
        index = faiss.IndexFlatIP(DIMENSION)
    for start in range(0, size, _BLOCK):
        index.add(np.array(vectors[start : start + _BLOCK]))
    return lambda number: index.search(asked[number : number + 1], K)[1][0].tolist()


def numpy_product(folder: Path, size: int) -> Answerer:
    """Multiply with all vectors, as a script does."""
    vectors, asked = np.array(_vectors(folder, size)), query_vectors()

    def answer(number: int) -> Sequence[int]:
        similar = vectors @ asked[number]
        best = np.argpartition(-similar, K)[:K]
        found: list[int] = best[np.argsort(-similar[best], kind="stable")].tolist()
        return found

    return answer


def lancedb(folder: Path, size: int) -> Answerer:
    """Search a LanceDB table without a vector index: exact."""
    import lancedb as library
    import pyarrow as pa

    target = folder / f"dense-lancedb-{size}"
    shutil.rmtree(target, ignore_errors=True)
    vectors, asked = _vectors(folder, size), query_vectors()
    schema = pa.schema([("number", pa.int64()), ("vector", pa.list_(pa.float32(), DIMENSION))])

    def batches() -> Any:
        for start in range(0, size, _BLOCK):
            rows = np.ascontiguousarray(vectors[start : start + _BLOCK]).ravel()
            column = pa.FixedSizeListArray.from_arrays(pa.array(rows), DIMENSION)
            numbers = pa.array(range(start, start + len(column)), pa.int64())
            yield pa.RecordBatch.from_arrays([numbers, column], schema=schema)

    table = library.connect(target).create_table("passages", batches(), schema=schema)

    def answer(number: int) -> Sequence[int]:
        found = (
            table.search(asked[number])
            .distance_type("cosine")
            .select(["number", "_distance"])
            .limit(K)
        )
        return [row["number"] for row in found.to_list()]

    return answer


def systems(size: int) -> dict[str, System | None]:
    """Return what is compared at a size."""
    return {
        "memcon, exact": partial(_memcon, coarse=False),
        "memcon, signs first": partial(_memcon, coarse=True),
        "usearch int8, exact": partial(_usearch, weights="i8"),
        "usearch float32, exact": partial(_usearch, weights="f32"),
        "faiss 8 bits, exact": partial(_faiss, weights="i8"),
        "faiss float32, exact": partial(_faiss, weights="f32"),
        "numpy float32": numpy_product,
        "LanceDB vector, exact": lancedb,
        "usearch HNSW int8": _usearch_graph if size <= _GRAPH_UP_TO else None,
    }


def measure(folder: Path, sizes: Sequence[int]) -> tuple[Table, dict[str, dict[int, float]]]:
    """Return the table, and for the picture each system's median in ms by size."""

    def prepare(size: int) -> dict[str, System | None]:
        write_vectors(folder / f"vectors-{size}.bin", size)
        return systems(size)

    def more(each: Measured, measured: Mapping[str, Measured]) -> list[str]:
        recall = shared(each.found, measured["numpy float32"].found)
        return [f"{recall:.3f}", amount(each.seconds), amount(each.memory)]

    headings = (
        "Passages", "System", "Query p50 ms", "p99", "memcon, exact, is faster by",
        "recall@10 of float32", "Indexing s", "Memory MB",
    )  # fmt: skip
    table = Table("Dense query, 384 dimensions", headings, [])
    return compare(table, prepare, folder, sizes, QUERIES, more)
