"""The fitted weights that ship with memcon, in `weights.json` beside this module.

`make fit` makes the file anew; what each feature means stands where it is computed:
`index.retrieval.fusion` for passages, `index.answering.features` for sentences,
`index.answering.evidence` for confidence.
"""

import hashlib
import json
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("weights.json")


@cache
def weights(part: str, kind: str) -> dict[str, float]:
    """Return the weights of one model by the names of its features."""
    known: dict[str, dict[str, dict[str, float]]] = json.loads(PATH.read_text("utf-8"))
    return known[part][kind]


@cache
def identity() -> str:
    """Return what stands for all weights: what was fitted beside them holds for no others."""
    return hashlib.sha256(PATH.read_bytes()).hexdigest()[:16]
