"""Writing an adapter, as `index.encoding.adapter` reads it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from index.encoding.pooling import Vectors

_PEAK = 127


def write_adapter(path: Path, changes: Mapping[str, tuple[Vectors, Vectors]]) -> None:
    """Write A (r × inputs) and B (outputs × r) of each module."""
    arrays: dict[str, Any] = {}
    for name, parts in sorted(changes.items()):
        for part, matrix in zip(("inner", "outer"), parts, strict=True):
            peaks = np.abs(matrix).max(axis=1, keepdims=True)
            scales = np.where(peaks == 0, 1.0, peaks) / _PEAK
            arrays[f"{name}/{part}.codes"] = np.rint(matrix / scales).astype(np.int8)
            arrays[f"{name}/{part}.scales"] = scales.astype(np.float32)
    np.savez(path, **arrays)
