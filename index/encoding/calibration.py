"""The calibration of a reranker's scores for confidence: fitted once, stored beside its export.

Each cross-encoder's logits have a scale of their own, so they count for confidence only when
calibrated (`index.evaluating.reranker_fitting`). The file names the model and the weights of memcon
that it was fitted with, and applies to no others.
"""

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

from index.encoding.installation import slug
from index.weights import identity


@dataclass(frozen=True, slots=True)
class Calibration:
    """The weights of a logistic function of confidence and of a reranker's scores.

    `confidence` is the weight of memcon's own log-odds, `relevance` that of the score of the first
    quotation's sentence, `margin` that of its lead over the next best one. `sha256` is the
    reranker's, `weights` the identity of memcon's weights, `cases` the number it was fitted on.
    """

    sha256: str
    weights: str
    cases: int
    confidence: float
    relevance: float
    margin: float
    intercept: float

    @property
    def identity(self) -> str:
        """A hash of all values."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:16]

    def suits(self, sha256: str) -> bool:
        """Return whether it applies to the reranker with this SHA-256, with the present weights."""
        return (self.sha256, self.weights) == (sha256, identity())

    def confirm(self, confidence: float, relevance: float, margin: float) -> float:
        """Return the confidence with the reranker's scores taken into account, 0 to 1."""
        known = math.log(confidence / (1 - confidence))
        total = (
            self.intercept
            + self.confidence * known
            + self.relevance * relevance
            + self.margin * margin
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def calibration_file(name: str, cache: Path) -> Path:
    """Return the path of the calibration of the reranker `name`."""
    return cache / f"reranker-{slug(name)}.calibration.json"


def read_calibration(path: Path) -> Calibration | None:
    """Read a calibration; None without a file. An unreadable one suits no reranker."""
    if not path.is_file():
        return None
    try:
        return Calibration(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return Calibration("", "", 0, 1.0, 0.0, 0.0, 0.0)


def keep_calibration(calibration: Calibration, path: Path) -> None:
    """Write a calibration atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}")
    partial.write_text(json.dumps(asdict(calibration), indent=1) + "\n", "utf-8")
    partial.replace(path)
