import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.retrieval.dense import Codes, DenseIndex, VectorsWriter
from index.retrieval.joined_dense import JoinedDense
from index.retrieval.segments import Numbering
from index.storage.checksummed import Sealed, seal
from index.storage.contents import PLACE

# Few different vectors, so that many cosines and distances are equal.
VECTORS = np.array([[9, 1, -3, 4], [9, 1, -3, 4], [-1, 5, 5, -2], [3, -3, 3, -3]], np.int8)
# The segment of each document, and the vectors of its passages.
DOCUMENTS = st.lists(
    st.tuples(st.integers(0, 2), st.lists(st.integers(0, 3), max_size=3), st.booleans()),
    min_size=1,
    max_size=20,
).filter(lambda documents: any(held and live for _, held, live in documents))


def write(folder: Path, numbers: list[int], coarse_from: int) -> DenseIndex:
    codes = VECTORS[numbers].reshape(-1, 4)
    with VectorsWriter(folder) as writer:
        writer.add(codes, codes[:0])
    seal(folder)
    return DenseIndex(Sealed(folder), 4, coarse_from=coarse_from)


@given(DOCUMENTS, st.sampled_from([0, 10**6]), st.integers(1, 30), st.sets(st.integers(0, 60)))
def test_the_nearest_of_several_segments_are_those_of_one(
    documents: list[tuple[int, list[int], bool]], coarse_from: int, k: int, among: set[int]
) -> None:
    with ExitStack() as opened, pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.retrieval.dense.SHORTLIST", 4)
        top = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        own: list[list[int]] = [[], [], []]
        bounds: list[list[int]] = [[0], [0], [0]]
        places, whole = [], []
        for segment, held, live in documents:
            if live:
                places.append((segment, len(bounds[segment]) - 1, 0))
                whole += held
            own[segment] += held
            bounds[segment].append(len(own[segment]))
        parts = []
        for number, held in enumerate([*own, whole]):
            (top / str(number)).mkdir()
            parts.append(write(top / str(number), held, coarse_from))
        segments: Any = [SimpleNamespace(bounds=np.array(each)) for each in bounds]
        numbering = Numbering(np.array(places, PLACE), segments)
        joined = JoinedDense(parts[:3], numbering, coarse_from=coarse_from)
        chosen = np.array(sorted(n for n in among if n < len(whole)), np.int32)
        for query in (*VECTORS[1:], -VECTORS[0]):
            for only in (None, chosen):
                numbers, similar = joined.nearest(query, k, only)
                wanted, cosines = parts[3].nearest(query, k, only)
                assert numbers.tolist() == wanted.tolist()
                assert similar.tobytes() == cosines.tobytes()
        every: Codes = joined.passages.take(np.arange(len(whole)))
        assert every.tolist() == VECTORS[whole].tolist()
