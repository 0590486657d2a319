"""Measures of confidence: calibration, and the worth of leaving doubtful questions out.

* The expected calibration error: questions go into ten bins of equal width by their confidence. It
  is the mean distance between confidence and the share that is right, bins weighted by their
  questions. Naeini, Cooper and Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian
  Binning", AAAI 2015; Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
* The risk-coverage curve: the share of wrong answers (risk) among the most confident share of
  questions (coverage). El-Yaniv and Wiener, "On the Foundations of Noise-free Selective
  Classification", JMLR 2010. The area under it is the mean risk over all coverages: Geifman, Uziel
  and El-Yaniv, "Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers", ICLR 2019.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 10

Confidence = NDArray[np.float64]
Right = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of similar confidence: their count, mean confidence, and count of right ones."""

    count: int
    confidence: float
    right: int


def find_bins(confidence: Confidence, right: Right) -> list[Bin]:
    """Return the bins of equal width that have questions, lowest confidence first."""
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
    """Return the number of each question's bin; 1.0 is in the last."""
    return np.minimum((confidence * BINS).astype(np.int64), BINS - 1)


def calibration_error(confidence: Confidence, right: Right) -> float:
    """Return the expected calibration error, 0 to 1; 0 without questions."""
    # A bin's questions times the distance of its means is the distance of its sums.
    off = np.bincount(_place(confidence), weights=confidence - right)
    return float(np.abs(off).sum()) / max(1, len(confidence))


def find_risks(confidence: Confidence, right: Right) -> tuple[Confidence, Confidence]:
    """Return coverages 1/n, 2/n … 1 and the risk at each.

    Each of several questions of equal confidence counts as their mean.
    """
    _, tie, counts = np.unique(-confidence, return_inverse=True, return_counts=True)
    wrong = np.bincount(tie, weights=~right) / counts
    ordered = np.repeat(wrong, counts)
    answered = np.arange(1, len(confidence) + 1)
    return answered / len(confidence), np.cumsum(ordered) / answered


def area_under_roc(confidence: NDArray[Any], positive: NDArray[Any]) -> float | None:
    """Return the area under the ROC curve; None if all or none are positive.

    By its relation to the rank sum: Hanley and McNeil, Radiology 1982.
    """
    from scipy.stats import rankdata

    count = float(positive.sum())
    pairs = count * (len(positive) - count)
    if not pairs:
        return None
    return (float(rankdata(confidence) @ positive) - count * (count + 1) / 2) / pairs


def area_under_risk(confidence: Confidence, right: Right) -> float:
    """Return the area under the risk-coverage curve, 0 to 1; less is better."""
    _, risks = find_risks(confidence, right)
    return float(risks.mean()) if len(risks) else 0.0
