"""The fitted weights that ship with memcon, in `weights.json` beside this module.

`make fit` writes the file, with the name of the encoder of the fit. Features are documented where
they are computed: `index.retrieval.fusion` for passages, `index.answering.features` for sentences,
`index.answering.evidence` for confidence.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("weights.json")


def weights(part: str, kind: str) -> dict[str, float]:
    """Return the weights of one model by the names of its features."""
    known: dict[str, float] = read_weights()[part][kind]
    return known


@cache
def identity() -> str:
    """Return a hash of all weights; a reranker's calibration holds for these alone."""
    parts = {name: part for name, part in read_weights().items() if name != "encoder"}
    return hashlib.sha256(f"{json.dumps(parts, indent=1)}\n".encode()).hexdigest()[:16]


def foreign_encoder(name: str) -> str | None:
    """Return a warning if the weights were fitted with another encoder than `name`, else None."""
    fitted: str = read_weights()["encoder"]
    if name == fitted:
        return None
    return (
        f"ranking and confidence were fitted for the encoder {fitted}, not for {name}: "
        "measure with memcon eval what they are worth here"
    )


@cache
def read_weights() -> dict[str, Any]:
    """Return the file's content: the encoder of the fit, and the parts by their names."""
    known: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
    return known
