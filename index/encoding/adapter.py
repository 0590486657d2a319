"""memcon's own encoder: an adapter that is merged into all-MiniLM-L6-v2 on export.

The adapter has a low-rank change of each weight matrix of the transformer (Hu et al., "LoRA:
Low-Rank Adaptation of Large Language Models", ICLR 2022), trained on questions of historians and
the passages and sentences that answer them (`make train`):

    W  →  W + B A          A is r × inputs, B is outputs × r

A and B are stored as signed bytes with a scale for each row, in one file beside this module.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelUnavailable

if TYPE_CHECKING:
    from index.encoding.pooling import Vectors

BASE_MODEL = "all-MiniLM-L6-v2"
ADAPTED_MODEL = "memcon-minilm-1"

PATH = Path(__file__).with_name(f"{ADAPTED_MODEL}.npz")
# Of this adapter; one with other weights needs another name.
SHA256 = "1d3a535a91c20bbc9a369cb3c9e2371928de12f95bc163aff62f63d372dbf940"


def merge_adapter(transformer: Any, path: Path = PATH, sha256: str = SHA256) -> None:
    """Add an adapter's changes to the weights of a torch transformer.

    Raises ModelUnavailable if the file does not have this SHA-256.
    """
    import torch

    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise ModelUnavailable(
            f"The adapter {path.name} that ships with memcon is missing or damaged.",
            "pip install --force-reinstall memcon",
        )
    with torch.no_grad():
        for name, (inner, outer) in read_adapter(path).items():
            weight = transformer.get_submodule(name).weight
            weight += torch.from_numpy(outer @ inner).to(weight.dtype)


def read_adapter(path: Path) -> "dict[str, tuple[Vectors, Vectors]]":
    """Return A (r × inputs) and B (outputs × r) for each module's name."""
    with np.load(path) as arrays:
        names = sorted({key.rpartition("/")[0] for key in arrays.files})
        return {
            name: (_restore(arrays, f"{name}/inner"), _restore(arrays, f"{name}/outer"))
            for name in names
        }


def _restore(arrays: Mapping[str, NDArray[Any]], key: str) -> "Vectors":
    restored: Vectors = arrays[f"{key}.codes"].astype(np.float32) * arrays[f"{key}.scales"]
    return restored
