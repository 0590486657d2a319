"""Whether confidence means what it says, and what it is worth to leave doubtful questions out.

* The expected calibration error: questions go into ten bins of equal width by their confidence; it
  is the mean distance between confidence and the share that is right, bins weighed by their
  questions. Naeini, Cooper and Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian
  Binning", AAAI 2015; Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
* The risk-coverage curve: of the share of questions that one is surest of (coverage), the share
  that is wrong (risk). El-Yaniv and Wiener, "On the Foundations of Noise-free Selective
  Classification", JMLR 2010. The area under it is the mean risk over all coverages: Geifman, Uziel
  and El-Yaniv, "Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers", ICLR 2019.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 10

Confidence = NDArray[np.float64]
Right = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bin:
    """The questions of like confidence: how many, their mean confidence, how many are right."""

    count: int
    confidence: float
    right: int


def find_bins(confidence: Confidence, right: Right) -> list[Bin]:
    """Return the bins of equal width that have questions, those of low confidence first."""
    place = _place(confidence)
    return [
        Bin(
            count=int(inside.sum()),
            confidence=float(confidence[inside].mean()),
            right=int(right[inside].sum()),
        )
        for inside in (place == number for number in np.unique(place))
    ]


def _place(confidence: Confidence) -> NDArray[np.int64]:
    """Return the number of each question's bin; certainty is in the last."""
    return np.minimum((confidence * BINS).astype(np.int64), BINS - 1)


def calibration_error(confidence: Confidence, right: Right) -> float:
    """Return the expected calibration error, 0 to 1; 0 where there are no questions."""
    # A bin's questions times the distance of its means is the distance of its sums.
    off = np.bincount(_place(confidence), weights=confidence - right)
    return float(np.abs(off).sum()) / max(1, len(confidence))


def find_risks(confidence: Confidence, right: Right) -> tuple[Confidence, Confidence]:
    """Return coverages 1/n, 2/n … 1 and the risk at each.

    Questions of equal confidence cannot be told apart: each counts as wrong as they are on average.
    """
    _, tie, counts = np.unique(-confidence, return_inverse=True, return_counts=True)
    wrong = np.bincount(tie, weights=~right) / counts
    ordered = np.repeat(wrong, counts)
    answered = np.arange(1, len(confidence) + 1)
    return answered / len(confidence), np.cumsum(ordered) / answered


def area_under_risk(confidence: Confidence, right: Right) -> float:
    """Return the area under the risk-coverage curve, 0 to 1: the less, the better."""
    _, risks = find_risks(confidence, right)
    return float(risks.mean()) if len(risks) else 0.0
