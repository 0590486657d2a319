"""What a reranker's scores are worth for confidence: fitted once, kept beside its export.

A cross-encoder's logits have a scale of their own, so that they count for confidence only once it
is known what they mean (`index.evaluating.reranker_fitting` fits it). The file says of which model
it is and with which weights of memcon it was fitted: to any other it does not apply.
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

    `confidence` is that of the log-odds that memcon gives by itself, `relevance` that of the score
    of the first quotation's sentence, `margin` that of how far this lies above the next best one.
    `sha256` is the reranker's, `weights` stands for memcon's own; `cases` are those it was fitted
    on.
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
        """What stands for all of it."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:16]

    def suits(self, sha256: str) -> bool:
        """Tell whether it applies to the reranker with this SHA-256, under today's weights."""
        return (self.sha256, self.weights) == (sha256, identity())

    def confirm(self, confidence: float, relevance: float, margin: float) -> float:
        """Return how sure memcon is when it knows the scores of the reranker as well, 0 to 1."""
        known = math.log(confidence / (1 - confidence))
        total = (
            self.intercept
            + self.confidence * known
            + self.relevance * relevance
            + self.margin * margin
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def calibration_file(name: str, cache: Path) -> Path:
    """Return where the calibration of the reranker `name` is kept, whatever its files are now."""
    return cache / f"reranker-{slug(name)}.calibration.json"


def read_calibration(path: Path) -> Calibration | None:
    """Return a calibration that was kept, or None; one that cannot be read suits no reranker."""
    if not path.is_file():
        return None
    try:
        return Calibration(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return Calibration("", "", 0, 1.0, 0.0, 0.0, 0.0)


def keep_calibration(calibration: Calibration, path: Path) -> None:
    """Write a calibration in the place of an older one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}")
    aside.write_text(json.dumps(asdict(calibration), indent=1) + "\n", "utf-8")
    aside.replace(path)
